"""Load what a recorder can read: `signals.toml`.

Apart from the rest of the catalogue, since no card and no grade needs it.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Literal

from workstation.catalog._shape import Place, build_list

SIGNALS = "signals.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """One thing that a recorder can read; its id is the key in a recording's samples."""

    id: str
    name: str
    unit: Literal["bytes", "bytes/s", "percent", "1/s", "Hz", "celsius", "count", "W", "flag"]
    kind: Literal["gauge", "rate", "share"]
    scope: Literal["system", "process", "work", "gpu"]
    constraint: str | None


@cache
def load_signals() -> Mapping[str, Signal]:
    """Load every signal by its id, in the order of the file.

    Raises:
        CatalogError: the file breaks a rule; the message names file, entry and field.
    """
    document = tomllib.loads((files(__package__) / SIGNALS).read_text(encoding="utf-8"))
    entries = build_list(Signal, document.get("signal", []), Place(file=SIGNALS))
    return MappingProxyType({entry.id: entry for entry in entries})
