"""Every exercise of the rubric in one course: the repository's solutions, and stand-ins where there is none yet.

A stand-in has the real labels, answer cells and test cells, so that an attack meets every exercise's own judges.
"""

import json
from pathlib import Path

from workstation.answers.score import test_cells
from workstation.catalog import load_catalog

SENTENCE = "Over the next four months I index my own archive of letters, number {number}, and measure memory each week."


def add_missing(solutions: Path) -> list[str]:
    """Write a stand-in solution for each exercise that has none; give all exercises."""
    for exercise in load_catalog().exercises:
        folder = solutions / exercise
        if not folder.is_dir():
            folder.mkdir()
            (folder / f"{exercise}.ipynb").write_text(json.dumps(_solution(exercise)), encoding="utf-8")
    return sorted(load_catalog().exercises)


def _solution(exercise: str) -> dict:
    cells = [{"cell_type": "markdown", "id": "title", "metadata": {}, "source": f"# {exercise}"}]
    for form in load_catalog().exercises[exercise].answers:
        if form.has_text:
            cells.append(_cell(form.id, _body(form), solution=True))
        cells += [
            _cell(
                f"check-{cell.answer}-{cell.group}",
                f'ws.check("{cell.answer}", group={cell.group})',
                points=cell.points,
            )
            for cell in test_cells(exercise)
            if cell.answer == form.id
        ]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}


def _body(form) -> str:
    parts = (
        f"{field.label}:\n### BEGIN SOLUTION\n{SENTENCE.format(number=number)}\n### END SOLUTION"
        for number, field in enumerate(form.fields)
    )
    return f"%%answer {form.id}\n" + "\n".join(parts)


def _cell(grade_id: str, source: str, *, solution: bool = False, points: float | None = None) -> dict:
    own = {"grade": points is not None, "grade_id": grade_id, "locked": points is not None, "schema_version": 3,
           "solution": solution, "task": False}  # fmt: skip
    return {
        "cell_type": "code", "id": grade_id, "execution_count": None, "outputs": [], "source": source,
        "metadata": {"nbgrader": own | ({"points": points} if points is not None else {})},
    }  # fmt: skip
