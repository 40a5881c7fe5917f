"""Say what came late, and by whose word: the platform's mark, a manifest's time (a claim), or a file's."""

from datetime import UTC, datetime, timedelta

from workstation_grader.archive import Unpacked
from workstation_grader.lms.extensions import Deadlines
from workstation_grader.lms.names import Named

__all__ = ["honest_stamp", "why_late"]

LEAST_LATE = timedelta(seconds=1)


def honest_stamp(found: Unpacked, named: Named, deadlines: Deadlines) -> datetime:
    """Give the time that a submission is recorded with.

    A platform's mark outweighs a learner's own time: where it says late and the manifest says early, the time is the
    earliest that the mark leaves possible, one second after the due date. An extension given here is not touched by it.
    """
    if not named.late or deadlines.due is None:
        return found.stamp
    return max(found.stamp, deadlines.due.replace(tzinfo=UTC) + LEAST_LATE)


def why_late(found: Unpacked, named: Named, student: str, deadlines: Deadlines) -> str | None:
    """Say that and why a submission is late, or may be; None where nothing says so."""
    due = deadlines.of(student)
    over = None if due is None else honest_stamp(found, named, deadlines) - due.replace(tzinfo=UTC)
    if named.late:
        return f"{named.platform.capitalize()} marks it late{_beside_the_mark(found, student, deadlines, over)}"
    if over is None or over <= timedelta():
        return None
    whose = "its manifest's time, which is a claim" if found.claimed else "the file's time; it has no manifest's"
    return f"{_length(over)} after the due date, by {whose}"


def _beside_the_mark(found: Unpacked, student: str, deadlines: Deadlines, over: timedelta | None) -> str:
    if deadlines.due is None or over is None:
        return "; no due date is set here, so nothing else follows from it"
    if over <= timedelta():
        return f"; the extension of {_length(deadlines.extension(student))} covers it"
    if found.stamp <= deadlines.due.replace(tzinfo=UTC):
        return "; its own time is before the due date, and the mark counts"
    return f", {_length(over)} after the due date by its own time"


def _length(span: timedelta) -> str:
    """Say a length of time in the two units that matter.

    >>> _length(timedelta(days=2, hours=3, minutes=5)), _length(timedelta(seconds=20))
    ('2 d 3 h', '1 min')
    """
    minutes = max(1, round(span.total_seconds() / 60))
    days, hours, rest = minutes // 1440, minutes % 1440 // 60, minutes % 60
    parts = [f"{number} {unit}" for number, unit in ((days, "d"), (hours, "h"), (rest, "min")) if number]
    return " ".join(parts[:2])
