"""What training takes: in full, with LoRA adapters, or with adapters on a 4-bit base (QLoRA)."""

from dataclasses import dataclass

from workstation.sizing._activations import activation_terms
from workstation.sizing._adapters import adapter_parameters
from workstation.sizing._inputs import count, counted, one_of, quantization, tokens
from workstation.sizing._ranges import figure, ranged
from workstation.sizing._tensors import parameter_count
from workstation.sizing._weights import weight_bytes
from workstation.sizing.model import Estimate, ModelShape, Term, combine, exactly, make_estimate, ranging

NAMES = {"full": "full", "lora": "LoRA", "qlora": "QLoRA"}
METHODS = tuple(NAMES)
PRECISIONS = ("fp32", "mixed", "bf16")
_OTHER_NAMES = {
    "float32": "fp32", "32": "fp32", "amp": "mixed", "bf16-mixed": "mixed", "fp16-mixed": "mixed",
    "16-mixed": "mixed", "fp16": "bf16", "float16": "bf16", "bfloat16": "bf16", "bf16-true": "bf16",
    "16": "bf16", "pure-bf16": "bf16",
}  # fmt: skip
OPTIMIZERS = ("adamw", "adamw-8bit", "paged-adamw", "paged-adamw-8bit", "adafactor", "sgd")
_SAME_OPTIMIZER = {
    "adam": "adamw", "adamw-torch": "adamw", "adam-8bit": "adamw-8bit", "8bit-adam": "adamw-8bit",
    "adamw8bit": "adamw-8bit", "adamw-bnb-8bit": "adamw-8bit", "pagedadamw": "paged-adamw",
    "paged-adamw-32bit": "paged-adamw", "pagedadamw8bit": "paged-adamw-8bit",
}  # fmt: skip
WIDEST_BAND = 2.5  # DESIGN 8: a wider band would say nothing
LEAST_ROOM_ABOVE = 1.15
MOST_RANK = 65_536
DQ = "nf4-dq"


@dataclass(frozen=True, slots=True, kw_only=True)
class _PerParameter:
    """Bytes for each trained parameter."""

    weights: float
    gradients: tuple[float, float, float]
    masters: tuple[float, float, float]


# Weights, gradients and 32-bit copies; from which come 16 (fp32, mixed), 18 (gradients in 32 bit) and 8 to 16 (bf16).
_FULL = {
    "fp32": _PerParameter(weights=4, gradients=(4, 4, 4), masters=(0, 0, 0)),
    "mixed": _PerParameter(weights=2, gradients=(2, 2, 4), masters=(4, 4, 4)),
    "bf16": _PerParameter(weights=2, gradients=(2, 2, 2), masters=(0, 0, 4)),
}


def training_bytes(
    shape: ModelShape,
    *,
    method: str = "lora",
    batch_size: int = 1,
    sequence_length: int = 2048,
    precision: str | None = None,
    optimizer: str = "adamw",
    gradient_checkpointing: bool = True,
    lora_rank: int = 16,
    flash_attention: bool = True,
    lora_targets: str | None = None,
    base_quantization: str | None = None,
    optimizer_in_backward: bool = False,
) -> Estimate:
    """Estimate what training takes on one GPU at its peak.

    ``full``: for every parameter its weight, its gradient and the optimizer's states: 16 bytes with AdamW in 32 bit or
    mixed precision (18 where gradients are kept in 32 bit too), 8 to 16 in pure 16 bit. ``lora``: the frozen base as it
    is stored, and the same bytes for the adapters alone, ``rank x (in + out)`` for each matrix. ``qlora``: the base in
    nf4. To each come activations, logits and the runtime; these depend on the recipe, so the result is a band of at
    most 2.5 times, and the recipe stands in the assumptions. Llama 2 7B, LoRA of rank 8 in bf16, 2 x 1,304 tokens
    without checkpointing: 28 GiB likely (litgpt measured 27.1).
    Sources: HF model_memory_anatomy, DeepSpeed, arXiv 2205.05198 (activations), arXiv 2305.14314 (QLoRA).

    *precision* is fp32, mixed (16-bit work on 32-bit weights) or bf16 (16 bit throughout); by default mixed for full
    training, else bf16. *lora_targets* is qv, attention or all-linear; by default qv, for qlora all-linear.

    Raises:
        SizingError: a word or number that is none of a recipe's.
    """
    recipe = _recipe(
        method=method,
        precision=precision,
        optimizer=optimizer,
        targets=lora_targets,
        batch_size=batch_size,
        sequence_length=sequence_length,
        rank=lora_rank,
        base=base_quantization,
    )
    trained = _trained(shape, recipe, in_backward=optimizer_in_backward)
    held, words = activation_terms(
        shape,
        batch_size=recipe.batch_size,
        sequence_length=recipe.sequence_length,
        element_bytes=4 if recipe.precision == "fp32" else 2,
        gradient_checkpointing=bool(gradient_checkpointing),
        flash_attention=bool(flash_attention),
        frozen=recipe.method != "full",
    )
    context = figure("gpu-context")
    runtime = ranging("runtime", 0, context.likely, context.high, "the GPU's context, which some tools do not count")
    work = make_estimate("activations", [*held, runtime], [*recipe.words(), words], shape.tier)
    whole = combine(f"{NAMES[recipe.method]} training", trained, work)
    return _narrowed(_with_fragmentation(whole))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Recipe:
    method: str
    precision: str
    optimizer: str
    targets: str
    batch_size: int
    sequence_length: int
    rank: int
    base: str

    def words(self) -> list[str]:
        adapters = "" if self.method == "full" else f", adapters of rank {self.rank} on {self.targets}"
        return [
            f"{NAMES[self.method]} training in {self.precision} precision with {self.optimizer}{adapters}",
            f"{counted(self.batch_size, 'sequence')} of {self.sequence_length:,} tokens at once",
        ]


def _recipe(
    *,
    method: object,
    precision: object,
    optimizer: object,
    targets: object,
    batch_size: object,
    sequence_length: object,
    rank: object,
    base: object,
) -> _Recipe:
    way = one_of("method", method, METHODS)
    usual = "mixed" if way == "full" else "bf16"
    digits = one_of("precision", _other(precision, _OTHER_NAMES), PRECISIONS) if precision is not None else usual
    stored = {"fp32": "F32"}.get(digits, "BF16") if way != "qlora" else DQ
    return _Recipe(
        method=way,
        precision=digits,
        optimizer=one_of("optimizer", _other(optimizer, _SAME_OPTIMIZER), OPTIMIZERS),
        targets=one_of("lora_targets", targets or ("all-linear" if way == "qlora" else "qv"), TARGETS),
        batch_size=count("batch_size", batch_size, most=1_000_000),
        sequence_length=tokens("sequence_length", sequence_length),
        rank=count("lora_rank", rank, most=MOST_RANK),
        base=quantization(base).id if base is not None else stored,
    )


TARGETS = ("qv", "attention", "all-linear")


def _other(word: object, names: dict[str, str]) -> object:
    return names.get(word.strip().lower().replace("_", "-"), word) if isinstance(word, str) else word


def _trained(shape: ModelShape, recipe: _Recipe, *, in_backward: bool) -> Estimate:
    if recipe.method == "full":
        counted = parameter_count(shape)
        each = _FULL[recipe.precision]
        weights = exactly("weights", counted * each.weights, f"{counted:,} parameters x {each.weights:g} B")
        return make_estimate(
            "full training",
            [weights, *_states(counted, each, recipe, in_backward=in_backward)],
            ["gradients are used up layer by layer in the backward pass"] if in_backward else [],
            shape.tier,
        )
    base = weight_bytes(shape, quantization=recipe.base)
    found = adapter_parameters(shape, rank=recipe.rank, targets=recipe.targets)
    adapters = [
        ranging("adapters", found * 2, found * 4, found * 4, f"{found:,} adapter parameters x 4 B"),
        ranging("adapter gradients", found * 2, found * 4, found * 4, "the same again"),
        ranged("adapter optimizer states", f"state-{recipe.optimizer}", found, f"{recipe.optimizer}'s states for them"),
    ]
    return combine("weights", base, make_estimate("adapters", adapters, [], shape.tier))


def _states(counted: int, each: _PerParameter, recipe: _Recipe, *, in_backward: bool) -> list[Term]:
    gradients = _times(0 if in_backward else counted, each.gradients)
    masters = _times(counted, each.masters)
    states = ranged("optimizer states", f"state-{recipe.optimizer}", counted, f"{recipe.optimizer}'s states")
    if recipe.precision == "bf16" and recipe.optimizer == "adamw":
        states = states.scaled(low=0.5, high=1.0)  # PyTorch keeps the moments in the weights' own 16 bit
    return [
        ranging("gradients", *gradients, formula="one for each parameter"),
        ranging("32-bit weights", *masters, formula="a copy in 32 bit that the optimizer works on"),
        states,
    ]


def _times(counted: int, sizes: tuple[float, float, float]) -> tuple[float, float, float]:
    low, likely, high = sizes
    return counted * low, counted * likely, counted * high


def _with_fragmentation(whole: Estimate) -> Estimate:
    share = figure("fragmentation")
    held = ranging(
        "fragmentation",
        whole.low_bytes * share.low,
        whole.likely_bytes * share.likely,
        whole.high_bytes * share.high,
        "what the allocator holds besides",
    )
    return make_estimate(whole.what, [*whole.terms, held], whole.assumptions, whole.tier)


def _narrowed(whole: Estimate) -> Estimate:
    """Keep the band within its promise: first the corner goes where all terms are at their worst at once."""
    low, likely, high = whole.low_bytes, whole.likely_bytes, whole.high_bytes
    if high <= WIDEST_BAND * low:
        return whole
    most = min(high, max(WIDEST_BAND * low, LEAST_ROOM_ABOVE * likely))
    least = max(low, most / (WIDEST_BAND - 0.01))
    down = (likely - least) / max(likely - low, 1)
    up = (most - likely) / max(high - likely, 1)
    terms = [_closer(each, down, up) for each in whole.terms]
    words = f"the band is held to {WIDEST_BAND:g} times; unusual kernels and losses fall outside it"
    return make_estimate(whole.what, terms, [*whole.assumptions, words], whole.tier)


def _closer(term: Term, down: float, up: float) -> Term:
    likely = term.likely_bytes
    return Term(
        name=term.name,
        low_bytes=round(likely - (likely - term.low_bytes) * down),
        likely_bytes=likely,
        high_bytes=round(likely + (term.high_bytes - likely) * up),
        formula=term.formula,
    )
