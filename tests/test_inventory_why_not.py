"""One sentence on why a machine cannot say something, or has not got it."""

import json
import tomllib
from pathlib import Path

import pytest
from inventory_kit import small

from workstation.catalog import load_catalog
from workstation.inventory import facts, from_document, read_from
from workstation.inventory._recorded import RecordedSource
from workstation.inventory.why_not import why_not

MACHINES = Path(__file__).parent / "machines"


def machine(slug):
    about = tomllib.loads((MACHINES / slug / "about.toml").read_text(encoding="utf-8"))
    return read_from(RecordedSource.load(MACHINES / slug / "machine.toml"), about["project"])


@pytest.mark.parametrize(
    ("slug", "words"),
    [
        ("linux-i9-rtx4090-64gib", ["It can", "RTX 4090", "24.0 GiB", "NVML"]),
        ("linux-epyc-vm-nogpu-24gib", ["no VRAM", "no graphics processor was found", "/sys/bus/pci/devices"]),
        ("linux-unknown-noproc", ["unknown", "cannot be listed", "run lspci"]),
        ("linux-ryzen7-laptop-rtx4070asleep-32gib", ["RTX 4070", "sleeps", "wakes it"]),
        ("linux-i7-rtx3080timismatch-32gib", ["RTX 3080 Ti", "updated", "restart the machine"]),
        ("linux-ryzenaimax-unified-128gib", ["no VRAM of its own", "110.5 GiB of main memory"]),
        ("linux-grace-gb10unified-120gib", ["GB10", "shares main memory"]),
        ("linux-i7-laptop-rtx3050timute-16gib", ["did not answer within 100 ms", "workstation doctor"]),
        ("linux-i7-gtx1080nouveau-16gib", ["nouveau", "install NVIDIA's driver"]),
        ("linux-xeon-v100pair-rx7600-192gib", ["Tesla V100", "15.8 GiB"]),
    ],
)
def test_vram_is_answered_for_the_gpu_that_matters(slug, words):
    sentence = machine(slug).why_not("vram")

    assert [word for word in words if word not in sentence] == []


@pytest.mark.parametrize("question", ["vram", "VRAM", "Graphics memory?", "gpu memory", "gpu", " video  ram "])
def test_a_constraint_may_be_asked_for_by_any_of_its_names(question):
    inv = machine("linux-i9-rtx4090-64gib")

    assert inv.why_not(question) == inv.why_not("vram")


@pytest.mark.parametrize("path", sorted(MACHINES.glob("*/machine.toml")), ids=lambda path: path.parent.name)
def test_every_constraint_and_every_fact_gets_one_sentence(path):
    inv, catalog = machine(path.parent.name), load_catalog()

    for question in (*catalog.constraints, *facts(inv), "memory", "storage", "gpus", "sensors"):
        sentence = why_not(inv, question, catalog)
        assert sentence.endswith("."), question
        assert "nothing called" not in sentence, question
        assert "None" not in sentence


def test_an_unknown_fact_says_why_and_how_to_find_out():
    sentence = machine("linux-ultra7-laptop-unified-32gib").why_not("network.link_mbps")

    assert "states no speed" in sentence
    assert "to find out" in sentence


def test_a_sensor_that_is_not_there_is_told_apart_from_one_that_cannot_be_told():
    inv = small()

    assert inv.why_not("sensors.temperatures").startswith("This machine has not got it")
    assert "no limit" in inv.why_not("memory.limit_bytes")


def test_what_is_no_fact_of_a_machine_is_said_to_be_none():
    inv = small()

    assert "worksheet" in inv.why_not("power-expansion")
    assert "not a fact of the machine" in inv.why_not("workload-scale")


@pytest.mark.parametrize("question", ["", "vrm", "x" * 10_000, "\x1b[31m", "<b>", "gpus.9.name", "ذاكرة"])
def test_a_question_that_makes_no_sense_gets_a_hint_and_no_error(question):
    sentence = small().why_not(question)

    assert "nothing called" in sentence
    assert len(sentence) < 400
    assert "\x1b" not in sentence


def test_an_inventory_filled_in_by_hand_without_reasons_is_answered_too():
    text = (MACHINES / "documents" / "windows-filled-in-by-hand.json").read_text(encoding="utf-8")
    inv = from_document(json.loads(text))

    for path in facts(inv):
        assert inv.why_not(path)
