"""What sizing wants to know of a machine: Protocols, since it stands beside the inventory and not above it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from workstation.errors import SizingError
from workstation.sizing._inputs import shown
from workstation.sizing._ranges import figure


class MemoryLike(Protocol):
    """Main memory, as `workstation.inventory` tells of it."""

    @property
    def usable_bytes(self) -> int | None: ...


class GpuLike(Protocol):
    """One graphics processor."""

    @property
    def vendor(self) -> str: ...
    @property
    def name(self) -> str | None: ...
    @property
    def vram_total_bytes(self) -> int | None: ...
    @property
    def unified_memory(self) -> bool | None: ...


class UnknownLike(Protocol):
    """A fact that could not be had."""

    @property
    def what(self) -> str: ...
    @property
    def how_to_find_out(self) -> str: ...


class InventoryLike(Protocol):
    """A machine's inventory, as far as sizing looks at it."""

    @property
    def memory(self) -> MemoryLike: ...
    @property
    def gpus(self) -> Sequence[GpuLike]: ...
    @property
    def provenance(self) -> Mapping[str, object]: ...
    @property
    def unknowns(self) -> Sequence[UnknownLike]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """Where a model could live on a machine, in bytes; what is not there is 0, what is unknown is `None`."""

    kind: Literal["gpu", "unified", "processor"]
    name: str
    fast_bytes: int | None  # VRAM, the GPU's share of unified memory, or what the system leaves of main memory
    ram_bytes: int | None  # what the system leaves of main memory
    missing: tuple[str, ...] = ()


def an_inventory(given: InventoryLike | None, name: str, example: str) -> InventoryLike:
    """Check that an inventory was given.

    Raises:
        SizingError: it was not.
    """
    if given is None or not hasattr(given, "memory") or not hasattr(given, "gpus"):
        raise SizingError(f"{name} must be a machine's inventory, found {shown(given)}. Type {example}.")
    return given


def room_of(on: InventoryLike) -> Room:
    """Find the best place for a model: the card with most memory, unified memory, else main memory."""
    ram = _for_models(on.memory.usable_bytes)
    missing = [] if ram is not None else [_how(on, "memory.usable_bytes", "how much main memory there is")]
    cards = [gpu for gpu in on.gpus if not gpu.unified_memory and gpu.vram_total_bytes]
    if cards:
        best = max(cards, key=lambda gpu: gpu.vram_total_bytes or 0)
        return _room("gpu", best.name or "the GPU", best.vram_total_bytes, ram, missing)
    shared = next((gpu for gpu in on.gpus if gpu.unified_memory and gpu.vendor in _SHARING), None)
    if shared is not None:
        missing += _missing_of_gpu(on)
        return _room("unified", shared.name or "the GPU", _share(shared, on.memory.usable_bytes), ram, missing)
    missing += _missing_of_gpu(on)
    return _room("processor", "main memory", ram, ram, missing)


_SHARING = frozenset({"apple", "nvidia", "amd", "intel"})


def _room(
    kind: Literal["gpu", "unified", "processor"], name: str, fast: int | None, ram: int | None, missing: list[str]
) -> Room:
    return Room(kind=kind, name=name, fast_bytes=fast, ram_bytes=ram, missing=tuple(missing))


def _share(gpu: GpuLike, usable: int | None) -> int | None:
    if gpu.vram_total_bytes:
        return gpu.vram_total_bytes
    return None if usable is None else round(usable * figure("unified-share").likely)


def _for_models(usable: int | None) -> int | None:
    if usable is None:
        return None
    share, least = figure("system-share"), figure("system-least")
    kept = max(usable * share.likely, min(least.likely, usable * share.high))
    return max(0, round(usable - kept))


def _missing_of_gpu(on: InventoryLike) -> list[str]:
    """Say what is unknown of a GPU: one without a size, or whether there is one at all."""
    if not on.gpus:
        return [] if "gpus" in on.provenance else [_how(on, "gpus", "whether there is a GPU")]
    unknown = [n for n, gpu in enumerate(on.gpus) if _is_unknown(gpu)]
    return [_how(on, f"gpus.{n}.vram_total_bytes", f"the memory of GPU {n}") for n in unknown]


def _is_unknown(gpu: GpuLike) -> bool:
    shares = gpu.unified_memory and gpu.vendor in _SHARING
    return gpu.vram_total_bytes is None and gpu.vendor != "other" and not shares


def _how(on: InventoryLike, what: str, words: str) -> str:
    told = next((each.how_to_find_out for each in on.unknowns if each.what == what), "")
    return f"{words} ({told.rstrip('.')})" if told else words
