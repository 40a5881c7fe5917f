"""What browser tests of the instruments share: a notebook of given cells, keys instead of a mouse, and processes."""

import json
from collections.abc import Iterable
from pathlib import Path

import psutil
import pytest
from browser_kit import poll, wait_idle
from playwright.sync_api import Page

PANEL = ".jp-NotebookPanel:not(.lm-mod-hidden)"
DARK, LIGHT = "JupyterLab Dark", "JupyterLab Light"
MOST_TABS = 60
CHILD = "workstation.demos._child"


def write_notebook(path: Path, cells: Iterable[str]) -> None:
    """Write a notebook of code cells, named cell-0, cell-1 and so on."""
    made = [
        {
            "cell_type": "code", "id": f"cell-{place}", "metadata": {}, "execution_count": None, "outputs": [],
            "source": source,
        }
        for place, source in enumerate(cells)
    ]  # fmt: skip
    kernel = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    document = {"cells": made, "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}
    path.write_text(json.dumps(document), encoding="utf-8")


def open_notebook(page: Page, path: str) -> None:
    """Open a notebook of the working copy and wait until its kernel rests."""
    poll(page, "return app.commands.hasCommand('docmanager:open')")
    page.evaluate("async (path) => { await jupyterapp.commands.execute('docmanager:open', {path}); }", path)
    poll(page, f"return app.shell.currentWidget.context && app.shell.currentWidget.context.path === '{path}'")
    wait_idle(page)


def select(page: Page, cell_id: str) -> None:
    """Make a cell the active one, as the arrow keys would."""
    page.evaluate(
        """(id) => { const notebook = jupyterapp.shell.currentWidget.content;
      notebook.activeCellIndex = [...notebook.model.cells].findIndex(cell => cell.sharedModel.id === id);
      notebook.scrollToItem(notebook.activeCellIndex, 'start'); notebook.activate(); }""",
        cell_id,
    )
    page.keyboard.press("Escape")


def start_cell(page: Page, cell_id: str) -> None:
    """Run a cell by keyboard, and do not wait for its end."""
    select(page, cell_id)
    page.keyboard.press("Control+Enter")


def wait_done(page: Page, cell_id: str) -> None:
    """Wait until a cell has run and the kernel rests."""
    poll(
        page,
        f"""const w = app.shell.currentWidget;
      const cell = [...w.content.model.cells].find(c => c.sharedModel.id === '{cell_id}');
      return w.sessionContext.session.kernel.status === 'idle' && cell.executionCount !== null;""",
        180_000,
    )


def tab_to(page: Page, label: str) -> None:
    """Press Tab until the control that reads *label* has the focus."""
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        if page.evaluate("() => document.activeElement.innerText") == label:
            return
    pytest.fail(f"Tab never reached {label!r}")


def set_theme(page: Page, theme: str) -> None:
    """Change the theme and wait until the page wears it."""
    page.evaluate(
        "async (theme) => { await jupyterapp.commands.execute('apputils:change-theme', {theme}); }",
        theme,
    )
    poll(page, f"return document.body.dataset.jpThemeName === '{theme}'")


def demo_child(server_pid: int) -> psutil.Process | None:
    """Find the child process of a demonstration below a server."""
    for process in psutil.Process(server_pid).children(recursive=True):
        try:
            if CHILD in process.cmdline():
                return process
        except psutil.Error:
            continue
    return None


def restart_kernel(page: Page) -> None:
    """Restart the open notebook's kernel and wait until it rests."""
    page.evaluate("async () => { await jupyterapp.shell.currentWidget.sessionContext.restartKernel(); }")
    wait_idle(page)
