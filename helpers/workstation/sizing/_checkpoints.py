"""Checkpoints on disk, and how they grow."""

from workstation.errors import SizingError
from workstation.sizing._adapters import adapter_parameters
from workstation.sizing._inputs import count, one_of
from workstation.sizing._tensors import parameter_count
from workstation.sizing._training import MOST_RANK, PRECISIONS
from workstation.sizing.model import Estimate, ModelShape, make_estimate, ranging

METHODS = ("full", "lora", "qlora", "weights")
# Bytes for each parameter of a checkpoint that can be resumed: weights, 32-bit copy, two moments; never gradients.
RESUMABLE = {"fp32": (12.0, 12.0, 12.0), "mixed": (12.0, 14.0, 14.0), "bf16": (6.0, 10.0, 14.0)}
WEIGHTS_ONLY = {"fp32": 4.0, "mixed": 2.0, "bf16": 2.0}
ADAPTER = (2.0, 4.0, 4.0)
ADAPTER_RESUMABLE = (6.0, 12.0, 12.0)


def checkpoint_bytes(
    shape: ModelShape,
    *,
    method: str = "lora",
    keep: int = 1,
    precision: str = "mixed",
    resumable: bool | None = None,
    lora_rank: int = 16,
    lora_targets: str = "qv",
) -> Estimate:
    """Estimate what *keep* checkpoints take on disk; the upper end has one more, which is being written.

    One holds ``parameters x (weight + 32-bit copy + two moments)``: 12 bytes in 32 bit, 14 in mixed precision, and 2
    for the weights alone (``method="weights"``). With adapters only these are saved. GPT-NeoX 20B: 39 GiB of weights,
    268 GiB to resume. *resumable* defaults to true for full training, false for adapters.
    Sources: EleutherAI's gpt-neox README, huggingface/peft README.

    Raises:
        SizingError: a method, precision or number that is none.
    """
    way = one_of("method", method, METHODS)
    digits = one_of("precision", precision, PRECISIONS)
    kept = count("keep", keep, most=100_000)
    again = way == "full" if resumable is None else bool(resumable)
    if way == "weights" and again:
        raise SizingError("Weights alone cannot be resumed from. Leave resumable out, or ask for method='full'.")
    counted = parameter_count(shape)
    if way in {"lora", "qlora"}:
        rank = count("lora_rank", lora_rank, most=MOST_RANK)
        counted = adapter_parameters(shape, rank=rank, targets=one_of("lora_targets", lora_targets, _TARGETS))
        low, likely, high = ADAPTER_RESUMABLE if again else ADAPTER
    elif again:
        low, likely, high = RESUMABLE[digits]
    else:
        low = likely = high = WEIGHTS_ONLY[digits]
    term = ranging(
        "checkpoints",
        kept * counted * low,
        kept * counted * likely,
        (kept + 1) * counted * high,
        f"{kept:,} x {counted:,} parameters x {likely:g} B",
    )
    words = f"{'can be resumed' if again else 'weights alone'}; one more while the next is written"
    return make_estimate("checkpoints", [term], [words], "band" if shape.tier == "band" else "formula")


_TARGETS = ("qv", "attention", "all-linear")
