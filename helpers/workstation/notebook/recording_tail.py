"""Read what a recorder has added to its file since the last look: for a chart that follows a recording as it grows.

A reader of finished recordings is thorough; this one is quick. It takes whole lines only, a bounded stretch at a time,
and whatever it does not understand it leaves to the reader that comes after the end.
"""

import json
import math
from collections.abc import Iterator, Mapping
from pathlib import Path

from workstation.notebook.chart import Growing

_NO_SAMPLES = frozenset({"mark", "end", "clock_jump_s", "problem"})
LIVE_POINTS = 80  # of one curve; doubled before they are joined. Drawing all curves takes a few milliseconds
MOST_BYTES = 262_144  # at one look; a recorder writes about 5,000 bytes a second


class Tail:
    """The end of a growing file, line by line."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read_bytes = 0

    def lines(self) -> Iterator[bytes]:
        """Yield the lines that have been completed since the last call; none while there is no file."""
        try:
            with self._path.open("rb") as file:
                file.seek(self._read_bytes)
                found = file.read(MOST_BYTES)
        except OSError:
            return
        whole = found.rpartition(b"\n")[0]
        if whole:
            self._read_bytes += len(whole) + 1
            yield from whole.split(b"\n")
        elif len(found) == MOST_BYTES:  # a line that no recorder writes: step over it
            self._read_bytes += MOST_BYTES


class GrowingRecording:
    """The curves of a recording that is still being made, by signal id, GPU signals as ``gpus.<n>.<id>``."""

    def __init__(self, path: Path, signals: frozenset[str]) -> None:
        self.curves: dict[str, Growing] = {}
        self.newest: dict[str, float] = {}
        self.seconds = 0.0
        self.ram_usable_bytes: float | None = None
        self.has_ended = False
        self._tail = Tail(path)
        self._signals = signals

    def read_on(self) -> bool:
        """Take in what is new; tell whether there was anything."""
        new = False
        for line in self._tail.lines():
            new |= self._take(line)
        return new

    def _take(self, line: bytes) -> bool:
        try:
            found = json.loads(line)
        except (ValueError, RecursionError):
            return False
        if not isinstance(found, dict):
            return False
        if "schema" in found:
            self._take_header(found)
            return True
        self.has_ended |= "end" in found
        t_s = _number(found.get("t_s"))
        if t_s is None or not _NO_SAMPLES.isdisjoint(found):
            return False
        self.seconds = max(self.seconds, t_s)
        for signal, value in _values(found):
            if _of_any_gpu(signal) in self._signals:
                self.curves.setdefault(signal, Growing(LIVE_POINTS)).add(t_s, value)
                self.newest[signal] = value
        return True

    def _take_header(self, header: Mapping[str, object]) -> None:
        machine = header.get("machine")
        if isinstance(machine, dict):
            self.ram_usable_bytes = _number(machine.get("ram_usable_bytes"))


def _of_any_gpu(signal: str) -> str:
    return f"gpu.{signal.split('.', 2)[2]}" if signal.startswith("gpus.") else signal


def _values(sample: Mapping[str, object]) -> Iterator[tuple[str, float]]:
    for key, value in sample.items():
        number = _number(value)
        if number is not None:
            yield key, number
    gpus = sample.get("gpus")
    for place, gpu in enumerate(gpus if isinstance(gpus, list) else []):
        if isinstance(gpu, dict):
            yield from (
                (f"gpus.{place}.{key}", number) for key, value in gpu.items() if (number := _number(value)) is not None
            )


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None
