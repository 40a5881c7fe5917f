"""Lesson 02: five walls, each with what is run for it, and what it says held against the package."""

import re
from pathlib import Path

import nbformat
import pytest
from notebook_kit import ipython_shell

from workstation.catalog import load_catalog
from workstation.catalog._platform import load_platform_rules
from workstation.demos import Request, plan
from workstation.demos._registry import NAMES
from workstation.demos._vram import cases
from workstation.units import GIB, parse_size

ROOT = Path(__file__).resolve().parents[1]
NAME = "02-five-constraints"
FIVE = ("vram", "ram", "storage", "thermals", "power-expansion")
LESSON = nbformat.read(ROOT / f"course/{NAME}.ipynb", as_version=4)
PROSE = "\n\n".join(cell.source for cell in LESSON.cells if cell.cell_type == "markdown")
CODE = {cell.id: cell.source for cell in LESSON.cells if cell.cell_type == "code"}
ORDER = [cell.id for cell in LESSON.cells]
DEMOS = {name: source for name, source in CODE.items() if source.startswith("ws.demo.")}


def text_of(cell_id: str) -> str:
    """The source of a cell."""
    return next(cell.source for cell in LESSON.cells if cell.id == cell_id)


@pytest.mark.parametrize("heading", ["VRAM", "System RAM", "Storage", "Heat and noise", "Power and space"])
def test_each_of_the_five_has_a_section(heading):
    assert re.search(rf"^## {heading}: ", PROSE, re.MULTILINE)


def test_every_demonstration_of_the_package_has_its_place_and_power_has_the_worksheet():
    used = {re.match(r"ws\.demo\.(\w+)\(", source)[1] for source in DEMOS.values()}

    assert used == set(NAMES)
    assert ORDER.index("worksheet") < ORDER.index("upgrade-check")
    assert CODE["worksheet"] == "ws.platform_worksheet()"


def test_what_it_says_it_takes_is_what_its_cells_allow():
    """Nothing is run at once, and the sizes in the title cell are those of the cells."""
    assert not [source for source in DEMOS.values() if "run=True" in source]
    sizes = {name: re.search(r'limit="([^"]+)"', source) for name, source in DEMOS.items()}
    limits = {name: parse_size(found[1]) for name, found in sizes.items() if found}

    assert limits == {"demo-ram": GIB, "demo-kv-cache": GIB, "demo-storage": 500_000_000}
    for words in ("at most 1 GiB of memory", "a temporary file of 500 MB", "full speed for 20 seconds"):
        assert words in text_of("title")
    assert "seconds=20)" in CODE["demo-thermals"]
    for name in ("vram", "ram_crash"):
        assert plan(name, Request()).ceiling_bytes <= GIB or "card" in plan(name, Request()).text


def test_the_long_run_is_optional():
    assert text_of("thermals-long").startswith("### Optional")
    assert ORDER.index("demo-thermals-long") == ORDER.index("thermals-long") + 1


@pytest.mark.parametrize(("cell", "wall"), [("wednesday", "storage"), ("context", "vram")])
def test_a_wall_is_predicted_before_it_is_told(cell, wall):
    asked = re.search(r"choices=\((.+)\)", CODE[f"predict-{cell}"])[1].replace('"', "").split(", ")
    name = re.search(r'\(\s*"([^"]+)"', CODE[f"predict-{cell}"])[1]

    assert ORDER.index(f"predict-{cell}") + 1 == ORDER.index(f"compare-{cell}")
    assert set(asked) <= set(load_catalog().constraints)
    assert CODE[f"compare-{cell}"] == f'ws.compare("{name}", "{wall}")'
    assert wall in asked


def test_the_diagram_and_its_words_name_the_five_in_the_same_order():
    drawn, told = text_of("tasks").split("The same in words")
    for part in (drawn, told):
        places = [part.index(word) for word in ("VRAM", "system RAM", "storage", "heat", "power")]
        assert places == sorted(places)


def test_its_table_is_the_catalogues_and_is_not_typed_a_second_time(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with ipython_shell() as shell:
        shell.run("import workstation as ws")
        shell.run(CODE["table"])
        for wall in FIVE:
            assert load_catalog().constraints[wall].healthy_question in shell.text
    assert "|" not in PROSE
    assert not [wall for wall in FIVE if load_catalog().constraints[wall].controls in PROSE]


def test_the_worked_hint_is_what_the_demonstration_works_out():
    """Llama-3.1-8B with room for 6.8 GiB, the stand-in's case."""
    case = next(c for c in cases(int(6.8 * GIB)) if c.model.id == "llama-3.1-8b" and c.weights.quantization == "Q4_K_M")

    assert case.per_token_bytes == 128 * 1024
    assert round(case.weights.bytes / GIB, 1) == 4.6
    assert round(case.room_tokens(int(6.8 * GIB)), -3) == 18_000
    told = text_of("vram-whole")
    assert "4.6 GiB" in told
    assert "128 KiB a token" in told
    assert "18,000 tokens" in told


def test_hints_come_in_steps_with_the_solution_last():
    for cell in ("vram-whole", "own-wall"):
        summaries = re.findall(r"<summary>(.+)</summary>", text_of(cell))
        assert [re.match(r"Hint (\d)", each)[1] for each in summaries] == ["1", "2", "3"]


def test_what_it_says_of_ruths_row_is_so():
    assert "her row begins with RAM and storage" in PROSE
    assert load_catalog().families["embeddings-rag"].primary[:2] == ("ram", "storage")


def test_the_parts_that_it_names_can_be_checked():
    named = re.findall(r"`\"(\w+)\"`", text_of("own-wall"))

    assert {*named, "gpu"} == set(load_platform_rules().upgrades)
