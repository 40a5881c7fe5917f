"""What browser tests of the instruments share: a notebook of given cells, keys instead of a mouse, and processes."""

import json
from collections.abc import Iterable
from pathlib import Path

import psutil
from browser_kit import select, wait_idle
from playwright.sync_api import Page

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


def start_cell(page: Page, cell_id: str) -> None:
    """Run a cell by keyboard, and do not wait for its end."""
    select(page, cell_id)
    page.keyboard.press("Control+Enter")


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
