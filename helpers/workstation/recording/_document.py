"""Turn the lines of a recording into plain data and back; from a file, they are hostile until they have passed here."""

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import asdict, fields
from types import NoneType
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

from workstation.errors import RecordingError
from workstation.recording.model import SCHEMA, Availability, End, Header, Machine, Mark

MAX_TEXT = 2000
MAX_ITEMS = 4096
MAX_NUMBER = 2.0**63
_FAMILY = SCHEMA.rsplit("/", 1)[0]

_Part = TypeVar("_Part", Availability, End, Header, Machine, Mark)


def header_document(header: Header, *, thinned: int = 1) -> dict[str, object]:
    """Return the first line of a recording as plain data."""
    document = {"schema": SCHEMA} | asdict(header)
    return document | {"thinned": thinned} if thinned > 1 else document


def end_document(end: End) -> dict[str, object]:
    """Return the last line of a recording as plain data, without what is not known."""
    known = {name: value for name, value in asdict(end).items() if value is not None}
    return {"end": known}


def mark_document(mark: Mark) -> dict[str, object]:
    """Return the line of one mark as plain data."""
    return {"t_s": mark.t_s, "mark": mark.label}


def parse_line(data: bytes) -> object:
    """Parse one line or a list of them.

    Raises:
        ValueError: it is not JSON, or holds NaN, or is nested without end.
    """
    try:
        return json.loads(data, parse_constant=_refuse_constant)
    except RecursionError:
        raise ValueError("it is nested too deep") from None


def header_of(document: object) -> Header:
    """Check the first line of a recording.

    Raises:
        RecordingError: it is of another kind or version, or a field is not as it should be; the message names it.
    """
    if not isinstance(document, dict) or not isinstance(document.get("schema"), str):
        raise RecordingError(f"its first line does not begin a recording (expected schema {SCHEMA!r}).")
    _check_schema(document["schema"])
    signals = _mapping(document.get("signals"), "signals")
    return _built(
        Header,
        document,
        "",
        machine=_built(Machine, _mapping(document.get("machine"), "machine"), "machine."),
        signals={
            _text(name, "signals"): _built(
                Availability, _mapping(each, f"signals.{name[:80]}"), f"signals.{name[:80]}."
            )
            for name, each in signals.items()
        },
    )


def thinned_of(document: object) -> int:
    """Return how many samples each sample of a thinned copy stands for, as its first line says; else 1."""
    value = document.get("thinned") if isinstance(document, dict) else None
    return value if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= MAX_NUMBER else 1


def end_of(document: object) -> End:
    """Check what the last line says.

    Raises:
        RecordingError: a field is not as it should be.
    """
    return _built(End, _mapping(document, "end"), "end.")


def mark_of(document: Mapping[str, object]) -> Mark:
    """Check one mark.

    Raises:
        RecordingError: it has no time, or its label is no text.
    """
    return _built(Mark, {"t_s": document.get("t_s"), "label": document.get("mark")}, "mark.")


def is_number(value: object) -> bool:
    """Tell whether *value* is a finite number of a sane size."""
    return not isinstance(value, bool) and isinstance(value, int | float) and abs(value) < MAX_NUMBER


def _check_schema(schema: str) -> None:
    if schema == SCHEMA:
        return
    family, _, version = schema[:MAX_TEXT].rpartition("/")
    if family == _FAMILY and version.isascii() and version.isdigit():
        raise RecordingError(f"it is of version {version} of the format, and this release reads {SCHEMA}. Update it.")
    raise RecordingError(f"it is no recording: its first line says schema {schema[:60]!r}, expected {SCHEMA!r}.")


def _built(kind: type[_Part], document: Mapping[str, Any], where: str, **done: object) -> _Part:
    """Build one part of a recording from the fields of *document*; those in *done* are checked already."""
    values: dict[str, Any] = dict(done)
    for each in fields(kind):
        if each.name not in done and (each.name in document or _is_required(kind, each.name)):
            values[each.name] = _value(_HINTS[kind][each.name], document.get(each.name), f"{where}{each.name}")
    return kind(**values)


def _value(kind: object, value: object, path: str) -> object:
    if get_origin(kind) is tuple:
        if not isinstance(value, list) or len(value) > MAX_ITEMS:
            raise RecordingError(f"{path}: expected a list, found {_shown(value)}.")
        return tuple(_text(item, path) for item in value)
    if get_origin(kind) is Literal:
        if value not in get_args(kind):
            raise RecordingError(f"{path}: expected one of {', '.join(get_args(kind))}, found {_shown(value)}.")
        return value
    choices = get_args(kind) or (kind,)
    if not any(_CHECKS[choice](value) for choice in choices):
        raise RecordingError(f"{path}: found {_shown(value)}, which cannot stand there.")
    return value


def _is_text(value: object) -> bool:
    return isinstance(value, str) and len(value) <= MAX_TEXT


def _is_whole(value: object) -> bool:
    return is_number(value) and isinstance(value, int)


_CHECKS: Mapping[object, Callable[[object], bool]] = {
    str: _is_text,
    int: _is_whole,
    float: lambda value: is_number(value) and math.isfinite(value),  # type: ignore[arg-type]  # a number by then
    bool: lambda value: isinstance(value, bool),
    NoneType: lambda value: value is None,
}


def _text(value: object, path: str) -> str:
    if not isinstance(value, str) or len(value) > MAX_TEXT:
        raise RecordingError(f"{path}: expected a text of at most {MAX_TEXT} characters, found {_shown(value)}.")
    return value


def _mapping(value: object, path: str) -> dict[str, Any]:
    if not isinstance(value, dict) or len(value) > MAX_ITEMS:
        raise RecordingError(f"{path}: expected an object with named fields, found {_shown(value)}.")
    return value


def _shown(value: object) -> str:
    if isinstance(value, dict | list):
        return f"{'an object' if isinstance(value, dict) else 'a list'} of {len(value)}"
    if isinstance(value, int) and abs(value) > MAX_NUMBER:
        return "a number beyond 2^63"
    return ascii(value)[:60]


def _is_required(kind: type[Any], name: str) -> bool:
    return name not in _OPTIONAL[kind]


def _refuse_constant(name: str) -> object:
    raise ValueError(f"{name} is no JSON number")


_HINTS: dict[type[Any], dict[str, Any]] = {
    kind: get_type_hints(kind) for kind in (Availability, End, Header, Machine, Mark)
}
_OPTIONAL: dict[type[Any], frozenset[str]] = {
    Availability: frozenset(),
    End: frozenset({"exit_code", "signal", "oom_killer", "error", "evidence"}),
    Header: frozenset({"thinned_from", "note"}),
    Machine: frozenset(),
    Mark: frozenset(),
}
