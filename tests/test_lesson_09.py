"""Lesson 09: it runs on a machine that tells little, and its used machine is what its answer says."""

from pathlib import Path

import nbformat
import pytest
from notebook_kit import ipython_shell

from workstation.catalog import load_catalog
from workstation.inventory import Platform, check_upgrade, fill_in

ROOT = Path(__file__).resolve().parents[1]
NAME = "09-hardware-specifics"
SCENARIO = load_catalog().scenarios["used-workstation-map"]
MAP = {
    "chassis": "desktop", "memory_soldered": False, "memory_installed_gib": 32, "memory_max_gib": 256,
    "memory_slots_total": 8, "memory_slots_free": 4, "m2_slots_free": 0, "drive_bays_free": 2, "gpu_slots_free": 1,
    "gpu_length_mm": 260, "gpu_width_slots": 2, "psu_watts": 425, "psu_free_8pin": 1, "psu_free_16pin": 0,
    "psu_standard": False, "parts_locked": False, "noise_allowed": True,
}  # fmt: skip
"""What the scenario tells of the machine, as the worksheet would hold it."""


@pytest.fixture(scope="module")
def cells() -> dict[str, str]:
    """The lesson's cells by id."""
    lesson = nbformat.read(ROOT / f"course/{NAME}.ipynb", as_version=4)
    return {cell.id: cell.source for cell in lesson.cells}


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A real IPython shell in an empty folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    with ipython_shell() as started:
        started.run("import workstation as ws")
        yield started


@pytest.fixture(scope="module")
def used_machine() -> Platform:
    """The machine of the scenario as a worksheet."""
    return fill_in(Platform(filled_in_at="2026-11-24T00:00:00Z"), MAP)


def test_the_scenario_belongs_to_the_lesson_and_is_played_there(cells):
    assert SCENARIO.lesson == NAME
    assert cells["used-workstation"] == f'ws.scenario("{SCENARIO.id}")'


@pytest.mark.parametrize("figure", ["32 GB in 4 of 8", "256 GB", "two free bays", "260 mm", "425 W", "one free 8-pin"])
def test_the_map_of_this_test_is_the_scenarios(figure):
    assert figure in SCENARIO.situation


@pytest.mark.parametrize(("part", "verdict"), [("ram", "fits"), ("nvme", "does not fit"), ("gpu", "cannot tell")])
def test_the_upgrade_check_says_of_the_used_machine_what_the_answer_says(used_machine, part, verdict):
    """No M.2 slot is free, so the drive goes into a bay, as the model answer has it."""
    found = check_upgrade(part, used_machine, None, {})

    assert verdict in found.sentence
    if part == "nvme":
        assert any("SATA" in reason.sentence and reason.outcome == "advice" for reason in found.reasons)


def test_each_choice_has_a_reason_and_the_choice_is_kept(shell):
    shell.run(f'ws.scenario("{SCENARIO.id}", "c")')
    assert "There is a better choice." in shell.text
    assert SCENARIO.reasons[2] in shell.text
    shell.run(f'ws.scenario("{SCENARIO.id}", "b")')

    assert "That is the choice to make." in shell.text
    assert SCENARIO.model_answer in shell.text


def test_the_disk_is_predicted_before_it_is_read(shell, cells):
    shell.run('ws.predict("free-project-gb", "?", unit="GB", value=100)')
    shell.run(cells["compare-free"])

    assert any("100 GB" in card.get("text/plain", "") for card in shell.cards)


@pytest.mark.parametrize("cell", ["upgrade-ram", "your-part", "worksheet"])
def test_without_a_worksheet_its_cells_say_what_is_missing(shell, cells, cell):
    result = shell.run(cells[cell])

    assert result is not None or shell.cards
