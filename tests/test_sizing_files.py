"""Shapes from files: exact where a header tells, clear where it lies, and never more than the header is read."""

import json
import struct
import tracemalloc
import zipfile
from contextlib import suppress

import numpy as np
import pytest
from gguf import GGMLQuantizationType, GGUFReader, GGUFWriter, LlamaFileType, quants
from safetensors.numpy import save_file

from workstation.sizing import ModelShape, SizingError, _gguf, kv_cache_bytes, shape, shape_from_file, weight_bytes

LLAMA_CONFIG = {
    "model_type": "llama", "num_hidden_layers": 32, "hidden_size": 4096, "num_attention_heads": 32,
    "num_key_value_heads": 8, "intermediate_size": 14_336, "vocab_size": 128_256, "max_position_embeddings": 131_072,
    "tie_word_embeddings": False,
}  # fmt: skip
WIDTH, WORDS, LAYERS, INNER = 256, 512, 2, 512


def tensors():
    """Name a small Llama's matrices with their shapes, rows last as numpy has them."""
    yield "token_embd.weight", (WORDS, WIDTH)
    yield "output.weight", (WORDS, WIDTH)
    for layer in range(LAYERS):
        for name, rows in (("attn_q", WIDTH), ("attn_k", 64), ("attn_v", 64), ("attn_output", WIDTH)):
            yield f"blk.{layer}.{name}.weight", (rows, WIDTH)
        for name, dims in (("ffn_gate", (INNER, WIDTH)), ("ffn_up", (INNER, WIDTH)), ("ffn_down", (WIDTH, INNER))):
            yield f"blk.{layer}.{name}.weight", dims


def write_gguf(path, *, change=None, quantized=GGMLQuantizationType.Q8_0, arch="llama", parts=0):
    """Write a small model with the gguf library itself."""
    writer = GGUFWriter(path, arch, split_max_tensors=parts)
    writer.add_name("Small model")
    writer.add_block_count(LAYERS)
    writer.add_embedding_length(WIDTH)
    writer.add_head_count(4)
    writer.add_head_count_kv(1)
    writer.add_feed_forward_length(INNER)
    writer.add_context_length(4096)
    writer.add_file_type(LlamaFileType.MOSTLY_Q8_0)
    writer.add_token_list([f"word {n}" for n in range(WORDS)])
    if change:
        change(writer)
    for name, dims in tensors():
        data = np.zeros(dims, dtype=np.float32)
        writer.add_tensor(name, quants.quantize(data, quantized), raw_dtype=quantized)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


@pytest.fixture
def small(tmp_path):
    return write_gguf(tmp_path / "small.gguf")


def test_a_gguf_header_gives_what_the_librarys_own_reader_gives(small):
    """Theirs maps the whole file; ours reads the header and agrees."""
    found, theirs = shape_from_file(small), GGUFReader(small)

    assert {each.name: each.stored_bytes for each in found.tensors} == {
        each.name: int(each.n_bytes) for each in theirs.tensors
    }
    assert weight_bytes(found, quantization=None).likely_bytes == sum(int(each.n_bytes) for each in theirs.tensors)
    assert found.parameters == sum(int(each.n_elements) for each in theirs.tensors)


def test_a_gguf_header_gives_the_architecture(small):
    found = shape_from_file(small)

    assert (found.layers, found.hidden_size, found.attention_heads, found.kv_heads) == (LAYERS, WIDTH, 4, 1)
    assert (found.head_dim, found.vocabulary, found.ffn_size, found.context_limit) == (64, WORDS, INNER, 4096)
    assert (found.name, found.quantization, found.tier) == ("Small model", "Q8_0", "exact")
    assert (found.tied_embeddings, found.gated_ffn, found.fused_qkv) == (False, True, False)
    assert kv_cache_bytes(found, context_tokens=100).likely_bytes == 2 * LAYERS * 64 * 2 * 100


def test_as_stored_is_exact_and_anything_else_is_worked_out(small):
    found = shape_from_file(small)

    assert weight_bytes(found, quantization="Q8_0").tier == "exact"
    assert weight_bytes(found, quantization="q8_0") == weight_bytes(found, quantization=None)
    assert weight_bytes(found, quantization="F16").tier == "formula"
    assert weight_bytes(found, quantization="F16").likely_bytes == 2 * found.parameters


def test_windows_experts_and_latent_attention_are_read(tmp_path):
    def more(writer):
        writer.add_sliding_window(1024)
        writer.add_expert_count(8)
        writer.add_expert_used_count(2)
        writer.add_kv_lora_rank(512)
        writer.add_rope_dimension_count(64)

    found = shape_from_file(write_gguf(tmp_path / "more.gguf", change=more))

    assert (found.sliding_window, found.experts, found.experts_used) == (1024, 8, 2)
    assert (found.kv_lora_rank, found.rope_head_dim) == (512, 64)


def test_a_model_in_several_files_is_added_up(tmp_path):
    write_gguf(tmp_path / "big.gguf", parts=5)
    whole = shape_from_file(write_gguf(tmp_path / "one.gguf"))
    files = sorted(tmp_path.glob("big-*.gguf"))

    assert len(files) > 1
    assert shape_from_file(files[0]).parameters == shape_from_file(files[-1]).parameters == whole.parameters
    files[1].unlink()
    with pytest.raises(SizingError, match="is missing beside it"):
        shape_from_file(files[0])


def test_only_the_header_of_a_huge_file_is_read(small, monkeypatch):
    """A sparse file of 200 GB: it would take minutes to read, and no disk has to hold it."""
    asked = []
    take = _gguf._Reader.take
    monkeypatch.setattr(_gguf._Reader, "take", lambda self, size: asked.append(size) or take(self, size))
    with small.open("r+b") as stream:
        stream.truncate(200 * 10**9)

    assert shape_from_file(small).layers == LAYERS
    assert sum(asked) < 100_000


def test_a_download_that_was_cut_off_is_named_so(small):
    size = small.stat().st_size
    with small.open("r+b") as stream:
        stream.truncate(size - 50_000)

    found = shape_from_file(small)

    assert "cut off" in found.source
    assert any("cut off" in words for words in weight_bytes(found, quantization=None).assumptions)


def header(*, version=3, tensors=0, fields=0, rest=b""):
    return b"GGUF" + struct.pack("<IQQ", version, tensors, fields) + rest


def text(words):
    return struct.pack("<Q", len(words)) + words


HUGE = 2**63
DAMAGED = {
    "empty": b"",
    "too short": b"GG",
    "nothing after the magic": b"GGUF",
    "absurd tensor count": header(tensors=HUGE),
    "absurd field count": header(fields=HUGE),
    "a key without end": header(fields=1, rest=struct.pack("<Q", HUGE)),
    "a text without end": header(fields=1, rest=text(b"k") + struct.pack("<IQ", 8, HUGE)),
    "a list without end": header(fields=1, rest=text(b"k") + struct.pack("<IIQ", 9, 0, HUGE)),
    "texts without end": header(fields=1, rest=text(b"k") + struct.pack("<IIQ", 9, 8, HUGE)),
    "a list of lists": header(fields=1, rest=text(b"k") + struct.pack("<IIQ", 9, 9, 3)),
    "an unknown kind": header(fields=1, rest=text(b"k") + struct.pack("<I", 77)),
    "many dimensions": header(tensors=1, rest=text(b"t") + struct.pack("<I", 2**31)),
    "absurd dimensions": header(tensors=1, rest=text(b"t") + struct.pack("<IQQIQ", 2, 2**40, 2**40, 0, 0)),
    "an unknown type": header(tensors=1, rest=text(b"t") + struct.pack("<IQIQ", 1, 32, 999, 0)),
    "no architecture": header(),
    "an old version": header(version=1),
    "a version of tomorrow": header(version=9),
    "noise": bytes(range(256)) * 20,
    "big-endian noise": b"GGUF" + struct.pack(">IQQ", 3, HUGE, HUGE),
}


@pytest.mark.parametrize("name", DAMAGED)
def test_a_damaged_file_is_a_sentence(tmp_path, name):
    """Absurd counts are refused before anything of that size is made room for."""
    path = tmp_path / "damaged.gguf"
    path.write_bytes(DAMAGED[name])
    _gguf._type_sizes()

    tracemalloc.start()
    with pytest.raises(SizingError, match=r"damaged\.gguf"):
        shape_from_file(path)
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak_bytes < 10_000_000


@pytest.mark.parametrize("where", [4, 8, 16, 24, 40, 100, 200, 400, 1000, 4000])
def test_a_header_cut_anywhere_is_a_sentence(small, where):
    small.write_bytes(small.read_bytes()[:where])

    with pytest.raises(SizingError):
        shape_from_file(small)


def test_a_flipped_byte_is_a_shape_or_a_sentence(small):
    """Whatever stands in a header: never another error."""
    whole = small.read_bytes()
    for where in range(0, 1500, 7):
        for value in (0x00, 0xFF, 0x80):
            small.write_bytes(whole[:where] + bytes([value]) + whole[where + 1 :])
            with suppress(SizingError):
                assert isinstance(shape_from_file(small), ModelShape)


@pytest.mark.parametrize(
    ("start", "words"),
    [(b"\x1f\x8b\x08", "gzip"), (b"version https://git-lfs", "git lfs pull"), (b"<!DOCTYPE html>", "web page"),
     (b"tjgg....", "given up in 2023"), (b"MZ\x90\x00....", "begins with")],
)  # fmt: skip
def test_what_is_no_gguf_is_named(tmp_path, start, words):
    path = tmp_path / "model.gguf"
    path.write_bytes(start + b"." * 100)

    with pytest.raises(SizingError, match=words):
        shape_from_file(path)


def test_a_zip_named_gguf_is_told_to_be_unpacked(tmp_path):
    path = tmp_path / "model.gguf"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("model.gguf", b"GGUF")

    with pytest.raises(SizingError, match="zip archive: unpack it"):
        shape_from_file(path)


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
