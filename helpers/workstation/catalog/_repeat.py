"""Write out what a file of the catalogue says once for several answers: eight cases have the same fields and criteria.

A nested table with ``for_each = ["case-1", "case-2"]`` stands for one table for each of them, in which ``{each}`` is
replaced by the name and ``{number}`` by its place, from 1.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from workstation.catalog._shape import Place

__all__ = ["written_out"]

KEY = "for_each"


def written_out(tables: object, place: Place) -> object:
    """Replace repeated tables inside each of *tables* by what they stand for; everything else stays as it is.

    Raises:
        CatalogError: ``for_each`` is no list of names.
    """
    if not isinstance(tables, list):
        return tables
    return [_whole(table, place) if isinstance(table, Mapping) else table for table in tables]


def _whole(table: Mapping[str, Any], place: Place) -> dict[str, Any]:
    return {key: list(_each(value, place)) if _is_tables(value) else value for key, value in table.items()}


def _is_tables(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(entry, Mapping) for entry in value)


def _each(tables: list[Mapping[str, Any]], place: Place) -> Iterator[Mapping[str, Any]]:
    waiting: list[list[Mapping[str, Any]]] = []
    names: list[str] | None = None
    for table in tables:
        own = _names(table, place)
        if own != names:
            yield from _in_turn(waiting)
            waiting, names = [], own
        if own is None:
            yield table
        else:
            bare = {key: value for key, value in table.items() if key != KEY}
            waiting.append([_filled(bare, each, number) for number, each in enumerate(own, 1)])
    yield from _in_turn(waiting)


def _in_turn(waiting: list[list[Mapping[str, Any]]]) -> Iterator[Mapping[str, Any]]:
    """Give all tables of the first name, then all of the second: neighbours with the same names belong together."""
    for together in zip(*waiting, strict=True):
        yield from together


def _names(table: Mapping[str, Any], place: Place) -> list[str] | None:
    names = table.get(KEY)
    if names is not None and (not isinstance(names, list) or not all(isinstance(name, str) for name in names)):
        raise place.error(KEY, f"must be a list of names, found {names!r}")
    return names


def _filled(value: Any, each: str, number: int) -> Any:
    if isinstance(value, str):
        return value.replace("{each}", each).replace("{number}", str(number))
    if isinstance(value, list):
        return [_filled(entry, each, number) for entry in value]
    if isinstance(value, Mapping):
        return {key: _filled(entry, each, number) for key, entry in value.items()}
    return value
