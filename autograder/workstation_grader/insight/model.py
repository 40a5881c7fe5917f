"""What insight works on: each submission reduced to facts, and the tables that come out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from workstation.answers.model import Criterion
from workstation.answers.predictions import Prediction

__all__ = ["Bar", "Cell", "Cohort", "Entry", "Machine", "Section", "Table"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """The four facts of a machine that are counted, each already as coarse as it will be shown."""

    ram: str
    gpu: str
    storage: str
    system: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One learner's submission as the gradebook and its graded copy tell of it."""

    student: str
    submission: str = ""  # Formgrader's key of it
    handed_in: datetime | None = None  # UTC
    due: datetime | None = None  # with the learner's extension
    copy: bool = True  # False: no graded copy could be read
    damage: str = ""  # why not
    readable: bool = True  # False: the learner's notebook was damaged, and nothing of it could be scored
    criteria: tuple[Criterion, ...] = ()
    waiting: frozenset[str] = frozenset()  # test cells that wait for a person
    pending: Mapping[str, float] = field(default_factory=dict)  # the points that such a cell may still add
    fields: Mapping[tuple[str, str], str] = field(default_factory=dict)  # by (answer, field), as written
    own: tuple[str, ...] = ()  # the learner's own words, without the exercise's
    cases: Mapping[str, str] = field(default_factory=dict)  # drawn case by answer
    named: Mapping[str, str] = field(default_factory=dict)  # the constraint that an answer names, in words
    family: str = ""  # of the workload, by its name
    machine: Machine | None = None
    predictions: tuple[Prediction, ...] = ()
    digests: Mapping[str, str] = field(default_factory=dict)  # evidence: digest by file name
    problems: tuple[str, ...] = ()  # codes
    unread: tuple[str, ...] = ()  # evidence files that could not be read


@dataclass(frozen=True, slots=True, kw_only=True)
class Cohort:
    """All submissions of one exercise."""

    exercise: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A share bar: counts by kind, in the order in which they are drawn, and what it says in words."""

    parts: tuple[tuple[str, int], ...]
    said: str


Cell = str | int | float | Bar | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows for the page and for a CSV file; a `Bar` is drawn on the page and left out of the file."""

    name: str  # of the file, without its ending
    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    words: frozenset[str] = frozenset()  # columns that hold a learner's words


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One part of the page: what it says first, a drawing where it has one, its tables, and how to read them."""

    id: str
    title: str
    lead: tuple[str, ...]
    tables: tuple[Table, ...] = ()
    drawing: str = ""  # safe HTML
    notes: tuple[str, ...] = ()
