"""Read marks and comments from the gradebook, for feedback and export: a whole cohort in three statements."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from nbgrader import api
from sqlalchemy import and_, select
from sqlalchemy.engine import Engine

from workstation_grader.record import open_engine, transaction


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
        return _read_marks(engine, exercise, students)
    finally:
        engine.dispose()


def waiting(db_url: str, exercise: str) -> list[str]:
    """List the learners of whose *exercise* a part waits for a person, in order."""
    assignment, submitted = api.Assignment.__table__, api.SubmittedAssignment.__table__
    notebook, grade = api.SubmittedNotebook.__table__, api.Grade.__table__
    joined = (
        submitted.join(assignment, submitted.c.assignment_id == assignment.c.id)
        .join(notebook, notebook.c.assignment_id == submitted.c.id)
        .join(grade, grade.c.notebook_id == notebook.c.id)
    )  # fmt: skip
    who = select(submitted.c.student_id).select_from(joined).distinct().order_by(submitted.c.student_id)
    engine = open_engine(db_url)
    try:
        with transaction(engine) as connection:
            asked = who.where(assignment.c.name == exercise, grade.c.needs_manual_grade.is_(True))
            return list(connection.scalars(asked))
    finally:
        engine.dispose()


def _read_marks(engine: Engine, exercise: str, students: Sequence[str] | None) -> dict[str, Marks]:
    assignment, submitted = api.Assignment.__table__, api.SubmittedAssignment.__table__
    notebook, grade, comment = api.SubmittedNotebook.__table__, api.Grade.__table__, api.Comment.__table__
    base, cell = api.BaseCell.__table__, api.GradeCell.__table__
    where = [assignment.c.name == exercise]
    if students is not None:
        where.append(submitted.c.student_id.in_(list(students)))
    joined = (
        submitted.join(assignment, submitted.c.assignment_id == assignment.c.id)
        .join(notebook, notebook.c.assignment_id == submitted.c.id)
    )  # fmt: skip
    with transaction(engine) as connection:
        people = connection.execute(
            select(submitted.c.student_id, notebook.c.late_submission_penalty).select_from(joined).where(and_(*where))
        ).all()
        grades = connection.execute(
            select(submitted.c.student_id, base.c.name, cell.c.max_score, grade.c.auto_score, grade.c.manual_score,
                   grade.c.extra_credit, grade.c.needs_manual_grade)
            .select_from(joined.join(grade, grade.c.notebook_id == notebook.c.id)
                         .join(base, grade.c.cell_id == base.c.id).join(cell, cell.c.id == base.c.id))
            .where(and_(*where))
        ).all()  # fmt: skip
        comments = connection.execute(
            select(submitted.c.student_id, base.c.name, comment.c.manual_comment)
            .select_from(joined.join(comment, comment.c.notebook_id == notebook.c.id)
                         .join(base, comment.c.cell_id == base.c.id))
            .where(and_(*where), comment.c.manual_comment.is_not(None))
        ).all()  # fmt: skip
    cells: dict[str, dict[str, Mark]] = {student: {} for student, _ in people}
    notes: dict[str, dict[str, str]] = {student: {} for student, _ in people}
    for row in grades:
        cells[row.student_id][row.name] = _mark(row)
    for student, name, text in comments:
        notes[student][name] = text
    return {
        student: Marks(cells=cells[student], comments=notes[student], late_penalty=penalty or 0.0)
        for student, penalty in people
    }


def _mark(row: Any) -> Mark:
    automatic = row.auto_score if row.auto_score is not None else 0.0
    base = row.manual_score if row.manual_score is not None else automatic
    return Mark(
        score=base + (row.extra_credit or 0.0),
        max_score=row.max_score,
        by_hand=row.manual_score is not None,
        needs_review=bool(row.needs_manual_grade),
    )
