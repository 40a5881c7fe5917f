"""Teach IPython ``%%watch name``: the cell below runs as it would without, and is recorded.

The line becomes a call that begins to record; the cell's end ends the recording. So the cell stays a plain cell: its
last value is shown, ``await`` works, other magics work, and a traceback shows the learner's own lines.
"""

import re
from importlib import import_module
from typing import Any

WATCHING = "workstation.notebook.watching"
WATCH_LINE = re.compile(r"[ \t]*%%watch(?=\s|$)[ \t]*(.*)")
BLANK = re.compile(r"[ \t]*(#|$)")


def load(ipython: Any) -> None:
    """Register with a shell; a second time changes nothing."""
    ipython.register_magic_function(_watch, magic_kind="line", magic_name="watch")
    if _watch_line_first not in ipython.input_transformers_cleanup:
        ipython.input_transformers_cleanup.append(_watch_line_first)


def _watch(line: str) -> None:
    """Record from here to the end of the cell, under the name that follows."""
    import_module(WATCHING).begin_cell(line)


def _watch_line_first(lines: list[str]) -> list[str]:
    """Put a call in the place of the line ``%%watch name``; what stands below stays a cell of its own."""
    for place, line in enumerate(lines):
        found = WATCH_LINE.match(line)
        if found:
            begin = f"get_ipython().run_line_magic('watch', {found[1].strip()!r})\n"
            return [*lines[:place], begin, *_as_cell(lines[place + 1 :])]
        if not BLANK.match(line):
            break
    return lines


def _as_cell(lines: list[str]) -> list[str]:
    """Keep another magic that the rest begins with, such as ``%%time``, a magic of the whole rest."""
    from IPython.core.inputtransformer2 import cell_magic

    first = next((place for place, line in enumerate(lines) if line.strip()), len(lines))
    return [*lines[:first], *cell_magic(lines[first:])]  # type: ignore[no-untyped-call]  # it has no types
