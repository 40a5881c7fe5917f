"""Lesson 08 in a real browser: a week is logged by keyboard alone, and stands in the form again after a reload."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from browser_kit import axe_findings, errors_of, open_lab, poll, run_all, wait_idle
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

PANEL = ".jp-NotebookPanel:not(.lm-mod-hidden)"
LESSON = "course/08-decision-framework.ipynb"
FIELD = f"{PANEL} .ws-fields input"
DAYS = "On how many days did you run a model on this machine?"
MOST_TABS = 40


def _open_lesson(page: Page) -> None:
    poll(page, "return app.commands.hasCommand('docmanager:open')")
    page.evaluate("async (path) => { await jupyterapp.commands.execute('docmanager:open', {path}); }", LESSON)
    poll(page, f"return app.shell.currentWidget.context && app.shell.currentWidget.context.path === '{LESSON}'")
    wait_idle(page)


def _select_log(page: Page) -> None:
    """Make the log's cell the active one, as the arrow keys would."""
    page.evaluate(
        """() => { const notebook = jupyterapp.shell.currentWidget.content;
      notebook.activeCellIndex = [...notebook.model.cells].findIndex(cell => cell.sharedModel.id === 'log');
      notebook.scrollToItem(notebook.activeCellIndex, 'start'); notebook.activate(); }"""
    )
    page.keyboard.press("Escape")


def _tab_to(page: Page, label: str) -> None:
    """Press Tab until the field or button of that name has the focus."""
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        if (
            page.evaluate(
                """() => { const at = document.activeElement;
          return at.labels && at.labels.length ? at.labels[0].innerText : at.innerText; }"""
            )
            == label
        ):
            return
    pytest.fail(f"Tab never reached {label!r}")


def test_a_week_is_logged_by_keyboard_and_stands_there_again(
    page: Page, start: Callable, tool: Callable[[str], Path], tmp_path: Path
) -> None:
    """In both themes nothing is wrong for assistive technology, and no question is cut off."""
    work = tmp_path / "my course"
    server = start(tool("workstation"), "lab", "--no-browser", "--dir", work, cwd=tmp_path)
    open_lab(page, server.url)
    _open_lesson(page)
    run_all(page)
    assert errors_of(page) == []

    _select_log(page)
    _tab_to(page, DAYS)
    page.keyboard.type("3")
    _tab_to(page, "Keep this row")
    page.keyboard.press("Enter")
    expect(page.locator(f"{PANEL} .ws-form [role=status]", has_text="Kept in evidence/log.jsonl.")).to_be_visible()
    expect(page.locator(f"{PANEL} .ws-card", has_text="Days with local inference").last).to_be_visible()
    kept = json.loads((work / "evidence/log.jsonl").read_text("utf-8"))
    assert kept["local_inference_days"] == 3.0
    labels = page.locator(f"{PANEL} .ws-fields .widget-text .widget-label")
    assert labels.count() == page.locator(FIELD).count()
    assert not labels.evaluate_all("all => all.filter(each => each.scrollWidth > each.clientWidth + 1)")
    assert axe_findings(page, PANEL) == {}

    page.keyboard.press("Control+s")
    poll(page, "return !app.shell.currentWidget.context.model.dirty")
    page.reload(wait_until="domcontentloaded")
    page.wait_for_selector("#jupyterlab-splash", state="detached", timeout=120_000)
    _open_lesson(page)
    page.evaluate(
        "async () => { await jupyterapp.commands.execute('apputils:change-theme', {theme: 'JupyterLab Dark'}); }"
    )
    run_all(page)
    _select_log(page)
    expect(page.get_by_label(DAYS)).to_have_value("3")
    assert axe_findings(page, PANEL) == {}
