"""Count the machines of a cohort so that nobody's can be told: coarse kinds, and no group of fewer than five."""

from collections import Counter
from collections.abc import Iterable, Mapping

from workstation.inventory.model import Gpu, Inventory
from workstation.units import GB, GIB
from workstation_grader.insight.model import Bar, Cell, Entry, Machine, Section, Table
from workstation_grader.insight.words import count

__all__ = ["FEWEST", "groups_of", "machine_of", "machines"]

FEWEST = 5  # learners in a group that is shown
OTHER = "other, in groups too small to show"
UNKNOWN = "not known"
_RAM_STEPS_GIB = (6, 12, 24, 48, 96)  # between the sizes that are sold: 4, 8, 16, 32, 64 and more
_RAM_NAMES = ("under 8 GB", "8 GB", "16 GB", "32 GB", "64 GB", "more than 64 GB")
_SYSTEMS = {"Linux": "Linux", "Darwin": "macOS", "Windows": "Windows"}
_INSIDE = {"wsl2": "WSL2", "container": "a container", "vm": "a virtual machine"}
_VENDORS = {"nvidia": "NVIDIA", "amd": "AMD", "intel": "Intel", "apple": "Apple", "other": "another maker"}
_VRAM_STEPS_GIB = (7, 11, 23)
_VRAM_NAMES = ("under 8 GB", "8 GB or a little more", "12 to 16 GB", "24 GB or more")
_KINDS = {"ram": "Memory", "gpu": "Graphics", "storage": "Project's disk", "system": "System"}


def machine_of(inventory: Inventory) -> Machine:
    """Reduce an inventory to the kinds that are counted."""
    return Machine(
        ram=_ram(inventory.memory.total_bytes),
        gpu=_gpus(inventory.gpus, unknown=any(entry.what.startswith("gpus") for entry in inventory.unknowns)),
        storage=_storage(inventory),
        system=_system(inventory),
    )


def _step(value: float, steps: tuple[int, ...], names: tuple[str, ...]) -> str:
    return names[sum(value >= step for step in steps)]


def _ram(total_bytes: int | None) -> str:
    return UNKNOWN if total_bytes is None else _step(total_bytes / GIB, _RAM_STEPS_GIB, _RAM_NAMES)


def _gpus(gpus: tuple[Gpu, ...], *, unknown: bool) -> str:
    """Name the strongest graphics: own memory before shared memory, an unknown before none."""
    own = [gpu for gpu in gpus if gpu.unified_memory is False and gpu.vram_total_bytes]
    if own:
        best = max(own, key=lambda gpu: gpu.vram_total_bytes or 0)
        size = _step((best.vram_total_bytes or 0) / GIB, _VRAM_STEPS_GIB, _VRAM_NAMES)
        return f"{_VENDORS[best.vendor]}, {size}"
    if gpus:
        shared = all(gpu.unified_memory for gpu in gpus)
        return f"{_VENDORS[gpus[0].vendor]}, {'memory shared with the machine' if shared else 'memory not known'}"
    return UNKNOWN if unknown else "none"


def _storage(inventory: Inventory) -> str:
    volume = inventory.storage.project
    medium = {"nvme": "NVMe", "ssd": "SSD", "hdd": "hard disk", "unknown": "kind not known"}[volume.medium]
    if volume.free_bytes is None:
        return f"{medium}, free space not known"
    return f"{medium}, {'under' if volume.free_bytes < 50 * GB else 'over'} 50 GB free"


def _system(inventory: Inventory) -> str:
    name = _SYSTEMS.get(inventory.system.os or "", UNKNOWN)
    inside = _INSIDE.get(inventory.system.virtualization, "")
    return f"{name} in {inside}" if inside else name


def groups_of(kinds: Iterable[str]) -> Mapping[str, int]:
    """Count kinds, the commonest first; those of fewer than `FEWEST` go together, and so does the next one if need be.

    A rest of fewer than `FEWEST` would be a small group with another name, so it takes the smallest shown group in.
    Nothing at all is shown of fewer than `FEWEST` machines.

    >>> dict(groups_of(["a"] * 9 + ["b"] * 6 + ["c"] * 2))
    {'a': 9, 'other, in groups too small to show': 8}
    """
    counted = Counter(kinds).most_common()
    shown = dict(sorted((entry for entry in counted if entry[1] >= FEWEST), key=lambda entry: (-entry[1], entry[0])))
    rest = sum(number for _, number in counted) - sum(shown.values())
    while 0 < rest < FEWEST and shown:
        rest += shown.popitem()[1]
    if rest >= FEWEST:
        shown[OTHER] = rest
    return shown


def machines(entries: Iterable[Entry]) -> Section:
    """Count memory, graphics, disks and systems, each for itself: combined they would tell of single machines."""
    found = [entry.machine for entry in entries if entry.machine is not None]
    rows: list[tuple[Cell, ...]] = []
    for kind, title in _KINDS.items():
        for group, number in groups_of(getattr(machine, kind) for machine in found).items():
            bar = Bar(parts=(("met", number), ("none", len(found) - number)), said=f"{number} of {len(found)}")
            rows.append((title, group, number, bar))
    lead = (
        f"{count(len(found), 'readable inventory', 'readable inventories')} came with the submissions. "
        f"Groups of fewer than {FEWEST} are merged and never shown."
    )
    nothing = (f"Fewer than {FEWEST}: nothing is shown of them.",) if len(found) < FEWEST else ()
    table = Table(
        name="machines",
        caption="Machines of the cohort",
        columns=("What", "Kind", "Machines", "Share"),
        rows=tuple(rows),
    )
    return Section(id="machines", title="Machines", lead=(lead, *nothing), tables=(table,))
