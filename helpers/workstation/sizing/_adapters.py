"""LoRA adapters: two thin matrices beside each one that they steer."""

from workstation.sizing._library import shape as library_shape
from workstation.sizing._peers import standin
from workstation.sizing._tensors import Matrix, completed, matrices
from workstation.sizing.model import ModelShape

_ATTENTION = frozenset({"attn_q", "attn_k", "attn_v", "attn_output", "attn_latent", "attn_kv_b", "attn_qkv"})
STEERED = {
    "qv": frozenset({"attn_q", "attn_v", "attn_qkv"}),
    "attention": _ATTENTION,
    "all-linear": _ATTENTION | {"ffn_gate", "ffn_up", "ffn_down"},
}


def adapter_parameters(shape: ModelShape, *, rank: int, targets: str = "qv") -> int:
    """Count the parameters of LoRA adapters: ``rank x (in + out)`` for each matrix that they steer.

    Llama 2 7B, rank 8 on queries and values: 32 x 2 x 8 x (4096 + 4096) = 4,194,304, as litgpt prints.
    Source: arXiv 2106.09685.
    """
    like = shape if shape.is_complete else library_shape(standin(shape).id)
    full, _ = completed(like)
    found = sum(_of(matrix, full, rank) for matrix in matrices(full) if matrix.kind in STEERED[targets])
    return found if shape.is_complete else round(found * (shape.parameters or 0) / max(like.parameters or 1, 1))


def _of(matrix: Matrix, shape: ModelShape, rank: int) -> int:
    copies = (shape.experts or 1) if matrix.is_expert else 1
    columns = matrix.elements // (matrix.row * copies)
    return copies * rank * (matrix.row + columns)
