"""Say which graphics adapters Windows has, and their memory: by NVML, else by the registry, else not at all."""

import re

from workstation.inventory._facts import Fact, Ledger, inferred, missing, reported
from workstation.inventory._gpu_facts import GpuFacts, enter_gpu
from workstation.inventory._nvidia import Nvidia, from_library, from_tool, with_answers
from workstation.inventory._parse_windows import SATURATED_BYTES, Adapter, WindowsReport
from workstation.inventory._read import Source
from workstation.inventory.model import Gpu
from workstation.units import GIB, format_memory

_CIM = "Win32_VideoController"
_REGISTRY = "registry HardwareInformation.qwMemorySize"
_HOW = "open Task Manager, Performance, GPU: dedicated memory"
_SMI_SECONDS = 5.0
_SOFTWARE_BUSES = frozenset({"ROOT", "SWD", "VMBUS"})  # remote desktops, virtual screens, Hyper-V's picture
_NO_DRIVER = re.compile(r"basic (display|render)", re.IGNORECASE)

# Graphics inside a processor, by the names their drivers give them. Intel's cards are Arc A and B with three digits.
_INTEL_CARD = re.compile(r"Arc\S*\s+(?:Pro\s+)?[AB]\d{2,3}\b|Iris\S*\s+Xe MAX|Data Center", re.IGNORECASE)
_AMD_BUILT_IN = re.compile(r"\b\d{3}M\b|\b80[4-6]0S\b|Vega \d+ Graphics|Radeon(?:\(TM\))? Graphics$", re.IGNORECASE)
_GENERIC_CARD_BYTES = 8 * GIB  # "AMD Radeon Graphics" is also what a 32 GB card calls itself


def read_gpus(source: Source, cim: WindowsReport, *, answered: bool, ledger: Ledger) -> tuple[Gpu, ...]:
    """Enter every adapter that is hardware; ask NVML where NVIDIA is likely."""
    real = [adapter for adapter in cim.adapters if adapter.bus not in _SOFTWARE_BUSES]
    drafts = _nvidia(source) if not answered or any(adapter.vendor == "nvidia" for adapter in real) else []
    drafts += [_from_cim(adapter) for adapter in real if not (adapter.vendor == "nvidia" and drafts)]
    if not drafts:
        ledger.take("gpus", _none_found(cim, answered=answered))
    return tuple(enter_gpu(draft, index, ledger) for index, draft in enumerate(drafts))


def _nvidia(source: Source) -> list[GpuFacts]:
    """Ask NVIDIA's library, then its tool; without either, the registry's figure has to do."""
    nvidia = Nvidia(report=source.nvml(), asked=True)
    nvidia = with_answers(nvidia, source, source.run_all(nvidia.commands, _SMI_SECONDS))
    by_library = [from_library(nvidia.report, device) for device in nvidia.report.devices]
    return by_library or [from_tool(row) for row in nvidia.rows]


def _none_found(cim: WindowsReport, *, answered: bool) -> Fact[tuple[()]]:
    if cim.adapters:
        return inferred((), f"{_CIM} lists only adapters made by software")
    why = f"{_CIM} lists nothing" if answered else "PowerShell did not answer the query, or is not allowed here"
    return missing(why, "open Device Manager, Display adapters")


def _from_cim(adapter: Adapter) -> GpuFacts:
    shares = _shares(adapter)
    if _NO_DRIVER.search(adapter.name or ""):
        return _without_driver(adapter)
    unnamed: Fact[str] = missing(f"{_CIM} gives no name", "open Device Manager")
    undriven: Fact[str] = missing(f"{_CIM} gives no driver", "open Device Manager")
    return GpuFacts(
        vendor=reported(adapter.vendor, _CIM),
        name=reported(adapter.name, _CIM) if adapter.name else unnamed,
        vram_total=_total(adapter, shares=shares.value),
        vram_used=missing("CIM tells no use of graphics memory", _HOW),
        unified=shares,
        driver=reported(adapter.driver, _CIM) if adapter.driver else undriven,
        source="cim",
    )


def _without_driver(adapter: Adapter) -> GpuFacts:
    """Keep the maker, which the bus tells; the name is the stand-in driver's, not the card's."""
    lost = "Windows runs it with its own basic driver, which does not know it", "install the maker's driver"
    return GpuFacts(
        vendor=reported(adapter.vendor, f"{_CIM}, number of the maker"),
        name=missing(*lost),
        vram_total=missing(*lost),
        vram_used=missing(*lost),
        unified=missing(*lost),
        driver=missing(*lost),
        source="cim",
    )


def _shares(adapter: Adapter) -> Fact[bool]:
    """Tell graphics inside a processor from a card, by name: CIM has no word for it."""
    name = adapter.name or ""
    if adapter.vendor == "nvidia":
        return inferred(False, "a graphics card by its maker")
    if adapter.vendor == "intel":
        return inferred(not _INTEL_CARD.search(name), "the adapter's name")
    if adapter.vendor == "amd":
        generic_card = (adapter.memory_bytes or 0) > _GENERIC_CARD_BYTES and name.endswith("Graphics")
        return inferred(bool(_AMD_BUILT_IN.search(name)) and not generic_card, "the adapter's name and memory")
    if adapter.bus == "ACPI":
        return inferred(True, "graphics on the system's own chip")
    return missing("Windows does not tell whether the memory is the adapter's own", "look up its data sheet")


def _total(adapter: Adapter, *, shares: bool | None) -> Fact[int]:
    """Never take a 32-bit figure that stopped at its end: cards of 8, 16 and 32 GiB all show just under 4."""
    told = adapter.memory_bytes
    if shares:
        return missing(_why_shared(told or adapter.adapter_ram_bytes), "watch memory while a model loads")
    if shares is None:
        return missing("the adapter was not recognised, so its figure may be borrowed memory", _HOW)
    if told:
        return reported(told, _REGISTRY)
    ram = adapter.adapter_ram_bytes
    if ram and SATURATED_BYTES[0] <= ram < SATURATED_BYTES[1]:
        return missing("the figure that Windows gives stops at 4 GiB, so the card may have any amount above it", _HOW)
    if ram:
        return reported(ram, f"{_CIM}.AdapterRAM")
    return missing("neither the registry nor CIM states its memory", _HOW)


def _why_shared(set_aside_bytes: int | None) -> str:
    shared = "the graphics unit shares main memory and states no budget of its own"
    if not set_aside_bytes or set_aside_bytes >= SATURATED_BYTES[0]:
        return shared
    return f"{shared}; {format_memory(set_aside_bytes)} are set aside for it, and it may borrow more"
