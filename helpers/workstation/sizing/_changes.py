"""What could be changed when a model does not fit, from the least painful step up: in words, and as settings."""

from collections.abc import Iterator, Mapping
from typing import Any

from workstation.errors import SizingError
from workstation.sizing._inputs import counted
from workstation.sizing._inputs import quantization as find_quantization
from workstation.sizing._library import shape as library_shape
from workstation.sizing._weights import weight_bytes

LADDER = ("F32", "BF16", "Q8_0", "Q6_K", "Q5_K_M", "Q4_K_M", "Q3_K_M")  # less than 3 bits is another model
SHORTEST_CONTEXT, SHORTEST_SEQUENCE = 2048, 256
NAMES = {"full": "full training", "lora": "LoRA", "qlora": "QLoRA"}
Settings = Mapping[str, Any]
Step = tuple[str, dict[str, Any]]


def inference_steps(settings: Settings) -> Iterator[Step]:
    """Yield leaner ways to run a model: a smaller cache first, then a shorter context, then fewer bits."""
    yield from _cache_steps(settings)
    for lower in _lower(settings["quantization"]):
        changed = {**settings, "quantization": lower}
        yield f"{lower} instead of {settings['quantization']}", changed
        for words, smaller in _cache_steps(changed):
            yield f"{lower} and {words}", smaller


def _cache_steps(settings: Settings) -> Iterator[Step]:
    if settings["sequences"] > 1:
        yield "one sequence at a time", {**settings, "sequences": 1}
    if settings["cache_type"] in {"f16", "bf16", "f32"}:
        yield "the KV cache in q8_0", {**settings, "cache_type": "q8_0"}
    shorter = settings["context_tokens"] // 2
    while shorter >= SHORTEST_CONTEXT:
        yield f"a context of {shorter:,} tokens", {**settings, "context_tokens": shorter, "sequences": 1}
        shorter //= 2


def _lower(name: str) -> tuple[str, ...]:
    """Return the steps of the ladder that store less than *name*."""
    reference = library_shape("llama-3.1-8b")
    try:
        size = weight_bytes(reference, quantization=find_quantization(name).id).likely_bytes
    except SizingError:  # a file's own, of a name that the catalogue does not have
        return LADDER
    return tuple(step for step in LADDER if weight_bytes(reference, quantization=step).likely_bytes < 0.97 * size)


def training_steps(settings: Settings) -> Iterator[Step]:
    """Yield leaner recipes: checkpointing first, then smaller batches and sequences, then another method."""
    now = dict(settings)
    if now.get("gradient_checkpointing") is False:
        now["gradient_checkpointing"] = True
        yield "gradient checkpointing", dict(now)
    while now.get("batch_size", 1) > 1:
        now["batch_size"] = now["batch_size"] // 2
        yield f"{counted(now['batch_size'], 'sequence')} at once", dict(now)
    while now.get("sequence_length", 2048) // 2 >= SHORTEST_SEQUENCE:
        now["sequence_length"] = now.get("sequence_length", 2048) // 2
        yield f"sequences of {now['sequence_length']:,} tokens", dict(now)
    for way in {"full": ("lora", "qlora"), "lora": ("qlora",)}.get(str(now["method"]), ()):
        for changed in ({**settings, "method": way}, {**now, "method": way}):
            changed.pop("precision", None)
            length = changed.get("sequence_length", 2048)
            yield f"{NAMES[way]} instead of {NAMES[settings['method']]}, on sequences of {length:,} tokens", changed
