"""Show an inventory in a terminal: 80 columns, sections, and what is unknown with its reason at the end."""

import textwrap
from collections.abc import Callable, Iterator

from workstation.catalog._facts import fact_name
from workstation.inventory.model import Inventory, Volume
from workstation.units import format_disk, format_memory

WIDTH = 80
_LABEL = 20
_MARK = 11
_UNKNOWN = "unknown"
_VIRTUALIZATION = {
    "none": "none found",
    "wsl2": "WSL2: Linux inside Windows",
    "container": "container",
    "vm": "virtual machine",
}
_SHARED = {True: "yes", False: "no, it has a disk of its own", None: _UNKNOWN}
_READABLE = {True: "can be read here", False: "cannot be read here", None: "unknown whether it can be read"}
Row = tuple[str, str, str]  # label, value, dotted path of the fact that its mark is looked up by


def render_table(inv: Inventory) -> str:
    """Return the whole inventory as text; a fact that was not measured carries how it is known."""
    lines = [_clean(f"Inventory of {inv.captured_at}")]
    for title, rows in sections(inv):
        lines += ["", title, *(line for row in rows for line in _row(inv, row))]
    if inv.unknowns:
        lines += ["", f"Unknown ({len(inv.unknowns)})", *_unknowns(inv)]
    return "\n".join(lines) + "\n"


def sections(inv: Inventory) -> Iterator[tuple[str, list[Row]]]:
    """Yield every section's title and rows: the words that the notebook's card shows too."""
    builders: tuple[tuple[str, Callable[[Inventory], list[Row]]], ...] = (
        ("System", _system),
        ("Processor", _cpu),
        ("Memory", _memory),
        ("Storage", _storage),
        ("Graphics", _gpus),
        ("Power, sensors, network", _rest),
    )
    for title, build in builders:
        yield title, build(inv)


def _system(inv: Inventory) -> list[Row]:
    system = inv.system
    return [
        ("Operating system", _text(system.os_version or system.os), "system.os_version"),
        ("Kernel", _text(system.kernel), "system.kernel"),
        ("Architecture", _text(system.machine), "system.machine"),
        ("Case", system.chassis, "system.chassis"),
        ("Virtualization", _VIRTUALIZATION.get(system.virtualization, _UNKNOWN), "system.virtualization"),
        ("Python", _text(system.python), "system.python"),
    ]


def _cpu(inv: Inventory) -> list[Row]:
    cpu = inv.cpu
    return [
        ("Model", _text(cpu.model), "cpu.model"),
        ("Cores", _text(cpu.physical_cores), "cpu.physical_cores"),
        ("Threads", _text(cpu.logical_cores), "cpu.logical_cores"),
        ("Highest clock", _with_unit(cpu.max_mhz, "MHz"), "cpu.max_mhz"),
    ]


def _memory(inv: Inventory) -> list[Row]:
    memory = inv.memory
    limit = "none" if memory.limit_bytes is None else format_memory(memory.limit_bytes)
    return [
        ("Total", format_memory(memory.total_bytes), "memory.total_bytes"),
        ("Limit", limit, "memory.limit_bytes"),
        ("Usable", format_memory(memory.usable_bytes), "memory.usable_bytes"),
        ("Available now", format_memory(memory.available_bytes), "memory.available_bytes"),
        *_swap(inv),
    ]


def _swap(inv: Inventory) -> list[Row]:
    memory = inv.memory
    if memory.swap_kind == "none":
        return [("Swap", "none", "memory.swap_kind")]
    return [
        ("Swap", format_memory(memory.swap_total_bytes), "memory.swap_total_bytes"),
        ("Swap in use", format_memory(memory.swap_used_bytes), "memory.swap_used_bytes"),
        ("Swap kind", memory.swap_kind, "memory.swap_kind"),
    ]


def _storage(inv: Inventory) -> list[Row]:
    storage = inv.storage
    shared = _SHARED[storage.project.shared_with_system]
    rows = [
        *_volume("Project", storage.project, "storage.project"),
        ("On the system's disk", shared, "storage.project.shared_with_system"),
        *_volume("System", storage.system, "storage.system"),
    ]
    for index, disk in enumerate(storage.devices):
        size = f"{format_disk(disk.size_bytes)}, {_medium(disk.medium)}"
        rows.append((f"Disk {disk.name}", size, f"storage.devices.{index}.medium"))
    return rows


def _volume(label: str, volume: Volume, where: str) -> list[Row]:
    space = f"{format_disk(volume.free_bytes)} free of {format_disk(volume.total_bytes)}"
    kind = f"{_medium(volume.medium)}, file system {_text(volume.filesystem)}"
    return [(f"{label} disk", space, f"{where}.free_bytes"), (f"{label} disk is", kind, f"{where}.medium")]


def _gpus(inv: Inventory) -> list[Row]:
    if not inv.gpus:
        none_found = "none found" if "gpus" in inv.provenance else _UNKNOWN
        return [("GPU", none_found, "gpus")]
    rows: list[Row] = []
    for index, gpu in enumerate(inv.gpus):
        where = f"gpus.{index}"
        used = "" if gpu.vram_used_bytes is None else f", {format_memory(gpu.vram_used_bytes)} of it in use"
        memory = f"{format_memory(gpu.vram_total_bytes)}{used}"
        shared = {True: "shared with main memory", False: "its own", None: _UNKNOWN}[gpu.unified_memory]
        rows += [
            (f"GPU {index + 1}", f"{_text(gpu.name)} ({gpu.vendor})", f"{where}.name"),
            ("  memory", memory, f"{where}.vram_total_bytes"),
            ("  memory is", shared, f"{where}.unified_memory"),
            ("  driver", _text(gpu.driver), f"{where}.driver"),
        ]
    return rows


def _rest(inv: Inventory) -> list[Row]:
    power, sensors = inv.power, inv.sensors
    rows: list[Row] = [("Battery", _yes_no(power.battery_present), "power.battery_present")]
    if power.battery_present is not False:
        rows.append(("On battery", _yes_no(power.on_battery), "power.on_battery"))
    return [
        *rows,
        ("Temperatures", _READABLE[sensors.temperatures], "sensors.temperatures"),
        ("Present CPU clock", _READABLE[sensors.cpu_frequency], "sensors.cpu_frequency"),
        ("Waits for memory", _READABLE[sensors.memory_pressure], "sensors.memory_pressure"),
        ("Fastest link", _with_unit(inv.network.link_mbps, "Mbit/s"), "network.link_mbps"),
    ]


def _row(inv: Inventory, row: Row) -> list[str]:
    label, value, path = row
    told = inv.provenance.get(path)
    mark = told.confidence if told and told.confidence != "measured" else ""
    room = WIDTH - _LABEL - _MARK - 3
    parts = textwrap.wrap(_clean(value), room) or [""]
    first = f"  {_clean(label):<{_LABEL}.{_LABEL}} {parts[0]:<{room}}{mark:>{_MARK}}".rstrip()
    return [first, *(f"  {'':<{_LABEL}} {part}" for part in parts[1:])]


def _unknowns(inv: Inventory) -> Iterator[str]:
    for unknown in inv.unknowns:
        name = sentence_case(fact_name(unknown.what))
        yield from textwrap.wrap(f"  {_clean(name)}: {_clean(unknown.why)}", WIDTH, subsequent_indent="    ")
        yield from textwrap.wrap(
            f"to find out: {_clean(unknown.how_to_find_out)}", WIDTH, initial_indent="    ", subsequent_indent="      "
        )


def sentence_case(name: str) -> str:
    """Write a name as a sentence or a line begins.

    >>> sentence_case("the kernel"), sentence_case("GPU 1")
    ('The kernel', 'GPU 1')
    """
    return name[:1].upper() + name[1:]


def _clean(text: str) -> str:
    """Replace what could steer a terminal: a loaded file may hold escape sequences."""
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text)


def _text(value: object) -> str:
    return _UNKNOWN if value is None else str(value)


def _medium(medium: str) -> str:
    return {"nvme": "NVMe", "ssd": "SSD", "hdd": "spinning disk"}.get(medium, "unknown kind of disk")


def _with_unit(value: float | None, unit: str) -> str:
    return _UNKNOWN if value is None else f"{value:,.0f} {unit}"


def _yes_no(value: bool | None) -> str:
    return {True: "yes", False: "no", None: _UNKNOWN}[value]
