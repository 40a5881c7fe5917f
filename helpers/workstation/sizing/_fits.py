"""Decide whether a model fits a machine, which part of it decides, and what would turn the answer."""

import inspect
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from workstation.catalog._sizing import load_sizing_facts
from workstation.errors import SizingError
from workstation.sizing._changes import inference_steps, training_steps
from workstation.sizing._inputs import one_of
from workstation.sizing._inputs import quantization as find_quantization
from workstation.sizing._kv import kv_cache_bytes
from workstation.sizing._library import shape as library_shape
from workstation.sizing._machine import InventoryLike, Room, an_inventory, room_of
from workstation.sizing._overhead import overhead_bytes
from workstation.sizing._ranges import figure
from workstation.sizing._sentences import Settings, Verdict, called, largest, reason
from workstation.sizing._tensors import parameter_count
from workstation.sizing._training import METHODS, training_bytes
from workstation.sizing._weights import weight_bytes
from workstation.sizing.model import Estimate, ModelShape, combine
from workstation.units import GIB

BETTER: Mapping[str, int] = {"fits comfortably": 2, "fits with compromises": 1, "does not fit": 0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """Whether a model fits: the verdict, what it needs, the part that decides and the smallest change."""

    verdict: Verdict
    reason: str  # the verdict in one sentence
    needs: Estimate
    has_bytes: int | None  # of the memory that was judged against
    where: str
    decided_by: str  # the name of the largest part of `needs`
    change: str | None  # the smallest change that would turn the answer
    missing: tuple[str, ...] = ()

    @property
    def why_not(self) -> str:
        """Say in one sentence why it does not fit in comfort, with what would; or that it does."""
        if self.change is None:
            return self.reason
        return f"{self.reason.removesuffix('.')}; {self.change[:1].lower()}{self.change[1:]}"

    def __str__(self) -> str:
        """Write verdict, reason and change."""
        return "\n".join([self.verdict, self.reason, *([self.change] if self.change else [])])


def fits(
    shape: ModelShape | str,
    *,
    on: InventoryLike | None = None,
    quantization: str | None = None,
    context_tokens: int = 8192,
    sequences: int = 1,
    cache_type: str = "f16",
    train: str | None = None,
    **recipe: Any,
) -> Fit:
    """Decide whether a model fits a machine.

    *shape* is a shape or a name of the library; *on* an inventory. The quantisation is that of the file the shape was
    read from, else Q4_K_M. *train* is full, lora or qlora, and *recipe* what `training_bytes` takes. A model fits in
    comfort when the upper end of its estimate leaves room in the fastest memory; with compromises when only the likely
    figure does, when layers have to go to main memory, or when a processor has to do it. It is `unknown` what fits
    where the memory is unknown.

    Raises:
        SizingError: a name, a word or a number that is none.
    """
    model = shape if isinstance(shape, ModelShape) else library_shape(shape)
    machine = an_inventory(on, "on", "ws.fits('llama-3.1-8b', on=ws.inventory())")
    running = {
        "quantization": quantization,
        "context_tokens": context_tokens,
        "sequences": sequences,
        "cache_type": cache_type,
    }
    settings = _settings(model, running, train, recipe)
    room = room_of(machine)
    needs = _needs(model, settings, room)
    verdict = _verdict(needs, room, settings)
    change = _smallest_change(model, settings, room, verdict) if verdict != "unknown" else None
    return Fit(
        verdict=verdict,
        reason=reason(model, settings, room, needs, verdict),
        needs=needs,
        has_bytes=room.fast_bytes,
        where=room.name,
        decided_by=largest(needs)[0],
        change=change,
        missing=room.missing,
    )


def why_not(shape: ModelShape | str, *, on: InventoryLike | None = None, **settings: Any) -> str:
    """Say in a sentence why a model does not fit a machine, and what would change that.

    Raises:
        SizingError: as `fits`.
    """
    return fits(shape, on=on, **settings).why_not


def needs_of(shape: ModelShape, *, train: str | None = None, **settings: Any) -> Estimate:
    """Estimate what a model takes in all, on a GPU, without looking at a machine.

    Raises:
        SizingError: a name, a word or a number that is none.
    """
    running = {**RUNNING, **({} if train else settings)}
    room = Room(kind="gpu", name="a GPU", fast_bytes=None, ram_bytes=None)
    return _needs(shape, _settings(shape, running, train, settings if train else {}), room)


RUNNING: Settings = {"quantization": None, "context_tokens": 8192, "sequences": 1, "cache_type": "f16"}


def _settings(model: ModelShape, running: Settings, train: str | None, recipe: Settings) -> dict[str, Any]:
    unknown = recipe.keys() - (inspect.signature(training_bytes).parameters.keys() - {"shape", "method"})
    if unknown or (recipe and train is None):
        names = ", ".join(sorted(unknown or recipe))
        raise SizingError(f"{names}: {'no setting of a recipe' if unknown else 'needs train=, as train=lora'}.")
    if train is not None:
        return {"method": one_of("method", train, METHODS), **recipe}
    asked = running["quantization"] or model.quantization or "Q4_K_M"
    return {**running, "quantization": asked if asked == model.quantization else find_quantization(asked).id}


def _needs(model: ModelShape, settings: Settings, room: Room) -> Estimate:
    if "method" in settings:
        return training_bytes(model, **settings)
    cache = {name: settings[name] for name in ("context_tokens", "sequences", "cache_type")}
    kept = None if model.tensors and settings["quantization"] == model.quantization else settings["quantization"]
    return combine(
        f"{called(model)} in {settings['quantization']}",
        weight_bytes(model, quantization=kept),
        kv_cache_bytes(model, **cache),
        overhead_bytes(model, context_tokens=settings["context_tokens"], gpu=room.kind != "processor"),
    )


def _verdict(needs: Estimate, room: Room, settings: Settings) -> Verdict:
    fast, ram = room.fast_bytes, room.ram_bytes
    if fast is None or (room.missing and room.kind == "processor"):
        return "unknown"
    if room.kind == "processor":
        return _on_processor(needs, fast, settings)
    spare = fast * (1 - figure("room-to-spare").likely)
    if needs.high_bytes <= spare:
        return "fits comfortably"
    if room.kind == "unified" and room.missing:
        return "unknown"  # a card whose memory nobody knows may do better
    if needs.likely_bytes <= fast:
        return "fits with compromises"
    spilled = fast + (ram or 0) if room.kind == "gpu" else max(fast, ram or 0)
    split = "method" not in settings and needs.likely_bytes <= spilled
    return "fits with compromises" if split else "does not fit"


def _on_processor(needs: Estimate, fast: int, settings: Settings) -> Verdict:
    if needs.likely_bytes > fast:
        return "does not fit"
    quick = "method" not in settings and needs.likely_bytes <= figure("processor-comfort").likely
    return "fits comfortably" if quick and needs.high_bytes <= fast else "fits with compromises"


def _smallest_change(model: ModelShape, settings: Settings, room: Room, verdict: Verdict) -> str | None:
    """Try changes from the least painful one up; the first that gives a better verdict is the answer."""
    if verdict == "fits comfortably" or room.fast_bytes is None:
        return None
    steps = training_steps(settings) if "method" in settings else inference_steps(settings)
    for words, changed in steps:
        found = _verdict(_needs(model, changed, room), room, changed)
        if BETTER[found] > BETTER[verdict]:
            return f"It {_becomes(found)} with {words}."
    smaller = _smaller_model(model, settings, room, verdict)
    more = _more_memory(model, settings, room, verdict)
    return f"A smaller setting is not enough: it takes {smaller}, or {more}." if smaller else f"It takes {more}."


def _becomes(verdict: Verdict) -> str:
    return {"fits comfortably": "would fit comfortably", "fits with compromises": "would fit, with compromises,"}[
        verdict
    ]


def _smaller_model(model: ModelShape, settings: Settings, room: Room, verdict: Verdict) -> str | None:
    """Name the largest library model below this one that gives a better verdict at the same settings."""
    size = parameter_count(model)
    below = [each for each in load_sizing_facts().shapes.values() if each.parameters < size and each.role == model.role]
    for known in sorted(below, key=lambda each: -each.parameters):
        other = library_shape(known.id)
        if BETTER[_verdict(_needs(other, settings, room), room, settings)] > BETTER[verdict]:
            return f"a smaller model, such as {known.name}"
    return None


def _more_memory(model: ModelShape, settings: Settings, room: Room, verdict: Verdict) -> str:
    fast, ram = room.fast_bytes or 0, room.ram_bytes or 0
    for_models = 1 - figure("system-share").likely  # the system keeps a share of what is bought
    if verdict == "fits with compromises":
        on_gpu = replace(room, kind="gpu") if room.kind == "processor" else room
        whole = _needs(model, settings, on_gpu).high_bytes / (1 - figure("room-to-spare").likely)
        if room.kind == "processor":
            return f"a GPU with at least {math.ceil(whole / GIB)} GiB of memory"
        return _bought(whole - fast, room)
    likely, spills = _needs(model, settings, room).likely_bytes, "method" not in settings
    if room.kind == "gpu" and spills:
        slow = _gib(likely - fast - ram, for_models)
        return f"{slow} GiB more main memory, which is slow, or {_gib(likely - fast)} GiB more VRAM"
    if room.kind == "unified" and spills and ram > fast:
        return f"{_gib(likely - ram, for_models)} GiB more unified memory"
    return _bought(likely - fast, room)


def _bought(needed: float, room: Room) -> str:
    """Say how much memory to add for so many bytes more: of some kinds only a share is there for a model."""
    share, kind = {
        "gpu": (1.0, "more VRAM"),
        "unified": (figure("unified-share").likely, "more unified memory"),
        "processor": (1 - figure("system-share").likely, "more main memory"),
    }[room.kind]
    return f"{_gib(needed, share)} GiB {kind}"


def _gib(needed: float, share: float = 1.0) -> int:
    return max(1, math.ceil(needed / share / GIB))
