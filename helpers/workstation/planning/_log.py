"""The learner's weeks, `log.jsonl`: one row a week with its ISO week and the weekly metrics; rows in, a history out.

    {"week": "2026-W48", "ram_used_percent": 91.2, "swap_used_gib": 2.1, "vram_used_percent": null, ...}

A figure that was not measured is `null`. The last row of a week counts, so a week can be logged again. Reading and
writing files is `_log_store`'s work; here are only texts and values.
"""

import json
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from types import MappingProxyType

from workstation.catalog import load_catalog
from workstation.catalog._planning import load_planning_words
from workstation.errors import PlanningError
from workstation.planning.model import History, Week

__all__ = ["LogFile", "LogRow", "check_figure", "history_from_log", "iso_week", "monday", "parse_log", "to_line"]

_WEEK = re.compile(r"(\d{4})-W(\d{2})")
_MOST_ROWS = 520
_LONGEST_LINE = 4_000
_LONGEST_GAP_WEEKS = 104


@dataclass(frozen=True, slots=True, kw_only=True)
class LogRow:
    """One logged week; `why_missing` says why a figure is `None`, as far as it is known, and is not written."""

    week: str  # "2026-W48"
    metrics: Mapping[str, float | None]
    why_missing: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class LogFile:
    """What a log holds: its weeks in order, and sentences about lines that could not be read."""

    rows: tuple[LogRow, ...]
    problems: tuple[str, ...] = ()


def iso_week(day: date) -> str:
    """Name the week of a day.

    >>> iso_week(date(2026, 11, 23))
    '2026-W48'
    """
    year, week, _ = day.isocalendar()
    return f"{year:04d}-W{week:02d}"


def monday(week: str) -> date:
    """Give the first day of a week.

    Raises:
        PlanningError: there is no such week.
    """
    match = _WEEK.fullmatch(week)
    try:
        return date.fromisocalendar(int(match[1]), int(match[2]), 1) if match else _no_week(week)
    except ValueError:
        return _no_week(week)


def check_figure(metric: str, value: float) -> str | None:
    """Say what is wrong with a figure, `None` where nothing is.

    >>> check_figure("ram_used_percent", 120)
    'a share lies between 0 and 100 %'
    """
    limits = load_planning_words().ranges[load_catalog().metrics[metric].unit]
    if math.isfinite(value) and limits.low <= value <= limits.high:
        return None
    return limits.why


def to_line(row: LogRow) -> str:
    """Write a row as one line: every metric, in the catalogue's order, unknown ones as null."""
    known = {metric: row.metrics.get(metric) for metric in load_catalog().metrics}
    return json.dumps({"week": row.week, **known}, allow_nan=False)


def parse_log(text: str) -> LogFile:
    """Read a log; a line that cannot be read is told and left out, and costs no other its place."""
    rows: dict[str, LogRow] = {}
    problems: list[str] = []
    for number, line in enumerate(text.splitlines()[-_MOST_ROWS:], 1):
        if not line.strip():
            continue
        try:
            row = _row(line)
        except PlanningError as error:
            problems.append(f"Line {number} was left out: {error}")
            continue
        rows[row.week] = row
        problems += [f"Line {number}: {metric} {why}." for metric, why in row.why_missing.items()]
    return LogFile(rows=tuple(rows[week] for week in sorted(rows)), problems=tuple(problems))


def history_from_log(rows: Iterable[LogRow], *, name: str = "your weeks") -> History:
    """Make a history of logged weeks, so that a plan can be simulated on them.

    Week 1 is the first logged week. Weeks between that were not logged stay gaps. Weeks long before the others are
    refused, since everything between would be a gap.

    Raises:
        PlanningError: there is no row, or the weeks lie more than two years apart.
    """
    by_day = {monday(row.week): row for row in rows}
    if not by_day:
        raise PlanningError("No week has been logged yet. Log this one with ws.log_week() and simulate again.")
    first, last = min(by_day), max(by_day)
    if (last - first) > timedelta(weeks=_LONGEST_GAP_WEEKS):
        raise PlanningError(
            f"The log goes from {iso_week(first)} to {iso_week(last)}, over two years. "
            "Open evidence/log.jsonl in the file browser and remove the line of the week that is wrong."
        )
    weeks = tuple(
        Week(number=(day - first).days // 7 + 1, metrics=by_day[day].metrics, name=by_day[day].week)
        for day in sorted(by_day)
    )
    return History(id="own-weeks", name=name, story="Weeks from your own log.", weeks=weeks)


def _row(line: str) -> LogRow:
    found = _object(line)
    week = found.get("week")
    if not isinstance(week, str):
        raise PlanningError("it names no week, such as 2026-W48.")
    monday(week)
    metrics: dict[str, float | None] = {}
    why: dict[str, str] = {}
    for metric in load_catalog().metrics:
        value, problem = _figure(metric, found.get(metric))
        metrics[metric] = value
        if problem is not None:
            why[metric] = problem
    return LogRow(week=week, metrics=MappingProxyType(metrics), why_missing=MappingProxyType(why))


def _object(line: str) -> dict[str, object]:
    if len(line) > _LONGEST_LINE:
        raise PlanningError(f"it is longer than {_LONGEST_LINE} characters.")
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        raise PlanningError("it is no JSON; it may be cut off.") from None
    if not isinstance(found, dict):
        raise PlanningError("it is no row of figures.")
    return found


def _figure(metric: str, raw: object) -> tuple[float | None, str | None]:
    """Read one figure: a number in range, or nothing with the reason."""
    if raw is None:
        return None, None
    if isinstance(raw, bool) or not isinstance(raw, int | float):
        return None, "is no number and counts as not measured"
    try:
        value = float(raw)
    except OverflowError:
        return None, "is too large a number and counts as not measured"
    problem = check_figure(metric, value)
    return (value, None) if problem is None else (None, f"cannot be ({problem}) and counts as not measured")


def _no_week(week: str) -> date:
    raise PlanningError(f"{week[:20]!r} is no ISO week. Write it like 2026-W48.")
