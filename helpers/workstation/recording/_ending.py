"""Find out how the watched process ended: its status, and whether the kernel killed it for want of memory.

A process's status belongs to its parent, which here is usually somebody else. Until the parent takes note, the dead
process's last line in /proc holds it; afterwards kernels from 6.15 on give it to whoever holds a descriptor.
"""

import os
import select
import signal
import struct
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from workstation.recording._parse import parse_killed, parse_process
from workstation.recording._texts import Texts

RECENT_SECONDS = 10.0  # a large process takes its time to die
_KMSG, _KMSG_RECORD_BYTES, _MOST_RECORDS = "/dev/kmsg", 8192, 5000
# linux/pidfd.h: PIDFD_GET_INFO on struct pidfd_info in its first, 64-byte form; the status stands at its end.
_GET_INFO, _INFO_BYTES, _EXIT_BIT = (3 << 30) | (64 << 16) | (0xFF << 8) | 11, 64, 1 << 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Kills:
    """What the system counts of processes that were killed for want of memory; `None`: it does not tell."""

    named: bool | None = None  # the kernel's log names a watched process
    group: int | None = None  # how many more the own control group counts
    group_source: str = "cgroup"
    system: int | None = None  # how many more the whole system counts, in the last seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Death:
    """What is known when the watched process is gone; *status* is as wait(2) codes it."""

    status: int | None
    kills: Kills
    was_expected: bool  # nobody else was going to say how it ended


def decide_end(death: Death, t_s: float) -> dict[str, object]:
    """Say how it ended, as the fields of a recording's last line."""
    killed_by = _signal_of(death.status)
    by_kernel, evidence = _by_kernel(death.kills, is_sigkill=killed_by == "SIGKILL")
    end: dict[str, object] = {"how": "exit", "t_s": t_s, "oom_killer": by_kernel, "evidence": evidence}
    if killed_by is not None:
        return end | {"how": "killed", "signal": killed_by}
    if death.status is not None:
        code = os.waitstatus_to_exitcode(death.status) if hasattr(os, "waitstatus_to_exitcode") else death.status
        return end | {"how": "error" if code else "exit", "exit_code": code}
    if by_kernel:
        return end | {"how": "killed", "signal": "SIGKILL"}
    if death.was_expected:
        return end | {"evidence": "the process is gone; its exit code is known to its parent only"}
    return end | {"how": "error", "error": "the process is gone, and nobody could tell how it ended"}


def _by_kernel(kills: Kills, *, is_sigkill: bool) -> tuple[bool | None, str | None]:
    """Weigh the evidence: the kernel's own words, then the group's count, then the whole system's."""
    if kills.named:
        return True, "the kernel's log names the process"
    if kills.group:
        return True, f"{kills.group_source} counts {kills.group} more"
    if is_sigkill and kills.group is None and kills.system:
        return True, "the system's count of out-of-memory kills rose as the process died"
    if kills.group is None and kills.system is None and kills.named is None:
        return None, None
    return False, "no out-of-memory kill was counted"


def _signal_of(status: int | None) -> str | None:
    number = 0 if status is None else status & 0x7F
    if not number:
        return None
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


class Witness:
    """Stands by while the watched process lives, so as to know afterwards how it ended."""

    def __init__(self, texts: Texts, pid: int) -> None:
        self._texts, self._pid = texts, pid
        self._descriptor = _descriptor_of(pid)
        self._log = _end_of_log()
        self._system: deque[tuple[float, int]] = deque()

    def see(self, now_s: float, system: int | None) -> None:
        """Take note of what the whole system has counted by now."""
        if system is not None:
            self._system.append((now_s, system))
        while len(self._system) > 1 and now_s - self._system[0][0] > RECENT_SECONDS:
            self._system.popleft()

    def kills(self, group: tuple[str, int] | None, system: int | None, pids: Iterable[int]) -> Kills:
        """Compare what is counted now with what was counted before."""
        return Kills(
            named=self._named(set(pids)),
            group=group[1] if group else None,
            group_source=group[0] if group else "cgroup",
            system=None if system is None or not self._system else max(0, system - self._system[0][1]),
        )

    def status(self) -> int | None:
        """Return the status of a process that has ended, where anybody tells."""
        found = parse_process(self._texts.read(f"/proc/{self._pid}/stat") or b"")
        if found is not None and found.state in {"Z", "X"} and found.exit_status is not None:
            return found.exit_status
        return _status_from_kernel(self._descriptor)

    def wait(self, gone: Callable[[], object]) -> None:
        """Call *gone* when the process has ended; returns at once where the kernel cannot wait for it."""
        if self._descriptor is not None:
            poll = select.poll()
            poll.register(self._descriptor, select.POLLIN)
            poll.poll()
            gone()

    def _named(self, pids: set[int]) -> bool | None:
        if self._log is None:
            return None
        for _ in range(_MOST_RECORDS):
            try:
                record = os.read(self._log, _KMSG_RECORD_BYTES)
            except BlockingIOError:
                return False
            except BrokenPipeError:  # records were lost to newer ones
                continue
            except OSError:
                return None
            if parse_killed(record) & pids:
                return True
        return False


def _descriptor_of(pid: int) -> int | None:
    if not hasattr(os, "pidfd_open"):
        return None
    try:
        return os.pidfd_open(pid)
    except OSError:
        return None


def _end_of_log() -> int | None:
    """Open the kernel's log at its end; most systems allow that to root only."""
    try:
        descriptor = os.open(_KMSG, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    except OSError:
        return None
    try:
        os.lseek(descriptor, 0, os.SEEK_END)
    except OSError:
        os.close(descriptor)
        return None
    return descriptor


def _status_from_kernel(descriptor: int | None) -> int | None:
    if descriptor is None:
        return None
    import fcntl  # late: not on every system

    asked = struct.pack("Q", _EXIT_BIT).ljust(_INFO_BYTES, b"\0")
    try:
        answer = fcntl.ioctl(descriptor, _GET_INFO, asked)
    except OSError:
        return None
    mask = struct.unpack_from("Q", answer)[0]
    return int(struct.unpack_from("i", answer, _INFO_BYTES - 4)[0]) if mask & _EXIT_BIT else None
