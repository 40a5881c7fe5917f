"""What a judge says of one criterion: the outcome, why, and the next thing to do."""

from dataclasses import dataclass

from workstation.answers.model import Outcome

__all__ = ["BLANK", "Verdict", "decide", "met", "not_attempted", "not_met", "review"]

A_PERSON = "a person will look at it"
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


def review(doubt: str) -> Verdict:
    """Leave the criterion to a person, saying what the rules could not tell; nothing is asked of the learner."""
    return Verdict("needs review", f"{doubt.removesuffix('.')}; {A_PERSON}.")


def not_attempted(reason: str = BLANK, next_step: str = "") -> Verdict:
    """Say that there is nothing to judge."""
    return Verdict("not attempted", reason, next_step)


def decide(*rungs: tuple[object, Verdict], otherwise: Verdict) -> Verdict:
    """Take the verdict of the first rung whose condition holds; a judge is a ladder that reads from top to bottom."""
    return next((verdict for condition, verdict in rungs if condition), otherwise)
