"""Lay one language's words over the catalogue: names and texts by id, and nothing that a score could hang on.

A language is one file, ``translations/<language>.toml``. What it leaves out stays as it was, so that a translation can
grow entry by entry. Ids, aliases, labels, thresholds and points cannot be translated: judges read the catalogue as it
was written, cards and tables show it in the reader's language.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar

from workstation.catalog._model import Catalog, Exercise
from workstation.catalog._shape import Place, read_document

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

FOLDER = "translations"
CRITERION = "criterion"

# By the name of the table: the field of `Catalog`, and which of an entry's fields are words for a reader.
TEXTS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "family": ("families", ("name", "description", "primary_text", "secondary_text", "local_fit")),
    "constraint": ("constraints", ("name", "controls", "healthy_question", "symptom_when_undersized")),
    "archetype": ("archetypes", ("name", "best_for", "strengths", "limits")),
    "priority": ("priorities", ("name", "means")),
    "decision": ("decisions", ("name", "choose_when", "avoid_when", "risk")),
    "band": ("bands", ("name", "entry", "comfortable", "heavy")),
    "symptom": ("symptoms", ("name", "constraint_text", "first_fixes")),
    "mistake": ("mistakes", ("name", "harm", "better_move")),
    "scenario": ("scenarios", ("name", "situation", "question", "choices", "reasons", "model_answer")),
    "question": ("questions", ("question", "choices", "reasons")),
    "metric": ("metrics", ("name",)),
    "exercise": ("exercises", ("name",)),
    "practice": ("practice", ("name",)),
}
CRITERION_TEXTS = ("title", "hints")

_LANGUAGE = re.compile(r"[a-z]{2,3}")
_Entry = TypeVar("_Entry")


def language_of(wish: str) -> str:
    """Reduce a wish such as ``de_DE.UTF-8`` to a language, ``""`` where it names none.

    >>> language_of("de_DE.UTF-8"), language_of("../de")
    ('de', '')
    """
    first = re.split(r"[_.@-]", wish.strip().lower())[0]
    return first if _LANGUAGE.fullmatch(first) else ""


def translated(catalog: Catalog, folder: "Traversable", language: str) -> Catalog:
    """Return *catalog* in *language*; as it is, where *folder* has no such language.

    Raises:
        CatalogError: the translation names what is not there, or what is not to be translated.
    """
    file = f"{FOLDER}/{language}.toml"
    if not language or not (folder / file).is_file():
        return catalog
    return _laid_over(catalog, read_document(folder, file), file)


def _laid_over(catalog: Catalog, document: Mapping[str, Any], file: str) -> Catalog:
    for table in document.keys() - {*TEXTS, CRITERION}:
        raise Place(file=file).error(table, f"unknown; a translation takes {', '.join([*TEXTS, CRITERION])}")
    changed: dict[str, Any] = {
        kind: _entries(getattr(catalog, kind), document.get(table, {}), texts, file)
        for table, (kind, texts) in TEXTS.items()
    }
    criteria = document.get(CRITERION, {})
    known = {entry.id for task in catalog.tasks.values() for entry in task.criteria}
    for name in criteria.keys() - known:
        raise Place(file=file, entry=name).error("id", "no criterion has it")
    for kind in ("exercises", "practice"):
        tasks = changed[kind].values()
        changed[kind] = MappingProxyType({task.id: _with_criteria(task, criteria, file) for task in tasks})
    return replace(catalog, **changed)


def _with_criteria(task: Exercise, criteria: Mapping[str, Any], file: str) -> Exercise:
    own = {entry.id: entry for entry in task.criteria}
    words = {name: table for name, table in criteria.items() if name in own}
    return replace(task, criteria=tuple(_entries(own, words, CRITERION_TEXTS, file).values()))


def _entries(
    entries: Mapping[str, _Entry], tables: Mapping[str, Any], texts: Iterable[str], file: str
) -> Mapping[str, _Entry]:
    changed = {name: _entry(entries, name, table, tuple(texts), file) for name, table in tables.items()}
    return MappingProxyType({**entries, **changed})


def _entry(entries: Mapping[str, _Entry], name: str, table: Any, texts: tuple[str, ...], file: str) -> _Entry:
    place = Place(file=file, entry=name)
    if name not in entries:
        raise place.error("id", f"the catalogue has no such entry; it has {', '.join(entries)}")
    if not isinstance(table, dict):
        raise place.error("(the entry)", f"must be a table, found {table!r}")
    for field in table.keys() - set(texts):
        raise place.error(field, f"is not to be translated; what is: {', '.join(texts)}")
    entry: Any = entries[name]
    translation: _Entry = replace(
        entry, **{field: _words(getattr(entry, field), raw, field, place) for field, raw in table.items()}
    )
    return translation


def _words(original: object, raw: object, field: str, place: Place) -> object:
    """Take the words of a field: one text for a text, as many as there were for a list."""
    if isinstance(original, str):
        if not isinstance(raw, str) or not raw.strip():
            raise place.error(field, f"must be text that is not empty, found {raw!r}")
        return raw
    wanted = len(original) if isinstance(original, tuple) else 0
    if not isinstance(raw, list) or len(raw) != wanted or not all(isinstance(each, str) and each for each in raw):
        raise place.error(field, f"must be a list of {wanted} texts, as many as the original has, found {raw!r}")
    return tuple(raw)
