"""The judges on labelled answers: agreement, faults caught, and no good content refused."""

import importlib.util
import json
import sys
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ANSWERS = ROOT / "tests" / "answers"
TUNED_ON = (
    *("constraint-summary.jsonl", "own.jsonl", "later-dev.jsonl", "unseen-2.jsonl"),
    *("symptom-mapping.jsonl", "staged-plan.jsonl", "dev-symptom-mapping.jsonl", "dev-staged-plan.jsonl"),
)
LEAST_AGREEMENT = dict.fromkeys(TUNED_ON, 0.98)
"""On what is tuned on."""
LEAST_AGREEMENT_UNSEEN = 0.95
MOST_REVIEW_ON_GOOD = 0.03
MOST_REVIEW = 0.10
LEAST_FAULTS_CAUGHT = 0.95  # on what is tuned on
LEAST_FAULTS_CAUGHT_UNSEEN = 0.90
# Where a held-back file shows more than the goal, its own figure is held: nobody tunes the judges on it to pass.
MOST_REFUSED_UNSEEN = {"held-symptom-mapping.jsonl": 1}
MOST_REVIEW_UNSEEN = {"held-staged-plan.jsonl": 0.04}


def _benchmark():
    spec = importlib.util.spec_from_file_location("benchmarks_judges", ROOT / "benchmarks" / "judges.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


judges = _benchmark()


@pytest.fixture(scope="module", params=judges.labelled_files(), ids=lambda path: path.name)
def path(request):
    """One file of labelled answers."""
    return request.param


@pytest.fixture(scope="module")
def found(path):
    """Every labelled criterion of one file with its judgement."""
    return list(judges.judgements([path]))


def test_outcomes_agree_with_the_labels(found, path):
    least = LEAST_AGREEMENT.get(path.name, LEAST_AGREEMENT_UNSEEN)

    assert sum(judgement.agrees for judgement in found) >= least * len(found)


def test_no_good_content_is_refused(found, path):
    refused = [judgement for judgement in found if judgement.kind == "good" and judgement.is_false_not_met]

    assert refused[MOST_REFUSED_UNSEEN.get(path.name, 0) :] == []


def test_faults_do_not_pass_for_met(found, path):
    faults = [judgement for judgement in found if judgement.is_fault]
    least = LEAST_FAULTS_CAUGHT if path.name in LEAST_AGREEMENT else LEAST_FAULTS_CAUGHT_UNSEEN

    assert sum(not judgement.is_false_met for judgement in faults) >= least * len(faults)


def test_few_decisions_need_a_person(found, path):
    good = [judgement for judgement in found if judgement.kind == "good"]
    most = MOST_REVIEW_UNSEEN.get(path.name, MOST_REVIEW_ON_GOOD)

    assert sum(judgement.is_review for judgement in good) <= most * len(good)
    assert sum(judgement.is_review for judgement in found) <= MOST_REVIEW * len(found)


def test_most_criteria_are_told_right_and_wrong():
    """A judge that always says the same would pass the figures above on most criteria."""
    tuned_on = [path for path in judges.labelled_files() if path.name in LEAST_AGREEMENT]
    found = list(judges.judgements(tuned_on))
    told_apart = Counter(criterion for criterion, _ in {(j.criterion, j.outcome == "met") for j in found})

    assert all(told_apart[j.criterion] == 2 for j in found if j.is_fault)


def test_every_reason_quotes_the_learner_or_has_nothing_to_quote(found):
    """Silence and the absence of a fault have no words that decided; everything else has."""
    silent = {"The paragraph speaks of the work and chooses no part.", "There is nothing here to judge yet."}
    starts = ("No sentence calls", "Nothing that you say of this machine", "There is no inventory")
    starts += ("In ", "Where something else hurts", "No part of it", "Neither later checkpoint", "The Cloud line")

    unquoted = [j for j in found if "“" not in j.reason and not j.criterion.startswith("evidence.")]

    assert [j.reason for j in unquoted if j.reason not in silent and not j.reason.startswith(starts)] == []


@pytest.fixture
def folder(tmp_path):
    """A folder with three answers held back, and what a second labeller said of them."""
    lines = (ANSWERS / "own.jsonl").read_text(encoding="utf-8").splitlines()[:3]
    entries = [json.loads(line) for line in lines]
    second = [{"id": entry["id"], "expect": dict.fromkeys(entry["expect"], "met")} for entry in entries]
    second[0]["expect"]["workload.horizon"] = "not met"
    for name, rows in ((judges.HELD_BACK[0], entries), (judges.SECOND, second)):
        (tmp_path / name).write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    (tmp_path / "a.jsonl").write_text(lines[0], encoding="utf-8")
    return tmp_path


def test_held_back_answers_come_last_and_second_labels_are_no_answers(folder):
    assert [path.name for path in judges.labelled_files(folder)] == ["a.jsonl", judges.HELD_BACK[0]]


def test_the_report_names_every_criterion_and_both_labellers(folder):
    lines = list(judges.report(folder / judges.HELD_BACK[0], disagreements=False))
    criteria = {j.criterion for j in judges.judgements([folder / judges.HELD_BACK[0]])}

    assert lines[0].endswith("3 answers, held back")
    assert criteria <= {line.split()[0] for line in lines if line}
    assert any(line.startswith("workload.horizon") and line.split()[1:] == ["3", "66.7%", "0.00"] for line in lines)


def test_a_file_without_second_labels_has_no_pairs(tmp_path):
    assert judges.pairs(tmp_path / "a.jsonl") == []


def test_a_second_outcome_inside_the_firsts_list_agrees():
    pair = judges.Pair("a", ("not met", "needs review"), "needs review")

    assert pair.agrees
    assert judges.kappa([pair]) is None


def test_kappa_takes_chance_out_of_the_agreement():
    said = [("met", "met")] * 20 + [("met", "not met")] * 5 + [("not met", "met")] * 10 + [("not met", "not met")] * 15

    assert judges.kappa([judges.Pair("a", (first,), second) for first, second in said]) == 0.4


def test_the_command_prints_a_table_for_each_file_named(folder, capsys):
    judges.main([str(folder / "a.jsonl")])

    out = capsys.readouterr().out
    assert out.startswith("== a.jsonl: 1 answers")
    assert "good answers: 0 of" in out
