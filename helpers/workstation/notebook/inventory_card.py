"""Show an inventory on a page: what matters first, how each fact is known, and what is not known and why.

The rows and their words are those of the terminal's table; here is only the choice of what comes first, and the HTML.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from html import escape
from typing import Protocol

from workstation.catalog._facts import fact_name
from workstation.inventory import Inventory, render_table, sections
from workstation.inventory.text import Row, sentence_case
from workstation.notebook.theme import card, show
from workstation.units import format_disk, format_memory

TITLE = "This machine"
AT_A_GLANCE = re.compile(
    r"system\.(os_version|chassis|virtualization)"
    r"|cpu\.(model|physical_cores|logical_cores)"
    r"|memory\.(total_bytes|available_bytes|swap_used_bytes)"
    r"|storage\.project\.(free_bytes|medium|shared_with_system)"
    r"|gpus(\.\d+\.(name|vram_total_bytes|driver))?"
)
Section = tuple[str, Sequence[Row]]


class Printer(Protocol):
    """The part of IPython's pretty printer that we use."""

    def text(self, obj: str) -> None:
        """Print text as it is."""


def inventory_html(inv: Inventory, status: str = "") -> str:
    """Render an inventory as a card; *status* is the sentence it opens with, by default the one of `headline`."""
    later = list(_rows_where(inv, first=False))
    count = sum(len(rows) for _, rows in later)
    body = [
        _table(inv, _rows_where(inv, first=True), _when(inv)),
        _details(f"Everything else that was read ({count})", _table(inv, later, "")),
    ]
    if inv.unknowns:
        body.append(_details(f"Unknown, and why ({len(inv.unknowns)})", _unknowns(inv)))
    return card(TITLE, "\n".join(body), status or headline(inv))


def inventory_plain(inv: Inventory, printer: Printer, _cycle: bool = False) -> None:
    """Print an inventory where no card can be shown: the table of the terminal."""
    printer.text(render_table(inv).rstrip("\n"))


def show_inventory(inv: Inventory, note: str) -> None:
    """Show an inventory's card with a sentence of one's own in front."""
    status = f"{note} {headline(inv)}"
    show(inventory_html(inv, status), f"{status}\n\n{render_table(inv)}")


def headline(inv: Inventory) -> str:
    """Say in one sentence what a learner asks first: memory, what is left of it, and room on the disk."""
    memory, disk = inv.memory, inv.storage.project.free_bytes
    size = memory.usable_bytes or memory.total_bytes
    parts = [
        f"{format_memory(size)} of memory" if size else "memory of unknown size",
        "" if memory.available_bytes is None else f"{format_memory(memory.available_bytes)} of it available",
        "unknown room on the project's disk" if disk is None else f"{format_disk(disk)} free on the project's disk",
    ]
    elsewhere = bool(inv.provenance) and all(told.confidence == "imported" for told in inv.provenance.values())
    which = "The machine in this file" if elsewhere else "This machine"
    return f"{which}: {', '.join(part for part in parts if part)}."


def _when(inv: Inventory) -> str:
    return f"Read {datetime.fromisoformat(inv.captured_at).astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def _rows_where(inv: Inventory, *, first: bool) -> Iterator[Section]:
    for title, rows in sections(inv):
        chosen = [row for row in rows if _is_first(inv, row[2]) == first]
        if chosen:
            yield title, chosen


def _is_first(inv: Inventory, path: str) -> bool:
    if path == "memory.limit_bytes":
        return inv.memory.limit_bytes is not None
    return AT_A_GLANCE.fullmatch(path) is not None


def _table(inv: Inventory, groups: Iterable[Section], caption: str) -> str:
    head = _head("Fact", "Value", "How it is known")
    bodies = "\n".join(
        f'<tbody><tr><th scope="rowgroup" colspan="3">{escape(title)}</th></tr>\n'
        + "\n".join(_row(inv, row) for row in rows)
        + "</tbody>"
        for title, rows in groups
    )
    return f"<table>{f'<caption>{escape(caption)}</caption>' if caption else ''}{head}\n{bodies}\n</table>"


def _row(inv: Inventory, row: Row) -> str:
    label, value, path = row
    return f'<tr><th scope="row">{escape(label.strip())}</th><td>{escape(value)}</td><td>{_known(inv, path)}</td></tr>'


def _known(inv: Inventory, path: str) -> str:
    told = inv.provenance.get(path)
    if told is not None:
        return f"{escape(told.confidence)}, {escape(told.source)}"
    return "see Unknown, and why" if any(unknown.what == path for unknown in inv.unknowns) else ""


def _unknowns(inv: Inventory) -> str:
    rows = "\n".join(
        f'<tr><th scope="row">{escape(sentence_case(fact_name(unknown.what)))}</th>'
        f"<td>{escape(unknown.why)}</td><td>{escape(unknown.how_to_find_out)}</td></tr>"
        for unknown in inv.unknowns
    )
    return f"<table>{_head('Fact', 'Why', 'How to find out')}\n<tbody>{rows}</tbody></table>"


def _head(*names: str) -> str:
    cells = "".join(f'<th scope="col">{name}</th>' for name in names)
    return f"<thead><tr>{cells}</tr></thead>"


def _details(summary: str, body: str) -> str:
    return f"<details><summary>{escape(summary)}</summary>\n{body}\n</details>"
