"""``storage``: the same file read from the disk and from memory, and what a full disk would mean."""

import errno
import mmap
import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from workstation.demos import _files
from workstation.demos._budget import Pace, file_budget
from workstation.demos._columns import last
from workstation.demos._files import CHUNK_BYTES
from workstation.demos._fill import Filler
from workstation.demos._guard import Guard
from workstation.demos._planning import make_plan
from workstation.demos._words import models, rules
from workstation.demos.model import ANSWER, Conclusion, Ending, Plan, Request, Sampled, Snapshot
from workstation.units import GB, MB, MIB, format_disk

_USUAL_BYTES = 1024 * MIB
_SECONDS = 90.0
_IN_MEMORY = frozenset({"tmpfs", "ramfs"})
_SYNC_BYTES = 64 * MIB
_NOT_COLD_PERCENT = 5.0
_MECHANISMS = {
    "Linux": "The file never has a name; after the writing it is forced to the disk and its pages are dropped, "
    "and the kernel is asked whether they are gone.",
    "Darwin": "The file loses its name at once; macOS is asked to keep it out of its file cache until the second "
    "reading.",
}
_NOT_HERE = "On this system an ordinary program cannot drop a file from memory, so nothing could be read cold."
_IN_RAM = "This folder lives in memory, not on a disk, so there is nothing to read cold."


def plan(snapshot: Snapshot, request: Request) -> Plan:
    """Decide how large a file."""
    asked = request.limit_bytes if request.limit_bytes is not None else _USUAL_BYTES
    budget = file_budget(snapshot, asked)
    if request.limit_bytes is None:
        budget = replace(budget, notes=budget.notes[:1])
    refusal = _NOT_HERE if snapshot.system not in _MECHANISMS else None
    if snapshot.disk_filesystem in _IN_MEMORY:
        refusal = _IN_RAM
    size = budget.ceiling_bytes // CHUNK_BYTES * CHUNK_BYTES
    seconds = min(request.seconds or _SECONDS, _SECONDS)
    return make_plan(
        "storage", snapshot, request,
        budget=replace(budget, ceiling_bytes=size, refusal=budget.refusal or refusal),
        pace=Pace(step_bytes=CHUNK_BYTES, grow_seconds=seconds, seconds=seconds),
        figures={"size": format_disk(size), "storage_mechanism": _MECHANISMS.get(snapshot.system, _NOT_HERE)},
        settings={"folder": str((request.folder or Path.cwd()).absolute()), "free_bytes": snapshot.disk_free_bytes,
                  "total_bytes": snapshot.disk_total_bytes, "shared_with_system": snapshot.disk_shared_with_system},
    )  # fmt: skip


class _Job:
    """One file: written, read cold, read warm. `met` is the limit that ended it early."""

    def __init__(self, plan: Plan, guard: Guard, descriptor: int) -> None:
        self.plan, self.guard, self.file = plan, guard, descriptor
        self.buffer = mmap.mmap(-1, CHUNK_BYTES)
        self.view = memoryview(self.buffer)
        self.filler = Filler()

    def write(self, at: int) -> str | None:
        """Write one chunk, unless the disk has lost its room."""
        share = (_files.free_bytes(self.file) + at) * rules().file_limit_percent // 100
        if at + CHUNK_BYTES > max(share, CHUNK_BYTES):
            return "space"
        self.filler.fill(self.view)
        try:
            written = os.pwrite(self.file, self.view, at)
            if (at + CHUNK_BYTES) % _SYNC_BYTES == 0:
                os.fsync(self.file)
        except OSError as error:
            if error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
                return "disk-full"
            raise
        return None if written == CHUNK_BYTES else "disk-full"

    def read(self, at: int) -> str | None:
        """Read one chunk."""
        os.preadv(self.file, [self.view], at)
        return None

    def go_through(self, phase: int, chunk: Callable[[int], str | None]) -> tuple[str | None, float]:
        """Do all chunks; return the limit met, and the bytes a second."""
        started, size = self.guard.t_s, self.plan.ceiling_bytes
        for at in range(0, size, CHUNK_BYTES):
            met = self.guard.glance() or chunk(at)
            if met is not None:
                return met, 0.0
            passed = max(self.guard.t_s - started, 1e-6)
            done = at + CHUNK_BYTES
            self.guard.sample({"phase": phase, "done_bytes": done, "speed_bytes_per_s": done / passed})
        speed = size / max(self.guard.t_s - started, 1e-6)
        self.guard.sample({"speed_bytes_per_s": speed}, now=True)
        return None, speed


def work(plan: Plan, guard: Guard) -> Ending:
    """Write, drop, read, read again; runs in the child."""
    try:
        descriptor = _files.open_nameless(Path(str(plan.settings["folder"])))
    except OSError as error:
        return Ending(by="problem", detail=f"No file can be made in this folder: {error.strerror}.")
    try:
        return _all_phases(plan, guard, _Job(plan, guard, descriptor))
    finally:
        os.close(descriptor)


def _all_phases(plan: Plan, guard: Guard, job: _Job) -> Ending:
    _files.keep_out_of_memory(job.file)
    guard.note("Writing it to the disk")
    met, _ = job.go_through(1, job.write)
    if met is not None:
        return Ending(by=met)
    _files.drop_from_memory(job.file)
    left = _files.cached_percent(job.file, plan.ceiling_bytes)
    guard.sample({} if left is None else {"still_cached_percent": left}, now=True)
    guard.note("Reading it from the disk")
    met, cold = job.go_through(2, job.read)
    if met is not None:
        return Ending(by=met)
    _files.let_into_memory(job.file)
    if not hasattr(os, "posix_fadvise"):  # what was kept out so far has to come in once
        met, _ = job.go_through(2, job.read)
    guard.note("Reading it again, from memory")
    again, warm = job.go_through(3, job.read)
    if (met := met or again) is not None:
        return Ending(by=met)
    guard.sample({"cold_bytes_per_s": cold, "warm_bytes_per_s": warm, ANSWER: round(warm / cold, 2)}, now=True)
    return Ending(by="finished")


def conclude(plan: Plan, samples: Sequence[Sampled], ending: Ending) -> Conclusion:
    """Say how far apart the two readings are, what that means for a model, and how full the disk would be."""
    del ending
    cold, warm = last(samples, "cold_bytes_per_s"), last(samples, "warm_bytes_per_s")
    if cold is None or warm is None:
        return Conclusion(
            measured=None, verdict="It ended before both readings were done; nothing is left of the file."
        )
    model = next(model for model in models() if model.id == "llama-3.1-8b")
    weights = model.weights[0]
    speeds = (
        f"From the disk it came at {cold / MB:,.0f} MB/s, from memory at {warm / MB:,.0f} MB/s: "
        f"{warm / cold:.1f} times as fast."
    )
    loading = (
        f"{model.name} in {weights.quantization} ({weights.bytes / GB:.1f} GB) would take {weights.bytes / cold:.1f} "
        f"seconds to load the first time, and {weights.bytes / warm:.1f} while it is still in memory."
    )
    sentences = [speeds, loading]
    still = last(samples, "still_cached_percent")
    if still is not None and still > _NOT_COLD_PERCENT:
        sentences.append(f"But {still:.0f} % of the file stayed in memory, so the first reading was not cold.")
    sentences += _room(plan, weights.bytes)
    return Conclusion(measured=round(warm / cold, 2), verdict=" ".join(sentences))


def _room(plan: Plan, model_bytes: int) -> list[str]:
    free, shared = plan.settings["free_bytes"], plan.settings["shared_with_system"]
    if not isinstance(free, int):
        return []
    count = free // model_bytes
    found = [f"The disk has room for {count:,} such models more."] if count else ["The disk has no room for one more."]
    if shared:
        found.append(
            "It is the system's own disk: when it is full, programs cannot save and updates stop, not only you."
        )
    return found
