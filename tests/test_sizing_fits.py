"""What fits, what decides it, what would turn it; which band a machine is in; and what people type wrong."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from workstation.catalog import load_catalog
from workstation.catalog._sizing import load_band_rules
from workstation.inventory import Platform, read_from
from workstation.inventory._recorded import RecordedSource
from workstation.sizing import (
    ModelShape,
    SizingError,
    bands,
    fits,
    shape,
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
    assert "QLoRA instead of LoRA" in fits("llama-3.1-8b", on=machine(APPLE), train="lora").change
    assert "GiB more VRAM" in fits("llama-3.1-405b", on=inv).change
    assert fits("llama-3.1-8b", on=inv).change is None


def test_why_not_is_a_sentence_with_both_sizes():
    said = why_not("llama-3.1-70b", on=machine(BIG))

    assert said.startswith("Llama 3.1 / 3.3 70B in Q4_K_M with 8,192 tokens of context needs about 42.7 GiB")
    assert "NVIDIA GeForce RTX 4090 has 24.0 GiB" in said
    assert "still to be found out: the memory of GPU 0" in why_not("llama-3.1-8b", on=machine(NO_DRIVER))


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
