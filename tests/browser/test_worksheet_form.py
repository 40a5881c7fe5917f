"""The platform worksheet in a real browser: filled in by keyboard, still there after a reload, asked of a part."""

import json
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from browser_kit import PANEL, axe_findings, errors_of, open_lab, open_notebook, poll, run_all, screenshot
from playwright.sync_api import Page, expect

from workstation.catalog._platform import load_platform_rules

pytestmark = pytest.mark.browser

PAGE = "course/my-machine.ipynb"
MOST_TABS = 60
KIND, WATTS, STANDARD = (load_platform_rules().items[name].label for name in ("chassis", "psu_watts", "psu_standard"))
THEMES = ("JupyterLab Dark", "JupyterLab Light")


def _put_page(work: Path) -> None:
    """Write the notebook that a learner makes: the worksheet, and a question about a part."""
    sources = {
        "sheet": "ws.platform_worksheet()",
        "part": 'ws.upgrade_check("gpu")',
    }
    cells = [nbformat.v4.new_code_cell(source, id=name) for name, source in sources.items()]
    kernel = {"kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}}
    notebook = nbformat.v4.new_notebook(cells=cells, metadata=kernel)
    (work / PAGE).write_text(nbformat.writes(notebook), encoding="utf-8")


def _tab_to(page: Page, name: str) -> None:
    """Press Tab until the control of the form that assistive technology calls *name* has the focus."""
    form = page.locator(f"{PANEL} .ws-form")
    wanted = form.get_by_label(name, exact=True).or_(form.get_by_role("button", name=name, exact=True))
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        if wanted.evaluate("control => control === document.activeElement"):
            return
    pytest.fail(f"Tab never reached {name!r}")


def _to_the_form(page: Page) -> None:
    """Make the first cell the active one, as the arrow keys would."""
    page.evaluate(
        """() => { const notebook = jupyterapp.shell.currentWidget.content;
      notebook.activeCellIndex = 0; notebook.scrollToItem(0, 'start'); notebook.activate(); }"""
    )
    page.keyboard.press("Escape")


def _fill(page: Page, name: str, text: str) -> None:
    _tab_to(page, name)
    page.keyboard.press("Control+a")
    page.keyboard.type(text)


def _save(page: Page) -> None:
    _tab_to(page, "Save the worksheet")
    page.keyboard.press("Space")


def test_the_worksheet_is_filled_in_by_keyboard_and_outlives_page_and_kernel(
    page: Page, start: Callable, tool: Callable[[str], Path], tmp_path: Path
) -> None:
    """Nothing but keys, in both themes; what was saved answers for a part in a new kernel."""
    work = tmp_path / "my course"
    server = start(tool("workstation"), "lab", "--no-browser", "--dir", work, cwd=tmp_path)
    open_lab(page, server.url)
    _put_page(work)
    open_notebook(page, PAGE)
    run_all(page)
    assert errors_of(page) == []
    form, file = page.locator(f"{PANEL} .ws-form"), work / "evidence/platform.json"
    cards = page.locator(f"{PANEL} .ws-card")

    _to_the_form(page)
    _fill(page, WATTS, "a lot")
    _save(page)
    expect(form.get_by_role("status")).to_contain_text("psu_watts: expected a whole number")
    assert not file.exists()

    _to_the_form(page)
    _fill(page, KIND, "desktop")
    _fill(page, WATTS, "650 W")
    _fill(page, STANDARD, "yes")
    _save(page)
    expect(form.get_by_role("status")).to_contain_text("Saved in evidence/platform.json")
    expect(cards.first.get_by_role("status")).to_contain_text("Saved in evidence/platform.json")
    saved = json.loads(file.read_text("utf-8"))
    assert (saved["chassis"], saved["psu_watts"], saved["psu_standard"]) == ("desktop", 650, True)
    screenshot(page, tmp_path, ["saved"])

    page.keyboard.press("Control+s")
    poll(page, "return !app.shell.currentWidget.context.model.dirty")
    page.reload(wait_until="domcontentloaded")
    page.wait_for_selector("#jupyterlab-splash", state="detached", timeout=120_000)
    for number, theme in enumerate(THEMES):
        open_notebook(page, PAGE)
        page.evaluate("async () => { await jupyterapp.shell.currentWidget.sessionContext.restartKernel(); }")
        page.evaluate(
            "async (theme) => { await jupyterapp.commands.execute('apputils:change-theme', {theme}); }", theme
        )
        page.evaluate("async () => { await jupyterapp.commands.execute('notebook:clear-all-cell-outputs'); }")
        run_all(page)
        assert errors_of(page) == []
        expect(form.get_by_label(WATTS, exact=True)).to_have_value("650")
        expect(form.get_by_label(KIND, exact=True)).to_have_value("desktop")
        expect(cards.nth(1)).to_contain_text("650")
        assert axe_findings(page, PANEL) == {}
        screenshot(page, tmp_path, [f"again-{number}"])
