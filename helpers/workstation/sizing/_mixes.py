"""Which type a mix gives each matrix: llama.cpp's rules, one page of them.

What differs from mix to mix stands in the catalogue's `quantizations.toml`; here is what holds for all. Source:
llama_tensor_get_type_impl and tensor_type_fallback in llama.cpp's src/llama-quant.cpp.
"""

from collections.abc import Callable, Mapping

from workstation.catalog._sizing import MixRule, Quantization, StorageType
from workstation.sizing._tensors import Matrix
from workstation.sizing.model import ModelShape

GROUPED = 4  # query heads to a KV head
EIGHT_EXPERTS, FEW_EXPERTS = 8, 4
LAYERS_OF_70B = 80
NEVER_QUANTIZED = frozenset({"router", "position_embd"})
FIVE_BIT_OUTPUT_WITH_EXPERTS = ("Q2_K", "Q3_K_S", "Q3_K_M", "Q4_K_S", "Q4_K_M", "IQ")  # by how their names begin
VERY_SMALL = ("IQ1", "IQ2")
Types = Mapping[str, StorageType]


def type_of(matrix: Matrix, shape: ModelShape, mix: Quantization, types: Types) -> StorageType:
    """Return the type that *mix* gives *matrix*, after the fallback for rows that no block divides."""
    if matrix.kind in NEVER_QUANTIZED:
        return types["F32"]
    return _fitting(types[_wanted(matrix, shape, mix, types)], matrix.row, types)


def fitting(wanted: StorageType, row: int, types: Types) -> StorageType:
    """Return *wanted*, or what a row of that length is stored in instead."""
    return _fitting(wanted, row, types)


def _wanted(matrix: Matrix, shape: ModelShape, mix: Quantization, types: Types) -> str:
    base = mix.base or "F16"
    if matrix.kind == "output" or (matrix.kind == "token_embd" and shape.tied_embeddings):
        odd_row = matrix.row % types[base].block != 0
        return "Q8_0" if _is_falcon(shape) or odd_row else mix.output or base
    if matrix.kind == "token_embd":
        return mix.token_embedding or base
    by_rule = next((rule.type for rule in mix.rules if _applies(rule, matrix, shape)), base)
    return _special(matrix, shape, mix, by_rule)


def _special(matrix: Matrix, shape: ModelShape, mix: Quantization, wanted: str) -> str:
    """Apply what llama.cpp does for 70B models and for eight experts, whatever the mix."""
    small, eight = mix.id.startswith(VERY_SMALL), shape.experts == EIGHT_EXPERTS
    if matrix.kind == "attn_v":
        if small and (shape.experts or 0) >= FEW_EXPERTS:
            return "Q4_K"
        if eight and not small:
            return "Q8_0"
        is_70b = shape.layers == LAYERS_OF_70B and shape.kv_heads != shape.attention_heads
        return "Q5_K" if is_70b and wanted in {"Q3_K", "Q4_K"} else wanted
    if eight and matrix.kind == "attn_k":
        return "Q4_K" if small else "Q8_0"
    if eight and matrix.kind == "attn_output" and mix.id.startswith(FIVE_BIT_OUTPUT_WITH_EXPERTS):
        return "Q5_K"
    return wanted


def _is_falcon(shape: ModelShape) -> bool:
    return shape.architecture == "falcon"


def _applies(rule: MixRule, matrix: Matrix, shape: ModelShape) -> bool:
    if rule.tensor != matrix.kind or (rule.architecture is not None and rule.architecture != shape.architecture):
        return False
    return _WHERE[rule.where](matrix, shape)


def uses_more_bits(layer: int, layers: int) -> bool:
    """Tell whether llama.cpp gives this layer more bits: the first and last eighth, and every third between.

    >>> [layer for layer in range(16) if uses_more_bits(layer, 16)]
    [0, 1, 4, 7, 10, 13, 14, 15]
    """
    eighth = layers // 8
    return layer < eighth or layer >= 7 * layers // 8 or (layer - eighth) % 3 == 2  # noqa: PLR2004 - llama.cpp's own


def _layers(shape: ModelShape) -> int:
    return shape.layers or 0


_WHERE: Mapping[str, Callable[[Matrix, ModelShape], bool]] = {
    "all": lambda _matrix, _shape: True,
    "more": lambda matrix, shape: uses_more_bits(matrix.layer, _layers(shape)),
    "eighth": lambda matrix, shape: matrix.layer < _layers(shape) // 8,
    "sixteenth": lambda matrix, shape: matrix.layer < _layers(shape) // 16,
    "first2": lambda matrix, _shape: matrix.layer < 2,  # noqa: PLR2004 - what the name says
    "first4": lambda matrix, _shape: matrix.layer < 4,  # noqa: PLR2004 - what the name says
    "grouped": lambda _matrix, shape: (shape.attention_heads or 0) >= GROUPED * (shape.kv_heads or 1),
    "middle": lambda matrix, shape: _layers(shape) // 8 <= matrix.layer < 7 * _layers(shape) // 8,
    "dense": lambda matrix, _shape: not matrix.is_expert,
}


def _fitting(wanted: StorageType, row: int, types: Types) -> StorageType:
    if row % wanted.block == 0:
        return wanted
    instead = types[wanted.fallback or "F16"]
    return instead if row % instead.block == 0 else types["F16"]
