"""Work out a week's figures from its recordings and from what a person answers; nothing is guessed.

Peaks are those of the recorded runs. Where both a recording and an answer give a figure, the worse one counts. What
neither gives is `None`, with the reason.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Protocol

import numpy as np

from workstation.catalog import load_catalog
from workstation.catalog._planning import load_planning_words
from workstation.errors import PlanningError
from workstation.planning._log import LogRow, check_figure, iso_week, monday
from workstation.recording.model import Column, Recording
from workstation.units import GIB, reads_two_ways

__all__ = ["FindingLike", "log_week", "of_week", "questions"]

_OOM_WORDS = ("out of memory", "outofmemory", "memoryerror", "oom", "cannot allocate memory")
_LONGEST_STEP_S = 60.0  # two samples further apart than this say nothing about the time between
_DROP_SAMPLES = 20
_HEATED_SECONDS = 120.0  # a drop of throughput in a shorter run is no heat


class FindingLike(Protocol):
    """What is needed of a diagnosis's finding."""

    @property
    def constraint(self) -> str:
        """The constraint's id."""

    @property
    def verdict(self) -> str:
        """Such as "bottleneck"."""


def questions() -> Mapping[str, str]:
    """Give what a person is asked once a week, by metric: what no recording can tell."""
    return load_planning_words().asks


def of_week(recordings: Iterable[Recording], week: str) -> list[Recording]:
    """Keep the recordings that were started in a week (UTC); one without a readable date belongs to none."""
    return [each for each in recordings if _week_of(each) == week]


def log_week(
    recordings: Sequence[Recording],
    answers: Mapping[str, str | float | None],
    *,
    week: str,
    findings: Iterable[FindingLike] = (),
) -> LogRow:
    """Make one row of the log. Recordings of other weeks are left out; blank answers are not measured.

    Raises:
        PlanningError: the week, a metric or an answer is none; every wrong answer is named, and nothing is lost.
    """
    monday(week)
    own = of_week(recordings, week)
    answered = _answers(answers)
    measured = _measured(own, list(findings))
    metrics: dict[str, float | None] = {}
    why: dict[str, str] = {}
    for metric in load_catalog().metrics:
        metrics[metric] = _worse(metric, measured.get(metric), answered.get(metric))
        if metrics[metric] is None:
            why[metric] = _why(metric, own)
    return LogRow(week=week, metrics=MappingProxyType(metrics), why_missing=MappingProxyType(why))


def _answers(answers: Mapping[str, str | float | None]) -> dict[str, float]:
    found: dict[str, float] = {}
    wrong: list[str] = []
    for metric, raw in answers.items():
        if metric not in load_catalog().metrics:
            raise PlanningError(f"{metric[:40]!r} is no weekly metric. Metrics: {', '.join(load_catalog().metrics)}.")
        value = _number(raw)
        problem = _problem(metric, raw, value)
        if value is not None and problem is None:
            found[metric] = value
        elif value is not None:
            wrong.append(f"{metric} is {str(raw)[:20]!r}, but {problem}")
    if wrong:
        raise PlanningError(f"Nothing was logged yet: {'; '.join(wrong)}. Correct it and log the week again.")
    return found


def _problem(metric: str, raw: str | float | None, value: float | None) -> str | None:
    if isinstance(raw, str) and reads_two_ways(raw):
        return "that can be read in two ways: write it without a thousands mark"
    return check_figure(metric, value) if value is not None else None


def _number(raw: str | float | None) -> float | None:
    """Read a typed number, "1,5" included; `None` for a blank, NaN for what is no number."""
    if raw is None or (isinstance(raw, str) and not raw.strip()):
        return None
    try:
        return float(raw.strip().replace(",", ".")) if isinstance(raw, str) else float(raw)
    except (ValueError, OverflowError):
        return math.nan


def _worse(metric: str, measured: float | None, answered: float | None) -> float | None:
    known = [value for value in (measured, answered) if value is not None]
    if not known:
        return None
    return min(known) if load_planning_words().pains[metric].is_low else max(known)


def _why(metric: str, own: Sequence[Recording]) -> str:
    if metric in load_planning_words().asks:
        return "was not answered"
    if metric == "oom_events" and _has_open_end(own):
        return "a run broke off, and nothing says whether memory was the reason: answer oom_events=0 or 1"
    return "was in no recording of this week" if own else "needs a recording of this week, and there is none"


def _measured(own: Sequence[Recording], findings: Sequence[FindingLike]) -> dict[str, float]:
    """Take the worst figure that any recording of the week shows; counts and hours add up."""
    found: dict[str, float] = {}
    for recording in own:
        for metric, value in _figures(recording):
            if not math.isfinite(value):
                continue
            adds = load_catalog().metrics[metric].week in {"sum", "count"}
            before = found.get(metric)
            worse = value if before is None else _worse(metric, before, value)
            found[metric] = found.get(metric, 0.0) + value if adds else (worse if worse is not None else value)
    if found.get("oom_events") == 0 and _has_open_end(own):
        del found["oom_events"]
    hot = sum(each.constraint == "thermals" and each.verdict == "bottleneck" for each in findings)
    if hot:
        found["throttle_events"] = max(found.get("throttle_events", 0.0), float(hot))
    return {metric: round(value, 2) for metric, value in found.items() if check_figure(metric, round(value, 2)) is None}


def _figures(recording: Recording) -> Iterator[tuple[str, float]]:
    """Give the figures that one recording shows, each where its signals are there."""
    machine, columns = recording.header.machine, recording.columns
    usable = machine.ram_usable_bytes
    if usable and (used := _peak(columns, "ram_used_bytes")) is not None:
        yield "ram_used_percent", min(100.0, 100 * used / usable)
    if (swap := _peak(columns, "swap_used_bytes")) is not None:
        yield "swap_used_gib", swap / GIB
    if (cpu := _peak(columns, "cpu_used_percent")) is not None:
        yield "cpu_used_percent", min(100.0, cpu)
    yield from _disk(recording)
    yield from _gpus(recording)
    if (oom := _out_of_memory(recording)) is not None:
        yield "oom_events", oom
    if (throttles := _throttles(columns)) is not None:
        yield "throttle_events", throttles
    if (drop := _throughput_drop(recording)) is not None:
        yield "throughput_drop_percent", drop


def _disk(recording: Recording) -> Iterator[tuple[str, float]]:
    free = _known(recording.columns.get("disk_free_bytes"))
    if free is None:
        return
    lowest = float(free.min())
    yield "disk_free_gib", lowest / GIB
    if recording.header.machine.disk_total_bytes:
        yield "disk_free_percent", min(100.0, 100 * lowest / recording.header.machine.disk_total_bytes)


def _gpus(recording: Recording) -> Iterator[tuple[str, float]]:
    columns = recording.columns
    for number in range(len(recording.header.machine.gpus)):
        used, total = (_peak(columns, f"gpus.{number}.memory_{what}_bytes") for what in ("used", "total"))
        if used is not None and total:
            yield "vram_used_percent", min(100.0, 100 * used / total)
        busy = columns.get(f"gpus.{number}.utilization_percent")
        if busy is not None and _known(busy) is not None:
            yield "gpu_busy_hours", _busy_hours(recording.t_s, busy)


def _busy_hours(t_s: Column, busy: Column) -> float:
    """Add up utilisation over time; a gap between samples adds nothing."""
    steps = np.diff(t_s)
    share = np.nan_to_num(busy[:-1]) / 100
    counted = np.where((steps > 0) & (steps <= _LONGEST_STEP_S), steps, 0.0)
    return float(np.sum(counted * share)) / 3600


def _out_of_memory(recording: Recording) -> float | None:
    """Tell whether the run ended for want of memory: 1 or 0, `None` where its end is not known."""
    end = recording.end
    if end is None:
        return None
    said = (end.error or "").lower()
    unexplained = end.how == "error" and not said
    if end.oom_killer or any(word in said for word in _OOM_WORDS):
        return 1.0
    return None if unexplained or (end.how == "killed" and end.oom_killer is None) else 0.0


def _has_open_end(own: Sequence[Recording]) -> bool:
    """Tell whether some run's end leaves open whether memory was the reason: no events is then more than is known."""
    return any(_out_of_memory(each) is None for each in own)


def _throttles(columns: Mapping[str, Column]) -> float | None:
    """Count how often slowing by heat began, in the processor or a graphics card, the worse of them."""
    names = [name for name in columns if name == "thermal_throttle_per_s" or name.endswith(".throttled_by_heat")]
    counts = [_beginnings(columns[name]) for name in names if _known(columns[name]) is not None]
    return float(max(counts)) if counts else None


def _beginnings(column: Column) -> int:
    on = np.nan_to_num(column) > 0
    return int(on[:1].sum() + np.count_nonzero(on[1:] & ~on[:-1]))


def _throughput_drop(recording: Recording) -> float | None:
    """Compare the best tenth of a long run with its last tenth, in per cent."""
    column = recording.columns.get("throughput_per_s")
    speed = _known(column)
    if speed is None or len(speed) < _DROP_SAMPLES or float(recording.t_s[-1]) < _HEATED_SECONDS:
        return None
    tenth = len(speed) // 10
    parts = [float(np.median(speed[start : start + tenth])) for start in range(0, len(speed) - tenth + 1, tenth)]
    best, last = max(parts), float(np.median(speed[-tenth:]))
    return max(0.0, 100 * (1 - last / best)) if best > 0 else None


def _peak(columns: Mapping[str, Column], name: str) -> float | None:
    known = _known(columns.get(name))
    return None if known is None else float(known.max())


def _known(column: Column | None) -> Column | None:
    """Drop what was not read; `None` where nothing was."""
    if column is None:
        return None
    known: Column = column[np.isfinite(column)]
    return known if len(known) else None


def _week_of(recording: Recording) -> str | None:
    try:
        return iso_week(datetime.fromisoformat(recording.header.started_at).astimezone(UTC).date())
    except (ValueError, OverflowError):
        return None
