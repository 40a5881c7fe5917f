"""Say which graphics processors there are, how much memory they have, and why where that cannot be told."""

from dataclasses import dataclass

from workstation.inventory._facts import Fact, Ledger, inferred, measured, missing, reported
from workstation.inventory._nvml import NvmlDevice, NvmlReport
from workstation.inventory._nvml_problems import explain
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
from workstation.inventory.model import Gpu, Vendor, Virtualization

_NVIDIA_SIGNS = ("/dev/nvidiactl", "/dev/dxg", "/proc/driver/nvidia/version", "/sys/module/nvgpu")
_SHARED = ("the graphics unit shares main memory and states no budget of its own", "watch memory while a model loads")
_HOW_USED = "run the vendor's monitor (nvidia-smi, rocm-smi, intel_gpu_top) during a job"


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """One GPU before its facts are entered."""

    vendor: Fact[Vendor]
    name: Fact[str]
    vram_total: Fact[int]
    vram_used: Fact[int]
    unified: Fact[bool]
    driver: Fact[str]
    source: str


def read_gpus(source: Source, virtualization: Virtualization, ledger: Ledger) -> tuple[Gpu, ...]:
    """Ask NVML where an NVIDIA device is likely, then the bus, then the system's chip."""
    displays = read_displays(source)
    report = _ask_nvidia(source, displays or ())
    visible = _visible(source, virtualization, displays or (), report)
    drafts = [_from_nvml(report, device) for device in report.devices]
    drafts += [_from_bus(source, display, report) for display in visible]
    drafts += [_from_chip(driver) for driver in read_chip_drivers(source)]
    if not drafts:
        ledger.take("gpus", _none_found(source, displays, visible, virtualization))
    return tuple(_enter(draft, index, ledger) for index, draft in enumerate(drafts))


def _ask_nvidia(source: Source, displays: tuple[Display, ...]) -> NvmlReport:
    likely = any(display.vendor == "nvidia" for display in displays) or any(map(source.exists, _NVIDIA_SIGNS))
    return source.nvml() if likely else NvmlReport()


def _visible(
    source: Source, virtualization: Virtualization, displays: tuple[Display, ...], report: NvmlReport
) -> tuple[Display, ...]:
    """Leave out what NVML told already, and what a container sees on its host's bus but cannot open."""
    told = {device.bus_id for device in report.devices}
    rest = [display for display in displays if display.bus_id not in told and display.vendor_id != MICROSOFT]
    if virtualization != "container":
        return tuple(rest)
    can_render = any(name.startswith("render") for name in source.names("/dev/dri") or ())
    nvidia_open = source.exists("/dev/nvidiactl") and not report.devices
    return tuple(display for display in rest if (nvidia_open if display.vendor == "nvidia" else can_render))


def _none_found(
    source: Source,
    displays: tuple[Display, ...] | None,
    visible: tuple[Display, ...],
    virtualization: Virtualization,
) -> Fact[tuple[()]]:
    if source.exists("/dev/dxg"):
        return missing("Windows lends WSL2 a GPU, but only NVIDIA's names itself here", "open Task Manager in Windows")
    if displays is None:
        return missing("the PCI bus cannot be listed here", "run lspci on the host, or look at the machine")
    if virtualization == "container" and displays and not visible:
        return inferred((), "no device file of a GPU in this container; its host's bus lists display devices")
    return measured((), "/sys/bus/pci/devices lists no display device")


def _from_nvml(report: NvmlReport, device: NvmlDevice) -> Draft:
    shares = not device.total_bytes and device.problems.get("memory") in {None, "NotSupported"}
    problem = device.problems.get("memory", "NotSupported")
    lost: Fact[int] = missing(*(_SHARED if shares else explain(problem)))
    return Draft(
        vendor=reported("nvidia", "NVML"),
        name=reported(device.name, "NVML") if device.name else missing(*explain(device.problems.get("name"))),
        vram_total=measured(device.total_bytes, "NVML") if device.total_bytes else lost,
        vram_used=measured(device.used_bytes, "NVML") if device.total_bytes and device.used_bytes is not None else lost,
        unified=_nvml_unified(device, shares=shares),
        driver=reported(report.driver, "NVML") if report.driver else missing(*explain("NotSupported")),
        source="nvml",
    )


def _nvml_unified(device: NvmlDevice, *, shares: bool) -> Fact[bool]:
    if shares or device.total_bytes:
        return inferred(shares, "NVML states no memory of its own" if shares else "NVML states memory of its own")
    return missing(*explain(device.problems.get("memory")))


def _from_bus(source: Source, display: Display, report: NvmlReport) -> Draft:
    name, total = _bus_name(source, display), display.vram_total_bytes
    used, sysfs = display.vram_used_bytes, "/sys/bus/pci/devices"
    no_driver = "no kernel driver is bound to the device", "install its driver, then run lspci -k"
    return Draft(
        vendor=reported(display.vendor, f"{sysfs}/*/vendor"),
        name=name,
        vram_total=measured(total, sysfs) if total else missing(*_no_vram(display, report)),
        vram_used=missing(*_no_used(display, report)) if used is None else measured(used, sysfs),
        unified=_bus_unified(display),
        driver=reported(display.driver, f"{sysfs}/*/driver") if display.driver else missing(*no_driver),
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


def _no_vram(display: Display, report: NvmlReport) -> tuple[str, str]:
    if display.vendor == "nvidia":
        return explain(report.problem) if report.problem else ("NVML does not list this GPU", "run nvidia-smi")
    if display.vendor_id in SCREEN_ADAPTERS:
        return "the adapter draws a screen and states no graphics memory", "none of it would serve AI work"
    if display.driver is None:
        return "no kernel driver is bound to the device", "install its driver, then look again"
    return _SHARED if _bus_unified(display).value else ("its driver states no graphics memory", "see its data sheet")


def _no_used(display: Display, report: NvmlReport) -> tuple[str, str]:
    if display.vendor == "nvidia":
        return _no_vram(display, report)
    return "the driver states no use of graphics memory without a vendor's tool", _HOW_USED


def _bus_unified(display: Display) -> Fact[bool]:
    if display.vendor == "nvidia":  # NVIDIA's chips with shared memory do not sit on a PCI bus without a driver
        return inferred(False, "a graphics card on the PCI bus")
    if display.vendor == "intel":
        shares = display.bus_id.endswith(":00:02.0") and not display.vram_total_bytes
        return inferred(shares, "place on the PCI bus: Intel's built-in graphics is device 00:02.0")
    if display.is_apu is not None:
        return reported(display.is_apu, "/sys/class/kfd topology")
    return missing("the driver does not tell whether the memory is the card's own", "look up the GPU's data sheet")


def _from_chip(driver: str) -> Draft:
    vendor, name = CHIP_DRIVERS[driver]
    source = "/sys/class/drm/*/device/driver"
    return Draft(
        vendor=inferred(vendor, source),
        name=inferred(name, source),
        vram_total=missing(*_SHARED),
        vram_used=missing("the driver states no use of graphics memory", _HOW_USED),
        unified=inferred(True, "graphics on the system's own chip"),
        driver=reported(driver, source),
        source="sysfs",
    )


def _enter(draft: Draft, index: int, ledger: Ledger) -> Gpu:
    where = f"gpus.{index}"
    return Gpu(
        vendor=ledger.take(f"{where}.vendor", draft.vendor) or "other",
        name=ledger.take(f"{where}.name", draft.name),
        vram_total_bytes=ledger.take(f"{where}.vram_total_bytes", draft.vram_total),
        vram_used_bytes=ledger.take(f"{where}.vram_used_bytes", draft.vram_used),
        unified_memory=ledger.take(f"{where}.unified_memory", draft.unified),
        driver=ledger.take(f"{where}.driver", draft.driver),
        source=draft.source,
    )
