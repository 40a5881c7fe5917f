"""Lesson 07: the case's evidence belongs together, and what the lesson says about it is so."""

import re
import shutil
from pathlib import Path

import nbformat
import pytest
from notebook_kit import ipython_shell

import workstation as ws
from workstation.catalog import load_catalog
from workstation.planning import histories
from workstation.units import GIB

ROOT = Path(__file__).resolve().parents[1]
NAME = "07-worked-example"
LESSON = ROOT / f"course/{NAME}.ipynb"
INVENTORY = ROOT / "course/cases/mirela.inventory.json"
DECISIONS = {entry.id: entry for entry in load_catalog().scenarios.values() if entry.lesson == NAME}
BLIND_TO = {"thermals", "network", "operations"}


@pytest.fixture(scope="module")
def lesson():
    """The lesson as it is committed."""
    return nbformat.read(LESSON, as_version=4)


@pytest.fixture(scope="module")
def prose(lesson) -> str:
    return "\n\n".join(cell.source for cell in lesson.cells if cell.cell_type == "markdown")


@pytest.fixture(scope="module")
def code(lesson) -> dict[str, str]:
    return {cell.id: cell.source for cell in lesson.cells if cell.cell_type == "code"}


@pytest.fixture(scope="module")
def inventory():
    return ws.load_inventory(INVENTORY)


@pytest.fixture
def shell(tmp_path, monkeypatch):
    """A real shell in a course folder of its own."""
    folder = tmp_path / "course"
    shutil.copytree(INVENTORY.parent, folder / "cases")
    monkeypatch.chdir(folder)
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    with ipython_shell() as started:
        yield started


def verdicts(name):
    """Give the findings of a shipped recording: constraint to its verdicts."""
    found = {}
    for finding in ws.diagnose(ws.example_recording(name)):
        found.setdefault(finding.constraint, set()).add(finding.verdict)
    return found


def named(code):
    """Give the scenarios, predictions and comparisons that the cells ask for, in order."""
    return [
        call for source in code.values() for call in re.findall(r'ws\.(scenario|predict|compare)\(\s*"([^"]+)"', source)
    ]


# The decisions


def test_the_five_steps_stand_in_order_and_each_asks_the_reader_first(prose, lesson):
    assert re.findall(r"^## Step (\d):", prose, re.MULTILINE) == ["1", "2", "3", "4", "5"]
    asks = [
        "step" if cell.cell_type == "markdown" else "ask"
        for cell in lesson.cells
        if re.search(r"^## Step|ws\.(?:scenario|predict)\(", cell.source, re.MULTILINE)
    ]
    assert "step step" not in " ".join(asks)
    assert asks[-1] == "ask"


def test_every_decision_of_the_case_is_played_in_the_catalogues_order(code):
    assert [name for kind, name in named(code) if kind == "scenario"] == list(DECISIONS)
    assert len({entry.correct for entry in DECISIONS.values()}) > 1


@pytest.mark.parametrize("name", DECISIONS)
def test_a_decision_shows_its_reasons_only_after_the_choice(shell, name):
    entry = DECISIONS[name]
    shell.run(f"import workstation as ws\nws.scenario({name!r})")
    assert entry.model_answer not in shell.text
    assert not any(reason in shell.text for reason in entry.reasons)

    shell.run(f"ws.scenario({name!r}, 'a')")

    assert all(reason in shell.text for reason in entry.reasons)
    assert entry.model_answer in shell.text


def test_the_final_recommendation_names_an_if_and_no_prestige():
    entry = DECISIONS["case-recommendation"]

    assert " only once " in entry.choices[entry.correct]
    assert not re.search(r"\bpowerful|\bserious|\bbest\b", entry.choices[entry.correct])


# The evidence


def test_the_inventory_and_the_recordings_are_of_one_machine(inventory):
    for name in ("archive-evening", "archive-index"):
        machine = ws.example_recording(name).header.machine

        assert machine.os == inventory.system.os
        assert machine.logical_cores == inventory.cpu.logical_cores
        assert machine.ram_usable_bytes == pytest.approx(inventory.memory.usable_bytes, rel=0.001)
        assert machine.swap_total_bytes == pytest.approx(inventory.memory.swap_total_bytes, rel=0.001)
        assert machine.disk_total_bytes == pytest.approx(inventory.storage.devices[0].size_bytes, rel=0.001)
        assert machine.swap_kind == inventory.memory.swap_kind
        assert machine.disk_medium == inventory.storage.project.medium


def test_the_facts_that_the_lesson_repeats_are_the_inventorys(prose, inventory):
    assert f"{inventory.memory.total_bytes / GIB:.1f} GiB of memory" in prose
    assert f"{inventory.storage.project.free_bytes / 1e9:.0f} GB free on the only disk" in prose
    assert len(inventory.storage.devices) == 1
    assert [gpu.unified_memory for gpu in inventory.gpus] == [True]  # "graphics without a memory of its own"
    assert inventory.system.chassis == "laptop"


def test_in_month_one_memory_is_to_be_watched_and_nothing_is_a_bottleneck(prose, code):
    found = verdicts("archive-evening")
    recording = ws.example_recording("archive-evening")

    assert found["ram"] == {"watch"}
    assert not any("bottleneck" in each for each in found.values())
    assert re.search(r'"case-first-wall", "(\w+)"', code["compare-wall"])[1] == "ram"
    held = recording.columns["process_resident_bytes"].max()
    assert held < recording.columns["ram_used_bytes"].max() / 10  # "little of it is the script's"
    free = recording.columns["disk_free_bytes"]
    assert "took some 5 GB of it" in prose
    assert (free[0] - free[-1]) / 1e9 == pytest.approx(5, abs=0.5)


def test_in_month_three_memory_is_the_bottleneck_and_the_disk_comes_second():
    found = verdicts("archive-index")

    assert found["ram"] == {"bottleneck"}
    assert "watch" in found["storage"]
    assert [name for name, each in found.items() if "bottleneck" in each] == ["ram"]


def test_the_large_run_does_not_fit_and_a_smaller_recipe_is_named(code, inventory):
    fit = ws.fits("mistral-7b", on=inventory, train="lora")

    assert '"mistral-7b"' in code["fits"]
    assert 'train="lora"' in code["fits"]
    assert fit.verdict == "does not fit"
    assert "QLoRA" in fit.change


# The plan


@pytest.fixture(scope="module")
def outcomes(code):
    text = re.search(r'"""(.*)"""', code["simulate"], re.DOTALL)[1]
    return {outcome.history: outcome for outcome in ws.simulate(text, list(histories()))}


def test_the_plan_does_what_the_lesson_says(prose, code, outcomes):
    right = [name for name, outcome in outcomes.items() if outcome.verdict == "right in time"]
    others = {name: outcome.verdict for name, outcome in outcomes.items() if name not in right}

    assert code["compare-plan"] == f'ws.compare("case-half-years", {len(right)})'
    assert f"the {len(outcomes)} half-years" in code["predict-plan"]
    assert set(others.values()) == {"underbought"}
    assert {histories()[name].constraint for name in others} == BLIND_TO
    assert "The three hurt by heat, a slow line, and a service that went down" in prose
    assert outcomes["one-swap-week"].verdict == "right in time"


def test_every_cell_runs_headless_without_an_error(shell, code):
    for source in code.values():
        shell.run(source)

    said = "\n".join(card.get("text/plain", "") for card in shell.cards)
    assert "It was 12." in said
    assert "It is System RAM." in said
    assert said.count("Not decided yet.") == len(DECISIONS)
