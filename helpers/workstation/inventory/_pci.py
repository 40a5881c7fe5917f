"""List the graphics processors that the kernel sees, with or without a driver: on the PCI bus and on a system chip."""

from typing import NamedTuple

from workstation.inventory._parse import parse_count, parse_pairs, parse_pci_name
from workstation.inventory._read import Source
from workstation.inventory.model import Vendor

PCI_FOLDER = "/sys/bus/pci/devices"
MAX_DISPLAYS = 64
MICROSOFT = "1414"  # the stand-in for Windows' GPU inside WSL2 and Hyper-V

VENDORS: dict[str, Vendor] = {"10de": "nvidia", "1002": "amd", "8086": "intel", "106b": "apple"}

# Adapters that only draw a screen: of virtual machines and of servers' management chips.
SCREEN_ADAPTERS = {
    "1234": "QEMU display adapter",
    "1013": "Cirrus display adapter",
    "15ad": "VMware display adapter",
    "80ee": "VirtualBox display adapter",
    "1af4": "virtio display adapter",
    "1b36": "QXL display adapter",
    "1a03": "ASPEED management display adapter",
    "102b": "Matrox display adapter",
}

# Drivers of graphics units on system chips, which always share main memory.
CHIP_DRIVERS: dict[str, tuple[Vendor, str]] = {
    "v3d": ("other", "Broadcom VideoCore"),
    "asahi": ("apple", "Apple graphics"),
    "msm": ("other", "Qualcomm Adreno"),
    "msm_dpu": ("other", "Qualcomm Adreno"),
    "panfrost": ("other", "Arm Mali"),
    "panthor": ("other", "Arm Mali"),
    "lima": ("other", "Arm Mali"),
    "etnaviv": ("other", "Vivante"),
}

_PCI_IDS = ("/usr/share/misc/pci.ids", "/usr/share/hwdata/pci.ids")
_PCI_IDS_LIMIT_BYTES = 4 * 1024 * 1024


class Display(NamedTuple):
    """One display-class device of the PCI bus; ids are four hexadecimal digits."""

    bus_id: str
    vendor_id: str
    device_id: str
    driver: str | None
    vram_total_bytes: int | None
    vram_used_bytes: int | None
    is_apu: bool | None  # told by AMD's drivers only
    is_asleep: bool = False
    borrowed_total_bytes: int | None = None  # main memory that AMD's driver lends its graphics unit (GTT)
    borrowed_used_bytes: int | None = None

    @property
    def vendor(self) -> Vendor:
        """The vendor as the inventory names it."""
        return VENDORS.get(self.vendor_id, "other")


def read_displays(source: Source) -> tuple[Display, ...] | None:
    """List PCI devices of class 03 (VGA, 3D and display controllers); `None` where the bus cannot be listed."""
    names = source.names(PCI_FOLDER)
    if names is None:
        return None
    classes = ((name, source.read(f"{PCI_FOLDER}/{name}/class") or "") for name in names)
    found = [name for name, code in classes if code.startswith("0x03")][:MAX_DISPLAYS]
    return tuple(_display(source, name) for name in found)


def read_chip_drivers(source: Source) -> tuple[str, ...]:
    """List the drivers of graphics units that sit on the system's own chip instead of a bus."""
    cards = [name for name in source.names("/sys/class/drm") or () if name.startswith("card") and "-" not in name]
    links = [source.link(f"/sys/class/drm/{card}/device/driver") or "" for card in cards]
    return tuple(dict.fromkeys(name for link in links if (name := link.rsplit("/", 1)[-1]) in CHIP_DRIVERS))


def name_display(source: Source, display: Display) -> str | None:
    """Name a device by the table that lspci uses, where the system has it."""
    for path in _PCI_IDS:
        text = source.read(path, _PCI_IDS_LIMIT_BYTES)
        if text is not None:
            return parse_pci_name(text, display.vendor_id, display.device_id)
    return None


def _display(source: Source, name: str) -> Display:
    folder = f"{PCI_FOLDER}/{name}"
    vendor_id, device_id = (_hex_id(source.read(f"{folder}/{part}")) for part in ("vendor", "device"))
    driver = source.link(f"{folder}/driver")
    sized = {"1002": _amd_memory, "8086": _intel_memory}.get(vendor_id, _no_memory)
    total, used = sized(source, folder)
    is_amd = vendor_id == "1002"
    return Display(
        bus_id=name,
        vendor_id=vendor_id,
        device_id=device_id,
        driver=driver.rsplit("/", 1)[-1] if driver else None,
        vram_total_bytes=total,
        vram_used_bytes=used,
        is_apu=_is_apu(source, name) if is_amd else None,
        is_asleep=(source.read(f"{folder}/power/runtime_status") or "").strip() == "suspended",
        borrowed_total_bytes=parse_count(source.read(f"{folder}/mem_info_gtt_total")) if is_amd else None,
        borrowed_used_bytes=parse_count(source.read(f"{folder}/mem_info_gtt_used")) if is_amd else None,
    )


def _hex_id(text: str | None) -> str:
    return (text or "").strip().lower().removeprefix("0x")[:4]


def _no_memory(_source: Source, _folder: str) -> tuple[None, None]:
    return None, None


def _amd_memory(source: Source, folder: str) -> tuple[int | None, int | None]:
    total = parse_count(source.read(f"{folder}/mem_info_vram_total"))
    return total or None, parse_count(source.read(f"{folder}/mem_info_vram_used")) if total else None


def _intel_memory(source: Source, folder: str) -> tuple[int | None, None]:
    """Sum what the newer driver says of each tile, or take the older one's figure."""
    tiles = [name for name in source.names(folder) or () if name.startswith("tile")]
    sizes = [parse_count(source.read(f"{folder}/{tile}/physical_vram_size_bytes")) or 0 for tile in tiles]
    cards = [name for name in source.names(f"{folder}/drm") or () if name.startswith("card")]
    sizes = (
        sizes if any(sizes) else [parse_count(source.read(f"{folder}/drm/{c}/lmem_total_bytes")) or 0 for c in cards]
    )
    return sum(sizes) or None, None


def _is_apu(source: Source, bus_id: str) -> bool | None:
    """Ask AMD's drivers whether processor and graphics are one chip, which shares one memory.

    The compute driver lists a node with both processor cores and graphics units; the graphics driver measures the
    northbridge's voltage (vddnb) on such chips alone.
    """
    location = _location(bus_id)
    nodes = "/sys/class/kfd/kfd/topology/nodes"
    for node in (source.names(nodes) or ())[:MAX_DISPLAYS]:
        properties = parse_pairs(source.read(f"{nodes}/{node}/properties") or "")
        if properties.get("simd_count") and properties.get("location_id") == location:
            return bool(properties.get("cpu_cores_count"))
    sensors = f"{PCI_FOLDER}/{bus_id}/hwmon"
    labels = [source.read(f"{sensors}/{name}/in1_label") or "" for name in (source.names(sensors) or ())[:MAX_DISPLAYS]]
    return True if "vddnb" in {label.strip() for label in labels} else None


def _location(bus_id: str) -> int | None:
    """Pack bus, device and function as the compute driver does.

    >>> _location("0000:03:00.0")
    768
    """
    try:
        _, bus, slot = bus_id.split(":")
        device, function = slot.split(".")
        return int(bus, 16) << 8 | int(device, 16) << 3 | int(function, 16)
    except ValueError:
        return None
