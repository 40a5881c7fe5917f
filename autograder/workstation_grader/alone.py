"""Change a course alone, and mend first what a killed run left half done there."""

import contextlib
import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from workstation_grader import ledger
from workstation_grader.course import Course
from workstation_grader.files import clear_leftovers
from workstation_grader.lms import extensions, keeping
from workstation_grader.locks import Holder, alone_in

__all__ = ["FROM_EXCHANGE", "alone"]

FROM_EXCHANGE = "from the exchange"  # nbgrader copies these itself, file by file
_log = logging.getLogger("workstation_grader")


@contextlib.contextmanager
def alone(course: Course, doing: str) -> Iterator[None]:
    """Hold the course folder for *doing*, waiting for another run that does; clear up after one that was killed.

    Raises:
        CohortError: another run kept the folder for hours.
    """
    with alone_in(course.root, doing) as killed:
        if killed is not None:
            _log.warning("%s did not end by itself; what it left half done is cleared away.", killed.told())
            _mend(course, killed)
        yield


def _mend(course: Course, killed: Holder) -> None:
    aside = (ledger.FOLDER, keeping.KEPT, keeping.QUARANTINE, extensions.FOLDER)
    written = {course.autograded, course.feedback, *(course.root / name for name in aside)}
    clear_leftovers(course.root, written=written, replaced=[course.collected])
    if killed.doing.endswith(FROM_EXCHANGE):
        _collect_again(course.collected, _parsed(killed.since))


def _collect_again(collected: Path, since: datetime) -> None:
    """Take the time stamps of what a killed collecting touched, so that nbgrader copies those submissions anew.

    It tells by the stamp whether it has a submission, and copies that file at no particular turn: a half copied folder
    with a stamp would stay half for ever.
    """
    touched = False
    for folder in collected.glob("*/*"):
        if folder.is_dir() and datetime.fromtimestamp(folder.stat().st_ctime, UTC) >= since:
            (folder / "timestamp.txt").unlink(missing_ok=True)
            touched = True
    if touched:
        _log.warning("Collect from the exchange again before you grade: some submissions were copied in part.")


def _parsed(since: str) -> datetime:
    return datetime.strptime(since, "%Y-%m-%d %H:%M:%S UTC").replace(tzinfo=UTC)
