"""What the tests of the demonstrations share: parents that can be killed, small groups and disks, and waiting."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NoReturn

import psutil
import pytest

from workstation import demos
from workstation.demos.model import Snapshot
from workstation.units import GIB, MIB

SOON_SECONDS = 2.0  # within which nothing may be left of a demonstration
PATIENCE_SECONDS = 20.0

# A program that runs a demonstration and says what it sees, one line of JSON for each event.
PARENT = """
import json, sys
from dataclasses import replace
from pathlib import Path
from workstation import demos
from workstation.demos._read import read_snapshot

name, limit, seconds, folder = json.loads(sys.argv[1])
asked = demos.Request(limit_bytes=limit, seconds=seconds, folder=Path(folder) if folder else None)
found = replace(read_snapshot(asked.folder), disk_filesystem="ext4")
running = demos.run(name, asked, snapshot=found)
for event in running:
    line = {"event": type(event).__name__, "pid": running.pid}
    if isinstance(event, demos.Sampled):
        line["values"] = dict(event.values)
    if isinstance(event, demos.Stated):
        line |= {"mode": event.plan.mode, "why": event.plan.why_replay,
                 "ceiling": event.plan.ceiling_bytes, "step": event.plan.step_bytes}
    if isinstance(event, demos.Finished):
        result = event.result
        line |= {"by": result.ended_by, "ended": result.ended, "lowest": result.lowest_available_bytes,
                 "floor": result.floor_bytes, "measured": result.measured, "verdict": result.verdict}
    print(json.dumps(line), flush=True)
"""


def snapshot(**changes) -> Snapshot:
    """An ordinary machine: 16 GiB of memory, half of it available, no card."""
    usual = {
        "system": "Linux", "usable_bytes": 16 * GIB, "available_bytes": 8 * GIB, "limit_bytes": None, "cores": 4,
        "disk_total_bytes": 500 * GIB, "disk_free_bytes": 100 * GIB, "disk_filesystem": "ext4",
    }  # fmt: skip
    return Snapshot(**(usual | changes))


def live_run(name: str, request: demos.Request, **more) -> demos.Run:
    """Prepare a run that really happens; where this machine has too little room for one, the test is skipped."""
    running = demos.run(name, request, **more)
    if running.plan.mode != "live":
        impossible(running.plan.why_replay)
    return running


class Parent:
    """A process that runs a demonstration."""

    def __init__(self, name: str, *, limit: int | None = 128 * MIB, seconds: float | None = 8, folder=None, group=None):
        order = json.dumps([name, limit, seconds, str(folder) if folder else None])
        command = [sys.executable, "-c", PARENT, order]
        if group is not None:
            command = ["sh", "-c", f'echo $$ > {group}/cgroup.procs && exec "$@"', "sh", *command]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.child: int | None = None

    def lines(self) -> Iterator[dict]:
        """Give what it says, until its end."""
        for raw in self.process.stdout:
            line = json.loads(raw)
            self.child = line["pid"] or self.child
            yield line

    def until(self, wanted: Callable[[dict], bool]) -> dict:
        """Read on to the first line that is wanted."""
        for line in self.lines():
            if wanted(line):
                return line
        pytest.fail(f"It never came to that. {self.process.stderr.read().decode()}")

    def started(self) -> dict:
        """Read on until work is under way."""
        plan = self.until(lambda line: line["event"] == "Stated")
        if plan["mode"] != "live":
            impossible(plan["why"])
        return self.until(lambda line: line["event"] == "Sampled")

    def finished(self) -> dict:
        """Read on to the end."""
        return self.until(lambda line: line["event"] == "Finished")

    def kill(self) -> None:
        """End it as a crash would."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        self.process.stderr.close()


def becomes_true(condition: Callable[[], bool], seconds: float) -> bool:
    """Wait for a condition, at most so long."""
    deadline, pause = time.monotonic() + seconds, threading.Event()
    while not condition():
        if time.monotonic() > deadline:
            return False
        pause.wait(0.01)
    return True


def is_gone(pid: int) -> bool:
    """Tell whether a process is no more; one that only waits to be noticed holds nothing."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def children_of_demos() -> list[int]:
    """List the processes that do a demonstration's work, of this user's home alone."""
    return [process.pid for process in psutil.process_iter() if _is_ours(process)]


def _is_ours(process: psutil.Process) -> bool:
    try:
        return "workstation.demos._child" in process.cmdline() and process.environ().get("HOME") == os.environ["HOME"]
    except psutil.Error:
        return False


def impossible(reason: str) -> NoReturn:
    """Skip what this machine cannot show; where the course is proved, nothing may be skipped."""
    (pytest.fail if os.environ.get("CI") else pytest.skip)(reason)
    raise AssertionError


@contextlib.contextmanager
def small_disk(folder: Path, size_bytes: int) -> Iterator[Path]:
    """A file system of its own with so much room (needs root)."""
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size_bytes}", "tmpfs", folder], capture_output=True, check=False
    )
    if mounted.returncode != 0:
        impossible("A small disk can only be mounted by root.")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


@contextlib.contextmanager
def small_group(limit_bytes: int) -> Iterator[Path]:
    """A control group (version 1) whose processes together get so much memory (needs root)."""
    own = next(
        (line.split(":", 2)[2] for line in _groups() if line.split(":", 2)[1] == "memory"),
        "/",
    )
    group = Path(f"/sys/fs/cgroup/memory{own}") / f"demo-test-{os.getpid()}-{limit_bytes // MIB}"
    try:
        group.mkdir()
        (group / "memory.limit_in_bytes").write_text(str(limit_bytes))
    except OSError as error:
        impossible(f"No control group can be made here: {error.strerror}.")
    try:
        yield group
    finally:
        assert becomes_true(lambda: not (group / "cgroup.procs").read_text().split(), PATIENCE_SECONDS)
        group.rmdir()


def _groups() -> list[str]:
    try:
        return Path("/proc/self/cgroup").read_text("ascii").splitlines()
    except OSError:
        return []


def killed_in(group: Path) -> int:
    """Count the processes of a group that the out-of-memory killer took."""
    text = (group / "memory.oom_control").read_text("ascii")
    return next((int(line.split()[1]) for line in text.splitlines() if line.startswith("oom_kill ")), 0)
