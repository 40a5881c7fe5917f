"""Lesson 01 in a real browser: what is chosen by keyboard is still there after a reload, with a new kernel."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from browser_kit import axe_findings, errors_of, open_lab, poll, run_all, wait_idle
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

PANEL = ".jp-NotebookPanel:not(.lm-mod-hidden)"
LESSON = "course/01-workload-first.ipynb"
MOST_TABS = 40


def _open_lesson(page: Page) -> None:
    poll(page, "return app.commands.hasCommand('docmanager:open')")
    page.evaluate("async (path) => { await jupyterapp.commands.execute('docmanager:open', {path}); }", LESSON)
    poll(page, f"return app.shell.currentWidget.context && app.shell.currentWidget.context.path === '{LESSON}'")
    wait_idle(page)


def _select(page: Page, cell_id: str) -> None:
    """Make a cell the active one, as the arrow keys would."""
    page.evaluate(
        """(id) => { const notebook = jupyterapp.shell.currentWidget.content;
      notebook.activeCellIndex = [...notebook.model.cells].findIndex(cell => cell.sharedModel.id === id);
      notebook.scrollToItem(notebook.activeCellIndex, 'start'); notebook.activate(); }""",
        cell_id,
    )
    page.keyboard.press("Escape")


def _tab_to(page: Page, label: str) -> None:
    """Press Tab until the button that reads *label* has the focus."""
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        if (
            page.evaluate("() => document.activeElement.matches('.ws-form button') && document.activeElement.innerText")
            == label
        ):
            return
    pytest.fail(f"Tab never reached {label!r}")


def test_a_prediction_and_a_self_check_by_keyboard_outlive_page_and_kernel(
    page: Page, start: Callable, tool: Callable[[str], Path], tmp_path: Path
) -> None:
    """In both themes nothing is wrong for assistive technology either."""
    work = tmp_path / "my course"
    server = start(tool("workstation"), "lab", "--no-browser", "--dir", work, cwd=tmp_path)
    open_lab(page, server.url)
    _open_lesson(page)
    run_all(page)
    assert errors_of(page) == []

    _select(page, "predict-first")
    _tab_to(page, "System RAM")
    page.keyboard.press("Space")
    expect(page.locator(f"{PANEL} .ws-card", has_text="Your prediction is kept: System RAM")).to_be_visible()
    expect(page.locator(f"{PANEL} .ws-form [role=status]", has_text="Kept.")).to_be_visible()
    kept = (work / "evidence/predictions.jsonl").read_text("utf-8")
    assert json.loads(kept)["predicted"] == "ram"

    _select(page, "self-check-questions")
    _tab_to(page, "b. Which part her friends were happy with.")
    page.keyboard.press("Enter")
    expect(page.locator(f"{PANEL} .ws-card", has_text="Not this one.")).to_be_visible()
    assert axe_findings(page, PANEL) == {}

    page.keyboard.press("Control+s")
    poll(page, "return !app.shell.currentWidget.context.model.dirty")
    page.reload(wait_until="domcontentloaded")
    page.wait_for_selector("#jupyterlab-splash", state="detached", timeout=120_000)
    _open_lesson(page)
    page.evaluate("async () => { await jupyterapp.shell.currentWidget.sessionContext.restartKernel(); }")
    page.evaluate(
        "async () => { await jupyterapp.commands.execute('apputils:change-theme', {theme: 'JupyterLab Dark'}); }"
    )
    run_all(page)
    expect(page.locator(f"{PANEL} .ws-card", has_text="You predicted System RAM; it is VRAM.")).to_be_attached()
    _select(page, "self-check-questions")
    expect(page.locator(f"{PANEL} .ws-form button", has_text="✓ b. Which part")).to_be_visible()
    assert axe_findings(page, PANEL) == {}
