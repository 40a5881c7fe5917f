"""Say how much memory there is, how much of it this process may use, and what swap stands behind it."""

from workstation.inventory._cgroup import Cgroup
from workstation.inventory._facts import Fact, Ledger, inferred, measured, missing
from workstation.inventory._parse import Swap, parse_count, parse_pairs, parse_swaps
from workstation.inventory._read import Source, because
from workstation.inventory.model import Memory, SwapKind, Virtualization

_MEMINFO = "/proc/meminfo"
_HOW = "run free -h in a terminal"


def read_memory(
    source: Source, meminfo: dict[str, int], cgroup: Cgroup, virtualization: Virtualization, ledger: Ledger
) -> Memory:
    """Read memory and swap; every figure is what counts for this process, not for its host."""
    total = _total(source, meminfo, virtualization, is_limited=bool(cgroup.limits))
    limit = _limit(source, cgroup, total.value)
    available = _available(source, meminfo, cgroup, limit.value)
    swap_total, swap_used, swap_kind = _swap(source, meminfo, cgroup, virtualization)
    if limit.value is not None:
        ledger.take("memory.limit_bytes", limit)
    return Memory(
        total_bytes=ledger.take("memory.total_bytes", total),
        available_bytes=ledger.take("memory.available_bytes", available),
        limit_bytes=limit.value,
        usable_bytes=ledger.take("memory.usable_bytes", _usable(total, limit)),
        swap_total_bytes=ledger.take("memory.swap_total_bytes", swap_total),
        swap_used_bytes=ledger.take("memory.swap_used_bytes", swap_used),
        swap_kind=ledger.take("memory.swap_kind", swap_kind) or "unknown",
    )


def _total(source: Source, meminfo: dict[str, int], virtualization: Virtualization, *, is_limited: bool) -> Fact[int]:
    total = meminfo.get("MemTotal")
    if not total:
        return missing(because(source, _MEMINFO, "does not give MemTotal"), _HOW)
    whose = {
        "wsl2": " (what Windows lends WSL2; what the machine itself has is unknown from inside)",
        "vm": " (what the virtual machine was given; its host is unknown from inside)",
        "container": " (of the host; see the limit)" if is_limited else " (as the container shows it)",
    }
    return measured(total, _MEMINFO + whose.get(virtualization, ""))


def _limit(source: Source, cgroup: Cgroup, total: int | None) -> Fact[int]:
    """Return the tightest enforced limit, or a smaller one that is only announced, named as such."""
    enforced = cgroup.limits[0] if cgroup.limits else None
    announced = parse_count(source.variable("MEM_LIMIT"))
    ceiling = enforced.limit_bytes if enforced else total
    if announced and (ceiling is None or announced < ceiling):
        return Fact(announced, "announced by the variable MEM_LIMIT; nothing seen here enforces it", "reported")
    if enforced:
        return measured(enforced.limit_bytes, enforced.source)
    return missing("no limit was found", "none is needed")


def _usable(total: Fact[int], limit: Fact[int]) -> Fact[int]:
    """Take the smaller of the two, with the source of the one that decided."""
    if limit.value is None or (total.value is not None and total.value <= limit.value):
        return total
    return limit if limit.confidence == "measured" else inferred(limit.value, limit.source)


def _available(source: Source, meminfo: dict[str, int], cgroup: Cgroup, limit: int | None) -> Fact[int]:
    host = _host_available(source, meminfo)
    if cgroup.room_bytes is not None and (host.value is None or cgroup.room_bytes < host.value):
        host = measured(cgroup.room_bytes, "control group: limit less use, file cache counted as free")
    if host.value is None or limit is None or host.value <= limit:
        return host
    return inferred(limit, "not above the limit; what is used under it was not to be read")


def _host_available(source: Source, meminfo: dict[str, int]) -> Fact[int]:
    available, total = meminfo.get("MemAvailable"), meminfo.get("MemTotal")
    if available is None:
        return _estimate(source, meminfo)
    cache = _zfs_cache(source)
    if cache and total:
        return inferred(min(total, available + cache), f"{_MEMINFO}, and ZFS's cache that shrinks on demand")
    return measured(available if total is None else min(available, total), _MEMINFO)


def _estimate(source: Source, meminfo: dict[str, int]) -> Fact[int]:
    """Add up what kernels before 3.14 told instead."""
    if "MemFree" not in meminfo:
        return missing(because(source, _MEMINFO, "does not give MemAvailable"), _HOW)
    kept = meminfo["MemFree"] + meminfo.get("Buffers", 0) + meminfo.get("Cached", 0) - meminfo.get("Shmem", 0)
    return inferred(max(0, min(kept, meminfo.get("MemTotal", kept))), f"{_MEMINFO}: free, buffers and cache")


def _zfs_cache(source: Source) -> int:
    """Return what ZFS's cache would give back: its size above its floor; the kernel counts it as used."""
    arc = parse_pairs(source.read("/proc/spl/kstat/zfs/arcstats") or "")
    return max(0, arc.get("size", 0) - arc.get("c_min", 0))


def _swap(
    source: Source, meminfo: dict[str, int], cgroup: Cgroup, virtualization: Virtualization
) -> tuple[Fact[int], Fact[int], Fact[SwapKind]]:
    text = source.read("/proc/swaps")
    areas = parse_swaps(text) if text is not None else None
    total, free = meminfo.get("SwapTotal"), meminfo.get("SwapFree")
    if total is None and areas is not None and text:
        total, free = _from_areas(areas)
    if total is None or free is None:
        lost: Fact[int] = missing(because(source, _MEMINFO, "does not tell of swap"), "run swapon --show")
        return lost, lost, missing(lost.why, lost.how)
    used, origin = max(0, total - free), _MEMINFO + (" (of the host)" if virtualization == "container" else "")
    limit = cgroup.swap_limit_bytes
    if limit is not None and limit < total:
        total, used, origin = limit, min(limit, cgroup.swap_used_bytes or 0), "cgroup memory.swap.max"
    return measured(total, origin), measured(used, origin), _swap_kind(total, areas)


def _from_areas(areas: tuple[Swap, ...]) -> tuple[int, int]:
    total = sum(area.size_bytes for area in areas)
    return total, total - sum(area.used_bytes for area in areas)


def _swap_kind(total: int, areas: tuple[Swap, ...] | None) -> Fact[SwapKind]:
    if total == 0:
        return measured("none", "no swap is set up")
    kinds = {area.is_zram for area in areas or ()}
    if len(kinds) == 1:
        return measured("zram" if kinds.pop() else "disk", "/proc/swaps")
    why = "both a disk and compressed memory serve as swap" if kinds else "/proc/swaps names no swap area"
    return missing(why, "run swapon --show")
