"""Load the decision framework: `walk.toml`, questions whose answers must cite evidence, and where they end."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

from workstation.catalog import load_catalog
from workstation.catalog._planning import entries_by_id, read_document
from workstation.catalog._shape import Place

__all__ = ["EvidenceKind", "WalkChoice", "WalkData", "WalkEnd", "WalkQuestion", "load_walk"]

WALK = "walk.toml"

EvidenceKind = Literal["inventory", "worksheet", "recording", "log", "prices"]


@dataclass(frozen=True, slots=True, kw_only=True)
class WalkChoice:
    """One answer to a question, the evidence that can carry it, and where it leads."""

    id: str
    text: str
    evidence: tuple[EvidenceKind, ...]
    collect: str  # what to collect, and how, while there is none
    goes_to: str | None  # a question
    ends_in: str | None  # an end
    target: str | None  # the constraint that it names


@dataclass(frozen=True, slots=True, kw_only=True)
class WalkQuestion:
    """One question of the decision framework."""

    id: str
    question: str
    why: str
    choices: tuple[WalkChoice, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WalkEnd:
    """Where a walk can end: a decision, what it means and what should wait."""

    id: str
    decision: str
    means: str
    waits: str
    revisit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WalkData:
    """The decision framework: questions in order, and ends."""

    questions: Mapping[str, WalkQuestion]
    ends: Mapping[str, WalkEnd]


@cache
def load_walk() -> WalkData:
    """Load the decision framework.

    Raises:
        CatalogError: the file breaks a rule; the message names entry and field.
    """
    document = read_document(files(__package__) / WALK, WALK)
    walk = WalkData(
        questions=entries_by_id(document, "question", WalkQuestion, WALK),
        ends=entries_by_id(document, "end", WalkEnd, WALK),
    )
    for question in walk.questions.values():
        for choice in question.choices:
            _check_choice(walk, question.id, choice)
    return walk


def _check_choice(walk: WalkData, question: str, choice: WalkChoice) -> None:
    place = Place(file=WALK, entry=f"{question} > {choice.id}")
    if (choice.goes_to is None) == (choice.ends_in is None):
        raise place.error("goes_to", "a choice goes to a question or ends, one of the two")
    if choice.goes_to is not None and choice.goes_to not in walk.questions:
        raise place.error("goes_to", f"no question {choice.goes_to!r}")
    if choice.ends_in is not None and choice.ends_in not in walk.ends:
        raise place.error("ends_in", f"no end {choice.ends_in!r}")
    if choice.target is not None and choice.target not in load_catalog().constraints:
        raise place.error("target", f"no constraint {choice.target!r}")
