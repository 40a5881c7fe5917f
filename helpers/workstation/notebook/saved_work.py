"""Find a learner's saved notebooks in a working copy and read what was written into them.

Nothing is measured and nothing is run. What cannot be read becomes a sentence, never an exception.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from workstation.answers.notebook import extract_answers, read_notebook
from workstation.answers.parse import is_blank, parse_fields
from workstation.catalog import AnswerForm, Exercise, load_catalog
from workstation.errors import NotebookError

__all__ = ["Saved", "exercise_places", "filled_fields", "saved_work"]

MOST_NOTEBOOK_BYTES = 64 * 1024**2


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """A saved notebook's answers by id; no *path* where there is none, a *problem* where it could not be read."""

    path: Path | None = None
    answers: Mapping[str, str] = field(default_factory=dict)
    problem: str = ""


def saved_work(root: Path, task: Exercise) -> Saved:
    """Read what the working copy at *root* holds for an exercise, or for a lesson's practice."""
    path = next((place for place in _places(root, task.id) if place.is_file()), None)
    if path is None:
        return Saved()
    try:
        if path.stat().st_size > MOST_NOTEBOOK_BYTES:
            return Saved(path=path, problem=f"{path.name} is larger than 64 MiB. Clear its outputs and save it.")
        return Saved(path=path, answers=extract_answers(read_notebook(path.read_bytes()).cells, task).answers)
    except (NotebookError, OSError) as error:
        reason = getattr(error, "strerror", None) or error
        return Saved(path=path, problem=f"{path.name} was not read: {reason}")


def filled_fields(body: str, form: AnswerForm, task: Exercise) -> int:
    """Count the fields of an answer that hold more than the template's words."""
    return sum(not is_blank(text, task) for text in parse_fields(body, form).values())


def exercise_places(root: Path, name: str) -> Iterator[Path]:
    """Name where an exercise's notebook can be: where the course put it, or where a class's exchange fetched it."""
    folders = (root / "exercises" / name, root / name, *sorted(root.glob(f"*/{name}")))
    return (folder / f"{name}.ipynb" for folder in folders)


def _places(root: Path, name: str) -> Iterator[Path]:
    if name in load_catalog().practice:
        return iter([root / "course" / f"{name}.ipynb"])
    return exercise_places(root, name)
