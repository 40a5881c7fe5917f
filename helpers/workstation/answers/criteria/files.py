"""Judge the evidence files: is there an inventory, and does it hold facts or honest unknowns?"""

from collections.abc import Iterator, Mapping
from typing import TypeGuard

from workstation.answers.criteria.verdict import Verdict, met, not_attempted, not_met, review
from workstation.answers.model import Evidence
from workstation.units import format_disk

__all__ = ["judge_gpu_tooling", "judge_inventory", "judge_project_disk", "judge_resources", "judge_unknowns"]

NO_FILE = "No inventory travels with this answer."
NEWER = "evidence-unknown-version"
MISSING = "evidence-missing"
_MAX_DEPTH = 8  # no document of ours is deeper
FEW_UNEXPLAINED = 2  # facts without a reason: a person may look whether they matter
_NEEDS_NO_REASON = frozenset({"memory.limit_bytes", "power.on_battery", "storage.system.shared_with_system"})
_CAPTURE = "Run the capture cell of this exercise on the machine you want to judge, and save the notebook."
_HAND_WRITTEN = frozenset({"n/a", "na", "none", "unknown", "-", "?", "null", ""})


def judge_inventory(evidence: Evidence) -> Verdict:
    """Judge that a readable inventory of a known schema is there."""
    if evidence.inventory is not None:
        return met(f"The inventory of {evidence.inventory.captured_at} travels with the answer.")
    damage = next((entry for entry in evidence.problems if entry.code != MISSING), None)
    if damage is None:
        return not_attempted(NO_FILE, _CAPTURE)
    if damage.code == NEWER:
        return review(damage.message)
    return not_met(damage.message, _CAPTURE)


def judge_resources(evidence: Evidence) -> Verdict:
    """Judge that CPU, RAM, storage and GPU hold a fact each, or an unknown with its reason."""
    document = evidence.inventory_raw
    if document is None:
        return not_attempted(NO_FILE, _CAPTURE)
    missing = [name for name, paths in _RESOURCES.items() if not any(_is_told(document, path) for path in paths)]
    if _value(document, "gpus") == [] and not _empty_is_told(document):
        missing.append("GPU")
    if missing:
        return not_met(f"The inventory holds no fact and no reason for {', '.join(missing)}.", _CAPTURE)
    return met("CPU, RAM, storage and GPU are recorded, or unknown with a reason.")


def judge_project_disk(evidence: Evidence) -> Verdict:
    """Judge that the free space of the project's disk is a number; an honest unknown goes to a person."""
    document = evidence.inventory_raw
    if document is None:
        return not_attempted(NO_FILE, _CAPTURE)
    total, free = _value(document, "storage.project.total_bytes"), _value(document, "storage.project.free_bytes")
    if _is_count(free) and _is_count(total) and 0 <= free <= total and total > 0:
        return met(f"The disk you work on has {format_disk(int(free))} free.")
    if free is None and _has_reason(document, "storage.project.free_bytes"):
        return review("The free space of the disk you work on is unknown, with a reason.")
    return not_met("The inventory does not say how much of the disk you work on is free.", _CAPTURE)


def judge_gpu_tooling(evidence: Evidence) -> Verdict:
    """Judge that it is recorded whether the system sees a GPU, and through which tool."""
    document = evidence.inventory_raw
    if document is None:
        return not_attempted(NO_FILE, _CAPTURE)
    gpus = _value(document, "gpus")
    if isinstance(gpus, list) and gpus:
        if all(_is_seen(document, place) for place in range(len(gpus))):
            return met("The inventory says which GPU the system sees, and who reported it.")
        return not_met("The inventory does not say how the GPU was seen.", _CAPTURE)
    if _empty_is_told(document):
        return met("The inventory says how it was found out that no GPU is visible.")
    return not_met("The inventory names no GPU, and not how that was found out.", _CAPTURE)


def judge_unknowns(evidence: Evidence) -> Verdict:
    """Judge that each missing fact has its reason, and none is a zero or an "N/A"."""
    document = evidence.inventory_raw
    if document is None:
        return not_attempted(NO_FILE, _CAPTURE)
    invented = [path for path, value in _leaves(_facts(document)) if _is_invented(path, value)]
    if invented:
        return not_met(
            f"The inventory holds {len(invented)} values such as 0 or N/A in place of facts ({invented[0]}).", _CAPTURE
        )
    silent = [
        path
        for path, value in _leaves(_facts(document))
        if value is None and path not in _NEEDS_NO_REASON and not _has_reason(document, path)
    ]
    if len(silent) > FEW_UNEXPLAINED:
        return not_met(f"{len(silent)} facts are missing without a reason, {silent[0]} among them.", _CAPTURE)
    if silent:
        return review(f"{silent[0]} is missing without a reason.")
    return met("Each fact that is missing has its reason.")


_RESOURCES: Mapping[str, tuple[str, ...]] = {
    "CPU": ("cpu.logical_cores", "cpu.physical_cores", "cpu.model"),
    "RAM": ("memory.total_bytes", "memory.usable_bytes"),
    "storage": ("storage.project.total_bytes", "storage.system.total_bytes"),
    "GPU": ("gpus.0.name", "gpus.0.vendor", "gpus", "gpus.0.vram_total_bytes"),
}
_ZERO_IS_A_FACT = ("available_bytes", "free_bytes", "swap_total_bytes", "swap_used_bytes", "vram_used_bytes")


def _value(document: Mapping[str, object], path: str) -> object:
    here: object = document
    for part in path.split("."):
        if isinstance(here, Mapping):
            here = here.get(part)
        elif isinstance(here, list) and part.isdigit() and int(part) < len(here):
            here = here[int(part)]
        else:
            return None
    return here


def _is_count(value: object) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_told(document: Mapping[str, object], path: str) -> bool:
    value = _value(document, path)
    if value is None:
        return _has_reason(document, path)
    return not _is_invented(path, value)


def _is_invented(path: str, value: object) -> bool:
    """Tell zeros and "N/A" written in place of facts; some figures are truly zero."""
    if isinstance(value, str):
        return value.strip().casefold() in _HAND_WRITTEN - {"none", "unknown"}
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return value < 0 or (value == 0 and not path.endswith(_ZERO_IS_A_FACT))


def _unknowns(document: Mapping[str, object]) -> Iterator[str]:
    entries = document.get("unknowns")
    for entry in entries if isinstance(entries, list) else ():
        if isinstance(entry, Mapping) and isinstance(entry.get("what"), str) and str(entry.get("why") or "").strip():
            yield str(entry["what"])


def _has_reason(document: Mapping[str, object], path: str) -> bool:
    return any(path == what or path.startswith(f"{what}.") for what in _unknowns(document))


def _empty_is_told(document: Mapping[str, object]) -> bool:
    provenance = document.get("provenance")
    return (isinstance(provenance, Mapping) and "gpus" in provenance) or _has_reason(document, "gpus")


def _is_seen(document: Mapping[str, object], place: int) -> bool:
    gpu = f"gpus.{place}"
    named = _is_told(document, f"{gpu}.name") or _is_told(document, f"{gpu}.vendor")
    return named and (_is_told(document, f"{gpu}.driver") or _is_told(document, f"{gpu}.source"))


def _facts(document: Mapping[str, object]) -> Mapping[str, object]:
    return {
        key: value for key, value in document.items() if key not in {"schema", "captured_at", "provenance", "unknowns"}
    }


def _leaves(value: object, path: str = "", depth: int = 0) -> Iterator[tuple[str, object]]:
    if depth > _MAX_DEPTH:
        return
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _leaves(inner, f"{path}.{key}" if path else str(key), depth + 1)
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from _leaves(inner, f"{path}.{place}", depth + 1)
    else:
        yield path, value
