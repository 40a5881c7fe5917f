"""The facts, words and points that lessons, the grader and plan rules share: one home for each.

The data are the TOML files beside this module, `README.md` there says how to change them. Reading and checking
them waits for the first call of `load_catalog`, so that importing the names costs next to nothing.
"""

import os
from collections.abc import Iterable
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
    "shown_catalog",
    "shown_criteria",
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


def shown_catalog() -> Catalog:
    """Give the catalogue in the language that ``WORKSTATION_LANGUAGE`` asks for: what cards and tables show.

    Judges read `load_catalog`, so that no score depends on a language. A language that nobody has translated into is
    shown as it was written.

    Raises:
        CatalogError: the translation breaks a rule; the message names file, entry and field.
    """
    return _in_language(os.environ.get("WORKSTATION_LANGUAGE", "")[:40])


def shown_criteria(criteria: Iterable[RubricCriterion]) -> tuple[RubricCriterion, ...]:
    """Give criteria their titles and hints in the language of `shown_catalog`."""
    if (shown := shown_catalog()) is load_catalog():
        return tuple(criteria)
    known = {entry.id: entry for task in shown.tasks.values() for entry in task.criteria}
    return tuple(known.get(entry.id, entry) for entry in criteria)


@cache
def _in_language(wish: str) -> Catalog:
    if not wish:
        return load_catalog()
    translate = import_module("workstation.catalog._translate")
    folder: Traversable = import_module("importlib.resources").files(__name__)
    catalog: Catalog = translate.translated(load_catalog(), folder, translate.language_of(wish))
    return catalog


def load_catalog_from(folder: "Traversable") -> Catalog:
    """Load a catalogue from *folder* (a `pathlib.Path` will do): for authors and tests.

    Raises:
        CatalogError: a file breaks a rule; the message names file, entry and field.
    """
    loader = import_module("workstation.catalog._load")
    catalog: Catalog = loader.load(folder)
    return catalog
