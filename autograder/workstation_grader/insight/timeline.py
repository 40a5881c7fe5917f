"""Say when submissions came in, hour by hour, day by day or week by week, and which were late."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

from workstation_grader.insight.model import Cell, Entry, Section, Table
from workstation_grader.insight.svg import Column, histogram
from workstation_grader.insight.words import count

__all__ = ["is_late", "timeline"]

_MOST_COLUMNS = 60
_STEPS = (timedelta(hours=1), timedelta(days=1), timedelta(days=7), timedelta(days=28))
_STEP_NAMES = ("hour", "day", "week", "four weeks")
_FORMATS = ("%Y-%m-%d %H:00", "%Y-%m-%d", "%Y-%m-%d", "%Y-%m-%d")
_MONDAY = datetime(2001, 1, 1)  # noqa: DTZ001 - the gradebook keeps UTC without saying so


def is_late(entry: Entry) -> bool:
    """Tell whether a submission came after its own due date."""
    return entry.handed_in is not None and entry.due is not None and entry.handed_in > entry.due


def timeline(entries: Sequence[Entry]) -> Section:
    """Tell when submissions came in; what has no time stamp is counted apart."""
    stamped = [(entry.handed_in, entry) for entry in entries if entry.handed_in is not None]
    late = sorted((entry for entry in entries if is_late(entry)), key=lambda entry: entry.student)
    due = Counter(entry.due for entry in entries if entry.due is not None).most_common(1)
    lead = [f"{count(len(stamped), 'submission')} with a time stamp, {len(late)} of them late."]
    lead.append(
        f"Due {due[0][0]:%Y-%m-%d %H:%M} UTC." if due else "The gradebook holds no due date, so nothing is late."
    )
    if len(entries) > len(stamped):
        lead.append(f"{count(len(entries) - len(stamped), 'submission')} without a time stamp.")
    if not stamped:
        return Section(id="timeline", title="Time line", lead=tuple(lead))
    step, start, columns = _columns([(stamp, is_late(entry)) for stamp, entry in stamped])
    place = (due[0][0] - start) / (_STEPS[step] * len(columns)) if due else -1.0
    said = f"Submissions by {_STEP_NAMES[step]}. {' '.join(lead)} The table below has the numbers."
    drawing = histogram(columns, said=said, due=place if 0 <= place <= 1 else None)
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (each.label, each.plain + each.marked, each.marked) for each in columns if each.plain + each.marked
    )
    table = Table(
        name="timeline",
        caption=f"Submissions by {_STEP_NAMES[step]} (UTC)",
        columns=("From", "Submissions", "Late"),
        rows=rows,
    )
    return Section(
        id="timeline", title="Time line", lead=tuple(lead), drawing=drawing, tables=(table, *_late_table(late))
    )


def _columns(stamped: Sequence[tuple[datetime, bool]]) -> tuple[int, datetime, list[Column]]:
    """Count by the finest step that stays readable; a stray stamp years away makes the steps coarse, never many."""
    first, last = min(stamp for stamp, _ in stamped), max(stamp for stamp, _ in stamped)
    step = next(
        (place for place, size in enumerate(_STEPS) if (last - first) / size < _MOST_COLUMNS - 1), len(_STEPS) - 1
    )
    size = _STEPS[step]
    low, high = (first - _MONDAY) // size, (last - _MONDAY) // size
    if high - low >= _MOST_COLUMNS:
        low = high - _MOST_COLUMNS + 1  # what is older still counts, in the first column
    counted = Counter((max(low, (stamp - _MONDAY) // size), late) for stamp, late in stamped)
    columns = [
        Column(
            label=f"{_MONDAY + size * place:{_FORMATS[step]}}", plain=counted[place, False], marked=counted[place, True]
        )
        for place in range(low, high + 1)
    ]
    return step, _MONDAY + size * low, columns


def _late_table(late: Sequence[Entry]) -> tuple[Table, ...]:
    if not late:
        return ()
    rows = tuple(
        (entry.student, f"{entry.handed_in:%Y-%m-%d %H:%M}", f"{entry.due:%Y-%m-%d %H:%M}", _by(entry))
        for entry in late
    )
    return (
        Table(
            name="late", caption="Handed in late (UTC)", columns=("Learner", "Handed in", "Due", "Late by"), rows=rows
        ),
    )


def _by(entry: Entry) -> str:
    if entry.handed_in is None or entry.due is None:
        return ""
    minutes = int((entry.handed_in - entry.due).total_seconds() // 60)
    days, hours = divmod(minutes // 60, 24)
    parts = (
        count(days, "day") if days else "",
        count(hours, "hour") if hours else "",
        f"{minutes % 60} min" if not days else "",
    )
    return " ".join(filter(None, parts))
