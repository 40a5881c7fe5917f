"""Meters of memory on Linux: what is left, what is swapped, what is fetched again, and how long work waited."""

from collections.abc import Mapping

from workstation.probing.control_groups import V1_UNLIMITED_FROM_BYTES
from workstation.recording._groups import Groups
from workstation.recording._meter import Rate, Sample, Told, percent, put, told, untold
from workstation.recording._parse import parse_count, parse_meminfo, parse_pairs, parse_stalls, parse_vmstat
from workstation.recording._texts import Texts

MEMINFO, VMSTAT, ARC = "/proc/meminfo", "/proc/vmstat", "/proc/spl/kstat/zfs/arcstats"
_MEMORY = ("ram_available_bytes", "ram_used_bytes")
_SWAP = ("swap_used_bytes",)
_SWAP_RATES = ("swap_in_bytes_per_s", "swap_out_bytes_per_s")
_FAULTS = ("major_faults_per_s", "refaults_per_s")
_STALLS = {"memory": ("some", "full"), "io": ("some", "full"), "cpu": ("some",)}


class MemoryMeter:
    """Memory that the watched work may still take, within its control group's limit, and swap in use."""

    def __init__(self, texts: Texts, groups: Groups) -> None:
        self._texts, self._groups = texts, groups
        self._has_arc = texts.read(ARC) is not None

    def begin(self, now_s: float) -> Mapping[str, Told]:
        """Say where memory is told."""
        sample: Sample = {}
        self.read(now_s, sample)
        source = "control group" if self._groups.limits else MEMINFO
        return {
            **(told(_MEMORY, source) if "ram_available_bytes" in sample else untold(_MEMORY, self._why())),
            **(told(_SWAP, self._swap_source()) if _SWAP[0] in sample else untold(_SWAP, self._why())),
        }

    def read(self, now_s: float, sample: Sample) -> None:
        """Add available and used memory, and swap in use."""
        self._groups.look(now_s)
        info = parse_meminfo(self._texts.read(MEMINFO) or b"")
        rooms = [room for room in (self._host(info), self._groups.room_bytes()) if room is not None]
        totals = [total for total in (info.get("MemTotal"), self._groups.limit_bytes) if total is not None]
        if rooms:
            available = min([*rooms, *totals])
            put(sample, "ram_available_bytes", available)
            put(sample, "ram_used_bytes", min(totals) - available if totals else None)
        put(sample, "swap_used_bytes", self._swap_used(info))

    def _host(self, info: dict[str, int]) -> int | None:
        available = info.get("MemAvailable")
        if available is None and "MemFree" in info:  # kernels before 3.14
            available = info["MemFree"] + info.get("Buffers", 0) + info.get("Cached", 0) - info.get("Shmem", 0)
        if available is not None and self._has_arc:
            available += _arc_to_spare(self._texts.read(ARC) or b"")
        return available

    def _swap_used(self, info: dict[str, int]) -> int | None:
        if self._groups.swap_used is not None:
            return parse_count(self._texts.read(self._groups.swap_used))
        total, free = info.get("SwapTotal"), info.get("SwapFree")
        return None if total is None or free is None else max(0, total - free)

    def _swap_source(self) -> str:
        return "cgroup memory.swap.current" if self._groups.swap_used else MEMINFO

    def _why(self) -> str:
        return _why(self._texts, MEMINFO, "does not tell of it")


class FaultMeter:
    """Pages that went to swap and came back, and pages that had been dropped and were needed again."""

    def __init__(self, texts: Texts, groups: Groups, page_bytes: int) -> None:
        self._texts, self._groups, self._page_bytes = texts, groups, page_bytes
        self._rates = {name: Rate() for name in (*_SWAP_RATES, *_FAULTS)}
        self.kills: int | None = None  # of the whole system so far, for want of memory

    def begin(self, now_s: float) -> Mapping[str, Told]:
        """Say which counters this kernel keeps."""
        self.read(now_s, {})
        system, own = self._counts()
        where = {**dict.fromkeys(_SWAP_RATES, VMSTAT), **dict.fromkeys(_FAULTS, self._stat() or VMSTAT)}
        known = {**system, **own}
        return {
            name: Told(source="cgroup memory.stat" if path != VMSTAT else path)
            if known.get(name) is not None
            else Told(why_not=_why(self._texts, path, "has no such counter"))
            for name, path in where.items()
        }

    def read(self, now_s: float, sample: Sample) -> None:
        """Add the rates since the last reading."""
        system, own = self._counts()
        for name, count in (*system.items(), *own.items()):
            put(sample, name, self._rates[name].of(now_s, count), 1 if name in _FAULTS else None)

    def _stat(self) -> str | None:
        return self._groups.memory_stat()

    def _counts(self) -> tuple[dict[str, int | None], dict[str, int | None]]:
        vmstat = parse_vmstat(self._texts.read(VMSTAT) or b"")
        self.kills = vmstat.get(b"oom_kill")
        swapped = [vmstat.get(key) for key in (b"pswpin", b"pswpout")]
        system = {
            name: None if pages is None else pages * self._page_bytes
            for name, pages in zip(_SWAP_RATES, swapped, strict=True)
        }
        path = self._stat()
        counts = parse_pairs(self._texts.read(path) or b"") if path else vmstat
        totals = {key.removeprefix(b"total_"): count for key, count in counts.items() if key.startswith(b"total_")}
        counts = counts | totals  # version 1 counts the groups below it in lines of their own
        refaults = [count for key, count in counts.items() if key.startswith(b"workingset_refault")]
        own = {"major_faults_per_s": counts.get(b"pgmajfault"), "refaults_per_s": sum(refaults) if refaults else None}
        return system, own


class StallMeter:
    """Pressure stall information: the own control group's where there is one, else the whole system's."""

    def __init__(self, texts: Texts, groups: Groups) -> None:
        self._texts, self._groups = texts, groups
        self._rates: dict[str, Rate] = {}
        self._paths: dict[str, str] = {}

    def begin(self, now_s: float) -> Mapping[str, Told]:
        """Say whose pressure is told."""
        self._groups.look(now_s)
        found: dict[str, Told] = {}
        for what, kinds in _STALLS.items():
            names = tuple(f"{what}_stall_{kind}_percent" for kind in kinds)
            found |= self._begin_one(what, names)
        self.read(now_s, {})
        return found

    def read(self, now_s: float, sample: Sample) -> None:
        """Add the share of the time since the last reading in which work waited."""
        for what, system in self._paths.items():
            totals = parse_stalls(self._texts.read(self._groups.pressures.get(what, system)) or b"")
            for kind in _STALLS[what]:
                name = f"{what}_stall_{kind}_percent"
                grown = self._rates.setdefault(name, Rate()).of(now_s, totals.get(kind))
                put(sample, name, None if grown is None else percent(grown, 1e6), 2)

    def _begin_one(self, what: str, names: tuple[str, ...]) -> dict[str, Told]:
        system = f"/proc/pressure/{what}"
        if what in self._groups.pressures:
            self._paths[what] = system
            return told(names, f"cgroup {what}.pressure")
        if self._texts.read(system):
            self._paths[what] = system
            return told(names, f"{system} (of the whole system)")
        reason = self._texts.why(system)
        denied = "may not" in reason
        return untold(names, f"{system} {reason}" if denied else "this kernel has no pressure stall information")


def total_bytes(texts: Texts) -> int | None:
    """Return how much memory there is; `None` where it cannot be told."""
    total = parse_meminfo(texts.read(MEMINFO) or b"").get("MemTotal")
    return total if total and total < V1_UNLIMITED_FROM_BYTES else None


def _arc_to_spare(text: bytes) -> int:
    """Return what ZFS's cache would give back: its size above its floor; the kernel counts it as used."""
    rows = {words[0]: words[-1] for line in text.splitlines() if len(words := line.split()) == 3}  # noqa: PLR2004 - name, type, value
    size, floor = parse_count(rows.get(b"size")), parse_count(rows.get(b"c_min"))
    return max(0, size - floor) if size is not None and floor is not None else 0


def _why(texts: Texts, path: str, lacks: str) -> str:
    return f"{path} {lacks if texts.read(path) else texts.why(path)}"
