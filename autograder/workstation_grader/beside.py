"""Put each drawn case beside the answer to it: a grader, and a learner who reads the feedback, need to see both.

The texts are the bank's own. What a learner wrote, in the answer or in a draw, never comes into them.
"""

from collections.abc import Mapping
from typing import Any

from workstation.answers.draws import case_of
from workstation.answers.model import Draw
from workstation.catalog import load_catalog
from workstation.catalog._cases import SymptomCase
from workstation_grader.master import Cell, grade_id_of, is_solution

__all__ = ["cases_beside", "with_cases"]

ASSUMED = (
    "No draw was handed in: this is the case that the submitter's id draws, and perhaps not the one that was answered."
)


def with_cases(notebook: Mapping[str, Any], draw: Draw | None) -> dict[str, Any]:
    """Put a cell with the case's text, and what is right to find in it, above each answer to a case."""
    told = dict(notebook)
    if draw is not None:
        told["cells"] = [each for cell in notebook["cells"] for each in (*_above(cell, draw), cell)]
    return told


def cases_beside(draw: Draw | None, answers: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """Give the case of each answer that has one: what the feedback page shows, so without what is right."""
    cases = {answer: case_of(draw, answer) for answer in answers} if draw is not None else {}
    note = ASSUMED if draw is not None and draw.is_assumed else ""
    return {
        answer: {"id": case.id, "text": case.text, "recording": case.recording or "", "note": note}
        for answer, case in cases.items()
        if case is not None
    }


def _above(cell: Cell, draw: Draw) -> list[Cell]:
    answer = grade_id_of(cell)
    case = case_of(draw, answer) if is_solution(cell) else None
    if case is None:
        return []
    source = "\n\n".join(
        filter(None, [f"**{_title(answer)}:** `{case.id}`", f"> {case.text}", _for_grader(case, draw)])
    )
    return [{"cell_type": "markdown", "id": f"drawn-{answer}", "metadata": {"editable": False}, "source": source}]


def _title(answer: str) -> str:
    return f"{answer.replace('-', ' ').capitalize()}, as it was drawn"


def _for_grader(case: SymptomCase, draw: Draw) -> str:
    constraints = load_catalog().constraints
    right = " or ".join(constraints[entry].name for entry in case.accepts) or "nothing is short"
    weighed = ", ".join(constraints[entry].name for entry in case.near)
    near = f" To be weighed: {weighed}." if weighed else ""
    assumed = f" {ASSUMED}" if draw.is_assumed else ""
    return f"*For the grader:* {right}. {case.why}{near}{assumed}"
