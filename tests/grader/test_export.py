"""The export: a row a learner, a column a criterion, and nothing that a spreadsheet would run."""

import csv
import io
from collections.abc import Callable
from pathlib import Path

import pytest
from grading_kit import BOTH, EXERCISE, hand_in

from workstation.catalog import load_catalog
from workstation_grader.batch import grade_cohort
from workstation_grader.course import Course
from workstation_grader.export import rows, safe_cell, write_csv

CRITERIA = [criterion.id for criterion in load_catalog().exercises[EXERCISE].criteria]


def exported(course: Course) -> dict[str, dict[str, str]]:
    """What a spreadsheet reads, by learner."""
    text = io.StringIO()
    write_csv(rows(course, EXERCISE), text)
    return {row["student"]: row for row in csv.DictReader(io.StringIO(text.getvalue()))}


@BOTH
def test_a_row_a_learner_and_a_column_a_criterion(
    course: Course, submit: Callable[..., Path], blank: dict, model: dict[str, str]
) -> None:
    """Every criterion of the rubric has its column; scores, review and problems stand before them."""
    submit("ada")
    submit("bob", answers=model | {"workload": "I will do AI work."}, machine=None)
    hand_in(course.root, "cy", b"{")
    grade_cohort(course, EXERCISE)

    found = exported(course)

    assert list(found) == ["ada", "bob", "cy"]
    assert list(found["ada"])[-len(CRITERIA) :] == CRITERIA
    assert {found["ada"][name] for name in CRITERIA} == {"met"}
    assert (found["ada"]["score"], found["ada"]["waits_for_a_person"]) == (found["ada"]["max_score"], "False")
    assert found["bob"]["workload.family"] == "not met"
    assert float(found["bob"]["points: workload.family"]) == 0
    points = sum(float(found["ada"][f"points: {name}"]) for name in CRITERIA)
    assert points == pytest.approx(float(found["ada"]["score"]))
    assert found["bob"]["evidence.inventory"] == "not attempted"
    assert found["bob"]["problems"] == "evidence-missing"
    assert {found["cy"][name] for name in CRITERIA} == {""}
    assert (found["cy"]["waits_for_a_person"], found["cy"]["problems"]) == ("True", "notebook-unreadable")
    assert {row["rubric_version"] for row in found.values()} == {load_catalog().rubric_version}


@BOTH
def test_a_lost_copy_leaves_its_row(course: Course, submit: Callable[..., Path]) -> None:
    """The score is the gradebook's: without the clean copy only the outcomes are missing."""
    submit("ada")
    grade_cohort(course, EXERCISE)
    (course.autograded / "ada" / EXERCISE / f"{EXERCISE}.ipynb").unlink()

    row = exported(course)["ada"]

    assert row["score"] == row["max_score"]
    assert {row[name] for name in CRITERIA} == {""}


@pytest.mark.parametrize("name", ["=cmd|' /C calc'!A0", "+1", "-rf", "@SUM(A1)", "\t=1", "\r=1", " =1"])
def test_a_name_that_is_a_formula_is_defused(name: str) -> None:
    """A spreadsheet shows such a name as text; a gradebook of somebody else's may hold one."""
    text = io.StringIO(newline="")
    write_csv([{"student": name}], text)

    assert [row["student"] for row in csv.DictReader(io.StringIO(text.getvalue(), newline=""))] == [f"'{name}"]


@pytest.mark.parametrize("value", [2.5, -1.0, True, None, "", "ada", "a=b"])
def test_ordinary_values_stay(value: object) -> None:
    """Numbers, also below zero, and ordinary names are left alone."""
    assert safe_cell(value) == value
