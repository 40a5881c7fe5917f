"""Say in words what a model needs, what there is, and whether the one goes into the other."""

from collections.abc import Mapping
from typing import Any, Literal

from workstation.sizing._inputs import counted
from workstation.sizing._machine import Room
from workstation.sizing._tensors import parameter_count
from workstation.sizing.model import Estimate, ModelShape
from workstation.units import format_memory

Verdict = Literal["fits comfortably", "fits with compromises", "does not fit", "unknown"]
Settings = Mapping[str, Any]
_WAYS = {"full": "in full", "lora": "with LoRA", "qlora": "with QLoRA"}
_GROUPS = {
    "layers": "weights", "token embedding": "weights", "output head": "weights", "position embedding": "weights",
    "norms and the rest": "weights", "all parameters": "weights", "KV cache, sliding layers": "KV cache",
    "checkpoints": "activations", "one layer at a time": "activations", "attention scores": "activations",
}  # fmt: skip


def reason(model: ModelShape, settings: Settings, room: Room, needs: Estimate, verdict: Verdict) -> str:
    name = called(model) if model.name else f"A{called(model)[1:]}"
    what = f"{name} {_how(settings)} needs about {format_memory(needs.likely_bytes)}"
    if needs.high_bytes > 1.02 * needs.likely_bytes:
        what += f" ({format_memory(needs.low_bytes)} to {format_memory(needs.high_bytes)})"
    what += f", {_most_of(needs)}"
    if verdict == "unknown":
        return f"{what}; whether it fits cannot be said yet, still to be found out: {' and '.join(room.missing)}."
    has = f"{room.name} has {format_memory(room.fast_bytes)}{_of_what(room)}"
    return f"{what}; {has}: {_in_words(needs, room, verdict)}."


def _most_of(needs: Estimate) -> str:
    name, size = largest(needs)
    return f"most of it {name}" if size > needs.likely_bytes / 2 else f"the largest part {name}"


def _of_what(room: Room) -> str:
    return {"gpu": "", "unified": " of the shared memory", "processor": " besides what the system needs"}[room.kind]


def _in_words(needs: Estimate, room: Room, verdict: Verdict) -> str:
    if verdict == "fits comfortably":
        return "it fits with room to spare"
    if verdict == "does not fit":
        return "it does not fit"
    if room.kind == "processor":
        return "it fits, but a processor works on it slowly"
    over = needs.likely_bytes - (room.fast_bytes or 0)
    if over <= 0:
        return "it fits with nothing to spare"
    return f"about {format_memory(over)} would have to work from main memory, which is slow"


def called(model: ModelShape) -> str:
    return model.name or f"a model of {_spoken(parameter_count(model))} parameters"


def _spoken(number: int) -> str:
    """Write a number of parameters as it is spoken: "7 billion", "1.5 billion", "500,000"."""
    for size, word in ((1e12, "trillion"), (1e9, "billion"), (1e6, "million")):
        if number >= size:
            return f"{number / size:,.1f}".removesuffix(".0") + f" {word}"
    return f"{number:,}"


def _how(settings: Settings) -> str:
    if "method" in settings:
        several = counted(settings.get("batch_size", 1), "sequence")
        way = _WAYS[settings["method"]]
        return f"trained {way} on {several} of {settings.get('sequence_length', 2048):,} tokens at once"
    return f"in {settings['quantization']} with {settings['context_tokens']:,} tokens of context"


def largest(needs: Estimate) -> tuple[str, int]:
    """Name the part that takes most, with its bytes: the weights' own parts count as one."""
    groups: dict[str, int] = {}
    for term in needs.terms:
        group = _GROUPS.get(term.name, "weights" if term.name.startswith("tensors in") else term.name)
        groups[group] = groups.get(group, 0) + term.likely_bytes
    return max(groups.items(), key=lambda each: each[1], default=("weights", 0))
