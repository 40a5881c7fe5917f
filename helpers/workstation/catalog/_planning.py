"""Load what planning works with: `planning.toml`, `walk.toml` and the histories in `histories/`.

Apart from the rest of the catalogue, since no lesson's first page needs them: they are read on the first rule, the
first walk or the first simulation.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

from workstation.catalog import load_catalog
from workstation.catalog._shape import Place, build_list

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

__all__ = [
    "Ask",
    "Checkpoint",
    "Comparator",
    "EvidenceKind",
    "Limits",
    "Pain",
    "PlanningWords",
    "RangeOf",
    "Sibling",
    "Target",
    "UnitWord",
    "WalkChoice",
    "WalkData",
    "WalkEnd",
    "WalkQuestion",
    "history_documents",
    "load_planning_words",
    "load_walk",
]

PLANNING, WALK, HISTORIES = "planning.toml", "walk.toml", "histories"


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparator:
    """One comparison: its sign, the words for it, and those that follow their number."""

    id: Literal[">=", "<=", ">", "<", "="]
    words: tuple[str, ...]
    after: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitWord:
    """One unit that a threshold may be written in."""

    id: str
    of: str  # the metric's unit
    factor: float
    suffix: str  # how it is printed after a number
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RangeOf:
    """Where thresholds of one unit may lie."""

    id: str
    low: float
    high: float
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sibling:
    """A metric whose everyday name means another one when the unit says so."""

    id: str
    unit: str
    means: str
    unless: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """One field of a plan."""

    id: Literal["now", "one-month", "repeated", "cloud"]
    label: str
    aliases: tuple[str, ...]
    looks: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """More names for what an upgrade is aimed at."""

    id: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two decisions in one sentence that make one."""

    id: str
    makes: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pain:
    """When a metric's week is calm, and when it hurts; a use only says what the week was for."""

    id: str
    kind: Literal["strain", "use"]
    of: str
    calm: float
    hurts: float
    says: str

    @property
    def is_low(self) -> bool:
        """Tell whether small values are the bad ones."""
        return self.hurts < self.calm


@dataclass(frozen=True, slots=True, kw_only=True)
class Lift:
    """Which pains are over once a step is taken."""

    id: str
    lifts: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """What the weekly log asks a person."""

    id: str
    question: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a text may be: what is longer or deeper is refused, not read."""

    text_chars: int = 8_000
    problems: int = 12
    depth: int = 20
    window_weeks: int = 52
    comparisons: int = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanningWords:
    """Everything that reading and judging plans looks up."""

    comparators: tuple[Comparator, ...]
    units: tuple[UnitWord, ...]
    ranges: Mapping[str, RangeOf]
    siblings: Mapping[str, Sibling]
    checkpoints: Mapping[str, Checkpoint]
    targets: tuple[Target, ...]
    pairs: Mapping[frozenset[str], str]
    pains: Mapping[str, Pain]
    lifts: Mapping[str, tuple[str, ...]]
    asks: Mapping[str, str]
    words: Mapping[str, tuple[str, ...]]
    numbers: Mapping[str, int]
    limits: Limits


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
def load_planning_words() -> PlanningWords:
    """Load the words, units and limits of plan rules; read and checked once a process.

    Raises:
        CatalogError: the file breaks a rule; the message names entry and field.
    """
    document = _document(files(__package__) / PLANNING, PLANNING)
    words = dict(document.get("words", {}))
    numbers = words.pop("numbers", {})
    loaded = PlanningWords(
        comparators=_list(document, "comparison", Comparator),
        units=_list(document, "unit", UnitWord),
        ranges=_by_id(document, "range", RangeOf),
        siblings=_by_id(document, "sibling", Sibling),
        checkpoints=_by_id(document, "checkpoint", Checkpoint),
        targets=_list(document, "target", Target),
        pairs={frozenset(pair.id.split(" + ")): pair.makes for pair in _list(document, "pair", Pair)},
        pains=_by_id(document, "pain", Pain),
        lifts={lift.id: lift.lifts for lift in _list(document, "lift", Lift)},
        asks={ask.id: ask.question for ask in _list(document, "ask", Ask)},
        words=MappingProxyType({name: tuple(entries) for name, entries in words.items()}),
        numbers=MappingProxyType(numbers),
        limits=Limits(),
    )
    _check_planning(loaded)
    return loaded


@cache
def load_walk() -> WalkData:
    """Load the decision framework.

    Raises:
        CatalogError: the file breaks a rule; the message names entry and field.
    """
    document = _document(files(__package__) / WALK, WALK)
    walk = WalkData(
        questions=_by_id(document, "question", WalkQuestion, WALK), ends=_by_id(document, "end", WalkEnd, WALK)
    )
    for question in walk.questions.values():
        for choice in question.choices:
            _check_choice(walk, question.id, choice)
    return walk


def history_documents() -> Mapping[str, Mapping[str, Any]]:
    """Give each history's TOML document by its id, which is its file's name, in alphabetical order."""
    folder = files(__package__) / HISTORIES
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".toml"))
    return {name.removesuffix(".toml"): _document(folder / name, f"{HISTORIES}/{name}") for name in names}


def _document(path: "Traversable", name: str) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise Place(file=name).error("(none)", "the file is missing") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Place(file=name).error("(none)", f"is not TOML in UTF-8: {error}") from None


def _list(document: Mapping[str, Any], table: str, cls: type[Any], file: str = PLANNING) -> tuple[Any, ...]:
    entries = build_list(cls, document.get(table, []), Place(file=file))
    if len({entry.id for entry in entries}) < len(entries) or not entries:
        raise Place(file=file).error(table, "each entry needs an id of its own, and one entry is the least")
    return entries


def _by_id(document: Mapping[str, Any], table: str, cls: type[Any], file: str = PLANNING) -> Mapping[str, Any]:
    return MappingProxyType({entry.id: entry for entry in _list(document, table, cls, file)})


def _check_planning(loaded: PlanningWords) -> None:
    catalog = load_catalog()
    units = {metric.unit for metric in catalog.metrics.values()}
    for name, known in (("pain", loaded.pains), ("range", loaded.ranges)):
        wanted = set(catalog.metrics) if name == "pain" else units
        if set(known) != wanted:
            raise Place(file=PLANNING).error(name, f"wants exactly one entry for each of {', '.join(sorted(wanted))}")
    if set(loaded.lifts) != set(catalog.decisions):
        raise Place(file=PLANNING).error("lift", "wants exactly one entry for each decision")
    for what in ("targets", "siblings", "asks"):
        entries = getattr(loaded, what)
        ids = {entry.id for entry in entries} if what == "targets" else set(entries)
        unknown = ids - set(catalog.constraints if what == "targets" else catalog.metrics)
        if unknown:
            raise Place(file=PLANNING).error(what, f"names what the catalogue has not got: {', '.join(sorted(unknown))}")


def _check_choice(walk: WalkData, question: str, choice: WalkChoice) -> None:
    place = Place(file=WALK, entry=f"{question} > {choice.id}")
    if (choice.goes_to is None) == (choice.ends_in is None):
        raise place.error("goes_to", "a choice goes to a question or ends, one of the two")
    if choice.goes_to is not None and choice.goes_to not in walk.questions:
        raise place.error("goes_to", f"no question {choice.goes_to!r}")
    if choice.ends_in is not None and choice.ends_in not in walk.ends:
        raise place.error("ends_in", f"no end {choice.ends_in!r}")
