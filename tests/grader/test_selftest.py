"""The self-test of the grader: it passes on what is here, and each kind of fault in the grader makes it fail."""

from collections.abc import Callable
from dataclasses import replace
from types import MappingProxyType

import pytest
from grading_kit import EXERCISE, SOLUTION

from workstation.answers import score as scoring
from workstation.answers.criteria.verdict import Verdict, met, not_met, review
from workstation.catalog import load_catalog
from workstation.errors import CohortError
from workstation_grader import selftest as under_test
from workstation_grader.selftest import Failure, load_cases, selftest

CRITERIA = [criterion.id for criterion in load_catalog().exercises[EXERCISE].criteria]


def faults(failures: list[Failure]) -> set[tuple[str, str]]:
    """The (case, criterion) pairs that failed."""
    return {(failure.case, failure.criterion) for failure in failures}


def test_the_grader_passes_its_own_test() -> None:
    """The model earns everything, each known wrong answer loses what it should, and every criterion would be missed."""
    cases, failures = selftest(EXERCISE, SOLUTION)

    assert failures == []
    assert cases > len(CRITERIA)


def test_every_criterion_is_lost_alone_or_nearly_so() -> None:
    """Each criterion has a wrong answer of its own: one that loses no more than two criteria."""
    cases = load_cases(EXERCISE, SOLUTION)

    pointed = {name for case in cases if len(case.loses) <= 2 for name in case.loses}
    assert pointed == set(CRITERIA) - {"evidence.inventory"}, "without an inventory, all that rests on it is lost"


@pytest.mark.parametrize("name", CRITERIA)
def test_a_judge_that_is_always_content_is_noticed(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A judge that says met whatever it reads fails the cases that should have lost its criterion."""
    _judge(monkeypatch, name, lambda _: met("Fine."))

    assert name in {criterion for case, criterion in faults(selftest(EXERCISE, SOLUTION)[1]) if case != "rubric"}


@pytest.mark.parametrize("verdict", [not_met("No."), review("Who knows.")], ids=["never content", "always unsure"])
def test_a_judge_that_is_never_content_is_noticed(verdict: Verdict, monkeypatch: pytest.MonkeyPatch) -> None:
    """The model solution itself shows a judge that cannot be satisfied."""
    _judge(monkeypatch, "workload.horizon", lambda _: verdict)

    assert ("model", "workload.horizon") in faults(selftest(EXERCISE, SOLUTION)[1])


def _judge(monkeypatch: pytest.MonkeyPatch, name: str, judge: Callable[[object], Verdict]) -> None:
    monkeypatch.setattr(scoring, "JUDGES", MappingProxyType({**scoring.JUDGES, name: judge}))


def test_a_criterion_that_left_the_rubric_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every case that names a criterion which the rubric no longer has fails and says so."""
    catalog = load_catalog()
    whole = catalog.exercises[EXERCISE]
    fewer = replace(whole, criteria=tuple(entry for entry in whole.criteria if entry.id != "summary.measured"))
    smaller = replace(catalog, exercises={**catalog.exercises, EXERCISE: fewer})
    monkeypatch.setattr(scoring, "load_catalog", lambda: smaller)
    monkeypatch.setattr(under_test, "load_catalog", lambda: smaller)

    failures = selftest(EXERCISE, SOLUTION)[1]

    assert ("belief", "summary.measured") in faults(failures)
    assert any("no such criterion" in failure.message for failure in failures)


def test_a_criterion_that_no_case_loses_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """With no wrong answer that loses it, a criterion could be removed and nobody would see: that is a failure."""
    everything = load_cases(EXERCISE, SOLUTION)
    monkeypatch.setattr(
        under_test,
        "load_cases",
        lambda *_: [case for case in everything if "workload.family" not in case.loses],
    )

    assert ("rubric", "workload.family") in faults(selftest(EXERCISE, SOLUTION)[1])


STALE = {
    "a swap of words that are not there": 'swap = { workload = [["no such words", "others"]] }',
    "a fact that the machine does not have": 'machine = { "memory.tothl_bytes" = 3 }',
}


@pytest.mark.parametrize("change", STALE.values(), ids=list(STALE))
def test_a_mutation_that_changes_nothing_is_an_error(change: str, tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A mutation that has gone stale would test the model twice: it stops the self-test and names itself."""
    folder = tmp_path / "selftest" / EXERCISE
    folder.mkdir(parents=True)
    machine = under_test.files("workstation_grader") / "selftest" / EXERCISE / "inventory.json"
    (folder / "inventory.json").write_text(machine.read_text(encoding="utf-8"), encoding="utf-8")
    (folder / "mutations.toml").write_text(
        f'[[mutation]]\nid = "stale"\nwhy = "it has gone stale"\n{change}\n', encoding="utf-8"
    )
    monkeypatch.setattr(under_test, "files", lambda _: tmp_path)

    with pytest.raises(CohortError, match=r"'stale'.*(no such words|tothl)"):
        selftest(EXERCISE, SOLUTION)


def test_an_exercise_without_cases_cannot_be_released() -> None:
    """An exercise that nobody wrote wrong answers for has no self-test, and the message names the file it wants."""
    with pytest.raises(CohortError, match=r"mutations\.toml"):
        selftest("no-such-exercise", SOLUTION)
