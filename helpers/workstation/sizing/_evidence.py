"""What bands read of an inventory, a worksheet and recordings: plain figures by name, `None` where nobody knows.

Recordings and findings come in as Protocols, since they stand beside this floor or above it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Protocol

from workstation.sizing._machine import InventoryLike
from workstation.units import GB

LOADED_PERCENT = 50.0  # of a processor or GPU: less is no load that would heat anything
FAST = frozenset({"ssd", "nvme"})
_HEAT = ("thermal_throttle_per_s", ".throttled_by_heat")
_LOAD = ("cpu_used_percent", ".utilization_percent")


class RecordingLike(Protocol):
    """A recording of a workload: `workstation.recording.model.Recording`."""

    @property
    def t_s(self) -> Any: ...
    @property
    def columns(self) -> Mapping[str, Any]: ...


class FindingLike(Protocol):
    """What a diagnosis says of one constraint."""

    @property
    def constraint(self) -> str: ...
    @property
    def verdict(self) -> str: ...
    @property
    def statement(self) -> str: ...


class PlatformLike(Protocol):
    """The worksheet: what no program can read of a machine."""

    def answers(self) -> Mapping[str, Any]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What recordings say of heat: how long they were under load, and how much of that without throttling."""

    loaded_seconds: float | None
    unthrottled_percent: float | None
    missing: str | None


def storage_facts(inv: InventoryLike) -> dict[str, float | None]:
    """Return the project disk's free space, whether it is fast, and how many fast disks there are."""
    storage = getattr(inv, "storage", None)
    project = getattr(storage, "project", None)
    free, medium = getattr(project, "free_bytes", None), getattr(project, "medium", "unknown")
    devices = getattr(storage, "devices", ()) or ()
    known = [each for each in devices if each.medium != "unknown"]
    return {
        "free_gb": None if free is None else free / GB,
        "fast": None if medium == "unknown" else float(medium in FAST),
        "fast_disks": float(sum(each.medium in FAST for each in known)) if known else None,
    }


def power_facts(platform: PlatformLike | None) -> dict[str, float | None]:
    """Return what the worksheet says of power and places; sums are unknown unless a part of them is known."""
    told = dict(platform.answers()) if platform is not None else {}
    return {
        "psu_watts": _float(told.get("psu_watts")),
        "plugs": _sum(told, "psu_free_8pin", "psu_free_16pin"),
        "disk_places": _sum(told, "m2_slots_free", "drive_bays_free"),
    }


def is_laptop(inv: InventoryLike, platform: PlatformLike | None) -> bool:
    """Tell whether this is a laptop, by the worksheet first."""
    told = platform.answers().get("chassis") if platform is not None else None
    return (told or getattr(getattr(inv, "system", None), "chassis", None)) == "laptop"


def load_of(recordings: Sequence[RecordingLike]) -> Load:
    """Add up the seconds under load in all recordings, and those of them in which nothing was slowed by heat."""
    loaded = slowed = 0.0
    told_of_heat = False
    for each in recordings:
        heat = _worst(each, _HEAT)
        told_of_heat = told_of_heat or heat is not None
        for n, seconds in enumerate(_steps(each.t_s)):
            if _at(_worst(each, _LOAD), n) >= LOADED_PERCENT:
                loaded += seconds
                slowed += seconds if _at(heat, n) > 0 else 0.0
    if not recordings:
        return Load(loaded_seconds=None, unthrottled_percent=None, missing="a recording of your own workload")
    if loaded == 0:
        return Load(loaded_seconds=0.0, unthrottled_percent=None, missing="a recording in which the machine is at work")
    if not told_of_heat:
        return Load(loaded_seconds=loaded, unthrottled_percent=None, missing="whether it was slowed by heat")
    return Load(loaded_seconds=loaded, unthrottled_percent=100 * (1 - slowed / loaded), missing=None)


def _worst(recording: RecordingLike, names: Sequence[str]) -> list[float] | None:
    """Return the highest of several columns, sample by sample; NaN counts as nothing."""
    found = [column for key, column in recording.columns.items() if any(key.endswith(name) for name in names)]
    if not found:
        return None
    return [max((float(value) for value in row if value == value), default=0.0) for row in zip(*found, strict=False)]  # noqa: PLR0124 - NaN alone differs from itself


def _steps(times: Any) -> list[float]:
    """Return how long each sample stands for: until the next, and never longer than a minute."""
    moments = [float(each) for each in times]
    return [min(max(after - before, 0.0), 60.0) for before, after in pairwise(moments)]


def _at(values: list[float] | None, n: int) -> float:
    return values[n] if values is not None and n < len(values) else 0.0


def _float(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _sum(told: Mapping[str, Any], *names: str) -> float | None:
    known = [told[name] for name in names if _float(told.get(name)) is not None]
    return float(sum(known)) if known else None
