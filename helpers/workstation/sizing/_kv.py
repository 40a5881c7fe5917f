"""The KV cache: what a model keeps of every token that it has read."""

from typing import NamedTuple

from workstation.sizing._inputs import cache_type as find_cache_type
from workstation.sizing._inputs import count, counted, tokens
from workstation.sizing._peers import kv_bytes_per_token_of_peers
from workstation.sizing.model import Estimate, ModelShape, Term, exactly, make_estimate, ranging

MICRO_BATCH = 512  # llama.cpp's, which it adds to a sliding window
PADDED_TO = 256


class _Layers(NamedTuple):
    full: int
    sliding: int


def kv_cache_bytes(
    shape: ModelShape, *, context_tokens: int = 8192, sequences: int = 1, cache_type: str = "f16"
) -> Estimate:
    """Estimate the KV cache of *sequences* conversations of *context_tokens* each.

    ``2 x layers x kv_heads x head_dim x tokens x sequences x bytes of one element``, where a sliding layer counts
    ``min(tokens, window)`` and latent attention (MLA) keeps ``kv_lora_rank + rope_head_dim`` instead of keys and
    values. Llama 3.1 8B at 8,192 tokens in f16: 2 x 32 x 8 x 128 x 8192 x 2 = 1 GiB.
    Source: the models' attention layers; reproduces llama.cpp's and vLLM's logs to their last printed digit.

    Raises:
        SizingError: a context, a count or a cache type that is none.
    """
    held = tokens("context_tokens", context_tokens)
    several = count("sequences", sequences, most=1_000_000)
    kept_as = find_cache_type(cache_type)
    assumptions = [f"{counted(several, 'sequence')} of {held:,} tokens, the KV cache kept as {kept_as.id}"]
    if shape.context_limit and held > shape.context_limit:
        assumptions.append(f"trained for {shape.context_limit:,} tokens; beyond that its answers may be noise")
    if shape.role == "encoder":
        return make_estimate("KV cache", [], ["an encoder reads all at once and keeps no KV cache"], "formula")
    if not shape.is_complete:
        return _of_peers(shape, held * several * kept_as.element_bytes, assumptions)
    return make_estimate(
        "KV cache",
        _terms(shape, held, several, kept_as.element_bytes, assumptions),
        assumptions,
        "exact" if shape.tensors else "formula",
    )


def elements_per_token(shape: ModelShape) -> int:
    """Return what one layer keeps of one token, in elements."""
    if shape.kv_lora_rank:
        return shape.kv_lora_rank + (shape.rope_head_dim or 0)
    return 2 * (shape.kv_heads or 0) * (shape.head_dim or 0)


def _layers(shape: ModelShape) -> _Layers:
    with_cache = shape.attention_layers or shape.layers or 0
    if not shape.sliding_window:
        return _Layers(with_cache, 0)
    sliding = min(with_cache if shape.sliding_layers is None else shape.sliding_layers, with_cache)
    return _Layers(with_cache - sliding, sliding)


def _terms(shape: ModelShape, held: int, several: int, element: float, assumptions: list[str]) -> list[Term]:
    layers, each = _layers(shape), elements_per_token(shape) * element
    if shape.kv_lora_rank:
        assumptions.append("latent attention is kept as it is (an old runtime that unpacks it needs many times more)")
        formula = f"{layers.full} layers x ({shape.kv_lora_rank} + {shape.rope_head_dim or 0}) x {element:g} B x tokens"
    else:
        formula = f"2 x {layers.full} layers x {shape.kv_heads} KV heads x {shape.head_dim} x {element:g} B x tokens"
    whole = [exactly("KV cache", layers.full * each * held * several, formula)]
    if layers.sliding == 0 or shape.sliding_window is None:
        return whole
    seen = min(held, shape.sliding_window)
    padded = min(held, _padded(shape.sliding_window * several + MICRO_BATCH) / several)
    assumptions.append(f"{layers.sliding} layers look back {shape.sliding_window:,} tokens and no further")
    assumptions.append("a runtime that ignores the window keeps all tokens in every layer: an old one may")
    return [
        *whole,
        ranging(
            "KV cache, sliding layers",
            layers.sliding * each * seen * several,
            layers.sliding * each * seen * several,
            layers.sliding * each * max(padded, seen) * several,
            f"the same for {layers.sliding} layers with min(tokens, {shape.sliding_window})",
        ),
    ]


def _padded(cells: int) -> int:
    return -(-cells // PADDED_TO) * PADDED_TO


def _of_peers(shape: ModelShape, factor: float, assumptions: list[str]) -> Estimate:
    low, likely, high, names = kv_bytes_per_token_of_peers(shape.parameters or 0)
    term = ranging(
        "KV cache", low * factor, likely * factor, high * factor, "elements a token of models of this size x tokens"
    )
    assumptions.append(f"the KV cache is taken to be as wide as that of {names}")
    return make_estimate("KV cache", [term], assumptions, "band")
