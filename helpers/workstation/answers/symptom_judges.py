"""The judges of symptom-mapping: eight drawn cases, a choice of one part among three, and the learner's own machine.

What a case is short of stands in the bank. Which cases were drawn stands in the evidence; where no draw was handed in
and the submitter's own is assumed, what does not match it is left to a person.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Protocol

from workstation.answers.criteria import cases, refuting, tradeoffs
from workstation.answers.criteria.verdict import Verdict, not_attempted, review
from workstation.answers.draws import case_of
from workstation.answers.model import Evidence
from workstation.catalog._cases import SymptomCase, load_cases

__all__ = ["CONSTRAINT", "SYMPTOM_JUDGES"]

CONSTRAINT, FIX, CHANGE = "constraint", "first-fix", "change"
CASES = tuple(f"case-{number}" for number in range(1, 9))
TRADE_OFF, MY_MACHINE = "trade-off", "my-machine"
UNDRAWN = "No cases are drawn yet, so there is nothing to hold this against."
DRAW = "Run the cell with `ws.draw_cases()`; it asks for your id in the course, once."
NO_DRAW = (
    "The file that says which cases were drawn was not handed in, and the rules cannot tell which case this answers"
)


class Fields(Protocol):
    """What a judge asks a submission for: the text of a field, and which cases were drawn."""

    @property
    def evidence(self) -> Evidence:
        """The files that travel with the answers."""

    @property
    def copied(self) -> Mapping[tuple[str, str], str]:
        """The fields that hold the exercise's own words, as they were written."""

    def get(self, answer: str, name: str = ...) -> str:
        """Give a field's text; ``""`` where it is blank or missing."""


Judge = Callable[[Fields], Verdict]
OfCase = Callable[[str, SymptomCase], Verdict]


def _held_against_case(answer: str, field: str, judge: OfCase, sub: Fields) -> Verdict:
    """Judge a field by the drawn case; without a recorded draw a person looks at what does not match."""
    text, draw = sub.get(answer, field), sub.evidence.draw
    case = case_of(draw, answer) if draw is not None else None
    if draw is None or case is None:
        return review(NO_DRAW) if text else not_attempted(UNDRAWN, DRAW)
    verdict = judge(text, case)
    return review(NO_DRAW) if draw.is_assumed and verdict.outcome == "not met" else verdict


def _constraint(text: str, case: SymptomCase) -> Verdict:
    return cases.judge_case_constraint(text, frozenset(case.accepts), frozenset(case.near))


def _first_fix(answer: str, sub: Fields) -> Verdict:
    """Judge that something is done; a case knows words of acts that nothing else does."""
    draw = sub.evidence.draw
    case = case_of(draw, answer) if draw is not None else None
    return cases.judge_first_fix(
        sub.get(answer, FIX), case.fixes if case is not None else (), case.text if case is not None else ""
    )


def _target(text: str, case: SymptomCase) -> Verdict:
    twins = (each for each in load_cases().values() if case.pair and each.pair == case.pair and each.id != case.id)
    astray = tuple(phrase for twin in twins for phrase in twin.fixes)
    return cases.judge_case_target(text, frozenset(case.accepts), case.fixes, astray)


def _refutable(text: str, case: SymptomCase) -> Verdict:
    story = cases.stems_of_story(case.text)
    return refuting.judge_refutable(text, story=story, is_rare="workload-scale" in case.accepts)


def _as_written(sub: Fields, answer: str, name: str) -> str:
    """Give a field with what it quotes from the exercise: to point at the story is what is asked for."""
    own = sub.get(answer, name)
    return sub.copied.get((answer, name), own)


def _of_case(answer: str) -> Mapping[str, Judge]:
    return {
        f"{answer}.constraint": partial(_held_against_case, answer, CONSTRAINT, _constraint),
        f"{answer}.first-fix": partial(_first_fix, answer),
        f"{answer}.targets-constraint": partial(_held_against_case, answer, FIX, _target),
        f"{answer}.falsifiable": partial(_held_against_case, answer, CHANGE, _refutable),
    }


SYMPTOM_JUDGES: Mapping[str, Judge] = {
    **{criterion: judge for answer in CASES for criterion, judge in _of_case(answer).items()},
    "trade-off.choice": lambda sub: tradeoffs.judge_choice(sub.get(TRADE_OFF, "choice")),
    "trade-off.because": lambda sub: tradeoffs.judge_reason(_as_written(sub, TRADE_OFF, "because")),
    "trade-off.what-waits": lambda sub: tradeoffs.judge_waiting(
        sub.get(TRADE_OFF, "waits"), sub.get(TRADE_OFF, "choice")
    ),
    "my-machine.constraint": lambda sub: cases.judge_own_constraint(sub.get(MY_MACHINE, CONSTRAINT)),
    "my-machine.first-fix": lambda sub: cases.judge_first_fix(sub.get(MY_MACHINE, FIX)),
    "my-machine.targets-constraint": lambda sub: cases.judge_own_target(
        sub.get(MY_MACHINE, FIX), sub.get(MY_MACHINE, CONSTRAINT)
    ),
    "my-machine.falsifiable": lambda sub: refuting.judge_refutable(sub.get(MY_MACHINE, CHANGE)),
}
