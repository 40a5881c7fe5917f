"""Look at the machine for the demonstrations: once for the plan, and again before each step.

What counts as available is decided where the inventory decides it, container limits included.
"""

import os
import platform
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from workstation.demos.model import Card, Snapshot
from workstation.inventory import Inventory, inventory
from workstation.inventory._cgroup import Cgroup, read_cgroup
from workstation.inventory._facts import Ledger
from workstation.inventory._memory import read_memory
from workstation.inventory._parse import parse_meminfo
from workstation.inventory._read import LiveSource, Source
from workstation.probing.control_groups import Mount, group_folders, parse_cgroups, parse_mountinfo, parse_pairs

_MEMINFO, _VMSTAT, _PRESSURE = "/proc/meminfo", "/proc/vmstat", "/proc/pressure/memory"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """Memory at one moment; what this system does not tell is `None`."""

    available_bytes: int | None
    cache_bytes: int | None = None
    stalled_us: int | None = None  # so far, all work together
    swapped_out_bytes: int | None = None  # so far


MemoryReader = Callable[[], Reading]


def read_snapshot(folder: Path | None) -> Snapshot:
    """Look at this machine for a plan."""
    return snapshot_of(
        inventory(folder),
        cores=usable_cores(),
        cuda_binding=_has_cuda_binding(),
        grading=bool(os.environ.get("NBGRADER_EXECUTION")),
    )


def snapshot_of(found: Inventory, *, cores: int, cuda_binding: bool, grading: bool) -> Snapshot:
    """Take from an inventory what plans are decided from."""
    disk = found.storage.project
    cards = [
        Card(name=gpu.name or "a card", total_bytes=gpu.vram_total_bytes,
             free_bytes=max(0, gpu.vram_total_bytes - gpu.vram_used_bytes))
        for gpu in found.gpus
        if gpu.vendor == "nvidia" and gpu.vram_total_bytes and gpu.vram_used_bytes is not None
        and not gpu.unified_memory
    ]  # fmt: skip
    return Snapshot(
        system=found.system.os or platform.system(),
        usable_bytes=found.memory.usable_bytes,
        available_bytes=found.memory.available_bytes,
        limit_bytes=found.memory.limit_bytes,
        cores=cores,
        disk_total_bytes=disk.total_bytes,
        disk_free_bytes=disk.free_bytes,
        disk_filesystem=disk.filesystem,
        disk_medium=disk.medium,
        disk_shared_with_system=disk.shared_with_system,
        cards=tuple(cards),
        cuda_binding=cuda_binding,
        on_battery=found.power.on_battery,
        tells_clock=found.sensors.cpu_frequency,
        tells_temperature=found.sensors.temperatures,
        grading=grading,
    )


def usable_cores() -> int:
    """Count the cores that this process may use: its affinity and a container's quota, rounded up."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    source = LiveSource()
    quota = read_cgroup(source, parse_mountinfo(source.read("/proc/self/mountinfo") or ""), None).cpus
    return max(1, min(cores, -int(-quota // 1))) if quota else max(1, cores)


def _has_cuda_binding() -> bool:
    try:
        return find_spec("cuda.bindings") is not None
    except ModuleNotFoundError:  # not even its parent package is there
        return False


def memory_reader() -> MemoryReader:
    """Give a function that reads memory quickly, again and again."""
    return _LinuxReader() if platform.system() == "Linux" else _read_by_psutil


class _LinuxReader:
    """Reads /proc and the own control group; mounts and groups do not change while a demonstration runs."""

    def __init__(self, source: Source | None = None) -> None:
        self._source = source or LiveSource()
        self._mounts = parse_mountinfo(self._source.read("/proc/self/mountinfo") or "")
        self._pressure = _pressure_file(self._source, self._mounts)

    def __call__(self) -> Reading:
        meminfo = parse_meminfo(self._source.read(_MEMINFO) or "")
        cgroup = read_cgroup(self._source, self._mounts, meminfo.get("MemTotal"))
        memory = read_memory(self._source, meminfo, cgroup, "unknown", Ledger())
        return Reading(
            available_bytes=memory.available_bytes,
            cache_bytes=self._cache(meminfo, cgroup),
            stalled_us=parse_full_stall(self._source.read(self._pressure) or ""),
            swapped_out_bytes=self._swapped_out(),
        )

    def _cache(self, meminfo: dict[str, int], cgroup: Cgroup) -> int | None:
        """Give the file cache that counts: the own group's where one is limited, else the system's."""
        if cgroup.limits:
            return _group_cache(self._source, self._mounts)
        cached = meminfo.get("Cached")
        return None if cached is None else max(0, cached + meminfo.get("Buffers", 0) - meminfo.get("Shmem", 0))

    def _swapped_out(self) -> int | None:
        pages = parse_pairs(self._source.read(_VMSTAT) or "").get("pswpout")
        return None if pages is None else pages * os.sysconf("SC_PAGE_SIZE")


def parse_full_stall(text: str) -> int | None:
    r"""Read the microseconds in which all work waited, from a pressure file's text.

    >>> parse_full_stall("some avg10=0.00 total=5\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=42\n")
    42
    """
    for line in text.splitlines():
        fields = line.split()
        if fields[:1] == ["full"]:
            totals = [field.removeprefix("total=") for field in fields if field.startswith("total=")]
            return int(totals[0]) if totals and totals[0].isdigit() else None
    return None


def _pressure_file(source: Source, mounts: tuple[Mount, ...]) -> str:
    """Prefer the own group's pressure: in a container /proc tells the host's."""
    for folder in _own_folders(source, mounts, controller=None)[:1]:
        if source.read(f"{folder}/memory.pressure") is not None:
            return f"{folder}/memory.pressure"
    return _PRESSURE


def _group_cache(source: Source, mounts: tuple[Mount, ...]) -> int | None:
    """Read the file cache of the own group, in either version's words."""
    for controller in (None, "memory"):
        for folder in _own_folders(source, mounts, controller=controller)[:1]:
            stat = parse_pairs(source.read(f"{folder}/memory.stat") or "")
            found = stat.get("file", stat.get("total_cache"))
            if found is not None:
                return max(0, found - stat.get("shmem", stat.get("total_shmem", 0)))
    return None


def _own_folders(source: Source, mounts: tuple[Mount, ...], *, controller: str | None) -> tuple[str, ...]:
    return tuple(group_folders(parse_cgroups(source.read("/proc/self/cgroup") or ""), mounts, controller=controller))


def _read_by_psutil() -> Reading:
    import psutil

    try:
        available = int(psutil.virtual_memory().available)
        out = int(psutil.swap_memory().sout)
    except (psutil.Error, OSError, RuntimeError):
        return Reading(available_bytes=None)
    # psutil has no such counter on Windows, and answers 0.
    return Reading(available_bytes=available, swapped_out_bytes=None if platform.system() == "Windows" else out)


def resident_bytes() -> int | None:
    """Read how much of this process is in memory."""
    try:
        with open("/proc/self/statm", "rb") as file:  # noqa: PTH123 - read ten times a second
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        import psutil

        return int(psutil.Process().memory_info().rss)
