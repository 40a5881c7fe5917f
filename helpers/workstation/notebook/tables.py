"""Draw the catalogue's tables for lessons: a card, and the same in plain text."""

from collections.abc import Sequence
from html import escape

from workstation.catalog import Family, load_catalog
from workstation.notebook.boundary import sheltered
from workstation.notebook.theme import Fragment, card, show

COLUMNS = ("Workload family", "Primary bottleneck", "Secondary bottleneck", "Local fit")


@sheltered(otherwise=None)
def families() -> None:
    """Show the workload table: each family, what gives way first and next, and how well it does at home."""
    entries = list(load_catalog().families.values())
    caption = f"The {len(entries)} workload families and their bottlenecks"
    table = family_rows(entries, caption)
    show(card("Workload families", table.html), table.text)


def family_rows(entries: Sequence[Family], caption: str) -> Fragment:
    """Make a table of some families, with *caption* as its name."""
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in COLUMNS)
    rows = "".join(_row_html(entry) for entry in entries)
    html = (
        f"<table><caption>{escape(caption)}</caption>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}</tbody></table>"
    )
    return Fragment(html, "\n".join([f"{caption}:", *map(_row_text, entries)]))


def _cells(entry: Family) -> tuple[str, ...]:
    return (entry.primary_text, entry.secondary_text, entry.local_fit)


def _row_html(entry: Family) -> str:
    cells = "".join(f"<td>{escape(text)}</td>" for text in _cells(entry))
    return f'<tr><th scope="row">{escape(entry.name)}</th>{cells}</tr>\n'


def _row_text(entry: Family) -> str:
    named = zip(COLUMNS[1:], _cells(entry), strict=True)
    return "\n".join([entry.name, *(f"    {name.lower()}: {text}" for name, text in named)])
