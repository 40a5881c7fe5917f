"""Forget what learners' machines told, once a course is over; the grades stay.

Nothing of it is in the gradebook. It lies in what was handed in (evidence, outputs of cells), in the copies beside it
(graded ones, feedback pages, zips), and in pages made from them. Each is found first and shown; deleting comes after.
"""

import json
import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workstation.errors import CohortError
from workstation.ids import as_known
from workstation_grader import backup, ledger
from workstation_grader.course import Course
from workstation_grader.lms.keeping import KEPT, QUARANTINE
from workstation_grader.marks import recorded
from workstation_grader.submission import read_submission

__all__ = ["OUT_OF_REACH", "Forgetting", "Target", "forget", "plan_forgetting"]

OUT_OF_REACH = (
    "the exchange's folder, where learners' submissions also lie (inbound/ of this course)",
    "what a learning platform keeps, and zips in folders that you downloaded them to",
    "files that you exported or moved, backups of this disk, and learners' own machines",
    "answers: learners may have written about their machine in them; --answers deletes the graded copies too",
)
INSIGHT = "insight"


@dataclass(frozen=True, kw_only=True)
class Target:
    """A file or a folder to delete: which of many such, and how much."""

    kind: str
    path: Path
    files: int
    size_bytes: int


@dataclass(frozen=True, kw_only=True)
class Forgetting:
    """What would be deleted, and which submissions stay because nobody has graded them as they are."""

    targets: tuple[Target, ...]
    ungraded: tuple[tuple[str, str], ...]  # learner, exercise
    notes: tuple[str, ...] = ()
    entries: tuple[tuple[str, str], ...] = ()  # lines of the ledger: exercise, learner


@dataclass(frozen=True, kw_only=True)
class _Scope:
    """What is to be forgotten: of which exercise and which learner, or all."""

    course: Course
    exercise: str | None
    student: str | None
    answers: bool
    ungraded: bool

    def folders(self, base: Path) -> Iterator[tuple[str, str, Path]]:
        """Give the folders by learner and exercise below *base*; a link is followed nowhere."""
        for folder in sorted(base.glob("*/*")) if base.is_dir() else ():
            student, exercise = folder.parent.name, folder.name
            if not folder.parent.is_symlink() and self.covers(student, exercise):
                yield student, exercise, folder

    def covers(self, student: str, exercise: str) -> bool:
        return self.exercise in (None, exercise) and self.student in (None, student)


def plan_forgetting(
    course: Course,
    *,
    exercise: str | None = None,
    student: str | None = None,
    answers: bool = False,
    ungraded: bool = False,
) -> Forgetting:
    """Find what there is to forget; nothing is deleted.

    Args:
        course: the opened course folder.
        exercise: only this exercise; None is all.
        student: only this learner; None is all.
        answers: the graded copies as well; scores stay in the gradebook, outcomes by criterion go.
        ungraded: also submissions that were never graded as they are now: that work is then lost.

    Raises:
        CohortError: nobody of that name ever handed in.
    """
    spelled = None if student is None else _known(course, student)
    scope = _Scope(course=course, exercise=exercise, student=spelled, answers=answers, ungraded=ungraded)
    waiting = () if ungraded else tuple(_ungraded(scope))
    found = [
        *_collected(scope, set(waiting)),
        *_graded(scope, set(waiting)),
        *(_target("feedback pages", path) for _, _, path in scope.folders(course.feedback)),
        *_kept(scope, set(waiting)),
        *(_for_all(scope) if spelled is None else ()),
    ]
    noted = tuple(_noted(scope, set(waiting)))
    targets = tuple(target for target in found if target.files or target.path.is_dir())
    return Forgetting(targets=targets, ungraded=waiting, notes=tuple(_notes(scope)), entries=noted)


def _known(course: Course, student: str) -> str:
    bases = (course.collected, course.autograded, course.feedback, *(course.root / KEPT).glob("*/"))
    known = {folder.name for base in bases if base.is_dir() for folder in base.iterdir() if folder.is_dir()}
    spelled = as_known(student, sorted(known))
    if spelled not in known:
        raise CohortError(f"Nothing of {student!r} is in {course.root}: nothing was deleted. Ids are as in collected/.")
    return spelled


def _ungraded(scope: _Scope) -> Iterator[tuple[str, str]]:
    """Find submissions that no grade in the gradebook is of; forgetting them would lose them."""
    grades: dict[str, set[str]] = {}
    for student, exercise, folder in scope.folders(scope.course.collected):
        if exercise not in grades:
            grades[exercise] = recorded(scope.course.db_url, exercise)
        if student not in grades[exercise] or not _is_graded(scope.course, student, exercise, folder):
            yield student, exercise


def _is_graded(course: Course, student: str, exercise: str, folder: Path) -> bool:
    try:
        copy: Any = json.loads(
            (course.autograded / student / exercise / f"{exercise}.ipynb").read_text(encoding="utf-8")
        )
        digest = copy["metadata"]["workstation"]["submission_sha256"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return False
    return bool(digest == read_submission(folder, student=student, exercise=exercise).digest)


def _collected(scope: _Scope, waiting: set[tuple[str, str]]) -> Iterator[Target]:
    for student, exercise, folder in scope.folders(scope.course.collected):
        if (student, exercise) not in waiting:
            yield _target("submissions with their evidence", folder)


def _graded(scope: _Scope, waiting: set[tuple[str, str]]) -> Iterator[Target]:
    for student, exercise, folder in scope.folders(scope.course.autograded):
        if scope.answers and (student, exercise) not in waiting:
            yield _target("graded copies", folder)
            continue
        for name in ("evidence", ".ipynb_checkpoints"):
            if (folder / name).exists() or (folder / name).is_symlink():
                yield _target("evidence beside graded copies", folder / name)


def _kept(scope: _Scope, waiting: set[tuple[str, str]]) -> Iterator[Target]:
    base = scope.course.root / KEPT
    for folder in sorted(base.glob("*/*")) if base.is_dir() else ():
        exercise, student = folder.parent.name, folder.name
        if scope.covers(student, exercise) and (student, exercise) not in waiting:
            yield _target("learners' kept zips", folder)


def _for_all(scope: _Scope) -> Iterator[Target]:
    """Find what is of no one learner: files that are nobody's, pages on the cohort, old copies of the gradebook."""
    root = scope.course.root
    held = root / QUARANTINE
    for folder in sorted(held.iterdir()) if held.is_dir() else ():
        if scope.exercise in (None, folder.name):
            yield _target("files in quarantine, by exercise", folder)
    pages = root / INSIGHT
    for path in sorted(pages.iterdir()) if pages.is_dir() else ():
        if scope.exercise is None or path.name.split(".")[0] == scope.exercise:
            yield _target("pages on the cohort", path)
    if scope.exercise is None:
        yield from (_target("dated copies of the gradebook", path) for path in backup.backups(root))


def _noted(scope: _Scope, waiting: set[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    for note in sorted((scope.course.root / ledger.FOLDER).glob("*.json")):
        for student in ledger.read(scope.course.root, note.stem):
            if scope.covers(student, note.stem) and (student, note.stem) not in waiting:
                yield note.stem, student


def _notes(scope: _Scope) -> Iterator[str]:
    held = scope.course.root / QUARANTINE
    if scope.student is not None and held.is_dir() and any(held.rglob("*.zip")):
        yield "files in quarantine are nobody's yet and stay: one may be this learner's"
    if scope.student is not None and (scope.course.root / INSIGHT).is_dir():
        yield "pages on the cohort stay; make them again after this"


def _target(kind: str, path: Path) -> Target:
    inside = (
        [path] if path.is_symlink() or not path.is_dir() else [each for each in path.rglob("*") if not each.is_dir()]
    )
    return Target(kind=kind, path=path, files=len(inside), size_bytes=sum(each.lstat().st_size for each in inside))


def forget(course: Course, found: Forgetting) -> list[tuple[Path, str]]:
    """Delete what was found, and empty folders that it leaves; give what could not be deleted, and why.

    Stopped half-way, the same command finds the rest.
    """
    failed = []
    for target in found.targets:
        try:
            _delete(target.path)
        except OSError as error:
            failed.append((target.path, error.strerror or str(error)))
    _unnote(course, found.entries)
    for base in (course.collected, course.autograded, course.feedback, course.root / KEPT, course.root / QUARANTINE):
        _drop_empty(base)
    return failed


def _delete(path: Path) -> None:
    if path.is_symlink() or not path.is_dir():
        path.unlink(missing_ok=True)
    else:
        shutil.rmtree(path)


def _unnote(course: Course, entries: Iterable[tuple[str, str]]) -> None:
    gone: dict[str, set[str]] = {}
    for exercise, student in entries:
        gone.setdefault(exercise, set()).add(student)
    for exercise, students in gone.items():
        kept: Mapping[str, str] = ledger.read(course.root, exercise)
        ledger.write(course.root, exercise, {who: file for who, file in kept.items() if who not in students})


def _drop_empty(base: Path) -> None:
    for folder in sorted(base.glob("*")) if base.is_dir() else ():
        if folder.is_dir() and not folder.is_symlink() and not any(folder.iterdir()):
            folder.rmdir()
