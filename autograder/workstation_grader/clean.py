"""Rebuild what an instructor opens from the master: a learner's text stays text, nothing of theirs can act.

In stock nbgrader a learner's Markdown cell, raw cell, attachment, output or metadata reaches Formgrader as it is, and a
script in it runs with the instructor's cookie. Here every cell is the master's own; only the text of answer cells is
taken over, and code cells are shown highlighted, which escapes them.
"""

import copy
import re
from collections.abc import Iterable, Mapping
from typing import Any

from workstation_grader.master import Cell, Master, grade_id_of, is_solution, source_of

# Controls, and what makes the following text run the other way; the plain marks of right-to-left writing stay.
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
MAX_SHOWN_CHARACTERS = 50_000
MAX_FOREIGN_CELLS = 100
MAX_FOREIGN_CHARACTERS = 5_000
FOREIGN_NOTE = "# The learner's own {kind} cell, shown as text and not run:"


def plain_text(text: str, *, limit: int = MAX_SHOWN_CHARACTERS) -> str:
    """Bound a learner's text and mark what no file can hold, or what nobody sees: controls, and turned directions."""
    shown = _UNSEEN.sub("\ufffd", text[:limit].replace("\r\n", "\n")).encode("utf-8", "replace").decode("utf-8")
    left = len(text) - limit
    return f"{shown}\n# [... {left:,} more characters are in the submitted file]" if left > 0 else shown


def shown_line(text: str) -> str:
    """Mark in a sentence of ours what a learner's words brought into it and nobody would see."""
    return _UNSEEN.sub("\ufffd", text)


def _foreign_cells(cells: Iterable[Mapping[str, Any]], master: Master) -> list[Cell]:
    """Turn the cells that the master does not have into code cells that hold their text, for a grader to read."""
    known = {source_of(cell).strip() for cell in master.cells}
    named = {grade_id_of(cell) for cell in master.cells} - {""}
    foreign: list[Cell] = []
    for cell in cells:
        text = source_of(cell)
        if grade_id_of(cell) in named or not text.strip() or text.strip() in known:
            continue
        kind = cell.get("cell_type")
        label = kind if kind in ("markdown", "code", "raw") else "other"
        foreign.append(
            {
                "cell_type": "code",
                "id": f"learner-{len(foreign) + 1}",
                "execution_count": None,
                "metadata": {"editable": False, "deletable": False},
                "outputs": [],
                "source": f"{FOREIGN_NOTE.format(kind=label)}\n{plain_text(text, limit=MAX_FOREIGN_CHARACTERS)}",
            }
        )
        if len(foreign) == MAX_FOREIGN_CELLS:
            break
    return foreign


def _master_cell(cell: Cell, answers: Mapping[str, str]) -> Cell:
    """Copy a master cell; an answer cell gets the learner's text, every other stays as released."""
    rebuilt = copy.deepcopy(cell)
    if rebuilt["cell_type"] == "code":
        rebuilt["outputs"], rebuilt["execution_count"] = [], None
    grade_id = grade_id_of(cell)
    if is_solution(cell) and grade_id in answers:
        rebuilt["source"] = plain_text(answers[grade_id])
    return rebuilt


def rebuild(master: Master, submitted: Iterable[Mapping[str, Any]], answers: Mapping[str, str]) -> dict[str, Any]:
    """Build the clean notebook: the master's cells with the learner's *answers*, then the learner's own cells as text.

    Args:
        master: the released notebook.
        submitted: the learner's cells as they were read; they may hold anything.
        answers: the full source of each answer cell by grade id.
    """
    cells = [_master_cell(cell, answers) for cell in master.cells]
    foreign = _foreign_cells(submitted, master)
    metadata = {key: copy.deepcopy(master.notebook["metadata"].get(key, {})) for key in ("kernelspec", "language_info")}
    return {"cells": cells + foreign, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
