"""What an estimate is made from, and what it says."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Tier = Literal["exact", "formula", "band"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelShape:
    """The numbers in a model's configuration that decide how much memory it takes."""

    parameters: int
    layers: int
    hidden_size: int
    attention_heads: int
    kv_heads: int  # fewer than the attention heads where groups of them share keys and values
    head_dim: int  # from the configuration: it is not always hidden_size / attention_heads
    vocabulary: int
    ffn_size: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A size in bytes, with the band it may lie in, what it adds up from and what was taken for granted."""

    low_bytes: int
    likely_bytes: int
    high_bytes: int
    terms: Mapping[str, int]  # what the likely figure adds up from
    assumptions: tuple[str, ...]
    tier: Tier
