"""Load what the HTML pages say of cells that need JupyterLab or a machine: `pages.toml`."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from workstation.catalog._shape import entries

__all__ = ["PageCall", "load_page_calls"]

PAGES = "pages.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class PageCall:
    """A function that a page cannot run: what it would show, and the command that does the same."""

    id: str  # the name after `ws.`
    shows: str
    command: str | None


@cache
def load_page_calls() -> Mapping[str, PageCall]:
    """Load the words that ship with the course, by function.

    Raises:
        CatalogError: the file breaks a rule; the message names entry and field.
    """
    return entries(PageCall, files(__package__), PAGES, "call")
