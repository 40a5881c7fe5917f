"""Say which graphics processors there are, how much memory they have, and why where that cannot be told.

Files and NVIDIA's library first; commands only for what they left open, all at once.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from workstation.inventory._facts import Fact, Ledger, inferred, measured, missing, reported
from workstation.inventory._gpu_facts import HOW_USED, SHARED, GpuFacts, enter_gpu
from workstation.inventory._nvidia import Nvidia, ask_library, from_library, from_tool, why_mute
from workstation.inventory._pci import (
    CHIP_DRIVERS,
    MICROSOFT,
    SCREEN_ADAPTERS,
    Display,
    name_display,
    read_chip_drivers,
    read_displays,
)
from workstation.inventory._read import Source
from workstation.inventory.model import Gpu, Virtualization

if TYPE_CHECKING:
    from workstation.inventory._rocm_smi import RocmCard

_SYSFS = "/sys/bus/pci/devices"


class Bus(NamedTuple):
    """The display devices of the bus that count, and everything that was told about them."""

    displays: tuple[Display, ...]
    names: Mapping[str, Fact[str]]
    nvidia: Nvidia
    rocm: "Mapping[str, RocmCard]"
    rocm_problem: str | None
    is_arm: bool


def read_gpus(source: Source, virtualization: Virtualization, ledger: Ledger) -> tuple[Gpu, ...]:
    """Ask NVML where an NVIDIA device is likely, then the bus, then commands, then the system's chip."""
    displays = read_displays(source)
    nvidia = ask_library(source, displays or ())
    visible = _visible(source, virtualization, displays or (), nvidia)
    bus = _told(source, visible, nvidia)
    told = {row.bus_id for row in bus.nvidia.rows if row.bus_id}
    unplaced = any(row.bus_id is None for row in bus.nvidia.rows)
    rest = [each for each in visible if each.bus_id not in told and not (unplaced and each.vendor == "nvidia")]
    gpus = [from_library(nvidia.report, device) for device in nvidia.report.devices]
    gpus += [from_tool(row) for row in bus.nvidia.rows]
    gpus += [_from_bus(bus, display) for display in rest]
    gpus += [_from_chip(driver) for driver in read_chip_drivers(source)]
    if not gpus:
        ledger.take("gpus", _none_found(source, displays, visible, virtualization, bus.nvidia))
    return tuple(enter_gpu(gpu, index, ledger) for index, gpu in enumerate(gpus))


def _visible(
    source: Source, virtualization: Virtualization, displays: tuple[Display, ...], nvidia: Nvidia
) -> tuple[Display, ...]:
    """Leave out what NVML told already, and what a container sees on its host's bus but cannot open."""
    told = {device.bus_id for device in nvidia.report.devices}
    rest = [display for display in displays if display.bus_id not in told and display.vendor_id != MICROSOFT]
    if virtualization != "container":
        return tuple(rest)
    can_render = any(name.startswith("render") for name in source.names("/dev/dri") or ())
    nvidia_open = source.exists("/dev/nvidiactl") and not nvidia.report.devices
    return tuple(display for display in rest if (nvidia_open if display.vendor == "nvidia" else can_render))


def _told(source: Source, displays: tuple[Display, ...], nvidia: Nvidia) -> Bus:
    """Gather what files and library told, then ask commands for the rest: none of them where a GPU would be woken."""
    names = {display.bus_id: _bus_name(source, display) for display in displays}
    is_arm = source.platform().machine in {"aarch64", "arm64"}
    bus = Bus(displays=displays, names=names, nvidia=nvidia, rocm={}, rocm_problem=None, is_arm=is_arm)
    asleep = any(display.is_asleep for display in displays)
    unnamed = not asleep and any(name.value is None for name in names.values())
    mute = not asleep and any(_is_mute(display) for display in displays)
    if not (nvidia.needs_tool or unnamed or mute):
        return bus
    from workstation.inventory._gpu_commands import ask_commands  # late: few machines need a command

    return ask_commands(source, bus, unnamed=unnamed, mute=mute)


def _is_mute(display: Display) -> bool:
    return display.vendor == "amd" and display.driver == "amdgpu" and not display.vram_total_bytes


def _none_found(
    source: Source,
    displays: tuple[Display, ...] | None,
    visible: tuple[Display, ...],
    virtualization: Virtualization,
    nvidia: Nvidia,
) -> Fact[tuple[()]]:
    if source.exists("/dev/dxg"):
        tool = f" (nvidia-smi {nvidia.tool_problem})" if nvidia.tool_problem else ""
        why = f"Windows lends WSL2 a GPU, but only NVIDIA's names itself here{tool}"
        return missing(why, "open Task Manager in Windows")
    if displays is None:
        return missing("the PCI bus cannot be listed here", "run lspci on the host, or look at the machine")
    if virtualization == "container" and displays and not visible:
        return inferred((), "no device file of a GPU in this container; its host's bus lists display devices")
    return measured((), f"{_SYSFS} lists no display device")


def _from_bus(bus: Bus, display: Display) -> GpuFacts:
    unified = _bus_unified(bus, display)
    total, used = _bus_memory(bus, display, shares=unified.value is True)
    no_driver = "no kernel driver is bound to the device", "install its driver, then run lspci -k"
    return GpuFacts(
        vendor=reported(display.vendor, f"{_SYSFS}/*/vendor"),
        name=bus.names[display.bus_id],
        vram_total=total,
        vram_used=used,
        unified=unified,
        driver=reported(display.driver, f"{_SYSFS}/*/driver") if display.driver else missing(*no_driver),
        source="sysfs",
    )


def _bus_name(source: Source, display: Display) -> Fact[str]:
    model = _nvidia_model(source, display) if display.vendor == "nvidia" else None
    if model:
        return reported(model, "/proc/driver/nvidia")
    named = name_display(source, display)
    if named:
        return reported(named, "pci.ids, by vendor and device number")
    if display.vendor_id in SCREEN_ADAPTERS:
        return inferred(SCREEN_ADAPTERS[display.vendor_id], "PCI vendor number")
    numbers = f"{display.vendor_id}:{display.device_id}"
    return missing(f"the bus gives numbers only ({numbers})", f"run lspci, or look up {numbers} in pci.ids")


def _nvidia_model(source: Source, display: Display) -> str | None:
    text = source.read(f"/proc/driver/nvidia/gpus/{display.bus_id}/information") or ""
    rows = dict(line.split(":", 1) for line in text.splitlines() if ":" in line)
    return rows.get("Model", "").strip() or None


def _bus_memory(bus: Bus, display: Display, *, shares: bool) -> tuple[Fact[int], Fact[int]]:
    """Return graphics memory and its use: of a chip that shares main memory, with what its driver may borrow."""
    card = bus.rocm.get(display.bus_id)
    if not display.vram_total_bytes and card is not None and card.total_bytes:
        lost: Fact[int] = missing("rocm-smi does not tell", HOW_USED)
        used = lost if card.used_bytes is None else measured(card.used_bytes, "rocm-smi")
        return measured(card.total_bytes, "rocm-smi"), used
    if shares and display.vram_total_bytes and display.borrowed_total_bytes:
        return _with_borrowed(display, display.vram_total_bytes, display.borrowed_total_bytes)
    total, used_bytes = display.vram_total_bytes, display.vram_used_bytes
    no_used: Fact[int] = missing(*_no_used(bus, display))
    return (
        measured(total, _SYSFS) if total else missing(*_no_vram(bus, display)),
        no_used if used_bytes is None else measured(used_bytes, _SYSFS),
    )


def _with_borrowed(display: Display, own: int, borrowed: int) -> tuple[Fact[int], Fact[int]]:
    parts = (display.vram_used_bytes, display.borrowed_used_bytes)
    used = [part for part in parts if part is not None]
    source = f"{_SYSFS}: memory set aside for graphics, and main memory that the driver may borrow (GTT)"
    lost: Fact[int] = missing("the driver does not tell how much is in use", HOW_USED)
    return reported(own + borrowed, source), measured(sum(used), source) if len(used) == len(parts) else lost


def _no_vram(bus: Bus, display: Display) -> tuple[str, str]:
    if display.vendor == "nvidia":
        return why_mute(display, bus.nvidia)
    if display.vendor_id in SCREEN_ADAPTERS:
        return "the adapter draws a screen and states no graphics memory", "none of it would serve AI work"
    if display.driver is None:
        return "no kernel driver is bound to the device", "install its driver, then look again"
    if _bus_unified(bus, display).value:
        return SHARED
    if display.vendor == "amd" and bus.rocm_problem:
        return f"its driver states no graphics memory, and rocm-smi {bus.rocm_problem}", "see its data sheet"
    return "its driver states no graphics memory", "see its data sheet"


def _no_used(bus: Bus, display: Display) -> tuple[str, str]:
    if display.vendor == "nvidia":
        return why_mute(display, bus.nvidia)
    return "the driver states no use of graphics memory without a vendor's tool", HOW_USED


def _bus_unified(bus: Bus, display: Display) -> Fact[bool]:
    if display.vendor == "nvidia" and bus.is_arm:  # NVIDIA's own Arm machines share memory, others carry cards
        return missing("only NVIDIA's driver tells here whether the memory is the GPU's own", "run nvidia-smi")
    if display.vendor == "nvidia":
        return inferred(False, "a graphics card on the PCI bus")
    if display.vendor == "intel":
        shares = display.bus_id.endswith(":00:02.0") and not display.vram_total_bytes
        return inferred(shares, "place on the PCI bus: Intel's built-in graphics is device 00:02.0")
    if display.is_apu is not None:
        return reported(display.is_apu, "AMD's driver: processor and graphics on one chip, or not")
    return missing("the driver does not tell whether the memory is the card's own", "look up the GPU's data sheet")


def _from_chip(driver: str) -> GpuFacts:
    vendor, name = CHIP_DRIVERS[driver]
    source = "/sys/class/drm/*/device/driver"
    return GpuFacts(
        vendor=inferred(vendor, source),
        name=inferred(name, source),
        vram_total=missing(*SHARED),
        vram_used=missing("the driver states no use of graphics memory", HOW_USED),
        unified=inferred(True, "graphics on the system's own chip"),
        driver=reported(driver, source),
        source="sysfs",
    )
