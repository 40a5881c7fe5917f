"""Ask psutil what it tells the same way on every system; each figure alone, so that one failure hides no other."""

from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class PsutilReport:
    """What psutil said; `None` where it cannot tell on this system."""

    memory_total_bytes: int | None = None
    memory_available_bytes: int | None = None
    swap_total_bytes: int | None = None
    swap_used_bytes: int | None = None
    physical_cores: int | None = None
    logical_cores: int | None = None
    battery_present: bool | None = None
    plugged_in: bool | None = None
    link_mbps: int | None = None
    temperatures: bool | None = None


def ask_psutil() -> PsutilReport:
    """Load psutil and ask it; never raises."""
    try:
        import psutil
    except ImportError:
        return PsutilReport()
    memory, swap = _attempt(psutil, psutil.virtual_memory), _attempt(psutil, psutil.swap_memory)
    has_battery, plugged_in = _battery(psutil)
    return PsutilReport(
        memory_total_bytes=getattr(memory, "total", None),
        memory_available_bytes=getattr(memory, "available", None),
        swap_total_bytes=getattr(swap, "total", None),
        swap_used_bytes=getattr(swap, "used", None),
        physical_cores=_attempt(psutil, lambda: psutil.cpu_count(logical=False)),
        logical_cores=_attempt(psutil, psutil.cpu_count),
        battery_present=has_battery,
        plugged_in=plugged_in,
        link_mbps=_attempt(psutil, lambda: _fastest_link(psutil)),
        temperatures=hasattr(psutil, "sensors_temperatures"),
    )


def _attempt(psutil: ModuleType, question: Callable[[], T]) -> T | None:
    try:
        return question()
    except (psutil.Error, OSError, RuntimeError, NotImplementedError):
        return None


def _battery(psutil: ModuleType) -> tuple[bool | None, bool | None]:
    ask = getattr(psutil, "sensors_battery", None)  # not on every system
    if ask is None:
        return None, None
    battery = _attempt(psutil, ask)
    return battery is not None, getattr(battery, "power_plugged", None)


def _fastest_link(psutil: ModuleType) -> int | None:
    speeds = [int(link.speed) for link in psutil.net_if_stats().values() if link.isup and link.speed > 0]
    return max(speeds, default=None)
