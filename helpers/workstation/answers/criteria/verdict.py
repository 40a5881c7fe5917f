"""What a judge says of one criterion: the outcome, why, and the next thing to do."""

from dataclasses import dataclass

from workstation.answers.model import Outcome

__all__ = ["BLANK", "Verdict", "decide", "met", "not_attempted", "not_met", "review"]

BLANK = "There is nothing here to judge yet."


@dataclass(frozen=True, slots=True)
class Verdict:
    """A judgement. `reason` is one sentence that quotes the learner; an empty `next_step` takes the rubric's hint."""

    outcome: Outcome
    reason: str
    next_step: str = ""


def met(reason: str) -> Verdict:
    """Say that the criterion is met."""
    return Verdict("met", reason)


def not_met(reason: str, next_step: str = "") -> Verdict:
    """Say that the criterion is not met."""
    return Verdict("not met", reason, next_step)


def review(reason: str, next_step: str = "") -> Verdict:
    """Leave the criterion to a person, saying what the rules could not tell."""
    return Verdict("needs review", reason, next_step)


def not_attempted(reason: str = BLANK) -> Verdict:
    """Say that there is nothing to judge."""
    return Verdict("not attempted", reason)


def decide(*rungs: tuple[object, Verdict], otherwise: Verdict) -> Verdict:
    """Take the verdict of the first rung whose condition holds; a judge is a ladder that reads from top to bottom."""
    return next((verdict for condition, verdict in rungs if condition), otherwise)
