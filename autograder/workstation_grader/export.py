"""Export what the cohort earned: one row a learner, a column a criterion, and the totals the gradebook holds."""

import csv
import json
from collections.abc import Mapping
from typing import Any, TextIO

from workstation.catalog import load_catalog
from workstation_grader.course import Course
from workstation_grader.feedback import criteria_of
from workstation_grader.marks import Marks, read_marks

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def safe_cell(value: object) -> object:
    """Keep a spreadsheet from reading a learner's text as a formula.

    >>> safe_cell("=1+1"), safe_cell(2.5)
    ("'=1+1", 2.5)
    """
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA_STARTS) else value


def outcomes(notebook: Mapping[str, Any]) -> dict[str, str]:
    """Read each criterion's outcome from a graded copy."""
    return {criterion.id: criterion.outcome for cell in notebook["cells"] for criterion in criteria_of(cell)}


def rows(course: Course, exercise: str) -> list[dict[str, object]]:
    """Build one row a learner: score, maximum, what waits for a person, and each criterion's outcome."""
    marks = read_marks(course.db_url, exercise)
    return [_row(course, exercise, student, marks[student]) for student in sorted(marks)]


def _row(course: Course, exercise: str, student: str, marks: Marks) -> dict[str, object]:
    path = course.autograded / student / exercise / f"{exercise}.ipynb"
    notebook = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {"cells": [], "metadata": {}}
    found = outcomes(notebook)
    own = notebook["metadata"].get("workstation", {})
    return {
        "student": student,
        "exercise": exercise,
        "score": marks.score,
        "max_score": marks.max_score,
        "waits_for_a_person": any(mark.needs_review for mark in marks.cells.values()),
        "rubric_version": own.get("versions", {}).get("rubric", ""),
        "problems": "; ".join(problem["code"] for problem in own.get("problems", ())),
    } | {criterion.id: found.get(criterion.id, "") for criterion in load_catalog().exercises[exercise].criteria}


def write_csv(found: list[dict[str, object]], target: TextIO) -> None:
    """Write rows as CSV; the columns are the first row's."""
    if not found:
        return
    writer = csv.DictWriter(target, fieldnames=list(found[0]))
    writer.writeheader()
    writer.writerows({name: safe_cell(value) for name, value in row.items()} for row in found)
