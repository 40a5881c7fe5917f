"""Show an inventory as a pandas table."""

import pandas as pd

from workstation.inventory._document import facts
from workstation.inventory.model import Inventory


def to_frame(inv: Inventory) -> pd.DataFrame:
    """Return one row per fact: fact, value, source, confidence, why_unknown."""
    reasons = {unknown.what: unknown.why for unknown in inv.unknowns}
    rows = []
    for what, value in facts(inv).items():
        told = inv.provenance.get(what)
        rows.append(
            {
                "fact": what,
                "value": value,
                "source": told.source if told else None,
                "confidence": told.confidence if told else None,
                "why_unknown": reasons.get(what),
            }
        )
    return pd.DataFrame(rows, columns=["fact", "value", "source", "confidence", "why_unknown"], dtype=object)
