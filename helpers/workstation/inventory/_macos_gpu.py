"""Say which graphics units a Mac has, and how much memory they may use."""

from workstation.inventory._facts import Fact, Ledger, inferred, missing, reported
from workstation.inventory._gpu_facts import GpuFacts, enter_gpu
from workstation.inventory._parse_macos import MacDisplay, MacProfile
from workstation.inventory.model import Gpu
from workstation.units import GIB, gib

_TOLD = "system_profiler SPDisplaysDataType"
_HOW_USED = "open Activity Monitor, and choose GPU History in its Window menu, during a job"
_ASK_METAL = "with PyTorch or MLX imported in this notebook, run ws.inventory() again: they ask Metal"

# What part of memory Metal let the GPU use on Macs that were measured without an override (reference: six reports from
# M1 to M5), by the smallest memory it holds for. A range, because it also differs between macOS versions.
_SHARES = ((128 * GIB, 0.75, 0.84), (0, 0.66, 0.75))


def read_gpus(profile: MacProfile, *, memory_bytes: int | None, budget: Fact[int], ledger: Ledger) -> tuple[Gpu, ...]:
    """Enter every graphics unit that macOS lists; *budget* is what it lets the GPU of an Apple chip use."""
    if profile.displays is None:
        why = "system_profiler listed no graphics unit, or took longer than its limit of several seconds"
        ledger.take("gpus", missing(why, "choose About This Mac in the Apple menu"))
        return ()
    return tuple(
        enter_gpu(_facts(display, memory_bytes, budget), index, ledger)
        for index, display in enumerate(profile.displays)
    )


def _facts(display: MacDisplay, memory_bytes: int | None, budget: Fact[int]) -> GpuFacts:
    no_name = "system_profiler gives no name", "choose About This Mac in the Apple menu"
    no_metal = "macOS states no Metal support for it", "look the GPU up in Apple's list of Metal devices"
    built_in = f"{_TOLD}; the driver is part of macOS"
    return GpuFacts(
        vendor=reported(display.vendor, _TOLD),
        name=reported(display.name, _TOLD) if display.name else missing(*no_name),
        vram_total=_total(display, memory_bytes, budget),
        vram_used=missing("macOS tells no use of graphics memory without a tool of its own", _HOW_USED),
        unified=_unified(display),
        driver=reported(display.metal, built_in) if display.metal else missing(*no_metal),
        source="system_profiler",
    )


def _total(display: MacDisplay, memory_bytes: int | None, budget: Fact[int]) -> Fact[int]:
    if display.vendor == "apple":
        return budget if budget.value else missing(_range(memory_bytes), _ASK_METAL)
    if display.dedicated_bytes and not display.shared_bytes:
        return reported(display.dedicated_bytes, _TOLD)
    if display.shared_bytes:
        return missing("the graphics unit borrows from main memory, and grows with demand", _HOW_USED)
    return missing("system_profiler states no graphics memory", "look up the GPU's data sheet")


def _range(memory_bytes: int | None) -> str:
    """Tell the range in words only: a number in the field would look like something that was read."""
    opening = "the GPU shares main memory, and macOS states no budget for it here"
    if not memory_bytes:
        return opening
    low, high = next((low, high) for least, low, high in _SHARES if memory_bytes >= least)
    return (
        f"{opening}; Macs like this one gave it {low * 100:.0f} to {high * 100:.0f} % of memory, "
        f"which is {gib(memory_bytes) * low:.1f} to {gib(memory_bytes) * high:.1f} GiB of {gib(memory_bytes):.0f}"
    )


def _unified(display: MacDisplay) -> Fact[bool]:
    if display.vendor == "apple":
        return inferred(True, "a GPU on Apple's own chip")
    if display.shared_bytes:
        return inferred(True, f"{_TOLD}: its memory is borrowed from main memory")
    if display.dedicated_bytes:
        return inferred(False, f"{_TOLD}: it has memory of its own")
    return missing("macOS does not tell whether the memory is the card's own", "look up the GPU's data sheet")
