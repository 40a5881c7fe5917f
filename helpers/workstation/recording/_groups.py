"""Know the control groups of the watched process: the room that is left in them, and the kills that they count."""

from typing import NamedTuple

from workstation.probing.control_groups import (
    V1_UNLIMITED_FROM_BYTES,
    Mount,
    group_folders,
    parse_cgroups,
    parse_mountinfo,
)
from workstation.recording._meter import Seldom
from workstation.recording._parse import parse_count, parse_pairs
from workstation.recording._texts import Texts

LOOK_AGAIN_SECONDS, LIMITS_SECONDS = 1.0, 5.0  # a process may be moved to another group, and a limit be changed


class Limit(NamedTuple):
    """One enforced memory limit, and the files that tell how much of it is used."""

    limit_bytes: int
    usage: str
    stat: str
    reclaimable: bytes  # the key in *stat* of file pages that the kernel would give back first


class Groups:
    """The control groups of one process, looked up again every second."""

    def __init__(self, texts: Texts, pid: int, total_bytes: int | None) -> None:
        self._texts, self._pid, self._total_bytes = texts, pid, total_bytes or V1_UNLIMITED_FROM_BYTES
        self._mounts: tuple[Mount, ...] = parse_mountinfo(_decoded(texts.read("/proc/self/mountinfo", once=True)))
        self._due, self._limits_due, self._lines = Seldom(LOOK_AGAIN_SECONDS), Seldom(LIMITS_SECONDS), b""
        self._kills: dict[str, int] = {}  # how many each file had counted when it was first seen
        self.unified: tuple[str, ...] = ()
        self.memory_v1: tuple[str, ...] = ()
        self.cpu_v1: tuple[str, ...] = ()
        self.limits: tuple[Limit, ...] = ()
        self.pressures: dict[str, str] = {}  # the own group's files: of memory, io and cpu
        self.swap_used: str | None = None  # the own group's count, where a limit on swap makes it matter
        self.cpu_stat: str | None = None  # of the nearest group with a processor limit

    def follow(self, pid: int) -> None:
        """Look at another process's groups from now on."""
        self._pid, self._due = pid, Seldom(LOOK_AGAIN_SECONDS)

    def look(self, now_s: float) -> None:
        """Find the groups and their limits, where it is time to."""
        if not self._due.is_due(now_s):
            return
        self._due.done(now_s, 0.0)
        lines = self._texts.read(f"/proc/{self._pid}/cgroup")
        if lines is not None and lines != self._lines:
            self._lines = lines
            parsed = parse_cgroups(_decoded(lines))
            self.unified = tuple(group_folders(parsed, self._mounts, controller=None))
            self.memory_v1 = tuple(group_folders(parsed, self._mounts, controller="memory"))
            self.cpu_v1 = tuple(group_folders(parsed, self._mounts, controller="cpu"))
            self._begin_to_count()
            self._limits_due = Seldom(LIMITS_SECONDS)
        if self._limits_due.is_due(now_s):
            self._look_for_limits()
            self._limits_due.done(now_s, 0.0)

    def _look_for_limits(self) -> None:
        limits = (*self._of_v2(), *self._of_v1())
        self.limits = tuple(limit for limit in limits if limit.limit_bytes < self._total_bytes)
        own = {what: f"{folder}/{what}.pressure" for folder in self.unified[:1] for what in ("memory", "io", "cpu")}
        self.pressures = {what: path for what, path in own.items() if self._texts.read(path)}
        self.swap_used = self._swap_used()
        self.cpu_stat = self._cpu_stat()

    @property
    def limit_bytes(self) -> int | None:
        """The tightest limit."""
        return min((limit.limit_bytes for limit in self.limits), default=None)

    def room_bytes(self) -> int | None:
        """Return what is left under the limit that leaves least."""
        rooms = [room for limit in self.limits if (room := self._room(limit)) is not None]
        return min(rooms, default=None)

    def memory_stat(self) -> str | None:
        """Return the file of the own group's memory events, where a limit makes it count."""
        return self.limits[0].stat if self.limits else None

    def kills(self) -> tuple[str, int] | None:
        """Return how many more kills for want of memory the watched process's groups count, and where they count."""
        counts = {path: self._counted(path) for path in self._kills}
        rises = {path: count - self._kills[path] for path, count in counts.items() if count is not None}
        if not rises:
            return None
        return f"cgroup {max(rises, key=lambda path: rises[path]).rpartition('/')[2]}", max(0, sum(rises.values()))

    def _counted(self, path: str) -> int | None:
        return parse_pairs(self._texts.read(path) or b"").get(b"oom_kill")

    def _begin_to_count(self) -> None:
        """Note how many kills the present group had counted before: the process may leave it, or it may be removed."""
        paths = [f"{folder}/memory.events" for folder in self.unified[:1]]
        paths += [f"{folder}/memory.oom_control" for folder in self.memory_v1[:1]]
        for path in paths:
            if path not in self._kills and (count := self._counted(path)) is not None:
                self._kills[path] = count

    def _room(self, limit: Limit) -> int | None:
        usage = parse_count(self._texts.read(limit.usage))
        if usage is None:
            return None
        inactive = parse_pairs(self._texts.read(limit.stat) or b"").get(limit.reclaimable, 0)
        return max(0, limit.limit_bytes - max(0, usage - inactive))

    def _swap_used(self) -> str | None:
        for folder in self.unified[:1]:
            if parse_count(self._texts.read(f"{folder}/memory.swap.max", once=True)) is not None:
                return f"{folder}/memory.swap.current"
        return None

    def _cpu_stat(self) -> str | None:
        for folder in self.unified:
            if not (self._texts.read(f"{folder}/cpu.max", once=True) or b"max").startswith(b"max"):
                return f"{folder}/cpu.stat"
        for folder in self.cpu_v1:
            if (parse_count(self._texts.read(f"{folder}/cpu.cfs_quota_us", once=True)) or 0) > 0:
                return f"{folder}/cpu.stat"
        return None

    def _of_v2(self) -> list[Limit]:
        found = []
        for folder in self.unified:
            counts = [parse_count(self._texts.read(f"{folder}/memory.{name}", once=True)) for name in ("max", "high")]
            known = [count for count in counts if count is not None]
            if known:
                found.append(Limit(min(known), f"{folder}/memory.current", f"{folder}/memory.stat", b"inactive_file"))
        return found

    def _of_v1(self) -> list[Limit]:
        found = []
        for folder in self.memory_v1:
            limit = parse_count(self._texts.read(f"{folder}/memory.limit_in_bytes", once=True))
            found.append(self._limit_v1(folder, limit))
        for folder in self.memory_v1[:1]:
            stat = parse_pairs(self._texts.read(f"{folder}/memory.stat") or b"")
            found.append(self._limit_v1(folder, stat.get(b"hierarchical_memory_limit")))
        return [limit for limit in found if 0 <= limit.limit_bytes < V1_UNLIMITED_FROM_BYTES]

    def _limit_v1(self, folder: str, limit: int | None) -> Limit:
        usage, stat = f"{folder}/memory.usage_in_bytes", f"{folder}/memory.stat"
        return Limit(V1_UNLIMITED_FROM_BYTES if limit is None else limit, usage, stat, b"total_inactive_file")


def _decoded(text: bytes | None) -> str:
    return (text or b"").decode("utf-8", "replace")
