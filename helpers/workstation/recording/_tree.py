"""Follow the watched process and everything it starts, also what outlives its parent."""

import time
from collections.abc import Iterator
from dataclasses import dataclass

from workstation.recording._meter import Seldom
from workstation.recording._parse import (
    Process,
    parse_children,
    parse_process,
    parse_process_io,
)
from workstation.recording._texts import Texts

MAX_PROCESSES = 256
LOOK_SECONDS = 0.5
_DEAD = frozenset({"Z", "X", "x"})


@dataclass(slots=True)
class Followed:
    """One process of the tree, and what it had used when it was last looked at."""

    pid: int
    now: Process
    io: tuple[int, int] | None = None


@dataclass(slots=True)
class Grown:
    """What the whole tree has used since recording began."""

    cpu_ticks: int = 0
    read_bytes: int = 0
    written_bytes: int = 0


class Tree:
    """All processes that descend from *root*; *without* names those that are not to be counted."""

    def __init__(self, texts: Texts, root: int, *, main: int, without: frozenset[int]) -> None:
        self._texts, self._root, self._main, self._without = texts, root, main, without
        self._due, self._all_of_proc, self._begun = Seldom(LOOK_SECONDS), Seldom(1.0), False
        self.processes: dict[int, Followed] = {}
        self.ever = {main}  # so that the kernel's log can be asked about them
        self.grown = Grown()
        self.main: Process | None = None  # as it was last seen
        self.main_gone = False

    def follow(self, pid: int) -> None:
        """Take another process for the watched one from now on."""
        self._main, self.main, self.main_gone = pid, None, False
        self.ever.add(pid)
        self._due = Seldom(LOOK_SECONDS)

    def look(self, now_s: float) -> None:
        """Look at every known process, and for new ones where it is time to."""
        if self._due.is_due(now_s):
            started = time.perf_counter()
            self._discover(now_s)
            self._due.done(now_s, time.perf_counter() - started)
            self._begun = True
        before = self.processes
        self.processes = {}
        for pid, followed in before.items():
            self._follow(pid, followed)
        self._add_up(before)
        self._look_at_main()

    @property
    def has_ended(self) -> bool:
        """Tell whether the watched process itself is gone, or waits for its parent to take note."""
        return self.main_gone or (self.main is not None and self.main.state in _DEAD and self.main.threads <= 1)

    def _follow(self, pid: int, followed: Followed) -> None:
        found = parse_process(self._texts.read(f"/proc/{pid}/stat") or b"")
        if found is None:
            self._texts.forget(f"/proc/{pid}/io")
            return
        text = self._texts.read(f"/proc/{pid}/io")
        self.processes[pid] = Followed(pid, found, parse_process_io(text) if text else followed.io)

    def _add_up(self, before: dict[int, Followed]) -> None:
        """Add what was used since the last look.

        What a process used moves to its parent's count when the parent has waited for it, so only the sum over all is
        meaningful; where nobody of ours waited for one that is gone, its share would be missing and is put back.
        """
        gone = [followed for pid, followed in before.items() if pid not in self.processes]
        here = [(before[pid], followed) for pid, followed in self.processes.items()]
        self.grown.cpu_ticks += _rise(
            sum(new.now.cpu_ticks - old.now.cpu_ticks for old, new in here), sum(old.now.cpu_ticks for old in gone)
        )
        for place, name in enumerate(("read_bytes", "written_bytes")):
            rise = sum(new.io[place] - old.io[place] for old, new in here if new.io and old.io)
            lost = sum(old.io[place] for old in gone if old.io)
            setattr(self.grown, name, getattr(self.grown, name) + _rise(rise, lost))

    def _look_at_main(self) -> None:
        if self._main in self.processes:
            self.main = self.processes[self._main].now
        elif self.main is not None:
            self.main_gone = True
        else:
            self.main = parse_process(self._texts.read(f"/proc/{self._main}/stat", once=True) or b"")
            self.main_gone = self.main is None

    def _discover(self, now_s: float) -> None:
        """Find the children of all that are known: thread by thread, or in all of /proc where that cannot be told."""
        if self.main is None and not self.main_gone:
            self._begin_with(self._main)
        if self._texts.read(f"/proc/{self._root}/task/{self._root}/children", once=True) is None:
            self._discover_in_all(now_s)
            return
        waiting = [self._root, *self.processes]
        while waiting:
            waiting += filter(self._begin_with, self._children(waiting.pop()))

    def _children(self, pid: int) -> list[int]:
        threads = self._texts.names(f"/proc/{pid}/task")
        texts = (self._texts.read(f"/proc/{pid}/task/{thread}/children", once=True) for thread in threads)
        return [child for text in texts if text for child in parse_children(text)]

    def _discover_in_all(self, now_s: float) -> None:
        if not self._all_of_proc.is_due(now_s):
            return
        started = time.perf_counter()
        parents = dict(self._parents())
        known = {self._root, *self.processes}
        while more := {pid for pid, parent in parents.items() if parent in known and pid not in known | self._without}:
            known |= more
        for pid in sorted(known):
            self._begin_with(pid)
        self._all_of_proc.done(now_s, time.perf_counter() - started)

    def _parents(self) -> Iterator[tuple[int, int]]:
        for name in self._texts.names("/proc"):
            text = self._texts.read(f"/proc/{name}/stat", once=True) if name.isdigit() else None
            found = parse_process(text) if text else None
            if found is not None:
                yield int(name), found.parent

    def _begin_with(self, pid: int) -> bool:
        if pid in self.processes or pid in self._without or len(self.processes) >= MAX_PROCESSES:
            return False
        found = parse_process(self._texts.read(f"/proc/{pid}/stat") or b"")
        if found is None:
            return False
        text = self._texts.read(f"/proc/{pid}/io")
        followed = Followed(pid, found, parse_process_io(text) if text else None)
        self.processes[pid] = followed
        self.ever.add(pid)
        if self._begun:  # what it has used so far, it has used since recording began
            self.grown.cpu_ticks += found.cpu_ticks
            self.grown.read_bytes += followed.io[0] if followed.io else 0
            self.grown.written_bytes += followed.io[1] if followed.io else 0
        return True


def _rise(rise: int, lost: int) -> int:
    """Return how much a sum has grown, given what processes that are gone had counted."""
    after = rise - lost if rise >= lost else rise
    return max(0, after)
