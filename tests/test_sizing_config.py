"""Shapes from safetensors and from config.json: many families, and what is missing or contradicts itself."""

import json
import struct

import numpy as np
import pytest
from safetensors.numpy import save_file

from workstation.sizing import SizingError, kv_cache_bytes, shape, shape_from_file, weight_bytes

LLAMA_CONFIG = {
    "model_type": "llama", "num_hidden_layers": 32, "hidden_size": 4096, "num_attention_heads": 32,
    "num_key_value_heads": 8, "intermediate_size": 14_336, "vocab_size": 128_256, "max_position_embeddings": 131_072,
    "tie_word_embeddings": False,
}  # fmt: skip


def write_safetensors(path, dtype=np.float16):
    save_file({"model.embed_tokens.weight": np.zeros((64, 8), dtype), "lm_head.weight": np.zeros((64, 8), dtype)}, path)
    return path


def test_safetensors_give_exact_sizes_and_a_config_beside_them_the_architecture(tmp_path):
    path = write_safetensors(tmp_path / "model.safetensors")
    alone = shape_from_file(path)
    (tmp_path / "config.json").write_text(json.dumps(LLAMA_CONFIG), encoding="utf-8")
    both = shape_from_file(tmp_path)

    assert (alone.parameters, alone.quantization, alone.is_complete) == (1024, "F16", False)
    assert weight_bytes(alone, quantization=None).likely_bytes == 2048
    assert weight_bytes(alone, quantization="F16").tier == "exact"
    assert (both.layers, both.parameters, both.tier) == (32, 1024, "exact")


def test_shards_are_added_up_by_their_index(tmp_path):
    for n in (1, 2):
        save_file({f"part{n}": np.zeros((10,), np.float32)}, tmp_path / f"model-{n}.safetensors")
    index = tmp_path / "model.safetensors.index.json"
    index.write_text(json.dumps({"weight_map": {"a": "model-1.safetensors", "b": "model-2.safetensors"}}), "utf-8")

    assert shape_from_file(index).parameters == 20
    index.write_text(json.dumps({"weight_map": {"a": "model-3.safetensors"}}), "utf-8")
    with pytest.raises(SizingError, match=r"model-3\.safetensors is missing"):
        shape_from_file(index)


@pytest.mark.parametrize(
    "content", [b"", b"{}", struct.pack("<Q", 2**62) + b"{", struct.pack("<Q", 10) + b"{not json}", b"PK\x03\x04" * 9]
)
def test_damaged_safetensors_are_a_sentence(tmp_path, content):
    path = tmp_path / "model.safetensors"
    path.write_bytes(content)

    with pytest.raises(SizingError, match=r"model\.safetensors"):
        shape_from_file(path)


@pytest.mark.parametrize(
    "content", ["[]", "{", '{"weight_map": 3}', '{"weight_map": {}}', '{"weight_map": {"a": "../x.safetensors"}}']
)
def test_an_index_that_is_none_or_leads_elsewhere_is_refused(tmp_path, content):
    path = tmp_path / "model.safetensors.index.json"
    path.write_text(content, encoding="utf-8")

    with pytest.raises(SizingError, match="folder that holds the model"):
        shape_from_file(path)


def config(tmp_path, **changes):
    document = {key: value for key, value in {**LLAMA_CONFIG, **changes}.items() if value is not ...}
    path = tmp_path / "config.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def test_a_config_gives_the_shape_of_the_library(tmp_path):
    found, known = shape_from_file(config(tmp_path)), shape("llama-3.1-8b")

    assert weight_bytes(found).likely_bytes == weight_bytes(known).likely_bytes
    assert kv_cache_bytes(found) == kv_cache_bytes(known)
    assert weight_bytes(found).tier == "formula"


FAMILIES = {
    "gemma-2-9b": {
        "model_type": "gemma2", "num_hidden_layers": 42, "hidden_size": 3584, "num_attention_heads": 16,
        "num_key_value_heads": 8, "head_dim": 256, "intermediate_size": 14_336, "vocab_size": 256_000,
        "sliding_window": 4096, "max_position_embeddings": 8192,
    },
    "gemma-3-27b": {
        "model_type": "gemma3", "text_config": {
            "model_type": "gemma3_text", "num_hidden_layers": 62, "hidden_size": 5376, "num_attention_heads": 32,
            "num_key_value_heads": 16, "head_dim": 128, "intermediate_size": 21_504, "vocab_size": 262_208,
            "sliding_window": 1024, "sliding_window_pattern": 6, "max_position_embeddings": 131_072,
        },
    },
    "qwen2.5-7b": {
        "model_type": "qwen2", "num_hidden_layers": 28, "hidden_size": 3584, "num_attention_heads": 28,
        "num_key_value_heads": 4, "intermediate_size": 18_944, "vocab_size": 152_064, "sliding_window": 131_072,
        "use_sliding_window": False, "tie_word_embeddings": False,
    },
    "qwen3-30b-a3b": {
        "model_type": "qwen3_moe", "num_hidden_layers": 48, "hidden_size": 2048, "num_attention_heads": 32,
        "num_key_value_heads": 4, "head_dim": 128, "intermediate_size": 6144, "moe_intermediate_size": 768,
        "num_experts": 128, "num_experts_per_tok": 8, "vocab_size": 151_936, "tie_word_embeddings": False,
    },
    "deepseek-v3": {
        "model_type": "deepseek_v3", "num_hidden_layers": 61, "hidden_size": 7168, "num_attention_heads": 128,
        "num_key_value_heads": 128, "intermediate_size": 18_432, "moe_intermediate_size": 2048,
        "n_routed_experts": 256, "n_shared_experts": 1, "num_experts_per_tok": 8, "first_k_dense_replace": 3,
        "kv_lora_rank": 512, "q_lora_rank": 1536, "qk_rope_head_dim": 64, "qk_nope_head_dim": 128, "v_head_dim": 128,
        "vocab_size": 129_280, "tie_word_embeddings": False,
    },
    "falcon-40b": {
        "model_type": "falcon", "num_hidden_layers": 60, "hidden_size": 8192, "num_attention_heads": 128,
        "num_kv_heads": 8, "new_decoder_architecture": True, "multi_query": True, "vocab_size": 65_024,
    },
    "falcon-7b": {
        "model_type": "falcon", "num_hidden_layers": 32, "hidden_size": 4544, "num_attention_heads": 71,
        "multi_query": True, "vocab_size": 65_024,
    },
    "gpt2": {
        "model_type": "gpt2", "n_layer": 12, "n_embd": 768, "n_head": 12, "vocab_size": 50_257, "n_positions": 1024,
    },
    "phi-3-mini": {
        "model_type": "phi3", "num_hidden_layers": 32, "hidden_size": 3072, "num_attention_heads": 32,
        "num_key_value_heads": 32, "intermediate_size": 8192, "vocab_size": 32_064, "tie_word_embeddings": False,
    },
    "gpt-oss-20b": {
        "model_type": "gpt_oss", "num_hidden_layers": 24, "hidden_size": 2880, "num_attention_heads": 64,
        "num_key_value_heads": 8, "head_dim": 64, "intermediate_size": 2880, "num_local_experts": 32,
        "experts_per_token": 4, "vocab_size": 201_088, "sliding_window": 128, "tie_word_embeddings": False,
        "layer_types": ["sliding_attention", "full_attention"] * 12,
    },
}  # fmt: skip


@pytest.mark.parametrize("name", FAMILIES)
def test_configs_of_many_families_are_understood(tmp_path, name):
    """Nested, with other names for the same thing, sliding, with experts, with latent attention."""
    path = tmp_path / "config.json"
    path.write_text(json.dumps(FAMILIES[name]), encoding="utf-8")
    found, known = shape_from_file(path), shape(name)

    for quantization in ("F16", "Q4_K_M"):
        ours = weight_bytes(found, quantization=quantization).likely_bytes
        assert ours == pytest.approx(weight_bytes(known, quantization=quantization).likely_bytes, rel=0.005)
    for tokens in (512, 8192):
        ours = kv_cache_bytes(found, context_tokens=tokens).likely_bytes
        assert ours == kv_cache_bytes(known, context_tokens=tokens).likely_bytes


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"num_hidden_layers": ...}, "lacks num_hidden_layers"),
        ({"vocab_size": ..., "hidden_size": ...}, "lacks hidden_size, vocab_size"),
        ({"num_hidden_layers": -3}, "above 0, found -3"),
        ({"num_hidden_layers": "32"}, "found '32'"),
        ({"hidden_size": 4096.5}, "found 4096.5"),
        ({"num_hidden_layers": True}, "found True"),
        ({"num_hidden_layers": 10**9}, "must lie between"),
        ({"num_key_value_heads": 5}, "cannot serve"),
        ({"num_key_value_heads": 64}, "cannot serve"),
        ({"num_attention_heads": 33, "num_key_value_heads": 33}, "do not divide"),
    ],
)
def test_a_config_with_missing_or_contradictory_fields_is_a_sentence(tmp_path, changes, words):
    with pytest.raises(SizingError, match=words):
        shape_from_file(config(tmp_path, **changes))


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b"\xff\xfe", b'{"a": ' * 100_000, b" " * 5_000_000])
def test_a_config_that_is_none_is_a_sentence(tmp_path, content):
    path = tmp_path / "config.json"
    path.write_bytes(content)

    with pytest.raises(SizingError, match=r"config\.json"):
        shape_from_file(path)


def test_a_place_without_a_model_is_a_sentence(tmp_path):
    with pytest.raises(SizingError, match="no file"):
        shape_from_file(tmp_path / "nothing.gguf")
    with pytest.raises(SizingError, match=r"holds no \.safetensors"):
        shape_from_file(tmp_path)
