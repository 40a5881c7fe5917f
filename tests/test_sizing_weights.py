"""The shape library, and which type a mix gives each tensor."""

import dataclasses

import pytest

from workstation.catalog._sizing import load_sizing_facts
from workstation.sizing import (
    ModelShape,
    _tensors,
    bits_per_weight,
    known_models,
    parameter_count,
    shape,
    stored_types,
    weight_bytes,
)
from workstation.sizing._tensors import completed, matrix_parameters

LLAMA = {
    "parameters": 8_030_261_248,
    "layers": 32,
    "hidden_size": 4096,
    "attention_heads": 32,
    "kv_heads": 8,
    "head_dim": 128,
    "vocabulary": 128_256,
}


@pytest.mark.parametrize("name", known_models())
def test_the_numbers_of_a_library_model_give_its_parameters(name):
    """A number that was remembered wrong would not add up to the published count."""
    model = shape(name)
    left = model.parameters / matrix_parameters(model) - 1

    assert 0 <= left < (0.009 if model.role == "encoder" else 0.001)
    assert parameter_count(dataclasses.replace(model, parameters=None)) == pytest.approx(model.parameters, rel=0.009)


def test_the_library_names_a_source_for_each_model():
    known = load_sizing_facts().shapes.values()

    assert len(known) >= 25
    assert all(each.source.startswith("config.json of ") for each in known)
    assert {each.id for each in known if each.seen} >= {"llama-3.1-8b", "llama-3.1-70b", "qwen2.5-7b", "pythia-2.8b"}


# Published sizes that are not among the rows: what files of that name weigh, from knowledge of their listings.
LISTED = [
    ("phi-3-mini", "Q4_K_M", 2.39e9),
    ("gemma-2-9b", "Q4_K_M", 5.76e9),
    ("gemma-2-27b", "Q4_K_M", 16.65e9),
    ("qwen2.5-14b", "Q4_K_M", 8.99e9),
    ("qwen2.5-32b", "Q4_K_M", 19.85e9),
    ("qwen2.5-0.5b", "Q4_K_M", 0.398e9),
    ("mistral-7b", "Q5_K_M", 5.13e9),
    ("mistral-7b", "Q6_K", 5.94e9),
    ("mistral-7b", "Q3_K_S", 3.16e9),
    ("mistral-7b", "Q3_K_L", 3.82e9),
    ("llama-2-70b", "Q4_K_M", 41.42e9),
    ("llama-2-13b", "Q5_K_S", 8.97e9),
    ("mixtral-8x7b", "Q8_0", 49.62e9),
    ("gpt-oss-20b", "MXFP4", 12.11e9),
    ("command-r-v01", "Q4_K_M", 21.5e9),
    ("llama-3.2-3b", "Q4_K_M", 2.02e9),
]


@pytest.mark.parametrize(("name", "quantization", "size"), LISTED)
def test_other_files_weigh_what_is_listed(name, quantization, size):
    """Fallback rows (0.5B), tied embeddings (Gemma), fused matrices (Phi-3), 70B and experts."""
    assert weight_bytes(shape(name), quantization=quantization).likely_bytes == pytest.approx(size, rel=0.03)


def test_a_mix_gives_tensors_their_types():
    assert stored_types(shape("llama-3.1-8b"), quantization="Q4_K_M") == {
        "token_embd": "Q4_K", "output": "Q6_K", "attn_q": "Q4_K", "attn_k": "Q4_K", "attn_v": "Q6_K",
        "attn_output": "Q4_K", "ffn_gate": "Q4_K", "ffn_up": "Q4_K", "ffn_down": "Q6_K",
    }  # fmt: skip
    assert stored_types(shape("qwen2.5-72b"), quantization="Q4_K_M")["ffn_down"] == "Q8_0", (
        "29568 is no multiple of 256"
    )
    assert stored_types(shape("llama-3.1-70b"), quantization="Q3_K_S")["attn_v"] == "Q5_K"
    assert stored_types(shape("mixtral-8x7b"), quantization="Q4_K_M")["attn_k"] == "Q8_0"
    assert stored_types(shape("gemma-2-9b"), quantization="Q4_K_M").get("token_embd") == "Q6_K"
    assert stored_types(shape("falcon-40b"), quantization="Q4_K_M")["output"] == "Q8_0"
    assert stored_types(shape("llama-3.1-8b"), quantization="nf4") == {}


def test_bits_per_weight_differ_from_model_to_model():
    assert bits_per_weight(shape("qwen2.5-72b"), quantization="Q4_K_M") == pytest.approx(5.22, abs=0.01)
    assert bits_per_weight(shape("llama-3.1-70b"), quantization="Q4_K_M") == pytest.approx(4.82, abs=0.01)


def test_the_feed_forward_width_follows_from_the_parameters(monkeypatch):
    """For a model that the library does not have."""
    monkeypatch.setattr(_tensors, "known_as", lambda _shape: None)
    for name in ("llama-3.1-8b", "qwen2.5-7b", "gemma-2-9b", "mistral-small-24b", "llama-3.2-3b", "falcon-40b"):
        model = shape(name)
        bare = ModelShape(**{field: getattr(model, field) for field in LLAMA})
        full, note = completed(bare)
        assert (full.ffn_size, full.tied_embeddings) == (model.ffn_size, model.tied_embeddings), name
        assert "worked out" in note


def test_the_types_are_those_of_the_gguf_library():
    """Two homes for one thing would be a bug: the library's is the other one, and it is compared."""
    from gguf.constants import GGML_QUANT_SIZES, GGMLQuantizationType

    ours = {each.id: (each.block, each.block_bytes) for each in load_sizing_facts().types.values()}

    assert ours == {name: GGML_QUANT_SIZES[GGMLQuantizationType[name]] for name in ours}
