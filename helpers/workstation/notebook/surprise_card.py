"""Point a learner at the one fact about their machine that is most worth a second look."""

from html import escape
from pathlib import Path

from workstation.catalog import load_catalog
from workstation.catalog._facts import fact_name
from workstation.inventory import Inventory, inventory, surprises
from workstation.notebook.boundary import mode, sheltered
from workstation.notebook.capture import handed_in
from workstation.notebook.theme import card, show


@sheltered(otherwise=None)
def surprise(inv: Inventory | None = None) -> None:
    """Show what is most surprising about this machine, or about the one in *inv*."""
    if inv is None:
        inv = inventory() if mode() == "work" else handed_in(Path.cwd())
    found = surprises(inv, load_catalog())[0]
    headline = found.headline if found.headline.endswith((".", "!", "?")) else f"{found.headline}."
    basis = f"Read from: {'; '.join(map(fact_name, found.basis))}."
    body = f"<p>{escape(found.explanation)}</p>\n<p>{escape(basis)}</p>"
    show(card("A surprise about this machine", body, headline), f"{headline}\n{found.explanation}\n{basis}")
