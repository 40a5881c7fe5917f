"""Build a catalogue dataclass from a TOML table, checked against the dataclass's own annotations.

Every field is wanted and no other key is taken, so a misspelt key is reported instead of ignored. Only a field
that has a default or may be `None` can be left out, since TOML has no null.
"""

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass
from types import MappingProxyType, UnionType
from typing import TYPE_CHECKING, Any, Literal, TypeVar, get_args, get_origin, get_type_hints

from workstation.errors import CatalogError

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

T = TypeVar("T")

WHOLE_FILE = "(whole file)"
NO_FIELD = "(none)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where in the catalogue we are, so that a message can name it."""

    file: str
    entry: str = WHOLE_FILE

    def error(self, field: str, problem: str) -> CatalogError:
        """Make the error for *field* of this entry."""
        return CatalogError(self.file, self.entry, field, problem)

    def inside(self, table: object, number: int) -> "Place":
        """Give the place of the *number*-th table in here: its id, or its number while it has none."""
        name = table.get("id") if isinstance(table, dict) else None
        label = name if isinstance(name, str) and name else f"#{number}"
        return Place(file=self.file, entry=label if self.entry == WHOLE_FILE else f"{self.entry} > {label}")


def read_document(folder: "Traversable", file: str) -> dict[str, Any]:
    """Read one TOML file of the catalogue."""
    try:
        return tomllib.loads((folder / file).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise Place(file=file).error(NO_FIELD, "the file is missing") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Place(file=file).error(NO_FIELD, f"is not TOML in UTF-8: {error}") from None


def entries(cls: type[T], folder: "Traversable", file: str, table: str) -> Mapping[str, T]:
    """Read a file that holds nothing but ``[[table]]`` entries, each with an id of its own."""
    place, document = Place(file=file), read_document(folder, file)
    for key in document.keys() - {table}:
        raise place.error(key, f"unknown key; this file takes [[{table}]]")
    found = build_list(cls, document.get(table, []), place)
    by_id = {str(getattr(entry, "id", "")): entry for entry in found}
    if len(by_id) < len(found) or not found:
        raise place.error("id", "each entry needs an id of its own, and one entry is the least")
    return MappingProxyType(by_id)


def build(cls: type[T], table: object, place: Place, parents: Mapping[str, str] | None = None) -> T:
    """Build a *cls* from *table*; *parents* holds the ids that nested entries inherit (``exercise``)."""
    if not isinstance(table, dict):
        raise place.error("(the entry)", f"must be a table, found {_describe(table)}")
    hints = get_type_hints(cls)
    inherited = {name: value for name, value in (parents or {}).items() if name in hints}
    wanted = {name: kind for name, kind in hints.items() if name not in inherited}
    _refuse_unknown_keys(table, wanted, place)
    below = {**(parents or {}), cls.__name__.lower(): str(table.get("id", ""))}
    given = {name: kind for name, kind in wanted.items() if name in table or name not in _defaults(cls)}
    values = {name: _field(kind, table, name, place, below) for name, kind in given.items()}
    return cls(**inherited, **values)


def build_list(cls: type[T], tables: object, place: Place, parents: Mapping[str, str] | None = None) -> tuple[T, ...]:
    """Build a *cls* from each table of a TOML array of tables."""
    if not isinstance(tables, list):
        raise place.error(cls.__name__, f"must be an array of tables, found {_describe(tables)}")
    return tuple(build(cls, table, place.inside(table, number), parents) for number, table in enumerate(tables, 1))


def _defaults(cls: type[Any]) -> set[str]:
    return {field.name for field in fields(cls) if field.default is not MISSING}


def _refuse_unknown_keys(table: Mapping[str, object], wanted: Mapping[str, object], place: Place) -> None:
    for key in table:
        if key not in wanted:
            raise place.error(key, f"unknown key; this entry takes {', '.join(wanted)}")


def _field(kind: Any, table: Mapping[str, object], name: str, place: Place, parents: Mapping[str, str]) -> object:
    if isinstance(kind, UnionType):  # `X | None`: may be left out
        if name not in table:
            return None
        kind = next(option for option in get_args(kind) if option is not type(None))
    if name not in table:
        raise place.error(name, "is missing")
    return _value(kind, table[name], name, place, parents)


def _value(kind: Any, raw: object, name: str, place: Place, parents: Mapping[str, str]) -> object:
    if get_origin(kind) is Literal:
        return _one_of(get_args(kind), raw, name, place)
    if get_origin(kind) is not tuple:
        return _plain(kind, raw, name, place)
    item_kind = get_args(kind)[0]
    if isinstance(item_kind, type) and is_dataclass(item_kind):
        return build_list(item_kind, raw, place, parents)
    if not isinstance(raw, list):
        raise place.error(name, f"must be a list, found {_describe(raw)}")
    return tuple(_value(item_kind, item, name, place, parents) for item in raw)


def _one_of(options: tuple[object, ...], raw: object, name: str, place: Place) -> object:
    if raw not in options:
        raise place.error(name, f"must be one of {', '.join(map(str, options))}, found {_describe(raw)}")
    return raw


def _text(raw: object) -> str | None:
    return raw if isinstance(raw, str) and raw and raw == raw.strip() else None


def _whole(raw: object) -> int | None:
    return raw if isinstance(raw, int) and not isinstance(raw, bool) else None


def _number(raw: object) -> float | None:
    return float(raw) if isinstance(raw, int | float) and not isinstance(raw, bool) else None


def _yes_no(raw: object) -> bool | None:
    return raw if isinstance(raw, bool) else None


_PLAIN: dict[type, tuple[str, Callable[[object], object | None]]] = {
    str: ("text that is not empty and has no blanks around it", _text),
    int: ("a whole number", _whole),
    float: ("a number", _number),
    bool: ("true or false", _yes_no),
}


def _plain(kind: type, raw: object, name: str, place: Place) -> object:
    wanted, read = _PLAIN[kind]
    value = read(raw)
    if value is None:
        raise place.error(name, f"must be {wanted}, found {_describe(raw)}")
    return value


def _describe(raw: object) -> str:
    text = repr(raw)
    return f"{text[:57]}..." if len(text) > 60 else text  # noqa: PLR2004 - a message stays on one line
