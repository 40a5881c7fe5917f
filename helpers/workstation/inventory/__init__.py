"""Read what this machine is and has, say who told each fact, and say why where nobody did."""

import os
import platform
from collections.abc import Callable
from pathlib import Path

from workstation._callable import callable_as_function
from workstation.inventory._document import facts, from_document, to_document
from workstation.inventory._generic import read_generic
from workstation.inventory._linux import read_linux
from workstation.inventory._read import LiveSource, Source
from workstation.inventory._store import load_inventory, save_inventory
from workstation.inventory.model import SCHEMA, Inventory
from workstation.inventory.surprises import Surprise, surprises
from workstation.inventory.text import render_table

__all__ = [
    "SCHEMA",
    "Inventory",
    "Surprise",
    "facts",
    "from_document",
    "inventory",
    "load_inventory",
    "render_table",
    "save_inventory",
    "surprises",
    "to_document",
]

callable_as_function(__name__)  # so that ws.inventory() works although this package has the same name

READERS: dict[str, Callable[[Source, str], Inventory]] = {"Linux": read_linux}


def inventory(project: str | Path | None = None) -> Inventory:
    """Read this machine.

    *project* is the folder whose disk counts as the project's, by default the current one. Nothing is run, measured or
    changed; what cannot be read is `None` with its reason in `unknowns`.
    """
    return READERS.get(platform.system(), read_generic)(LiveSource(), _folder(project))


def _folder(project: str | Path | None) -> str:
    if project is not None:
        return os.fspath(project)
    try:
        return os.getcwd()  # noqa: PTH109 - Path.cwd raises alike
    except FileNotFoundError:  # somebody deleted the folder we stand in
        return "/"
