"""The sizing explorer in a real browser: by keyboard alone, clean for assistive technology in both themes."""

from collections.abc import Callable
from pathlib import Path

import pytest
from browser_kit import axe_findings, errors_of, open_lab, run_all
from instruments_browser_kit import DARK, PANEL, open_notebook, select, set_theme, tab_to
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

LESSON = "course/04-sizing-rules.ipynb"


def test_the_explorer_by_keyboard(page: Page, start: Callable, tool: Callable[[str], Path], tmp_path: Path) -> None:
    """A button moves the context, Enter in a field works a model out, a slip is a sentence: all without a mouse."""
    server = start(tool("workstation"), "lab", "--no-browser", "--dir", tmp_path / "my course", cwd=tmp_path)
    open_lab(page, server.url)
    open_notebook(page, LESSON)
    run_all(page)
    assert errors_of(page) == []
    said = page.locator(f"{PANEL} .ws-form", has_text="What would you like to run?").locator("[role=status]")

    select(page, "explorer")
    tab_to(page, "Twice the context")
    page.keyboard.press("Space")
    expect(said).to_contain_text("16,384 tokens of context")
    expect(
        page.locator(f"{PANEL} .ws-card", has_text="Since the last answer: KV cache 1.0 GiB to 2.0 GiB")
    ).to_be_visible()

    page.get_by_label("Model, or a count such as 7B:").focus()
    page.keyboard.press("Control+a")
    page.keyboard.type("lama-3.1-8b")
    page.keyboard.press("Enter")
    expect(said).to_contain_text("Did you mean llama-3.1-8b")
    page.keyboard.press("Control+a")
    page.keyboard.type("70B")
    page.keyboard.press("Enter")
    expect(said).to_contain_text("A model of 70 billion parameters")

    assert axe_findings(page, PANEL) == {}
    set_theme(page, DARK)
    assert axe_findings(page, PANEL) == {}
