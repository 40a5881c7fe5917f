"""Find what a learner is likely not to know about the machine in front of them: rules over its inventory, nothing else.

Every number quoted is one of the inventory's. The rules stand in order, most telling first; the last one always holds.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from workstation.catalog._facts import SurpriseLimits, load_surprise_limits
from workstation.inventory._gpu_facts import ASLEEP
from workstation.inventory.boxes import boxed_gib
from workstation.inventory.model import Gpu, Inventory
from workstation.units import GB, GIB, MIB, format_disk, format_memory, gib

if TYPE_CHECKING:
    from workstation.catalog import Catalog


@dataclass(frozen=True, slots=True, kw_only=True)
class Surprise:
    """One thing worth telling, with the dotted paths of the facts that it rests on."""

    id: str
    headline: str
    explanation: str
    basis: tuple[str, ...]


def surprises(inv: Inventory, catalog: "Catalog | None" = None) -> tuple[Surprise, ...]:
    """Return what is surprising about this machine, most telling first; never empty."""
    limits = load_surprise_limits()
    found = (rule(inv, limits) for rule in RULES)
    telling = [surprise for surprise in found if surprise is not None]
    return (*telling, _gpu_or_not(inv, catalog))


def _container_limit(inv: Inventory, limits: SurpriseLimits) -> Surprise | None:
    limit, total = inv.memory.limit_bytes, inv.memory.total_bytes
    if limit is None or (total is not None and limit >= total * limits.limit_below_percent / 100):
        return None
    told = inv.provenance.get("memory.limit_bytes")
    verb = "is told to keep to" if told and "MEM_LIMIT" in told.source else "may use"
    host = f" The host shows {format_memory(total)}, and most tools quote that figure." if total else ""
    return Surprise(
        id="container-limit",
        headline=f"This session {verb} {format_memory(limit)}, whatever the system shows",
        explanation=f"A limit is set on the group of processes that you run in.{host} Plan with the smaller number: "
        "a process that passes the limit is stopped, even while the host has room.",
        basis=("memory.limit_bytes", "memory.total_bytes"),
    )


def _full_shared_disk(inv: Inventory, limits: SurpriseLimits) -> Surprise | None:
    disk = inv.storage.project
    if not disk.shared_with_system or not disk.total_bytes or disk.free_bytes is None:
        return None
    share = disk.free_bytes / disk.total_bytes
    if share >= limits.disk_low_percent / 100:
        return None
    return Surprise(
        id="full-shared-disk",
        headline=f"Only {share:.0%} of the disk is free, and the system lives on it too",
        explanation=f"{format_disk(disk.free_bytes)} of {format_disk(disk.total_bytes)} are left. Models, indexes and "
        "checkpoints land beside the operating system, which misbehaves when its disk fills up.",
        basis=("storage.project.free_bytes", "storage.project.total_bytes", "storage.project.shared_with_system"),
    )


def _swap_in_use(inv: Inventory, limits: SurpriseLimits) -> Surprise | None:
    used, total = inv.memory.swap_used_bytes, inv.memory.swap_total_bytes
    if used is None or used < limits.swap_worth_telling_mib * MIB or inv.memory.swap_kind == "zram":
        return None
    out_of = f" of {format_memory(total)}" if total else ""
    return Surprise(
        id="swap-in-use",
        headline=f"{format_memory(used)} of what memory held had moved out to swap already",
        explanation=f"Swap holds {format_memory(used)}{out_of} right now. At some point since it was switched on, this "
        "machine was short of memory, or put away pages that nobody asked for.",
        basis=("memory.swap_used_bytes", "memory.swap_total_bytes"),
    )


def _gpu_without_tools(inv: Inventory, _limits: SurpriseLimits) -> Surprise | None:
    for index, gpu in enumerate(inv.gpus):
        if _is_mute(gpu) and not _is_asleep(inv, index):
            return Surprise(
                id="gpu-without-tools",
                headline=f"{_called(gpu)} is built in, but this system cannot use it yet",
                explanation=f"The graphics processor was found, yet {_what_is_mute(gpu)}. For frameworks such as "
                "PyTorch it does not exist until its driver answers; that costs time, not money.",
                basis=(f"gpus.{index}.driver", f"gpus.{index}.vram_total_bytes"),
            )
    return None


def _taken_already(inv: Inventory, limits: SurpriseLimits) -> Surprise | None:
    usable, available = inv.memory.usable_bytes, inv.memory.available_bytes
    if not usable or available is None or available > usable:
        return None
    share = 1 - available / usable
    if share < limits.memory_taken_percent / 100:
        return None
    return Surprise(
        id="memory-taken",
        headline=f"{share:.0%} of the memory is taken before you start anything new",
        explanation=f"Of {format_memory(usable)}, {format_memory(available)} are available now. The browser, the "
        "editor and what runs behind them come first; a model gets what they leave.",
        basis=("memory.usable_bytes", "memory.available_bytes"),
    )


def _unified(inv: Inventory, _limits: SurpriseLimits) -> Surprise | None:
    for index, gpu in enumerate(inv.gpus):
        if gpu.unified_memory and gpu.vendor in {"apple", "nvidia", "amd"}:
            budget = gpu.vram_total_bytes
            words = f" The system lets graphics have {format_memory(budget)} of it." if budget else ""
            whole = format_memory(inv.memory.total_bytes) if inv.memory.total_bytes else "all of main memory"
            return Surprise(
                id="unified-memory",
                headline=f"Processor and graphics draw on one pool: {whole}",
                explanation=f"{_called(gpu)} has no memory of its own.{words} A model that fits takes room from "
                "everything else that is open, so memory is one question here, not two.",
                basis=("memory.total_bytes", f"gpus.{index}.unified_memory"),
            )
    return None


def _zram(inv: Inventory, _limits: SurpriseLimits) -> Surprise | None:
    total = inv.memory.swap_total_bytes
    if inv.memory.swap_kind != "zram" or not total:
        return None
    return Surprise(
        id="zram",
        headline=f"The {format_memory(total)} of swap here are memory too, only squeezed",
        explanation="This swap is zram: pages are compressed and stay in memory. It stretches memory a little and "
        "costs processor time; it adds none.",
        basis=("memory.swap_kind", "memory.swap_total_bytes"),
    )


def _spinning(inv: Inventory, _limits: SurpriseLimits) -> Surprise | None:
    if inv.storage.project.medium != "hdd":
        return None
    return Surprise(
        id="spinning-disk",
        headline="The project lives on a spinning disk",
        explanation="A model file of several gigabytes is read from start to end each time it loads, and a turning "
        "platter does that many times slower than flash memory. Expect to wait for loads, not for answers.",
        basis=("storage.project.medium",),
    )


def _on_battery(inv: Inventory, _limits: SurpriseLimits) -> Surprise | None:
    if not inv.power.on_battery:
        return None
    return Surprise(
        id="on-battery",
        headline="You are running on battery right now",
        explanation="Laptops slow processor and graphics down to make a charge last. Plug in before you measure "
        "anything that you want to compare later.",
        basis=("power.on_battery",),
    )


def _wsl(inv: Inventory, _limits: SurpriseLimits) -> Surprise | None:
    total = inv.memory.total_bytes
    if inv.system.virtualization != "wsl2" or not total:
        return None
    return Surprise(
        id="wsl-share",
        headline=f"{format_memory(total)} is Windows' loan to Linux, not what the machine holds",
        explanation="WSL2 is a virtual machine that gets a part of the memory, half of it unless .wslconfig says "
        "otherwise. Task Manager in Windows shows the whole.",
        basis=("memory.total_bytes", "system.virtualization"),
    )


def _box_and_gib(inv: Inventory, limits: SurpriseLimits) -> Surprise | None:
    total = inv.memory.total_bytes
    if not total or inv.memory.limit_bytes is not None or inv.system.virtualization != "none":
        return None
    boxed = boxed_gib(total)
    if boxed is None or total > boxed * GIB - limits.box_gap_worth_telling_mib * MIB:
        return None
    return Surprise(
        id="box-and-gib",
        headline=f"Sold as {boxed} GB, seen as {gib(total):.1f} GiB",
        explanation=f"{total / GB:.1f} GB and {gib(total):.1f} GiB are the same number of bytes in two units. Makers "
        "of memory write GB and mean GiB; firmware and graphics keep the rest. Plan with what the system sees.",
        basis=("memory.total_bytes",),
    )


def _gpu_or_not(inv: Inventory, catalog: "Catalog | None") -> Surprise:
    if any(gpu.vram_total_bytes for gpu in inv.gpus):
        return _vram_beside_ram(inv)
    families = _families_without_vram(catalog)
    found = "No graphics processor with memory of its own was found"
    if any(gpu.unified_memory is False and gpu.vendor != "other" for gpu in inv.gpus):
        found = "No graphics memory can be counted here yet"
    elif not inv.gpus and "gpus" not in inv.provenance:
        found = "Which graphics processor sits in here could not be read"
    return Surprise(
        id="no-gpu-needed",
        headline=f"{found}, and {families} can start without one",
        explanation="Hosted models, notebooks and retrieval lean on memory, disk and network first. What this machine "
        "needs next is a question for measurements, not for a price list.",
        basis=("gpus",),
    )


def _vram_beside_ram(inv: Inventory) -> Surprise:
    index, gpu = max(enumerate(inv.gpus), key=lambda pair: pair[1].vram_total_bytes or 0)
    usable = inv.memory.usable_bytes
    beside = f" beside {format_memory(usable)} of main memory" if usable and not gpu.unified_memory else ""
    return Surprise(
        id="vram-is-the-wall",
        headline=f"For a local model, the wall stands at {format_memory(gpu.vram_total_bytes)}",
        explanation=f"That is what {_called(gpu)} can hold{beside}. Weights, context and a working reserve must fit in "
        "there together; what does not fit runs many times slower or not at all.",
        basis=(f"gpus.{index}.vram_total_bytes", "memory.usable_bytes"),
    )


def _families_without_vram(catalog: "Catalog | None") -> str:
    if catalog is None:
        return "much AI work"
    free = [family for family in catalog.families.values() if "vram" not in family.primary]
    return f"{len(free)} of {len(catalog.families)} kinds of AI work in this course"


def _is_mute(gpu: Gpu) -> bool:
    if gpu.vendor == "other" or gpu.unified_memory:
        return False
    return gpu.driver is None or (gpu.vendor == "nvidia" and gpu.vram_total_bytes is None)


def _is_asleep(inv: Inventory, index: int) -> bool:
    return any(each.what == f"gpus.{index}.vram_total_bytes" and each.why == ASLEEP[0] for each in inv.unknowns)


def _what_is_mute(gpu: Gpu) -> str:
    return "no driver is bound to it" if gpu.driver is None else f"the driver {gpu.driver} does not tell its memory"


def _called(gpu: Gpu) -> str:
    brands = {"nvidia": "An NVIDIA GPU", "amd": "An AMD GPU", "intel": "An Intel GPU", "apple": "An Apple GPU"}
    return gpu.name or brands.get(gpu.vendor, "A graphics processor")


RULES: tuple[Callable[[Inventory, SurpriseLimits], Surprise | None], ...] = (
    _container_limit,
    _full_shared_disk,
    _gpu_without_tools,
    _swap_in_use,
    _wsl,
    _taken_already,
    _unified,
    _spinning,
    _zram,
    _on_battery,
    _box_and_gib,
)
