"""Shapes from files: exact where a header tells, clear where it lies, and never more than the header is read."""

import struct
import tracemalloc
import zipfile
from contextlib import suppress

import numpy as np
import pytest
from gguf import GGMLQuantizationType, GGUFReader, GGUFWriter, LlamaFileType, quants

from workstation.sizing import ModelShape, SizingError, _gguf, kv_cache_bytes, shape_from_file, weight_bytes

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
