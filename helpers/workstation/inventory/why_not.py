"""Answer in one sentence why a machine cannot say something, or has not got it; or that it can.

Pure: an inventory and the catalogue's words go in, a sentence comes out. The package does not re-export the function,
whose name this module bears; `Inventory.why_not` is the way to it.
"""

import difflib
import re
from typing import TYPE_CHECKING

from workstation.catalog._facts import fact_name
from workstation.inventory._document import facts
from workstation.inventory.model import Gpu, Inventory, Unknown
from workstation.inventory.text import sentence_case
from workstation.units import format_disk, format_memory

if TYPE_CHECKING:
    from workstation.catalog import Catalog

# The fact that answers for each constraint that an inventory can tell of.
FACT_OF = {
    "ram": "memory.usable_bytes",
    "storage": "storage.project.free_bytes",
    "thermals": "sensors.temperatures",
    "cpu": "cpu.logical_cores",
    "network": "network.link_mbps",
}
WORKSHEET = {
    "power-expansion": "what no program can read stands on the platform worksheet, which you fill in by looking"
}
_GRAPHICS = frozenset({"gpu", "gpus", "graphics", "graphics card", "video card"})
_BRANDS = {"nvidia": "the NVIDIA GPU", "amd": "the AMD GPU", "intel": "the Intel GPU", "apple": "the Apple GPU"}
_WITHOUT_VALUE = {"memory.limit_bytes": "no limit was found that this process must keep to"}
_NO_QUESTION = "the question does not arise on this machine"
_QUESTION_LIMIT = 200


def why_not(inv: Inventory, about: str, catalog: "Catalog") -> str:
    """Return one sentence on *about*: a constraint's id, name or alias, or a fact's dotted path or the start of one."""
    asked = re.sub(r"\s+", " ", str(about)[:_QUESTION_LIMIT]).strip(" ?.!\"'").casefold()
    constraint = _constraint(asked, catalog)
    if constraint == "vram" or asked in _GRAPHICS:
        return _vram(inv)
    if constraint in FACT_OF:
        return _fact(inv, FACT_OF[constraint])
    if constraint is not None:
        return _not_of_a_machine(constraint, catalog)
    return _path(inv, asked, catalog)


def _constraint(asked: str, catalog: "Catalog") -> str | None:
    for constraint in catalog.constraints.values():
        if asked in {constraint.id, constraint.name.casefold(), *constraint.aliases}:
            return constraint.id
    return None


def _not_of_a_machine(constraint: str, catalog: "Catalog") -> str:
    entry = catalog.constraints[constraint]
    because = WORKSHEET.get(constraint, f"it is not a fact of the machine but decides {entry.controls}")
    return f"An inventory cannot tell of {_lower(entry.name)}: {because}."


def _vram(inv: Inventory) -> str:
    if not inv.gpus:
        told, lost = inv.provenance.get("gpus"), _unknown(inv, "gpus")
        if told:
            return f"This machine has no VRAM, as no graphics processor was found: {told.source}."
        return _unknown_sentence("Whether there is a graphics processor", lost)
    index = min(range(len(inv.gpus)), key=lambda each: _rank(inv.gpus[each]))
    if inv.gpus[index].vram_total_bytes:
        return _has_vram(inv, index)
    lost = _unknown(inv, f"gpus.{index}.vram_total_bytes")
    return _unknown_sentence(f"The VRAM of {_called(inv.gpus[index])}", lost)


def _has_vram(inv: Inventory, index: int) -> str:
    gpu = inv.gpus[index]
    told = inv.provenance.get(f"gpus.{index}.vram_total_bytes")
    source = f", told by {told.source}" if told else ""
    size = format_memory(gpu.vram_total_bytes)
    if gpu.unified_memory:
        return f"It can: {_called(gpu)} has no VRAM of its own and may use {size} of main memory{source}."
    return f"It can: {_called(gpu)} has {size} of VRAM{source}."


def _rank(gpu: Gpu) -> tuple[bool, bool, int]:
    """Put first the one that matters: what could have memory of its own, then what has most."""
    return gpu.vendor == "other", bool(gpu.unified_memory), -(gpu.vram_total_bytes or 0)


def _called(gpu: Gpu) -> str:
    return gpu.name or _BRANDS.get(gpu.vendor, "the graphics processor")


def _path(inv: Inventory, asked: str, catalog: "Catalog") -> str:
    known = facts(inv)
    if asked in known:
        return _fact(inv, asked)
    inside = [path for path in known if path.startswith(f"{asked}.")]
    if not inside:
        return _no_such_thing(asked, known, catalog)
    lost = [each for each in inv.unknowns if each.what == asked or each.what.startswith(f"{asked}.")]
    if not lost:
        return f"It can: all {len(inside)} facts about {fact_name(asked)} are known."
    more = f" (and {len(lost) - 1} more about {fact_name(asked)})" if len(lost) > 1 else ""
    return _unknown_sentence(f"{_named(lost[0].what)}{more}", lost[0])


def _fact(inv: Inventory, path: str) -> str:
    value, told, lost = facts(inv)[path], inv.provenance.get(path), _unknown(inv, path)
    if lost is not None:
        return _unknown_sentence(_named(path), lost)
    if value is None:
        reasons = {"memory.limit_bytes": "no limit was found that this process must keep to"}
        return (
            f"{_named(path)} has no value here, as {reasons.get(path, 'the question does not arise on this machine')}."
        )
    source = f" ({told.confidence}: {told.source})" if told else ""
    if value is False:
        return f"This machine has not got it: {_answered(path, value)}{source}."
    return f"It can: {_answered(path, value)}{source}."


def _named(path: str) -> str:
    return sentence_case(fact_name(path))


def _answered(path: str, value: object) -> str:
    name, shown = fact_name(path), _shown(path, value)
    return f"asked {name}, the answer is {shown}" if name.startswith("whether ") else f"{name} is {shown}"


def _shown(path: str, value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if path.endswith("_bytes") and isinstance(value, int):
        return format_disk(value) if path.startswith("storage.") else format_memory(value)
    units = {"_mbps": " Mbit/s", "_mhz": " MHz"}
    return f"{value}{next((unit for end, unit in units.items() if path.endswith(end)), '')}"


def _unknown(inv: Inventory, path: str) -> Unknown | None:
    return next((each for each in inv.unknowns if each.what == path), None)


def _unknown_sentence(what: str, lost: Unknown | None) -> str:
    if lost is None:
        return f"{what} is unknown, and whoever took this inventory did not write down why."
    return f"{what} is unknown, because {lost.why.rstrip('.')}; to find out, {lost.how_to_find_out.rstrip('.')}."


def _no_such_thing(asked: str, known: dict[str, object], catalog: "Catalog") -> str:
    names = [*catalog.constraints, *known]
    near = difflib.get_close_matches(asked, names, n=1, cutoff=0.5)
    hint = f"did you mean {near[0]!r}" if near else f"ask about one of {', '.join(catalog.constraints)}"
    shown = "".join(letter if letter.isprintable() else "?" for letter in asked[:40])
    return f"There is nothing called {shown!r} in an inventory: {hint}, or a dotted path such as memory.total_bytes?"


def _lower(name: str) -> str:
    return name if name.isupper() else name[:1].lower() + name[1:]
