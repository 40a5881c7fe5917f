"""Beside a stock nbgrader that executes everything: equal points on untouched cells, and each allowed difference named.

The rows of ``autograder/DIFFERENCES.md`` are these tests' ids; a row without a test, or a test without a row, fails.
"""

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from grading_kit import EXERCISE, ROOT, filled, hand_in, run_nbgrader

from workstation_grader.batch import grade_cohort
from workstation_grader.course import Course
from workstation_grader.marks import Marks, read_marks

STOCK_CONFIG = """
c = get_config()
c.CourseDirectory.course_id = "stock"
c.ClearSolutions.code_stub = {"python": ""}
"""
ELSEWHERE = "draw-missing"  # symptom-mapping only: beside its own equal points, in test_symptom_mapping.py
LABELLED = ROOT / "tests/answers/constraint-summary.jsonl"


@pytest.fixture(scope="module")
def stock_released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course of a stock nbgrader with its own, ordinary configuration."""
    root = tmp_path_factory.mktemp("stock")
    (root / "nbgrader_config.py").write_text(STOCK_CONFIG, encoding="utf-8")
    source = root / "source" / EXERCISE
    source.mkdir(parents=True)
    solution = ROOT / "solutions" / EXERCISE / f"{EXERCISE}.ipynb"
    (source / solution.name).write_bytes(solution.read_bytes())
    run = run_nbgrader(root, "generate_assignment", EXERCISE)
    assert run.returncode == 0, run.stderr
    return root


def grade_with_stock(root: Path, *, one_by_one: bool = False) -> dict[str, Marks]:
    """Move what was handed in to where stock nbgrader looks, let it execute, and read its gradebook."""
    (root / "collected").rename(root / "submitted")
    who = sorted(path.name for path in (root / "submitted").iterdir()) if one_by_one else ["*"]
    for student in who:
        run_nbgrader(root, "autograde", EXERCISE, "--student", student)
    marks = read_marks(f"sqlite:///{root}/gradebook.db", EXERCISE)
    (root / "submitted").rename(root / f"done-{len(list(root.glob('done-*')))}")
    return marks


def labelled() -> list[dict]:
    """The labelled answers, with their machines."""
    return [json.loads(line) for line in LABELLED.read_text(encoding="utf-8").splitlines()]


def _machine(entry: Mapping) -> bytes | None:
    return None if entry["inventory"] is None else json.dumps(entry["inventory"]).encode()


@pytest.mark.parametrize(
    "which", [slice(9, 40, 4), pytest.param(slice(40), marks=pytest.mark.soak)], ids=["some", "all"]
)
def test_equal_points_on_untouched_cells(
    course: Course, stock_released: Path, blank: dict, model: dict[str, str], which: slice
) -> None:
    """Varied submissions, more than 30 in the long run, get the same points, test cell by test cell, from both."""
    entries = labelled()[which]
    for root in (course.root, stock_released):
        hand_in(root, "blank", blank, machine=None)
        hand_in(root, "model", filled(blank, model))
        for entry in entries:
            hand_in(root, entry["id"], filled(blank, entry["answers"]), machine=_machine(entry))

    grade_cohort(course, EXERCISE)
    ours = read_marks(course.db_url, EXERCISE)
    stock = grade_with_stock(stock_released)

    assert len(ours) == len(entries) + 2
    assert {who: _scores(marks) for who, marks in ours.items()} == {who: _scores(stock[who]) for who in ours}
    assert len({marks.score for marks in ours.values()}) > 5, "the submissions are varied"


def _scores(marks: Marks) -> dict[str, float]:
    return {grade_id: mark.score for grade_id, mark in marks.cells.items()}


def _edited(notebook: dict, grade_id: str, **changes: object) -> dict:
    for cell in notebook["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("grade_id") == grade_id:
            cell.update(changes)
    return notebook


def _with_code(notebook: dict, code: str) -> dict:
    cell = {"cell_type": "code", "id": "own", "metadata": {}, "outputs": [], "execution_count": None, "source": code}
    notebook["cells"].insert(0, cell)
    return notebook


def _without(notebook: dict, grade_id: str) -> dict:
    kept = [cell for cell in notebook["cells"] if cell["metadata"].get("nbgrader", {}).get("grade_id") != grade_id]
    return notebook | {"cells": kept}


def _copied(notebook: dict, grade_id: str, source: str) -> dict:
    cells = notebook["cells"]
    place = next(i for i, cell in enumerate(cells) if cell["metadata"].get("nbgrader", {}).get("grade_id") == grade_id)
    cells.insert(place + 1, dict(cells[place], id="copied", source=source))
    return notebook


CHEAT = "import workstation\nworkstation.check = lambda *_, **__: 1.5"
TAMPERED: dict[str, Callable[[dict], object]] = {
    "unreadable": lambda _: b"{",
    "test-cell-deleted": lambda notebook: _without(notebook, "check-workload-1"),
    "answer-repeated-blank": lambda notebook: _copied(notebook, "workload", "%%answer workload\n"),
    "program-changed": lambda notebook: _with_code(_edited(notebook, "workload", source="%%answer workload\n"), CHEAT),
    "kernel-killed": lambda notebook: _with_code(notebook, "import os\nos._exit(1)"),
}


@pytest.fixture(scope="module")
def tampered(stock_released: Path, released: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[dict, dict]:
    """Grade every tampered submission with both; give (ours, stock)."""
    import shutil

    from grading_kit import SOLUTION

    from workstation_grader.course import open_course
    from workstation_grader.selftest import model_answers

    root = tmp_path_factory.mktemp("tampered") / "course"
    shutil.copytree(released, root)
    course = open_course(root)
    answers = model_answers(SOLUTION, EXERCISE)
    blank = json.loads((course.released / EXERCISE / f"{EXERCISE}.ipynb").read_text(encoding="utf-8"))
    for name, tamper in TAMPERED.items():
        for place in (root, stock_released):
            hand_in(place, name, tamper(filled(blank, answers)))
    for place in (root, stock_released):
        hand_in(place, "in-review", filled(blank, answers), machine=None)
    grade_cohort(course, EXERCISE)
    return read_marks(course.db_url, EXERCISE), grade_with_stock(stock_released, one_by_one=True)


def test_unreadable(tampered: tuple[dict, dict]) -> None:
    """Stock leaves no score and no copy; ours records it as waiting for a person."""
    ours, stock = tampered
    assert all(mark.needs_review for mark in ours["unreadable"].cells.values())
    assert "unreadable" not in stock or all(mark.score == 0 for mark in stock["unreadable"].cells.values())


def test_test_cell_deleted(tampered: tuple[dict, dict]) -> None:
    """Stock cannot score a test cell that is gone; ours takes it from the master."""
    ours, stock = (side["test-cell-deleted"].cells["check-workload-1"] for side in tampered)
    assert ours.score == ours.max_score
    assert (stock.score, stock.needs_review) == (0, True)


def test_answer_repeated_blank(tampered: tuple[dict, dict]) -> None:
    """A copied answer cell stops stock's whole batch; ours reads the last filled copy and goes on."""
    ours, stock = (side["answer-repeated-blank"] for side in tampered)
    assert ours.score == ours.max_score
    assert stock.score == 0


def test_program_changed(tampered: tuple[dict, dict]) -> None:
    """Stock gives a learner who rewrites our function its points; ours never runs it."""
    ours, stock = (side["program-changed"].cells["check-workload-1"] for side in tampered)
    assert ours.score == 0
    assert stock.score > 0


def test_kernel_killed(tampered: tuple[dict, dict]) -> None:
    """Stock loses the whole submission with its kernel; ours has no kernel to lose."""
    ours, stock = tampered
    assert ours["kernel-killed"].score == ours["kernel-killed"].max_score
    assert stock.get("kernel-killed", Marks()).score == 0


def test_in_review(tampered: tuple[dict, dict]) -> None:
    """A criterion that rules cannot judge: equal points, and only ours asks a person."""
    ours, stock = (side["in-review"].cells for side in tampered)
    assert {name: mark.score for name, mark in ours.items()} == {name: mark.score for name, mark in stock.items()}
    assert any(mark.needs_review for mark in ours.values())
    assert not any(mark.needs_review for mark in stock.values())


def test_manual_score_kept_resolved(course: Course, submit: Callable[..., Path]) -> None:
    """Stock asks for a second look after every regrade; ours only where the automatic score moved."""
    from nbgrader.api import Gradebook

    submit("ada")
    grade_cohort(course, EXERCISE)
    with Gradebook(course.db_url, course.course_id) as gradebook:
        grade = gradebook.find_grade("check-workload-1", EXERCISE, EXERCISE, "ada")
        grade.manual_score, grade.needs_manual_grade = 0.5, False
        gradebook.db.commit()

    grade_cohort(course, EXERCISE, which="all")

    assert not read_marks(course.db_url, EXERCISE)["ada"].cells["check-workload-1"].needs_review


def test_every_difference_has_its_row_and_its_test() -> None:
    """The published table and these tests name the same differences."""
    table = (ROOT / "autograder/DIFFERENCES.md").read_text(encoding="utf-8")
    rows = set(re.findall(r"^\| `([a-z-]+)`", table, re.MULTILINE))

    assert rows == set(TAMPERED) | {"in-review", "manual-score-kept-resolved", ELSEWHERE}
    assert f"assert_{ELSEWHERE.replace('-', '_')}(" in Path(__file__).with_name("test_symptom_mapping.py").read_text(
        "utf-8"
    )
    for row in rows - {ELSEWHERE}:
        assert f"test_{row.replace('-', '_')}" in globals(), row
