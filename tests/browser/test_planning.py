"""The decision walk in a real browser: by keyboard alone, in both themes, and there again after a reload."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from browser_kit import PANEL, axe_findings, errors_of, open_lab, open_notebook, run_all
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

NAME = "course/planning-tryout.ipynb"
WORK = "For 4 months RAG."
SOURCES = (
    "import workstation as ws\nws.capture_evidence()",
    "ws.decide()",
    "ws.simulate('if swap_used_gib above 4 for 3 weeks then upgrade ram')",
    "ws.fits('llama-3.1-8b', on=ws.inventory())",
    (
        "ws.buy_or_rent(price=2000, resale=600, months=36, power_price=0.3, idle_watts=40, busy_watts=400, rate=1.2, "
        "currency='EUR', on='2026-11-20')"
    ),
)
MOST_TABS = 60


def _notebook(work: Path) -> None:
    cells = [
        {
            "cell_type": "code",
            "id": f"cell-{place}",
            "metadata": {},
            "outputs": [],
            "execution_count": None,
            "source": text,
        }
        for place, text in enumerate(SOURCES)
    ]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    document = {"cells": cells, "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}
    (work / NAME).write_text(json.dumps(document), encoding="utf-8")


def _select(page: Page) -> None:
    """Make the walk's cell the active one, as the arrow keys would."""
    page.evaluate(
        """() => { const notebook = jupyterapp.shell.currentWidget.content;
      notebook.activeCellIndex = 1; notebook.scrollToItem(1, 'start'); notebook.activate(); }"""
    )
    page.keyboard.press("Escape")


def _tab_to(page: Page, selector: str) -> None:
    """Press Tab until what *selector* names in a form has the focus."""
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        if page.evaluate("(wanted) => document.activeElement.matches('.ws-form ' + wanted)", selector):
            return
    pytest.fail(f"Tab never reached {selector!r}")


def test_the_decision_walk_by_keyboard_outlives_the_page(
    page: Page, start: Callable, tool: Callable[[str], Path], tmp_path: Path
) -> None:
    """In both themes nothing is wrong for assistive technology either, in the form, the charts and the tables."""
    work = tmp_path / "my course"
    server = start(tool("workstation"), "lab", "--no-browser", "--dir", work, cwd=tmp_path)
    open_lab(page, server.url)
    _notebook(work)
    open_notebook(page, NAME)
    run_all(page)
    assert errors_of(page) == []

    _select(page)
    _tab_to(page, "input")
    page.keyboard.type(WORK)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(f"{PANEL} .ws-form input[list]")).to_be_focused()
    page.keyboard.type("inventory memory.total_bytes")
    page.keyboard.press("Tab")
    expect(page.locator(f"{PANEL} .ws-form input:not([list])")).to_have_value(re.compile("Memory, Total"))
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(f"{PANEL} .ws-card", has_text="The walk ends in: Keep the current machine.")).to_be_visible()
    assert json.loads((work / "evidence/decision.json").read_text("utf-8"))["ending"]["decision"] == "keep"
    assert axe_findings(page, PANEL) == {}

    page.reload(wait_until="domcontentloaded")
    page.wait_for_selector("#jupyterlab-splash", state="detached", timeout=120_000)
    open_notebook(page, NAME)
    page.evaluate(
        "async () => { await jupyterapp.commands.execute('apputils:change-theme', {theme: 'JupyterLab Dark'}); }"
    )
    run_all(page)
    expect(page.locator(f"{PANEL} .ws-card", has_text="The walk ends in: Keep the current machine.")).to_be_attached()
    assert axe_findings(page, PANEL) == {}
