"""The shape of a model and the shape of an estimate: what every sizing function takes and gives."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Literal

from workstation.errors import SizingError
from workstation.units import format_memory

Tier = Literal["exact", "formula", "band"]

MOST_PARAMETERS = 10**15
MOST_LAYERS = 10_000
MOST_OF_ANYTHING = 10**8  # widths and words beyond this belong to no model
TIERS: Mapping[Tier, str] = {
    "exact": "read from the file's own header (exact)",
    "formula": "worked out from known numbers (formula)",
    "band": "a range from rough figures, as a parameter count alone (band); a model's config or file makes it narrower",
}
WIDEST_ATTENTION = 16  # times the hidden size; DeepSeek V3 has 3.4
_NEEDED = ("layers", "hidden_size", "attention_heads", "kv_heads", "head_dim", "vocabulary")


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredTensor:
    """One tensor of a file's header: as it is, not as a formula has it."""

    name: str
    type: str
    elements: int
    stored_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelShape:
    """A model by the numbers of its architecture.

    `parameters` alone is enough for a band. With the numbers of a config the formulas hold; `shape_from_file` adds the
    tensors of a header, and then sizes are read instead of worked out. `kv_heads` are not the query heads where heads
    are grouped, and `head_dim` is not always hidden_size / attention_heads. What is `None` is unknown, or not there.

    Raises:
        SizingError: a number is negative, absurd or contradicts another.
    """

    parameters: int | None = None
    layers: int | None = None
    hidden_size: int | None = None
    attention_heads: int | None = None
    kv_heads: int | None = None
    head_dim: int | None = None
    vocabulary: int | None = None
    ffn_size: int | None = None
    name: str | None = None
    architecture: str | None = None
    role: Literal["decoder", "encoder"] = "decoder"
    context_limit: int | None = None
    tied_embeddings: bool | None = None
    gated_ffn: bool | None = None
    fused_qkv: bool = False
    positions: int | None = None
    sliding_window: int | None = None  # tokens that a sliding layer looks back
    sliding_layers: int | None = None  # how many layers do so; all where only the window is given
    attention_layers: int | None = None  # layers that keep a KV cache, where not all do
    experts: int | None = None
    experts_used: int | None = None
    expert_ffn_size: int | None = None
    shared_ffn_size: int | None = None
    dense_layers: int | None = None
    kv_lora_rank: int | None = None  # latent attention (MLA): one joint vector instead of keys and values
    q_lora_rank: int | None = None
    rope_head_dim: int | None = None
    value_head_dim: int | None = None
    quantization: str | None = None  # of the file that this was read from
    tensors: tuple[StoredTensor, ...] = ()
    source: str | None = None

    def __post_init__(self) -> None:
        _check_numbers(self)
        _check_sense(self)

    @property
    def tier(self) -> Tier:
        """How far estimates of this shape can be trusted."""
        if self.tensors:
            return "exact"
        return "formula" if self.is_complete else "band"

    @property
    def is_complete(self) -> bool:
        """Whether the formulas have every number that they need."""
        return all(getattr(self, name) is not None for name in _NEEDED)

    @property
    def missing(self) -> tuple[str, ...]:
        """The numbers that a formula would still need."""
        return tuple(name for name in _NEEDED if getattr(self, name) is None)


_LIMITS = {"parameters": MOST_PARAMETERS, "layers": MOST_LAYERS}


def _check_numbers(shape: ModelShape) -> None:
    for each in fields(shape):
        value = getattr(shape, each.name)
        if not isinstance(value, int) or isinstance(value, bool):
            if value is not None and str(each.type).startswith("int"):
                raise SizingError(f"A model's {each.name} must be a whole number, found {ascii(value)[:40]}.")
            continue
        least, most = int(each.name != "dense_layers"), _LIMITS.get(each.name, MOST_OF_ANYTHING)
        if not least <= value <= most:
            raise SizingError(
                f"A model's {each.name} must lie between {least:,} and {most:,}, found {value:,}. "
                "Look it up in the model's config.json."
            )
    if shape.parameters is None and not shape.is_complete and not shape.tensors:
        raise SizingError(
            "Nothing to work with: give `parameters` for a band, or all of "
            f"{', '.join(_NEEDED)} for a formula (missing: {', '.join(shape.missing)})."
        )


def _check_sense(shape: ModelShape) -> None:
    heads, kv_heads = shape.attention_heads, shape.kv_heads
    if heads and kv_heads and (kv_heads > heads or heads % kv_heads):
        raise SizingError(
            f"{kv_heads} KV heads cannot serve {heads} attention heads: each serves the same whole number of them. "
            "In a config.json they are num_key_value_heads and num_attention_heads."
        )
    width = (heads or 0) * (shape.head_dim or 0)
    if shape.hidden_size and width > WIDEST_ATTENTION * shape.hidden_size:
        raise SizingError(
            f"{heads} attention heads of {shape.head_dim:,} are {width:,} wide, for a hidden_size of "
            f"{shape.hidden_size:,}: no model is built so. Look again at the three."
        )
    for part, whole in (
        ("sliding_layers", "layers"),
        ("attention_layers", "layers"),
        ("dense_layers", "layers"),
        ("experts_used", "experts"),
    ):
        less, more = getattr(shape, part), getattr(shape, whole)
        if less is not None and more is not None and less > more:
            raise SizingError(f"{part} ({less}) is more than {whole} ({more}). Look again at one of them.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """One summand of an estimate, with the formula that it comes from in words."""

    name: str
    low_bytes: int
    likely_bytes: int
    high_bytes: int
    formula: str

    def scaled(self, *, low: float, high: float) -> "Term":
        """Return this term with its ends moved, the likely figure kept between them."""
        return Term(
            name=self.name,
            low_bytes=min(round(self.low_bytes * low), self.likely_bytes),
            likely_bytes=self.likely_bytes,
            high_bytes=max(round(self.high_bytes * high), self.likely_bytes),
            formula=self.formula,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """How much something takes, in bytes: from where to where, what it is made of and what was assumed.

    The terms add up to the three figures. `tier` says what it rests on: `exact` a file's header, `formula` the numbers
    of a config, `band` a parameter count alone.
    """

    what: str
    low_bytes: int
    likely_bytes: int
    high_bytes: int
    terms: tuple[Term, ...]
    assumptions: tuple[str, ...]
    tier: Tier

    def term(self, name: str) -> Term:
        """Return the term of that name.

        Raises:
            SizingError: there is none; lists those that there are.
        """
        for each in self.terms:
            if each.name == name:
                return each
        raise SizingError(f"No term {name!r} in {self.what}. Terms: {', '.join(each.name for each in self.terms)}.")

    def __str__(self) -> str:
        """Write the estimate as a small table, sizes in GiB."""
        width = max(len(each.name) for each in self.terms) if self.terms else 0
        lines = [f"{self.what}: {in_words(self)}"]
        lines += [f"  {each.name:<{width}}  {_likely(each):>15}  {each.formula}" for each in self.terms]
        return "\n".join([*lines, f"  How sure: {TIERS[self.tier]}.", *(f"  - {each}" for each in self.assumptions)])


def _likely(term: Term) -> str:
    """Write a term's likely figure; one that may be nothing at all by how large it may be."""
    return format_memory(term.likely_bytes) if term.likely_bytes else f"0 to {format_memory(term.high_bytes)}"


def in_words(estimate: Estimate) -> str:
    """Write an estimate's figures: "4.6 GiB", or "5.1 GiB (4.9 to 5.6)" where it is a range."""
    likely = format_memory(estimate.likely_bytes)
    low, high = format_memory(estimate.low_bytes), format_memory(estimate.high_bytes)
    return likely if low == likely == high else f"{likely} ({low} to {high})"


def make_estimate(what: str, terms: Iterable[Term], assumptions: Iterable[str], tier: Tier) -> Estimate:
    """Add terms up to an estimate; terms of nothing are left out."""
    kept = tuple(each for each in terms if each.high_bytes > 0)
    return Estimate(
        what=what,
        low_bytes=sum(each.low_bytes for each in kept),
        likely_bytes=sum(each.likely_bytes for each in kept),
        high_bytes=sum(each.high_bytes for each in kept),
        terms=kept,
        assumptions=tuple(dict.fromkeys(assumptions)),
        tier=tier,
    )


_TRUST: tuple[Tier, ...] = ("exact", "formula", "band")


def combine(what: str, *estimates: Estimate) -> Estimate:
    """Add estimates up; the result is trusted as far as the weakest of them."""
    return make_estimate(
        what,
        (term for each in estimates for term in each.terms),
        (words for each in estimates for words in each.assumptions),
        max((each.tier for each in estimates), key=_TRUST.index, default="exact"),
    )


def exactly(name: str, size_bytes: float, formula: str) -> Term:
    """Make a term without a range."""
    size = round(size_bytes)
    return Term(name=name, low_bytes=size, likely_bytes=size, high_bytes=size, formula=formula)


def ranging(name: str, low: float, likely: float, high: float, formula: str) -> Term:
    """Make a term with a range; the likely figure is held between its ends."""
    least, most = round(min(low, high)), round(max(low, high))
    return Term(
        name=name,
        low_bytes=least,
        likely_bytes=min(max(round(likely), least), most),
        high_bytes=most,
        formula=formula,
    )
