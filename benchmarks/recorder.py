"""Measure what recording costs: the recorder at 10 Hz on a process of 4 GiB, beside psrecord on the same one.

    python benchmarks/recorder.py [--seconds 30] [--gib 4]

Both follow the same process in turn, at ten samples a second, and are measured the same way from outside: processor
time and highest resident size by /proc, and how evenly the samples lie by their own time stamps. psrecord is fetched
into a folder that is gone afterwards, unless it is on the path. Linux only; refuses where memory is short.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from workstation.recording import Watch, load_recording

GIB = 1024**3
NEEDED_BESIDE_GIB = 8  # so much must stay available beside the load
INTERVAL_SECONDS = 0.1
RESULTS = Path(__file__).parent / "results" / "recorder.json"
LOAD = """
import sys, threading
held = bytearray(int(sys.argv[1]))
held[::4096] = b"x" * len(held[::4096])
print("ready", flush=True)
pause = threading.Event()
while not pause.wait(0.05):
    sum(range(20_000))
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What one recorder took, and how evenly it sampled."""

    cpu_percent: float  # of one core
    highest_resident_mb: float
    samples_per_s: float
    gap_median_ms: float
    gap_p99_ms: float
    gap_longest_ms: float


def measure(seconds: float, load_bytes: int) -> dict[str, Cost]:
    """Record one load twice and return what each recorder cost."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        psrecord = _psrecord(folder)
        load = subprocess.Popen([sys.executable, "-c", LOAD, str(load_bytes)], stdout=subprocess.PIPE)
        try:
            load.stdout.readline()
            return {
                "recorder": _ours(load.pid, folder, seconds),
                "psrecord": _theirs(psrecord, load.pid, folder, seconds),
            }
        finally:
            load.kill()
            load.communicate()


def _ours(pid: int, folder: Path, seconds: float) -> Cost:
    rec = Watch("load", folder=folder, limit_s=seconds * 2).start(pid=pid)
    cpu, resident = _observed(rec.recorder_pid, seconds)
    rec.stop()
    return _cost(cpu, resident, load_recording(rec.path).t_s, seconds)


def _theirs(psrecord: list[str], pid: int, folder: Path, seconds: float) -> Cost:
    log = folder / "psrecord.txt"
    options = ["--interval", str(INTERVAL_SECONDS), "--duration", str(seconds + 5), "--include-children", "--log"]
    process = subprocess.Popen([*psrecord, str(pid), *options, str(log)], stdout=subprocess.DEVNULL)
    _wait_for(log.exists)
    cpu, resident = _observed(process.pid, seconds)
    process.wait()
    rows = [line.split() for line in log.read_text().splitlines() if not line.startswith("#")]
    times = np.array([float(row[0]) for row in rows])
    return _cost(cpu, resident, times[times <= seconds], seconds)


def _observed(pid: int, seconds: float) -> tuple[float, float]:
    """Return processor seconds in, and highest resident bytes by the end of, a stretch of time."""
    before, started = _cpu_seconds(pid), time.monotonic()
    threading.Event().wait(seconds)
    rate = (_cpu_seconds(pid) - before) / (time.monotonic() - started)
    status = Path(f"/proc/{pid}/status").read_text()
    return rate, int(status.split("VmHWM:")[1].split()[0]) * 1024


def _cpu_seconds(pid: int) -> float:
    words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, words[11:13])) / os.sysconf("SC_CLK_TCK")


def _cost(cpu: float, resident: float, times: "np.ndarray", seconds: float) -> Cost:
    gaps = np.diff(times) * 1000
    return Cost(
        cpu_percent=round(cpu * 100, 2),
        highest_resident_mb=round(resident / 1e6, 1),
        samples_per_s=round(len(times) / max(seconds, float(times[-1])), 2),
        gap_median_ms=round(statistics.median(gaps), 1),
        gap_p99_ms=round(float(np.percentile(gaps, 99)), 1),
        gap_longest_ms=round(float(gaps.max()), 1),
    )


def _psrecord(folder: Path) -> list[str]:
    found = shutil.which("psrecord")
    if found:
        return [found]
    place = folder / "psrecord"
    installer = [sys.executable, "-m", "pip"] if _has_pip() else ["uv", "pip"]
    if installer[0] == "uv" and shutil.which("uv") is None:
        raise SystemExit("Neither pip nor uv is here to fetch psrecord; install it and run this again.")
    subprocess.run([*installer, "install", "--quiet", "--target", str(place), "psrecord"], check=True)
    program = "import sys; sys.path.insert(0, sys.argv.pop(1)); from psrecord.main import main; main()"
    return [sys.executable, "-c", program, str(place)]


def _has_pip() -> bool:
    return subprocess.run([sys.executable, "-m", "pip", "--version"], capture_output=True, check=False).returncode == 0


def _wait_for(condition: Callable[[], bool]) -> None:
    pause = threading.Event()
    while not condition():
        pause.wait(0.05)


def _available_gib() -> float:
    line = next(line for line in Path("/proc/meminfo").read_text().splitlines() if line.startswith("MemAvailable"))
    return int(line.split()[1]) / 1024**2


def main() -> None:
    """Measure, show and keep."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--gib", type=float, default=4.0)
    options = parser.parse_args()
    if _available_gib() < options.gib + NEEDED_BESIDE_GIB:
        raise SystemExit(
            f"Only {_available_gib():.1f} GiB of memory are available; this takes {options.gib:g} of them."
        )
    costs = measure(options.seconds, int(options.gib * GIB))
    for name, cost in costs.items():
        print(f"{name:9}", *(f"{key}={value}" for key, value in asdict(cost).items()))
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps({name: asdict(cost) for name, cost in costs.items()}, indent=2) + "\n")


if __name__ == "__main__":
    main()
