"""Teach IPython the course: the ``%%answer`` cell, and how an inventory looks on a page.

Loading costs next to nothing: what a cell needs is imported when it is run.
"""

import ast
import asyncio
import re
import sys
import warnings
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from typing import Any

from workstation.errors import WorkstationError
from workstation.notebook import watch_magic

CHECKING = "workstation.notebook.checking"
FIRST_LINE = "workstation.notebook.first_line"
LOST = "answer_line_lost"  # the cell magic that takes an answer cell without its first line
COURSE = "ws"  # what lessons call the package
PAUSE_SECONDS = 0.1  # lets the finished cell be shown first
ANSWER_LINE = re.compile(r"[ \t]*%%answer\b")
OTHER_MAGIC = re.compile(r"%%(?!answer\b)")
COMMENT = re.compile(r"[ \t]*#")
NEAR_MAGIC = re.compile(r"[ \t]*%{1,3}[ \t]*[A-Za-z]|[ \t]*an\w*er\w*[ \t]+[\w-]+[ \t]*$", re.IGNORECASE)
LABEL = re.compile(r"^[A-Z][\w ,-]{2,60}:", re.MULTILINE)
FEWEST_LABELS = 2  # one could be an annotation in a program

# What a cell may end in, and who renders it: the type's module and name, the card's module and the start of its names.
CARDS = (
    ("workstation.inventory.model", "Inventory", "workstation.notebook.inventory_card", "inventory"),
    ("workstation.recording.model", "Recording", "workstation.notebook.recording_chart", "recording"),
    ("workstation.inventory._upgrades", "UpgradeCheck", "workstation.notebook.worksheet_card", "upgrade"),
    ("workstation.sizing.model", "Estimate", "workstation.notebook.sizing_card", "estimate"),
    ("workstation.sizing._fits", "Fit", "workstation.notebook.sizing_card", "fit"),
    ("workstation.sizing._bands", "Bands", "workstation.notebook.sizing_card", "bands"),
)


def load(ipython: Any) -> None:
    """Register everything with a shell; a second time changes nothing."""
    ipython.register_magic_function(_answer, magic_kind="cell", magic_name="answer")
    ipython.register_magic_function(_lost, magic_kind="cell", magic_name=LOST)
    if COURSE not in ipython.user_ns:  # so that hints and checks work right after a restart, before any import
        ipython.push({COURSE: sys.modules["workstation"]}, interactive=False)
    if _answer_line_first not in ipython.input_transformers_cleanup:
        ipython.input_transformers_cleanup.append(_answer_line_first)
    watch_magic.load(ipython)
    ipython.events.register("post_run_cell", get_ready_when_idle)
    ipython.set_custom_exc((WorkstationError,), _in_words)
    formatters = ipython.display_formatter.formatters
    for type_module, type_name, home, name in CARDS:
        for kind, ending in (("text/html", "html"), ("text/plain", "plain")):
            formatters[kind].for_type_by_name(type_module, type_name, _on_use(home, f"{name}_{ending}"))


def _in_words(_shell: object, _kind: type, error: BaseException, _trace: object, **_: object) -> None:
    """Show an error of ours by its sentence: a mistyped file name deserves no traceback."""
    import_module("workstation.notebook.boundary").show_refusal(str(error))


def get_ready_when_idle(_result: object = None) -> None:
    """Load the judges once a cell is done, so that the first card comes as quickly as the later ones."""
    if CHECKING not in sys.modules:
        with suppress(RuntimeError):  # no loop is running: this is no kernel, and nobody is waiting
            asyncio.get_running_loop().call_later(PAUSE_SECONDS, _get_ready)


def _get_ready() -> None:
    import_module("workstation.inventory").get_ready()
    with suppress(WorkstationError):  # a damaged catalogue: the first card will say so
        import_module(CHECKING).get_ready()


def _answer(line: str, cell: str) -> None:
    """Give feedback on the answer that stands below, at once."""
    import_module(CHECKING).answer(line, cell)


def _lost(line: str, cell: str) -> None:
    """Say what the first line of an answer cell has to be."""
    import_module(FIRST_LINE).tell(line, cell)


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
    return _answer_without_its_line(lines) or lines


def _answer_without_its_line(lines: list[str]) -> list[str] | None:
    """Send a cell to `_lost` where it is an answer whose first line is misspelt or gone, instead of to Python.

    Only what could be one is looked at closely: a first line that begins like ours, labels, or text that is no Python.
    """
    first = next((line for line in lines if line.strip() and not COMMENT.match(line)), "")
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    if shell is None or not (NEAR_MAGIC.match(first) or _may_be_prose(first, "".join(lines))):
        return None
    found = import_module(FIRST_LINE).diagnose(lines, _cell_id(shell), shell.magics_manager.magics)
    return None if found is None else [f"%%{LOST} {found}\n", *lines, "\n"]


def _may_be_prose(first: str, text: str) -> bool:
    if first.lstrip().startswith(("%", "!", "?")):
        return False
    return len(LABEL.findall(text)) >= FEWEST_LABELS or not _is_python(text)


def _is_python(text: str) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of odd escapes, which the real run tells of
            compile(text, "<cell>", "exec", ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def _cell_id(shell: Any) -> str:
    """Give the id of the cell that JupyterLab asked to run; nothing elsewhere."""
    parent = getattr(shell, "parent_header", None) or {}
    return str(parent.get("metadata", {}).get("cellId", ""))


def _on_use(home: str, renderer: str) -> Callable[..., Any]:
    def render(*arguments: Any) -> Any:
        return getattr(import_module(home), renderer)(*arguments)

    return render
