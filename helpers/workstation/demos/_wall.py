"""Build a hard limit around this process, of the kind that this system has.

A limit is set for our own process alone, in the child, and only ever tightened; it goes when the process goes.
"""

import contextlib
import os
import platform
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

Take = Callable[[int], bytearray]
_VM_DATA = re.compile(r"^VmData:\s+(\d+) kB$", re.MULTILINE)
_JOB_LIMIT_PROCESS_MEMORY = 0x100
_EXTENDED_LIMITS = 9

# What holds the limit, in one sentence each: real on Linux and Windows, our own counting elsewhere.
MECHANISMS = {
    "Linux": "The kernel holds the limit (RLIMIT_DATA): the next piece is refused and Python raises MemoryError.",
    "Windows": "A job object holds the limit: the next piece is refused and Python raises MemoryError.",
}
SELF_HELD = "The child counts for itself and refuses the next piece: this system has no such limit for one process."
STAND_IN = "Here the limit is a stand-in: the child keeps it by its own counting, as no limit of the system does it."


@dataclass(frozen=True, slots=True, kw_only=True)
class Wall:
    """A limit that is in force: how to take memory under it, and whether the system holds it or we do."""

    take: Take
    held_by_system: bool


def mechanism(system: str) -> str:
    """Say what holds the limit on a system."""
    return MECHANISMS.get(system, SELF_HELD)


def is_real(system: str) -> bool:
    """Tell whether the system itself holds the limit."""
    return system in MECHANISMS


def build_wall(limit_bytes: int, *, besides: bool) -> Wall:
    """Allow this process *limit_bytes* of data from now on: in all, or *besides* what it has already."""
    builders = {"Linux": _by_rlimit, "Windows": _by_job}
    build = builders.get(platform.system())
    if build is not None:
        with contextlib.suppress(OSError, ValueError):
            build(limit_bytes, besides)
            return Wall(take=bytearray, held_by_system=True)
    return Wall(take=_Counting(limit_bytes), held_by_system=False)


class _Counting:
    """Takes memory up to a sum that it keeps itself."""

    def __init__(self, limit_bytes: int) -> None:
        self._left_bytes = limit_bytes

    def __call__(self, size_bytes: int) -> bytearray:
        if size_bytes > self._left_bytes:
            raise MemoryError
        self._left_bytes -= size_bytes
        return bytearray(size_bytes)


def data_bytes() -> int:
    """Read how much data this process has mapped, as RLIMIT_DATA counts it; 0 where nobody tells."""
    try:
        with open("/proc/self/status", encoding="ascii", errors="replace") as file:  # noqa: PTH123 - one short read
            found = _VM_DATA.search(file.read())
    except OSError:
        return 0
    return int(found[1]) * 1024 if found else 0


def _by_rlimit(limit_bytes: int, besides: bool) -> None:
    if sys.platform == "win32":
        return
    import resource

    limit = limit_bytes + (data_bytes() if besides else 0)
    resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))


def _by_job(limit_bytes: int, besides: bool) -> None:
    """Put this process into a job of its own whose committed memory is limited (Windows)."""
    import ctypes
    from ctypes import wintypes

    import psutil

    size = ctypes.c_size_t
    basic = [("user_time", ctypes.c_int64), ("job_time", ctypes.c_int64), ("flags", wintypes.DWORD), ("least", size),
             ("most", size), ("processes", wintypes.DWORD), ("affinity", size), ("priority", wintypes.DWORD),
             ("scheduling", wintypes.DWORD)]  # fmt: skip
    counters = [(f"io{number}", ctypes.c_uint64) for number in range(6)]
    memory = [("process_memory", size), ("job_memory", size), ("peak_process", size), ("peak_job", size)]
    limits = type("Limits", (ctypes.Structure,), {"_fields_": [*_structure(basic), *counters, *memory]})()
    limits.basic.flags = _JOB_LIMIT_PROCESS_MEMORY
    committed = int(getattr(psutil.Process().memory_info(), "private", 0))
    limits.process_memory = limit_bytes + (committed if besides else 0)
    kernel = getattr(ctypes, "WinDLL")("kernel32", use_last_error=True)  # noqa: B009 - absent elsewhere
    kernel.CreateJobObjectW.restype = kernel.GetCurrentProcess.restype = wintypes.HANDLE
    job = wintypes.HANDLE(kernel.CreateJobObjectW(None, None))
    done = kernel.SetInformationJobObject(job, _EXTENDED_LIMITS, ctypes.byref(limits), ctypes.sizeof(limits))
    if not (done and kernel.AssignProcessToJobObject(job, wintypes.HANDLE(kernel.GetCurrentProcess()))):
        raise OSError(os.strerror(1))


def _structure(fields: Sequence[tuple[str, Any]]) -> list[tuple[str, Any]]:
    import ctypes

    return [("basic", type("Basic", (ctypes.Structure,), {"_fields_": fields}))]
