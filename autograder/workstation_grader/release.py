"""Generate the learners' copy from the solution, make sure that nothing leaks, and release it.

`solutions/` is the only place where a person edits an assignment; `exercises/` in the repository is what this module
makes of it, and CI fails where the two drift apart.
"""

import difflib
import io
import json
import re
import shutil
import tempfile
import zipfile
from dataclasses import dataclass
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
from workstation_grader.master import grade_id_of, is_grade, is_solution, source_of

_SOLUTION = re.compile(r"###\s*BEGIN SOLUTION\s*\n(.*?)###\s*END SOLUTION", re.DOTALL)
_INSTRUCTOR_WORDS = ("BEGIN SOLUTION", "END SOLUTION", "BEGIN HIDDEN TESTS", "BEGIN MARK SCHEME")
MIN_LEAK_WORDS = 5  # shorter runs ("laptop-first", "16 GB") are vocabulary, not answers


@dataclass(frozen=True, kw_only=True)
class Leak:
    """Something in a released folder that belongs to instructors."""

    file: str
    what: str


def words_of(text: str) -> list[str]:
    """Split a text into lower-case words, for comparing what matters."""
    return re.findall(r"[a-z0-9]+", text.lower())


def solution_texts(notebook: Path) -> list[str]:
    """Collect the texts between solution markers of a source notebook."""
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    return [match.strip() for cell in cells if is_solution(cell) for match in _SOLUTION.findall(source_of(cell))]


def find_leaks(source: Path, released: Path) -> list[Leak]:
    """Look in a released folder for solution text, instructor markers, instructor paths and files not meant for it."""
    runs = [words_of(text) for notebook in source.glob("*.ipynb") for text in solution_texts(notebook)]
    secrets = {" ".join(run) for run in runs if len(run) >= MIN_LEAK_WORDS}
    home = str(Path.home())
    leaks: list[Leak] = []
    for path in sorted(path for path in released.rglob("*") if path.is_file()):
        name = path.relative_to(released).as_posix()
        text = path.read_text(encoding="utf-8", errors="replace")
        flat = " ".join(words_of(text.replace("\\n", " ")))
        leaks += [Leak(file=name, what=f"solution text: {secret[:60]!r}") for secret in secrets if secret in flat]
        leaks += [Leak(file=name, what=f"instructor marker {word!r}") for word in _INSTRUCTOR_WORDS if word in text]
        if len(home) > len("/root") and home in text:
            leaks.append(Leak(file=name, what="a path in the instructor's home folder"))
    return leaks


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
    with working_in(course.root):
        outcome = course.api.generate_assignment(exercise)
    if not outcome["success"]:
        raise CohortError(f"nbgrader could not generate {exercise!r}:\n{why_it_failed(outcome)}")
    released = course.released / exercise
    tidy_notebook(released / f"{exercise}.ipynb")
    leaks = find_leaks(source, released)
    if leaks:
        listing = "\n".join(f"  {leak.file}: {leak.what}" for leak in leaks)
        shutil.rmtree(released)
        raise CohortError(f"{exercise!r} was not released, because its learners' copy would leak:\n{listing}")
    course.master(exercise).test_cells  # noqa: B018 - raises where notebook and rubric disagree
    return released


def tidy_notebook(path: Path) -> None:
    """Write a notebook in one canonical form, so that generating it twice gives the same bytes."""
    notebook = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(notebook, ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def release_to_exchange(course: Course, exercise: str) -> None:
    """Release a generated exercise through nbgrader's exchange.

    Raises:
        CohortError: the exchange is not writable.
    """
    with working_in(course.root):
        course.app.config.ExchangeReleaseAssignment.force = True
        outcome = course.api.release_assignment(exercise)
    if not outcome["success"]:
        raise CohortError(
            f"The exchange refused {exercise!r}:\n{why_it_failed(outcome)}\n"
            "Release with --zip FILE instead, or set c.Exchange.root in nbgrader_config.py."
        )


def release_to_zip(course: Course, exercise: str, target: Path) -> None:
    """Pack a generated exercise into a new zip for an LMS page."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted((course.released / exercise).rglob("*")):
            if path.is_file():
                archive.write(path, f"{exercise}/{path.relative_to(course.released / exercise).as_posix()}")
    write_new(target, packed.getvalue(), option="--zip")


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
