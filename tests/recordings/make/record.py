"""Record the real runs: each job of `workloads.py` under its limits, thinned into the folder above.

    python record.py [NAME ...]          as root, on Linux with control groups of version 1, `ip` and `tc`

It makes control groups, a swap file of 1 GiB, small file systems and a network of its own, and takes all of them away
again. A name that is given twice is recorded twice, and the later one stays.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from workstation.recording import SUFFIX, thin

HERE = Path(__file__).resolve().parent
MOST_BYTES = 58_000
GROUPS = Path("/sys/fs/cgroup")
MIB = 1024**2
SHARES = 20_480  # of the processor, against 1,024 of everybody else: where other work shares the machine


@dataclass(frozen=True, kw_only=True)
class Run:
    """One recording: the job, and what it is held to."""

    job: str
    memory_mib: int | None = None  # a memory limit
    swap: bool = False  # a swap file, which the limit lets it use
    cores: float | None = None  # a processor limit
    volume_mib: int | None = None  # a small file system to work on
    late_s: float | None = None  # a network of its own, with a service on it that answers so late
    rate_mbit: int | None = None  # ... over a line so narrow
    disk_mb_s: int | None = None  # a slow disk: so much is read and written directly a second
    in_python: bool = False  # recorded as a notebook's cell is, by the Python that does the work
    outside: bool = False  # the recorder sees the whole machine, only the job is limited


RUNS: dict[str, Run] = {
    "real-idle": Run(job="idle seconds=20"),
    "real-idle-connected": Run(job="idle-connected seconds=20"),
    "real-one-core": Run(job="burn processes=1 seconds=20"),
    "real-two-cores": Run(job="burn processes=2 seconds=12"),
    "real-quota": Run(job="burn processes=2 seconds=20", cores=0.5),
    "real-hog-under-ceiling": Run(job="hog mib=560 step_mib=8 per_second=6 touch_seconds=6", memory_mib=512),
    "real-hog-nearly-fits": Run(job="hog mib=440 step_mib=8 per_second=6 touch_seconds=8", memory_mib=512),
    "real-hog-swaps": Run(job="hog mib=480 step_mib=8 per_second=6 touch_seconds=20", memory_mib=300, swap=True),
    "real-hog-killed": Run(job="hog mib=900 step_mib=16 per_second=6", memory_mib=400, outside=True),
    "real-memory-error": Run(job="memory-error limit_mib=900 step_mib=20", in_python=True),
    "real-fails-while-growing": Run(job="memory-error limit_mib=1500 step_mib=40"),
    "real-cold-reader": Run(job="cold mib=700 seconds=18"),
    "real-cold-scattered": Run(job="scattered mib=700 seconds=20"),
    "real-rereads-under-limit": Run(job="reread mib=420 seconds=20", memory_mib=300),
    "real-fsync": Run(job="sync seconds=20"),
    "real-direct-writer": Run(job="direct seconds=20", disk_mb_s=20),
    "real-slow-disk-reader": Run(job="cold mib=300 seconds=20", disk_mb_s=60),
    "real-fsync-beside-cpu": Run(job="both first=sync second=burn seconds=20"),
    "real-checkpoints": Run(job="checkpoints count=4 mib=500 think_seconds=3"),
    "real-full-disk": Run(job="fill-disk mib=90 seconds=15", volume_mib=128),
    "real-disk-fills-up": Run(job="fill-disk mib=200 seconds=15", volume_mib=160),
    "real-waits-for-service": Run(job="ask seconds=20 kib=64", late_s=0.25),
}

# Made after rules and thresholds were frozen: kinds of work that they had not seen.
LATER: dict[str, Run] = {
    "last-compile": Run(job="compile files=24 jobs=2"),
    "last-notebook": Run(job="notebook seconds=30"),
    "last-hog-beside-reader": Run(job="both first=hog second=cold seconds=20", memory_mib=620, disk_mb_s=50),
    "last-narrow-line": Run(job="ask seconds=20 kib=512", late_s=0.0, rate_mbit=16),
    "last-slow-answers": Run(job="ask seconds=25 kib=2", late_s=2.0),
    "last-direct-beside-cpu": Run(job="both first=direct second=burn seconds=15", disk_mb_s=8),
    "last-exits-at-once": Run(job="idle seconds=0.1"),
}


def main(names: list[str]) -> None:
    runs = RUNS | LATER
    for name in names or runs:
        with tempfile.TemporaryDirectory() as folder, ExitStack() as after:
            record(name, runs[name], Path(folder), after)


def record(name: str, run: Run, folder: Path, after: ExitStack) -> None:
    """Make what the run needs, record it, and keep the thinned recording."""
    scratch = after.enter_context(volume(folder, run.volume_mib)) if run.volume_mib else folder
    shutil.copy(HERE / "workloads.py", scratch)
    groups = after.enter_context(limits(name, run))
    job = ["python", "workloads.py", *run.job.split()]
    command = job if run.in_python else ["workstation", "watch", "--name", name, "--", *job]
    if run.late_s is not None:
        command = [*after.enter_context(network(run, scratch)), *command]
    if run.swap:
        after.enter_context(swap_file(folder))
    outer = command if run.outside else [*entering(groups), *command]
    environment = os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    if run.in_python:
        environment["RECORDED_AS"] = name
    if run.outside:
        environment["RECORDED_IN"] = " ".join(map(str, groups))
    subprocess.run(outer, cwd=scratch, env=environment, check=False, timeout=150)
    made = next(path for path in scratch.rglob(f"*{SUFFIX}") if path.name == f"{name}{SUFFIX}")
    thin(made, HERE.parent / made.name, max_bytes=MOST_BYTES)


def entering(groups: list[Path]) -> list[str]:
    """Give a command's beginning that puts it into control groups."""
    if not groups:
        return []
    moves = " && ".join(f"echo $$ > {group}/cgroup.procs" for group in groups)
    return ["sh", "-c", f'{moves} && exec "$@"', "limited"]


@contextmanager
def limits(name: str, run: Run) -> Iterator[list[Path]]:
    groups: list[Path] = []
    if run.memory_mib:
        groups.append(GROUPS / "memory" / f"ws-{name}")
        groups[-1].mkdir()
        (groups[-1] / "memory.limit_in_bytes").write_text(str(run.memory_mib * MIB))
        if not run.swap:
            (groups[-1] / "memory.memsw.limit_in_bytes").write_text(str(run.memory_mib * MIB))
    if run.disk_mb_s:
        groups.append(GROUPS / "blkio" / f"ws-{name}")
        groups[-1].mkdir()
        device = Path(tempfile.gettempdir()).stat().st_dev
        for way in ("read", "write"):
            limit = f"{os.major(device)}:{os.minor(device)} {run.disk_mb_s * 1_000_000}"
            (groups[-1] / f"blkio.throttle.{way}_bps_device").write_text(limit)
    groups.append(GROUPS / "cpu" / f"ws-{name}")
    groups[-1].mkdir()
    (groups[-1] / "cpu.shares").write_text(str(SHARES))
    if run.cores:
        (groups[-1] / "cpu.cfs_quota_us").write_text(str(round(run.cores * 100_000)))
    try:
        yield groups
    finally:
        for group in groups:
            for pid in (group / "cgroup.procs").read_text().split():
                (group.parent / "cgroup.procs").write_text(pid)
            group.rmdir()


@contextmanager
def swap_file(folder: Path) -> Iterator[None]:
    path = folder / "swap.bin"
    with path.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, 1024 * MIB)
    path.chmod(0o600)
    subprocess.run(["mkswap", path], check=True, capture_output=True)
    subprocess.run(["swapon", path], check=True)
    try:
        yield
    finally:
        subprocess.run(["swapoff", path], check=True)


@contextmanager
def volume(folder: Path, mib: int) -> Iterator[Path]:
    image, place = folder / "volume.img", folder / "volume"
    place.mkdir()
    with image.open("wb") as file:
        file.truncate(mib * MIB)
    subprocess.run(["mkfs.ext4", "-q", "-m", "0", image], check=True)
    subprocess.run(["mount", "-o", "loop", image, place], check=True)
    try:
        yield place
    finally:
        subprocess.run(["umount", place], check=True)


@contextmanager
def network(run: Run, folder: Path) -> Iterator[list[str]]:
    """Give a command's beginning that runs it where there is only a loopback, with a late service on it."""
    name = "ws-recording"
    inside = ["ip", "netns", "exec", name]
    subprocess.run(["ip", "netns", "add", name], check=True)
    try:
        subprocess.run([*inside, "ip", "link", "set", "lo", "up"], check=True)
        job = [sys.executable, folder / "workloads.py", "serve", f"kib={asked(run)}", f"think_seconds={run.late_s}"]
        if run.rate_mbit:
            subprocess.run([*inside, "ip", "link", "set", "lo", "mtu", "1500"], check=True)  # or no packet passes
            shape = ["tbf", "rate", f"{run.rate_mbit}mbit", "burst", "32kbit", "latency", "400ms"]
            subprocess.run([*inside, "tc", "qdisc", "add", "dev", "lo", "root", *shape], check=True)
        service = subprocess.Popen([*inside, *job])
        try:
            yield inside
        finally:
            service.kill()
            service.wait()
    finally:
        subprocess.run(["ip", "netns", "delete", name], check=True)


def asked(run: Run) -> str:
    return next((word.partition("=")[2] for word in run.job.split() if word.startswith("kib=")), "64")


if __name__ == "__main__":
    main(sys.argv[1:])
