"""What fits, what decides it, what would turn it; which band a machine is in; and what people type wrong."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

import workstation
from workstation.catalog import load_catalog
from workstation.catalog._sizing import load_band_rules
from workstation.cli import main
from workstation.inventory import Platform, read_from
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
    why_not,
)

MACHINES = Path(__file__).parent / "machines"
BIG, APPLE, SMALL = "linux-i9-rtx4090-64gib", "macos-m1-laptop-unified-16gib", "linux-xeon-docker-v1-2gib"
NO_DRIVER, LOCKED = "linux-i7-laptop-rtx3050timute-16gib", "windows-locked-noquery-16gib"


def machine(name):
    return read_from(RecordedSource.load(MACHINES / name / "machine.toml"), "/x")


@pytest.mark.parametrize(
    ("name", "model", "settings", "verdict"),
    [
        (BIG, "llama-3.1-8b", {}, "fits comfortably"),
        (BIG, "qwen2.5-32b", {}, "fits comfortably"),
        (BIG, "llama-3.1-70b", {}, "fits with compromises"),
        (BIG, "llama-3.1-405b", {}, "does not fit"),
        (BIG, "llama-3.1-8b", {"train": "lora"}, "fits comfortably"),
        (BIG, "llama-3.1-8b", {"train": "full"}, "does not fit"),
        (APPLE, "llama-3.1-8b", {}, "fits comfortably"),
        (APPLE, "qwen2.5-32b", {}, "does not fit"),
        (SMALL, "qwen2.5-0.5b", {"context_tokens": 2048}, "fits comfortably"),
        (SMALL, "llama-3.1-8b", {}, "does not fit"),
        (NO_DRIVER, "llama-3.1-8b", {}, "unknown"),
        (LOCKED, "llama-3.1-8b", {}, "unknown"),
    ],
)
def test_verdicts_on_recorded_machines(name, model, settings, verdict):
    found = fits(model, on=machine(name), **settings)

    assert found.verdict == verdict, found
    assert bool(found.missing) == (verdict == "unknown")


def test_a_verdict_names_what_decides():
    long = fits("llama-3.1-8b", on=machine(BIG), context_tokens=131_072, sequences=2)

    assert fits("llama-3.1-70b", on=machine(BIG)).decided_by == "weights"
    assert long.decided_by == "KV cache"
    assert fits("llama-3.1-8b", on=machine(BIG), train="full").decided_by in {"optimizer states", "32-bit weights"}


def test_the_smallest_change_comes_first_and_turns_the_answer():
    """A shorter context before fewer bits, fewer bits before another model, and memory to buy last."""
    inv = machine(BIG)
    cases = {
        ("qwen2.5-32b", 32_768): "a context of 8,192 tokens",
        ("llama-3.1-8b", 160_000): "KV cache in q8_0",
    }
    for (model, tokens), change in cases.items():
        assert change in fits(model, on=inv, context_tokens=tokens).change
    assert fits("qwen2.5-32b", on=inv, context_tokens=8192).verdict == "fits comfortably"
    assert fits("llama-3.1-8b", on=inv, context_tokens=160_000, cache_type="q8_0").verdict == "fits comfortably"
    assert "qlora instead of lora" in fits("llama-3.1-8b", on=machine(APPLE), train="lora").change
    assert "GiB more VRAM" in fits("llama-3.1-405b", on=inv).change
    assert fits("llama-3.1-8b", on=inv).change is None


def test_why_not_is_a_sentence_with_both_sizes():
    said = why_not("llama-3.1-70b", on=machine(BIG))

    assert said.startswith("Llama 3.1 / 3.3 70B in Q4_K_M with 8,192 tokens of context needs about 42.7 GiB")
    assert "NVIDIA GeForce RTX 4090 has 24.0 GiB" in said
    assert "Still to be found out: the memory of GPU 0" in why_not("llama-3.1-8b", on=machine(NO_DRIVER))


def test_every_recorded_machine_gets_an_answer():
    for path in sorted(MACHINES.glob("*/machine.toml")):
        inv = machine(path.parent.name)
        for model in ("qwen3-0.6b", "llama-3.1-8b", "mixtral-8x7b", ModelShape(parameters=13_000_000_000)):
            for train in (None, "qlora"):
                found = fits(model, on=inv, train=train)
                assert found.verdict in {"fits comfortably", "fits with compromises", "does not fit", "unknown"}
                assert (found.change is None) == (found.verdict in {"fits comfortably", "unknown"}), found
        assert [each.resource for each in bands(inv)] == ["ram", "vram", "storage", "cooling", "power"]


def by_resource(inv, *evidence, workload="quantized-inference"):
    return {each.resource: each for each in bands(inv, *evidence, workload=workload)}


def worksheet(**answers):
    return Platform(filled_in_at="2026-01-31T12:00:00Z", **answers)


@dataclass
class Recorded:
    """As much of a recording as bands read."""

    t_s: np.ndarray
    columns: dict


def recording(seconds, *, busy=90.0, heat=0.0, told=True):
    n = seconds // 10 + 1
    columns = {"cpu_used_percent": np.full(n, busy)}
    if told:
        columns["gpus.0.throttled_by_heat"] = np.full(n, heat)
    return Recorded(t_s=np.arange(n) * 10.0, columns=columns)


def test_bands_of_a_large_desktop():
    found = by_resource(machine(BIG), worksheet(psu_watts=850, psu_free_8pin=2, m2_slots_free=1), [recording(4000)])

    assert {name: each.band for name, each in found.items()} == {
        "ram": "heavy", "vram": "heavy", "storage": "comfortable", "cooling": "heavy", "power": "heavy",
    }  # fmt: skip
    assert all(each.reasons and each.means and not each.missing for each in found.values())
    assert any("not heavy" in words for words in found["storage"].reasons)


def test_what_nobody_told_is_unknown_and_says_how_to_get_it():
    found = by_resource(machine(LOCKED))

    for resource, words in (("vram", "GPU"), ("cooling", "workstation watch"), ("power", "platform_worksheet")):
        assert found[resource].band == "unknown"
        assert words in " ".join(found[resource].missing)
        assert found[resource].means == ""


def test_less_than_entry_is_said():
    found = by_resource(machine(SMALL))

    assert (found["ram"].band, found["ram"].reaches_entry) == ("entry", False)
    assert "7.5 GiB wanted, 2.0 GiB there" in found["ram"].reasons[0]


def test_a_laptops_power_is_entry_without_a_worksheet():
    assert by_resource(machine(APPLE))["power"].band == "entry"


@pytest.mark.parametrize(
    ("recorded", "band"),
    [
        ([recording(4000)], "heavy"),
        ([recording(900)], "comfortable"),
        ([recording(900, heat=1.0)], "entry"),
        ([recording(120)], "entry"),
        ([recording(900, busy=5.0)], "unknown"),
        ([recording(900, told=False)], "unknown"),
        ([recording(400), recording(400)], "comfortable"),
        ([], "unknown"),
    ],
)
def test_cooling_is_judged_by_seconds_under_load(recorded, band):
    assert by_resource(machine(BIG), None, recorded)["cooling"].band == band


@dataclass
class Found:
    """As much of a diagnosis's finding as bands read."""

    constraint: str
    verdict: str
    statement: str


def test_a_measured_bottleneck_overrules_what_the_figures_promise():
    finding = Found("ram", "bottleneck", "swap-in of 200 MiB/s from 0:41 to 1:10")
    found = by_resource(machine(BIG), None, [finding, Found("vram", "clear", "never above 60 %")])

    assert found["ram"].band == "entry"
    assert "0:41" in found["ram"].reasons[0]
    assert found["vram"].band == "heavy"


def test_a_workload_has_its_own_thresholds():
    """Sixteen GiB of unified memory are comfortable for running models and entry for training them."""
    inv = machine("macos-m1-laptop-unified-16gib")

    assert by_resource(inv, workload="quantized-inference")["vram"].band == "comfortable"
    assert by_resource(machine(BIG), workload="large-training")["vram"].band == "comfortable"
    assert "does not lean on it" in by_resource(inv, workload="api-first")["vram"].reasons[-1]
    with pytest.raises(SizingError, match="Did you mean lora-finetuning"):
        bands(inv, workload="lora-fine-tunning")


def test_band_rules_name_what_is_there():
    """Resources, families and models exist, and every resource has all three bands."""
    catalog, rules = load_catalog(), load_band_rules().values()

    assert {rule.resource for rule in rules} == set(catalog.bands)
    assert {family for rule in rules for family in rule.families} <= set(catalog.families)
    assert all(shape(need.model) for rule in rules for need in rule.needs if need.model)
    for resource in catalog.bands:
        whole = [rule.band for rule in rules if rule.resource == resource and not rule.families]
        assert whole == ["entry", "comfortable", "heavy"]


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
