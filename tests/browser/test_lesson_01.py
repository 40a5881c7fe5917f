"""Lesson 01 in a real browser: what is chosen by keyboard is still there after a reload, with a new kernel."""

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
from instruments_browser_kit import restart_kernel
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

LESSON = "course/01-workload-first.ipynb"


def test_a_prediction_and_a_self_check_by_keyboard_outlive_page_and_kernel(
    page: Page, start: Callable, tool: Callable[[str], Path], tmp_path: Path
) -> None:
    """In both themes nothing is wrong for assistive technology either."""
    work = tmp_path / "my course"
    server = start(tool("workstation"), "lab", "--no-browser", "--dir", work, cwd=tmp_path)
    open_lab(page, server.url)
    open_notebook(page, LESSON)
    run_all(page)
    assert errors_of(page) == []

    select(page, "predict-first")
    tab_to(page, "System RAM")
    page.keyboard.press("Space")
    expect(page.locator(f"{PANEL} .ws-card", has_text="Your prediction is kept: System RAM")).to_be_visible()
    expect(page.locator(f"{PANEL} .ws-form [role=status]", has_text="Kept.")).to_be_visible()
    kept = (work / "evidence/predictions.jsonl").read_text("utf-8")
    assert json.loads(kept)["predicted"] == "ram"

    select(page, "self-check-questions")
    tab_to(page, "b. Which part her friends were happy with.")
    page.keyboard.press("Enter")
    expect(page.locator(f"{PANEL} .ws-card", has_text="Not this one.")).to_be_visible()
    assert axe_findings(page, PANEL) == {}

    page.keyboard.press("Control+s")
    poll(page, "return !app.shell.currentWidget.context.model.dirty")
    page.reload(wait_until="domcontentloaded")
    page.wait_for_selector("#jupyterlab-splash", state="detached", timeout=120_000)
    open_notebook(page, LESSON)
    restart_kernel(page)
    set_theme(page, DARK)
    run_all(page)
    expect(page.locator(f"{PANEL} .ws-card", has_text="You predicted System RAM; it is VRAM.")).to_be_attached()
    select(page, "self-check-questions")
    expect(page.locator(f"{PANEL} .ws-form button", has_text="✓ b. Which part")).to_be_visible()
    assert axe_findings(page, PANEL) == {}
