"""What is known about one machine: the frozen shape of ``inventory.json`` (schema ``workstation.inventory/1``).

An absent fact is `None` plus an entry in `unknowns`; never 0, "N/A" or a guess.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

SCHEMA = "workstation.inventory/1"

Medium = Literal["nvme", "ssd", "hdd", "unknown"]
Chassis = Literal["laptop", "desktop", "server", "unknown"]
Virtualization = Literal["none", "wsl2", "container", "vm", "unknown"]
SwapKind = Literal["disk", "zram", "none", "unknown"]
Vendor = Literal["nvidia", "amd", "intel", "apple", "other"]
Confidence = Literal["measured", "reported", "inferred", "imported"]


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """The operating system and the kind of machine it runs on."""

    os: str | None  # Linux, Darwin or Windows
    os_version: str | None
    kernel: str | None
    machine: str | None
    chassis: Chassis
    virtualization: Virtualization
    python: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cpu:
    """The processor."""

    model: str | None
    physical_cores: int | None
    logical_cores: int | None
    max_mhz: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """Main memory; `usable_bytes` is the total or the container's limit, whichever is smaller."""

    total_bytes: int | None
    available_bytes: int | None
    limit_bytes: int | None
    usable_bytes: int | None
    swap_total_bytes: int | None
    swap_used_bytes: int | None
    swap_kind: SwapKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Volume:
    """A mounted file system: the project's or the operating system's."""

    total_bytes: int | None
    free_bytes: int | None
    filesystem: str | None
    medium: Medium
    shared_with_system: bool | None = None  # only told of the project's volume


@dataclass(frozen=True, slots=True, kw_only=True)
class StorageDevice:
    """One whole disk."""

    name: str
    size_bytes: int | None
    medium: Medium


@dataclass(frozen=True, slots=True, kw_only=True)
class Storage:
    """Where the project and the system live, and the disks behind them."""

    project: Volume
    system: Volume
    devices: tuple[StorageDevice, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gpu:
    """One graphics processor, and which source told of it."""

    vendor: Vendor
    name: str | None
    vram_total_bytes: int | None
    vram_used_bytes: int | None
    unified_memory: bool | None
    driver: str | None
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Power:
    """Battery and mains; `on_battery` is `None` where there is no battery."""

    battery_present: bool | None
    on_battery: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sensors:
    """What this machine can tell about itself while it works."""

    temperatures: bool | None
    cpu_frequency: bool | None
    memory_pressure: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """The fastest link that is up."""

    link_mbps: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """Which source told a fact, and how much weight it bears."""

    source: str
    confidence: Confidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """A fact that could not be had: which (a dotted path), why, and how to find out."""

    what: str
    why: str
    how_to_find_out: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Inventory:
    """One machine, read once; absent facts are `None` and explained in `unknowns`."""

    captured_at: str  # ISO 8601, UTC
    system: System
    cpu: Cpu
    memory: Memory
    storage: Storage
    gpus: tuple[Gpu, ...]
    power: Power
    sensors: Sensors
    network: Network
    provenance: Mapping[str, Provenance] = field(default_factory=dict)
    unknowns: tuple[Unknown, ...] = ()

    def save(self, path: "str | Path") -> "Path":
        """Write this inventory as JSON; a reader never sees half a file."""
        from workstation.inventory._store import save_inventory

        return save_inventory(self, path)

    def to_frame(self) -> "pd.DataFrame":
        """Return one row per fact: what, value, who told it and how surely, or why it is unknown."""
        from workstation.inventory._frame import to_frame

        return to_frame(self)

    def why_not(self, about: str) -> str:
        """Say in one sentence why this machine cannot tell of *about*, or has not got it; or that it can.

        *about* is a constraint ("vram", "graphics memory") or a fact's dotted path ("network.link_mbps").
        """
        from workstation.catalog import load_catalog
        from workstation.inventory.why_not import why_not

        return why_not(self, about, load_catalog())
