"""Releasing: learners get labels and no solutions, and whatever would leak is not released."""

import json
import os
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from grading_kit import EXERCISE, ROOT, SOLUTION

from workstation.answers.parse import parse_fields
from workstation.catalog import load_catalog
from workstation.errors import CohortError
from workstation_grader.course import CONFIG_NAME, Course, make_course, open_course
from workstation_grader.master import grade_id_of
from workstation_grader.release import (
    find_leaks,
    generate,
    regenerate_exercises,
    release_to_exchange,
    release_to_zip,
    solution_texts,
    take_points_from_rubric,
)

FORM = load_catalog().exercises[EXERCISE]


def released_notebook(course: Course) -> Path:
    """The learners' copy in a course folder."""
    return course.released / EXERCISE / f"{EXERCISE}.ipynb"


def edit(path: Path, change: Callable[[dict], object]) -> None:
    """Change a notebook in place."""
    notebook = json.loads(path.read_text(encoding="utf-8"))
    change(notebook)
    path.write_text(json.dumps(notebook), encoding="utf-8")


def markdown(text: str) -> dict:
    """A Markdown cell."""
    return {"cell_type": "markdown", "id": "planted", "metadata": {}, "source": text}


def test_a_released_answer_keeps_its_magic_line_and_its_labels(blank: dict) -> None:
    """Each answer cell starts with its %%answer line, shows every label, and holds nothing else."""
    sources = {
        cell["metadata"]["nbgrader"]["grade_id"]: "".join(cell["source"])
        for cell in blank["cells"]
        if cell["metadata"].get("nbgrader", {}).get("solution")
    }

    assert set(sources) == {form.id for form in FORM.answers if form.has_text}
    for form in filter(lambda form: form.has_text, FORM.answers):
        first, _, body = sources[form.id].partition("\n")
        assert first == f"%%answer {form.id}"
        labels = [field.label for field in form.fields]
        assert [line.strip().rstrip(":") for line in body.splitlines() if line.strip()] == labels
        assert not any(parse_fields(body, form).values())


def test_a_released_copy_holds_no_word_of_the_solution(course: Course) -> None:
    """No marker and no sentence of the solution is anywhere in the released folder."""
    assert solution_texts(SOLUTION), "the solution has answers to look for"
    assert find_leaks(SOLUTION.parent, course.released / EXERCISE) == []
    assert "SOLUTION" not in released_notebook(course).read_text(encoding="utf-8")


def test_exercises_are_what_solutions_give() -> None:
    """The committed exercises/ is what generating from solutions/ gives today: nobody edited it by hand."""
    assert regenerate_exercises(check=True) == []


def test_generating_twice_gives_the_same_bytes(course: Course) -> None:
    """A second generation changes no byte."""
    before = released_notebook(course).read_bytes()

    generate(course, EXERCISE)

    assert released_notebook(course).read_bytes() == before


PLANTED = {
    "a solution's sentence": "{secret}",
    "in other punctuation and case": "**{upper}**!",
    "a solution's marker": "### BEGIN SOLUTION",
    "a hidden test's marker": "### BEGIN HIDDEN TESTS",
    "a path in a home folder": "see {home}/course/solutions",
}


@pytest.mark.parametrize("text", PLANTED.values(), ids=list(PLANTED))
def test_a_leak_is_found_in_any_file(course: Course, home: Path, text: str) -> None:
    """Planted in a cell, or in a file beside the notebook, it is found and its file is named."""
    secret = max(solution_texts(SOLUTION), key=len).replace("\n", " ")
    planted = text.format(secret=secret, upper=secret.upper().replace(",", " - "), home=home)
    folder = course.released / EXERCISE
    edit(released_notebook(course), lambda notebook: notebook["cells"].append(markdown(planted)))
    (folder / "data").mkdir()
    (folder / "data/notes.txt").write_text(planted, encoding="utf-8")

    assert {leak.file for leak in find_leaks(SOLUTION.parent, folder)} == {f"{EXERCISE}.ipynb", "data/notes.txt"}


def test_a_leaking_copy_is_taken_back(course: Course) -> None:
    """A solution's sentence in an ordinary cell: nothing is released, the copy is gone, the message names the file."""
    secret = max(solution_texts(SOLUTION), key=len)
    source = course.root / "solutions" / EXERCISE / f"{EXERCISE}.ipynb"
    edit(source, lambda notebook: notebook["cells"].append(markdown(f"Such as: {secret}")))

    with pytest.raises(CohortError, match=rf"would leak:\n  {EXERCISE}\.ipynb: solution text"):
        generate(course, EXERCISE)

    assert not (course.released / EXERCISE).exists()


def test_a_test_cell_beside_the_rubric_is_not_released(course: Course) -> None:
    """Points that are not the rubric's stop the release."""

    def more_points(notebook: dict) -> None:
        cell = next(cell for cell in notebook["cells"] if cell["metadata"].get("nbgrader", {}).get("grade"))
        cell["metadata"]["nbgrader"]["points"] = 99

    edit(course.root / "solutions" / EXERCISE / f"{EXERCISE}.ipynb", more_points)

    with pytest.raises(CohortError, match="rubric disagree"):
        generate(course, EXERCISE)


def test_a_solution_that_cannot_be_generated_says_why(course: Course) -> None:
    """Nbgrader's own reason is given, without its traceback."""
    source = course.root / "solutions" / EXERCISE / f"{EXERCISE}.ipynb"

    def again(notebook: dict) -> None:
        cell = next(cell for cell in notebook["cells"] if grade_id_of(cell) == "check-workload-1")
        notebook["cells"].append(dict(cell, id="again"))

    edit(source, again)

    with pytest.raises(CohortError, match="could not generate") as caught:
        generate(course, EXERCISE)

    assert "Traceback" not in str(caught.value)
    assert "\nDuplicate grade id: check-workload-1\n" in str(caught.value)


def test_a_misspelt_name_offers_the_near_one(course: Course) -> None:
    """An unknown exercise names the nearest known one, else all of them."""
    with pytest.raises(CohortError, match=f"Did you mean '{EXERCISE}'"):
        generate(course, "constraint-sumary")
    with pytest.raises(CohortError, match=rf"There are: .*{EXERCISE}"):
        generate(course, "zzz")


def test_a_course_does_not_lie_in_the_repository() -> None:
    """Learners' work never lies among tracked files."""
    with pytest.raises(CohortError, match="inside the repository"):
        make_course(ROOT / "cohort")

    assert not (ROOT / "cohort").exists()


def test_a_course_is_refreshed_and_its_configuration_kept(tmp_path: Path) -> None:
    """Made again, a course takes the repository's solutions, and keeps what the instructor configured."""
    root = tmp_path / "course"
    make_course(root)
    (root / CONFIG_NAME).write_text("# mine", encoding="utf-8")
    (root / "solutions" / EXERCISE / f"{EXERCISE}.ipynb").write_text("stale", encoding="utf-8")

    make_course(root)

    assert (root / CONFIG_NAME).read_text(encoding="utf-8") == "# mine"
    assert (root / "solutions" / EXERCISE / f"{EXERCISE}.ipynb").read_bytes() == SOLUTION.read_bytes()
    assert not list(root.rglob("evidence")), "what an author tried out stays behind"


@pytest.mark.skipif(os.name == "nt", reason="Windows has no modes")
def test_a_course_is_for_its_owner_alone(tmp_path: Path) -> None:
    """Solutions and grades are not for others on the same machine, also where the folder was open before."""
    root = tmp_path / "course"
    root.mkdir(mode=0o755)

    make_course(root)

    assert root.stat().st_mode & 0o777 == 0o700


def test_a_zip_holds_the_exercise_and_nothing_else(course: Course, tmp_path: Path) -> None:
    """What goes on the course page is the released folder, under the exercise's name."""
    release_to_zip(course, EXERCISE, tmp_path / "page.zip")

    with zipfile.ZipFile(tmp_path / "page.zip") as archive:
        held = {name: archive.read(name) for name in archive.namelist()}
    assert held == {f"{EXERCISE}/{EXERCISE}.ipynb": released_notebook(course).read_bytes()}


def test_the_rubric_is_the_home_of_the_points(tmp_path: Path) -> None:
    """Points written into a solution are replaced by the rubric's, once."""
    copy = tmp_path / "copy.ipynb"
    shutil.copyfile(SOLUTION, copy)

    def other_points(notebook: dict) -> None:
        for cell in notebook["cells"]:
            if cell["metadata"].get("nbgrader", {}).get("grade"):
                cell["metadata"]["nbgrader"]["points"] = 1

    edit(copy, other_points)

    assert take_points_from_rubric(copy, EXERCISE)
    assert json.loads(copy.read_text(encoding="utf-8")) == json.loads(SOLUTION.read_text(encoding="utf-8"))
    assert not take_points_from_rubric(copy, EXERCISE)


@pytest.mark.skipif(os.name == "nt", reason="nbgrader's exchange does not run there")
def test_an_exchange_that_cannot_be_made_is_one_sentence(
    course: Course, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """What the exchange refused is said, with the way without one; nbgrader's own log stays out of the terminal."""
    (tmp_path / "file").write_text("no folder", encoding="utf-8")
    config = course.root / CONFIG_NAME
    root = str(tmp_path / "file" / "exchange")
    config.write_text(f"{config.read_text(encoding='utf-8')}\nc.Exchange.root = {root!r}\n", encoding="utf-8")

    with pytest.raises(CohortError, match=r"--zip FILE") as caught:
        release_to_exchange(open_course(course.root), EXERCISE)

    assert "Traceback" not in str(caught.value)
    assert root in str(caught.value)
    assert capfd.readouterr() == ("", "")
