"""Lesson 10 in a real browser: matches by keyboard, what is kept, and what a screen reader is told, in both themes."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from browser_kit import DARK, PANEL, axe_findings, errors_of, open_lab, open_notebook, run_all, select, set_theme
from playwright.sync_api import Page, expect

from workstation.catalog import load_catalog
from workstation.notebook.matching_model import HARM, MOVE, choices, row_of

pytestmark = pytest.mark.browser

LESSON = "course/10-review.ipynb"
FIRST = row_of(1)


def test_matches_by_keyboard_are_checked_kept_and_read_by_the_other_cards(
    page: Page, start: Callable, tool: Callable[[str], Path], tmp_path: Path
) -> None:
    """The letter typed into a field never reaches JupyterLab as a command; nothing is wrong in either theme."""
    work = tmp_path / "my course"
    server = start(tool("workstation"), "lab", "--no-browser", "--dir", work, cwd=tmp_path)
    open_lab(page, server.url)
    open_notebook(page, LESSON)
    run_all(page)
    assert errors_of(page) == []
    cells = page.evaluate("() => jupyterapp.shell.currentWidget.content.model.cells.length")

    select(page, "match")
    harm = page.get_by_label("1. Harm:", exact=True)
    harm.focus()
    page.keyboard.type(FIRST.part(HARM).right)
    page.keyboard.press("Tab")
    expect(page.get_by_label("1. Better move:", exact=True)).to_be_focused()
    page.keyboard.type(FIRST.part(MOVE).right)
    button = page.get_by_role("button", name="Check my matches")
    button.focus()
    page.keyboard.press("Space")
    expect(page.locator(f"{PANEL} .ws-form [role=status]", has_text="1 of 8 matched.")).to_be_visible()
    expect(page.locator(f"{PANEL} .ws-form .ws-aside", has_text=FIRST.mistake.why)).to_be_visible()
    kept = [json.loads(line) for line in (work / "evidence/self-checks.jsonl").read_text("utf-8").splitlines()]
    assert [entry["id"] for entry in kept] == [f"mistake.{FIRST.mistake.id}.{part}" for part in (HARM, MOVE)]
    assert page.evaluate("() => jupyterapp.shell.currentWidget.content.model.cells.length") == cells

    select(page, "success-check")
    expect(page.locator(f"{PANEL} .ws-card", has_text="0 of 6 show in what you have on file.")).to_be_visible()
    assert axe_findings(page, PANEL) == {}

    set_theme(page, DARK)
    run_all(page)
    select(page, "match")
    expect(page.get_by_label("1. Harm:", exact=True)).to_have_value(choices(HARM)[FIRST.part(HARM).right])
    select(page, "progress")
    told = f"1 of {len(load_catalog().mistakes)} matched mistakes"
    expect(page.locator(f"{PANEL} .ws-card", has_text=told)).to_be_visible()
    assert axe_findings(page, PANEL) == {}
