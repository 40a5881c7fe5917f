"""Read marks and comments from the gradebook, for feedback and export: a whole cohort in three statements."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Connection, Join, and_, select

from workstation_grader.gradebook import (
    ASSIGNMENT,
    BASE_CELL,
    COMMENT,
    GRADE,
    GRADE_CELL,
    SUBMISSION,
    SUBMITTED_NOTEBOOK,
    open_engine,
    transaction,
)

_OWN = SUBMISSION.join(ASSIGNMENT, SUBMISSION.c.assignment_id == ASSIGNMENT.c.id).join(
    SUBMITTED_NOTEBOOK, SUBMITTED_NOTEBOOK.c.assignment_id == SUBMISSION.c.id
)


@dataclass(frozen=True, kw_only=True)
class Mark:
    """What the gradebook holds for one test cell."""

    score: float
    max_score: float
    by_hand: bool
    needs_review: bool


@dataclass(frozen=True, kw_only=True)
class Marks:
    """What the gradebook holds for one submission: marks by test cell, comments by answer."""

    cells: Mapping[str, Mark] = field(default_factory=dict)
    comments: Mapping[str, str] = field(default_factory=dict)
    late_penalty: float = 0.0

    @property
    def score(self) -> float:
        """The total that counts."""
        return sum(mark.score for mark in self.cells.values()) - self.late_penalty

    @property
    def max_score(self) -> float:
        """The most that could be had."""
        return sum(mark.max_score for mark in self.cells.values())


def read_marks(db_url: str, exercise: str, students: Sequence[str] | None = None) -> dict[str, Marks]:
    """Read the marks of *students* (all: None) for *exercise* from the gradebook, in three statements."""
    engine = open_engine(db_url)
    try:
        with transaction(engine, reading=True) as connection:
            return marks_in(connection, exercise, students)
    finally:
        engine.dispose()


def marks_in(connection: Connection, exercise: str, students: Sequence[str] | None = None) -> dict[str, Marks]:
    """Read the marks as `read_marks` does, within a transaction that is open."""
    whose = ASSIGNMENT.c.name == exercise
    if students is not None:
        whose = and_(whose, SUBMISSION.c.student_id.in_(list(students)))
    penalties = _penalties(connection, whose)
    cells, comments = _cells(connection, whose), _comments(connection, whose)
    return {
        student: Marks(cells=cells.get(student, {}), comments=comments.get(student, {}), late_penalty=penalty)
        for student, penalty in penalties.items()
    }


def waiting(db_url: str, exercise: str) -> list[str]:
    """List the learners of whose *exercise* a part waits for a person, in order."""
    joined = _OWN.join(GRADE, GRADE.c.notebook_id == SUBMITTED_NOTEBOOK.c.id)
    who = select(SUBMISSION.c.student_id).select_from(joined).distinct().order_by(SUBMISSION.c.student_id)
    engine = open_engine(db_url)
    try:
        with transaction(engine, reading=True) as connection:
            asked = who.where(ASSIGNMENT.c.name == exercise, GRADE.c.needs_manual_grade.is_(True))
            return list(connection.scalars(asked))
    finally:
        engine.dispose()


def recorded(db_url: str, exercise: str) -> set[str]:
    """Name the learners of whom *exercise* has scores: a restored gradebook may have fewer than there are copies."""
    joined = _OWN.join(GRADE, GRADE.c.notebook_id == SUBMITTED_NOTEBOOK.c.id)
    asked = select(SUBMISSION.c.student_id).select_from(joined).distinct().where(ASSIGNMENT.c.name == exercise)
    engine = open_engine(db_url)
    try:
        with transaction(engine, reading=True) as connection:
            return set(connection.scalars(asked))
    finally:
        engine.dispose()


def _penalties(connection: Connection, whose: ColumnElement[bool]) -> dict[str, float]:
    """Read who handed in, and what coming late costs each."""
    asked = select(SUBMISSION.c.student_id, SUBMITTED_NOTEBOOK.c.late_submission_penalty).select_from(_OWN).where(whose)
    return {student: penalty or 0.0 for student, penalty in connection.execute(asked)}


def _cells(connection: Connection, whose: ColumnElement[bool]) -> dict[str, dict[str, Mark]]:
    """Read the marks of the test cells, by learner and cell."""
    joined = _with_cells(_OWN.join(GRADE, GRADE.c.notebook_id == SUBMITTED_NOTEBOOK.c.id), GRADE.c.cell_id)
    asked = select(
        SUBMISSION.c.student_id, BASE_CELL.c.name, GRADE_CELL.c.max_score, GRADE.c.auto_score, GRADE.c.manual_score,
        GRADE.c.extra_credit, GRADE.c.needs_manual_grade,
    ).select_from(joined.join(GRADE_CELL, GRADE_CELL.c.id == BASE_CELL.c.id))  # fmt: skip
    found: dict[str, dict[str, Mark]] = {}
    for row in connection.execute(asked.where(whose)):
        found.setdefault(row.student_id, {})[row.name] = _mark(row)
    return found


def _comments(connection: Connection, whose: ColumnElement[bool]) -> dict[str, dict[str, str]]:
    """Read what persons wrote about answers, by learner and answer."""
    joined = _with_cells(_OWN.join(COMMENT, COMMENT.c.notebook_id == SUBMITTED_NOTEBOOK.c.id), COMMENT.c.cell_id)
    asked = select(SUBMISSION.c.student_id, BASE_CELL.c.name, COMMENT.c.manual_comment).select_from(joined)
    found: dict[str, dict[str, str]] = {}
    for student, name, text in connection.execute(asked.where(whose, COMMENT.c.manual_comment.is_not(None))):
        found.setdefault(student, {})[name] = text
    return found


def _with_cells(joined: Join, cell_id: ColumnElement[str]) -> Join:
    return joined.join(BASE_CELL, cell_id == BASE_CELL.c.id)


def _mark(row: Any) -> Mark:
    automatic = row.auto_score if row.auto_score is not None else 0.0
    base = row.manual_score if row.manual_score is not None else automatic
    return Mark(
        score=base + (row.extra_credit or 0.0),
        max_score=row.max_score,
        by_hand=row.manual_score is not None,
        needs_review=bool(row.needs_manual_grade),
    )
