"""Meter of all graphics processors of a machine.

A vendor's library may take long or never answer, so it is asked in a thread of its own, and a sample takes its newest
answer.
"""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from workstation.probing.nvml import load_library
from workstation.probing.nvml_problems import NO_ANSWER, explain
from workstation.recording._gpu_amd import Amd
from workstation.recording._gpu_nvidia import Asleep, Nvidia, all_asleep, nvidia_places
from workstation.recording._gpus import GPU_SIGNALS, Gpus, Readings
from workstation.recording._meter import Sample, Told, put
from workstation.recording._texts import Texts

PATIENCE_SECONDS = 10.0  # for the library to begin; without persistence the driver starts each GPU anew
STALE_SECONDS = 2.0
_SIGNS = ("/proc/driver/nvidia", "/sys/module/nvgpu", "/usr/lib/wsl/lib")


@dataclass(slots=True)
class _Answer:
    """What the GPUs said last."""

    readings: Readings = field(default_factory=list)
    at_s: float = float("-inf")
    problems: list[str] = field(default_factory=list)


class GpuMeter:
    """The GPUs of a machine, asked in a thread of their own."""

    def __init__(self, gpus: Sequence[Gpus], clock: Callable[[], float] = time.monotonic) -> None:
        self._gpus, self._clock = gpus, clock
        self._tick, self._ready, self._lock = threading.Event(), threading.Event(), threading.Lock()
        self._answer, self._signals = _Answer(), list[Mapping[str, Told]]()
        self._is_mute = False

    def begin(self, now_s: float) -> Mapping[str, Told]:
        """Wait for the first answer; signals are named ``gpus.<n>.<id>``."""
        _ = now_s
        threading.Thread(target=self._ask, daemon=True, name="ask the GPUs").start()
        if not self._ready.wait(PATIENCE_SECONDS):
            return {f"gpus.0.{name}": Told(why_not=explain(NO_ANSWER)[0]) for name in GPU_SIGNALS}
        return {f"gpus.{n}.{name}": each for n, signals in enumerate(self._signals) for name, each in signals.items()}

    def read(self, now_s: float, sample: Sample) -> None:
        """Add the newest answer, and ask anew."""
        _ = now_s
        with self._lock:
            readings, at_s = self._answer.readings, self._answer.at_s
        self._tick.set()
        if self._clock() - at_s <= STALE_SECONDS and any(readings):
            sample["gpus"] = [_rounded(reading) for reading in readings]

    @property
    def names(self) -> list[str]:
        """Name the GPUs, in the order of the samples' lists."""
        return [name for gpus in self._gpus for name in gpus.names]

    def problems(self) -> list[str]:
        """Return what has stopped answering since the last call."""
        with self._lock:
            found, self._answer.problems = self._answer.problems, []
        is_mute = self._ready.is_set() and bool(self._signals) and self._clock() - self._answer.at_s > STALE_SECONDS
        if is_mute and not self._is_mute:
            found = [*found, "The GPU's driver does not answer any more."]
        self._is_mute = is_mute
        return found

    def _ask(self) -> None:
        self._signals = [signals for gpus in self._gpus for signals in gpus.begin()]
        self._take()
        self._ready.set()
        while self._signals:
            self._tick.wait()
            self._tick.clear()
            self._take()

    def _take(self) -> None:
        answers = [gpus.read() for gpus in self._gpus]
        readings = [reading for found, _ in answers for reading in found]
        problems = [problem for _, found in answers for problem in found]
        with self._lock:
            self._answer.readings, self._answer.at_s = readings, self._clock()
            self._answer.problems += problems


def find_gpus(texts: Texts) -> tuple[list[Gpus], str | None]:
    """Find the GPUs that can be asked; without any, say why."""
    found: list[Gpus] = []
    problem: str | None = "no graphics processor that can be asked was found"
    places = nvidia_places(texts)
    if places or any(texts.names(folder) for folder in _SIGNS):
        library, missing = load_library()
        release = texts.read("/proc/sys/kernel/osrelease", once=True) or b""
        if library is None:
            problem = explain(missing)[0]
        else:
            nvidia = Nvidia(library, is_wsl=b"microsoft" in release.lower())
            found.append(Asleep(nvidia, texts, places) if all_asleep(texts, places) else nvidia)
    amd = Amd(texts)
    found += [amd] if amd.names else []
    return found, None if found else problem


def _rounded(reading: Mapping[str, float]) -> Sample:
    entry: Sample = {}
    for name, value in reading.items():
        put(entry, name, value, 1)
    return entry
