"""Classify a machine as entry, comfortable or heavy, resource by resource, for one workload; never by guessing."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from workstation.catalog import ResourceBands, load_catalog
from workstation.catalog._sizing import BandRule, Need, load_band_rules
from workstation.sizing._evidence import (
    FindingLike,
    PlatformLike,
    RecordingLike,
    is_laptop,
    load_of,
    power_facts,
    storage_facts,
)
from workstation.sizing._inputs import lookup
from workstation.sizing._kv import kv_cache_bytes
from workstation.sizing._library import shape as library_shape
from workstation.sizing._machine import InventoryLike, an_inventory, room_of
from workstation.sizing._overhead import overhead_bytes
from workstation.sizing._training import training_bytes
from workstation.sizing._weights import weight_bytes
from workstation.units import GIB, format_memory

Band = Literal["entry", "comfortable", "heavy", "unknown"]
ORDER: tuple[Literal["entry", "comfortable", "heavy"], ...] = ("entry", "comfortable", "heavy")
NOMINAL = 0.92  # 16 GB of memory are 15.3 GiB to the system: a band is reached within 8 per cent (DESIGN 6)
YES_OR_NO = frozenset({"fast"})
RECORD = "record your own workload for ten minutes or more: workstation watch -- COMMAND, or %%watch in a cell"
WORKSHEET = "fill in the platform worksheet: ws.platform_worksheet()"


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceBand:
    """The band of one resource, with reasons; `unknown` with what is missing and how to get it."""

    resource: str  # the catalogue's id: ram, vram, storage, cooling, power
    name: str
    constraint: str
    band: Band
    means: str  # the catalogue's words for the band
    reasons: tuple[str, ...]
    missing: tuple[str, ...] = ()
    reaches_entry: bool = True  # False: the lowest band, and less than it asks for


class Bands(tuple[ResourceBand, ...]):
    """The bands of one machine, a tuple that a notebook shows as a table."""

    __slots__ = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """What one resource is judged by: figures by the name of the fact, or bytes of memory."""

    facts: dict[str, float | None]
    missing: tuple[str, ...]


def bands(
    inventory: InventoryLike,
    platform: PlatformLike | None = None,
    recordings: Sequence[RecordingLike | FindingLike] = (),
    *,
    workload: str = "quantized-inference",
) -> Bands:
    """Classify RAM, VRAM, storage, cooling and power for a workload family.

    *platform* is the filled-in worksheet, without which power is unknown; *recordings* are recordings of the workload
    or a diagnosis's findings, without which cooling is unknown. What each band asks for stands in the catalogue's
    `band_rules.toml`.

    Raises:
        SizingError: no such workload family; offers the nearest.
    """
    catalog, inventory = load_catalog(), an_inventory(inventory, "inventory", "ws.bands(ws.inventory())")
    family = lookup("workload family", workload, catalog.families)
    leans = {*family.primary, *family.secondary}
    found = {
        "ram": _ram(inventory),
        "vram": _vram(inventory),
        "storage": _storage(inventory),
        "cooling": _cooling([each for each in recordings if hasattr(each, "columns")]),  # type: ignore[misc]  # told apart by what they have
        "power": _power(platform),
    }
    findings = [each for each in recordings if hasattr(each, "verdict")]
    results = []
    for entry in catalog.bands.values():
        judged = _judge(entry.id, found[entry.id], family.id)
        judged = _by_findings(judged, entry.constraint, findings)  # type: ignore[arg-type]  # told apart by what they have
        if entry.id == "power" and is_laptop(inventory, platform):
            judged = LAPTOP
        note = () if entry.constraint in leans else (f"the workload ({family.name}) does not lean on it",)
        results.append(_told(entry, judged, note))
    return Bands(results)


@dataclass(frozen=True, slots=True)
class _Judged:
    band: Band
    reasons: tuple[str, ...]
    missing: tuple[str, ...]
    reaches_entry: bool


LAPTOP = _Judged("entry", ("a laptop's supply feeds what is in it, and no card can be added",), (), True)


def _told(entry: ResourceBands, judged: _Judged, note: tuple[str, ...]) -> ResourceBand:
    return ResourceBand(
        resource=entry.id,
        name=entry.name,
        constraint=entry.constraint,
        band=judged.band,
        means="" if judged.band == "unknown" else str(getattr(entry, judged.band)),
        reasons=(*judged.reasons, *note),
        missing=judged.missing,
        reaches_entry=judged.reaches_entry,
    )


def _judge(resource: str, found: _Found, family: str) -> _Judged:
    """Climb from entry to heavy as far as everything asked for is there."""
    if found.missing:
        return _Judged("unknown", (), found.missing, False)
    reached: Band | None = None
    reasons: list[str] = []
    for rule in _rules(resource, family):
        failed = [words for met, words in _checks(rule, found) if not met]
        met = [words for met, words in _checks(rule, found) if met]
        if failed:
            reasons.append(f"not {rule.band}: {'; '.join(failed)}")
            break
        reached, reasons = rule.band, [f"{rule.band}: {'; '.join(met)}"]
    return _Judged(reached or "entry", tuple(reasons), (), reached is not None)


def _rules(resource: str, family: str) -> Iterator[BandRule]:
    """Yield the rule of each band for a workload: its own where there is one, else the one for all."""
    rules = [rule for rule in load_band_rules().values() if rule.resource == resource]
    for band in ORDER:
        own = [rule for rule in rules if rule.band == band and family in rule.families]
        yield from own or [rule for rule in rules if rule.band == band and not rule.families]


def _checks(rule: BandRule, found: _Found) -> Iterator[tuple[bool, str]]:
    parts = [need for need in rule.needs if need.gib is not None]
    has = found.facts.get("bytes") or 0.0
    if parts:
        asked = sum(need.gib or 0 for need in parts) * GIB
        listed = ", ".join(f"{need.what} {need.gib:g}" for need in parts)
        yield _memory(has, asked, f"{listed} (GiB)")
    for need in rule.needs:
        if need.model is not None:
            yield _memory(has, _model_bytes(need), need.what)
        if need.fact is not None:
            yield _compared(need, found.facts.get(need.fact))


def _memory(has: float, asked: float, what: str) -> tuple[bool, str]:
    is_met = has >= NOMINAL * asked
    return is_met, f"{what}: {format_memory(round(asked))} wanted, {format_memory(round(has)) if has else 'none'} there"


def _compared(need: Need, value: float | None) -> tuple[bool, str]:
    is_met = value is not None and value >= (need.least or 0)
    if need.fact in YES_OR_NO:
        return is_met, f"{need.what}: {'unknown' if value is None else 'yes' if is_met else 'no'}"
    told = "unknown" if value is None else f"{value:,.0f}"
    return is_met, f"{need.what}: {need.least:g} wanted, {told} there"


def _model_bytes(need: Need) -> int:
    model = library_shape(need.model or "")
    if need.train is not None:
        return training_bytes(model, method=need.train).likely_bytes
    held = need.context_tokens or 8192
    weights = weight_bytes(model, quantization=need.quantization or "Q4_K_M").likely_bytes
    return (
        weights
        + kv_cache_bytes(model, context_tokens=held).likely_bytes
        + overhead_bytes(model, context_tokens=held).likely_bytes
    )


def _by_findings(judged: _Judged, constraint: str, findings: Sequence[FindingLike]) -> _Judged:
    """Let a measured bottleneck overrule what the figures promise: this workload is not comfortable here."""
    for each in findings:
        if each.constraint == constraint and each.verdict == "bottleneck":
            return _Judged("entry", (f"a recording found it to be the bottleneck: {each.statement}",), (), True)
    return judged


def _ram(inv: InventoryLike) -> _Found:
    usable = inv.memory.usable_bytes
    missing = () if usable is not None else ("how much memory there is: run workstation inventory",)
    return _Found(facts={"bytes": None if usable is None else float(usable)}, missing=missing)


def _vram(inv: InventoryLike) -> _Found:
    room = room_of(inv)
    if room.kind != "processor":
        lacks = () if room.fast_bytes is not None else room.missing or ("the GPU's memory",)
        return _Found(facts={"bytes": float(room.fast_bytes or 0)}, missing=lacks)
    of_gpu = tuple(each for each in room.missing if "GPU" in each)
    return _Found(facts={"bytes": 0.0}, missing=of_gpu)


def _storage(inv: InventoryLike) -> _Found:
    facts = storage_facts(inv)
    missing = []
    if facts["free_gb"] is None:
        missing.append("the free space of the project's disk: run workstation inventory in the project's folder")
    if facts["fast"] is None:
        missing.append("what kind of disk the project is on: look it up by the disk's model name")
    return _Found(facts=facts, missing=tuple(missing))


def _cooling(recordings: Sequence[RecordingLike]) -> _Found:
    load = load_of(recordings)
    missing = (f"{load.missing}: {RECORD}",) if load.missing else ()
    facts = {"loaded_seconds": load.loaded_seconds, "unthrottled_percent": load.unthrottled_percent}
    return _Found(facts=facts, missing=missing)


def _power(platform: PlatformLike | None) -> _Found:
    facts = power_facts(platform)
    names = {"psu_watts": "the power supply's watts", "plugs": "its free plugs"}
    lacks = tuple(words for name, words in names.items() if facts[name] is None)
    return _Found(facts=facts, missing=tuple(f"{words}: {WORKSHEET}" for words in lacks))
