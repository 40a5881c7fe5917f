"""Memory limits by control groups, the kernel's own: a group for each learner, in both versions of the interface.

Where the machine lets nobody make groups (most containers), the limit can only be announced to what the learner runs;
`find_groups` then says why. An address-space limit (RLIMIT_AS) is no way out: JupyterLab and numpy reserve far more
addresses than they use.
"""

import contextlib
import os
import signal
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Group", "Groups", "find_groups"]

ROOT = Path("/sys/fs/cgroup")
NAME = "home-ai-workstation"
V1, V2 = 1, 2
_PROBE_BYTES = 64 * 1024**2


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The control group of one learner's server and all that it starts."""

    folder: Path
    version: int

    def make(self, limit_bytes: int) -> None:
        """Make the group, and limit it; swap is no way around the limit.

        Raises:
            OSError: the kernel refuses.
        """
        self.folder.mkdir(exist_ok=True)
        if self.version == V1:
            self._limit_v1(limit_bytes)
        else:
            (self.folder / "memory.max").write_text(str(limit_bytes))
            self._try("memory.swap.max", "0")
            self._try("memory.oom.group", "0")

    def join(self) -> None:
        """Move the calling process into the group; what it starts is born there."""
        (self.folder / "cgroup.procs").write_text(str(os.getpid()))

    def processes(self) -> list[int]:
        """List the processes in the group."""
        with contextlib.suppress(OSError):
            return [int(word) for word in (self.folder / "cgroup.procs").read_text().split()]
        return []

    def end(self) -> None:
        """Kill what is left in the group, and remove it once it is empty; the next start takes it over otherwise."""
        for process in self.processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        with contextlib.suppress(OSError):
            self.folder.rmdir()

    def _limit_v1(self, limit_bytes: int) -> None:
        """Set both limits, widening the outer one first: memory may never be allowed more than memory with swap."""
        self._try("memory.memsw.limit_in_bytes", "-1")
        (self.folder / "memory.limit_in_bytes").write_text(str(limit_bytes))
        self._try("memory.memsw.limit_in_bytes", str(limit_bytes))

    def _try(self, name: str, text: str) -> None:
        with contextlib.suppress(OSError):  # kernels without swap accounting have no such file
            if (self.folder / name).exists():
                (self.folder / name).write_text(text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Groups:
    """Where the groups of this class server live, or why there can be none."""

    parent: Path | None
    version: int | None
    why_not: str = ""

    def of(self, name: str) -> Group | None:
        """Give a learner's group; `None` where limits are only announced."""
        if self.parent is None or self.version is None:
            return None
        return Group(folder=self.parent / name, version=self.version)


def find_groups(root: Path = ROOT) -> Groups:
    """Find out by trying whether this process can limit memory, and by which version of control groups."""
    if (root / "memory" / "memory.limit_in_bytes").exists():
        return _tried(root / "memory" / NAME, V1)
    controllers = root / "cgroup.controllers"
    if controllers.exists() and "memory" in controllers.read_text().split():
        return _tried(root / NAME, V2)
    return Groups(parent=None, version=None, why_not=f"{root} has no control groups for memory")


def _tried(parent: Path, version: int) -> Groups:
    probe = Group(folder=parent / ".probe", version=version)
    try:
        if version == V2:
            _hand_down(parent.parent)
        parent.mkdir(exist_ok=True)
        if version == V2:
            _hand_down(parent)
        probe.make(_PROBE_BYTES)
    except OSError as problem:
        return Groups(parent=None, version=None, why_not=f"{parent} cannot be used: {problem.strerror}")
    probe.end()
    return Groups(parent=parent, version=version)


def _hand_down(folder: Path) -> None:
    """Let the groups in *folder* limit memory: version 2 asks for this level by level."""
    control = folder / "cgroup.subtree_control"
    if not control.exists() or "memory" not in control.read_text().split():
        control.write_text("+memory")
