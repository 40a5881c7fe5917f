"""Plans that another engineer wrote and judged without seeing the simulator: tests/histories/plans-unseen.jsonl."""

import json
from pathlib import Path

import pytest

from workstation.answers.model import Evidence
from workstation.answers.score import score

CASES = [
    json.loads(line)
    for line in (Path(__file__).parent / "histories" / "plans-unseen.jsonl").read_text("utf-8").splitlines()
]
DIFFER = {  # README.md in histories/ says why; a case may leave this list, none may join it unseen
    ("bad-12-negated", "plan.on-quiet"),
    ("bad-12-negated", "plan.on-spike"),
    ("bad-12-negated", "plan.on-other-constraint"),
}


def judged(fields):
    """Judge a plan as the exercise does, in the words of the expectations."""
    body = "\n".join(f"{label}: {text}" for label, text in fields.items())
    found = score("staged-plan", {"plan": body}, Evidence())
    return {each.id: each.outcome.removeprefix("needs ") for each in found}


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_an_unseen_plan_is_judged_as_its_author_did_but_for_the_listed_differences(case):
    found = judged(case["plan"])

    differing = {(case["id"], name) for name, wanted in case["expect"].items() if found[name] not in wanted.split("|")}

    assert differing == {each for each in DIFFER if each[0] == case["id"]}


def test_half_of_the_unseen_plans_are_fair_and_half_are_not():
    assert sorted({case["id"].partition("-")[0] for case in CASES}) == ["bad", "good"]
    assert len(CASES) == 24
