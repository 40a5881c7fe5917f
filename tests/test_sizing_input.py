"""What people type wrong, and ``workstation size``."""

import json
from pathlib import Path

import pytest

import workstation
from workstation.cli import main
from workstation.inventory import read_from
from workstation.inventory._recorded import RecordedSource
from workstation.sizing import (
    ModelShape,
    SizingError,
    bands,
    checkpoint_bytes,
    embedding_store_bytes,
    fits,
    kv_cache_bytes,
    overhead_bytes,
    shape,
    shape_from_file,
    storage_bytes,
    training_bytes,
    vector_index_bytes,
    weight_bytes,
)

MACHINES = Path(__file__).parent / "machines"
BIG, APPLE, SMALL = "linux-i9-rtx4090-64gib", "macos-m1-laptop-unified-16gib", "linux-xeon-docker-v1-2gib"
NO_DRIVER, LOCKED = "linux-i7-laptop-rtx3050timute-16gib", "windows-locked-noquery-16gib"


def machine(name):
    return read_from(RecordedSource.load(MACHINES / name / "machine.toml"), "/x")


WRONG = {
    "a misspelt quantisation": (
        lambda: weight_bytes(shape("llama-3.1-8b"), quantization="Q4KM"),
        "Did you mean Q4_K_M"),
    "a foreign quantisation": (
        lambda: weight_bytes(shape("llama-3.1-8b"), quantization="\u2603" * 999),
        "No quantisation"),
    "no quantisation": (lambda: weight_bytes(shape("llama-3.1-8b"), quantization=None), "Name a quantisation"),
    "a number for a name": (lambda: weight_bytes(shape("llama-3.1-8b"), quantization=4), "is called 4"),
    "a misspelt model": (lambda: shape("lama-3.1-8b"), "Did you mean llama-3.1-8b"),
    "a negative context": (lambda: kv_cache_bytes(shape("qwen3-8b"), context_tokens=-1), "from 1 to 100,000,000"),
    "no context": (lambda: kv_cache_bytes(shape("qwen3-8b"), context_tokens=0), "from 1 to"),
    "an absurd context": (lambda: kv_cache_bytes(shape("qwen3-8b"), context_tokens=10**400), "more than 60 digits"),
    "half a token": (lambda: kv_cache_bytes(shape("qwen3-8b"), context_tokens=0.5), "whole number"),
    "not a number": (lambda: kv_cache_bytes(shape("qwen3-8b"), context_tokens=float("nan")), "whole number"),
    "endless": (lambda: kv_cache_bytes(shape("qwen3-8b"), context_tokens=float("inf")), "whole number"),
    "a word for a number": (lambda: kv_cache_bytes(shape("qwen3-8b"), context_tokens="8k"), "found '8k'"),
    "yes": (lambda: kv_cache_bytes(shape("qwen3-8b"), sequences=True), "found True"),
    "a misspelt cache": (lambda: kv_cache_bytes(shape("qwen3-8b"), cache_type="q8-1"), "Did you mean q8_0"),
    "a misspelt method": (lambda: training_bytes(shape("qwen3-8b"), method="qlorra"), "Did you mean 'qlora'"),
    "a misspelt optimizer": (lambda: training_bytes(shape("qwen3-8b"), optimizer="adamww"), "Did you mean 'adamw'"),
    "a batch of nothing": (lambda: training_bytes(shape("qwen3-8b"), batch_size=0), "batch_size"),
    "an absurd rank": (lambda: training_bytes(shape("qwen3-8b"), lora_rank=10**9), "lora_rank"),
    "checkpoints of nothing": (lambda: checkpoint_bytes(shape("qwen3-8b"), keep=0), "keep"),
    "weights to resume": (
        lambda: checkpoint_bytes(shape("qwen3-8b"), method="weights", resumable=True),
        "cannot be resumed"),
    "a shape of nothing": (ModelShape, "Nothing to work with"),
    "half a shape": (lambda: ModelShape(layers=32, hidden_size=4096), "missing: attention_heads"),
    "negative layers": (lambda: ModelShape(parameters=10**9, layers=-1), "layers must lie between"),
    "absurd layers": (lambda: ModelShape(parameters=10**9, layers=10**9), "layers must lie between"),
    "absurd parameters": (lambda: ModelShape(parameters=10**30), "parameters must lie between"),
    "text for parameters": (lambda: ModelShape(parameters="8B"), "whole number"),
    "heads that do not group": (lambda: ModelShape(parameters=10**9, attention_heads=32, kv_heads=5), "cannot serve"),
    "more windows than layers": (lambda: ModelShape(parameters=10**9, layers=4, sliding_layers=5), "more than layers"),
    "a count of another model": (
        lambda: weight_bytes(ModelShape(**{**NUMBERS, "parameters": 70 * 10**9})), "contradict each other"),
    "too few parameters": (
        lambda: weight_bytes(ModelShape(**{**NUMBERS, "parameters": 10**9, "ffn_size": None, "vocabulary": 99_000})),
        "too few"),
    "a width and no count": (
        lambda: weight_bytes(ModelShape(**{**NUMBERS, "ffn_size": None, "vocabulary": 99_000})),
        "ffn_size"),
    "an index of nothing": (lambda: vector_index_bytes(vectors=0, dimensions=8), "vectors"),
    "an index of no kind": (lambda: vector_index_bytes(vectors=1, dimensions=8, index="hsnw"), "Did you mean 'hnsw'"),
    "an overlap without end": (
        lambda: embedding_store_bytes(text_bytes=1, chunk_tokens=8, overlap_tokens=8),
        "no chunk would end"),
    "months of a lifetime": (lambda: storage_bytes(months=10_000), "months"),
    "a negative data set": (lambda: storage_bytes(dataset_bytes=-1), "dataset_bytes"),
    "an overhead of nothing": (lambda: overhead_bytes(shape("qwen3-8b"), micro_batch=0), "micro_batch"),
    "a setting of no recipe": (lambda: fits("qwen3-8b", on=machine(BIG), train="lora", colour="blue"), "colour"),
    "a recipe without training": (lambda: fits("qwen3-8b", on=machine(BIG), batch_size=4), "train="),
}  # fmt: skip
NUMBERS = {name: getattr(shape("llama-3.1-8b"), name) for name in (
    "layers", "hidden_size", "attention_heads", "kv_heads", "head_dim", "vocabulary", "ffn_size",
)}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_what_cannot_be_sized_is_a_sentence(name):
    """What was asked, what is possible, and the nearest name."""
    call, words = WRONG[name]

    with pytest.raises(SizingError, match="(?i)" + words) as problem:
        call()
    assert len(str(problem.value)) < 400
    assert str(problem.value).isprintable()


@pytest.mark.parametrize("name", ["q4_k_m", "Q4-K-M", "Q4_K_M ", "q4 k m", "BNB.nf4", "llm.int8", "FP16", "float32"])
def test_names_are_read_however_they_are_spelt(name):
    assert weight_bytes(shape("Llama 3.1 8B"), quantization=name).likely_bytes > 0


def test_the_public_names_reach_sizing():
    assert workstation.fits is fits
    assert workstation.bands is bands
    assert workstation.sizing.shape_from_file is shape_from_file


def size(capsys, *arguments):
    code = main(["size", *arguments])
    return code, capsys.readouterr()


def test_the_command_prints_a_table_and_a_verdict(capsys):
    code, printed = size(capsys, "llama-3.1-8b", "--quantization", "Q5_K_M", "--context", "4096")

    assert code == 0
    assert printed.out.startswith("Llama 3.1 8B in Q5_K_M: 6.")
    assert "KV cache" in printed.out
    assert "with 4,096 tokens of context needs about" in printed.out


def test_the_command_prints_json(capsys):
    code, printed = size(capsys, "7B", "--train", "qlora", "--batch-size", "2", "--no-machine", "--json")
    document = json.loads(printed.out)

    assert code == 0
    assert (document["schema"], document["tier"], document["fit"]) == ("workstation.size/1", "band", None)
    assert document["likely_bytes"] == sum(term["likely_bytes"] for term in document["terms"])


def test_the_command_reads_a_file_and_lists_models(capsys, tmp_path):
    path = tmp_path / "config.json"
    path.write_text(json.dumps({"model_type": "llama", "num_hidden_layers": 16, "hidden_size": 2048,
        "num_attention_heads": 32, "num_key_value_heads": 8, "intermediate_size": 8192, "vocab_size": 128_256,
        "tie_word_embeddings": True}), encoding="utf-8")  # fmt: skip
    code, printed = size(capsys, str(path), "--no-machine", "--json")

    assert code == 0
    assert json.loads(printed.out)["terms"][0]["name"] == "token embedding"
    assert "llama-3.1-8b" in size(capsys, "--list")[1].out.splitlines()


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["no-such-model"],
        ["x.gguf"],
        ["llama-3.1-8b", "--quantization", "Q9"],
        ["llama-3.1-8b", "--context", "-5"],
        ["0B"],
        ["llama-3.1-8b", "--train", "all"],
    ],
)
def test_the_command_explains_what_is_wrong(arguments, capsys):
    code, printed = size(capsys, *arguments)

    assert (code, printed.out) == (2, "")
    assert printed.err.startswith("workstation: ")
    assert "Traceback" not in printed.err
