"""Work out what coming late costs, by nbgrader's own plugin, and record it.

nbgrader's step for this waits five seconds for a lock, and without a word; here the plugin is the same, and the way
into the gradebook is ours.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, and_, select, update
from sqlalchemy.engine import Engine

from workstation_grader.course import Course, quiet_log, working_in
from workstation_grader.gradebook import ASSIGNMENT, SUBMISSION, SUBMITTED_NOTEBOOK, open_engine, transaction
from workstation_grader.marks import Marks, marks_in

__all__ = ["assign_late_penalties"]

Lateness = Mapping[str, tuple[float, float]]  # by learner: points so far, and seconds after the due date


def assign_late_penalties(course: Course, exercise: str, students: Sequence[str]) -> None:
    """Record the late penalties of *students*, and take away those that are no longer due.

    The plugin may be anybody's and may read the gradebook itself, so it runs outside our transaction; where a person
    gave a score meanwhile, it is asked again.
    """
    if not students:
        return
    plugin = _plugin(course)
    engine = open_engine(course.db_url)
    try:
        pending = _read(engine, exercise, students)
        while pending:
            with working_in(course.root):
                penalties = {who: _penalty(plugin, who, *pending[who]) for who in pending}
            pending = _write(engine, exercise, pending, penalties)
    finally:
        engine.dispose()


def _plugin(course: Course) -> Any:
    from nbgrader.preprocessors import AssignLatePenalties

    step = AssignLatePenalties(parent=course.app, log=quiet_log())
    step.init_plugin()
    return step.plugin_inst


def _penalty(plugin: Any, student: str, score: float, seconds_late: float) -> float | None:
    """Ask the plugin, within nbgrader's own bounds: no bonus for coming late, and no more than there is to lose."""
    if seconds_late <= 0:
        return None
    penalty: float | None = plugin.late_submission_penalty(student, score, seconds_late)
    if penalty is None or penalty < 0:
        return None if penalty is None else 0.0
    return min(penalty, score)


def _read(engine: Engine, exercise: str, students: Sequence[str]) -> Lateness:
    with transaction(engine, reading=True) as connection:
        return _lateness(connection, exercise, students)


def _lateness(connection: Connection, exercise: str, students: Sequence[str]) -> Lateness:
    marks = marks_in(connection, exercise, students)
    rows = connection.execute(
        select(SUBMISSION.c.student_id, SUBMISSION.c.timestamp, SUBMISSION.c.extension, ASSIGNMENT.c.duedate)
        .join(ASSIGNMENT, SUBMISSION.c.assignment_id == ASSIGNMENT.c.id)
        .where(ASSIGNMENT.c.name == exercise, SUBMISSION.c.student_id.in_(students))
    )
    return {row.student_id: (_points(marks[row.student_id]), _seconds_late(row)) for row in rows}


def _points(marks: Marks) -> float:
    return sum(mark.score for mark in marks.cells.values())


def _seconds_late(row: Any) -> float:
    if row.duedate is None or row.timestamp is None:
        return 0.0
    due = row.duedate + row.extension if row.extension is not None else row.duedate
    return float((row.timestamp - due).total_seconds())


def _write(engine: Engine, exercise: str, seen: Lateness, penalties: Mapping[str, float | None]) -> Lateness:
    """Record the penalties of those of whom nothing changed since it was *seen*; give the others as they are now."""
    with transaction(engine) as connection:
        now = _lateness(connection, exercise, list(seen))
        moved = {who: found for who, found in now.items() if found != seen[who]}
        for who in now.keys() - moved.keys():
            connection.execute(
                update(SUBMITTED_NOTEBOOK)
                .where(SUBMITTED_NOTEBOOK.c.assignment_id.in_(_submission_of(exercise, who)))
                .values(late_submission_penalty=penalties[who])
            )
    return moved


def _submission_of(exercise: str, student: str) -> Any:
    return (
        select(SUBMISSION.c.id)
        .join(ASSIGNMENT, SUBMISSION.c.assignment_id == ASSIGNMENT.c.id)
        .where(and_(ASSIGNMENT.c.name == exercise, SUBMISSION.c.student_id == student))
    )
