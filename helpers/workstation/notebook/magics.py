"""Teach IPython the course: the ``%%answer`` cell, and how an inventory looks on a page.

Loading costs next to nothing: what a cell needs is imported when it is run.
"""

import asyncio
import re
import sys
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from typing import Any

from workstation.errors import WorkstationError

CHECKING = "workstation.notebook.checking"
PAUSE_SECONDS = 0.1  # lets the finished cell be shown first
ANSWER_LINE = re.compile(r"[ \t]*%%answer\b")
OTHER_MAGIC = re.compile(r"%%(?!answer\b)")
COMMENT = re.compile(r"[ \t]*#")

# What a cell may end in, and who renders it: the type's module and name, the card's module and the start of its names.
CARDS = (
    ("workstation.inventory.model", "Inventory", "workstation.notebook.inventory_card", "inventory"),
    ("workstation.inventory._upgrades", "UpgradeCheck", "workstation.notebook.worksheet_card", "upgrade"),
    ("workstation.sizing.model", "Estimate", "workstation.notebook.sizing_card", "estimate"),
    ("workstation.sizing._fits", "Fit", "workstation.notebook.sizing_card", "fit"),
)
BAND = ("workstation.sizing._bands", "ResourceBand")  # what `ws.bands()` gives is a plain tuple of these


def load(ipython: Any) -> None:
    """Register everything with a shell; a second time changes nothing."""
    ipython.register_magic_function(_answer, magic_kind="cell", magic_name="answer")
    if _answer_line_first not in ipython.input_transformers_cleanup:
        ipython.input_transformers_cleanup.append(_answer_line_first)
    ipython.events.register("post_run_cell", get_ready_when_idle)
    ipython.set_custom_exc((WorkstationError,), _in_words)
    formatters = ipython.display_formatter.formatters
    for type_module, type_name, home, name in CARDS:
        for kind, ending in (("text/html", "html"), ("text/plain", "plain")):
            formatters[kind].for_type_by_name(type_module, type_name, _on_use(home, f"{name}_{ending}"))
    formatters["text/html"].for_type(tuple, _bands_html)
    usual = formatters["text/plain"].for_type(tuple)
    if getattr(usual, "__module__", "") != __name__:
        formatters["text/plain"].for_type(tuple, _bands_plain(usual))


def _in_words(_shell: object, _kind: type, error: BaseException, _trace: object, **_: object) -> None:
    """Show an error of ours by its sentence: a mistyped file name deserves no traceback."""
    import_module("workstation.notebook.boundary").show_refusal(str(error))


def get_ready_when_idle(_result: object = None) -> None:
    """Load the judges once a cell is done, so that the first card comes as quickly as the later ones."""
    if CHECKING not in sys.modules:
        with suppress(RuntimeError):  # no loop is running: this is no kernel, and nobody is waiting
            asyncio.get_running_loop().call_later(PAUSE_SECONDS, _get_ready)


def _get_ready() -> None:
    with suppress(WorkstationError):  # a damaged catalogue: the first card will say so
        import_module(CHECKING).get_ready()


def _answer(line: str, cell: str) -> None:
    """Give feedback on the answer that stands below, at once."""
    import_module(CHECKING).answer(line, cell)


def _answer_line_first(lines: list[str]) -> list[str]:
    """Run an answer as text even with lines above its first line, or with nothing below it.

    IPython knows a cell's magic on the first line alone; with a comment above it, sentences would run as Python.
    """
    for place, line in enumerate(lines):
        if OTHER_MAGIC.match(line):
            break
        if ANSWER_LINE.match(line):
            above = [text for text in lines[:place] if not COMMENT.match(text)]
            return [f"{line.strip()}\n", *above, *lines[place + 1 :], "\n"]
    return lines


def _bands_html(found: tuple[object, ...]) -> str | None:
    """Show the bands of a machine as a table; any other tuple as it shows itself, which most do as text alone."""
    if _are_bands(found):
        html: str = import_module("workstation.notebook.sizing_card").bands_html(found)
        return html
    own: Callable[[], str] | None = getattr(found, "_repr_html_", None)
    return own() if own is not None else None


def _bands_plain(usual: Callable[..., None]) -> Callable[..., None]:
    def render(found: tuple[object, ...], printer: Any, cycle: bool) -> None:
        if _are_bands(found):
            printer.text(import_module("workstation.notebook.sizing_card").bands_text(found))
        else:
            usual(found, printer, cycle)

    return render


def _are_bands(found: tuple[object, ...]) -> bool:
    return bool(found) and all((type(each).__module__, type(each).__name__) == BAND for each in found)


def _on_use(home: str, renderer: str) -> Callable[..., Any]:
    def render(*arguments: Any) -> Any:
        return getattr(import_module(home), renderer)(*arguments)

    return render
