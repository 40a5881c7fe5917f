"""The facts, words and points that lessons, the grader and plan rules share: one home for each.

The data are the TOML files beside this module, `README.md` there says how to change them. Reading and checking
them waits for the first call of `load_catalog`, so that importing the names costs next to nothing.
"""

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

from workstation.catalog._model import (
    AnswerForm,
    Archetype,
    Band,
    Catalog,
    Constraint,
    Decision,
    Exercise,
    Family,
    Field,
    Metric,
    Mistake,
    Priority,
    Question,
    ResourceBands,
    RubricCriterion,
    Scenario,
    Symptom,
)

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

__all__ = [
    "AnswerForm",
    "Archetype",
    "Band",
    "Catalog",
    "Constraint",
    "Decision",
    "Exercise",
    "Family",
    "Field",
    "Metric",
    "Mistake",
    "Priority",
    "Question",
    "ResourceBands",
    "RubricCriterion",
    "Scenario",
    "Symptom",
    "load_catalog",
    "load_catalog_from",
]


@cache
def load_catalog() -> Catalog:
    """Load the catalogue that ships with the course; read and checked once a process.

    Raises:
        CatalogError: a file breaks a rule; the message names file, entry and field.
    """
    resources = import_module("importlib.resources")
    folder: Traversable = resources.files(__name__)
    return load_catalog_from(folder)


def load_catalog_from(folder: "Traversable") -> Catalog:
    """Load a catalogue from *folder* (a `pathlib.Path` will do): for authors and tests.

    Raises:
        CatalogError: a file breaks a rule; the message names file, entry and field.
    """
    loader = import_module("workstation.catalog._load")
    catalog: Catalog = loader.load(folder)
    return catalog
