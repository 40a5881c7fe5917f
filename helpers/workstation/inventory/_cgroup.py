"""Find the memory that this process may really use: the tightest limit from its own control group up to the root.

Tools that read /proc/meminfo alone show a container its host's memory. Both versions of control groups are read, and a
limit set on any group above ours counts as much as one on ours.
"""

from collections.abc import Iterator
from typing import NamedTuple

from workstation.inventory._read import Source
from workstation.probing.control_groups import (
    V1_UNLIMITED_FROM_BYTES,
    Mount,
    parse_cgroups,
    parse_count,
    parse_pairs,
)
from workstation.probing.control_groups import group_folders as _folders


class Limit(NamedTuple):
    """One enforced limit; `room_bytes` is what is left under it, where the group tells its use."""

    limit_bytes: int
    room_bytes: int | None
    source: str  # "cgroup memory.max"


class Cgroup(NamedTuple):
    """Everything that this process's control groups say of memory, tightest limit first."""

    limits: tuple[Limit, ...] = ()
    swap_limit_bytes: int | None = None
    swap_used_bytes: int | None = None
    cpus: float | None = None  # a quota in whole processors' worth of time
    has_pressure: bool = False

    @property
    def room_bytes(self) -> int | None:
        """What is left under the limit that leaves least."""
        rooms = [limit.room_bytes for limit in self.limits if limit.room_bytes is not None]
        return min(rooms, default=None)


def read_cgroup(source: Source, mounts: tuple[Mount, ...], total_bytes: int | None) -> Cgroup:
    """Read the groups of this process; limits at or above *total_bytes* limit nothing and are left out."""
    lines = parse_cgroups(source.read("/proc/self/cgroup") or "")
    unified = tuple(_folders(lines, mounts, controller=None))
    memory_v1 = tuple(_folders(lines, mounts, controller="memory"))
    ceiling = V1_UNLIMITED_FROM_BYTES if total_bytes is None else total_bytes
    found = [*_limits_v2(source, unified), *_limits_v1(source, memory_v1)]
    swap_limit, swap_used = _swap(source, unified)
    return Cgroup(
        limits=tuple(sorted((limit for limit in found if limit.limit_bytes < ceiling), key=_tightness)),
        swap_limit_bytes=swap_limit,
        swap_used_bytes=swap_used,
        cpus=_cpus(source, unified, tuple(_folders(lines, mounts, controller="cpu"))),
        has_pressure=bool(unified) and source.read(f"{unified[0]}/memory.pressure") is not None,
    )


def _tightness(limit: Limit) -> int:
    return limit.limit_bytes


def _limits_v2(source: Source, folders: tuple[str, ...]) -> Iterator[Limit]:
    for folder in folders:
        for name in ("memory.max", "memory.high"):
            limit = parse_count(source.read(f"{folder}/{name}"))
            if limit is not None:
                room = _room(source, limit, f"{folder}/memory.current", f"{folder}/memory.stat", "inactive_file")
                yield Limit(limit_bytes=limit, room_bytes=room, source=f"cgroup {name}")


def _limits_v1(source: Source, folders: tuple[str, ...]) -> Iterator[Limit]:
    for folder in folders:
        limit = parse_count(source.read(f"{folder}/memory.limit_in_bytes"))
        if limit is not None and limit < V1_UNLIMITED_FROM_BYTES:
            yield _limit_v1(source, folder, limit, "cgroup memory.limit_in_bytes")
    for folder in folders[:1]:
        # The kernel's own minimum over all groups above, also those that are not mounted here: of their use we see
        # no more than our own share.
        above = parse_pairs(source.read(f"{folder}/memory.stat") or "").get("hierarchical_memory_limit")
        if above is not None and above < V1_UNLIMITED_FROM_BYTES:
            yield _limit_v1(source, folder, above, "cgroup hierarchical_memory_limit")


def _limit_v1(source: Source, folder: str, limit: int, name: str) -> Limit:
    room = _room(source, limit, f"{folder}/memory.usage_in_bytes", f"{folder}/memory.stat", "total_inactive_file")
    return Limit(limit_bytes=limit, room_bytes=room, source=name)


def _room(source: Source, limit: int, usage_path: str, stat_path: str, reclaimable: str) -> int | None:
    """Return what is left, counting file pages that the kernel would give back first as free."""
    usage = parse_count(source.read(usage_path))
    if usage is None:
        return None
    inactive = parse_pairs(source.read(stat_path) or "").get(reclaimable, 0)
    return max(0, limit - max(0, usage - inactive))


def _swap(source: Source, folders: tuple[str, ...]) -> tuple[int | None, int | None]:
    """Return the tightest swap limit and this process's own group's use of swap (version 2 only)."""
    limits = [parse_count(source.read(f"{folder}/memory.swap.max")) for folder in folders]
    finite = [limit for limit in limits if limit is not None]
    if not finite:
        return None, None
    return min(finite), parse_count(source.read(f"{folders[0]}/memory.swap.current"))


def _cpus(source: Source, unified: tuple[str, ...], cpu_v1: tuple[str, ...]) -> float | None:
    quotas = [(source.read(f"{folder}/cpu.max") or "").split() for folder in unified]
    quotas += [[source.read(f"{folder}/cpu.cfs_{part}_us") or "" for part in ("quota", "period")] for folder in cpu_v1]
    pairs = [(parse_count(row[0]), parse_count(row[1])) for row in quotas if len(row) == 2]  # noqa: PLR2004 - quota, period
    return min((quota / period for quota, period in pairs if quota and period), default=None)
