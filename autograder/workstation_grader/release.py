"""Generate the learners' copy from the solution, make sure that nothing leaks, and release it.

`solutions/` is the only place where a person edits an assignment; `exercises/` in the repository is what this module
makes of it, and CI fails where the two drift apart.
"""

import difflib
import io
import json
import shutil
import tempfile
import zipfile
from pathlib import Path

from workstation.answers.score import test_cells
from workstation.errors import CohortError
from workstation.outputs import write_new
from workstation_grader.course import (
    CONFIG_NAME,
    Course,
    checkout_root,
    make_course,
    open_course,
    why_it_failed,
    working_in,
)
from workstation_grader.leaks import Leak, find_leaks, require_clean, secrets_of_course, solution_texts
from workstation_grader.master import grade_id_of, is_grade
from workstation_grader.record import prepare_gradebook


def source_of_exercise(course: Course, exercise: str) -> Path:
    """Find the solution of *exercise* in the course folder.

    Raises:
        CohortError: there is none; names the nearest one, or all.
    """
    source = course.root / "solutions" / exercise
    if not (source / f"{exercise}.ipynb").is_file():
        known = sorted(path.name for path in (course.root / "solutions").iterdir() if path.is_dir())
        near = difflib.get_close_matches(exercise, known, n=1)
        hint = f" Did you mean {near[0]!r}?" if near else f" There are: {', '.join(known)}."
        raise CohortError(f"There is no solution {exercise!r} to release.{hint}")
    return source


def generate(course: Course, exercise: str) -> Path:
    """Generate the learners' copy of *exercise* in the course folder and enter it in the gradebook.

    Raises:
        CohortError: there is no such solution, nbgrader could not generate it, or it would leak.
    """
    source = source_of_exercise(course, exercise)
    prepare_gradebook(
        course.db_url, course.course_id
    )  # nbgrader's words on a server that it cannot use are a traceback
    with working_in(course.root):
        outcome = course.api.generate_assignment(exercise)
    if not outcome["success"]:
        raise CohortError(f"nbgrader could not generate {exercise!r}:\n{why_it_failed(outcome)}")
    released = course.released / exercise
    tidy_notebook(released / f"{exercise}.ipynb")
    leaks = find_leaks(source, released, secrets_of_course(course, exercise))
    if leaks:
        shutil.rmtree(released)
    require_clean(exercise, leaks)
    course.master(exercise).test_cells  # noqa: B018 - raises where notebook and rubric disagree
    return released


def tidy_notebook(path: Path) -> None:
    """Write a notebook in one canonical form, so that generating it twice gives the same bytes."""
    notebook = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(notebook, ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def release_to_exchange(course: Course, exercise: str) -> None:
    """Release a generated exercise through nbgrader's exchange.

    Raises:
        CohortError: the exchange is not writable, or the copy would leak.
    """
    _look_again(course, exercise)
    with working_in(course.root):
        course.app.config.ExchangeReleaseAssignment.force = True
        outcome = course.api.release_assignment(exercise)
    if not outcome["success"]:
        raise CohortError(
            f"The exchange refused {exercise!r}:\n{why_it_failed(outcome)}\n"
            "Release with --zip FILE instead, or set c.Exchange.root in nbgrader_config.py."
        )


def release_to_zip(course: Course, exercise: str, target: Path) -> None:
    """Pack a generated exercise into a new zip for an LMS page.

    Raises:
        CohortError: something came into it since it was generated that would leak.
    """
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted((course.released / exercise).rglob("*")):
            if path.is_file():
                archive.write(path, f"{exercise}/{path.relative_to(course.released / exercise).as_posix()}")
    _look_again(course, exercise)
    write_new(target, packed.getvalue(), option="--zip")


def _look_again(course: Course, exercise: str) -> None:
    """Scan the learners' copy as it is handed out: somebody may have put something beside it since."""
    released = course.released / exercise
    require_clean(
        exercise, find_leaks(source_of_exercise(course, exercise), released, secrets_of_course(course, exercise))
    )


def take_points_from_rubric(notebook: Path, exercise: str) -> bool:
    """Write the rubric's points into a solution's test cells, their only home being the rubric; tell if any moved."""
    loaded = json.loads(notebook.read_text(encoding="utf-8"))
    points = {f"check-{cell.answer}-{cell.group}": cell.points for cell in test_cells(exercise)}
    stale = [
        cell["metadata"]["nbgrader"]
        for cell in filter(is_grade, loaded["cells"])
        if cell["metadata"]["nbgrader"].get("points") != points.get(grade_id_of(cell))
    ]
    for metadata in stale:
        metadata["points"] = points.get(metadata["grade_id"], 0.0)
    if stale:
        notebook.write_text(json.dumps(loaded, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return bool(stale)


def regenerate_exercises(*, check: bool) -> list[str]:
    """Make the repository's `exercises/` anew from `solutions/`; with *check*, only name what has drifted."""
    checkout = checkout_root()
    drifted = []
    for source in () if check else sorted((checkout / "solutions").glob("*/*.ipynb")):
        take_points_from_rubric(source, source.stem)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        make_course(root)
        course = open_course(root)
        for source in sorted(path for path in (checkout / "solutions").iterdir() if path.is_dir()):
            fresh, committed = generate(course, source.name), checkout / "exercises" / source.name
            if _same_tree(fresh, committed):
                continue
            drifted.append(source.name)
            if not check:
                shutil.rmtree(committed, ignore_errors=True)
                shutil.copytree(fresh, committed)
    return drifted


def _same_tree(left: Path, right: Path) -> bool:
    def content(root: Path) -> dict[str, bytes]:
        files = (path for path in root.rglob("*") if path.is_file() and ".ipynb_checkpoints" not in path.parts)
        return {path.relative_to(root).as_posix(): path.read_bytes() for path in files}

    return right.is_dir() and content(left) == content(right)


__all__ = [
    "CONFIG_NAME",
    "Leak",
    "find_leaks",
    "generate",
    "regenerate_exercises",
    "release_to_exchange",
    "release_to_zip",
    "solution_texts",
]
