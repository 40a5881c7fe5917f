"""Export what the cohort earned: one row a learner, a column a criterion, and the totals the gradebook holds.

As a table of our own, or as Canvas and Moodle import it.
"""

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TextIO

from workstation.catalog import load_catalog
from workstation_grader.course import Course
from workstation_grader.feedback import criteria_of
from workstation_grader.lms.grades import Earned, Filled, canvas_table, fill_canvas, fill_worksheet, moodle_table
from workstation_grader.lms.roster import read_people
from workstation_grader.lms.tables import Table, safe_cell
from workstation_grader.marks import Marks, read_marks, waiting

__all__ = ["for_platform", "outcomes", "rows", "safe_cell", "write_csv", "write_lines"]


def outcomes(notebook: Mapping[str, Any]) -> dict[str, str]:
    """Read each criterion's outcome from a graded copy."""
    return {criterion.id: criterion.outcome for cell in notebook["cells"] for criterion in criteria_of(cell)}


def points(notebook: Mapping[str, Any]) -> dict[str, float]:
    """Read what each criterion earned from a graded copy; a person's score is a whole cell's and not in there."""
    return {criterion.id: criterion.earned for cell in notebook["cells"] for criterion in criteria_of(cell)}


def rows(course: Course, exercise: str) -> list[dict[str, object]]:
    """Build one row a learner: score, maximum, what waits for a person, each criterion's points and outcome."""
    marks = read_marks(course.db_url, exercise)
    return [_row(course, exercise, student, marks[student]) for student in sorted(marks)]


def _graded_copy(course: Course, exercise: str, student: str) -> dict[str, Any]:
    path = course.autograded / student / exercise / f"{exercise}.ipynb"
    copy: dict[str, Any] = {"cells": [], "metadata": {}}
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else copy


def _row(course: Course, exercise: str, student: str, marks: Marks) -> dict[str, object]:
    notebook = _graded_copy(course, exercise, student)
    found, earned = outcomes(notebook), points(notebook)
    own = notebook["metadata"].get("workstation", {})
    criteria = load_catalog().exercises[exercise].criteria
    return {
        "student": student,
        "exercise": exercise,
        "score": marks.score,
        "max_score": marks.max_score,
        "waits_for_a_person": any(mark.needs_review for mark in marks.cells.values()),
        "late_penalty": marks.late_penalty,
        "rubric_version": own.get("versions", {}).get("rubric", ""),
        "problems": "; ".join(problem["code"] for problem in own.get("problems", ())),
        **{f"points: {criterion.id}": earned.get(criterion.id, "") for criterion in criteria},
        **{criterion.id: found.get(criterion.id, "") for criterion in criteria},
    }


def for_platform(
    course: Course, exercise: str, platform: str, *, into: Table | None, title: str | None, per_criterion: bool
) -> Filled:
    """Make what Canvas or Moodle imports.

    Args:
        course: the opened course folder.
        exercise: the exercise's name.
        platform: ``canvas`` or ``moodle``.
        into: the platform's own file to fill in (gradebook export, grading worksheet); else one is made.
        title: what the platform calls the assignment, if not by the exercise's name.
        per_criterion: also a column a criterion, or in a worksheet its outcome as feedback.

    Raises:
        CohortError: *into* is not that platform's file.
    """
    marks = read_marks(course.db_url, exercise)
    criteria = {each.id: each.points for each in load_catalog().exercises[exercise].criteria} if per_criterion else {}
    earned = [_earned(course, exercise, student, marks[student], detailed=per_criterion) for student in sorted(marks)]
    people, called = read_people(course.root, course.db_url), title or exercise
    if into is None and platform == "canvas":
        possible = max((each.max_score for each in earned), default=0.0)
        filled = canvas_table(earned, people, called, possible, criteria)
    elif into is None:
        filled = moodle_table(earned, people, called, criteria)
    elif platform == "canvas":
        filled = fill_canvas(into, earned, people, called)
    else:
        filled = fill_worksheet(into, earned, people, exercise, feedback=per_criterion)
    pending = waiting(course.db_url, exercise)
    note = f"these wait for a person, and their totals may still rise: {', '.join(pending)}"
    return Filled(lines=filled.lines, written=filled.written, notes=(*filled.notes, *([note] if pending else [])))


def _earned(course: Course, exercise: str, student: str, marks: Marks, *, detailed: bool) -> Earned:
    notebook = _graded_copy(course, exercise, student) if detailed else {"cells": []}
    return Earned(
        student=student,
        score=marks.score,
        max_score=marks.max_score,
        points=points(notebook),
        outcomes=outcomes(notebook),
    )


def write_csv(found: Sequence[Mapping[str, object]], target: TextIO) -> None:
    """Write rows as CSV; the columns are the first row's."""
    if not found:
        return
    writer = csv.DictWriter(target, fieldnames=list(found[0]))
    writer.writeheader()
    writer.writerows({name: safe_cell(value) for name, value in row.items()} for row in found)


def write_lines(lines: Iterable[Sequence[str]], target: TextIO, separator: str = ",") -> None:
    """Write a platform's table as it stands."""
    csv.writer(target, delimiter=separator).writerows(lines)
