"""Load what sizing works with: `shapes.toml`, `quantizations.toml` and `sizing.toml`.

Apart from the rest of the catalogue, since no card and no grade needs them: they are read on the first estimate.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Literal

from workstation.catalog._rules import fold
from workstation.catalog._shape import Place, build_list

SHAPES, QUANTIZATIONS, RANGES, BAND_RULES = "shapes.toml", "quantizations.toml", "sizing.toml", "band_rules.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownShape:
    """One well-known open model, by the numbers of its architecture."""

    id: str
    name: str
    aliases: tuple[str, ...]
    role: Literal["decoder", "encoder"]
    architecture: str
    parameters: int
    layers: int
    hidden_size: int
    attention_heads: int
    kv_heads: int
    head_dim: int
    vocabulary: int
    ffn_size: int
    context_limit: int
    tied_embeddings: bool
    gated_ffn: bool
    fused_qkv: bool
    positions: int | None
    sliding_window: int | None
    sliding_layers: int | None
    experts: int | None
    experts_used: int | None
    expert_ffn_size: int | None
    shared_ffn_size: int | None
    dense_layers: int | None
    kv_lora_rank: int | None
    q_lora_rank: int | None
    rope_head_dim: int | None
    value_head_dim: int | None
    source: str
    seen: str | None  # None: written down from knowledge of the public config, not read again


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigFamily:
    """What the config.json of a family leaves unsaid; its id is the config's `model_type`."""

    id: str
    aliases: tuple[str, ...]
    role: Literal["decoder", "encoder"]
    tied: bool
    gated: bool
    fused: bool
    learned_positions: bool
    every: int | None  # every n-th layer sees all tokens, where the others slide


@dataclass(frozen=True, slots=True, kw_only=True)
class StorageType:
    """How a block of numbers is stored."""

    id: str
    block: int
    block_bytes: int
    fallback: str | None

    @property
    def bits(self) -> float:
        """Bits for one element."""
        return self.block_bytes * 8 / self.block


@dataclass(frozen=True, slots=True, kw_only=True)
class MixRule:
    """Which type a mix gives one kind of tensor, in which layers."""

    id: str
    tensor: str
    where: Literal["all", "more", "eighth", "sixteenth", "first2", "first4", "grouped", "middle", "dense"]
    type: str
    architecture: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantization:
    """One way to store a model, by the name that people give it."""

    id: str
    kind: Literal["plain", "mix", "nominal", "loader"]
    about: str
    aliases: tuple[str, ...]
    base: str | None  # the type of a plain one and a mix
    bits: float | None  # of one number, for the others
    output: str | None
    token_embedding: str | None
    older: str | None  # the mix that the same name meant before
    rules: tuple[MixRule, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheType:
    """How the KV cache keeps a number."""

    id: str
    element_bytes: float
    aliases: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """A figure that no formula gives: lowest, likely and highest, with where it comes from."""

    id: str
    unit: Literal["bytes", "bytes each", "factor", "share"]
    low: float
    likely: float
    high: float
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """One thing that a band asks for: memory for something, a model that has to fit, or a fact of at least so much."""

    id: str
    what: str
    gib: float | None
    model: str | None
    quantization: str | None
    context_tokens: int | None
    train: str | None
    fact: str | None
    least: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BandRule:
    """What one resource needs to reach one band for a workload; `families` is empty for all that have no rule."""

    id: str
    resource: str
    band: Literal["entry", "comfortable", "heavy"]
    families: tuple[str, ...]
    needs: tuple[Need, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SizingFacts:
    """Everything that the estimates look up, by id, in the order of the files."""

    shapes: Mapping[str, KnownShape]
    families: Mapping[str, ConfigFamily]
    types: Mapping[str, StorageType]
    quantizations: Mapping[str, Quantization]
    caches: Mapping[str, CacheType]
    ranges: Mapping[str, Range]


@cache
def load_sizing_facts() -> SizingFacts:
    """Load shapes, quantisations and ranges; read and checked once a process.

    Raises:
        CatalogError: a file breaks a rule; the message names file, entry and field.
    """
    stored = _document(QUANTIZATIONS)
    facts = SizingFacts(
        shapes=_by_id(_document(SHAPES), "shape", KnownShape, SHAPES),
        families=_by_id(_document(SHAPES), "family", ConfigFamily, SHAPES),
        types=_by_id(stored, "type", StorageType, QUANTIZATIONS),
        quantizations=_by_id(stored, "quantization", Quantization, QUANTIZATIONS),
        caches=_by_id(stored, "cache", CacheType, QUANTIZATIONS),
        ranges=_by_id(_document(RANGES), "range", Range, RANGES),
    )
    _check_types(facts)
    return facts


@cache
def load_band_rules() -> Mapping[str, BandRule]:
    """Load what each band asks for, by id.

    Raises:
        CatalogError: the file breaks a rule; the message names file, entry and field.
    """
    return _by_id(_document(BAND_RULES), "rule", BandRule, BAND_RULES)


def _document(file: str) -> dict[str, Any]:
    return tomllib.loads((files(__package__) / file).read_text(encoding="utf-8"))


def _by_id(document: Mapping[str, Any], table: str, cls: type[Any], file: str) -> Mapping[str, Any]:
    place = Place(file=file)
    entries = build_list(cls, document.get(table, []), place)
    by_id = {entry.id: entry for entry in entries}
    if len(by_id) < len(entries) or not entries:
        raise place.error("id", "each entry needs an id of its own, and one entry is the least")
    owners: dict[str, str] = {}
    for entry in entries:
        for word in map(fold, (entry.id, *getattr(entry, "aliases", ()))):
            if owners.setdefault(word, entry.id) != entry.id:
                raise Place(file=file, entry=entry.id).error("aliases", f"{word!r} belongs to {owners[word]!r} already")
    return MappingProxyType(by_id)


def _check_types(facts: SizingFacts) -> None:
    """Refuse a type that no [[type]] describes."""
    for each in facts.types.values():
        if each.fallback is not None and each.fallback not in facts.types:
            raise Place(file=QUANTIZATIONS, entry=each.id).error("fallback", f"no type {each.fallback!r}")
    for mix in facts.quantizations.values():
        named = [mix.base, mix.output, mix.token_embedding, *(rule.type for rule in mix.rules)]
        for name in named:
            if name is not None and name not in facts.types:
                raise Place(file=QUANTIZATIONS, entry=mix.id).error("type", f"no type {name!r}")
