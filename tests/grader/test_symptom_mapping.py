"""Grading symptom-mapping: the recorded draw counts, cases stand beside answers, nobody loses over a name."""

import json
import re
import shutil
from collections.abc import Mapping
from pathlib import Path

import nbformat
import pytest
from grading_kit import MACHINE, ROOT, STAMP, filled, run_nbgrader

from workstation.answers.draws import case_of, document_of, draw_for, read_draw
from workstation.catalog import load_catalog
from workstation.catalog._cases import load_cases
from workstation_grader.batch import grade_cohort
from workstation_grader.course import Course, make_course, open_course
from workstation_grader.feedback import write_feedback
from workstation_grader.jsonl import score_line
from workstation_grader.marks import Marks, read_marks
from workstation_grader.release import generate
from workstation_grader.selftest import model_answers, model_draw, selftest

NAME = "symptom-mapping"
SOLUTION = ROOT / "solutions" / NAME / f"{NAME}.ipynb"
LABELLED = ROOT / "tests/answers/symptom-mapping.jsonl"
CRITERIA = [criterion.id for criterion in load_catalog().exercises[NAME].criteria]
STOCK_CONFIG = """
c = get_config()
c.CourseDirectory.course_id = "stock"
c.ClearSolutions.code_stub = {"python": ""}
"""
MODEL_ID = "course-author"
FULL = 50.0


@pytest.fixture(scope="module")
def released_course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course with the exercise generated once."""
    root = tmp_path_factory.mktemp("released") / "course"
    make_course(root)
    generate(open_course(root), NAME)
    return root


@pytest.fixture
def course(released_course: Path, tmp_path: Path) -> Course:
    """A course of this test's own."""
    shutil.copytree(released_course, tmp_path / "course")
    return open_course(tmp_path / "course")


@pytest.fixture(scope="module")
def answers() -> dict[str, str]:
    """The model answers, to the draw of `MODEL_ID`."""
    return model_answers(SOLUTION, NAME)


@pytest.fixture
def untouched(course: Course) -> dict:
    """The released notebook."""
    return json.loads((course.released / NAME / f"{NAME}.ipynb").read_text(encoding="utf-8"))


def hand_in(root: Path, student: str, notebook: Mapping, draw: object = None) -> Path:
    """Put a submission where collecting would have put it; *draw* is a document, bytes, or `None` for none."""
    folder = root / "collected" / student / NAME
    (folder / "evidence").mkdir(parents=True)
    (folder / "timestamp.txt").write_text(STAMP, encoding="ascii")
    (folder / f"{NAME}.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    shutil.copyfile(MACHINE, folder / "evidence/inventory.json")
    if draw is not None:
        content = draw if isinstance(draw, bytes) else json.dumps(draw).encode()
        (folder / "evidence/draw.json").write_bytes(content)
    return folder


def graded(course: Course, student: str) -> dict:
    """The autograded copy."""
    return json.loads((course.autograded / student / NAME / f"{NAME}.ipynb").read_text(encoding="utf-8"))


def codes(course: Course, student: str) -> list[str]:
    return [problem["code"] for problem in graded(course, student)["metadata"]["workstation"]["problems"]]


def total(course: Course, student: str) -> Marks:
    return read_marks(course.db_url, NAME)[student]


def test_the_selftest_finds_nothing() -> None:
    """Full marks for the model; every known wrong answer loses what it should; every criterion would be missed."""
    cases, failures = selftest(NAME, SOLUTION)

    assert cases > 15
    assert failures == []


def test_the_model_draw_is_derived_and_ships_nowhere() -> None:
    assert model_draw(NAME) == document_of(draw_for(MODEL_ID))
    assert list(ROOT.glob("solutions/**/draw.json")) == []


def test_the_submitters_own_draw_earns_full_marks_without_a_flag(course, untouched, answers) -> None:
    hand_in(course.root, MODEL_ID, filled(untouched, answers), document_of(draw_for(MODEL_ID)))

    grade_cohort(course, NAME)

    assert total(course, MODEL_ID).score == FULL
    assert codes(course, MODEL_ID) == []


def test_somebody_elses_draw_costs_no_point_and_is_flagged(course, untouched, answers) -> None:
    """A learner typed another id than the class knows: the cases that were answered are the ones that count."""
    hand_in(course.root, "ada", filled(untouched, answers), document_of(draw_for(MODEL_ID)))

    grade_cohort(course, NAME)

    assert total(course, "ada").score == FULL
    assert codes(course, "ada") == ["draw-of-another"]


UNUSABLE = {
    "missing": (None, ["draw-missing"]),
    "cut off": (b'{"schema": "workstation.dr', ["draw-damaged"]),
    "not text": (b"\xff\xfe\x00", ["draw-damaged"]),
    "too large": (b" " * 1_500_000, ["file-too-large", "draw-damaged"]),
    "nested too deep": (b"[" * 90_000, ["draw-damaged"]),
    "of another schema": ({"schema": "x"}, ["draw-damaged"]),
    "unknown cases": (document_of(draw_for("ada")) | {"cases": ["nope"] * 8}, ["draw-forged"]),
    "one case eight times": (document_of(draw_for("ada")) | {"cases": ["long-chapter"] * 8}, ["draw-forged"]),
}


@pytest.mark.parametrize(("draw", "told"), UNUSABLE.values(), ids=list(UNUSABLE))
def test_without_a_usable_draw_right_answers_count_and_the_rest_waits_for_a_person(
    course, untouched, answers, draw, told
) -> None:
    """The answers fit the id's own draw: full marks. For another id nothing is refused over the missing file."""
    hand_in(course.root, MODEL_ID, filled(untouched, answers), draw)
    hand_in(course.root, "ada", filled(untouched, answers), draw)

    grade_cohort(course, NAME)

    assert total(course, MODEL_ID).score == FULL
    assert codes(course, MODEL_ID) == codes(course, "ada") == told
    outcomes = {
        criterion["outcome"]
        for cell in graded(course, "ada")["cells"]
        for criterion in cell["metadata"].get("workstation", {}).get("criteria", ())
    }
    assert outcomes == {"met", "needs review"}


def test_blank_answers_without_a_draw_wait_for_nobody(course, untouched) -> None:
    hand_in(course.root, "ada", untouched)

    grade_cohort(course, NAME)

    assert total(course, "ada").score == 0
    assert not any(mark.needs_review for mark in total(course, "ada").cells.values())


def test_each_case_stands_above_its_answer_in_the_graded_copy(course, untouched, answers) -> None:
    draw = document_of(draw_for("bob"))
    hand_in(course.root, "bob", filled(untouched, answers), draw)

    grade_cohort(course, NAME)

    notebook = graded(course, "bob")
    nbformat.validate(nbformat.from_dict(notebook))
    ids = [cell["id"] for cell in notebook["cells"]]
    drawn = read_draw(draw).draw
    for number in range(1, 9):
        place = ids.index(f"drawn-case-{number}")
        told, case = notebook["cells"][place]["source"], case_of(drawn, f"case-{number}")
        assert ids[place + 1] == f"answer-case-{number}"
        assert case.text in told
        assert case.why in told


def test_the_feedback_page_shows_each_case_and_not_what_was_right(course, untouched, answers) -> None:
    hand_in(course.root, "bob", filled(untouched, answers), document_of(draw_for("bob")))
    grade_cohort(course, NAME)

    (page,) = write_feedback(course.autograded, course.feedback, course.db_url, NAME)

    text = re.sub(r"<[^>]+>", " ", page.read_text(encoding="utf-8"))
    for name in draw_for("bob").cases:
        assert load_cases()[name].text[:50].replace('"', "&quot;").replace("'", "&#x27;") in text
        assert load_cases()[name].why not in text


HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>"


def test_hostile_answers_and_draws_stay_text(course, untouched) -> None:
    """A megabyte, markup and a draw full of markup: escaped, bounded, graded."""
    evil = dict.fromkeys(
        (f"case-{number}" for number in range(1, 9)), f"Likely constraint: {HOSTILE}\n" + "x " * 500_000
    )
    draw = {"schema": "workstation.draw/1", "learner": HOSTILE, "cases": [HOSTILE] * 8, "versions": HOSTILE}
    hand_in(course.root, "eve", filled(untouched, evil), draw)
    hand_in(course.root, "mallory", filled(untouched, evil), document_of(draw_for("mallory")) | {"learner": HOSTILE})

    grade_cohort(course, NAME)
    pages = write_feedback(course.autograded, course.feedback, course.db_url, NAME)

    assert codes(course, "eve")[-1] == "draw-forged"
    assert codes(course, "mallory")[-1] == "draw-changed"
    for student, page in zip(("eve", "mallory"), sorted(pages), strict=True):
        assert HOSTILE not in page.read_text(encoding="utf-8")
        markdown = [cell["source"] for cell in graded(course, student)["cells"] if cell["cell_type"] == "markdown"]
        assert not any("<script" in source for source in markdown)
        assert total(course, student).score == 0


def test_a_line_of_json_brings_its_draw(answers) -> None:
    """The same judgement as for a notebook with that draw beside it; without one, a person has to look."""
    line = {"id": "m", "answers": answers, "inventory": None, "draw": document_of(draw_for(MODEL_ID))}

    found = score_line(json.dumps(line), NAME, 1)
    without = score_line(json.dumps(line | {"draw": None}), NAME, 1)

    assert [item["id"] for item in found["criteria"]] == CRITERIA
    assert {item["outcome"] for item in found["criteria"]} == {"met"}
    by_id = {item["id"]: item["outcome"] for item in without["criteria"]}
    assert by_id["case-1.constraint"] == "needs review"
    assert by_id["trade-off.choice"] == "met"
    assert "draw-missing" in [problem["code"] for problem in without["problems"]]


@pytest.mark.parametrize("draw", [7, "x", [], {}, {"schema": "workstation.draw/1", "cases": ["x"]}])
def test_a_foreign_draw_in_a_line_is_a_problem_and_no_error(draw: object) -> None:
    result = score_line(json.dumps({"id": "x", "answers": {}, "draw": draw}), NAME, 1)

    assert len(result["criteria"]) == len(CRITERIA)
    assert [problem["code"] for problem in result["problems"]][-1] in {"draw-damaged", "draw-forged"}


@pytest.mark.parametrize("count", [2, pytest.param(5, marks=pytest.mark.soak)], ids=["some", "more"])
def test_equal_points_from_a_stock_nbgrader_that_executes_everything(
    course: Course, untouched: dict, answers: dict[str, str], tmp_path: Path, count: int
) -> None:
    """Blank, model, somebody else's draw, and labelled answers: test cell by test cell the same points."""
    stock = tmp_path / "stock"
    (stock / "source" / NAME).mkdir(parents=True)
    (stock / "nbgrader_config.py").write_text(STOCK_CONFIG, encoding="utf-8")
    shutil.copyfile(SOLUTION, stock / "source" / NAME / SOLUTION.name)
    assert run_nbgrader(stock, "generate_assignment", NAME).returncode == 0
    entries = [json.loads(line) for line in LABELLED.read_text(encoding="utf-8").splitlines()][:count]
    for root in (course.root, stock):
        hand_in(root, "blank", untouched)
        hand_in(root, MODEL_ID, filled(untouched, answers), document_of(draw_for(MODEL_ID)))
        hand_in(root, "ada", filled(untouched, answers), document_of(draw_for("bob")))
        hand_in(root, "lost", filled(untouched, answers))
        for entry in entries:
            hand_in(root, entry["id"], filled(untouched, entry["answers"]), entry["draw"])

    grade_cohort(course, NAME)
    ours = read_marks(course.db_url, NAME)
    (stock / "collected").rename(stock / "submitted")
    run_nbgrader(stock, "autograde", NAME)
    theirs = read_marks(f"sqlite:///{stock}/gradebook.db", NAME)

    assert_draw_missing(ours.pop("lost"), theirs.pop("lost"))
    assert len(ours) == len(entries) + 3
    assert {who: points(marks) for who, marks in ours.items()} == {who: points(marks) for who, marks in theirs.items()}
    assert len({marks.score for marks in ours.values()}) > 3, "the submissions are varied"


def assert_draw_missing(ours: Marks, stock: Marks) -> None:
    """Row `draw-missing`: stock cannot know who submitted; ours finds right what fits that learner's own draw."""
    assert all(mark.score >= stock.cells[name].score for name, mark in ours.cells.items())
    assert any(mark.needs_review for mark in ours.cells.values())
    assert not any(mark.needs_review for mark in stock.cells.values())


def points(marks: Marks) -> dict[str, float]:
    return {grade_id: mark.score for grade_id, mark in marks.cells.items()}
