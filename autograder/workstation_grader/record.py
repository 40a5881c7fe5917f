"""Write graded submissions into nbgrader's gradebook: one writer, one transaction a batch, nothing of a person's lost.

nbgrader's own path commits once a cell and asks the database for every object by name; here the ids of an assignment
are read once and each batch is a handful of statements. The rows are nbgrader's own, so Formgrader, feedback and export
see what they always see.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Self
from uuid import uuid4

from sqlalchemy import Connection, Table, insert, inspect, select, update

from workstation.errors import CohortError
from workstation.ids import as_known
from workstation_grader.files import write_atomically
from workstation_grader.grade import Graded
from workstation_grader.gradebook import (
    ASSIGNMENT,
    BASE_CELL,
    COMMENT,
    GRADE,
    NOTEBOOK,
    STUDENT,
    SUBMISSION,
    SUBMITTED_NOTEBOOK,
    open_engine,
    transaction,
)
from workstation_grader.submission import parse_stamp

Row = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Plan:
    """The ids of one assignment in the gradebook: its notebook, test cells and answer cells by name."""

    assignment_id: str
    notebook_id: str
    grade_cells: Mapping[str, str]
    solution_cells: Mapping[str, str]


def prepare_gradebook(db_url: str, course_id: str) -> None:
    """Create nbgrader's tables where they are missing."""
    engine = open_engine(db_url)
    try:
        with transaction(engine, locking=False) as connection:
            is_there = inspect(connection).has_table(GRADE.name)
    finally:
        engine.dispose()
    if is_there:
        return
    from nbgrader import api  # late: it takes seconds, and a released course has its tables

    with api.Gradebook(db_url, course_id):
        pass


class Recorder:
    """Record graded submissions of one exercise; use as a context manager."""

    def __init__(self, db_url: str, exercise: str, extensions: Mapping[str, timedelta] | None = None) -> None:
        self._engine = open_engine(db_url)
        self._exercise = exercise
        self._extensions = extensions or {}
        self._plan: Plan | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._engine.dispose()

    def record(self, batch: Sequence[tuple[Graded, str | None]]) -> None:
        """Record (graded submission, its time stamp) pairs in one transaction.

        Raises:
            CohortError: the exercise was never released into this gradebook, or that cannot be written.
        """
        with transaction(self._engine) as connection:
            plan = self._plan = self._plan or read_plan(connection, self._exercise)
            _record(connection, plan, batch, self._extensions)

    def late(self, students: Sequence[str]) -> list[str]:
        """List who of *students* handed in after the due date, or carries a penalty from a time when they had."""
        with transaction(self._engine, reading=True) as connection:
            plan = self._plan = self._plan or read_plan(connection, self._exercise)
            return _late(connection, plan, students)


def _late(connection: Connection, plan: Plan, students: Sequence[str]) -> list[str]:
    rows = connection.execute(
        select(SUBMISSION.c.student_id, SUBMISSION.c.timestamp, SUBMISSION.c.extension, ASSIGNMENT.c.duedate,
               SUBMITTED_NOTEBOOK.c.late_submission_penalty)
        .join(ASSIGNMENT, SUBMISSION.c.assignment_id == ASSIGNMENT.c.id)
        .join(SUBMITTED_NOTEBOOK, SUBMITTED_NOTEBOOK.c.assignment_id == SUBMISSION.c.id)
        .where(SUBMISSION.c.assignment_id == plan.assignment_id, SUBMISSION.c.student_id.in_(students))
    ).all()  # fmt: skip
    return sorted(row.student_id for row in rows if row.late_submission_penalty is not None or _is_late(row))


def _is_late(row: Any) -> bool:
    if row.duedate is None or row.timestamp is None:
        return False
    return bool(row.timestamp > row.duedate + (row.extension or timedelta()))


def read_plan(connection: Connection, exercise: str) -> Plan:
    """Read the ids of one assignment, whose one notebook carries its name."""
    found = connection.execute(
        select(ASSIGNMENT.c.id, NOTEBOOK.c.id)
        .join(NOTEBOOK, NOTEBOOK.c.assignment_id == ASSIGNMENT.c.id)
        .where(ASSIGNMENT.c.name == exercise, NOTEBOOK.c.name == exercise)
    ).first()
    if found is None:
        raise CohortError(
            f"The gradebook does not know {exercise!r} yet. Release it first: workstation-cohort release {exercise}."
        )
    cells = connection.execute(
        select(BASE_CELL.c.name, BASE_CELL.c.type, BASE_CELL.c.id).where(BASE_CELL.c.notebook_id == found[1])
    ).all()
    return Plan(
        assignment_id=found[0],
        notebook_id=found[1],
        grade_cells={name: key for name, kind, key in cells if kind == "GradeCell"},
        solution_cells={name: key for name, kind, key in cells if kind == "SolutionCell"},
    )


def _record(
    connection: Connection,
    plan: Plan,
    batch: Sequence[tuple[Graded, str | None]],
    extensions: Mapping[str, timedelta],
) -> None:
    stamps = {graded.student: parse_stamp(stamp) for graded, stamp in batch}
    _ensure_students(connection, list(stamps))
    submissions = _ensure_submissions(connection, plan, stamps, extensions)
    notebooks = _ensure_notebooks(connection, plan, list(submissions.values()))
    by_student = {graded.student: notebooks[submissions[graded.student]] for graded, _ in batch}
    _write_grades(connection, plan, by_student, [graded for graded, _ in batch])
    _write_comments(connection, plan, by_student, [graded for graded, _ in batch])


def _ensure_students(connection: Connection, students: list[str]) -> None:
    known = set(connection.scalars(select(STUDENT.c.id).where(STUDENT.c.id.in_(students))))
    _insert(connection, STUDENT, [{"id": student} for student in students if student not in known])


def _ensure_submissions(
    connection: Connection, plan: Plan, stamps: Mapping[str, datetime | None], extensions: Mapping[str, timedelta]
) -> dict[str, str]:
    columns = (SUBMISSION.c.student_id, SUBMISSION.c.id, SUBMISSION.c.timestamp)
    rows = connection.execute(
        select(*columns).where(SUBMISSION.c.assignment_id == plan.assignment_id, SUBMISSION.c.student_id.in_(stamps))
    ).all()
    known = {student: key for student, key, _ in rows}
    for student, key, old in rows:
        if stamps[student] is not None and stamps[student] != old:
            connection.execute(update(SUBMISSION).where(SUBMISSION.c.id == key).values(timestamp=stamps[student]))
    new = {student: _new_id() for student in stamps if student not in known}
    fresh = [
        {"id": key, "student_id": who, "assignment_id": plan.assignment_id, "timestamp": stamps[who],
         "extension": extensions.get(as_known(who, extensions))}
        for who, key in new.items()
    ]  # fmt: skip
    _insert(connection, SUBMISSION, fresh)
    return known | new


def _ensure_notebooks(connection: Connection, plan: Plan, submissions: list[str]) -> dict[str, str]:
    rows = connection.execute(
        select(SUBMITTED_NOTEBOOK.c.assignment_id, SUBMITTED_NOTEBOOK.c.id).where(
            SUBMITTED_NOTEBOOK.c.notebook_id == plan.notebook_id, SUBMITTED_NOTEBOOK.c.assignment_id.in_(submissions)
        )
    ).all()
    known = {row.assignment_id: row.id for row in rows}
    new = {submission: _new_id() for submission in submissions if submission not in known}
    common = {"notebook_id": plan.notebook_id, "flagged": False, "late_submission_penalty": None}
    _insert(
        connection, SUBMITTED_NOTEBOOK, [{"id": key, "assignment_id": owner, **common} for owner, key in new.items()]
    )
    return known | new


def _write_grades(connection: Connection, plan: Plan, notebooks: Mapping[str, str], batch: Sequence[Graded]) -> None:
    columns = (GRADE.c.notebook_id, GRADE.c.cell_id, GRADE.c.id, GRADE.c.auto_score, GRADE.c.manual_score,
               GRADE.c.needs_manual_grade)  # fmt: skip
    rows = connection.execute(select(*columns).where(GRADE.c.notebook_id.in_(notebooks.values()))).all()
    known = {(row.notebook_id, row.cell_id): row for row in rows}
    fresh: list[Row] = []
    for graded in batch:
        notebook = notebooks[graded.student]
        for cell in graded.scores:
            key = (notebook, plan.grade_cells[cell.grade_id])
            auto_score = cell.earned if graded.readable else None
            old = known.get(key)
            if old is None:
                fresh.append(
                    {"id": _new_id(), "notebook_id": key[0], "cell_id": key[1], "auto_score": auto_score,
                     "manual_score": None, "extra_credit": None, "needs_manual_grade": cell.needs_review}
                )  # fmt: skip
                continue
            flag = needs_a_person(old, auto_score, review=cell.needs_review)
            if (old.auto_score, old.needs_manual_grade) != (auto_score, flag):
                values = {"auto_score": auto_score, "needs_manual_grade": flag}
                connection.execute(update(GRADE).where(GRADE.c.id == old.id).values(values))
    _insert(connection, GRADE, fresh)


def needs_a_person(old: Any, auto_score: float | None, *, review: bool) -> bool:
    """Decide whether a cell waits for a person.

    A manual score stands whatever we find; it is looked at again only where the automatic score beside it moved.
    """
    if old.manual_score is None:
        return review
    return bool(old.needs_manual_grade or old.auto_score != auto_score)


def _write_comments(connection: Connection, plan: Plan, notebooks: Mapping[str, str], batch: Sequence[Graded]) -> None:
    """Say "No response." beside an untouched answer, as nbgrader does; a person's comment is another column."""
    columns = (COMMENT.c.notebook_id, COMMENT.c.cell_id, COMMENT.c.id, COMMENT.c.auto_comment)
    rows = connection.execute(select(*columns).where(COMMENT.c.notebook_id.in_(notebooks.values()))).all()
    known = {(row.notebook_id, row.cell_id): row for row in rows}
    fresh: list[Row] = []
    for graded in batch:
        for answer, cell_id in plan.solution_cells.items():
            text = None if graded.answered.get(answer, False) else "No response."
            key = (notebooks[graded.student], cell_id)
            old = known.get(key)
            if old is None:
                row = {"id": _new_id(), "notebook_id": key[0], "cell_id": key[1]}
                fresh.append(row | {"auto_comment": text, "manual_comment": None})
            elif old.auto_comment != text:
                connection.execute(update(COMMENT).where(COMMENT.c.id == old.id).values(auto_comment=text))
    _insert(connection, COMMENT, fresh)


def _new_id() -> str:
    """Give a key as nbgrader makes them."""
    return uuid4().hex


def _insert(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    if rows:
        connection.execute(insert(table), list(rows))


def write_autograded(folder: Path, exercise: str, files: Mapping[str, bytes], notebook: bytes) -> None:
    """Put the clean copy in place, the notebook last: its presence says that this submission was recorded."""
    for path in folder.rglob("*") if folder.is_dir() else ():
        if path.is_file() and path.relative_to(folder).as_posix() not in {*files, f"{exercise}.ipynb"}:
            path.unlink()  # of an earlier submission
    for name, content in files.items():
        write_atomically(folder / name, content)
    write_atomically(folder / f"{exercise}.ipynb", notebook)
