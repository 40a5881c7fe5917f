"""Make a shape of a config.json, whatever its family calls things."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from workstation.catalog._sizing import load_sizing_facts
from workstation.errors import SizingError
from workstation.sizing._gguf_shape import sliding_layers
from workstation.sizing._inputs import shown
from workstation.sizing.model import ModelShape

MOST_BYTES = 4 * 1024**2
# What one number is called in different families.
NAMES: Mapping[str, tuple[str, ...]] = {
    "layers": ("num_hidden_layers", "n_layer", "n_layers", "num_layers"),
    "hidden_size": ("hidden_size", "n_embd", "d_model", "dim"),
    "attention_heads": ("num_attention_heads", "n_head", "n_heads", "num_heads"),
    "kv_heads": ("num_key_value_heads", "n_head_kv", "num_kv_heads", "n_kv_heads", "multi_query_group_num"),
    "head_dim": ("head_dim", "attention_head_dim", "kv_channels"),
    "vocabulary": ("vocab_size", "padded_vocab_size"),
    "ffn_size": ("intermediate_size", "n_inner", "ffn_dim", "ffn_hidden_size", "d_ff"),
    "context_limit": ("max_position_embeddings", "n_positions", "seq_length", "n_ctx"),
    "experts": ("num_local_experts", "num_experts", "n_routed_experts", "moe_num_experts"),
    "experts_used": ("num_experts_per_tok", "num_experts_per_token", "moe_top_k", "experts_per_token"),
    "expert_ffn_size": ("moe_intermediate_size", "expert_intermediate_size"),
    "dense_layers": ("first_k_dense_replace",),
    "kv_lora_rank": ("kv_lora_rank",),
    "q_lora_rank": ("q_lora_rank",),
    "rope_head_dim": ("qk_rope_head_dim",),
    "value_head_dim": ("v_head_dim",),
}
WANTED = ("layers", "hidden_size", "attention_heads", "vocabulary")
NO_CACHE = frozenset({"linear_attention", "mamba", "recurrent", "conv", "linear"})


def read_config(path: Path) -> ModelShape:
    """Read a config.json; a multimodal one by its text part.

    Raises:
        SizingError: no JSON object, a number that is missing or is none, or numbers that contradict each other.
    """
    with path.open("rb") as stream:
        data = stream.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise SizingError(f"{path.name} is larger than 4 MiB; a config.json has a few KiB.")
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        raise SizingError(f"{path.name} is not valid JSON; it may be cut off. Download it again.") from None
    if not isinstance(document, dict):
        raise SizingError(f"{path.name} holds no named fields. Give a model's config.json.")
    return shape_of_config(document, path.name)


def shape_of_config(document: Mapping[str, Any], name: str) -> ModelShape:
    """Make a shape of a config's fields.

    Raises:
        SizingError: a number is missing, is none, or contradicts another.
    """
    inner = document.get("text_config") or document.get("llm_config")
    config = {**document, **inner} if isinstance(inner, dict) else dict(document)
    family = config.get("model_type") if isinstance(config.get("model_type"), str) else ""
    found: dict[str, Any] = {field: _number(config, field, name) for field in NAMES}
    missing = [NAMES[field][0] for field in WANTED if found[field] is None]
    if missing:
        raise SizingError(f"{name} lacks {', '.join(missing)}. Give the config.json of a language model.")
    if config.get("is_encoder_decoder") is True:
        raise SizingError(
            f"{name} is of an encoder with a decoder, which the formulas do not know. "
            "Give the number of its parameters instead, such as 3B."
        )
    found |= _heads(config, found, str(family), name)
    return ModelShape(
        **found,
        **_switches(config, found, str(family)),
        **_windows(config, found, str(family)),
        name=_name(document, name),
        source=name,
    )


def _number(config: Mapping[str, Any], field: str, name: str) -> int | None:
    for key in NAMES[field]:
        value = config.get(key)
        if value is None:
            continue
        if isinstance(value, bool) or not isinstance(value, int) or value < int(field != "dense_layers"):
            raise SizingError(f"{name}: {key} must be a whole number above 0, found {shown(value)}.")
        return value
    return None


def _heads(config: Mapping[str, Any], found: Mapping[str, int | None], family: str, name: str) -> dict[str, int | None]:
    width, heads = found["hidden_size"] or 0, found["attention_heads"] or 1
    rope, plain = found["rope_head_dim"], config.get("qk_nope_head_dim")
    if found["kv_lora_rank"] and rope and isinstance(plain, int) and plain > 0:
        return {"head_dim": rope + plain, "kv_heads": heads, "ffn_size": found["ffn_size"] or 4 * width}
    size = found["head_dim"]
    if size is None and width % heads:
        raise SizingError(
            f"{name}: {heads} heads do not divide a hidden_size of {width}, and there is no head_dim. "
            "One of the three must be wrong."
        )
    return {"head_dim": size or width // heads, "kv_heads": _kv_heads(config, found, family), "ffn_size": _ffn(found)}


def _kv_heads(config: Mapping[str, Any], found: Mapping[str, int | None], family: str) -> int | None:
    new_falcon = family == "falcon" and config.get("new_decoder_architecture") is True
    if config.get("multi_query") is True and not new_falcon:
        grouped = config.get("multi_query_group_num")
        return grouped if isinstance(grouped, int) else 1
    return found["kv_heads"] or found["attention_heads"]


def _ffn(found: Mapping[str, int | None]) -> int | None:
    return found["ffn_size"] or 4 * (found["hidden_size"] or 0)


def _switches(config: Mapping[str, Any], found: Mapping[str, int | None], family: str) -> dict[str, Any]:
    known = load_sizing_facts().families.get(family)
    tied = config.get("tie_word_embeddings")
    shared, each = config.get("n_shared_experts"), found["expert_ffn_size"]
    one_shared = config.get("shared_expert_intermediate_size")
    together = shared * each if isinstance(shared, int) and each else None
    return {
        "tied_embeddings": tied if isinstance(tied, bool) else bool(known and known.tied),
        "gated_ffn": known is None or known.gated,
        "fused_qkv": bool(known and known.fused),
        "architecture": "falcon" if family == "falcon" else "llama-like",
        "role": known.role if known else "decoder",
        "positions": found["context_limit"] if known and known.learned_positions else None,
        "shared_ffn_size": (one_shared if isinstance(one_shared, int) else together) or None,
    }


def _windows(config: Mapping[str, Any], found: Mapping[str, int | None], family: str) -> dict[str, Any]:
    layers = found["layers"] or 0
    kinds = config.get("layer_types")
    kinds = [str(kind) for kind in kinds[:layers]] if isinstance(kinds, list) else []
    if kinds and len(kinds) < layers:
        raise SizingError(f"layer_types names {len(kinds)} layers of {layers}. One of the two must be wrong.")
    without = sum(kind in NO_CACHE for kind in kinds)
    result: dict[str, Any] = {"attention_layers": layers - without} if 0 < without < layers else {}
    window = config.get("sliding_window")
    if (
        isinstance(window, bool)
        or not isinstance(window, int)
        or window < 1
        or config.get("use_sliding_window") is False
    ):
        return result
    every = config.get("sliding_window_pattern")
    sliding = (
        sum(kind == "sliding_attention" for kind in kinds)
        if kinds
        else sliding_layers(family, layers, every if isinstance(every, int) else None)
    )
    return {**result, "sliding_window": window, "sliding_layers": sliding} if sliding else result


def _name(document: Mapping[str, Any], name: str) -> str:
    told = document.get("_name_or_path")
    clean = "".join(letter for letter in told[-80:] if letter.isprintable()) if isinstance(told, str) else ""
    return clean.rpartition("/")[2].strip() or name
