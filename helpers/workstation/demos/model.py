"""What a demonstration is asked for, what it plans, what it reports while it runs and what it came to.

All of it is plain data, so that the terminal and the notebook draw the same engine.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Literal

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]
Mode = Literal["live", "replay"]
Values = Mapping[str, float]

ANSWER = "answer"  # the sample's value that the prediction is about, in the prediction's unit, as of now


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What somebody asks of a demonstration; everything may be left out."""

    limit_bytes: int | None = None  # take at most this much: memory, disk or graphics memory
    seconds: float | None = None
    replay: bool = False
    folder: Path | None = None  # whose disk the storage demonstration uses; the current one by default
    record: str | None = None  # record the child under this name, as `ws.watch` does


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A graphics card whose memory this process may take from."""

    name: str
    total_bytes: int
    free_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """What a plan is decided from: this machine at one moment; absent facts are `None`."""

    system: str  # Linux, Darwin or Windows
    usable_bytes: int | None
    available_bytes: int | None
    limit_bytes: int | None  # a container's
    cores: int  # that this process may use
    disk_total_bytes: int | None = None  # the folder's
    disk_free_bytes: int | None = None
    disk_filesystem: str | None = None
    disk_medium: str = "unknown"
    disk_shared_with_system: bool | None = None
    cards: tuple[Card, ...] = ()  # NVIDIA's, with memory of their own
    cuda_binding: bool = False  # is the package there that can take a card's memory?
    on_battery: bool | None = None
    tells_clock: bool | None = None
    tells_temperature: bool | None = None
    grading: bool = False  # nbgrader runs the notebook


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What to predict before the run; its answer is measured in `unit`."""

    id: str
    text: str
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A value of the samples that is worth drawing: its key, its name, and what to divide it by for its unit."""

    key: str
    name: str
    unit: str
    divisor: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a demonstration will do, decided before anything is touched."""

    name: str
    title: str
    mode: Mode
    why_replay: str | None  # a sentence
    stand_in: str | None  # a sentence: what here stands for what
    mechanism: str  # what really happens, in one sentence
    takes: str  # a sentence
    stops: tuple[str, ...]  # sentences: what ends it
    notes: tuple[str, ...]  # sentences: why so much and no more
    question: Question
    limits: str  # one sentence: what this does not show
    lines: tuple[Line, ...]  # what to draw, the main one first
    ceiling_bytes: int
    floor_bytes: int | None  # available memory is never to be under this
    step_bytes: int
    grow_seconds: float
    seconds: float  # it ends by then, whatever happens
    settings: Mapping[str, Json] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def text(self) -> str:
        """The plan in plain words, one sentence a line."""
        lead = [self.why_replay] if self.why_replay else []
        aside = [self.stand_in] if self.stand_in else []
        return "\n".join([*lead, self.takes, *aside, *self.notes, *self.stops])


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """The first event: the plan. Nothing has happened yet."""

    plan: Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampled:
    """How things stand `t_s` seconds into the run; `values` has signal ids and the demonstration's own keys."""

    t_s: float
    values: Values


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """A moment worth a word: "Reading it back cold"."""

    t_s: float
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How the work ended, as far as the child could tell: a limit's id and what was found."""

    by: str
    detail: str = ""
    values: Values = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True, kw_only=True)
class Conclusion:
    """What the samples of a run come to."""

    measured: float | None
    verdict: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a run came to."""

    name: str
    mode: Mode
    stand_in: str | None
    question: Question
    measured: float | None  # in the question's unit; None where the run ended before it could be told
    ended_by: str  # the id of the limit, such as "floor"
    ended: str  # the same as a sentence
    verdict: str
    limits: str
    columns: Mapping[str, tuple[float | None, ...]]  # t_s and every value of the samples, None where one has it not
    lowest_available_bytes: int | None
    floor_bytes: int | None
    ceiling_bytes: int
    seconds: float
    release_seconds: float | None  # from the end to the child process being gone
    source: str | None = None  # of a replay: when and on what it was recorded
    recording: Path | None = None  # of the child, where one was asked for and could be made


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """The last event."""

    result: Result


Event = Stated | Sampled | Noted | Finished
