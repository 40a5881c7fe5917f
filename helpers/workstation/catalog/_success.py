"""Load what shows that somebody has reached the course's end: `success.toml`.

Apart from the rest of the catalogue, as only the last lesson asks for it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from workstation.catalog import load_catalog
from workstation.catalog._shape import Place, entries

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

__all__ = ["SuccessCriterion", "Way", "load_success", "load_success_from"]

SUCCESS = "success.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One way to show a criterion: criteria of an exercise that are all met, or the decision walk at its end."""

    id: str
    exercise: str | None
    criteria: tuple[str, ...]
    walk: bool = False
    shown_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SuccessCriterion:
    """Something that a finished learner can do, how it shows, and where it comes from while it does not."""

    id: str
    says: str
    how: str
    ways: tuple[Way, ...]


@cache
def load_success() -> Mapping[str, SuccessCriterion]:
    """Load the success criteria that ship with the course, in order.

    Raises:
        CatalogError: the file breaks a rule; the message names entry and field.
    """
    return load_success_from(files(__package__))


def load_success_from(folder: "Traversable") -> Mapping[str, SuccessCriterion]:
    """Load success criteria from *folder*: for authors and tests.

    Raises:
        CatalogError: the file breaks a rule; the message names entry and field.
    """
    found = entries(SuccessCriterion, folder, SUCCESS, "criterion")
    for criterion in found.values():
        for way in criterion.ways:
            _check(way, Place(file=SUCCESS, entry=f"{criterion.id} > {way.id}"))
    return found


def _check(way: Way, place: Place) -> None:
    if way.walk == (way.exercise is not None):
        raise place.error("exercise", "a way is an exercise's criteria or the walk, one of the two")
    if (way.exercise is None) == bool(way.criteria):
        raise place.error("criteria", "an exercise needs criteria, and the walk has none")
    exercise = load_catalog().exercises.get(way.exercise or "")
    if exercise is None:  # the walk; or an exercise that this catalogue leaves out, whose way nobody can take
        return
    judged = {entry.id for entry in exercise.criteria if not entry.at_grading}
    for name in way.criteria:
        if name not in judged:
            raise place.error("criteria", f"{way.exercise} has no criterion {name!r} that is judged at work")
