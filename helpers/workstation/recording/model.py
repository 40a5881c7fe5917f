"""What a recorder saw: the frozen shape of ``<name>.recording.jsonl`` (schema ``workstation.recording/1``).

First line a header, then one line per sample, with marks between them, then one line that says how it ended. A
recording whose last line is missing was cut off: its `end` is `None`, and what it holds still counts.

    {"schema": "workstation.recording/1", "name": "rag-index", "label": "python index.py", ...}
    {"t_s": 0.1, "ram_available_bytes": 8123456789, "gpus": [{"memory_used_bytes": 1073741824}]}
    {"t_s": 4.2, "mark": "checkpoint"}
    {"end": {"how": "exit", "t_s": 61.3, "exit_code": 0, ...}}
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

SCHEMA = "workstation.recording/1"
SUFFIX = ".recording.jsonl"

How = Literal["exit", "error", "killed", "recorder-stopped"]
Column = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Availability:
    """Whether one signal is in the samples, and which source tells it, or why none can."""

    available: bool
    source: str | None  # such as "/proc/meminfo", "NVML"
    why_not: str | None  # a clause: "this kernel has no pressure stall information"


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """What a diagnosis must know of the machine that was recorded; absent facts are `None`."""

    os: str | None
    virtualization: str
    ram_usable_bytes: int | None  # the total or the container's limit, whichever is smaller
    ram_limit_bytes: int | None
    swap_total_bytes: int | None
    swap_kind: str
    logical_cores: int | None
    cpu_max_hz: float | None
    disk_total_bytes: int | None  # the project's volume
    disk_medium: str
    link_mbps: int | None
    gpus: tuple[str, ...]  # their names, in the order of the samples' lists
    unified_memory: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """The first line: what was watched, since when, how often, and what could be read."""

    name: str
    label: str  # the command or the cell that was watched, in one line
    started_at: str  # ISO 8601, UTC
    interval_s: float
    inventory_digest: str | None  # "sha256:..." of the inventory that was there
    machine: Machine
    signals: Mapping[str, Availability]  # by signal id; GPU signals as gpus.<n>.<id>
    thinned_from: str | None = None  # "sha256:..." of the whole recording that this is a part of
    note: str | None = None  # where a recording comes from, when it was not made by the recorder


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A moment that the watched work named: "load", "checkpoint", "context 8192"."""

    t_s: float
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """The last line: how it ended, with the system's evidence where it could be read."""

    how: How
    t_s: float
    exit_code: int | None = None
    signal: str | None = None  # "SIGKILL"
    oom_killer: bool | None = None  # None: nobody could tell
    error: str | None = None  # "MemoryError", "CUDA out of memory", "disk full"
    evidence: str | None = None  # where that was read


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Recording:
    """One recording, read whole: columns as long as `t_s`, with NaN where a sample has no such value.

    `columns` holds system and process signals by their id and GPU signals as ``gpus.0.memory_used_bytes``. A signal
    that was never recorded has no column. A recording too long to hold is thinned while it is read: each kept sample
    then holds the worst of those it stands for, and `thinned` says how many that were.
    """

    header: Header
    t_s: Column
    columns: Mapping[str, Column]
    marks: tuple[Mark, ...] = ()
    end: End | None = None
    problems: tuple[str, ...] = ()  # sentences about lines that could not be read
    thinned: int = 1
    clock_jumps: tuple[float, ...] = field(default=())  # t_s at which the machine had been asleep or the clock was set
