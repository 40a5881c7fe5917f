"""The shape library: well-known open models by name, and what a bare shape can borrow from the model that it is."""

from dataclasses import fields, replace
from functools import cache

from workstation.catalog._sizing import KnownShape, load_sizing_facts
from workstation.sizing._inputs import lookup, parameters
from workstation.sizing.model import ModelShape

CLOSE = 0.05  # people round 6.74 billion to 7, and padding moves a vocabulary
_SAME = ("layers", "hidden_size", "attention_heads", "kv_heads", "head_dim")
# What decides how weights are stored, and nothing else: how a model keeps its cache is taken as it was given.
_BORROWED = (
    "ffn_size", "tied_embeddings", "gated_ffn", "positions", "architecture", "experts", "experts_used",
    "expert_ffn_size", "shared_ffn_size", "dense_layers", "q_lora_rank", "value_head_dim",
)  # fmt: skip


def shape(name: str) -> ModelShape:
    """Return a well-known model's shape by its name: ``shape("llama-3.1-8b")``; or a bare count's: ``shape("7B")``.

    Raises:
        SizingError: the library has no such model, and offers the nearest names; or no model has that count.
    """
    number = parameters(name)
    if number is not None:
        return ModelShape(parameters=number)
    return _as_shape(lookup("model in the shape library", name, load_sizing_facts().shapes))


def known_models() -> tuple[str, ...]:
    """List the names in the shape library."""
    return tuple(load_sizing_facts().shapes)


def known_as(given: ModelShape) -> KnownShape | None:
    """Return the library model whose numbers a complete shape has, the nearest in size, or `None`."""
    alike = [each for each in load_sizing_facts().shapes.values() if _is_alike(given, each)]
    return min(alike, key=lambda each: _off(given, each), default=None)


def _is_alike(given: ModelShape, known: KnownShape) -> bool:
    same = all(getattr(known, name) == getattr(given, name) for name in _SAME)
    words = abs(known.vocabulary - (given.vocabulary or 0)) <= CLOSE * known.vocabulary
    return same and words and _off(given, known) <= CLOSE and given.ffn_size in {None, known.ffn_size}


def _off(given: ModelShape, known: KnownShape) -> float:
    return 0.0 if given.parameters is None else abs(given.parameters / known.parameters - 1)


def borrow(given: ModelShape, known: KnownShape) -> ModelShape:
    """Fill what *given* leaves open about its weights from the library's model."""
    lent = {name: getattr(known, name) for name in _BORROWED if getattr(given, name) is None}
    return replace(given, fused_qkv=given.fused_qkv or known.fused_qkv, **lent)


@cache
def _as_shape(known: KnownShape) -> ModelShape:
    names = {each.name for each in fields(ModelShape)} & {each.name for each in fields(KnownShape)}
    return ModelShape(**{name: getattr(known, name) for name in names})
