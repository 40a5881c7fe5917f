"""What a model's weights take, stored one way or another."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from statistics import median

from workstation.catalog._sizing import Quantization, SizingFacts, load_sizing_facts
from workstation.errors import SizingError
from workstation.sizing._inputs import quantization as find_quantization
from workstation.sizing._library import shape as library_shape
from workstation.sizing._mixes import fitting, type_of
from workstation.sizing._peers import names_of, peers
from workstation.sizing._tensors import WORKED_OUT, Matrix, check_count, completed, matrices, matrix_parameters
from workstation.sizing.model import Estimate, ModelShape, Term, exactly, make_estimate, ranging

PARTS = {"token_embd": "token embedding", "output": "output head", "position_embd": "position embedding"}
LAYERS, REST = "layers", "norms and the rest"
MIX_SPREAD = 0.02  # tool versions and importance matrices move a mix by about so much
SIXTEEN_BIT = 16.0
NORMS_SHARE = 0.001
GUESSED_SPREAD = 0.05  # what fused or ungated layers could make of a width that was worked out
UNEXPLAINED = 0.01  # a parameter count this far off the shape's is said


def weight_bytes(shape: ModelShape, *, quantization: str | None = "Q4_K_M") -> Estimate:
    """Estimate what the weights take, on disk and in memory alike.

    The sum over all tensors of ``elements x bits of the tensor's type / 8``. A quantisation such as Q4_K_M is a mix:
    its rules give each tensor a type, so that its bits per weight differ from model to model. From a file's header the
    tensors are known; ``quantization=None`` takes them as they are stored. Llama 3.1 8B in Q4_K_M: 4.58 GiB, 4.89 bits
    each. Source: llama.cpp's quantiser, bitsandbytes, GPTQ and AWQ; the rules stand in the catalogue.

    Raises:
        SizingError: no such quantisation, or numbers that contradict each other.
    """
    if shape.tensors and (quantization is None or _is_as_stored(shape, quantization)):
        return _as_stored(shape)
    if quantization is None:
        raise SizingError("Only a shape read from a model file is stored in one way. Name a quantisation, as Q4_K_M.")
    return _worked_out(replace(shape, tensors=()) if shape.is_complete else shape, find_quantization(quantization).id)


@lru_cache(maxsize=4096)
def _worked_out(shape: ModelShape, quantization: str) -> Estimate:
    """Work a shape's weights out; kept, since deciding what fits asks for the same ones again and again."""
    asked = find_quantization(quantization)
    if not shape.is_complete:
        return _of_peers(shape, asked)
    full, borrowed = completed(shape)
    assumptions = [f"{asked.id}: {asked.about}", *([borrowed] if borrowed else [])]
    terms = _terms(full, asked, load_sizing_facts())
    if asked.older is not None:
        terms = _up_to_older(full, asked.older, terms, assumptions)
    return make_estimate("weights", _off(full, terms, assumptions), assumptions, "formula")


def bits_per_weight(shape: ModelShape, *, quantization: str) -> float:
    """Return the bits that one parameter takes on average: what people quote for a quantisation.

    >>> from workstation.sizing import shape
    >>> round(bits_per_weight(shape("llama-3.1-8b"), quantization="Q4_K_M"), 2)
    4.89
    """
    full, _ = completed(shape)
    size = weight_bytes(full, quantization=quantization).likely_bytes
    return size * 8 / (full.parameters or matrix_parameters(full))


def _is_as_stored(shape: ModelShape, quantization: str) -> bool:
    asked = find_quantization(quantization).id
    return shape.quantization is not None and shape.quantization.casefold() == asked.casefold()


def _up_to_older(shape: ModelShape, older: str, terms: list[Term], assumptions: list[str]) -> list[Term]:
    """Let the range reach to what files have that were made while the name meant another mix."""
    assumptions.append(f"{older}, which older files have under this name, is the upper end")
    before = sum(each.high_bytes for each in _terms(shape, find_quantization(older), load_sizing_facts()))
    now = sum(each.high_bytes for each in terms)
    return [each.scaled(low=1.0, high=max(1.0, before / max(now, 1))) for each in terms]


def _as_stored(shape: ModelShape) -> Estimate:
    sizes: dict[str, int] = defaultdict(int)
    for tensor in shape.tensors:
        sizes[tensor.type] += tensor.stored_bytes
    terms = [exactly(f"tensors in {name}", size, "read from the file's header") for name, size in sizes.items()]
    return make_estimate("weights", terms, [f"as stored in {shape.source or 'the file'}"], "exact")


def _terms(shape: ModelShape, asked: Quantization, facts: SizingFacts) -> list[Term]:
    if asked.kind == "nominal":
        size = (shape.parameters or matrix_parameters(shape)) * (asked.bits or 0) / 8
        return [exactly("all parameters", size, f"parameters x {asked.bits:g} bits")]
    bits: dict[str, float] = defaultdict(float)
    plain_bits: dict[str, float] = defaultdict(float)
    for matrix in matrices(shape):
        part = PARTS.get(matrix.kind, LAYERS)
        bits[part] += matrix.elements * _bits(matrix, shape, asked, facts)
        plain_bits[part] += matrix.elements * _least_bits(matrix, shape, asked, facts)
    spread = (GUESSED_SPREAD if shape.source == WORKED_OUT else MIX_SPREAD) if asked.kind == "mix" else 0.0
    terms = [_part(part, plain_bits[part], total, asked.id, spread) for part, total in bits.items()]
    average = sum(bits.values()) / max(matrix_parameters(shape), 1)
    return [*terms, _rest(shape, asked, facts, average)]


def _bits(matrix: Matrix, shape: ModelShape, asked: Quantization, facts: SizingFacts) -> float:
    if asked.kind == "mix":
        return type_of(matrix, shape, asked, facts.types).bits
    if asked.kind == "loader":
        in_layers = matrix.kind not in PARTS and matrix.kind != "router"
        return (asked.bits or 0) if in_layers else SIXTEEN_BIT
    return fitting(facts.types[asked.base or "F16"], matrix.row, facts.types).bits


def _least_bits(matrix: Matrix, shape: ModelShape, asked: Quantization, facts: SizingFacts) -> float:
    """Return what other versions of the tool give: experts without extra bits, a compressed head."""
    if asked.kind == "mix" and matrix.is_expert:
        return fitting(facts.types[asked.base or "F16"], matrix.row, facts.types).bits
    if asked.kind == "loader" and matrix.kind == "output":
        return asked.bits or 0
    return _bits(matrix, shape, asked, facts)


def _part(part: str, least: float, total: float, name: str, spread: float) -> Term:
    formula = f"elements x bits of their types ({name})"
    return ranging(part, least / 8 * (1 - spread), total / 8, total / 8 * (1 + spread), formula)


def _rest(shape: ModelShape, asked: Quantization, facts: SizingFacts, average_bits: float) -> Term:
    """Norms and biases stay in 32 bit, unless the whole file is in one floating-point type.

    A thousandth of the parameters can be norms and biases; what a rounded count leaves over counts like the rest.
    """
    full = matrix_parameters(shape)
    norms = (2 * (shape.layers or 0) + 1) * (shape.hidden_size or 0)
    left = max(0, shape.parameters - full) if shape.parameters is not None else norms
    base = facts.types[asked.base] if asked.base is not None else facts.types["F16"]
    bits = base.bits if asked.kind != "mix" and base.block == 1 else facts.types["F32"].bits
    small = min(left, NORMS_SHARE * full)
    return exactly(REST, (small * bits + (left - small) * average_bits) / 8, f"outside matrices, in {bits:g} bits")


def _off(shape: ModelShape, terms: list[Term], assumptions: list[str]) -> list[Term]:
    """Say and allow for a parameter count that the shape does not explain."""
    off = check_count(shape)
    if abs(off) <= UNEXPLAINED:
        return terms
    assumptions.append(f"the parameter count is {off:+.1%} off the other numbers: it is rounded, or parts are missing")
    return [each.scaled(low=1 + min(off, 0), high=1 + max(off, 0)) for each in terms]


def _of_peers(shape: ModelShape, asked: Quantization) -> Estimate:
    count = shape.parameters or 0
    alike = peers(count)
    bits = sorted(_known_bits(each.id, asked.id) for each in alike)
    term = ranging(
        "all parameters",
        count * bits[0] / 8,
        count * median(bits) / 8,
        count * bits[-1] / 8,
        f"parameters x {bits[0]:.2f} to {bits[-1]:.2f} bits",
    )
    words = [
        f"{asked.id}: {asked.about}",
        f"{', '.join(shape.missing)} are unknown: bits per weight are taken from {names_of(alike)}",
    ]
    return make_estimate("weights", [term], words, "band")


@lru_cache(maxsize=8192)
def _known_bits(model: str, quantization: str) -> float:
    return bits_per_weight(library_shape(model), quantization=quantization)


def stored_types(shape: ModelShape, *, quantization: str) -> Mapping[str, str]:
    """Tell which type each kind of matrix gets in the first layer: what a mix means for this model."""
    full, _ = completed(shape)
    asked, facts = find_quantization(quantization), load_sizing_facts()
    if asked.kind != "mix":
        return {}
    firsts = [matrix for matrix in matrices(full) if matrix.layer == 0]
    return {matrix.kind: type_of(matrix, full, asked, facts.types).id for matrix in firsts}
