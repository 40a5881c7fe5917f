"""Watching in a real browser: a chart that follows, an end that stays, and an answer after the kernel has died."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from browser_kit import (
    DARK,
    LIGHT,
    PANEL,
    axe_findings,
    open_lab,
    open_notebook,
    outputs_of,
    poll,
    screenshot,
    select,
    set_theme,
    wait_done,
    wait_idle,
)
from instruments_browser_kit import start_cell, write_notebook
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

NOTEBOOK = "watch.ipynb"
WORK = """%%watch work
import pathlib
held = bytearray(200_000_000)
while not pathlib.Path("enough").exists():
    sum(range(20_000))
len(held)"""
DIE = """%%watch boom
import os, pathlib, signal
while not pathlib.Path("now").exists():
    sum(range(20_000))
os.kill(os.getpid(), signal.SIGKILL)"""
CELLS = ["import workstation as ws", WORK, "ws.watched('work').diagnose()", DIE, "ws.last_crash()"]
LARGEST_NOTEBOOK_BYTES = 200_000


@pytest.fixture
def work(page: Page, start: Callable, tool: Callable[[str], Path], tmp_path: Path) -> Path:
    """JupyterLab on a working copy with the notebook open and its first cell run."""
    folder = tmp_path / "course"
    server = start(tool("workstation"), "lab", "--no-browser", "--dir", folder, cwd=tmp_path)
    write_notebook(folder / NOTEBOOK, CELLS)
    open_lab(page, server.url)
    open_notebook(page, NOTEBOOK)
    start_cell(page, "cell-0")
    wait_done(page, "cell-0")
    return folder


def chart_label(page: Page, cell: int) -> str:
    """Give the words of a cell's chart; empty while there is none."""
    chart = page.locator(f"{PANEL} .jp-CodeCell").nth(cell).locator(".ws-chart")
    return chart.first.get_attribute("aria-label") or "" if chart.count() else ""


def wait_chart_changes(page: Page, cell: int, before: str) -> str:
    """Wait until a cell's chart says something else."""
    poll(
        page,
        f"""const chart = document.querySelectorAll('{PANEL} .jp-CodeCell')[{cell}].querySelector('.ws-chart');
      return chart && chart.getAttribute('aria-label') !== {json.dumps(before)};""",
    )
    return chart_label(page, cell)


def test_a_watched_cell_is_followed_and_its_end_stays(page: Page, work: Path, tmp_path: Path) -> None:
    """The chart moves while the cell runs; afterwards chart, table and findings stand in the saved notebook."""
    start_cell(page, "cell-1")
    first = wait_chart_changes(page, 1, "")
    second = wait_chart_changes(page, 1, first)
    assert "of memory available" in second
    wait_chart_changes(page, 1, second)
    set_theme(page, LIGHT)
    screenshot(page, tmp_path / "shots", ["live-light"])
    assert axe_findings(page, PANEL) == {}
    (work / "enough").touch()
    wait_done(page, "cell-1")

    cell = page.locator(f"{PANEL} .jp-CodeCell").nth(1)
    expect(cell.locator("[role=status]", has_text="it came to its end")).to_be_visible()
    expect(cell.locator("summary", has_text="The same in words and as a table")).to_be_visible()
    assert outputs_of(page)[1][-1]["data"]["text/plain"] == "200000000"
    assert axe_findings(page, PANEL) == {}
    select(page, "cell-1")
    screenshot(page, tmp_path / "shots", ["final-light"])
    set_theme(page, DARK)
    assert axe_findings(page, PANEL) == {}
    screenshot(page, tmp_path / "shots", ["final-dark"])

    start_cell(page, "cell-2")
    wait_done(page, "cell-2")
    expect(page.locator(f"{PANEL} .jp-CodeCell").nth(2).locator(".ws-card")).to_be_visible()
    page.keyboard.press("Control+s")
    poll(page, "return !app.shell.currentWidget.context.model.dirty")
    saved = (work / NOTEBOOK).read_text("utf-8")
    assert len(saved) < LARGEST_NOTEBOOK_BYTES
    assert str(tmp_path) not in saved


def test_a_notebook_that_is_not_trusted_shows_words_and_the_table(page: Page, work: Path, tmp_path: Path) -> None:
    """Somebody else opens it: no drawing, no style, and no stray numbers either."""
    (work / "enough").touch()
    start_cell(page, "cell-1")
    wait_done(page, "cell-1")
    page.keyboard.press("Control+s")
    poll(page, "return !app.shell.currentWidget.context.model.dirty")
    document = json.loads((work / NOTEBOOK).read_text("utf-8"))
    for place, cell in enumerate(document["cells"]):
        cell["id"] = f"foreign-{place}"  # another document, so the learner's signature does not cover it
    (work / "foreign.ipynb").write_text(json.dumps(document), encoding="utf-8")
    open_notebook(page, "foreign.ipynb")

    output = page.locator(f"{PANEL} .jp-CodeCell").nth(1).locator(".jp-OutputArea").first
    expect(output.locator("summary", has_text="The same in words and as a table")).to_be_visible()
    screenshot(page, tmp_path / "shots", ["untrusted"])
    assert output.locator(".ws-chart svg").count() == 0
    assert "".join(output.locator(".ws-chart").all_inner_texts()).strip() == ""


def test_a_kernel_that_dies_is_explained_after_the_restart(page: Page, work: Path, tmp_path: Path) -> None:
    start_cell(page, "cell-3")
    wait_chart_changes(page, 3, "")
    (work / "now").touch()
    dialog = page.locator(".jp-Dialog", has_text="Kernel Restarting")
    expect(dialog).to_be_visible()
    dialog.get_by_role("button", name="Ok").click()
    wait_idle(page)
    start_cell(page, "cell-0")
    wait_done(page, "cell-0")
    start_cell(page, "cell-4")
    wait_done(page, "cell-4")

    card = page.locator(f"{PANEL} .jp-CodeCell").nth(4).locator(".ws-card")
    expect(card.locator("[role=status]", has_text="the process was killed (SIGKILL)")).to_be_visible()
    expect(card.get_by_text("What to try")).to_be_visible()
    select(page, "cell-4")
    screenshot(page, tmp_path / "shots", ["crash"])
    assert axe_findings(page, PANEL) == {}
