"""The matrices of a model, worked out from the numbers of its architecture."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Literal, NamedTuple

from workstation.errors import SizingError
from workstation.sizing._library import borrow, known_as
from workstation.sizing.model import MOST_PARAMETERS, ModelShape

Kind = Literal[
    "token_embd", "output", "position_embd", "attn_q", "attn_k", "attn_v", "attn_qkv", "attn_kv_b", "attn_output",
    "attn_latent", "ffn_gate", "ffn_up", "ffn_down", "router",
]  # fmt: skip

CONTRADICTION = 0.25  # beyond this a parameter count and a shape are not of the same model
WORKED_OUT = "the feed-forward width was worked out from the parameter count"
STEPS = (256, 128, 64, 32)  # widths of feed-forward layers are multiples of these
PLAIN_RATIO, GATED_RATIO = 4, 3.2  # widths of feed-forward layers without and with a gate, over the model's
SMALL_MODEL, LARGE_SHARE = 5_000_000_000, 0.09  # small models with a large vocabulary use their embedding as head


class Matrix(NamedTuple):
    """One matrix, or the stack of all experts' matrices: its rows' length and its elements."""

    kind: Kind
    layer: int
    row: int
    elements: int
    is_expert: bool = False


def completed(shape: ModelShape) -> tuple[ModelShape, str | None]:
    """Fill in what decides how weights are stored, and say where that comes from.

    A shape with the numbers of a library model is that model. Else the width of the feed-forward layers follows from
    the parameter count, which leaves nothing else to explain it.

    Raises:
        SizingError: neither is possible, or the numbers contradict each other.
    """
    known = known_as(shape) if shape.ffn_size is None or shape.tied_embeddings is None else None
    if known is not None:
        return borrow(shape, known), f"these are the numbers of {known.name}, whose other numbers were taken over"
    if shape.ffn_size is None and shape.expert_ffn_size is None:
        return replace(_with_ffn(shape), source=WORKED_OUT), f"{WORKED_OUT}: a mix may be off by 5 %"
    if shape.tied_embeddings is None or shape.gated_ffn is None:
        return _nearest(shape), None
    return shape, None


def matrices(shape: ModelShape) -> Iterator[Matrix]:
    """Yield every matrix of a completed shape; norms and biases are left out, being less than a thousandth."""
    yield from _outside_layers(shape)
    for layer in range(shape.layers or 0):
        yield from _layer(shape, layer)


def matrix_parameters(shape: ModelShape) -> int:
    """Add up the elements of all matrices of a completed shape; one layer of each kind stands for all.

    Raises:
        SizingError: no model has so many.
    """
    layers = shape.layers or 0
    dense = (shape.dense_layers or 0) if shape.experts else 0
    first = dense * _elements(_layer(shape, 0)) if dense else 0
    found = _elements(_outside_layers(shape)) + first + (layers - dense) * _elements(_layer(shape, layers))
    if found > MOST_PARAMETERS:
        raise SizingError(
            f"The shape has {found:.1e} parameters, and no model has so many. "
            "Look its widths and layers up in the model's config.json."
        )
    return found


def parameter_count(shape: ModelShape) -> int:
    """Return the parameters: those that were given, else the matrices' and two norms a layer."""
    if shape.parameters is not None:
        return shape.parameters
    full, _ = completed(shape)
    return matrix_parameters(full) + (2 * (full.layers or 0) + 1) * (full.hidden_size or 0)


def _elements(several: Iterator[Matrix]) -> int:
    return sum(each.elements for each in several)


def _outside_layers(shape: ModelShape) -> Iterator[Matrix]:
    width, words = shape.hidden_size or 0, shape.vocabulary or 0
    yield Matrix("token_embd", 0, width, words * width)
    if not shape.tied_embeddings:
        yield Matrix("output", 0, width, words * width)
    if shape.positions:
        yield Matrix("position_embd", 0, width, shape.positions * width)


def _layer(shape: ModelShape, layer: int) -> Iterator[Matrix]:
    width = shape.hidden_size or 0
    yield from _attention(shape, layer, width)
    yield from _feed_forward(shape, layer, width)


def _attention(shape: ModelShape, layer: int, width: int) -> Iterator[Matrix]:
    heads, kv, size = shape.attention_heads or 0, shape.kv_heads or 0, shape.head_dim or 0
    if shape.kv_lora_rank:
        yield from _latent_attention(shape, layer, width)
    elif shape.fused_qkv:
        yield Matrix("attn_qkv", layer, width, width * (heads + 2 * kv) * size)
        yield Matrix("attn_output", layer, heads * size, heads * size * width)
    else:
        yield Matrix("attn_q", layer, width, width * heads * size)
        yield Matrix("attn_k", layer, width, width * kv * size)
        yield Matrix("attn_v", layer, width, width * kv * size)
        yield Matrix("attn_output", layer, heads * size, heads * size * width)


def _latent_attention(shape: ModelShape, layer: int, width: int) -> Iterator[Matrix]:
    heads, size, rank = shape.attention_heads or 0, shape.head_dim or 0, shape.kv_lora_rank or 0
    turned = shape.rope_head_dim or 0
    value = shape.value_head_dim or size - turned
    if shape.q_lora_rank:
        yield Matrix("attn_latent", layer, width, width * shape.q_lora_rank)
        yield Matrix("attn_latent", layer, shape.q_lora_rank, shape.q_lora_rank * heads * size)
    else:
        yield Matrix("attn_q", layer, width, width * heads * size)
    yield Matrix("attn_latent", layer, width, width * (rank + turned))
    yield Matrix("attn_kv_b", layer, rank, rank * heads * (size - turned + value))
    yield Matrix("attn_output", layer, heads * value, heads * value * width)


def _feed_forward(shape: ModelShape, layer: int, width: int) -> Iterator[Matrix]:
    if not shape.experts or layer < (shape.dense_layers or 0):
        yield from _one_feed_forward(shape, layer, width, shape.ffn_size or 0, 1)
        return
    yield Matrix("router", layer, width, width * shape.experts)
    yield from _one_feed_forward(shape, layer, width, shape.expert_ffn_size or shape.ffn_size or 0, shape.experts)
    if shape.shared_ffn_size:
        yield from _one_feed_forward(shape, layer, width, shape.shared_ffn_size, 1)


def _one_feed_forward(shape: ModelShape, layer: int, width: int, inner: int, copies: int) -> Iterator[Matrix]:
    if shape.gated_ffn is not False:
        yield Matrix("ffn_gate", layer, width, width * inner * copies, copies > 1)
    yield Matrix("ffn_up", layer, width, width * inner * copies, copies > 1)
    yield Matrix("ffn_down", layer, inner, inner * width * copies, copies > 1)


def _with_ffn(shape: ModelShape) -> ModelShape:
    """Work out the feed-forward width: what is left of the parameters, over what a layer has of it."""
    if shape.parameters is None:
        raise SizingError(
            "Give ffn_size (intermediate_size in a config.json) or the parameter count: one follows from the other."
        )
    if shape.experts:
        raise SizingError("A mixture of experts needs expert_ffn_size (moe_intermediate_size in a config.json).")
    candidates = [
        replace(shape, ffn_size=width, tied_embeddings=tied, gated_ffn=gated)
        for tied in ([shape.tied_embeddings] if shape.tied_embeddings is not None else [False, True])
        for gated in ([shape.gated_ffn] if shape.gated_ffn is not None else [True, False])
        if (width := _ffn_width(shape, tied=tied, gated=gated)) > 0
    ]
    if not candidates:
        raise SizingError(
            f"{shape.parameters:,} parameters are too few for this shape: embeddings and attention alone have more. "
            "Look the numbers up in the model's config.json."
        )
    return min(candidates, key=_oddness)


def _ffn_width(shape: ModelShape, *, tied: bool, gated: bool) -> int:
    bare = replace(shape, ffn_size=1, tied_embeddings=tied, gated_ffn=gated)
    layers, width, count = shape.layers or 0, shape.hidden_size or 0, shape.parameters or 0
    each = layers * width * (3 if gated else 2)
    found = (count - (matrix_parameters(bare) - each) - (2 * layers + 1) * width) / each
    off = _left_open(count) / each + 1
    for step in STEPS:
        rounded = round(found / step) * step
        if abs(rounded - found) <= off:
            return rounded
    return round(found / STEPS[-1]) * STEPS[-1]


def _left_open(count: int) -> float:
    """Return how far a rounded count may be from the true one: half of its last digit that is not zero.

    >>> _left_open(8_030_000_000), _left_open(8_030_261_248)
    (5000000.0, 0.5)
    """
    digits = str(count)
    return 0.5 * 10.0 ** (len(digits) - len(digits.rstrip("0")))


def _oddness(shape: ModelShape) -> float:
    """Rate a candidate by how unusual it would be; the usual one wins."""
    width, inner = shape.hidden_size or 1, shape.ffn_size or 1
    words_share = (shape.vocabulary or 0) * width / (shape.parameters or 1)
    expects_tied = (shape.parameters or 0) < SMALL_MODEL and words_share > LARGE_SHARE
    odd = 0.0 if shape.tied_embeddings == expects_tied else 0.3
    if shape.gated_ffn is False:
        return odd + (0.35 if inner == PLAIN_RATIO * width else 2.0)
    return odd + 0.3 * abs(inner / width - GATED_RATIO) / GATED_RATIO + (0.0 if inner % STEPS[0] == 0 else 0.5)


def _nearest(shape: ModelShape) -> ModelShape:
    """Settle tied embeddings and gates by the parameter count; by the commonest where there is none."""
    candidates = [
        replace(shape, tied_embeddings=tied, gated_ffn=gated)
        for tied in ([shape.tied_embeddings] if shape.tied_embeddings is not None else [False, True])
        for gated in ([shape.gated_ffn] if shape.gated_ffn is not None else [True, False])
    ]
    if shape.parameters is None:
        return candidates[0]
    wanted = shape.parameters
    return min(candidates, key=lambda each: abs(matrix_parameters(each) - wanted))


def check_count(shape: ModelShape) -> float:
    """Return by which share the given parameter count is off the matrices'; small is norms and rounding.

    Raises:
        SizingError: they cannot be of the same model.
    """
    if shape.parameters is None:
        return 0.0
    found = matrix_parameters(shape)
    off = shape.parameters / found - 1
    if abs(off) > CONTRADICTION and not shape.tensors:
        raise SizingError(
            f"The shape has {found:,} parameters, but {shape.parameters:,} were given: they contradict each other. "
            "Look the numbers up in the model's config.json."
        )
    return off
