"""Ask NVIDIA's management library (NVML) one thing at a time, so that what one question breaks leaves the others whole.

The package to install is `nvidia-ml-py`; two others install a module of the same name and hide it, so that is checked.
"""

from collections.abc import Callable, Sequence
from types import ModuleType

from workstation.probing.nvml_problems import NOT_INSTALLED, SHADOWED

MAX_DEVICES = 64


def load_library() -> tuple[ModuleType | None, str | None]:
    """Import the binding; `None` and the short name of what stands in the way where it cannot be used."""
    try:
        import pynvml
    except ImportError:
        return None, NOT_INSTALLED
    if not hasattr(pynvml, "_nvmlGetFunctionPointer"):
        return None, SHADOWED
    return pynvml, None


def by_index(nvml: ModuleType) -> tuple[list[object], str | None]:
    """Return a handle of every GPU, and the first error met."""
    count, problem = attempt(nvml, "nvmlDeviceGetCount")
    if not isinstance(count, int):
        return [], problem or "Unknown"
    tried = [attempt(nvml, "nvmlDeviceGetHandleByIndex", index) for index in range(min(count, MAX_DEVICES))]
    return [handle for handle, _ in tried if handle is not None], next((error for _, error in tried if error), None)


def by_bus_id(nvml: ModuleType, only: Sequence[str]) -> tuple[list[object], str | None]:
    """Return a handle of each GPU named by its bus id ("0000:01:00.0"), and the first error met."""
    tried = [attempt(nvml, "nvmlDeviceGetHandleByPciBusId", bus_id.encode()) for bus_id in only[:MAX_DEVICES]]
    return [handle for handle, _ in tried if handle is not None], next((error for _, error in tried if error), None)


def slices(nvml: ModuleType, handle: object) -> list[object]:
    """Return the slices of a GPU that is split up (MIG): the parent then tells nothing of use."""
    modes, _ = attempt(nvml, "nvmlDeviceGetMigMode", handle)
    if not isinstance(modes, list | tuple) or not modes or modes[0] != 1:
        return []
    most, _ = attempt(nvml, "nvmlDeviceGetMaxMigDeviceCount", handle)
    numbers = range(min(most if isinstance(most, int) else 0, MAX_DEVICES))
    tried = [attempt(nvml, "nvmlDeviceGetMigDeviceHandleByIndex", handle, number)[0] for number in numbers]
    return [part for part in tried if part is not None]


def memory_of(nvml: ModuleType, handle: object) -> tuple[object, str | None, bool]:
    """Ask the second version first: the first counts what the driver reserves as used (driver 515 and later)."""
    version = getattr(nvml, "nvmlMemory_v2", None)
    if version is not None:
        found, _ = attempt(nvml, "nvmlDeviceGetMemoryInfo", handle, version)
        if found is not None:
            return found, None, False
    found, problem = attempt(nvml, "nvmlDeviceGetMemoryInfo", handle)
    return found, problem, found is not None


def bus_id_of(nvml: ModuleType, handle: object) -> str | None:
    """Return a GPU's bus id as the kernel writes it."""
    found, _ = attempt(nvml, "nvmlDeviceGetPciInfo", handle)
    text = text_of(getattr(found, "busId", None))
    return text.lower()[-12:] if text else None  # NVML writes eight digits of domain, the kernel four


def attempt(nvml: ModuleType, function: str, *arguments: object) -> tuple[object, str | None]:
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


def short_name(error: Exception) -> str:
    """Return NVML's own name of an error.

    >>> class NVMLError_NotSupported(Exception): ...
    >>> short_name(NVMLError_NotSupported())
    'NotSupported'
    """
    return type(error).__name__.removeprefix("NVMLError_")


def text_of(value: object) -> str | None:
    """Return text, whether the binding gives text or bytes."""
    if isinstance(value, bytes):
        value = value.decode("utf-8", errors="replace")
    return value if isinstance(value, str) and value else None


def count_of(memory: object, field_name: str) -> int | None:
    """Return a field that holds a whole number, not negative; else `None`."""
    value = getattr(memory, field_name, None)
    return value if isinstance(value, int) and value >= 0 else None
