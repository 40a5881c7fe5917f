"""Load what is said of a machine's facts: their names, and from which figure on one is worth telling.

Apart from the rest of the catalogue, as no card of an answer and no grade needs them.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from workstation.catalog._shape import Place, build, entries, read_document

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

FACTS, SURPRISES = "facts.toml", "surprises.toml"
_NUMBER = re.compile(r"(?<=\.)\d+(?=\.|$)")


@dataclass(frozen=True, slots=True, kw_only=True)
class FactName:
    """What a fact is called in a sentence; a star in its id stands for the number of a GPU or a disk."""

    id: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SurpriseLimits:
    """From which figure on a fact is worth pointing out."""

    disk_low_percent: float
    memory_taken_percent: float
    limit_below_percent: float
    swap_worth_telling_mib: int
    boxed_gib: tuple[int, ...]
    box_shortfall_percent: float
    box_gap_worth_telling_mib: int


def fact_name(path: str) -> str:
    """Say what the fact at a dotted path is called; a path that nobody named is given back as it is.

    >>> fact_name("memory.total_bytes"), fact_name("gpus.0.driver"), fact_name("x.y")
    ('total memory', 'the driver of GPU 1', 'x.y')
    """
    found = load_fact_names().get(_NUMBER.sub("*", path))
    number = _NUMBER.search(path)
    return path if found is None else found.name.format(number=int(number[0]) + 1 if number else "")


@cache
def load_fact_names() -> Mapping[str, FactName]:
    """Load the names that ship with the course.

    Raises:
        CatalogError: the file breaks a rule; the message names entry and field.
    """
    return load_fact_names_from(files("workstation.catalog"))


def load_fact_names_from(folder: "Traversable") -> Mapping[str, FactName]:
    """Load the names in *folder*: for authors and tests.

    Raises:
        CatalogError: the file breaks a rule; the message names entry and field.
    """
    names = entries(FactName, folder, FACTS, "fact")
    for entry in names.values():
        if ("*" in entry.id) != ("{number}" in entry.name) or re.search(r"{(?!number})|(?<!{number)}", entry.name):
            raise Place(file=FACTS, entry=entry.id).error(
                "name", "holds {number} where the id has a star, and only there"
            )
    return names


@cache
def load_surprise_limits() -> SurpriseLimits:
    """Load the limits that ship with the course.

    Raises:
        CatalogError: the file breaks a rule; the message names the field.
    """
    return load_surprise_limits_from(files("workstation.catalog"))


def load_surprise_limits_from(folder: "Traversable") -> SurpriseLimits:
    """Load the limits in *folder*: for authors and tests.

    Raises:
        CatalogError: the file breaks a rule; the message names the field.
    """
    place = Place(file=SURPRISES)
    limits = build(SurpriseLimits, read_document(folder, SURPRISES), place)
    for name in ("disk_low_percent", "memory_taken_percent", "limit_below_percent", "box_shortfall_percent"):
        if not 0 < getattr(limits, name) < 100:  # noqa: PLR2004 - percent
            raise place.error(name, f"must be between 0 and 100, found {getattr(limits, name)}")
    if list(limits.boxed_gib) != sorted(set(limits.boxed_gib)) or not limits.boxed_gib or limits.boxed_gib[0] < 1:
        raise place.error("boxed_gib", "must be sizes in growing order")
    return limits
