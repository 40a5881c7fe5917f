"""Meter of the watched processes on Linux: their memory, their work, and what they wait for."""

import time
from collections.abc import Iterator, Mapping

from workstation.recording._meter import Rate, Sample, Seldom, Told, Window, put, told, untold
from workstation.recording._parse import parse_process, parse_proportional, parse_sockets
from workstation.recording._texts import Texts
from workstation.recording._tree import Tree

PROPORTIONAL_SECONDS, WAITS_SECONDS, SOCKETS_SECONDS = 5.0, 0.5, 2.0
MAX_THREADS = 512
_ALWAYS = ("process_resident_bytes", "process_count", "process_cpu_percent")
_IO = ("process_read_bytes_per_s", "process_write_bytes_per_s")
_PROPORTIONAL, _WAITS, _SOCKETS = "process_proportional_bytes", "process_disk_wait_threads", "process_connections"


class ProcessMeter:
    """Sums over the tree of watched processes; what is costly to ask is asked seldom."""

    def __init__(self, texts: Texts, tree: Tree, main: int, *, page_bytes: int, ticks_per_s: int) -> None:
        self._texts, self._tree, self._main = texts, tree, main
        self._page_bytes, self._ticks_per_s = page_bytes, ticks_per_s
        self._cpu, self._read, self._written = Window(), Rate(), Rate()
        self._first_proportional: object = None
        self._due_at_once()

    def _due_at_once(self) -> None:
        self._proportional, self._waits = Seldom(PROPORTIONAL_SECONDS), Seldom(WAITS_SECONDS)
        self._sockets = Seldom(SOCKETS_SECONDS)

    def follow(self, pid: int) -> None:
        """Take another process for the watched one from now on."""
        self._main, self._first_proportional = pid, None
        self._due_at_once()

    def begin(self, now_s: float) -> Mapping[str, Told]:
        """Say what this user may know of the watched process."""
        here = f"/proc/{self._main}"
        before: Sample = {}
        self.read(now_s, before)
        proportional = self._proportional
        self._due_at_once()
        # The kernel walks through all memory of a process for this: 64 ms for 4 GiB, so what is known already is used.
        self._proportional, self._first_proportional = proportional, before.get(_PROPORTIONAL)
        stat = self._texts.read(f"{here}/stat") is not None
        return {
            **self._told_by(_ALWAYS, "stat", is_known=stat),
            **self._told_by(_IO, "io", is_known=self._texts.read(f"{here}/io") is not None),
            **self._told_by((_PROPORTIONAL,), "smaps_rollup", is_known=self._first_proportional is not None),
            **self._told_by((_WAITS,), "task", is_known=bool(self._texts.names(f"{here}/task"))),
            **self._told_by((_SOCKETS,), "fd", is_known=bool(self._texts.names(f"{here}/fd"))),
        }

    def read(self, now_s: float, sample: Sample) -> None:
        """Add the sums over all processes of the tree."""
        self._tree.look(now_s)
        alive = [each for each in self._tree.processes.values() if each.now.state != "Z"]
        put(sample, _ALWAYS[0], sum(each.now.resident_pages for each in alive) * self._page_bytes)
        put(sample, _ALWAYS[1], len(alive))
        grown = self._cpu.since(now_s, (float(self._tree.grown.cpu_ticks),))
        if grown is not None:
            put(sample, _ALWAYS[2], max(0.0, 100 * grown[1][0] / self._ticks_per_s / grown[0]), 1)
        if any(each.io for each in alive):
            put(sample, _IO[0], self._read.of(now_s, self._tree.grown.read_bytes))
            put(sample, _IO[1], self._written.of(now_s, self._tree.grown.written_bytes))
        self._seldom(now_s, sample, [each.pid for each in alive])
        if self._first_proportional is not None:
            sample[_PROPORTIONAL], self._first_proportional = self._first_proportional, None

    def _seldom(self, now_s: float, sample: Sample, pids: list[int]) -> None:
        for due, name, question in (
            (self._waits, _WAITS, self._waiting),
            (self._sockets, _SOCKETS, self._connections),
            (self._proportional, _PROPORTIONAL, self._proportional_sum),
        ):
            if pids and due.is_due(now_s):
                started = time.perf_counter()
                put(sample, name, question(pids))
                due.done(now_s, time.perf_counter() - started)

    def _waiting(self, pids: list[int]) -> int | None:
        """Count threads in uninterruptible sleep, which is nearly always a disk."""
        paths = [f"/proc/{pid}/task/{thread}/stat" for pid in pids for thread in self._texts.names(f"/proc/{pid}/task")]
        found = [parse_process(self._texts.read(path, once=True) or b"") for path in paths[:MAX_THREADS]]
        return sum(each.state == "D" for each in found if each is not None) if paths else None

    def _proportional_sum(self, pids: list[int]) -> int | None:
        sizes = [self._proportional_of(pid) for pid in pids]
        known = [size for size in sizes if size is not None]
        return sum(known) if known else None

    def _proportional_of(self, pid: int) -> int | None:
        return parse_proportional(self._texts.read(f"/proc/{pid}/smaps_rollup", once=True) or b"")

    def _connections(self, pids: list[int]) -> int | None:
        """Count connections that leave this machine; those within it only where there is no other network."""
        held = {inode for pid in pids for inode in self._sockets_of(pid)}
        if not held:  # the kernel takes milliseconds to list all connections
            return 0
        found: dict[str, bool] = {}
        for name in ("tcp", "tcp6"):
            found |= parse_sockets(self._texts.read(f"/proc/{self._main}/net/{name}", once=True) or b"")
        leaving = [found[inode] for inode in held if inode in found]
        return len(leaving) if self._has_only_loopback() else sum(leaving)

    def _sockets_of(self, pid: int) -> Iterator[str]:
        for name in self._texts.names(f"/proc/{pid}/fd"):
            target = self._texts.link(f"/proc/{pid}/fd/{name}") or ""
            if target.startswith("socket:["):
                yield target[8:-1]

    def _has_only_loopback(self) -> bool:
        rows = (self._texts.read(f"/proc/{self._main}/net/dev", once=True) or b"").splitlines()[2:]
        return bool(rows) and all(row.strip().startswith(b"lo:") for row in rows)

    def _told_by(self, names: tuple[str, ...], file: str, *, is_known: bool) -> dict[str, Told]:
        if is_known:
            return told(names, f"/proc/<pid>/{file}")
        path = f"/proc/{self._main}/{file}"
        self._texts.read(path, once=True)
        return untold(names, f"/proc/<pid>/{file} {self._texts.why(path)}")
