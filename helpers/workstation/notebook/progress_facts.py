"""Gather how far a learner has come in a working copy: from the evidence store and the saved notebooks.

What a lesson asks for stands in the lesson, as it ships. Who has read what is nowhere, so nothing is said of it.
"""

import re
from pathlib import Path

from workstation import materials
from workstation.answers.notebook import NotebookRead, read_notebook
from workstation.answers.prediction_store import PREDICTIONS_FILE, SELF_CHECKS_FILE, load
from workstation.catalog import AnswerForm, Exercise, load_catalog
from workstation.errors import DocumentError, NotebookError, WorkstationError
from workstation.notebook.capture import EVIDENCE
from workstation.notebook.capture import FILE as INVENTORY_FILE
from workstation.notebook.decision_file import load_walk_on_file
from workstation.notebook.prediction_card import bad_lines
from workstation.notebook.progress_model import Part, Progress, Unit, parts_of, steps_of
from workstation.notebook.saved_work import Saved, filled_fields, saved_work
from workstation.planning import ending

__all__ = ["gather_progress"]

RECORDED = "-recorded"  # a demonstration that was played from a recording asks about that one
UNMARKED = "This folder does not carry the mark of a working copy, so some of your work may lie in another folder."
_TITLE = re.compile(r"^# (.+)$", re.MULTILINE)


def gather_progress(root: Path) -> Progress:
    """Look at the working copy at *root*.

    Raises:
        DocumentError: there is no such folder.
    """
    if not root.is_dir():
        raise DocumentError(f"There is no folder {root.name!r} to look at. Name your working copy with --dir.")
    problems = [] if (root / materials.MARKER).is_file() else [UNMARKED]
    answered = _answered(root, problems)
    lessons = [_lesson(name, answered, problems) for name in materials.lesson_names()]
    exercises = [_exercise(root, task, problems) for task in load_catalog().exercises.values()]
    return Progress(units=(*lessons, *exercises), problems=tuple(dict.fromkeys(problems)))


def _answered(root: Path, problems: list[str]) -> frozenset[str]:
    """Give the id of everything that is answered outside the exercises."""
    predicted = {f"prediction.{name.removesuffix(RECORDED)}" for name in _kept(root, PREDICTIONS_FILE, problems)}
    chosen = _kept(root, SELF_CHECKS_FILE, problems)
    written = {f"answer.{name}" for task in load_catalog().practice.values() for name in _written(root, task, problems)}
    return frozenset(predicted | chosen | written | _walked(root, problems))


def _kept(root: Path, file: str, problems: list[str]) -> set[str]:
    try:
        log = load(root / EVIDENCE / file)
    except WorkstationError as error:
        problems.append(str(error))
        return set()
    problems += filter(None, [bad_lines(log, file)])
    return set(log.latest)


def _written(root: Path, task: Exercise, problems: list[str]) -> list[str]:
    saved = _saved(root, task, problems)
    return [
        form.id for form in task.answers if form.has_text and filled_fields(saved.answers.get(form.id, ""), form, task)
    ]


def _walked(root: Path, problems: list[str]) -> set[str]:
    try:
        walk = load_walk_on_file(root)
    except WorkstationError as error:
        problems.append(str(error))
        return set()
    return {"walk"} if walk is not None and ending(walk) is not None else set()


def _lesson(name: str, answered: frozenset[str], problems: list[str]) -> Unit:
    cells = _pristine(name, problems).cells
    sources = ["".join(cell.get("source", "")) for cell in cells if cell.get("cell_type") == "code"]  # type: ignore[arg-type]  # ours: text or lines
    heading = _TITLE.search("".join(cells[0].get("source", "")) if cells else "")  # type: ignore[arg-type]  # likewise
    parts = parts_of(steps_of(sources, load_catalog()), answered)
    return Unit(id=name, title=heading[1] if heading else name, is_exercise=False, parts=parts)


def _pristine(name: str, problems: list[str]) -> NotebookRead:
    path = materials.course_root() / f"{name}.ipynb"
    try:
        return read_notebook(path.read_bytes())
    except (NotebookError, OSError) as error:
        problems.append(f"The lesson {name} could not be read: {error}")
        return NotebookRead(cells=())


def _exercise(root: Path, task: Exercise, problems: list[str]) -> Unit:
    saved = _saved(root, task, problems)
    done = sum(filled_fields(saved.answers.get(form.id, ""), form, task) for form in task.answers if form.has_text)
    asked = sum(max(1, len(form.fields)) for form in task.answers if form.has_text)
    parts = [Part(kind="field", done=done, asked=asked)]
    if any(_wants_files(form) for form in task.answers):
        captured = saved.path is not None and (saved.path.parent / EVIDENCE / INVENTORY_FILE).is_file()
        parts.append(Part(kind="evidence", done=int(captured), asked=1))
    return Unit(id=task.id, title=task.name, is_exercise=True, parts=tuple(parts))


def _wants_files(form: AnswerForm) -> bool:
    return not form.has_text


def _saved(root: Path, task: Exercise, problems: list[str]) -> Saved:
    saved = saved_work(root, task)
    if saved.problem:
        problems.append(saved.problem)
    return saved
