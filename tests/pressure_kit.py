"""Real pressure in a small space: a swap file, a group of processes to itself, and a program that fights for memory."""

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from demos_kit import PATIENCE_SECONDS, becomes_true, impossible

from workstation.probing.control_groups import parse_mountinfo
from workstation.units import MIB

ROOM_BYTES = 64 * MIB  # for the program that fights for memory
WANTED_BYTES = 4 * ROOM_BYTES

# Goes through more memory than its group may have, again and again, until its standard input ends: its own pages,
# which go to swap, or with a path a file's, which are dropped and read again.
FIGHTER = """
import mmap, os, select, sys
size, path = int(sys.argv[1]), sys.argv[2]
if path:
    file = open(path, "rb")
    memory = mmap.mmap(file.fileno(), size, prot=mmap.PROT_READ, flags=mmap.MAP_SHARED)
    pool = b""
else:
    memory, pool = mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS), os.urandom(1 << 20)
at = 0
while not select.select([0], [], [], 0)[0]:
    if path:
        sum(memory[at : at + (1 << 20) : 4096])
    else:
        memory[at : at + (1 << 20)] = pool
    at = (at + (1 << 20)) % size
"""


@contextlib.contextmanager
def swap_file(folder: Path, size_bytes: int) -> Iterator[Path]:
    """A swap file in use (needs root, and a disk that can hold one)."""
    path = folder / "swap"
    path.touch(mode=0o600)
    try:
        with path.open("r+b") as file:
            os.posix_fallocate(file.fileno(), 0, size_bytes)
        for command in (["mkswap", path], ["swapon", path]):
            subprocess.run(command, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        path.unlink()
        impossible(f"No swap file can be used here: {error}.")
    try:
        yield path
    finally:
        subprocess.run(["swapoff", path], check=True)
        path.unlink()


@contextlib.contextmanager
def own_pressure() -> Iterator[Path]:
    """A group of the unified hierarchy, as a container is: it tells the pressure of its own processes."""
    mounts = parse_mountinfo(Path("/proc/self/mountinfo").read_text("utf-8")) if sys.platform == "linux" else ()
    root = next((Path(mount.point) for mount in mounts if mount.filesystem == "cgroup2"), None)
    group = root / f"demo-pressure-{os.getpid()}" if root else None
    try:
        if group is None or not os.access(group.parent, os.W_OK):
            impossible("No control group of version 2 can be made here.")
        group.mkdir()
    except OSError as error:
        impossible(f"No control group of version 2 can be made here: {error.strerror}.")
    try:
        if not (group / "memory.pressure").exists():
            impossible("The control groups here tell no pressure.")
        yield group
    finally:
        assert becomes_true(lambda: not (group / "cgroup.procs").read_text().split(), PATIENCE_SECONDS)
        group.rmdir()


@contextlib.contextmanager
def fighter(*groups: Path, path: Path | None = None) -> Iterator[subprocess.Popen]:
    """A program that fights for memory in the given groups until it is let go."""
    joining = " && ".join(f"echo $$ > {group}/cgroup.procs" for group in groups)
    program = [sys.executable, "-c", FIGHTER, str(WANTED_BYTES), str(path or "")]
    command = ["sh", "-c", f'{joining} && exec "$@"', "sh", *program]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as process:
        try:
            yield process
        finally:
            process.kill()


def large_file(folder: Path) -> Path:
    """A file of more bytes than the program that fights for memory may hold, on a real disk."""
    path = folder / "large"
    if shutil.disk_usage(folder).free < 4 * WANTED_BYTES:
        impossible("The disk has too little room for this test.")
    with path.open("wb") as file:
        for _ in range(WANTED_BYTES // MIB):
            file.write(os.urandom(MIB))
        file.flush()
        os.fsync(file.fileno())
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)  # else its pages are ours, outside the group
    return path
