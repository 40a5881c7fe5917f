"""Lesson 08 in a real browser: a week is logged by keyboard alone, and stands in the form again after a reload."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from browser_kit import (
    DARK,
    PANEL,
    axe_findings,
    errors_of,
    open_lab,
    open_notebook,
    poll,
    run_all,
    select,
    set_theme,
    tab_to,
)
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

LESSON = "course/08-decision-framework.ipynb"
FIELD = f"{PANEL} .ws-fields input"
DAYS = "On how many days did you run a model on this machine?"


def test_a_week_is_logged_by_keyboard_and_stands_there_again(
    page: Page, start: Callable, tool: Callable[[str], Path], tmp_path: Path
) -> None:
    """In both themes nothing is wrong for assistive technology, and no question is cut off."""
    work = tmp_path / "my course"
    server = start(tool("workstation"), "lab", "--no-browser", "--dir", work, cwd=tmp_path)
    open_lab(page, server.url)
    open_notebook(page, LESSON)
    run_all(page)
    assert errors_of(page) == []

    select(page, "log")
    tab_to(page, DAYS)
    page.keyboard.type("3")
    tab_to(page, "Keep this row")
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
    open_notebook(page, LESSON)
    set_theme(page, DARK)
    run_all(page)
    select(page, "log")
    expect(page.get_by_label(DAYS)).to_have_value("3")
    assert axe_findings(page, PANEL) == {}
