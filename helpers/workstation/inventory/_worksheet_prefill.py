"""Fill the worksheet's first lines from what a program could read after all, each with who told it."""

import re
from dataclasses import dataclass

from workstation.inventory._read import LiveSource
from workstation.inventory.boxes import boxed_gib
from workstation.inventory.model import Inventory, Provenance
from workstation.inventory.worksheet import Answer, Platform, now
from workstation.units import GIB

# systemd's udev keeps the firmware's memory table where every user may read it; the table itself is root's.
DMI_FILE = "/run/udev/data/+dmi:id"
MAX_SLOTS = 128
_DEVICE = re.compile(r"^E:MEMORY_DEVICE_(\d{1,3})_(PRESENT|SIZE|FORM_FACTOR)=(.*)$", re.MULTILINE)
_ARRAY = re.compile(r"^E:MEMORY_ARRAY(?:_\d+)?_(NUM_DEVICES|MAX_CAPACITY)=(\d{1,18})$", re.MULTILINE)
_SOLDERED = "Row Of Chips"
_IN_SLOTS = frozenset({"DIMM", "SODIMM", "FB-DIMM", "RIMM", "CAMM"})


@dataclass(frozen=True, slots=True, kw_only=True)
class MemorySlots:
    """What the firmware tells of the memory slots; `None` where it does not."""

    total: int | None = None
    free: int | None = None
    max_bytes: int | None = None
    soldered: bool | None = None


def parse_memory_slots(text: str) -> MemorySlots:
    r"""Read the firmware's memory table as systemd's udev keeps it.

    >>> parse_memory_slots("E:MEMORY_ARRAY_NUM_DEVICES=2\nE:MEMORY_DEVICE_0_SIZE=8589934592\n"
    ...                    "E:MEMORY_DEVICE_0_FORM_FACTOR=SODIMM\nE:MEMORY_DEVICE_1_PRESENT=0\n")
    MemorySlots(total=2, free=1, max_bytes=None, soldered=False)
    """
    rows = {(number, key): value.strip() for number, key, value in _DEVICE.findall(text)}
    array = {key: int(value) for key, value in _ARRAY.findall(text)}
    forms = {value for (_, key), value in rows.items() if key == "FORM_FACTOR"}
    total = array.get("NUM_DEVICES")
    empty = sum(key == "PRESENT" and value == "0" for (_, key), value in rows.items())
    if forms == {_SOLDERED}:
        return MemorySlots(total=0, free=0, soldered=True)
    if total is None or not 0 < total <= MAX_SLOTS or not forms & _IN_SLOTS:
        return MemorySlots()
    capacity = array.get("MAX_CAPACITY")
    return MemorySlots(
        total=total,
        free=empty if empty < total else None,
        max_bytes=capacity if capacity and capacity >= GIB else None,
        soldered=_SOLDERED in forms,
    )


def start_worksheet(inv: Inventory) -> Platform:
    """Start a worksheet for *inv*; where that is this machine, its firmware's memory table is looked at too."""
    elsewhere = any(told.confidence == "imported" for told in inv.provenance.values())
    own = inv.system.os == "Linux" and not elsewhere
    return prefill(inv, parse_memory_slots(LiveSource().read(DMI_FILE) or "") if own else None)


def prefill(inv: Inventory, slots: MemorySlots | None = None) -> Platform:
    """Start a worksheet from an inventory; a virtual machine or a container tells nothing of the box around it."""
    found: dict[str, tuple[Answer | None, Provenance]] = {}
    if inv.system.virtualization not in {"none", "unknown"}:
        return Platform(filled_in_at=now())
    if inv.system.chassis != "unknown":
        found["chassis"] = inv.system.chassis, _from(inv, "system.chassis")
    found["memory_installed_gib"] = boxed_gib(inv.memory.total_bytes), _by_rule("memory.total_bytes, as modules add up")
    for name, value in _from_firmware(slots or MemorySlots()).items():
        found[name] = value, Provenance(source="the firmware's memory table", confidence="reported")
    if any(gpu.vendor == "apple" for gpu in inv.gpus):
        found |= {name: (value, _by_rule("an Apple chip")) for name, value in _APPLE.items()}
    known = {name: value for name, (value, _) in found.items() if value is not None}
    return Platform(
        filled_in_at=now(),
        provenance={name: told for name, (value, told) in found.items() if value is not None},
        **known,  # type: ignore[arg-type]  # each value has its item's kind
    )


_APPLE: dict[str, Answer] = {
    "memory_soldered": True,
    "memory_slots_total": 0,
    "memory_slots_free": 0,
    "gpu_slots_free": 0,  # also a Mac Pro's slots take no graphics card since it has Apple's chip
}


def _from_firmware(slots: MemorySlots) -> dict[str, Answer | None]:
    return {
        "memory_slots_total": slots.total,
        "memory_slots_free": slots.free,
        "memory_max_gib": None if slots.max_bytes is None else slots.max_bytes // GIB,
        "memory_soldered": slots.soldered,
    }


def _from(inv: Inventory, path: str) -> Provenance:
    told = inv.provenance.get(path)
    return Provenance(source=f"inventory: {told.source if told else path}", confidence="inferred")


def _by_rule(why: str) -> Provenance:
    return Provenance(source=f"inventory: {why}", confidence="inferred")
