"""What browser tests share: waiting for JupyterLab by asking JupyterLab, never by the clock."""

from collections.abc import Iterable
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

PANEL = ".jp-NotebookPanel:not(.lm-mod-hidden)"
DARK, LIGHT = "JupyterLab Dark", "JupyterLab Light"
MOST_TABS = 60

# Polls inside the page: page.wait_for_function takes the promise of an async predicate for true.
_POLL = """async ([body, timeout]) => {
  const probe = new Function('app', 'return (async () => {' + body + '})()');
  const end = Date.now() + timeout; let last;
  while (Date.now() < end) {
    try { last = await probe(window.jupyterapp); if (last) return last; } catch (e) { last = String(e); }
    await new Promise(r => setTimeout(r, 100)); }
  throw new Error('timed out, last value: ' + last + ' for ' + body); }"""

# What the control with the focus is called: by its label, else by its own words.
_FOCUSED = """() => { const at = document.activeElement;
  return at.labels && at.labels.length ? at.labels[0].innerText : at.innerText; }"""

# Everything of ours in the open notebook that is wider than its place and neither scrolls nor is hidden on purpose.
_TOO_WIDE = """(panel) => [...document.querySelectorAll(
    `${panel} .jp-RenderedHTMLCommon *, ${panel} .jp-OutputArea *, ${panel} .jp-WindowedPanel-outer`)]
  .filter(each => each.clientWidth > 1 && each.scrollWidth > each.clientWidth + 1
    && getComputedStyle(each).display !== 'inline' && !each.closest('svg, .jp-sr-only'))
  .map(each => `${each.tagName} ${each.className}: ${each.scrollWidth} in ${each.clientWidth}`)"""

# The findings that are JupyterLab's and nbgrader's own: the rule, and what marks the element as theirs.
FOREIGN_FINDINGS = (
    ("aria-allowed-attr", "jp-ToolbarButtonComponent"),  # the toolbar's buttons, nbgrader's Validate among them
    ("aria-input-field-name", "cm-content"),  # the editors of cells
    ("aria-required-children", "jp-WindowedPanel-viewport"),  # the list of cells
    ("button-name", "jp-collapseHeadingButton"),  # the fold of a heading
    ("scrollable-region-focusable", "jp-WindowedPanel-outer"),  # the notebook's own scroll area
)


def poll(page: Page, body: str, timeout_ms: int = 90_000) -> object:
    """Evaluate *body* in the page, with JupyterLab as ``app``, until it gives something true."""
    return page.evaluate(_POLL, [body, timeout_ms])


def base_of(url: str) -> tuple[str, str]:
    """Split a printed address into the server's base and its token query."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}", parts.query


def open_lab(page: Page, url: str) -> None:
    """Open the printed address and wait until JupyterLab shows a notebook, as a learner's browser would."""
    page.goto(url, wait_until="domcontentloaded")
    page.wait_for_selector("#jupyterlab-splash", state="detached", timeout=120_000)
    page.wait_for_selector(".jp-NotebookPanel:not(.lm-mod-hidden)", timeout=120_000)


def wait_idle(page: Page) -> None:
    """Wait until the open notebook's kernel is connected and idle."""
    poll(
        page,
        """const w = app.shell.currentWidget;
      if (!w || !w.sessionContext || !w.content || !w.content.model) return false;
      const k = w.sessionContext.session && w.sessionContext.session.kernel;
      return k && k.connectionStatus === 'connected' && k.status === 'idle';""",
    )


def outputs_of(page: Page) -> list[list[dict]]:
    """Give the outputs of every code cell of the open notebook."""
    return page.evaluate("""() => [...jupyterapp.shell.currentWidget.content.model.cells]
      .filter(c => c.type === 'code').map(c => c.outputs.toJSON())""")


def errors_of(page: Page) -> list[str]:
    """Give the names of the errors in the open notebook's outputs."""
    return [out["ename"] for cell in outputs_of(page) for out in cell if out["output_type"] == "error"]


def run_all(page: Page) -> None:
    """Run all cells and wait until each has run."""
    wait_idle(page)
    page.evaluate("async () => { await jupyterapp.commands.execute('notebook:run-all-cells'); }")
    wait_all_run(page)


def wait_all_run(page: Page) -> None:
    """Wait until every code cell that holds something has run and the kernel rests."""
    poll(
        page,
        """const w = app.shell.currentWidget;
      const code = [...w.content.model.cells].filter(c => c.type === 'code' && c.sharedModel.getSource().trim());
      return w.sessionContext.session.kernel.status === 'idle' && code.every(c => c.executionCount !== null);""",
        180_000,
    )


def axe_findings(page: Page, context: str) -> dict[str, list[str]]:
    """Run axe on part of the page; give the findings that are ours: rule to the elements that it names."""
    ours: dict[str, list[str]] = {}
    for rule in Axe().run(page, context=context).response["violations"]:
        for node in rule["nodes"]:
            if not any(rule["id"] == name and mark in node["html"] for name, mark in FOREIGN_FINDINGS):
                ours.setdefault(rule["id"], []).append(node["html"][:200])
    return ours


def screenshot(page: Page, folder: Path, names: Iterable[str]) -> None:
    """Keep a picture for a person to look at."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        page.screenshot(path=folder / f"{name}.png")


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


def wait_done(page: Page, cell_id: str) -> None:
    """Wait until a cell has run and the kernel rests."""
    poll(
        page,
        f"""const w = app.shell.currentWidget;
      const cell = [...w.content.model.cells].find(c => c.sharedModel.id === '{cell_id}');
      return w.sessionContext.session.kernel.status === 'idle' && cell.executionCount !== null;""",
        180_000,
    )


def tab_to(page: Page, name: str) -> None:
    """Press Tab until the field or button of that name has the focus."""
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        if page.evaluate(_FOCUSED) == name:
            return
    pytest.fail(f"Tab never reached {name!r}")


def set_theme(page: Page, theme: str) -> None:
    """Change the theme and wait until the page wears it."""
    page.evaluate(
        "async (theme) => { await jupyterapp.commands.execute('apputils:change-theme', {theme}); }",
        theme,
    )
    poll(page, f"return document.body.dataset.jpThemeName === '{theme}'")


def close_notebook(page: Page) -> None:
    """Save the open notebook, end its kernel and close it."""
    page.evaluate("""async () => { const shown = jupyterapp.shell.currentWidget;
      await shown.context.save(); await shown.sessionContext.shutdown(); shown.dispose(); }""")


def wait_drawn(page: Page) -> int:
    """Wait until every diagram of the open notebook is a picture; give how many there are."""
    source = "c => c.type === 'markdown' && c.sharedModel.getSource().includes('```mermaid')"
    count = f"[...app.shell.currentWidget.content.model.cells].filter({source}).length"
    poll(page, f"return document.querySelectorAll('{PANEL} .jp-RenderedMermaid img').length === {count}")
    return page.locator(f"{PANEL} .jp-RenderedMermaid img").count()


def too_wide(page: Page, width_px: int) -> list[str]:
    """Give what does not fit into a window of that width; 640 is a window of 1280 at 200 % zoom."""
    before = page.viewport_size
    page.set_viewport_size({"width": width_px, "height": 900})
    settled = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
    page.evaluate(settled)
    found = page.evaluate(_TOO_WIDE, PANEL)
    page.set_viewport_size(before)
    return found
