"""What stands beside the explorer: a disk that fills over months, and the bands with everything that is on file."""

from dataclasses import replace
from pathlib import Path

import pytest
from inventory_kit import small
from notebook_kit import ipython_shell
from planning_notebook_kit import Page, recorded, working_copy

from workstation.inventory import read_from
from workstation.inventory._recorded import RecordedSource
from workstation.notebook.growth_card import growth_html, growth_text
from workstation.units import GB

BIG = Path(__file__).parent / "machines/linux-i9-rtx4090-64gib/machine.toml"


def big():
    return read_from(RecordedSource.load(BIG), "/x")


@pytest.fixture
def course(tmp_path, monkeypatch):
    root = working_copy(tmp_path / "copy")
    monkeypatch.chdir(root / "course")
    return root


@pytest.fixture
def shell(course):
    del course
    with ipython_shell() as started:
        started.run("import workstation as ws\nfrom test_notebook_storage_growth import big")
        yield started


def test_months_grow_and_the_month_in_which_the_disk_is_full_is_named(shell):
    growth = shell.run("ws.storage_growth(6, new_models_per_month=3, new_dataset_gb_per_month=5, on=big())")
    sizes = [each.likely_bytes for each in growth.by_month]
    tight = replace(growth, free_bytes=sizes[3] + 1)

    assert sizes == sorted(sizes)
    assert len(sizes) == 7
    assert tight.full_in_month == 4
    assert "would be used up in month 4" in growth_text(tight)
    assert replace(growth, free_bytes=1).full_in_month == 0
    assert "would be used up at once" in growth_text(replace(growth, free_bytes=1))
    assert "is not known" in growth_text(replace(growth, free_bytes=None))
    assert "hold that" in growth_text(replace(growth, free_bytes=10**15))


def test_the_growth_card_says_all_months_in_words_and_draws_the_room_where_it_is_in_view(shell):
    growth = shell.run("ws.storage_growth(3, on=big())")
    near = growth_html(replace(growth, free_bytes=growth.by_month[-1].likely_bytes))
    far = growth_html(replace(growth, free_bytes=4_000 * GB))

    assert Page(near).is_harmless()
    assert "free today" in near
    assert "far above" in far
    assert "free today" not in far
    assert [f"month {month}:" in growth_text(growth) for month in range(4)] == [True] * 4


def test_now_alone_is_a_figure_too(shell):
    growth = shell.run("ws.storage_growth(0, on=big())")

    assert "After 0 months" in growth_text(growth)
    assert Page(growth_html(growth)).is_harmless()


def test_bands_take_the_recordings_on_file(shell, course, monkeypatch):
    """A recording of own work is what cooling waits for; one without load says so instead."""
    monkeypatch.setattr("workstation.notebook.exploring.read_machine", small)
    without = {band.resource: band for band in shell.run("ws.my_bands()")}
    recorded(course, "index", monkeypatch)
    with_one = {band.resource: band for band in shell.run("ws.my_bands()")}

    assert "a recording of your own workload" in without["cooling"].missing[0]
    assert with_one["cooling"].missing != without["cooling"].missing


def test_bands_take_the_worksheet_on_file(shell, monkeypatch):
    monkeypatch.setattr("workstation.notebook.exploring.read_machine", small)
    shell.run("ws.platform_worksheet(psu_watts=850, psu_free_8pin=2, psu_free_16pin=0)")
    power = next(band for band in shell.run("ws.my_bands('large-training')") if band.resource == "power")

    assert power.band != "unknown"
