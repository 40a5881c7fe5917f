"""Scoring JSON lines: one line in, one line out, whatever the line holds."""

import json

import pytest
from grading_kit import EXERCISE, MACHINE, ROOT

from workstation.answers.evidence import load_evidence
from workstation.answers.score import score
from workstation.catalog import load_catalog
from workstation_grader.jsonl import score_line, score_lines

CRITERIA = [criterion.id for criterion in load_catalog().exercises[EXERCISE].criteria]
LABELLED = ROOT / "tests/answers/constraint-summary.jsonl"


def test_every_labelled_line_gives_its_criteria() -> None:
    """One result a line, in order, each with every criterion of the rubric."""
    lines = LABELLED.read_text(encoding="utf-8").splitlines()

    results = list(score_lines(lines, EXERCISE))

    assert [result["id"] for result in results] == [json.loads(line)["id"] for line in lines]
    assert all([criterion["id"] for criterion in result["criteria"]] == CRITERIA for result in results)


def test_a_line_is_scored_as_a_submission_is(model: dict[str, str]) -> None:
    """The same judgement as for a notebook with that inventory beside it."""
    line = json.dumps({"id": "m", "answers": model, "inventory": json.loads(MACHINE.read_text(encoding="utf-8"))})
    expected = score(EXERCISE, model, load_evidence(MACHINE.parent))

    found = score_line(line, EXERCISE, 1)["criteria"]

    assert [(item["id"], item["outcome"], item["reason"]) for item in found] == [
        (item.id, item.outcome, item.reason) for item in expected
    ]
    assert {item["outcome"] for item in found} == {"met"}


BROKEN = {
    "no JSON": "{",
    "no object": "[1]",
    "no answers": '{"id": "x"}',
    "answers of another kind": '{"id": "x", "answers": "text"}',
    "nested too deeply": "[" * 100_000,
    "a number too long": '{"id": ' + "9" * 5_000 + "}",
}


@pytest.mark.parametrize("line", BROKEN.values(), ids=list(BROKEN))
def test_a_broken_line_gives_its_own_error_and_stops_nothing(line: str) -> None:
    """It is named by its number; the lines around it are scored."""
    good = '{"id": "good", "answers": {}, "inventory": null}'

    first, broken, last = score_lines([good, line, good], EXERCISE)

    assert "criteria" in first
    assert "criteria" in last
    assert broken["line"] == 2
    assert broken["error"].startswith("Line 2 could not be read")
    assert "criteria" not in broken


def test_a_line_over_the_limit_is_not_read() -> None:
    """A flood is refused by its length."""
    assert "characters, the limit is" in score_line(" " * 20_000_001, EXERCISE, 7)["error"]


@pytest.mark.parametrize("inventory", [7, [], {"schema": "other/1"}, {"schema": "workstation.inventory/99"}])
def test_a_foreign_inventory_is_a_problem_and_no_error(inventory: object) -> None:
    """The answers are scored; what was wrong with the inventory is said."""
    result = score_line(json.dumps({"id": "x", "answers": {}, "inventory": inventory}), EXERCISE, 1)

    assert len(result["criteria"]) == len(CRITERIA)
    assert len(result["problems"]) == 1


def test_answers_that_are_no_text_count_as_none() -> None:
    """A number where an answer should stand is not attempted."""
    result = score_line('{"id": 3, "answers": {"workload": 7, "archetype": null, "x": "y"}}', EXERCISE, 1)

    outcomes = {item["id"]: item["outcome"] for item in result["criteria"]}
    assert result["id"] == 3
    assert outcomes["workload.family"] == outcomes["archetype.known"] == "not attempted"


def test_empty_lines_are_passed_over() -> None:
    """A file may end in empty lines."""
    assert list(score_lines(["", "  \n", "\n"], EXERCISE)) == []
