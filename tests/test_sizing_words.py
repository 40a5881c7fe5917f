"""What sizing says, read aloud: one sentence for why not, a number for every count, and advice that holds."""

import json
import re
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from workstation.cli import main
from workstation.inventory import read_from
from workstation.inventory._recorded import RecordedSource
from workstation.sizing import (
    ModelShape,
    SizingError,
    bands,
    fits,
    kv_cache_bytes,
    shape,
    shape_from_file,
    storage_by_month,
    why_not,
)
from workstation.sizing.model import TIERS, StoredTensor
from workstation.units import GIB


@dataclass
class Memory:
    """Main memory."""

    usable_bytes: int


@dataclass
class Gpu:
    """One card."""

    vendor: str
    name: str
    vram_total_bytes: int | None
    unified_memory: bool


@dataclass
class Machine:
    """As much of an inventory as sizing reads."""

    memory: Memory
    gpus: tuple
    provenance: dict
    unknowns: tuple = ()


def built(kind, *, ram, vram=0):
    cards = {
        "gpu": (Gpu("nvidia", "a card", vram * GIB, False),),
        "unified": (Gpu("apple", "a chip", None, True),),
        "processor": (),
    }[kind]
    return Machine(Memory(ram * GIB), cards, {"gpus": "asked"})


def recorded(name):
    return read_from(RecordedSource.load(Path(__file__).parent / "machines" / name / "machine.toml"), "/x")


@pytest.mark.parametrize(
    ("kind", "model", "settings"),
    [
        ("gpu", "llama-3.1-70b", {}),
        ("gpu", "llama-3.1-405b", {}),
        ("gpu", "llama-3.1-8b", {"train": "full"}),
        ("gpu", "phi-4", {"quantization": "Q8_0"}),
        ("unified", "llama-3.1-70b", {}),
        ("unified", "llama-3.1-8b", {"train": "full"}),
        ("processor", "llama-3.1-70b", {}),
        ("processor", "llama-3.1-8b", {}),
    ],
)
def test_the_memory_that_it_takes_is_enough(kind, model, settings):
    """Add what the sentence says, and the verdict is better; each way of adding it is tried."""
    found = fits(model, on=built(kind, ram=16, vram=16), **settings)
    better = {"does not fit": {"fits with compromises", "fits comfortably"}}.get(found.verdict, {"fits comfortably"})
    ways = re.findall(r"(\d+) GiB (more VRAM|more main memory|more unified memory|of memory)", found.change)

    assert ways or "No smaller" not in found.change, found.change
    for amount, what in ways:
        more = int(amount)
        richer = {
            "more VRAM": built("gpu", ram=16, vram=16 + more),
            "more main memory": built(kind, ram=16 + more, vram=16),
            "more unified memory": built("unified", ram=16 + more),
            "of memory": built("gpu", ram=16, vram=more),
        }[what]
        assert fits(model, on=richer, **settings).verdict in better, found.change


@pytest.mark.parametrize("model", ["qwen3-0.6b", "llama-3.1-8b", "llama-3.1-70b", "7B", "350M"])
@pytest.mark.parametrize("train", [None, "full", "lora", "qlora"])
def test_why_not_is_one_sentence_that_gives_the_verdict(model, train):
    for kind in ("gpu", "unified", "processor"):
        found = fits(model, on=built(kind, ram=16, vram=8), train=train)
        said = why_not(model, on=built(kind, ram=16, vram=8), train=train)

        assert said.endswith(".")
        assert not re.search(r"[.] [A-Z]", said.replace("Llama 3.1 ", "").replace("Phi-3.5 ", "")), said
        assert ("it does not fit" in said) == (found.verdict == "does not fit")
        assert found.decided_by in said
        assert "(s)" not in said


def test_counts_are_spoken_as_people_say_them():
    said = {name: str(fits(name, on=built("gpu", ram=16, vram=24))) for name in ("7B", "1.5b", "350M", "0.5M", "1.2T")}

    assert "A model of 7 billion parameters" in said["7B"]
    assert "1.5 billion" in said["1.5b"]
    assert "350 million" in said["350M"]
    assert "500,000 parameters" in said["0.5M"]
    assert "1.2 trillion" in said["1.2T"]


def test_one_sequence_and_several_are_told_apart():
    eight = shape("llama-3.1-8b")

    assert kv_cache_bytes(eight).assumptions[0].startswith("1 sequence of 8,192 tokens")
    assert kv_cache_bytes(eight, sequences=2).assumptions[0].startswith("2 sequences of 8,192 tokens")
    assert "on 4 sequences of 2,048 tokens" in why_not(
        "llama-3.1-8b", on=built("gpu", ram=16, vram=8), train="qlora", batch_size=4
    )


def test_a_table_says_how_sure_it_is_and_no_part_of_nothing():
    written = str(fits("gemma-2-9b", on=built("gpu", ram=16, vram=24)).needs)

    assert f"How sure: {TIERS['formula']}." in written
    assert " 0 MiB" not in written
    assert re.search(r"logits of a micro-batch +0 to 500 MiB", written)


@pytest.mark.parametrize("text", ["0B", "-3B", "1e99", "1e999999999", "7", "999999999999999999999B", ".0001M", "0"])
def test_a_count_of_no_model_is_a_sentence(text):
    with pytest.raises(SizingError, match=r"is no model's number of parameters\. Write it as 350M"):
        shape(text)


@pytest.mark.parametrize("text", ["7B", "7 b", "7e9", "7000000000", "7.0B", "7000M"])
def test_a_count_is_read_however_it_is_written(text):
    assert shape(text).parameters == 7_000_000_000


@pytest.mark.parametrize("text", ["7,0B", "1e1e1", "--", "B", "7BB", "NaN", "inf", "\u0667B", "x" * 10_000])
def test_what_is_no_count_is_looked_up_as_a_name(text):
    with pytest.raises(SizingError, match="No model in the shape library is called"):
        shape(text)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["mistral"], "All names: workstation size --list; any other model by its number of parameters, as 7B"),
        (["0B"], "350M"),
        (["7B", "--lora-rank", "8"], "--lora-rank: only for training. Add --train lora"),
        (["7B", "--no-checkpointing", "--optimizer", "sgd"], "--optimizer, --no-checkpointing: only for training"),
        (["7B", "--train", "lora", "--context", "4096"], "--context: for running a model, not for --train"),
        (["7B", "--train", "lora", "--cache-type", "q8_0"], "--cache-type: for running a model"),
    ],
)
def test_the_command_says_what_to_type(arguments, words, capsys):
    assert main(["size", *arguments]) == 2
    assert words in capsys.readouterr().err


def test_the_command_takes_commas_and_names_a_number_that_is_none(capsys):
    assert main(["size", "7B", "--context", "4,096", "--no-machine"]) == 0
    assert "4,096 tokens" in capsys.readouterr().out
    with pytest.raises(SystemExit):
        main(["size", "7B", "--context", "1e6"])
    assert "a whole number is wanted, such as 8192, found '1e6'" in capsys.readouterr().err


CONFIG = {
    "model_type": "llama", "num_hidden_layers": 16, "hidden_size": 2048, "num_attention_heads": 32,
    "num_key_value_heads": 8, "intermediate_size": 8192, "vocab_size": 128_256,
}  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"head_dim": 4096}, "32 attention heads of 4,096 are 131,072 wide, for a hidden_size of 2,048"),
        ({"layer_types": ["full_attention"] * 3, "sliding_window": 128}, "layer_types names 3 layers of 16"),
        ({"is_encoder_decoder": True}, "Give the number of its parameters instead"),
    ],
)
def test_a_config_that_contradicts_itself_is_not_sized(tmp_path, changes, words):
    path = tmp_path / "config.json"
    path.write_text(json.dumps({**CONFIG, **changes}), encoding="utf-8")

    with pytest.raises(SizingError, match=re.escape(words)):
        shape_from_file(path)


def test_a_shape_of_more_parameters_than_any_model_is_refused():
    with pytest.raises(SizingError, match="no model has so many"):
        fits(
            ModelShape(
                layers=9999,
                hidden_size=10**7,
                attention_heads=32,
                kv_heads=8,
                head_dim=10**6,
                vocabulary=10**5,
                ffn_size=10**7,
            ),
            on=built("gpu", ram=16, vram=8),
        )


def test_a_card_of_unknown_memory_beside_shared_memory_is_not_passed_over():
    """What the shared memory holds is said; what it does not hold may fit the card that nobody could ask."""
    both = built("unified", ram=32)
    both.gpus = (Gpu("intel", "a chip", None, True), Gpu("nvidia", "a card asleep", None, False))

    assert fits("qwen3-0.6b", on=both).verdict == "fits comfortably"
    assert fits("llama-3.1-70b", on=both).verdict == "unknown"
    assert "the memory of GPU 1" in why_not("llama-3.1-70b", on=both)


def test_a_file_of_an_unknown_quantization_still_gets_advice():
    own = replace(
        shape("llama-3.1-8b"),
        quantization="Q4_TOMORROW",
        tensors=(StoredTensor(name="all", type="Q8_0", elements=8 * 10**9, stored_bytes=12 * GIB),),
    )
    found = fits(own, on=built("gpu", ram=2, vram=8))

    assert found.verdict == "does not fit"
    assert found.change == "It would fit, with compromises, with Q8_0 instead of Q4_TOMORROW."


@pytest.mark.parametrize("train", ["LoRA", " lora ", "LORA"])
def test_a_method_is_read_however_it_is_spelt(train):
    found = fits("llama-3.1-8b", on=built("gpu", ram=16, vram=16), train=train)

    assert "trained with LoRA on" in found.reason
    assert "QLoRA instead of LoRA" in found.change


def test_bands_say_none_for_no_memory_and_name_the_workload():
    found = {each.resource: each for each in bands(recorded("linux-xeon-docker-v1-2gib"), workload="api-first")}

    assert found["vram"].reasons[0].endswith("2.8 GiB wanted, none there")
    assert found["vram"].reasons[-1] == "the workload (API-first AI applications) does not lean on it"


@pytest.mark.parametrize("given", [None, "this machine", read_from, 16])
def test_what_is_no_inventory_is_a_sentence(given):
    with pytest.raises(
        SizingError, match=r"on must be a machine's inventory.* Type ws\.fits\('llama-3\.1-8b', on=ws\.inv"
    ):
        fits("7B", on=given)
    with pytest.raises(SizingError, match=r"Type ws\.bands\(ws\.inventory\(\)\)"):
        bands(given)
    with pytest.raises(SizingError, match="No model in the shape library is called 8"):
        fits(8, on=built("gpu", ram=16, vram=8))


def test_months_and_environments_are_counted_in_words():
    after = storage_by_month(months=2)

    assert [each.what for each in after] == [
        "storage after 0 months",
        "storage after 1 month",
        "storage after 2 months",
    ]
    with pytest.raises(SizingError, match="new_models_per_month needs the size of one"):
        storage_by_month(new_models_per_month=1)
    assert after[1].term("environments").formula == "1 environment"
