"""Settle which folder is nbgrader's exchange, say where it is, and release feedback pages through it."""

import os
from pathlib import Path

from workstation.errors import CohortError
from workstation_grader.course import CONFIG_NAME, Course, open_course, why_it_failed, working_in

__all__ = ["release_feedback", "require", "settle", "told"]

OPEN_TO_ALL = 0o777  # nbgrader's exchange works no other way where learners have accounts of their own


def settle(course: Course, asked: Path | None) -> Course:
    """Make sure that the exchange is a folder that somebody chose; give the course as it is then configured.

    Left alone, nbgrader would make its default folder in the system, open to every user of the machine, without a word.

    Raises:
        CohortError: there is none and none was named, or another one is configured already.
    """
    if os.name == "nt":
        raise CohortError("nbgrader's exchange does not run on Windows. Release with --zip FILE instead.")
    if asked is not None:
        return _choose(course, asked.expanduser().absolute())
    folder = folder_of(course)
    if not folder.is_dir():
        raise CohortError(
            f"There is no exchange at {folder}. Name a folder for one with --exchange DIR (it is made where it is "
            "missing, and every user of this machine may then write into it, as nbgrader needs), or release with --zip "
            "FILE."
        )
    return course


def require(course: Course) -> None:
    """Refuse an exchange that is not there or not ours: nbgrader would speak to the instructor as to a learner.

    Raises:
        CohortError: names the folder and the way without an exchange.
    """
    folder = folder_of(course)
    if folder.is_dir() and os.access(folder, os.W_OK | os.X_OK):
        return
    found = "cannot be written by this user" if folder.is_dir() else "is not there"
    raise CohortError(
        f"The exchange {folder} {found}. Collect with --zips DIR and send the pages in feedback/ to the learners; or "
        "set c.Exchange.root in nbgrader_config.py to an exchange that every user of this machine can write to."
    )


def told(course: Course, exercise: str) -> list[str]:
    """Say in two lines where an exercise was released to, and what learners' nbgrader has to know."""
    folder = folder_of(course)
    return [
        f"Released {exercise!r} to the exchange {folder} as course {course.course_id!r}.",
        f"Learners need an account on this machine and, in their {CONFIG_NAME}: c.Exchange.root = {str(folder)!r}",
    ]


def release_feedback(course: Course, exercise: str) -> list[str]:
    """Release written feedback pages through nbgrader's exchange; give the learners who can fetch theirs there.

    A submission that came as a zip has no secret to fetch with: its page is sent some other way.

    Raises:
        CohortError: the exchange is not there, or this system has none.
    """
    if os.name == "nt":
        raise CohortError("nbgrader's exchange does not run on Windows. Send the pages in feedback/ to the learners.")
    secrets = sorted(course.feedback.glob(f"*/{exercise}/submission_secret.txt"))
    students = [path.parent.parent.name for path in secrets]
    if students:
        require(course)
    with working_in(course.root):
        for student in students:
            outcome = course.api.release_feedback(exercise, student)
            if not outcome["success"]:
                raise CohortError(f"{student}'s feedback was not released:\n{why_it_failed(outcome)}")
    return students


def folder_of(course: Course) -> Path:
    """Give the exchange's folder as nbgrader is configured, or its default."""
    from nbgrader.exchange.default import Exchange

    return Path(Exchange(config=course.app.config).root)


def _choose(course: Course, folder: Path) -> Course:
    """Make the folder where it is missing, and write it into the configuration unless that says so already."""
    configured = course.app.config.get("Exchange", {}).get("root")
    file = course.root / CONFIG_NAME
    if configured and Path(configured) != folder:
        raise CohortError(f"The exchange is already {configured}: change c.Exchange.root in {file} to move it.")
    if not folder.is_dir():
        try:
            folder.mkdir(parents=True)
        except OSError as problem:
            raise CohortError(
                f"The exchange {folder} could not be made ({problem.strerror}). Name another with --exchange."
            ) from problem
        folder.chmod(OPEN_TO_ALL)
    if not configured:
        with file.open("a", encoding="utf-8") as text:
            text.write(f"\nc.Exchange.root = {str(folder)!r}  # chosen with --exchange\n")
    return open_course(course.root)
