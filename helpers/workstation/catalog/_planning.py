"""Load what planning works with: `planning.toml` and the histories in `histories/`.

Apart from the rest of the catalogue, since no lesson's first page needs them: they are read on the first rule or
the first simulation.
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
    "Limits",
    "Pain",
    "PlanningWords",
    "RangeOf",
    "Sibling",
    "Target",
    "UnitWord",
    "entries_by_id",
    "history_documents",
    "load_planning_words",
    "read_document",
]

PLANNING, HISTORIES = "planning.toml", "histories"


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


@cache
def load_planning_words() -> PlanningWords:
    """Load the words, units and limits of plan rules; read and checked once a process.

    Raises:
        CatalogError: the file breaks a rule; the message names entry and field.
    """
    document = read_document(files(__package__) / PLANNING, PLANNING)
    words = dict(document.get("words", {}))
    numbers = words.pop("numbers", {})
    loaded = PlanningWords(
        comparators=entries(document, "comparison", Comparator),
        units=entries(document, "unit", UnitWord),
        ranges=entries_by_id(document, "range", RangeOf),
        siblings=entries_by_id(document, "sibling", Sibling),
        checkpoints=entries_by_id(document, "checkpoint", Checkpoint),
        targets=entries(document, "target", Target),
        pairs={frozenset(pair.id.split(" + ")): pair.makes for pair in entries(document, "pair", Pair)},
        pains=entries_by_id(document, "pain", Pain),
        lifts={lift.id: lift.lifts for lift in entries(document, "lift", Lift)},
        asks={ask.id: ask.question for ask in entries(document, "ask", Ask)},
        words=MappingProxyType({name: tuple(entries) for name, entries in words.items()}),
        numbers=MappingProxyType(numbers),
        limits=Limits(),
    )
    _check_planning(loaded)
    return loaded


def history_documents() -> Mapping[str, Mapping[str, Any]]:
    """Give each history's TOML document by its id, which is its file's name, in alphabetical order."""
    folder = files(__package__) / HISTORIES
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".toml"))
    return {name.removesuffix(".toml"): read_document(folder / name, f"{HISTORIES}/{name}") for name in names}


def read_document(path: "Traversable", name: str) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise Place(file=name).error("(none)", "the file is missing") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Place(file=name).error("(none)", f"is not TOML in UTF-8: {error}") from None


def entries(document: Mapping[str, Any], table: str, cls: type[Any], file: str = PLANNING) -> tuple[Any, ...]:
    found = build_list(cls, document.get(table, []), Place(file=file))
    if len({entry.id for entry in found}) < len(found) or not found:
        raise Place(file=file).error(table, "each entry needs an id of its own, and one entry is the least")
    return found


def entries_by_id(document: Mapping[str, Any], table: str, cls: type[Any], file: str = PLANNING) -> Mapping[str, Any]:
    return MappingProxyType({entry.id: entry for entry in entries(document, table, cls, file)})


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
        listed = getattr(loaded, what)
        ids = {entry.id for entry in listed} if what == "targets" else set(listed)
        unknown = sorted(ids - set(catalog.constraints if what == "targets" else catalog.metrics))
        if unknown:
            raise Place(file=PLANNING).error(what, f"names what the catalogue has not got: {', '.join(unknown)}")
