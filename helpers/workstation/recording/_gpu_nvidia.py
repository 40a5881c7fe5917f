"""Ask NVIDIA's GPUs through its library, metric by metric, and leave those alone that sleep."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from workstation.probing.nvml import attempt, by_index, count_of, memory_of, slices, text_of
from workstation.probing.nvml_problems import explain
from workstation.recording._gpus import GPU_SIGNALS, Gpus, Readings
from workstation.recording._meter import Told
from workstation.recording._texts import Texts

_CORE_TEMPERATURE, _SM_CLOCK = 0, 1  # NVML_TEMPERATURE_GPU, NVML_CLOCK_SM
# Reasons for a lower clock, as NVML's bits: by heat (software's and hardware's), by power (the cap, the power brake).
# 0x8, a slowdown by hardware, may be either, and comes with one of these on every GPU of the last ten years.
_BY_HEAT, _BY_POWER = 0x20 | 0x40, 0x04 | 0x80
_REASONS = ("nvmlDeviceGetCurrentClocksEventReasons", "nvmlDeviceGetCurrentClocksThrottleReasons")  # renamed with 550
_WSL = "NVIDIA's library does not tell it truly inside WSL2"
_PCI = "/sys/bus/pci/devices"


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


def nvidia_places(texts: Texts) -> list[str]:
    """List the PCI folders of NVIDIA's display devices."""
    folders = [f"{_PCI}/{name}" for name in texts.names(_PCI)]
    ours = [each for each in folders if (texts.read(f"{each}/vendor", once=True) or b"").strip() == b"0x10de"]
    return [each for each in ours if (texts.read(f"{each}/class", once=True) or b"").startswith(b"0x03")]


def all_asleep(texts: Texts, places: list[str]) -> bool:
    """Tell whether every one of some PCI devices sleeps."""
    states = [(texts.read(f"{place}/power/runtime_status", once=True) or b"").strip() for place in places]
    return bool(states) and all(state == b"suspended" for state in states)
