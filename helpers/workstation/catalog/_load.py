"""Read the catalogue's TOML files and check them, once, in one place."""

from collections.abc import Mapping
from importlib.resources.abc import Traversable
from types import MappingProxyType
from typing import Any, NamedTuple

from workstation.catalog import _model as model
from workstation.catalog._repeat import written_out
from workstation.catalog._rules import fold, problems
from workstation.catalog._shape import Place, build_list, read_document

VERSIONS_FILE = "catalog.toml"
SHARED_WORDS = "shared_words"


class Source(NamedTuple):
    """A file of entries: its name, the name of its tables and what each becomes."""

    file: str
    table: str
    cls: type[Any]


# By the field of `Catalog` that they fill.
SOURCES: Mapping[str, Source] = {
    "families": Source("families.toml", "family", model.Family),
    "constraints": Source("constraints.toml", "constraint", model.Constraint),
    "archetypes": Source("archetypes.toml", "archetype", model.Archetype),
    "priorities": Source("priorities.toml", "priority", model.Priority),
    "decisions": Source("decisions.toml", "decision", model.Decision),
    "bands": Source("bands.toml", "band", model.ResourceBands),
    "symptoms": Source("symptoms.toml", "symptom", model.Symptom),
    "mistakes": Source("mistakes.toml", "mistake", model.Mistake),
    "scenarios": Source("scenarios.toml", "scenario", model.Scenario),
    "questions": Source("questions.toml", "question", model.Question),
    "metrics": Source("metrics.toml", "metric", model.Metric),
    "exercises": Source("rubric.toml", "exercise", model.Exercise),
    "practice": Source("practice.toml", "practice", model.Exercise),
}


def load(folder: Traversable) -> model.Catalog:
    """Read and check every file of *folder*; raise `CatalogError` at the first thing wrong."""
    versions = _versions(folder)
    documents = {kind: read_document(folder, source.file) for kind, source in SOURCES.items()}
    kinds = {kind: _entries(document, SOURCES[kind]) for kind, document in documents.items()}
    shared = {kind: _shared_words(document, SOURCES[kind].file) for kind, document in documents.items()}
    for kind, entry, field, problem in problems(kinds, shared):
        raise Place(file=SOURCES[kind].file, entry=entry).error(field, problem)
    return model.Catalog(version=versions["version"], rubric_version=versions["rubric_version"], **kinds)


def _versions(folder: Traversable) -> dict[str, str]:
    document, place = read_document(folder, VERSIONS_FILE), Place(file=VERSIONS_FILE)
    for key in ("version", "rubric_version"):
        value = document.get(key)
        if not isinstance(value, str) or not value:
            raise place.error(key, f'must be a version such as "1.0", found {value!r}')
    for key in document.keys() - {"version", "rubric_version"}:
        raise place.error(key, "unknown key; this file takes version, rubric_version")
    return document


def _entries(document: Mapping[str, Any], source: Source) -> Mapping[str, Any]:
    place = Place(file=source.file)
    for key in document.keys() - {source.table, SHARED_WORDS}:
        raise place.error(key, f"unknown key; this file takes [[{source.table}]] and {SHARED_WORDS}")
    by_id: dict[str, Any] = {}
    tables = written_out(document.get(source.table, []), place)
    for entry in build_list(source.cls, tables, place):
        if entry.id in by_id:
            raise Place(file=source.file, entry=entry.id).error("id", "stands in this file twice")
        by_id[entry.id] = entry
    if not by_id:
        raise place.error(source.table, "has no entry")
    return MappingProxyType(by_id)


def _shared_words(document: Mapping[str, Any], file: str) -> frozenset[str]:
    words = document.get(SHARED_WORDS, [])
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        raise Place(file=file).error(SHARED_WORDS, f"must be a list of words, found {words!r}")
    return frozenset(map(fold, words))
