"""Take memory on an NVIDIA card, through its driver: plain allocations, each written to, all given back.

Needs the package `cuda-bindings` (the extra `gpu`) and a driver. Every call answers with an error code first.
"""

from importlib import import_module
from types import ModuleType
from typing import Any

_OUT_OF_MEMORY = "CUDA_ERROR_OUT_OF_MEMORY"
_PATTERN = 0xA5


class CardError(Exception):
    """The driver refused something else than memory."""


class CudaCard:
    """One card's memory; `take` raises `MemoryError` where the driver has none left."""

    def __init__(self, driver: ModuleType | Any | None = None, ordinal: int = 0) -> None:
        self._driver: Any = driver if driver is not None else _load_driver()
        self._blocks: list[Any] = []
        self._ask("cuInit", 0)
        self._device = self._ask("cuDeviceGet", ordinal)
        # The primary context, since the call that makes another one changed its arguments between versions.
        self._ask("cuCtxSetCurrent", self._ask("cuDevicePrimaryCtxRetain", self._device))

    @property
    def free_bytes(self) -> int:
        """What the driver says is free, this process's own context already taken off."""
        free, _total = self._ask("cuMemGetInfo")
        return int(free)

    def take(self, size_bytes: int) -> None:
        """Allocate and write *size_bytes* more.

        Raises:
            MemoryError: the driver has not got them.
        """
        block = self._ask("cuMemAlloc", size_bytes)
        self._blocks.append(block)
        self._ask("cuMemsetD8", block, _PATTERN, size_bytes)
        self._ask("cuCtxSynchronize")

    def give_back(self) -> None:
        """Free everything."""
        while self._blocks:
            self._ask("cuMemFree", self._blocks.pop())

    def _ask(self, function: str, *arguments: Any) -> Any:
        code, *found = getattr(self._driver, function)(*arguments)
        name = getattr(code, "name", str(code))
        if name == _OUT_OF_MEMORY:
            raise MemoryError
        if int(code) != 0:
            raise CardError(f"{function} answered {name}")
        return found[0] if len(found) == 1 else tuple(found)


def _load_driver() -> ModuleType:
    """Import the binding.

    Raises:
        CardError: the package is not installed.
    """
    try:
        return import_module("cuda.bindings.driver")
    except ImportError as error:
        raise CardError(f"the package cuda-bindings cannot be imported ({error})") from None
