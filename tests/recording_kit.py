"""What recording tests share: small recordings, a machine made of texts, limits and disks that are really small."""

import contextlib
import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

MACHINE = {
    "os": "Linux", "virtualization": "none", "ram_usable_bytes": 16 * 1024**3, "ram_limit_bytes": None,
    "swap_total_bytes": 0, "swap_kind": "none", "logical_cores": 8, "cpu_max_hz": 4e9, "disk_total_bytes": 10**12,
    "disk_medium": "nvme", "link_mbps": 1000, "gpus": [], "unified_memory": None,
}  # fmt: skip
HEADER = {
    "schema": "workstation.recording/1", "name": "small", "label": "python work.py",
    "started_at": "2026-01-31T12:00:00Z", "interval_s": 0.1, "inventory_digest": None, "machine": MACHINE,
    "signals": {"ram_available_bytes": {"available": True, "source": "/proc/meminfo", "why_not": None}},
}  # fmt: skip
GIB = 1024**3
GROUPS = Path("/sys/fs/cgroup/memory")
MEMINFO = "MemTotal: 16777216 kB\nMemAvailable: {} kB\nSwapTotal: 1048576 kB\nSwapFree: 1048576 kB\n"


def write(path, *lines, header=None):
    """Write a recording of plain data and raw text, a line each."""
    rows = [header or HEADER, *lines]
    text = "".join(row if isinstance(row, str) else json.dumps(row) + "\n" for row in rows)
    path.write_text(text, encoding="utf-8")
    return path


def samples(count, **columns):
    """Give samples ten times a second; each column is a function of the row."""
    return [{"t_s": round(row / 10, 3)} | {name: value(row) for name, value in columns.items()} for row in range(count)]


class SaidTexts:
    """Files that say what a test tells them to, one frame after the other."""

    def __init__(self, *frames, folders=None, links=None, denied=(), free=10**9):
        self.frames, self.folders, self.links = list(frames), folders or {}, links or {}
        self.denied, self.free, self.now = set(denied), free, 0

    def step(self):
        """Go on to the next frame; what it does not name stays as it was."""
        self.now += 1

    def read(self, path, *, once=False):  # noqa: ARG002 - as the live one has it
        """Give what a file says by now."""
        if path in self.denied:
            return None
        for frame in reversed(self.frames[: self.now + 1]):
            if path in frame:
                return None if frame[path] is None else frame[path].encode()
        return None

    def why(self, path):
        """Say why nothing was read."""
        return "may not be read by this user" if path in self.denied else "is not there"

    def names(self, folder):
        """Give a folder's names."""
        return () if folder in self.denied else tuple(self.folders.get(folder, ()))

    def link(self, path):
        """Give where a link points."""
        return self.links.get(path)

    def free_bytes(self, folder):  # noqa: ARG002 - one disk is enough
        """Give what is free."""
        return self.free

    def forget(self, path):
        """Do nothing: nothing is open."""


def stat_line(pid=42, *, state="S", parent=1, ticks=(0, 0, 0, 0), threads=1, pages=100, status=0, name="python"):
    """Give the text of /proc/<pid>/stat."""
    words = ["0"] * 50
    words[0], words[1], words[17], words[19], words[21], words[49] = (
        state, str(parent), str(threads), "77", str(pages), str(status),
    )  # fmt: skip
    words[11:15] = map(str, ticks)
    return f"{pid} ({name}) {' '.join(words)}\n"


def read_meter(meter, texts, *, at=(0.0, 0.1)):
    """Begin with the first frame, go on frame by frame, and give the last sample."""
    told = meter.begin(at[0])
    sample = {}
    for now_s in at[1:]:
        texts.step()
        sample = {}
        meter.read(now_s, sample)
    return told, sample


def until(condition, seconds=20.0):
    """Wait until a condition holds, and give what it gave; fail where it never does."""
    ended = time.monotonic() + seconds
    pause = threading.Event()
    while not (found := condition()):
        assert time.monotonic() < ended, "it did not happen in time"
        pause.wait(0.02)
    return found


def has_samples(path, count=3):
    """Tell whether a recording that is being made holds samples by now."""
    return path.exists() and path.read_bytes().count(b'"ram_available_bytes":') > count  # once in the header


def last_line(path):
    return json.loads(path.read_text("utf-8").splitlines()[-1])


def start(program, *arguments, **options):
    """Start a Python program in a process of its own."""
    return subprocess.Popen([sys.executable, "-c", program, *map(str, arguments)], **options)


def needs_root(what):
    """Skip for an ordinary user, but never where everything is to be proved."""
    may = hasattr(os, "geteuid") and os.geteuid() == 0
    if not may and not os.environ.get("CI"):
        pytest.skip(f"{what} needs root")


@contextlib.contextmanager
def limited_group(name, limit_bytes):
    """A control group of version 1 with a memory limit; gone afterwards, with whatever still runs in it."""
    if not (GROUPS / "memory.limit_in_bytes").exists():
        pytest.skip("this machine has no memory control groups of version 1")
    needs_root("setting a memory limit")
    group = GROUPS / f"ws-test-{name}-{os.getpid()}"
    group.mkdir()
    try:
        (group / "memory.limit_in_bytes").write_text(str(limit_bytes))
        yield group
    finally:
        for pid in (group / "cgroup.procs").read_text().split():
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(pid), 9)
        until(lambda: not (group / "cgroup.procs").read_text().split())
        group.rmdir()


@contextlib.contextmanager
def small_disk(folder, size):
    """A disk of a given size in memory."""
    needs_root("mounting a disk")
    folder.mkdir(exist_ok=True)
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        pytest.skip(f"no disk can be mounted here: {done.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)
