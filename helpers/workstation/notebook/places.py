"""Find which exercise an answer belongs to, which notebook holds it, and what stands in it."""

import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from difflib import SequenceMatcher
from functools import lru_cache
from itertools import islice
from pathlib import Path

from workstation.answers.notebook import Extracted, extract_answers, read_notebook
from workstation.catalog import Catalog, Exercise, load_catalog
from workstation.errors import NotebookError, UnknownAnswer
from workstation.notebook.boundary import Mode
from workstation.notebook.session import Session

MAX_WANTED = 80  # characters of a name that is none
ALIKE = 0.5
MAX_NOTEBOOKS = 50  # looked at in one folder when nothing names the right one


def exercise_of(answer_id: str, *, folder: Path, catalog: Catalog | None = None) -> Exercise:
    """Find the exercise that has this answer; the one that is named like *folder* wins where several have it.

    Raises:
        UnknownAnswer: no exercise has it; the nearest ids come first.
    """
    exercises = (catalog or load_catalog()).tasks
    holders = [exercise for exercise in exercises.values() if any(form.id == answer_id for form in exercise.answers)]
    if not holders:
        raise UnknownAnswer(answer_id, known=nearest_ids(answer_id, exercises, folder=folder))
    return next((exercise for exercise in holders if exercise.id == folder.name), holders[0])


def nearest_ids(wanted: str, exercises: Mapping[str, Exercise], *, folder: Path | None = None) -> list[str]:
    """List every answer id, the ones most like *wanted* first; among equals, those of *folder*'s own exercise.

    >>> nearest_ids("constraint summary", load_catalog().tasks)[0], nearest_ids("Summary", load_catalog().tasks)[0]
    ('constraint-summary', 'constraint-summary')
    """
    own_first = sorted(exercises.values(), key=lambda exercise: folder is None or exercise.id != folder.name)
    known = list(dict.fromkeys(form.id for exercise in own_first for form in exercise.answers))
    return sorted(known, key=lambda name: -likeness(wanted, name))


def _folded(wanted: str) -> str:
    return "-".join(wanted[:MAX_WANTED].casefold().replace("_", " ").replace("-", " ").split())


def likeness(wanted: str, name: str) -> float:
    """Say how much like an id what was typed is, from 0 to 1; where one holds the other, they mostly mean the same."""
    wanted = _folded(wanted)
    inside = bool(wanted) and (wanted in name or name in wanted)
    likeness = SequenceMatcher(None, wanted, name).ratio()
    return max(likeness, 0.9) if inside else likeness if likeness >= ALIKE else 0.0


def answers_now(exercise: Exercise, *, mode: Mode, folder: Path, session: Session) -> dict[str, str]:
    """Give every answer as it counts now.

    Under nbgrader that is the notebook on disk and nothing else. At work, whichever is newer of the saved notebook and
    what was run counts; after a kernel restart only the notebook is left.

    Raises:
        NotebookError: there is no notebook that can be read, and nothing has been run either.
    """
    if mode != "work":
        return saved_answers(notebook_in(folder, exercise), exercise).answers
    ran = session.all_of(exercise.id)
    try:
        path = notebook_at_work(folder, exercise)
        saved, saved_at_seconds = saved_answers(path, exercise), path.stat().st_mtime
    except NotebookError:
        if ran:
            return ran
        raise
    return saved.answers | session.newer_than(exercise.id, saved_at_seconds)


def notebook_at_work(folder: Path, exercise: Exercise) -> Path:
    """Find the notebook that the learner is working in: the one that JupyterLab names, else the folder's.

    Raises:
        NotebookError: no notebook there holds an answer of this exercise.
    """
    named = os.environ.get("JPY_SESSION_NAME", "")  # set by Jupyter Server; stale after a rename
    for path in (Path(named), folder / Path(named).name):
        if named and path.is_file() and _holds(path, exercise):
            return path
    return notebook_in(folder, exercise)


def notebook_in(folder: Path, exercise: Exercise) -> Path:
    """Find the exercise's notebook in a folder: the one named after it, else the newest that holds an answer.

    Raises:
        NotebookError: there is none.
    """
    usual = folder / f"{exercise.id}.ipynb"
    if usual.is_file():
        return usual
    for path in _newest_notebooks(folder):
        if _holds(path, exercise):
            return path
    raise NotebookError(
        f"No notebook in this folder holds an answer of {exercise.id!r} (looked for {usual.name}). "
        "Save the notebook in the exercise's folder and run this cell again."
    )


def saved_answers(path: Path, exercise: Exercise) -> Extracted:
    """Read the answers in a notebook file.

    Raises:
        NotebookError: the file cannot be read as a notebook.
    """
    try:
        status = path.stat()
        return _extracted(path, status.st_mtime_ns, status.st_size, exercise.id)
    except OSError as error:
        raise NotebookError(f"Reading {path.name} failed: {error.strerror}. Save the notebook and try again.") from None


@lru_cache(maxsize=4)
def _extracted(path: Path, _mtime_ns: int, _size_bytes: int, exercise_id: str) -> Extracted:
    """Read a notebook once per version of the file: large outputs would cost every card their time."""
    return extract_answers(read_notebook(path.read_bytes()).cells, load_catalog().tasks[exercise_id])


def _holds(path: Path, exercise: Exercise) -> bool:
    try:
        found = saved_answers(path, exercise)
    except NotebookError:
        return False
    return sum(problem.code == "answer-missing" for problem in found.problems) < len(found.answers)


def _newest_notebooks(folder: Path) -> Iterator[Path]:
    paths = sorted(folder.glob("*.ipynb"), key=lambda path: path.stat().st_mtime, reverse=True)
    yield from paths[:MAX_NOTEBOOKS]


def cell_on_file(cell_id: str, folder: Path) -> Mapping[str, object] | None:
    """Find the cell with JupyterLab's *cell_id* in the notebooks of a folder, as it was saved last."""
    named = Path(os.environ.get("JPY_SESSION_NAME", ""))
    for path in dict.fromkeys([*([named] if named.is_file() else []), *islice(_newest_notebooks(folder), 3)]):
        with suppress(NotebookError, OSError):
            for cell in read_notebook(path.read_bytes()).cells:
                if cell.get("id") == cell_id:
                    return cell
    return None
