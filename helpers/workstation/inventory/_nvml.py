"""Ask NVIDIA's management library (NVML) what it knows of each GPU, metric by metric.

The package to install is `nvidia-ml-py`; two others install a module of the same name and hide it, so that is checked.
"""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType, ModuleType
from typing import NamedTuple

from workstation.inventory._nvml_problems import NO_ANSWER, NOT_INSTALLED, SHADOWED

MAX_DEVICES = 64
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
    try:
        import pynvml
    except ImportError:
        return NvmlReport(problem=NOT_INSTALLED)
    if not hasattr(pynvml, "_nvmlGetFunctionPointer"):
        return NvmlReport(problem=SHADOWED)
    import threading  # late, like the binding: most machines have no GPU of NVIDIA's

    told: list[NvmlReport] = []
    # A driver in trouble never returns from a call; the thread is then left behind.
    asking = threading.Thread(target=lambda: told.append(_asked(pynvml, only)), daemon=True, name="ask NVML")
    asking.start()
    asking.join(patience_seconds)
    return told[0] if told else NvmlReport(problem=NO_ANSWER)


def _asked(nvml: ModuleType, only: Sequence[str]) -> NvmlReport:
    _, problem = _attempt(nvml, "nvmlInit")
    if problem:
        return NvmlReport(problem=problem)
    try:
        return _report(nvml, only)
    finally:
        _attempt(nvml, "nvmlShutdown")


def short_name(error: Exception) -> str:
    """Return NVML's own name of an error.

    >>> class NVMLError_NotSupported(Exception): ...
    >>> short_name(NVMLError_NotSupported())
    'NotSupported'
    """
    return type(error).__name__.removeprefix("NVMLError_")


def _report(nvml: ModuleType, only: Sequence[str]) -> NvmlReport:
    driver, _ = _attempt(nvml, "nvmlSystemGetDriverVersion")
    handles, problem = _by_bus_id(nvml, only) if only else _by_index(nvml)
    devices: list[NvmlDevice] = []
    for handle in handles:
        devices.extend(_slices(nvml, handle) or [_device(nvml, handle)])
    return NvmlReport(problem=problem, driver=_text(driver), devices=tuple(devices))


def _by_index(nvml: ModuleType) -> tuple[list[object], str | None]:
    count, problem = _attempt(nvml, "nvmlDeviceGetCount")
    if not isinstance(count, int):
        return [], problem or "Unknown"
    tried = [_attempt(nvml, "nvmlDeviceGetHandleByIndex", index) for index in range(min(count, MAX_DEVICES))]
    return [handle for handle, _ in tried if handle is not None], next((error for _, error in tried if error), None)


def _by_bus_id(nvml: ModuleType, only: Sequence[str]) -> tuple[list[object], str | None]:
    tried = [_attempt(nvml, "nvmlDeviceGetHandleByPciBusId", bus_id.encode()) for bus_id in only[:MAX_DEVICES]]
    return [handle for handle, _ in tried if handle is not None], next((error for _, error in tried if error), None)


def _slices(nvml: ModuleType, handle: object) -> list[NvmlDevice]:
    """Return the slices of a GPU that is split up: the parent then tells nothing of use."""
    modes, _ = _attempt(nvml, "nvmlDeviceGetMigMode", handle)
    if not isinstance(modes, list | tuple) or not modes or modes[0] != 1:
        return []
    most, _ = _attempt(nvml, "nvmlDeviceGetMaxMigDeviceCount", handle)
    bus_id = _bus_id(nvml, handle)
    found = []
    for index in range(min(most if isinstance(most, int) else 0, MAX_DEVICES)):
        part, _ = _attempt(nvml, "nvmlDeviceGetMigDeviceHandleByIndex", handle, index)
        if part is not None:
            found.append(_device(nvml, part, bus_id))
    return found


def _device(nvml: ModuleType, handle: object, bus_id: str | None = None) -> NvmlDevice:
    name, name_problem = _attempt(nvml, "nvmlDeviceGetName", handle)
    memory, memory_problem, counts_reserved = _memory(nvml, handle)
    problems = {"name": name_problem, "memory": memory_problem}
    return NvmlDevice(
        name=_text(name),
        total_bytes=_count(memory, "total"),
        used_bytes=_count(memory, "used"),
        bus_id=bus_id or _bus_id(nvml, handle),
        counts_reserved=counts_reserved,
        problems={metric: problem for metric, problem in problems.items() if problem},
    )


def _memory(nvml: ModuleType, handle: object) -> tuple[object, str | None, bool]:
    """Ask the second version first: the first counts what the driver reserves as used (driver 515 and later)."""
    version = getattr(nvml, "nvmlMemory_v2", None)
    if version is not None:
        found, _ = _attempt(nvml, "nvmlDeviceGetMemoryInfo", handle, version)
        if found is not None:
            return found, None, False
    found, problem = _attempt(nvml, "nvmlDeviceGetMemoryInfo", handle)
    return found, problem, found is not None


def _bus_id(nvml: ModuleType, handle: object) -> str | None:
    found, _ = _attempt(nvml, "nvmlDeviceGetPciInfo", handle)
    text = _text(getattr(found, "busId", None))
    return text.lower()[-12:] if text else None  # NVML writes eight digits of domain, the kernel four


def _attempt(nvml: ModuleType, function: str, *arguments: object) -> tuple[object, str | None]:
    """Ask one thing; return the answer, or `None` and the short name of the error."""
    ask: Callable[..., object] | None = getattr(nvml, function, None)
    if ask is None:
        return None, "FunctionNotFound"
    try:
        return ask(*arguments), None
    except nvml.NVMLError as error:
        return None, short_name(error)
    except (ValueError, TypeError):  # a name that is not UTF-8; an older binding without the argument
        return None, "Unknown"


def _text(value: object) -> str | None:
    if isinstance(value, bytes):
        value = value.decode("utf-8", errors="replace")
    return value if isinstance(value, str) and value else None


def _count(memory: object, field_name: str) -> int | None:
    value = getattr(memory, field_name, None)
    return value if isinstance(value, int) and value >= 0 else None
