"""What scoring takes and gives: a learner's answers and evidence in, criteria with reasons out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from workstation.inventory.model import Inventory

Outcome = Literal["met", "not met", "not attempted", "needs review"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """One judged criterion: the outcome, what it earned, why, and what to do next."""

    id: str
    outcome: Outcome
    points: float  # what it is worth
    earned: float  # points when met, else 0.0
    reason: str  # one sentence that quotes the words that decided
    next_step: str  # one thing that the learner can do today; "" when met or left to a person


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Something odd about a submission that did not stop its grading."""

    code: str  # "test-cell-changed", "evidence-truncated", ...
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Draw:
    """The cases that a learner drew, in the order of case-1 to the last."""

    learner: str  # the keyed digest of the course id; "" where the file does not say
    cases: tuple[str, ...]  # ids in the bank
    catalog: str = ""  # the version of the catalogue that they were drawn from
    is_assumed: bool = False  # none was handed in: these are the ones that the submitter's id draws


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """The files that travelled with an answer, read; `None` where a file is absent or unreadable (see problems)."""

    inventory: Inventory | None = None
    inventory_raw: Mapping[str, object] | None = None  # as parsed JSON, for what the model does not hold
    draw: Draw | None = None  # the cases of symptom-mapping
    problems: tuple[Problem, ...] = field(default=())
