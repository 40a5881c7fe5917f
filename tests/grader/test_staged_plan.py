"""The exercise staged-plan in a course: its three states, the seed that only the course holds, and stock nbgrader."""

import json
import os
import shutil
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest
from grading_kit import ROOT, STAMP, Terminal, filled, run_nbgrader

from workstation_grader.batch import grade_cohort
from workstation_grader.course import Course, make_course, open_course
from workstation_grader.export import rows
from workstation_grader.feedback import write_feedback
from workstation_grader.jsonl import score_lines
from workstation_grader.marks import Marks, read_marks
from workstation_grader.release import generate, release_to_zip
from workstation_grader.seeds import SEED_NAME
from workstation_grader.selftest import model_answers

NAME = "staged-plan"
SOLUTION = ROOT / "solutions" / NAME / f"{NAME}.ipynb"
LABELLED = ROOT / "tests/answers/staged-plan.jsonl"
POINTS = 40.0
STOCK = 'c = get_config()\nc.CourseDirectory.course_id = "stock"\nc.ClearSolutions.code_stub = {"python": ""}\n'


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course folder in which the exercise was generated."""
    root = tmp_path_factory.mktemp("made") / "course"
    make_course(root)
    generate(open_course(root), NAME)
    return root


@pytest.fixture
def plans(made: Path, tmp_path: Path) -> Course:
    """Such a folder of this test's own."""
    shutil.copytree(made, tmp_path / "course")
    return open_course(tmp_path / "course")


@pytest.fixture(scope="module")
def blank(made: Path) -> dict:
    """The released notebook."""
    return json.loads((made / "exercises" / NAME / f"{NAME}.ipynb").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def model() -> dict[str, str]:
    """The solution's answers."""
    return model_answers(SOLUTION, NAME)


def hand_in(root: Path, student: str, notebook: Mapping) -> None:
    """Put a submission where collecting would have put it."""
    folder = root / "collected" / student / NAME
    folder.mkdir(parents=True)
    (folder / "timestamp.txt").write_text(STAMP, encoding="ascii")
    (folder / f"{NAME}.ipynb").write_text(json.dumps(notebook), encoding="utf-8")


def marks_of(course: Course) -> dict[str, Marks]:
    """Grade and read the gradebook."""
    grade_cohort(course, NAME)
    return read_marks(course.db_url, NAME)


def test_untouched_earns_nothing_the_solution_all_and_a_mistake_what_it_should(
    plans: Course, blank: dict, model: dict[str, str]
) -> None:
    """The three states of an exercise."""
    hasty = {**model, "plan": model["plan"].replace("keep the laptop, and log", "buy a desktop, and log")}
    for student, notebook in {"blank": blank, "model": filled(blank, model), "hasty": filled(blank, hasty)}.items():
        hand_in(plans.root, student, notebook)

    found = marks_of(plans)

    assert {student: marks.score for student, marks in found.items()} == {"blank": 0, "model": POINTS, "hasty": 32}
    assert not any(mark.needs_review for marks in found.values() for mark in marks.cells.values())


@pytest.mark.skipif(os.name == "nt", reason="Windows has no modes")
def test_the_seed_is_drawn_once_and_for_its_owner_alone(plans: Course, tmp_path: Path) -> None:
    """Another course has another seed; the same one keeps its own."""
    make_course(tmp_path / "other")
    make_course(plans.root)

    assert (plans.root / SEED_NAME).stat().st_mode & 0o777 == 0o600
    assert plans.seed is not None
    assert len(plans.seed) == 32
    assert open_course(plans.root).seed == plans.seed
    assert open_course(tmp_path / "other").seed != plans.seed


def test_nbgrader_itself_reads_the_same_seed(plans: Course) -> None:
    """The command line and Formgrader's button try plans on the same weeks as we do."""
    from workstation_grader.steps import ScoreAnswers

    assert ScoreAnswers(parent=plans.app).seed == plans.seed


def test_the_seed_stands_in_nothing_that_leaves_the_course(
    plans: Course, blank: dict, model: dict[str, str], tmp_path: Path
) -> None:
    """Neither released files, nor graded copies, feedback, export or the repository hold it."""
    hand_in(plans.root, "ada", filled(blank, model))
    marks_of(plans)
    write_feedback(plans.autograded, plans.feedback, plans.db_url, NAME)
    release_to_zip(plans, NAME, tmp_path / "page.zip")

    with zipfile.ZipFile(tmp_path / "page.zip") as archive:
        packed = b"".join(archive.read(name) for name in archive.namelist())
    texts = [path.read_bytes() for path in plans.root.rglob("*") if path.is_file() and path.name != SEED_NAME]
    assert all(plans.seed.encode() not in text for text in [*texts, packed, repr(rows(plans, NAME)).encode()])
    assert not (ROOT / "autograder" / SEED_NAME).exists()


def test_feedback_names_the_half_year_and_the_week_that_decided(
    plans: Course, blank: dict, model: dict[str, str]
) -> None:
    """A learner can see why, without the figures' seed."""
    spiky = model["plan"].replace("swap_used_gib > 1.5 for 3 weeks", "swap_used_gib > 1.5")
    hand_in(plans.root, "ada", filled(blank, {**model, "plan": spiky}))
    marks_of(plans)
    write_feedback(plans.autograded, plans.feedback, plans.db_url, NAME)

    page = next(plans.feedback.rglob("*.html")).read_text(encoding="utf-8")

    assert "One bad week does not make the plan buy" in page
    assert "in week 1" in page or "in week 4" in page
    assert "where only one week hurts" in page


def test_a_regrade_comes_to_the_same_points(plans: Course, blank: dict) -> None:
    """Drawn anew, the weeks are the same ones."""
    for entry in labelled()[:6]:
        hand_in(plans.root, entry["id"], filled(blank, entry["answers"]))
    first = {student: marks.score for student, marks in marks_of(plans).items()}

    grade_cohort(plans, NAME, which="all")

    assert {student: marks.score for student, marks in read_marks(plans.db_url, NAME).items()} == first


def test_seeds_move_no_labelled_answer(plans: Course) -> None:
    """What the class's own weeks decide is what the open ones decide, on all labelled answers."""
    from workstation.answers.model import Evidence
    from workstation.answers.score import score

    for entry in labelled():
        outcomes = [
            [each.outcome for each in score(NAME, entry["answers"], Evidence(), seed=s)] for s in (None, plans.seed)
        ]
        assert outcomes[0] == outcomes[1], entry["id"]


@pytest.mark.parametrize("step", [6, pytest.param(3, marks=pytest.mark.soak)], ids=["some", "more"])
def test_equal_points_on_untouched_cells_without_a_seed(
    plans: Course, blank: dict, model: dict[str, str], tmp_path: Path, step: int
) -> None:
    """A stock nbgrader has no seed of ours: on the open half-years both give the same points, cell by cell."""
    (plans.root / SEED_NAME).unlink()
    root = tmp_path / "stock"
    source = root / "source" / NAME
    source.mkdir(parents=True)
    (root / "nbgrader_config.py").write_text(STOCK, encoding="utf-8")
    shutil.copyfile(SOLUTION, source / SOLUTION.name)
    assert run_nbgrader(root, "generate_assignment", NAME).returncode == 0
    entries = {"blank": blank, "model": filled(blank, model)}
    entries |= {entry["id"]: filled(blank, entry["answers"]) for entry in labelled()[1::step]}
    for folder in (plans.root, root):
        for student, notebook in entries.items():
            hand_in(folder, student, notebook)

    ours = marks_of(open_course(plans.root))
    (root / "collected").rename(root / "submitted")
    run_nbgrader(root, "autograde", NAME)
    stock = read_marks(f"sqlite:///{root}/gradebook.db", NAME)

    assert set(ours) == set(entries)
    assert _scores(ours) == _scores(stock)
    assert len({marks.score for marks in ours.values()}) > 3, "the submissions are varied"


def test_lines_are_scored_on_the_open_half_years() -> None:
    """``score staged-plan --jsonl`` knows no course."""
    results = list(score_lines(LABELLED.read_text(encoding="utf-8").splitlines(), NAME))

    assert len(results) == 28
    assert all(len(result["criteria"]) == 16 for result in results)


def test_the_self_test_passes(plans: Course, capsys: pytest.CaptureFixture[str]) -> None:
    """Each criterion removed or inverted is noticed, each known wrong answer loses what it should."""
    terminal = Terminal(plans.root, capsys)

    assert terminal("selftest", NAME) == 0
    assert "0 failures" in terminal.out


def labelled() -> list[dict]:
    """The labelled answers."""
    return [json.loads(line) for line in LABELLED.read_text(encoding="utf-8").splitlines()]


def _scores(found: Mapping[str, Marks]) -> dict[str, dict[str, float]]:
    return {who: {cell: mark.score for cell, mark in marks.cells.items()} for who, marks in found.items()}
