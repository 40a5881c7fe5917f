"""Demonstrations in a real browser: by keyboard from prediction to verdict, and gone when nobody watches."""

from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from browser_kit import (
    DARK,
    PANEL,
    axe_findings,
    errors_of,
    open_lab,
    open_notebook,
    screenshot,
    select,
    set_theme,
    tab_to,
    wait_done,
)
from instruments_browser_kit import demo_child, restart_kernel, start_cell, write_notebook
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

NOTEBOOK = "demo.ipynb"
CELLS = ["import workstation as ws", 'ws.demo.ram(limit="256MiB", seconds=60)']  # long enough to look at while it runs
GONE_WITHIN_SECONDS = 2  # the run itself takes ten times as long


@pytest.fixture
def served(page: Page, start: Callable, tool: Callable[[str], Path], tmp_path: Path) -> int:
    """JupyterLab on a working copy, with the demonstration's panel open; gives the server's process id."""
    work = tmp_path / "course"
    server = start(tool("workstation"), "lab", "--no-browser", "--dir", work, cwd=tmp_path)
    write_notebook(work / NOTEBOOK, CELLS)
    open_lab(page, server.url)
    open_notebook(page, NOTEBOOK)
    for place in range(len(CELLS)):
        start_cell(page, f"cell-{place}")
        wait_done(page, f"cell-{place}")
    assert errors_of(page) == []
    return server.process.pid


def said(page: Page, text: str) -> None:
    """Wait until the panel's live region says it."""
    expect(page.locator(f"{PANEL} .ws-form [role=status]", has_text=text).last).to_be_visible(timeout=60_000)


def begin(page: Page, server: int) -> psutil.Process:
    """Press Start by keyboard; give the child process that it starts."""
    select(page, "cell-1")
    tab_to(page, "Start")
    page.keyboard.press("Enter")
    said(page, "it has begun")
    child = demo_child(server)
    assert child is not None
    expect(page.locator(f"{PANEL} .ws-chart")).to_be_visible()
    return child


def assert_gone(child: psutil.Process) -> None:
    """The process ends by itself, soon."""
    psutil.wait_procs([child], timeout=GONE_WITHIN_SECONDS)
    assert not child.is_running() or child.status() == psutil.STATUS_ZOMBIE


def test_predict_start_watch_and_stop_by_keyboard(page: Page, served: int, tmp_path: Path) -> None:
    """The chart has the prediction and the measurement; afterwards verdict, limit and gap are told, in both themes."""
    select(page, "cell-1")
    page.keyboard.press("Tab")
    page.locator(f"{PANEL} .ws-form input").focus()
    page.keyboard.type("0.5")
    tab_to(page, "Keep my prediction")
    page.keyboard.press("Enter")
    said(page, "Kept.")

    child = begin(page, served)
    expect(page.locator(f'{PANEL} .ws-chart [data-l="your prediction"]')).to_be_attached()
    expect(page.locator(f'{PANEL} .ws-chart [data-l="measured so far"]')).to_be_attached()
    screenshot(page, tmp_path / "shots", ["running"])
    assert axe_findings(page, PANEL) == {}
    tab_to(page, "Stop")
    page.keyboard.press("Space")
    expect(page.locator(f"{PANEL} .ws-card", has_text="It ended because it was stopped.")).to_be_visible()
    assert_gone(child)
    expect(page.locator(f"{PANEL} .ws-card", has_text="You predicted 0.5 GiB and it was")).to_be_visible()
    screenshot(page, tmp_path / "shots", ["stopped"])

    set_theme(page, DARK)
    assert axe_findings(page, PANEL) == {}
    screenshot(page, tmp_path / "shots", ["stopped-dark"])


def test_closing_the_tab_ends_it(page: Page, served: int) -> None:
    """The kernel lives on; what it started does not."""
    child = begin(page, served)
    page.close()

    assert_gone(child)
    assert psutil.pid_exists(served)


def test_restarting_the_kernel_ends_it(page: Page, served: int) -> None:
    child = begin(page, served)
    restart_kernel(page)

    assert_gone(child)


def test_interrupting_the_kernel_leaves_it_in_order(page: Page, served: int) -> None:
    """An interrupt goes to whatever cell runs; the demonstration goes on, and its Stop works as before."""
    child = begin(page, served)
    page.evaluate("async () => { await jupyterapp.shell.currentWidget.sessionContext.session.kernel.interrupt(); }")
    select(page, "cell-1")
    tab_to(page, "Stop")
    page.keyboard.press("Enter")
    expect(page.locator(f"{PANEL} .ws-card", has_text="It ended because it was stopped.")).to_be_visible()

    assert_gone(child)
    assert errors_of(page) == []
