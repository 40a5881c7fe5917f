"""Make a shape of what a GGUF header says."""

from typing import Any

from workstation.catalog._sizing import load_sizing_facts
from workstation.errors import SizingError
from workstation.sizing._gguf import Header, file_type_name
from workstation.sizing._inputs import lookup
from workstation.sizing.model import ModelShape

EMBEDDING, OUTPUT = "token_embd.weight", "output.weight"
GATE_PARTS = (".ffn_gate.", ".ffn_gate_exps.")

KEYS = {
    "layers": "block_count",
    "hidden_size": "embedding_length",
    "ffn_size": "feed_forward_length",
    "context_limit": "context_length",
    "experts": "expert_count",
    "experts_used": "expert_used_count",
    "expert_ffn_size": "expert_feed_forward_length",
    "shared_ffn_size": "expert_shared_feed_forward_length",
    "dense_layers": "leading_dense_block_count",
}


def shape_of(header: Header) -> ModelShape:
    """Return the shape; the tensors are exact, and numbers that the header leaves out are unknown.

    Raises:
        SizingError: the header says nothing of a model, or contradicts itself.
    """
    arch = header.fields.get("general.architecture")
    if not isinstance(arch, str) or not header.tensors:
        raise SizingError(f"{header.name} describes no model: it has no architecture or no tensors.")
    numbers: dict[str, Any] = {field: _number(header, arch, key) for field, key in KEYS.items()}
    return ModelShape(
        **numbers,
        **_attention(header, arch, numbers["hidden_size"]),
        **_windows(header, arch, numbers["layers"]),
        parameters=sum(each.elements for each in header.tensors),
        vocabulary=_vocabulary(header, arch),
        name=_name(header),
        architecture=_architecture(arch),
        tied_embeddings=OUTPUT not in header.shapes,
        gated_ffn=any(part in name for name in header.shapes for part in GATE_PARTS) or _fused_gate(header, arch),
        fused_qkv=any(".attn_qkv." in name for name in header.shapes),
        quantization=_quantization(header),
        tensors=header.tensors,
        source=f"{header.name} ({header.note})" if header.note else header.name,
    )


def _attention(header: Header, arch: str, width: int | None) -> dict[str, Any]:
    heads, kv_heads = _number(header, arch, "attention.head_count"), _number(header, arch, "attention.head_count_kv")
    ranks = _latent(header, arch)
    return {
        "attention_heads": heads,
        "kv_heads": heads if kv_heads is None or ranks else kv_heads,
        "head_dim": _head_dim(header, arch, width, heads),
        **ranks,
    }


def _number(header: Header, arch: str, key: str) -> int | None:
    """Return a number of the architecture's; of a list with one for each layer, the largest."""
    value = header.fields.get(f"{arch}.{key}")
    if isinstance(value, tuple):
        value = max((each for each in value if isinstance(each, int)), default=None)
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None


def _head_dim(header: Header, arch: str, width: int | None, heads: int | None) -> int | None:
    stated = _number(header, arch, "attention.key_length_mla") or _number(header, arch, "attention.key_length")
    if stated:
        return stated
    return width // heads if width and heads and width % heads == 0 else None


def _vocabulary(header: Header, arch: str) -> int | None:
    dims = header.shapes.get(EMBEDDING, ())
    if len(dims) == 2 and dims[1] > 0:  # noqa: PLR2004 - a matrix
        return dims[1]
    return _number(header, arch, "vocab_size") or header.lengths.get("tokenizer.ggml.tokens")


def _name(header: Header) -> str:
    told = header.fields.get("general.name")
    clean = "".join(letter for letter in told[:80] if letter.isprintable()) if isinstance(told, str) else ""
    return clean.strip() or header.name


def _architecture(arch: str) -> str:
    return "falcon" if arch == "falcon" else "llama-like"


def _fused_gate(header: Header, arch: str) -> bool:
    """Tell a gate that is kept in one matrix with what it gates, as Phi-3 does: twice as wide as the layer."""
    dims = header.shapes.get("blk.0.ffn_up.weight", ())
    inner = _number(header, arch, "feed_forward_length")
    return len(dims) == 2 and inner is not None and dims[1] == 2 * inner  # noqa: PLR2004 - a matrix


def _quantization(header: Header) -> str | None:
    number = header.fields.get("general.file_type")
    name = file_type_name(number) if isinstance(number, int) and not isinstance(number, bool) else None
    if name is None:
        return None
    try:
        found: str = lookup("quantisation", name, load_sizing_facts().quantizations).id
    except SizingError:
        return name
    return found


def _latent(header: Header, arch: str) -> dict[str, Any]:
    rank = _number(header, arch, "attention.kv_lora_rank")
    if rank is None:
        return {}
    return {
        "kv_lora_rank": rank,
        "q_lora_rank": _number(header, arch, "attention.q_lora_rank"),
        "rope_head_dim": _number(header, arch, "rope.dimension_count"),
        "value_head_dim": _number(header, arch, "attention.value_length_mla")
        or _number(header, arch, "attention.value_length"),
    }


def _windows(header: Header, arch: str, layers: int | None) -> dict[str, Any]:
    """Return which layers look back how far, where the header or the family says so."""
    found: dict[str, Any] = {}
    kv = header.fields.get(f"{arch}.attention.head_count_kv")
    if isinstance(kv, tuple) and layers and len(kv) == layers and 0 in kv:
        found["attention_layers"] = sum(each != 0 for each in kv) or None
    window = _number(header, arch, "attention.sliding_window")
    if window is None or layers is None:
        return found
    pattern = header.fields.get(f"{arch}.attention.sliding_window_pattern")
    if isinstance(pattern, tuple):
        sliding = sum(bool(each) for each in pattern[:layers])
    else:
        sliding = sliding_layers(arch, layers, pattern if isinstance(pattern, int) else None)
    return {**found, "sliding_window": window, "sliding_layers": sliding} if sliding else found


def sliding_layers(family: str, layers: int, every: int | None) -> int:
    """Return how many layers slide when every n-th one sees all: all of them where nothing says otherwise."""
    families = load_sizing_facts().families.values()
    known = next((each for each in families if family in {each.id, *each.aliases}), None)
    period = every or (known.every if known else None) or 0
    return layers - layers // period if period > 1 else layers
