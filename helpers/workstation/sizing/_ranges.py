"""Look up the figures that no formula gives."""

from workstation.catalog._sizing import Range, load_sizing_facts
from workstation.sizing.model import Term, ranging


def figure(name: str) -> Range:
    """Return the range of that id; the catalogue's `sizing.toml` says where it comes from."""
    return load_sizing_facts().ranges[name]


def ranged(term: str, range_id: str, size_bytes: float, formula: str) -> Term:
    """Make a term of *size_bytes* times a range."""
    found = figure(range_id)
    return ranging(term, size_bytes * found.low, size_bytes * found.likely, size_bytes * found.high, formula)
