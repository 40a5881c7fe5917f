"""Turn inventories into JSON documents and back; what comes from a file is hostile until it has passed here.

The shape is read off the dataclasses of `model`, so a field is declared once.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import datetime
from types import NoneType
from typing import Literal, get_args, get_origin, get_type_hints

from workstation.errors import DocumentError, SchemaVersionError
from workstation.inventory import model
from workstation.inventory.model import SCHEMA, Inventory, Provenance

MAX_TEXT = 1000
MAX_ITEMS = 1024
MAX_PROVENANCE = 16_384
MAX_NUMBER = 2**63
_FAMILY = SCHEMA.rsplit("/", 1)[0]
_NO_FACTS = frozenset({"schema", "provenance", "unknowns"})
_NOT_TOLD_OF = {"storage.system": frozenset({"shared_with_system"})}


def to_document(inv: Inventory) -> dict[str, object]:
    """Return the document of an inventory, ready for JSON."""
    return {"schema": SCHEMA} | {each.name: _plain(getattr(inv, each.name), each.name) for each in fields(inv)}


def from_document(obj: object) -> Inventory:
    """Check a document and return its inventory; keys that we do not know are passed over.

    Raises `DocumentError` naming the field at fault, `SchemaVersionError` for a version that this release cannot read.
    """
    document = _mapping(obj, "the document")
    _check_schema(document.get("schema", None))
    values = {name: _parse(kind, document, name, "") for name, kind in _SHAPES[Inventory].items()}
    if not _is_moment(values["captured_at"]):
        raise DocumentError(
            f"captured_at: expected a time in ISO 8601 with its offset, such as 2026-01-31T12:00:00Z, "
            f"found {_shown(values['captured_at'])}."
        )
    values["provenance"] = _provenance(document.get("provenance"))
    return Inventory(**values)  # type: ignore[arg-type]  # each value was parsed by its field's own type


def facts(inv: Inventory) -> dict[str, object]:
    """Return every fact by its dotted path, without provenance and unknowns; an empty list is one fact."""
    document = to_document(inv)
    flat: dict[str, object] = {}
    for name, value in document.items():
        if name not in _NO_FACTS:
            flat |= _flat(name, value)
    return flat


def _flat(path: str, value: object) -> dict[str, object]:
    children: list[tuple[object, object]] = []
    if isinstance(value, dict):
        children = list(value.items())
    elif isinstance(value, list):
        children = list(enumerate(value))
    if not children:
        return {path: value}
    flat: dict[str, object] = {}
    for key, child in children:
        flat |= _flat(f"{path}.{key}", child)
    return flat


def _plain(value: object, path: str) -> object:
    if is_dataclass(value):
        names = [each.name for each in fields(value) if each.name not in _NOT_TOLD_OF.get(path, ())]
        return {name: _plain(getattr(value, name), f"{path}.{name}") for name in names}
    if isinstance(value, tuple):
        return [_plain(item, path) for item in value]
    if isinstance(value, Mapping):
        return {key: _plain(item, path) for key, item in value.items()}
    return value


def _check_schema(schema: object) -> None:
    if not isinstance(schema, str) or len(schema) > MAX_TEXT:
        raise DocumentError(f"schema: expected {SCHEMA!r}, so this is no inventory of ours.")
    if schema == SCHEMA:
        return
    family, _, version = schema.rpartition("/")
    if family == _FAMILY and version.isascii() and version.isdigit():
        raise SchemaVersionError(
            f"schema: {_shown(schema)} is another version than this release reads ({SCHEMA}). "
            "Update the course package."
        )
    raise DocumentError(f"schema: expected {SCHEMA!r}, found {_shown(schema)}; another program wrote this file.")


def _parse(kind: object, holder: Mapping[str, object], name: str, above: str) -> object:
    path = f"{above}.{name}" if above else name
    if name not in holder:
        raise DocumentError(f"{path}: missing. An unknown fact is null, with its reason under unknowns.")
    return _value(kind, holder[name], path)


def _value(kind: object, value: object, path: str) -> object:
    if get_origin(kind) is tuple:
        return _items(get_args(kind)[0], value, path)
    if isinstance(kind, type) and is_dataclass(kind):
        holder, untold = _mapping(value, path), _NOT_TOLD_OF.get(path, ())
        return kind(
            **{name: _parse(part, holder, name, path) for name, part in _SHAPES[kind].items() if name not in untold}
        )
    accepted = _ACCEPTED[kind]
    if not accepted.accepts(value):
        raise DocumentError(f"{path}: expected {accepted.words}, found {_shown(value)}.")
    return value


def _items(kind: object, value: object, path: str) -> tuple[object, ...]:
    if not isinstance(value, list):
        raise DocumentError(f"{path}: expected a list, found {_shown(value)}.")
    if len(value) > MAX_ITEMS:
        raise DocumentError(f"{path}: expected at most {MAX_ITEMS} entries, found {len(value)}.")
    return tuple(_value(kind, item, f"{path}.{index}") for index, item in enumerate(value))


def _provenance(value: object) -> dict[str, Provenance]:
    entries = _mapping(value, "provenance")
    if len(entries) > MAX_PROVENANCE:
        raise DocumentError(f"provenance: expected at most {MAX_PROVENANCE} entries, found {len(entries)}.")
    found = {}
    for what, told in entries.items():
        if not _is_text(what):
            raise DocumentError(f"provenance: expected dotted paths as keys, found {_shown(what)}.")
        parsed = _value(Provenance, told, f"provenance.{what[:80]}")
        if isinstance(parsed, Provenance):
            found[what] = parsed
    return found


def _mapping(value: object, path: str) -> Mapping[str, object]:
    if not isinstance(value, dict) or not all(isinstance(key, str) for key in value):
        raise DocumentError(f"{path}: expected an object with named fields, found {_shown(value)}.")
    return value


def _shown(value: object) -> str:
    """Show a value in few characters, whatever it is."""
    if isinstance(value, dict | list):
        return f"{'an object' if isinstance(value, dict) else 'a list'} of {len(value)}"
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    if isinstance(value, int) and abs(value) > MAX_NUMBER:
        return "a number beyond 2^63"
    return ascii(value)[:60]


def _is_text(value: object) -> bool:
    if not isinstance(value, str) or len(value) > MAX_TEXT:
        return False
    return not any("\ud800" <= letter <= "\udfff" for letter in value)  # halves of pairs cannot be written again


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MAX_NUMBER


def _is_number(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return 0 <= value <= MAX_NUMBER and math.isfinite(value)


def _is_flag(value: object) -> bool:
    return isinstance(value, bool)


def _is_moment(value: object) -> bool:
    try:
        return datetime.fromisoformat(str(value)).tzinfo is not None
    except ValueError:
        return False


@dataclass(frozen=True, slots=True)
class _Accepted:
    """A test that a plain value must pass, and what to call what passes."""

    accepts: Callable[[object], bool]
    words: str


_PLAIN = {
    str: _Accepted(_is_text, f"text of at most {MAX_TEXT} characters"),
    int: _Accepted(_is_count, "a whole number, not negative"),
    float: _Accepted(_is_number, "a number, not negative"),
    bool: _Accepted(_is_flag, "true or false"),
}


def _accepted(kind: object) -> _Accepted:
    """Derive the test from a field's type."""
    if get_origin(kind) is Literal:
        choices = get_args(kind)
        return _Accepted(lambda value: isinstance(value, str) and value in choices, f"one of {', '.join(choices)}")
    parts = [part for part in get_args(kind) if part is not NoneType]
    if parts:
        plain = _PLAIN[parts[0]]
        return _Accepted(lambda value: value is None or plain.accepts(value), f"{plain.words}, or null")
    if isinstance(kind, type):
        return _PLAIN[kind]
    raise TypeError(kind)


def _shapes() -> dict[object, dict[str, object]]:
    """Read every dataclass of the model: field names and types, in order."""
    kinds = [kind for kind in vars(model).values() if isinstance(kind, type) and is_dataclass(kind)]
    shapes: dict[object, dict[str, object]] = {kind: dict(get_type_hints(kind)) for kind in kinds}
    del shapes[Inventory]["provenance"]
    return shapes


_SHAPES = _shapes()
_ACCEPTED = {
    kind: _accepted(kind)
    for shape in _SHAPES.values()
    for kind in shape.values()
    if get_origin(kind) is not tuple and not (isinstance(kind, type) and is_dataclass(kind))
}
