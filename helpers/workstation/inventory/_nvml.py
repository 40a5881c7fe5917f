"""Ask NVIDIA's management library (NVML) what it knows of each GPU, metric by metric.

The package to install is `nvidia-ml-py`; two others install a module of the same name and hide it, so that is checked.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from types import ModuleType

NOT_INSTALLED = "NotInstalled"
SHADOWED = "Shadowed"
MAX_DEVICES = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class NvmlDevice:
    """One GPU, or one slice of a GPU that is split up (MIG); `problems` names the error of each metric that failed."""

    name: str | None
    total_bytes: int | None
    used_bytes: int | None
    bus_id: str | None = None  # "0000:01:00.0"
    problems: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class NvmlReport:
    """What the library said; `problem` is the short name of what stopped it, such as "LibraryNotFound"."""

    problem: str | None = None
    driver: str | None = None
    devices: tuple[NvmlDevice, ...] = ()


def ask_nvml() -> NvmlReport:
    """Load the library, ask it, and let it go again; never raises."""
    try:
        import pynvml
    except ImportError:
        return NvmlReport(problem=NOT_INSTALLED)
    if not hasattr(pynvml, "_nvmlGetFunctionPointer"):
        return NvmlReport(problem=SHADOWED)
    try:
        pynvml.nvmlInit()
    except pynvml.NVMLError as error:
        return NvmlReport(problem=short_name(error))
    try:
        return _report(pynvml)
    finally:
        _attempt(pynvml, "nvmlShutdown")


def short_name(error: Exception) -> str:
    """Return NVML's own name of an error.

    >>> class NVMLError_NotSupported(Exception): ...
    >>> short_name(NVMLError_NotSupported())
    'NotSupported'
    """
    return type(error).__name__.removeprefix("NVMLError_")


def _report(nvml: ModuleType) -> NvmlReport:
    driver, _ = _attempt(nvml, "nvmlSystemGetDriverVersion")
    count, problem = _attempt(nvml, "nvmlDeviceGetCount")
    if not isinstance(count, int):
        return NvmlReport(problem=problem or "Unknown", driver=_text(driver))
    devices: list[NvmlDevice] = []
    for index in range(min(count, MAX_DEVICES)):
        handle, _ = _attempt(nvml, "nvmlDeviceGetHandleByIndex", index)
        if handle is not None:
            devices.extend(_slices(nvml, handle) or [_device(nvml, handle)])
    return NvmlReport(driver=_text(driver), devices=tuple(devices))


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
    memory, memory_problem = _memory(nvml, handle)
    problems = {"name": name_problem, "memory": memory_problem}
    return NvmlDevice(
        name=_text(name),
        total_bytes=_count(memory, "total"),
        used_bytes=_count(memory, "used"),
        bus_id=bus_id or _bus_id(nvml, handle),
        problems={metric: problem for metric, problem in problems.items() if problem},
    )


def _memory(nvml: ModuleType, handle: object) -> tuple[object, str | None]:
    """Ask the second version first: the first counts what the driver reserves as used (driver 515 and later)."""
    version = getattr(nvml, "nvmlMemory_v2", None)
    if version is not None:
        found, _ = _attempt(nvml, "nvmlDeviceGetMemoryInfo", handle, version)
        if found is not None:
            return found, None
    return _attempt(nvml, "nvmlDeviceGetMemoryInfo", handle)


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
    except ValueError:  # a name that is not UTF-8
        return None, "Unknown"


def _text(value: object) -> str | None:
    if isinstance(value, bytes):
        value = value.decode("utf-8", errors="replace")
    return value if isinstance(value, str) and value else None


def _count(memory: object, field_name: str) -> int | None:
    value = getattr(memory, field_name, None)
    return value if isinstance(value, int) and value >= 0 else None
