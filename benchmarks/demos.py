"""Measure what the demonstrations promise: the floor, the cache formula, and how soon everything is back.

    python benchmarks/demos.py [--limit 512MiB]
    python benchmarks/demos.py --record NAME --on "a laptop with 16 GiB" [--limit SIZE] [--seconds N]

Without --record it runs each demonstration live, small. With it, a run is kept as the recorded one that is replayed.
"""

import argparse
import os
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from workstation import demos
from workstation.demos import _trace
from workstation.demos._kv_cache import slope
from workstation.demos.engine import Run
from workstation.units import format_memory, parse_size

TRACES = Path(_trace.__file__).parent / _trace.FOLDER
LIMIT = "512MiB"
SECONDS = 8.0
_WHOLE = ("finished", "ceiling", "wall")  # the endings of a run that shows what it is for


def measure(limit_bytes: int) -> None:
    """Run every demonstration and print a row for each; then the slope, then how soon a stopped one is gone."""
    print(f"{'demo':10} {'ended by':10} {'lowest available':>17} {'floor':>10} {'step':>9}  under the floor by")
    for name in demos.NAMES:
        result, step = _run(name, limit_bytes)
        lowest, floor = result.lowest_available_bytes, result.floor_bytes
        under = "no floor" if floor is None or lowest is None else format_memory(max(0, floor - lowest))
        row = [format_memory(size) for size in (lowest, floor, step)]
        print(f"{name:10} {result.ended_by:10} {row[0]:>17} {row[1]:>10} {row[2]:>9}  {under}")
        if name == "kv_cache":
            measured, formula = _slopes(result)
            off = 100 * (measured / formula - 1)
            print(f"{'':10} slope {measured:,.0f} B a token, formula {formula:,.0f}: {off:+.2f} %")
    for name in demos.NAMES:
        print(f"{name:10} gone {1000 * _release_seconds(name, limit_bytes):6.0f} ms after stop")


def _run(name: str, limit_bytes: int) -> tuple[demos.Result, int]:
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:
        request = demos.Request(limit_bytes=limit_bytes, seconds=SECONDS, folder=Path(folder))
        running = demos.run(name, request)
        *_, last = running
        assert isinstance(last, demos.Finished)
        assert not any(Path(folder).iterdir()), "a file was left"
        return last.result, running.plan.step_bytes


def _slopes(result: demos.Result) -> tuple[float, float]:
    columns = result.columns
    rows = zip(columns["tokens"], columns["resident_growth_bytes"], columns["formula_bytes"], strict=True)
    known = [(tokens, grown, formula) for tokens, grown, formula in rows if tokens and grown and formula]
    tokens, grown, formula = zip(*known, strict=True)
    found = slope(tokens, grown)
    assert found is not None
    return found, formula[-1] / tokens[-1]


def _release_seconds(name: str, limit_bytes: int) -> float:
    """Stop a run in its middle; time until its process is gone and waited for."""
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:
        running = demos.run(name, demos.Request(limit_bytes=limit_bytes, seconds=SECONDS, folder=Path(folder)))
        for event in running:
            if isinstance(event, demos.Sampled) and event.t_s > 1.0 / 4:
                break
        started = time.perf_counter()
        running.stop()
        for _ in running:
            pass
        return time.perf_counter() - started


def record(name: str, where: str, limit_bytes: int | None, seconds: float | None) -> None:
    """Keep a run as the one that is replayed."""
    running = demos.run(name, demos.Request(limit_bytes=limit_bytes, seconds=seconds))
    events = list(running)
    if running.plan.mode != "live" or running.ending is None:
        raise SystemExit(f"It did not run live: {running.plan.why_replay}")
    if running.ending.by not in _WHOLE:
        raise SystemExit(f"Nothing was kept: {running.result.ended if running.result else running.ending.by}")
    source = f"It was recorded in {datetime.now(UTC):%B %Y} on {where}."
    TRACES.mkdir(exist_ok=True)
    (TRACES / f"{name}.jsonl").write_text(_trace.write_trace(events, running.ending, source), encoding="utf-8")
    print(running.result.verdict if isinstance(running, Run) and running.result else "")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--limit", type=parse_size)
    parser.add_argument("--seconds", type=float)
    parser.add_argument("--record", metavar="NAME")
    parser.add_argument("--on", default="a machine")
    options = parser.parse_args()
    os.environ.pop("NBGRADER_EXECUTION", None)
    if options.record:
        record(options.record, options.on, options.limit, options.seconds)
    else:
        measure(options.limit or parse_size(LIMIT) or 0)
