"""Ask NVIDIA's management library (NVML) what it knows of each GPU, metric by metric.

The package to install is `nvidia-ml-py`; two others install a module of the same name and hide it, so that is checked.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType, ModuleType
from typing import NamedTuple

from workstation.probing.nvml import (
    attempt,
    bus_id_of,
    by_bus_id,
    by_index,
    count_of,
    load_library,
    memory_of,
    slices,
    text_of,
)
from workstation.probing.nvml_problems import NO_ANSWER

# Without persistence the driver starts each GPU anew, which takes about a second each; more than this is a hang.
PATIENCE_SECONDS = 10.0


class NvmlDevice(NamedTuple):
    """One GPU, or one slice of a GPU that is split up (MIG); `problems` names the error of each metric that failed."""

    name: str | None
    total_bytes: int | None
    used_bytes: int | None
    bus_id: str | None = None  # "0000:01:00.0"
    counts_reserved: bool = False  # the older of two answers: what the driver keeps for itself counts as used
    problems: Mapping[str, str] = MappingProxyType({})


class NvmlReport(NamedTuple):
    """What the library said; `problem` is the short name of what stopped it, such as "LibraryNotFound"."""

    problem: str | None = None
    driver: str | None = None
    devices: tuple[NvmlDevice, ...] = ()


def ask_nvml(only: Sequence[str] = (), patience_seconds: float = PATIENCE_SECONDS) -> NvmlReport:
    """Load the library, ask it, and let it go again; never raises, never waits longer than *patience_seconds*.

    *only* names the bus ids of the GPUs to ask; without it, all.
    """
    pynvml, missing = load_library()
    if pynvml is None:
        return NvmlReport(problem=missing)
    import threading  # late, like the binding: most machines have no GPU of NVIDIA's

    told: list[NvmlReport] = []
    # A driver in trouble never returns from a call; the thread is then left behind.
    asking = threading.Thread(target=lambda: told.append(_asked(pynvml, only)), daemon=True, name="ask NVML")
    asking.start()
    asking.join(patience_seconds)
    return told[0] if told else NvmlReport(problem=NO_ANSWER)


def _asked(nvml: ModuleType, only: Sequence[str]) -> NvmlReport:
    _, problem = attempt(nvml, "nvmlInit")
    if problem:
        return NvmlReport(problem=problem)
    try:
        return _report(nvml, only)
    finally:
        attempt(nvml, "nvmlShutdown")


def _report(nvml: ModuleType, only: Sequence[str]) -> NvmlReport:
    driver, _ = attempt(nvml, "nvmlSystemGetDriverVersion")
    handles, problem = by_bus_id(nvml, only) if only else by_index(nvml)
    devices: list[NvmlDevice] = []
    for handle in handles:
        parts, bus_id = slices(nvml, handle), bus_id_of(nvml, handle)
        devices.extend([_device(nvml, part, bus_id) for part in parts] or [_device(nvml, handle, bus_id)])
    return NvmlReport(problem=problem, driver=text_of(driver), devices=tuple(devices))


def _device(nvml: ModuleType, handle: object, bus_id: str | None) -> NvmlDevice:
    name, name_problem = attempt(nvml, "nvmlDeviceGetName", handle)
    memory, memory_problem, counts_reserved = memory_of(nvml, handle)
    problems = {"name": name_problem, "memory": memory_problem}
    return NvmlDevice(
        name=text_of(name),
        total_bytes=count_of(memory, "total"),
        used_bytes=count_of(memory, "used"),
        bus_id=bus_id,
        counts_reserved=counts_reserved,
        problems={metric: problem for metric, problem in problems.items() if problem},
    )
