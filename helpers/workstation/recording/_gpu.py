"""Meters of graphics processors: NVIDIA's through its library, AMD's through the driver's files.

The library may take long or never answer, so it is asked in a thread of its own, and a sample takes its newest answer.
"""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any, Protocol

from workstation.probing.nvml import attempt, by_index, count_of, load_library, memory_of, slices, text_of
from workstation.probing.nvml_problems import NO_ANSWER, explain
from workstation.recording._meter import Sample, Told, put
from workstation.recording._parse import parse_count
from workstation.recording._texts import Texts

PATIENCE_SECONDS = 10.0  # for the library to begin; without persistence the driver starts each GPU anew
STALE_SECONDS = 2.0
GPU_SIGNALS = (
    "memory_used_bytes", "memory_total_bytes", "utilization_percent", "power_watts", "power_limit_watts",
    "temperature_celsius", "sm_clock_hz", "throttled_by_heat", "throttled_by_power",
)  # fmt: skip
_CORE_TEMPERATURE, _SM_CLOCK = 0, 1  # NVML_TEMPERATURE_GPU, NVML_CLOCK_SM
# Reasons for a lower clock, as NVML's bits: by heat (software's and hardware's), by power (the cap, the power brake).
# 0x8, a slowdown by hardware, may be either, and comes with one of these on every GPU of the last ten years.
_BY_HEAT, _BY_POWER = 0x20 | 0x40, 0x04 | 0x80
_REASONS = ("nvmlDeviceGetCurrentClocksEventReasons", "nvmlDeviceGetCurrentClocksThrottleReasons")  # renamed with 550
_WSL = "NVIDIA's library does not tell it truly inside WSL2"
Readings = list[dict[str, float]]


class Gpus(Protocol):
    """All graphics processors of one vendor."""

    names: list[str]  # known once it has begun

    def begin(self) -> list[Mapping[str, Told]]:
        """Say of each GPU which signals can be told."""

    def read(self) -> tuple[Readings, list[str]]:
        """Return what each GPU says now, and sentences about what has stopped answering."""


class Nvidia:
    """NVIDIA's GPUs, or their slices; every metric alone, so that one that fails hides no other."""

    def __init__(self, library: ModuleType, *, is_wsl: bool = False) -> None:
        self._library, self._is_wsl = library, is_wsl
        self._handles: list[object] = []
        self._lost: dict[tuple[int, str], str] = {}
        self.names: list[str] = []
        self.problem: str | None = None

    def begin(self) -> list[Mapping[str, Told]]:
        """Find the GPUs and ask each everything once."""
        _, self.problem = attempt(self._library, "nvmlInit")
        if self.problem:
            return []
        parents, self.problem = by_index(self._library)
        for parent in parents:
            self._handles += slices(self._library, parent) or [parent]
        named = [attempt(self._library, "nvmlDeviceGetName", handle)[0] for handle in self._handles]
        self.names = [text_of(name) or "NVIDIA GPU" for name in named]
        self.read()  # what fails now is said in the header; only what fails later is worth a line
        return [{name: self._told(number, name) for name in GPU_SIGNALS} for number in range(len(self._handles))]

    def read(self) -> tuple[Readings, list[str]]:
        """Ask each GPU every metric that has answered so far."""
        readings, problems = [], []
        for number, handle in enumerate(self._handles):
            found: dict[str, float] = {}
            for metric in _METRICS:
                if all((number, name) in self._lost for name in metric.names):
                    continue
                problem = metric.ask(self._library, handle, found)
                if problem:
                    problems += self._lose(number, metric.names, problem)
            if self._is_wsl:
                found.pop("utilization_percent", None)
            readings.append(found)
        return readings, problems

    def _lose(self, number: int, names: tuple[str, ...], problem: str) -> list[str]:
        """Ask no more what has failed; say so once for a GPU that is gone."""
        is_new = not any(problem == known and gpu == number for (gpu, _), known in self._lost.items())
        self._lost |= {(number, name): problem for name in names}
        return [f"GPU {number} stopped answering: {explain(problem)[0]}."] if is_new else []

    def _told(self, number: int, name: str) -> Told:
        if self._is_wsl and name == "utilization_percent":
            return Told(why_not=_WSL)
        problem = self._lost.get((number, name))
        return Told(why_not=explain(problem)[0]) if problem else Told(source="NVML")


@dataclass(frozen=True, slots=True)
class _Metric:
    """One question to the library, and the signals that its answer gives."""

    names: tuple[str, ...]
    functions: tuple[str, ...]
    arguments: tuple[object, ...]
    convert: Callable[[Any], tuple[float | None, ...]]

    def ask(self, library: ModuleType, handle: object, found: dict[str, float]) -> str | None:
        """Put the answer into *found*, or return the short name of what went wrong."""
        for function in self.functions:
            answer, problem = attempt(library, function, handle, *self.arguments)
            if problem is None:
                values = self.convert(answer)
                found |= {name: value for name, value in zip(self.names, values, strict=True) if value is not None}
                return None if any(value is not None for value in values) else "NotSupported"
            if problem != "FunctionNotFound":
                return problem
        return "FunctionNotFound"


@dataclass(frozen=True, slots=True)
class _Memory:
    """Memory has two versions of its question."""

    names: tuple[str, ...] = ("memory_used_bytes", "memory_total_bytes")

    def ask(self, library: ModuleType, handle: object, found: dict[str, float]) -> str | None:
        """Put use and total into *found*; a GPU that shares main memory states none."""
        memory, problem, _ = memory_of(library, handle)
        total, used = count_of(memory, "total"), count_of(memory, "used")
        if problem or not total:
            return problem or "NotSupported"
        found["memory_total_bytes"] = total
        if used is not None:
            found["memory_used_bytes"] = used
        return None


def _one(factor: float) -> Callable[[Any], tuple[float | None, ...]]:
    return lambda answer: (answer * factor if isinstance(answer, int | float) else None,)


def _slowed(bits: object) -> tuple[float | None, ...]:
    """Tell from NVML's bits whether heat and whether power slows the GPU."""
    if not isinstance(bits, int):
        return None, None
    return int(bool(bits & _BY_HEAT)), int(bool(bits & _BY_POWER))


_METRICS: tuple[_Memory | _Metric, ...] = (
    _Memory(),
    _Metric(("utilization_percent",), ("nvmlDeviceGetUtilizationRates",), (), lambda use: (getattr(use, "gpu", None),)),
    _Metric(("power_watts",), ("nvmlDeviceGetPowerUsage",), (), _one(0.001)),
    _Metric(("power_limit_watts",), ("nvmlDeviceGetEnforcedPowerLimit",), (), _one(0.001)),
    _Metric(("temperature_celsius",), ("nvmlDeviceGetTemperature",), (_CORE_TEMPERATURE,), _one(1)),
    _Metric(("sm_clock_hz",), ("nvmlDeviceGetClockInfo",), (_SM_CLOCK,), _one(1_000_000)),
    _Metric(
        ("throttled_by_heat", "throttled_by_power"), _REASONS, (),
        _slowed,
    ),
)  # fmt: skip


class Amd:
    """AMD's GPUs, as the driver's files tell of them."""

    def __init__(self, texts: Texts) -> None:
        self._texts = texts
        cards = [name for name in texts.names("/sys/class/drm") if name.startswith("card") and name[4:].isdigit()]
        places = [f"/sys/class/drm/{card}/device" for card in cards]
        self._files = [files for place in places if (files := self._of(place))]
        self.names = [self._name(place) for place in places if self._of(place)]

    def begin(self) -> list[Mapping[str, Told]]:
        """Say which files the driver offers."""
        return [
            {name: Told("amdgpu's files") if name in files else Told(why_not="the driver amdgpu offers no file for it")
             for name in GPU_SIGNALS}
            for files in self._files
        ]  # fmt: skip

    def read(self) -> tuple[Readings, list[str]]:
        """Read each file."""
        readings: Readings = []
        for files in self._files:
            counts = {name: (parse_count(self._texts.read(path)), factor) for name, (path, factor) in files.items()}
            readings.append({name: count * factor for name, (count, factor) in counts.items() if count is not None})
        return readings, []

    def _name(self, place: str) -> str:
        product = (self._texts.read(f"{place}/product_name", once=True) or b"").decode("utf-8", "replace").strip()
        return product[:80] or "AMD GPU"

    def _of(self, place: str) -> dict[str, tuple[str, float]]:
        if parse_count(self._texts.read(f"{place}/mem_info_vram_total")) is None:
            return {}
        sensors = [f"{place}/hwmon/{name}" for name in self._texts.names(f"{place}/hwmon")][:1]
        wanted: dict[str, tuple[str, float]] = {
            "memory_used_bytes": (f"{place}/mem_info_vram_used", 1),
            "memory_total_bytes": (f"{place}/mem_info_vram_total", 1),
            "utilization_percent": (f"{place}/gpu_busy_percent", 1),
        }
        for sensor in sensors:
            wanted |= {
                "power_watts": (f"{sensor}/power1_average", 1e-6),
                "power_limit_watts": (f"{sensor}/power1_cap", 1e-6),
                "temperature_celsius": (f"{sensor}/temp1_input", 1e-3),
                "sm_clock_hz": (f"{sensor}/freq1_input", 1),
            }
        return {name: row for name, row in wanted.items() if parse_count(self._texts.read(row[0])) is not None}


class Asleep:
    """GPUs that sleep to save power: left alone until whatever is watched wakes one."""

    WHY = "the GPU sleeps to save power; it is recorded from when it wakes"

    def __init__(self, gpus: Gpus, texts: Texts, places: list[str]) -> None:
        self._gpus, self._texts, self._places = gpus, texts, places
        self._is_asked = False
        self.names = ["NVIDIA GPU"] * len(places)

    def begin(self) -> list[Mapping[str, Told]]:
        """Say that nothing can be told yet."""
        return [dict.fromkeys(GPU_SIGNALS, Told(why_not=self.WHY)) for _ in self._places]

    def read(self) -> tuple[Readings, list[str]]:
        """Ask the GPUs once one is awake."""
        if not self._is_asked and not all_asleep(self._texts, self._places):
            self._is_asked = True
            self._gpus.begin()
        return self._gpus.read() if self._is_asked else ([{} for _ in self._places], [])


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


def nvidia_places(texts: Texts) -> list[str]:
    """List the PCI folders of NVIDIA's display devices."""
    folders = [f"{_PCI}/{name}" for name in texts.names(_PCI)]
    ours = [each for each in folders if (texts.read(f"{each}/vendor", once=True) or b"").strip() == b"0x10de"]
    return [each for each in ours if (texts.read(f"{each}/class", once=True) or b"").startswith(b"0x03")]


def all_asleep(texts: Texts, places: list[str]) -> bool:
    """Tell whether every one of some PCI devices sleeps."""
    states = [(texts.read(f"{place}/power/runtime_status", once=True) or b"").strip() for place in places]
    return bool(states) and all(state == b"suspended" for state in states)


_PCI = "/sys/bus/pci/devices"
_SIGNS = ("/proc/driver/nvidia", "/sys/module/nvgpu", "/usr/lib/wsl/lib")


def _rounded(reading: Mapping[str, float]) -> Sample:
    entry: Sample = {}
    for name, value in reading.items():
        put(entry, name, value, 1)
    return entry
