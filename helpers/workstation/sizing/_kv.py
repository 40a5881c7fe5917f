"""The memory of a conversation: keys and values of every token so far, kept so that they are not computed again."""

from collections.abc import Mapping
from types import MappingProxyType

from workstation.sizing._model import Estimate, ModelShape

# Bytes by elements of one block. The quantized types keep a 16-bit scale for every 32 elements.
CACHE_TYPES: Mapping[str, tuple[int, int]] = MappingProxyType(
    {"f32": (4, 1), "f16": (2, 1), "bf16": (2, 1), "q8_0": (34, 32), "q4_0": (18, 32)}
)


def kv_cache_bytes(
    shape: ModelShape, *, context_tokens: int = 8192, sequences: int = 1, cache_type: str = "f16"
) -> Estimate:
    """Give the size of the key and value cache for so many tokens of so many sequences at once.

    ``2 * layers * kv_heads * head_dim * context_tokens * sequences * bytes per element``: keys and values (the 2) for
    each layer and token. Llama-3.1-8B keeps 128 KiB a token in 16 bits, so 8,192 tokens take 1 GiB. The formula holds
    for models whose every layer attends to the whole context; sliding windows and compressed caches take less. It gives
    all published figures of such models to within the rounding of their print (worst 0.16 %).

    >>> llama = ModelShape(parameters=8_030_000_000, layers=32, hidden_size=4096, attention_heads=32, kv_heads=8,
    ...                    head_dim=128, vocabulary=128_256)
    >>> kv_cache_bytes(llama, context_tokens=8192).likely_bytes == 1024**3
    True

    Raises:
        ValueError: a count is below zero, or the cache type is none of `CACHE_TYPES`.
    """
    if context_tokens < 0 or sequences < 0:
        raise ValueError(
            f"A cache cannot hold {context_tokens} tokens of {sequences} sequences. Give counts of 0 or more."
        )
    if cache_type not in CACHE_TYPES:
        raise ValueError(f"There is no cache type {cache_type!r}. Choose one of: {', '.join(CACHE_TYPES)}.")
    block_bytes, block_elements = CACHE_TYPES[cache_type]
    elements = shape.layers * shape.kv_heads * shape.head_dim * context_tokens * sequences
    half_bytes = elements * block_bytes // block_elements
    return Estimate(
        low_bytes=2 * half_bytes,
        likely_bytes=2 * half_bytes,
        high_bytes=2 * half_bytes,
        terms=MappingProxyType({"keys": half_bytes, "values": half_bytes}),
        assumptions=("every layer attends to the whole context",),
        tier="formula",
    )
