"""Load the demonstrations' words, limits and models: `demos.toml`."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from workstation.catalog._shape import Place, build, build_list
from workstation.demos.model import Line
from workstation.sizing import ModelShape

FILE = "demos.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """How far a demonstration may go; the reasons stand in the file."""

    least_live_bytes: int
    step_limit_bytes: int
    headroom_bytes: int
    floor_bytes: int
    small_limit_bytes: int
    small_headroom_bytes: int
    small_headroom_percent: int
    floor_percent: int
    stall_percent: float
    swap_out_bytes_per_s: float
    grow_least_seconds: float
    grow_most_seconds: float
    hold_seconds: float
    file_limit_bytes: int
    file_limit_percent: int
    vram_headroom_bytes: int
    vram_most_percent: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Drawn:
    key: str
    name: str
    unit: str
    divisor: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What one demonstration says; braces are filled in with the plan's figures."""

    id: str
    name: str
    question: str
    unit: str
    takes: str
    mechanism: str
    limits: str
    line: tuple[_Drawn, ...]

    @property
    def lines(self) -> tuple[Line, ...]:
        """What to draw, the main line first."""
        return tuple(Line(key=one.key, name=one.name, unit=one.unit, divisor=one.divisor) for one in self.line)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sentence:
    id: str
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """A model's file in one quantization, as published."""

    quantization: str
    bytes: int
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A model by its published shape and sizes."""

    id: str
    name: str
    parameters: int
    layers: int
    hidden_size: int
    attention_heads: int
    kv_heads: int
    head_dim: int
    vocabulary: int
    context_tokens: int  # the longest it was made for
    weights: tuple[Weights, ...]

    @property
    def shape(self) -> ModelShape:
        """The numbers that sizes are computed from."""
        return ModelShape(
            parameters=self.parameters,
            layers=self.layers,
            hidden_size=self.hidden_size,
            attention_heads=self.attention_heads,
            kv_heads=self.kv_heads,
            head_dim=self.head_dim,
            vocabulary=self.vocabulary,
        )


@cache
def _document() -> Mapping[str, object]:
    return MappingProxyType(tomllib.loads((files(__package__) / FILE).read_text(encoding="utf-8")))


@cache
def rules() -> Rules:
    """Give the limits that hold for every demonstration."""
    return build(Rules, _document().get("rules"), Place(file=FILE, entry="rules"))


@cache
def words(name: str) -> Words:
    """Give one demonstration's words."""
    return {each.id: each for each in build_list(Words, _document().get("demo"), Place(file=FILE))}[name]


@cache
def endings() -> Mapping[str, str]:
    """Give the sentence for each way in which a run may end, by its id."""
    return _sentences("ending")


@cache
def stops() -> Mapping[str, str]:
    """Give what a plan says beforehand of what ends it, by its id."""
    return _sentences("stop")


def _sentences(table: str) -> Mapping[str, str]:
    found = build_list(_Sentence, _document().get(table), Place(file=FILE))
    return MappingProxyType({each.id: each.sentence for each in found})


@cache
def models() -> tuple[Model, ...]:
    """Give the models whose shapes are used, in the order of the file."""
    return build_list(Model, _document().get("model"), Place(file=FILE))
