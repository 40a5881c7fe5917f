"""The judges on labelled answers: agreement, faults caught, and no good content refused."""

import importlib.util
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FILES = {
    "development": ROOT / "tests" / "answers" / "constraint-summary.jsonl",
    "own": ROOT / "tests" / "answers" / "own.jsonl",
}
LEAST_AGREEMENT = 0.98
MOST_REVIEW_ON_GOOD = 0.03
MOST_REVIEW = 0.10
LEAST_FAULTS_CAUGHT = 0.95


def _benchmark():
    spec = importlib.util.spec_from_file_location("benchmarks_judges", ROOT / "benchmarks" / "judges.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module", params=FILES)
def found(request):
    """Every labelled criterion of one file with its judgement."""
    return list(_benchmark().judgements([FILES[request.param]]))


def test_outcomes_agree_with_the_labels(found):
    assert sum(judgement.agrees for judgement in found) >= LEAST_AGREEMENT * len(found)


def test_no_good_content_is_refused(found):
    refused = [j for j in found if j.kind == "good" and j.outcome in {"not met", "not attempted"} and not j.agrees]

    assert refused == []


def test_faults_do_not_pass_for_met(found):
    faults = [judgement for judgement in found if judgement.is_fault]

    assert sum(not judgement.is_false_met for judgement in faults) >= LEAST_FAULTS_CAUGHT * len(faults)


def test_few_decisions_need_a_person(found):
    good = [judgement for judgement in found if judgement.kind == "good"]

    assert sum(judgement.is_review for judgement in good) <= MOST_REVIEW_ON_GOOD * len(good)
    assert sum(judgement.is_review for judgement in found) <= MOST_REVIEW * len(found)


def test_every_criterion_with_labels_is_told_right_and_wrong(found):
    """A judge that always says the same would pass the figures above on most criteria."""
    outcomes = {(judgement.criterion, judgement.outcome == "met") for judgement in found}
    told_apart = Counter(criterion for criterion, _ in outcomes)

    wrong_somewhere = {judgement.criterion for judgement in found if judgement.is_fault}
    assert all(told_apart[criterion] == 2 for criterion in wrong_somewhere)


def test_the_table_names_every_criterion(found):
    lines = list(_benchmark().table(found))

    assert {judgement.criterion for judgement in found} <= {line.split()[0] for line in lines if line}
