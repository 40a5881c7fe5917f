"""The work that was recorded: small jobs, each short of one thing (or of nothing).

    python workloads.py NAME [KEY=VALUE ...]

Standard library only, but for `notebook`. Each runs for some seconds and ends by itself.
"""

import hashlib
import mmap
import os
import random
import resource
import socket
import subprocess
import sys
import threading
import time
from multiprocessing import Process
from pathlib import Path

MIB = 1024**2


def pause(seconds: float) -> None:
    """Do nothing for a while."""
    threading.Event().wait(seconds)


def now() -> float:
    return time.monotonic()


def burn_one(until: float) -> None:
    data = os.urandom(64 * 1024)
    while now() < until:
        hashlib.sha256(data).digest()


def burn(processes: int = 1, seconds: float = 20) -> None:
    """Keep so many cores busy."""
    until = now() + seconds
    others = [Process(target=burn_one, args=(until,)) for _ in range(processes - 1)]
    for each in others:
        each.start()
    burn_one(until)
    for each in others:
        each.join()


def hog(mib: int = 400, step_mib: int = 16, per_second: float = 4, touch_seconds: float = 10) -> None:
    """Fill memory step by step, then go over all of it again and again."""
    held = []
    for _ in range(mib // step_mib):
        held.append(bytearray(os.urandom(step_mib * MIB)))
        pause(1 / per_second)
    until = now() + touch_seconds
    while now() < until:
        for block in held:
            for place in range(0, len(block), 4096):
                block[place] ^= 1
        pause(0.05)


def write_file(path: Path, mib: int) -> None:
    with path.open("wb") as file:
        for _ in range(mib):
            file.write(os.urandom(MIB))
        file.flush()
        os.fsync(file.fileno())


def forget(path: Path) -> None:
    """Drop a file from the page cache."""
    with path.open("rb") as file:
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def cold(folder: str = ".", mib: int = 600, seconds: float = 20, block_kib: int = 1024) -> None:
    """Read a file that is not in the page cache, from its beginning to its end, over and over, each time cold."""
    path = Path(folder) / "cold.bin"
    write_file(path, mib)
    until = now() + seconds
    try:
        while now() < until:
            forget(path)
            with path.open("rb", buffering=0) as file:
                while file.read(block_kib * 1024) and now() < until:
                    pass
    finally:
        path.unlink()


def scattered(folder: str = ".", mib: int = 800, seconds: float = 20) -> None:
    """Read 4 KiB here and there in a cold file through a memory map, as a vector index is read."""
    path = Path(folder) / "scattered.bin"
    write_file(path, mib)
    until = now() + seconds
    try:
        while now() < until:
            forget(path)
            with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as view:
                view.madvise(mmap.MADV_RANDOM)
                for _ in range(4000):
                    view[random.randrange(len(view))]  # noqa: S311 - places in a file
                    if now() > until:
                        break
    finally:
        path.unlink()


def reread(folder: str = ".", mib: int = 400, seconds: float = 20) -> None:
    """Read a file again and again that would fit into memory, were it not for a limit."""
    path = Path(folder) / "reread.bin"
    write_file(path, mib)
    until = now() + seconds
    total = 0
    try:
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as view:
            while now() < until:
                for place in range(0, len(view), 4096):
                    total += view[place]
    finally:
        path.unlink()


def sync(folder: str = ".", seconds: float = 20, kib: int = 16) -> None:
    """Write a little and wait until it is on the disk, again and again: a database, a log, a checkpoint."""
    path = Path(folder) / "sync.bin"
    until = now() + seconds
    try:
        with path.open("wb") as file:
            while now() < until:
                file.seek(random.randrange(2000) * 4096)  # noqa: S311 - places in a file
                file.write(os.urandom(kib * 1024))
                file.flush()
                os.fsync(file.fileno())
    finally:
        path.unlink()


def direct(folder: str = ".", seconds: float = 20, kib: int = 1024) -> None:
    """Write past the page cache, each piece down to the disk: a database on the disk's own terms."""
    path, block = Path(folder) / "direct.bin", mmap.mmap(-1, kib * 1024)
    block.write(os.urandom(kib * 1024))
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_DIRECT | os.O_DSYNC)
    until = now() + seconds
    try:
        while now() < until:
            os.pwrite(descriptor, block, random.randrange(200) * kib * 1024)  # noqa: S311 - places in a file
    finally:
        os.close(descriptor)
        path.unlink()


def checkpoints(folder: str = ".", count: int = 4, mib: int = 300, think_seconds: float = 4) -> None:
    """Compute a while, save, and go on: training with checkpoints."""
    path = Path(folder) / "checkpoint.bin"
    try:
        for _ in range(count):
            burn(processes=1, seconds=think_seconds)
            write_file(path, mib)
    finally:
        path.unlink()


def idle(seconds: float = 20) -> None:
    """Wait for nothing."""
    pause(seconds)


def idle_connected(seconds: float = 20) -> None:
    """Wait with a connection open on which nothing comes, as an idle notebook kernel does."""
    server = socket.create_server(("127.0.0.1", 0))
    client = socket.create_connection(server.getsockname())
    other, _ = server.accept()
    pause(seconds)
    for each in (client, other, server):
        each.close()


def memory_error(limit_mib: int = 900, step_mib: int = 20) -> None:
    """Grow until a limit on this process refuses: Python's MemoryError."""
    resource.setrlimit(resource.RLIMIT_AS, (limit_mib * MIB, limit_mib * MIB))
    held = []
    while True:
        held.append(bytearray(os.urandom(step_mib * MIB)))
        pause(0.1)


def serve(host: str = "127.0.0.1", port: int = 8808, kib: int = 64, think_seconds: float = 0.0) -> None:
    """Answer each line with some data, after thinking."""
    with socket.create_server((host, port)) as server:
        while True:
            connection, _ = server.accept()
            with connection:
                while connection.recv(1024):
                    pause(think_seconds)
                    connection.sendall(bytes(kib * 1024))


def reached(host: str, port: int) -> socket.socket:
    """Connect, once the service is there."""
    for _ in range(100):
        try:
            return socket.create_connection((host, port))
        except ConnectionRefusedError:
            pause(0.1)
    raise ConnectionRefusedError(host)


def ask(host: str = "127.0.0.1", port: int = 8808, kib: int = 64, seconds: float = 20, between: float = 0.0) -> None:
    """Ask for some data, wait for all of it, ask again: calls to a service."""
    until = now() + seconds
    with reached(host, port) as connection:
        while now() < until:
            connection.sendall(b"next\n")
            missing = kib * 1024
            while missing:
                missing -= len(connection.recv(65536))
            pause(between)


def fill_disk(folder: str = ".", mib: int = 100, chunk_mib: int = 4, seconds: float = 15) -> None:
    """Write a file in pieces to a small volume and keep it for the rest of the time."""
    path, until = Path(folder) / "artefact.bin", now() + seconds
    with path.open("wb") as file:
        for _ in range(mib // chunk_mib):
            file.write(os.urandom(chunk_mib * MIB))
            file.flush()
            pause(0.2)
    pause(max(0.0, until - now()))


def compile_c(folder: str = ".", files: int = 60, jobs: int = 2) -> None:
    """Compile a heap of C files."""
    for number in range(files):
        body = "\n".join(f"int f{number}_{k}(int x) {{ return x * {k} + (x >> {k % 7}); }}" for k in range(2500))
        Path(folder, f"unit{number}.c").write_text(body)
    rules = " ".join(f"unit{number}.o" for number in range(files))
    Path(folder, "Makefile").write_text(f"all: {rules}\n%.o: %.c\n\tgcc -O2 -c $< -o $@\n")
    subprocess.run(["make", "-s", "-C", folder, f"-j{jobs}"], check=True)


def notebook(seconds: float = 30) -> None:
    """Work as in a notebook: load, look, compute a little, think."""
    import numpy as np

    until = now() + seconds
    while now() < until:
        table = np.random.default_rng(0).normal(size=(400_000, 12))
        pause(1.5)
        np.linalg.svd(table[:20_000], full_matrices=False)
        table.mean(axis=0)
        pause(3.0)


def both(first: str, second: str, folder: str = ".", seconds: float = 20) -> None:
    """Run two jobs side by side."""
    jobs = [Process(target=JOBS[name], kwargs=_fitting(name, folder, seconds)) for name in (first, second)]
    for job in jobs:
        job.start()
    for job in jobs:
        job.join()


def _fitting(name: str, folder: str, seconds: float) -> dict[str, object]:
    offered = {"folder": folder, "seconds": seconds, "touch_seconds": seconds}
    wanted = JOBS[name].__code__.co_varnames[: JOBS[name].__code__.co_argcount]
    return {key: value for key, value in offered.items() if key in wanted}


JOBS = {
    "ask": ask, "both": both, "burn": burn, "checkpoints": checkpoints, "cold": cold, "compile": compile_c,
    "direct": direct, "fill-disk": fill_disk, "hog": hog, "idle": idle, "idle-connected": idle_connected,
    "memory-error": memory_error, "notebook": notebook, "reread": reread, "scattered": scattered, "serve": serve,
    "sync": sync,
}  # fmt: skip


def value_of(text: str) -> object:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


if __name__ == "__main__":
    for group in os.environ.get("RECORDED_IN", "").split():  # control groups that only the job is put into
        Path(group, "cgroup.procs").write_text(str(os.getpid()))
    name, *pairs = sys.argv[1:]
    wanted = {key: value_of(value) for key, _, value in (pair.partition("=") for pair in pairs)}
    if "RECORDED_AS" in os.environ:  # as a notebook's cell is: by the Python that does the work
        from workstation.recording import watch

        with watch(os.environ["RECORDED_AS"], label=" ".join(["python workloads.py", *sys.argv[1:]])):
            JOBS[name](**wanted)
    else:
        JOBS[name](**wanted)
