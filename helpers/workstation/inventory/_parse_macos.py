"""Turn what macOS's commands print into facts; nothing here runs a command or raises.

Serial numbers, hardware identifiers and names of volumes are in some of these texts. No parser keeps them.
"""

import json
import plistlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from xml.parsers.expat import ExpatError

from workstation.inventory.model import Medium, Vendor
from workstation.units import GIB, MIB, TIB

MAX_ENTRIES = 64
_SYSCTL = re.compile(r"^([a-z][\w.]*)\s*[:=] ?(.*)$", re.MULTILINE)
_PAGE = re.compile(r"page size of (\d{1,9}) bytes")
_PAGES = re.compile(r'^"?([^":\n]+)"?:\s+(\d{1,18})\.?\s*$', re.MULTILINE)
_SWAP = re.compile(r"\b(total|used)\s*=\s*(\d{1,12}(?:[.,]\d{1,6})?)([KMGT])")
_SWAP_UNITS = {"K": 1024, "M": MIB, "G": GIB, "T": TIB}
# The unit follows the language (GB, Go, in Cyrillic letters); always powers of two here.
_SIZE_UNITS = {"M": MIB, "G": GIB, "T": TIB, "\u041c": MIB, "\u0413": GIB, "\u0422": TIB}
_SIZE = re.compile(rf"(\d{{1,9}}(?:[.,]\d{{1,3}})?)[\s\u00a0\u202f]*([{''.join(_SIZE_UNITS)}])")
_DF = re.compile(r"^(\S.*?)\s+(?:\d+|-)\s+(?:\d+|-)\s+(?:-?\d+|-)\s+(?:\d+%|-)\s+(/.*)$", re.MULTILINE)
_MOUNT = re.compile(r"^\S.*? on (/.*) \((\w+)[,)]", re.MULTILINE)
_DISK = re.compile(r"(?:/dev/)?(disk\d{1,4})(?:s\d+)*")
_METAL = re.compile(r"spdisplays_metal(\d+)$")
_CHIP_KEY = re.compile(r"kHW_(.+?)Item$")
_VENDORS: tuple[tuple[str, Vendor], ...] = (
    ("apple", "apple"),
    ("nvidia", "nvidia"),
    ("geforce", "nvidia"),
    ("intel", "intel"),
    ("amd", "amd"),
    ("radeon", "amd"),
    ("0x106b", "apple"),
    ("0x10de", "nvidia"),
    ("0x8086", "intel"),
    ("0x1002", "amd"),
)
_PLIST_ERRORS = (ExpatError, ValueError, AttributeError, TypeError, KeyError, IndexError, OverflowError)


@dataclass(frozen=True, slots=True, kw_only=True)
class VmStat:
    """Pages by their English name, and how big one is."""

    page_bytes: int | None
    pages: Mapping[str, int]

    def bytes_of(self, *names: str) -> int | None:
        """Add up pages of several kinds; `None` where the page size or all of them are unknown."""
        known = [self.pages[name] for name in names if name in self.pages]
        return sum(known) * self.page_bytes if known and self.page_bytes else None


@dataclass(frozen=True, slots=True, kw_only=True)
class MacDisplay:
    """One graphics unit; `metal` says how far macOS supports it, `dedicated_bytes` is memory of its own."""

    name: str | None
    vendor: Vendor
    metal: str | None
    dedicated_bytes: int | None
    shared_bytes: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MacVolume:
    """One mounted volume: which disk or container it is on, and what macOS says of the drive below."""

    disk: str | None
    medium: Medium


@dataclass(frozen=True, slots=True, kw_only=True)
class MacProfile:
    """What system_profiler told; `None` lists mean that the section was not there."""

    machine_name: str | None
    model: str | None
    chip: str | None
    displays: tuple[MacDisplay, ...] | None
    volumes: tuple[MacVolume, ...]
    nvme_disks: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class MacDisks:
    """Whole disks with their sizes, and which whole disks hold each APFS container."""

    sizes: Mapping[str, int | None]
    stores: Mapping[str, tuple[str, ...]]


def parse_sysctl(text: str) -> dict[str, str]:
    r"""Read sysctl's lines of a name and a value.

    >>> parse_sysctl("hw.memsize: 38654705664\nhw.memsize_usable: 37984092160\n")["hw.memsize"]
    '38654705664'
    """
    return {key: value.strip() for key, value in _SYSCTL.findall(text)}


def parse_vm_stat(text: str) -> VmStat:
    r"""Read vm_stat; the size of a page stands in its first line, and differs between Macs.

    >>> parse_vm_stat("Mach Virtual Memory Statistics: (page size of 16384 bytes)\nPages free:  5.\n").page_bytes
    16384
    """
    size = _PAGE.search(text)
    return VmStat(
        page_bytes=int(size[1]) if size else None,
        pages={name.strip(): int(count) for name, count in _PAGES.findall(text)},
    )


def parse_swap_usage(text: str) -> tuple[int, int] | None:
    """Read sysctl's vm.swapusage as total and used bytes; some locales write a decimal comma.

    >>> parse_swap_usage("total = 2048,00M  used = 1017,50M  free = 1030,50M  (encrypted)")
    (2147483648, 1066926080)
    """
    found = {key: round(float(value.replace(",", ".")) * _SWAP_UNITS[unit]) for key, value, unit in _SWAP.findall(text)}
    return (found["total"], min(found["used"], found["total"])) if {"total", "used"} <= set(found) else None


def parse_size(text: object) -> int | None:
    """Read a size as system_profiler writes it, in powers of two whatever the language calls them.

    >>> parse_size("4 GB"), parse_size("1536 MB"), parse_size("1,5 Go"), parse_size("dynamic")
    (4294967296, 1610612736, 1610612736, None)
    """
    found = _SIZE.search(text) if isinstance(text, str) else None
    return round(float(found[1].replace(",", ".")) * _SIZE_UNITS[found[2]]) if found else None


def parse_profile(text: str) -> MacProfile:
    """Read system_profiler's JSON; keys are the same in every language, some values are untranslated keys."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        document = None
    hardware = next(_entries(document, "SPHardwareDataType"), {})
    shown = list(_entries(document, "SPDisplaysDataType"))
    return MacProfile(
        machine_name=_text(hardware.get("machine_name")),
        model=_text(hardware.get("machine_model")),
        chip=_text(hardware.get("chip_type")) or _text(hardware.get("cpu_type")),
        displays=tuple(map(_display, shown)) if shown else None,
        volumes=tuple(map(_volume, _entries(document, "SPStorageDataType"))),
        nvme_disks=frozenset(_nvme_disks(document)),
    )


def parse_disks(everything: str, physical: str) -> MacDisks:
    """Read the property lists of ``diskutil list``: of all disks, and of those that are real."""
    real = {name: _count(disk.get("Size")) for name, disk in _disks(physical)}
    stores = {name: found for name, disk in _disks(everything) if (found := tuple(_store_disks(disk)))}
    return MacDisks(sizes=real, stores=stores)


def parse_df_device(text: str) -> tuple[str, str] | None:
    r"""Read the device and the mount point from ``df -P``, whatever the language of its heading.

    >>> parse_df_device("Systeme  512-blocks  Used\n/dev/disk3s5  965595304 1 2  8% /System/Volumes/Data\n")
    ('/dev/disk3s5', '/System/Volumes/Data')
    """
    rows = _DF.findall(text)
    return (rows[-1][0], rows[-1][1]) if rows else None


def parse_mounts(text: str) -> dict[str, str]:
    r"""Read the kind of each mounted file system by its mount point.

    >>> parse_mounts("/dev/disk3s5 on /System/Volumes/Data (apfs, local, journaled)\n")
    {'/System/Volumes/Data': 'apfs'}
    """
    return dict(_MOUNT.findall(text))


def parse_whole_disk(device: object) -> str | None:
    """Name the whole disk or container of a device.

    >>> parse_whole_disk("/dev/disk3s1s1"), parse_whole_disk("//someone@nas/share")
    ('disk3', None)
    """
    found = _DISK.fullmatch(device) if isinstance(device, str) else None
    return found[1] if found else None


def parse_power(text: str) -> tuple[bool | None, bool | None]:
    r"""Read ``pmset -g batt``: whether there is a battery, and whether it feeds the Mac.

    >>> parse_power("Now drawing from 'Battery Power'\n -InternalBattery-0 (id=1)  80%; discharging\n")
    (True, True)
    """
    source = re.search(r"'(AC|Battery|UPS) Power'", text)
    if source is None:
        return None, None
    return "InternalBattery" in text, source[1] != "AC"


def _entries(document: object, kind: str) -> Iterator[dict[str, Any]]:
    """Yield the tables of one section."""
    section = document.get(kind) if isinstance(document, dict) else None
    found = section if isinstance(section, list) else []
    yield from (entry for entry in found[:MAX_ENTRIES] if isinstance(entry, dict))


def _display(entry: dict[str, Any]) -> MacDisplay:
    name = _text(entry.get("sppci_model")) or _text(entry.get("_name"))
    key = _CHIP_KEY.match(name or "")
    if key:  # early Big Sur printed keys where names belong: kHW_AppleM1Item
        name = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", key[1])
    told = " ".join(filter(None, (_text(entry.get("spdisplays_vendor")), name))).lower()
    return MacDisplay(
        name=name,
        vendor=next((vendor for word, vendor in _VENDORS if word in told), "other"),
        metal=_metal(entry),
        dedicated_bytes=parse_size(entry.get("spdisplays_vram")),
        shared_bytes=parse_size(entry.get("spdisplays_vram_shared")),
    )


def _metal(entry: dict[str, Any]) -> str | None:
    family = _text(entry.get("spdisplays_mtlgpufamilysupport"))
    version = _METAL.match(family or "")
    if version:
        return f"Metal {version[1]}"
    older = _text(entry.get("spdisplays_metalfamily")) or _text(entry.get("spdisplays_metal"))
    return "Metal" if family or (older and "notsupported" not in older.lower()) else None


def _volume(entry: dict[str, Any]) -> MacVolume:
    drive = entry.get("physical_drive")
    told = drive if isinstance(drive, dict) else {}
    kind, protocol = _text(told.get("medium_type")), _text(told.get("protocol")) or ""
    medium: Medium = {"ssd": "ssd", "rotational": "hdd"}.get(kind or "", "unknown")  # type: ignore[assignment]  # the values are media
    if medium == "ssd" and any(word in protocol for word in ("NVM", "Fabric", "PCI")):
        medium = "nvme"
    return MacVolume(disk=parse_whole_disk(entry.get("bsd_name")), medium=medium)


def _nvme_disks(document: object) -> Iterator[str]:
    for controller in _entries(document, "SPNVMeDataType"):
        items = controller.get("_items")
        for item in items[:MAX_ENTRIES] if isinstance(items, list) else []:
            disk = parse_whole_disk(item.get("bsd_name")) if isinstance(item, dict) else None
            if disk:
                yield disk


def _disks(text: str) -> Iterator[tuple[str, dict[str, Any]]]:
    try:
        document = plistlib.loads(text.encode("utf-8", errors="replace"), fmt=plistlib.FMT_XML)
    except _PLIST_ERRORS:  # all of these come out of the XML parser of the standard library for text that is none
        return
    for disk in _entries(document, "AllDisksAndPartitions"):
        name = parse_whole_disk(disk.get("DeviceIdentifier"))
        if name:
            yield name, disk


def _store_disks(disk: dict[str, Any]) -> Iterator[str]:
    stores = disk.get("APFSPhysicalStores")
    for store in stores[:MAX_ENTRIES] if isinstance(stores, list) else []:
        name = parse_whole_disk(store.get("DeviceIdentifier")) if isinstance(store, dict) else None
        if name:
            yield name


def _text(value: object) -> str | None:
    return " ".join(value.split()) or None if isinstance(value, str) else None


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None
