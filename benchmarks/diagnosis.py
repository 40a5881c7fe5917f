"""Measure the diagnosis: how often it is right on labelled recordings, and how long two hours of recording take it.

    python benchmarks/diagnosis.py [--hours 2]

Prints the confusion matrix of the recordings that the rules were made with, of the twelve that were made after rules
and thresholds were frozen, and of all; then the seconds for reading and diagnosing a recording at 10 Hz, each the best
of three.
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from diagnosis_kit import GPU, LAST, RESTING, TUNED, labelled, recording, table, wrong  # noqa: E402 - path set above

from workstation.diagnosis import diagnose  # noqa: E402 - likewise
from workstation.recording import SCHEMA, load_recording  # noqa: E402 - likewise

RATE_HZ, TIMES = 10, 3


def print_matrices() -> None:
    """Print what is right against what is found, apart for the last twelve."""
    entries = labelled()
    for title, chosen in (
        ("tuned", [each for each in entries if each.set == TUNED]),
        ("last twelve", [each for each in entries if each.set == LAST]),
        ("real", [each for each in entries if each.source == "real"]),
        ("all", list(entries)),
    ):
        print(table(title, chosen), end="\n\n")
    for line in wrong(entries):
        print(f"not as labelled: {line}")


def write_long(path: Path, hours: float) -> int:
    """Write a recording of so many hours at 10 Hz with every signal of a desktop with one GPU; give its samples."""
    columns = RESTING | GPU
    header = recording(columns, seconds=1.0, gpus=("GPU",)).header
    random = np.random.default_rng(0)
    samples = round(hours * 3600 * RATE_HZ)
    with path.open("w", encoding="utf-8") as file:
        file.write(json.dumps({"schema": SCHEMA} | asdict(header)) + "\n")
        for number, shake in enumerate(random.normal(1.0, 0.05, samples), 1):
            file.write(json.dumps(_sample(number / RATE_HZ, columns, float(shake)), separators=(",", ":")) + "\n")
        file.write(json.dumps({"end": {"how": "exit", "t_s": samples / RATE_HZ, "exit_code": 0}}) + "\n")
    return samples


def _sample(t_s: float, columns: dict[str, float], shake: float) -> dict[str, object]:
    values: dict[str, object] = {"t_s": t_s}
    values |= {name: round(value * shake, 2) for name, value in columns.items() if not name.startswith("gpus.")}
    gpu = {name.split(".")[2]: round(value, 2) for name, value in columns.items() if name.startswith("gpus.")}
    return values | {"gpus": [gpu]}


def best(work: Callable[[], object]) -> float:
    """Give the shortest seconds of a few runs."""
    taken = []
    for _ in range(TIMES):
        began = time.perf_counter()
        work()
        taken.append(time.perf_counter() - began)
    return min(taken)


def print_times(hours: float) -> None:
    """Print how long reading and diagnosing take."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "long.recording.jsonl"
        samples = write_long(path, hours)
        loaded = load_recording(path)
        reading, judging = best(lambda: load_recording(path)), best(lambda: diagnose(loaded))
        size_mb = path.stat().st_size / 1e6
    print(f"{hours:g} h at {RATE_HZ} Hz: {samples:,} samples, {len(loaded.columns)} signals, {size_mb:.0f} MB")
    print(f"read {reading:.2f} s, diagnosed {judging:.2f} s, together {reading + judging:.2f} s")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--hours", type=float, default=2.0)
    options = parser.parse_args()
    print_matrices()
    print_times(options.hours)
