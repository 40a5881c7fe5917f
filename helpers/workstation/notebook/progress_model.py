"""What a lesson asks of its reader, found in the lesson itself, and how much of it is answered: pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from workstation.answers.parse import answer_id_of
from workstation.catalog import Catalog
from workstation.notebook.cell_calls import Called, calls
from workstation.notebook.matching_model import HARM, MOVE

__all__ = ["PARTS", "Kind", "Part", "Progress", "Step", "Unit", "parts_of", "sentence", "steps_of"]

Kind = Literal["prediction", "self-check", "scenario", "match", "own-words", "walk", "field", "evidence"]
# What each kind is called: one of it, and several.
PARTS: Mapping[Kind, tuple[str, str]] = {
    "prediction": ("prediction", "predictions"),
    "self-check": ("self-check question", "self-check questions"),
    "scenario": ("decision", "decisions"),
    "match": ("matched mistake", "matched mistakes"),
    "own-words": ("answer in your own words", "answers in your own words"),
    "walk": ("decision walk", "decision walks"),
    "field": ("field", "fields"),
    "evidence": ("inventory", "inventories"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing that a page asks for, by the ids under which its answers are kept."""

    kind: Kind
    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """How many of one kind are answered."""

    kind: Kind
    done: int
    asked: int

    @property
    def words(self) -> str:
        """Say it: "2 of 3 predictions"."""
        return f"{self.done} of {self.asked} {PARTS[self.kind][self.asked != 1]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """A lesson or an exercise: what it asks for, and how much of that is answered."""

    id: str
    title: str
    is_exercise: bool
    parts: tuple[Part, ...]

    @property
    def done(self) -> int:
        """How many of its steps are answered."""
        return sum(part.done for part in self.parts)

    @property
    def asked(self) -> int:
        """How many steps it has."""
        return sum(part.asked for part in self.parts)

    @property
    def state(self) -> str:
        """Say in two words how it stands; of a page that asks for nothing, nothing can be known."""
        if not self.asked:
            return "nothing to answer"
        if self.done == self.asked:
            return "all answered"
        return "begun" if self.done else "not begun"


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """The whole module; `problems` are sentences about files that are there and could not be read."""

    units: tuple[Unit, ...]
    problems: tuple[str, ...] = ()


def steps_of(sources: Sequence[str], catalog: Catalog) -> list[Step]:
    """Find what the code cells of a page ask for: predictions, choices, matches, text."""
    return [step for source in sources for step in _steps(source, catalog)]


def parts_of(steps: Sequence[Step], answered: frozenset[str]) -> tuple[Part, ...]:
    """Count by kind, in the order of `PARTS`; a step is answered when all of its ids are."""
    distinct = list(dict.fromkeys(steps))
    kinds = [kind for kind in PARTS if any(step.kind == kind for step in distinct)]
    return tuple(
        Part(
            kind=kind,
            done=sum(answered.issuperset(step.ids) for step in distinct if step.kind == kind),
            asked=sum(step.kind == kind for step in distinct),
        )
        for kind in kinds
    )


def sentence(found: Progress) -> str:
    """Say how far the module is answered."""
    lessons = [unit for unit in found.units if not unit.is_exercise]
    exercises = [unit for unit in found.units if unit.is_exercise]
    done, asked = sum(unit.done for unit in lessons), sum(unit.asked for unit in lessons)
    whole = sum(unit.state == "all answered" for unit in exercises)
    begun = sum(unit.state == "begun" for unit in exercises)
    filled = f"{whole} of {len(exercises)} exercises filled in" + (f", {begun} more begun" if begun else "")
    return f"In the lessons, {done} of {asked} questions are answered; {filled}."


def _steps(source: str, catalog: Catalog) -> Iterator[Step]:
    answer = answer_id_of(source)
    if answer is not None:
        yield Step(kind="own-words", ids=(f"answer.{answer}",))
        return
    for called in calls(source):
        yield from _asked(called, catalog)


def _asked(called: Called, catalog: Catalog) -> Iterator[Step]:
    name = called.first
    if called.name == "predict" and name:
        yield Step(kind="prediction", ids=(f"prediction.{name}",))
    elif called.name.startswith("demo."):
        yield Step(kind="prediction", ids=(f"prediction.{called.name.replace('.', '-').replace('_', '-')}",))
    elif called.name == "scenario" and name:
        yield Step(kind="scenario", ids=(f"scenario.{name}",))
    elif called.name == "self_check":
        own = [question.id for question in catalog.questions.values() if question.lesson == name]
        yield from (Step(kind="self-check", ids=(each,)) for each in own)
    elif called.name == "match_mistakes":
        pairs = [(f"mistake.{each}.{HARM}", f"mistake.{each}.{MOVE}") for each in catalog.mistakes]
        yield from (Step(kind="match", ids=pair) for pair in pairs)
    elif called.name == "decide":
        yield Step(kind="walk", ids=("walk",))
