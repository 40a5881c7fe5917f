"""In a real JupyterLab: an answer cell without its first line, and a hint right after a restart."""

from collections.abc import Callable
from pathlib import Path

import pytest
from browser_kit import errors_of, open_lab, outputs_of, poll, run_all, screenshot, wait_idle
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

PANEL = ".jp-NotebookPanel:not(.lm-mod-hidden)"
EXERCISE = "exercises/constraint-summary/constraint-summary.ipynb"
PROSE = "For the next four months I'll build a search over my own notes."


def _open(page: Page, path: str) -> None:
    poll(page, "return app.commands.hasCommand('docmanager:open')")
    page.evaluate("async (path) => { await jupyterapp.commands.execute('docmanager:open', {path}); }", path)
    poll(page, f"return app.shell.currentWidget.context && app.shell.currentWidget.context.path === '{path}'")
    wait_idle(page)


def _run_with(page: Page, cell_id: str, source: str) -> None:
    """Replace what stands in a cell, run it, and wait until the kernel rests."""
    page.evaluate(
        """async ([id, source]) => { const notebook = jupyterapp.shell.currentWidget.content;
      notebook.activeCellIndex = [...notebook.model.cells].findIndex(cell => cell.sharedModel.id === id);
      notebook.activeCell.model.sharedModel.setSource(source);
      notebook.scrollToItem(notebook.activeCellIndex, 'start');
      await jupyterapp.commands.execute('notebook:run-cell'); }""",
        [cell_id, source],
    )
    wait_idle(page)


def test_a_lost_first_line_and_a_new_kernel_are_met_with_sentences(
    page: Page, start: Callable, tool: Callable[[str], Path], tmp_path: Path
) -> None:
    """The paragraph has no labels: only JupyterLab's word for the cell tells that it is an answer."""
    work = tmp_path / "my course"
    server = start(tool("workstation"), "lab", "--no-browser", "--dir", work, cwd=tmp_path)
    open_lab(page, server.url)
    _open(page, EXERCISE)
    cards = page.locator(f"{PANEL} .ws-card")

    _run_with(page, "answer-workload", f"{PROSE}\n")
    expect(cards.last).to_contain_text("Write %%answer workload as the first line")
    assert errors_of(page) == []
    screenshot(page, tmp_path, ["lost"])

    _run_with(page, "answer-workload", f"\n\n    %%answer workload\n    {PROSE}\n")
    expect(cards.last).to_contain_text("3 of 3 met")

    page.keyboard.press("Control+s")
    poll(page, "return !app.shell.currentWidget.context.model.dirty")
    page.evaluate("async () => { await jupyterapp.shell.currentWidget.sessionContext.restartKernel(); }")
    wait_idle(page)
    _run_with(page, "capture", 'ws.hint("workload")')
    expect(page.locator(f"{PANEL} .ws-card", has_text="there is nothing left to hint at")).to_be_attached()
    assert errors_of(page) == []
    assert any(outputs_of(page))
    run_all(page)
    assert errors_of(page) == []
    screenshot(page, tmp_path, ["run"])
