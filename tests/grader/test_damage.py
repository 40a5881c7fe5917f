"""Every kind of damaged submission gets its own clear outcome, and the rest of the batch is graded."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from grading_kit import EXERCISE, MACHINE, filled, hand_in

from workstation_grader.batch import grade_cohort
from workstation_grader.course import Course
from workstation_grader.grade import Graded, grade_submission
from workstation_grader.marks import read_marks
from workstation_grader.submission import read_submission


def grade_one(course: Course, folder: Path) -> Graded:
    """Grade one folder as the batch would."""
    submission = read_submission(folder, student=folder.parent.name, exercise=EXERCISE)
    return grade_submission(submission, course.master(EXERCISE))


def codes(graded: Graded) -> set[str]:
    """The kinds of problems that a submission had."""
    return {problem.code for problem in graded.problems}


@pytest.fixture
def full(course: Course, submit: Callable[..., Path]) -> float:
    """The points of the model answers."""
    return grade_one(course, submit("model")).earned


def test_the_model_earns_every_point(course: Course, full: float) -> None:
    """The undamaged model submission earns the exercise's maximum."""
    assert full == sum(cell.points for cell in course.master(EXERCISE).test_cells.values())


UNREADABLE = {
    "not JSON": b"PK\x03\x04 this is no notebook",
    "empty": b"",
    "a JSON list": b"[1, 2, 3]",
    "no cells": b'{"metadata": {}, "nbformat": 4, "nbformat_minor": 5}',
    "cells of another kind": b'{"cells": 7, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}',
    "nested too deeply": b"[" * 200_000 + b"]" * 200_000,
    "truncated": b'{"cells": [{"cell_type": "code", "source": "%%answer workl',
}


@pytest.mark.parametrize("content", UNREADABLE.values(), ids=list(UNREADABLE))
def test_an_unreadable_notebook_waits_for_a_person(course: Course, content: bytes) -> None:
    """Nothing can be read, so nothing is judged: no points yet, one sentence why, every part in review."""
    graded = grade_one(course, hand_in(course.root, "ada", content))

    assert not graded.readable
    assert "notebook-unreadable" in codes(graded)
    assert graded.earned == 0
    assert all(cell.needs_review for cell in graded.scores)


def test_a_missing_notebook_waits_for_a_person(course: Course) -> None:
    """A folder without the notebook is reported, not dropped."""
    graded = grade_one(course, hand_in(course.root, "ada", None))

    assert "file-missing" in codes(graded)
    assert all(cell.needs_review for cell in graded.scores)


def test_a_notebook_in_another_encoding_is_read(
    course: Course, blank: dict, model: dict[str, str], full: float
) -> None:
    """UTF-16, as some editors save it, is read and said."""
    content = json.dumps(filled(blank, model), ensure_ascii=False).encode("utf-16")

    graded = grade_one(course, hand_in(course.root, "ada", content))

    assert graded.earned == full
    assert "not-utf8" in codes(graded)


def test_broken_bytes_are_replaced(course: Course, blank: dict, model: dict[str, str], full: float) -> None:
    """A stray byte that is no UTF-8 costs nothing but a remark."""
    content = json.dumps(filled(blank, model)).encode().replace(b"vector database", b"vector\xff database", 1)

    graded = grade_one(course, hand_in(course.root, "ada", content))

    assert graded.earned == full
    assert "not-utf8" in codes(graded)


def test_deleted_test_cells_come_back_from_the_master(
    course: Course, blank: dict, model: dict[str, str], full: float
) -> None:
    """A learner who deletes every test cell is graded all the same."""
    notebook = filled(blank, model)
    notebook["cells"] = [cell for cell in notebook["cells"] if not cell["metadata"].get("nbgrader", {}).get("grade")]

    graded = grade_one(course, hand_in(course.root, "ada", notebook))

    assert graded.earned == full
    assert "test-cell-changed" in codes(graded)


@pytest.mark.parametrize(
    "change",
    [{"cell_type": "markdown"}, {"source": "99.0"}, {"source": "import os"}],
    ids=["retyped", "a score of their own", "code of their own"],
)
def test_a_changed_test_cell_is_replaced(
    course: Course, blank: dict, model: dict[str, str], full: float, change: dict[str, str]
) -> None:
    """What a learner writes into a test cell decides nothing."""
    notebook = filled(blank, model)
    cell = next(cell for cell in notebook["cells"] if cell["metadata"].get("nbgrader", {}).get("grade"))
    cell |= change

    graded = grade_one(course, hand_in(course.root, "ada", notebook))

    assert graded.earned == full
    assert "test-cell-changed" in codes(graded)


def test_a_missing_answer_costs_only_its_own_points(course: Course, blank: dict, model: dict[str, str]) -> None:
    """Deleting one answer cell loses its criteria, and says so."""
    notebook = filled(blank, model)
    notebook["cells"] = [
        cell for cell in notebook["cells"] if cell["metadata"].get("nbgrader", {}).get("grade_id") != "archetype"
    ]

    graded = grade_one(course, hand_in(course.root, "ada", notebook))

    lost = {cell.grade_id for cell in graded.scores if cell.earned < cell.points}
    assert lost == {"check-archetype-1"}
    assert "answer-missing" in codes(graded)


def test_a_repeated_answer_counts_once(course: Course, blank: dict, model: dict[str, str], full: float) -> None:
    """A copied answer cell keeps its grade id: the last filled one counts."""
    notebook = filled(blank, model)
    cells = notebook["cells"]
    place = next(
        i for i, cell in enumerate(cells) if cell["metadata"].get("nbgrader", {}).get("grade_id") == "workload"
    )
    cells.insert(place, dict(cells[place], source="%%answer workload\nAI work", id="copied"))

    graded = grade_one(course, hand_in(course.root, "ada", notebook))

    assert graded.earned == full
    assert "answer-repeated" in codes(graded)


@pytest.mark.parametrize("head", ["# my answer\n%%answer workload\n", "\n\n%%answer workload\n", ""],
                         ids=["a comment above the magic", "blank lines above it", "no magic line"])  # fmt: skip
def test_the_magic_line_may_be_anywhere_or_gone(
    course: Course, blank: dict, model: dict[str, str], full: float, head: str
) -> None:
    """The grader reads an answer with the magic line, below a comment, or without it."""
    notebook = filled(blank, model)
    for cell in notebook["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("grade_id") == "workload":
            cell["source"] = head + model["workload"]

    assert grade_one(course, hand_in(course.root, "ada", notebook)).earned == full


def test_fifty_megabytes_of_output_change_nothing(
    course: Course, blank: dict, model: dict[str, str], full: float
) -> None:
    """Outputs are not read for grading and do not travel into the clean copy."""
    notebook = filled(blank, model)
    notebook["cells"][2]["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "x" * 50_000_000}]

    graded = grade_one(course, hand_in(course.root, "ada", notebook))

    assert graded.earned == full
    assert len(json.dumps(graded.notebook)) < 1_000_000


def test_an_answer_of_a_megabyte_is_read_up_to_its_bound(course: Course, blank: dict, model: dict[str, str]) -> None:
    """A flood of text is bounded, remarked on, and leaves the other answers alone."""
    notebook = filled(blank, model | {"workload": model["workload"] + "\n" + "lorem ipsum " * 90_000})

    graded = grade_one(course, hand_in(course.root, "ada", notebook))

    assert "answer-too-long" in codes(graded)
    assert all(cell.earned == cell.points for cell in graded.scores if "workload" not in cell.grade_id)
    assert len(json.dumps(graded.notebook)) < 1_000_000


EVIDENCE = {
    "evidence-missing": None,
    "evidence-truncated": MACHINE.read_bytes()[:400],
    "evidence-too-large": b'{"schema": "workstation.inventory/1", "x": "' + b"x" * 1_100_000 + b'"}',
    "evidence-foreign": b'{"schema": "somebody.elses/1"}',
    "evidence-unknown-version": b'{"schema": "workstation.inventory/99"}',
    "evidence-not-utf8": b'{"schema": "\xff\xfe\xfa"}',
}


@pytest.mark.parametrize("code", list(EVIDENCE))
def test_damaged_evidence_costs_only_what_rests_on_it(course: Course, submit: Callable[..., Path], code: str) -> None:
    """Each kind of damage to the inventory has its own name; the written answers keep their points."""
    graded = grade_one(course, submit("ada", machine=EVIDENCE[code]))

    assert code in codes(graded)
    by_id = {cell.grade_id: cell for cell in graded.scores}
    assert by_id["check-evidence-1"].earned == 0
    assert by_id["check-workload-1"].earned == by_id["check-workload-1"].points


@pytest.mark.skipif(os.name == "nt", reason="Windows needs a privilege to make links")
def test_a_linked_inventory_is_not_followed(course: Course, submit: Callable[..., Path]) -> None:
    """A link out of the submission is not read."""
    folder = submit("ada")
    (folder / "evidence/inventory.json").unlink()
    (folder / "evidence/inventory.json").symlink_to(MACHINE)

    graded = grade_one(course, folder)

    assert {cell.grade_id: cell.earned for cell in graded.scores}["check-evidence-1"] == 0


def test_one_damaged_submission_does_not_stop_the_batch(
    course: Course, submit: Callable[..., Path], full: float
) -> None:
    """The others are graded and recorded; the damaged one is recorded as waiting for a person."""
    submit("ada")
    hand_in(course.root, "bob", b"{")
    submit("cy")

    report = grade_cohort(course, EXERCISE)

    marks = read_marks(course.db_url, EXERCISE)
    assert (marks["ada"].score, marks["cy"].score, marks["bob"].score) == (full, full, 0)
    assert report.in_review == ["bob"]
    assert all(mark.needs_review for mark in marks["bob"].cells.values())
    assert [(student, code) for student, code, _ in report.problems] == [("bob", "notebook-unreadable")]


def test_an_unchanged_submission_is_not_graded_again(course: Course, submit: Callable[..., Path]) -> None:
    """A second run grades only what is new or changed."""
    submit("ada")
    submit("bob")
    grade_cohort(course, EXERCISE)
    submit("bob", answers={"workload": "AI work"})
    submit("cy")

    report = grade_cohort(course, EXERCISE)

    assert (report.graded, report.unchanged) == (2, 1)


def test_a_manual_score_is_never_overwritten(course: Course, submit: Callable[..., Path]) -> None:
    """A person's score stands through a regrade; it is flagged only where the automatic score beside it moved."""
    from nbgrader.api import Gradebook

    submit("ada")
    grade_cohort(course, EXERCISE)
    with Gradebook(course.db_url, course.course_id) as gradebook:
        grade = gradebook.find_grade("check-workload-1", EXERCISE, EXERCISE, "ada")
        grade.manual_score = 1.5
        grade.needs_manual_grade = False
        gradebook.db.commit()

    grade_cohort(course, EXERCISE, which="all")
    same = read_marks(course.db_url, EXERCISE)["ada"].cells["check-workload-1"]
    submit("ada", answers={"workload": "AI work"})
    grade_cohort(course, EXERCISE)
    moved = read_marks(course.db_url, EXERCISE)["ada"].cells["check-workload-1"]

    assert (same.score, same.needs_review) == (1.5, False)
    assert (moved.score, moved.needs_review) == (1.5, True)
