"""Read the released exercise: the master that every submission is rebuilt from."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from workstation.answers.score import TestCell, test_cells
from workstation.catalog import load_catalog
from workstation.errors import CohortError, UnknownExercise

Cell = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Master:
    """A released notebook, by cell, with its answer cells and test cells by grade id."""

    exercise: str
    notebook: Mapping[str, Any]

    @cached_property
    def cells(self) -> tuple[Cell, ...]:
        """The cells in order, as released."""
        return tuple(self.notebook["cells"])

    @cached_property
    def answer_sources(self) -> dict[str, str]:
        """The released text of each answer cell: what an untouched answer looks like."""
        return {grade_id_of(cell): source_of(cell) for cell in self.cells if is_solution(cell)}

    @cached_property
    def test_cells(self) -> dict[str, TestCell]:
        """The test cells by grade id; each is named ``check-<answer>-<group>`` and carries the rubric's points."""
        groups = {f"check-{cell.answer}-{cell.group}": cell for cell in test_cells(self.exercise)}
        released = {grade_id_of(cell): nbgrader_metadata(cell).get("points") for cell in self.cells if is_grade(cell)}
        wanted = {grade_id: cell.points for grade_id, cell in groups.items()}
        if released != wanted:
            raise CohortError(
                f"The released {self.exercise!r} and the rubric disagree on test cells: {released} against {wanted}. "
                f"Release it again: workstation-cohort release {self.exercise}."
            )
        return {grade_id: groups[grade_id] for grade_id in released}


def source_of(cell: Mapping[str, Any]) -> str:
    """Give a cell's source as one string; notebooks hold a string or a list of lines."""
    source = cell.get("source", "")
    if isinstance(source, list):
        return "".join(part for part in source if isinstance(part, str))
    return source if isinstance(source, str) else ""


def nbgrader_metadata(cell: Mapping[str, Any]) -> Mapping[str, Any]:
    """Give a cell's nbgrader metadata, or nothing where it has none or nonsense."""
    metadata = cell.get("metadata")
    found = metadata.get("nbgrader") if isinstance(metadata, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def grade_id_of(cell: Mapping[str, Any]) -> str:
    """Give a cell's grade id, or an empty string."""
    grade_id = nbgrader_metadata(cell).get("grade_id", "")
    return grade_id if isinstance(grade_id, str) else ""


def is_grade(cell: Mapping[str, Any]) -> bool:
    """Tell whether a cell is a test cell that carries points."""
    return nbgrader_metadata(cell).get("grade") is True


def is_solution(cell: Mapping[str, Any]) -> bool:
    """Tell whether a cell holds a learner's answer."""
    return nbgrader_metadata(cell).get("solution") is True


@lru_cache(maxsize=8)
def _parsed(path: str, _modified_ns: int) -> Mapping[str, Any]:
    loaded: Mapping[str, Any] = json.loads(Path(path).read_text(encoding="utf-8"))
    return loaded


def read_master(exercise: str, released: Path) -> Master:
    """Read the released notebook of *exercise* from the folder of released exercises.

    Raises:
        UnknownExercise: the rubric has none of that name.
        CohortError: it was never released into this course, or the file is damaged.
    """
    if exercise not in load_catalog().exercises:
        raise UnknownExercise(exercise, known=sorted(load_catalog().exercises))
    path = released / exercise / f"{exercise}.ipynb"
    try:
        notebook = _parsed(str(path), path.stat().st_mtime_ns)
    except FileNotFoundError:
        raise CohortError(
            f"No released copy of {exercise!r} at {path}. Run: workstation-cohort release {exercise}."
        ) from None
    except ValueError as error:
        raise CohortError(
            f"The released copy {path} is damaged ({error}). Run: workstation-cohort release {exercise}."
        ) from None
    return Master(exercise=exercise, notebook=notebook)
