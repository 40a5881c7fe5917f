"""Turn the JSON of the Windows query into facts; nothing here runs a command or raises.

The query is ours (`_windows_query`): it asks for no serial number, host name, user name or address at all.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from workstation.inventory.model import Medium, Vendor
from workstation.units import KIB, MIB

MAX_ENTRIES = 64
MAX_NUMBER = 2**63
MAX_TEXT = 500

# MSFT_PhysicalDisk: what a drive is made of, and how it is connected.
_MEDIA: dict[int, Medium] = {3: "hdd", 4: "ssd", 5: "ssd"}
_BUS_NVME = 17
_SPANNING = {8: "a RAID controller", 16: "Storage Spaces"}  # MSFT_Disk.BusType: one disk to Windows, several below
_VENDOR_IDS: dict[str, Vendor] = {"10DE": "nvidia", "1002": "amd", "1022": "amd", "8086": "intel"}
_VENDOR_WORDS: tuple[tuple[str, Vendor], ...] = (
    ("nvidia", "nvidia"), ("geforce", "nvidia"), ("quadro", "nvidia"), ("radeon", "amd"), ("amd", "amd"),
    ("advanced micro", "amd"), ("intel", "intel"), ("apple", "apple"),
)  # fmt: skip
_IDS = re.compile(r"VEN_([0-9A-F]{4})(?:&DEV_([0-9A-F]{4}))?", re.IGNORECASE)
_CONNECTED = 2  # Win32_NetworkAdapter.NetConnectionStatus
_NO_LINK_BITS = 10**13
SATURATED_BYTES = (2**32 - 2**21, 2**32)  # AdapterRAM holds 32 bits: what is larger stops in here


@dataclass(frozen=True, slots=True, kw_only=True)
class Adapter:
    """One display adapter; `memory_bytes` is the registry's 64-bit figure, `adapter_ram_bytes` the 32-bit one."""

    name: str | None
    vendor: Vendor
    bus: str | None  # "PCI", "ACPI"; ROOT, SWD and VMBUS are software
    driver: str | None
    memory_bytes: int | None
    adapter_ram_bytes: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Drive:
    """One whole drive."""

    number: int
    size_bytes: int | None
    medium: Medium


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One drive letter: its file system, whether it lies on a network, and what is below it."""

    filesystem: str | None
    is_network: bool
    disk_number: int | None
    spans: str | None  # what joins several drives into one, where something does


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowsReport:
    """What the query told; `None` where a class was missing, refused or empty."""

    maker_and_model: str
    system_type: int | None
    processor: str | None
    cores: int | None
    threads: int | None
    max_mhz: int | None
    is_arm: bool
    caption: str | None
    version: str | None
    system_letter: str | None
    total_bytes: int | None
    free_bytes: int | None
    chassis_type: str | None
    battery_status: int | None  # of the first battery
    pagefile_total_bytes: int | None
    pagefile_used_bytes: int | None
    adapters: tuple[Adapter, ...]
    letters: Mapping[str, Letter]
    drives: tuple[Drive, ...]
    link_mbps: int | None


Rows = list[dict[str, Any]]


def parse_report(text: str) -> WindowsReport:
    """Read the query's JSON, whichever way PowerShell encoded it; nonsense gives a report that knows nothing."""
    tables = _Tables(_document(text))
    computer, system, cpu = tables.first("System"), tables.first("OperatingSystem"), tables.first("Processor")
    return WindowsReport(
        maker_and_model=" ".join(filter(None, (_text(computer.get("Manufacturer")), _text(computer.get("Model"))))),
        system_type=_count(computer.get("PCSystemType")),
        processor=_text(cpu.get("Name")),
        cores=_sum(tables.rows("Processor"), "NumberOfCores"),
        threads=_sum(tables.rows("Processor"), "NumberOfLogicalProcessors"),
        max_mhz=_count(cpu.get("MaxClockSpeed")),
        is_arm=_count(cpu.get("Architecture")) == 12,  # noqa: PLR2004 - the number of Arm64 in Win32_Processor
        caption=_text(system.get("Caption")),
        version=_text(system.get("Version")),
        system_letter=parse_letter(system.get("SystemDrive")),
        total_bytes=_times(_count(system.get("TotalVisibleMemorySize")) or None, KIB),
        free_bytes=_times(_count(system.get("FreePhysicalMemory")), KIB),
        chassis_type=_chassis_type(tables.rows("Enclosure")),
        battery_status=_count(tables.first("Battery").get("BatteryStatus")),
        pagefile_total_bytes=_times(_sum(tables.rows("PageFile"), "AllocatedBaseSize"), MIB),
        pagefile_used_bytes=_times(_sum(tables.rows("PageFile"), "CurrentUsage"), MIB),
        adapters=tuple(_adapter(row, tables.rows("Registry")) for row in tables.rows("Video")),
        letters=_letters(tables.rows("LogicalDisk"), tables.rows("Partition"), tables.rows("Disk")),
        drives=_drives(tables.rows("PhysicalDisk"), tables.rows("DiskDrive")),
        link_mbps=_link(tables.rows("Network")),
    )


class _Tables:
    """The query's tables by name; one that is missing or no table has no rows."""

    def __init__(self, document: object) -> None:
        self._tables = document if isinstance(document, dict) else {}

    def rows(self, name: str) -> Rows:
        return _rows(self._tables.get(name))

    def first(self, name: str) -> dict[str, Any]:
        return _first(self.rows(name))


def _times(count: int | None, unit_bytes: int) -> int | None:
    return None if count is None else count * unit_bytes


def parse_letter(path: object) -> str | None:
    r"""Read the drive letter that a path starts with.

    >>> parse_letter("c:\\Users"), parse_letter("\\\\server\\share"), parse_letter("D")
    ('C', None, 'D')
    """
    found = re.match(r"([A-Za-z])(?::|$)", path) if isinstance(path, str) else None
    return found[1].upper() if found else None


def _document(text: str) -> object:
    """Find the object in the text: a byte-order mark or a greeting may stand around it, and UTF-16 brings zeros."""
    plain = text.replace("\x00", "")
    start, end = plain.find("{"), plain.rfind("}")
    try:
        return json.loads(plain[start : end + 1]) if start >= 0 else None
    except (ValueError, RecursionError):
        return None


def _rows(value: object) -> Rows:
    """Take a list, a single object, or the wrapper that Windows PowerShell 5.1 puts around some lists."""
    if isinstance(value, dict):
        wrapped = value.get("value")
        value = wrapped if isinstance(wrapped, list) and "Count" in value else [value]
    return [row for row in value[:MAX_ENTRIES] if isinstance(row, dict)] if isinstance(value, list) else []


def _first(rows: Rows) -> dict[str, Any]:
    return rows[0] if rows else {}


def _text(value: object) -> str | None:
    return " ".join(value.split())[:MAX_TEXT] or None if isinstance(value, str) else None


def _count(value: object) -> int | None:
    """Take a whole number; CIM's 64-bit ones come as text from some versions."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 19:  # noqa: PLR2004 - digits of 2^63
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MAX_NUMBER:
        return None
    return value


def _sum(rows: Rows, field: str) -> int | None:
    known = [count for row in rows if (count := _count(row.get(field))) is not None]
    return sum(known) if known else None


def _chassis_type(rows: Rows) -> str | None:
    kinds = _first(rows).get("ChassisTypes")
    if isinstance(kinds, dict):
        kinds = kinds.get("value")
    kind = _count(kinds[0] if isinstance(kinds, list) and kinds else kinds)
    return None if kind is None else str(kind)


def _adapter(row: dict[str, Any], registry: Rows) -> Adapter:
    name, maker = _text(row.get("Name")), _text(row.get("AdapterCompatibility"))
    ids = _IDS.match(_text(row.get("Ids")) or "")
    words = f"{name} {maker}".lower()
    by_words: Vendor = next((vendor for word, vendor in _VENDOR_WORDS if word in words), "other")
    return Adapter(
        name=name,
        vendor=_VENDOR_IDS.get(ids[1].upper(), "other") if ids else by_words,
        bus=_text(row.get("Bus")),
        driver=_text(row.get("DriverVersion")),
        memory_bytes=_registry_memory(name, ids, registry),
        adapter_ram_bytes=_count(row.get("AdapterRAM")) or None,
    )


def _registry_memory(name: str | None, ids: "re.Match[str] | None", registry: Rows) -> int | None:
    """Find the adapter's entry by name and, where both tell them, by number: entries of removed cards stay there."""
    own = [row for row in registry if name and _text(row.get("DriverDesc")) == name]
    if ids and ids[2]:
        numbered = [row for row in own if f"dev_{ids[2]}".lower() in (_text(row.get("MatchingDeviceId")) or "").lower()]
        own = numbered or [row for row in own if not _text(row.get("MatchingDeviceId"))]
    sizes = {size for row in own if (size := _qword(row.get("MemorySize")))}
    return sizes.pop() if len(sizes) == 1 else None


def _qword(value: object) -> int | None:
    """Take a number, or the eight bytes that some drivers store instead, lowest first."""
    if isinstance(value, list) and len(value) == 8 and all(_is_byte(part) for part in value):  # noqa: PLR2004 - 64 bits
        value = int.from_bytes(bytes(value), "little")
    return _count(value)


def _is_byte(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 256  # noqa: PLR2004 - eight bits


def _letters(logical: Rows, partitions: Rows, disks: Rows) -> dict[str, Letter]:
    numbers = {parse_letter(row.get("DriveLetter")): _count(row.get("DiskNumber")) for row in partitions}
    spanning = {_count(row.get("Number")): _SPANNING.get(_count(row.get("BusType")) or 0) for row in disks}
    found = {}
    for row in logical:
        letter = parse_letter(row.get("DeviceID"))
        if letter:
            number = numbers.get(letter)
            found[letter] = Letter(
                filesystem=_text(row.get("FileSystem")),
                is_network=_count(row.get("DriveType")) == 4,  # noqa: PLR2004 - Win32_LogicalDisk: network drive
                disk_number=number,
                spans=spanning.get(number) if number is not None else None,
            )
    return found


def _drives(physical: Rows, plain: Rows) -> tuple[Drive, ...]:
    """List drives as the storage service tells them; the older class knows no medium but what a name gives away."""
    told = [_drive(row, "DeviceId", _physical_medium) for row in physical]
    older = [_drive(row, "Index", _named_medium) for row in plain]
    found = [drive for drive in told if drive] or [drive for drive in older if drive]
    return tuple(sorted(found, key=lambda drive: drive.number))


def _drive(row: dict[str, Any], key: str, medium: Callable[[dict[str, Any]], Medium]) -> Drive | None:
    number = _count(row.get(key))
    if number is None:
        return None
    return Drive(number=number, size_bytes=_count(row.get("Size")) or None, medium=medium(row))


def _physical_medium(row: dict[str, Any]) -> Medium:
    return (
        "nvme" if _count(row.get("BusType")) == _BUS_NVME else _MEDIA.get(_count(row.get("MediaType")) or 0, "unknown")
    )


def _named_medium(row: dict[str, Any]) -> Medium:
    return "nvme" if "nvme" in (_text(row.get("Model")) or "").lower() else "unknown"


def _link(rows: Rows) -> int | None:
    """Return the fastest link that is up; without a cable, Windows gives the largest number there is."""
    up = [row for row in rows if _count(row.get("NetConnectionStatus")) == _CONNECTED]
    real = [row for row in up if row.get("PhysicalAdapter") is not False]
    speeds = [speed // 10**6 for row in real if (speed := _count(row.get("Speed"))) and speed < _NO_LINK_BITS]
    return max(speeds, default=None)
