"""Read what this machine is and has, say who told each fact, and say why where nobody did.

Names resolve on first use, so that reading the machine loads no more than it needs. What readers hand each other are
named tuples: making one frozen dataclass takes as long as making seven of them, and the first call waits for all.
"""

import os
from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any

from workstation._callable import callable_as_function
from workstation.inventory.model import SCHEMA, Inventory

if TYPE_CHECKING:  # the same names as in _HOME, for type checkers; a test compares the two
    from pathlib import Path

    from workstation.inventory._document import facts as facts
    from workstation.inventory._document import from_document as from_document
    from workstation.inventory._document import to_document as to_document
    from workstation.inventory._read import Source
    from workstation.inventory._store import load_inventory as load_inventory
    from workstation.inventory._store import save_inventory as save_inventory
    from workstation.inventory._surprises import Surprise as Surprise
    from workstation.inventory._surprises import surprises as surprises
    from workstation.inventory._upgrades import UpgradeCheck as UpgradeCheck
    from workstation.inventory._upgrades import check_upgrade as check_upgrade
    from workstation.inventory._worksheet_document import load_platform as load_platform
    from workstation.inventory._worksheet_prefill import prefill as prefill
    from workstation.inventory.text import render_table as render_table
    from workstation.inventory.text import sections as sections
    from workstation.inventory.worksheet import Platform as Platform
    from workstation.inventory.worksheet import fill_in as fill_in

# No module here has the name of a function: importing it would put the module in the function's place.
_HOME = {
    "Platform": "worksheet",
    "Surprise": "_surprises",
    "UpgradeCheck": "_upgrades",
    "check_upgrade": "_upgrades",
    "facts": "_document",
    "fill_in": "worksheet",
    "from_document": "_document",
    "load_inventory": "_store",
    "load_platform": "_worksheet_document",
    "prefill": "_worksheet_prefill",
    "render_table": "text",
    "save_inventory": "_store",
    "sections": "text",
    "surprises": "_surprises",
    "to_document": "_document",
}
_READERS = {
    "Darwin": ("_macos", "read_macos"),
    "Linux": ("_linux", "read_linux"),
    "Windows": ("_windows", "read_windows"),
}
_ANY_READER = ("_generic", "read_generic")
__all__ = ["SCHEMA", "Inventory", "get_ready", "inventory", "read_from", *_HOME]  # noqa: PLE0604 - the keys are strings

callable_as_function(__name__)


def inventory(project: "str | Path | None" = None) -> Inventory:
    """Read this machine.

    *project* is the folder whose disk counts as the project's, by default the current one. Nothing is run, measured or
    changed; what cannot be read is `None` with its reason in `unknowns`.
    """
    from workstation.inventory._read import LiveSource

    return read_from(LiveSource(), _folder(project))


def get_ready() -> None:
    """Load what reading this machine takes, and read nothing: the first inventory then comes as fast as the next."""
    from workstation.inventory._read import LiveSource

    _reader(LiveSource().platform().system)


def read_from(source: "Source", project: str) -> Inventory:
    """Read the machine that *source* answers for, this one or a recorded one, by the reader for its system."""
    return _reader(source.platform().system)(source, project)


def _reader(system: str) -> "Callable[[Source, str], Inventory]":
    module, name = _READERS.get(system, _ANY_READER)
    read: Callable[[Source, str], Inventory] = getattr(import_module(f"{__name__}.{module}"), name)
    return read


def _folder(project: "str | Path | None") -> str:
    if project is not None:
        return os.fspath(project)
    try:
        return os.getcwd()  # noqa: PTH109 - Path.cwd raises alike
    except FileNotFoundError:  # somebody deleted the folder we stand in
        return "/"


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
