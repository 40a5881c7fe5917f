"""Say which graphics units a Mac has, and how much memory they may use."""

from dataclasses import dataclass

from workstation.inventory._facts import Fact, Ledger, inferred, measured, missing, reported
from workstation.inventory._gpu_facts import GpuFacts, enter_gpu
from workstation.inventory._parse_macos import MacDisplay, MacProfile
from workstation.inventory.model import Gpu
from workstation.units import GIB, MIB, gib

_TOLD = "system_profiler SPDisplaysDataType"
_HOW_USED = "open Activity Monitor, and choose GPU History in its Window menu, during a job"
_ASK_METAL = "with PyTorch or MLX imported in this notebook, run ws.inventory() again: they ask Metal"

# What part of memory Metal let the GPU use on Macs that were measured without an override (reference: six reports from
# M1 to M5), by the smallest memory it holds for. A range, because it also differs between macOS versions.
_SHARES = ((128 * GIB, 0.75, 0.84), (0, 0.66, 0.75))


@dataclass(frozen=True, slots=True, kw_only=True)
class GpuSetting:
    """What bears on the GPU's memory: what there is, what Metal or the owner allows, and why nothing was listed."""

    memory_bytes: int | None
    metal_bytes: int | None
    wired_limit_mib: int | None  # 0 stands for the system's own choice, which it does not tell
    problem: str


def read_gpus(profile: MacProfile, setting: GpuSetting, ledger: Ledger) -> tuple[Gpu, ...]:
    """Enter every graphics unit that macOS lists."""
    if profile.displays is None:
        ledger.take("gpus", missing(setting.problem, "choose About This Mac in the Apple menu"))
        return ()
    return tuple(enter_gpu(_facts(each, setting), index, ledger) for index, each in enumerate(profile.displays))


def _facts(display: MacDisplay, setting: GpuSetting) -> GpuFacts:
    no_name = "system_profiler gives no name", "choose About This Mac in the Apple menu"
    no_metal = "macOS states no Metal support for it", "look the GPU up in Apple's list of Metal devices"
    built_in = f"{_TOLD}; the driver is part of macOS"
    return GpuFacts(
        vendor=reported(display.vendor, _TOLD),
        name=reported(display.name, _TOLD) if display.name else missing(*no_name),
        vram_total=_budget(setting) if display.vendor == "apple" else _intel_mac_total(display),
        vram_used=missing("macOS tells no use of graphics memory without a tool of its own", _HOW_USED),
        unified=_unified(display),
        driver=reported(display.metal, built_in) if display.metal else missing(*no_metal),
        source="system_profiler",
    )


def _budget(setting: GpuSetting) -> Fact[int]:
    if setting.metal_bytes:
        return measured(setting.metal_bytes, "Metal's recommended working set")
    if setting.wired_limit_mib:
        return reported(setting.wired_limit_mib * MIB, "sysctl iogpu.wired_limit_mb")
    return missing(_range(setting.memory_bytes), _ASK_METAL)


def _intel_mac_total(display: MacDisplay) -> Fact[int]:
    if display.shared_bytes:
        return missing("the graphics unit borrows from main memory, and grows with demand", _HOW_USED)
    if display.dedicated_bytes:
        return reported(display.dedicated_bytes, _TOLD)
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
