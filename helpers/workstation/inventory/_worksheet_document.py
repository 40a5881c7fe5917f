"""Keep the platform worksheet in a file; what comes from one is hostile until it has passed here."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from workstation.catalog._platform import load_platform_rules
from workstation.errors import DocumentError, SchemaVersionError
from workstation.inventory._store import FILE_LIMIT_BYTES, parse_json, write_document
from workstation.inventory.model import Provenance
from workstation.inventory.worksheet import MAX_TEXT, SCHEMA, Platform, check_sense, read_answer

_CONFIDENCES = ("measured", "reported", "inferred", "imported")
_AGAIN = "Fill the worksheet in again with `ws.platform_worksheet()`"


def to_document(platform: Platform) -> dict[str, object]:
    """Return the document of a worksheet, ready for JSON; what is unknown is null, with where to look."""
    answers = {name: getattr(platform, name) for name in load_platform_rules().items}
    return {
        "schema": SCHEMA,
        "filled_in_at": platform.filled_in_at,
        **answers,
        "provenance": {
            name: {"source": told.source, "confidence": told.confidence} for name, told in platform.provenance.items()
        },
        "unknowns": [
            {"what": each.what, "why": each.why, "how_to_find_out": each.how_to_find_out} for each in platform.unknowns
        ],
    }


def from_document(document: object) -> Platform:
    """Check a document and return its worksheet; keys that we do not know are passed over, missing ones are unknown.

    Raises `DocumentError` naming the field at fault, `SchemaVersionError` for a version that this release cannot read.
    """
    if not isinstance(document, dict):
        raise DocumentError(f"expected an object with named fields. {_AGAIN}.")
    _check_schema(document.get("schema"))
    moment = document.get("filled_in_at")
    if not _is_moment(moment):
        raise DocumentError("filled_in_at: expected a time in ISO 8601 with its offset, such as 2026-01-31T12:00:00Z.")
    answers = {name: read_answer(item, document.get(name)) for name, item in load_platform_rules().items.items()}
    told = _provenance(document.get("provenance"), answers)
    found = Platform(filled_in_at=str(moment), provenance=told, **answers)  # type: ignore[arg-type]  # read by kind
    check_sense(found)
    return found


def load_platform(path: str | Path) -> Platform:
    """Load a worksheet from a file.

    Raises `DocumentError` where the file is missing, damaged or foreign, `SchemaVersionError` where it is newer.
    """
    name = Path(path).name
    try:
        with Path(path).open("rb") as stream:
            data = stream.read(FILE_LIMIT_BYTES + 1)
    except OSError as error:
        raise DocumentError(f"Cannot load {name}: {error.strerror or 'it cannot be read'}. {_AGAIN}.") from None
    if len(data) > FILE_LIMIT_BYTES:
        raise DocumentError(f"Cannot load {name}: it is larger than 1 MiB; a worksheet has a few KiB. {_AGAIN}.")
    try:
        document = parse_json(data)
    except DocumentError:
        raise DocumentError(f"Cannot load {name}: it is not valid JSON, and may be cut off. {_AGAIN}.") from None
    try:
        return from_document(document)
    except DocumentError as error:
        raise type(error)(f"Cannot load {name}: {error}") from None


def save_platform(platform: Platform, path: str | Path) -> Path:
    """Write a worksheet as JSON and return its path; a reader never sees half a file.

    Raises `DocumentError` where the file cannot be written.
    """
    return write_document(to_document(platform), path)


def _check_schema(schema: object) -> None:
    if schema == SCHEMA:
        return
    family, _, version = schema.rpartition("/") if isinstance(schema, str) else ("", "", "")
    if family == SCHEMA.rpartition("/")[0] and version.isascii() and version.isdigit():
        raise SchemaVersionError(
            f"schema: {ascii(schema)[:60]} is another version than this release reads ({SCHEMA}). "
            "Update the course package."
        )
    raise DocumentError(f"schema: expected {SCHEMA!r}, found {ascii(schema)[:60]}; another program wrote this file.")


def _is_moment(value: object) -> bool:
    try:
        return isinstance(value, str) and datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        return False


def _provenance(value: object, answers: Mapping[str, object]) -> dict[str, Provenance]:
    """Keep who told each answer; an answer without a teller is nobody's."""
    entries = value if isinstance(value, dict) else {}
    return {name: _told(entries.get(name)) for name, answer in answers.items() if answer is not None}


def _told(entry: object) -> Provenance:
    source = entry.get("source") if isinstance(entry, dict) else None
    confidence = entry.get("confidence") if isinstance(entry, dict) else None
    if (
        not isinstance(source, str)
        or len(source) > MAX_TEXT
        or any("\ud800" <= letter <= "\udfff" for letter in source)
    ):
        source = "the file does not say"
    return Provenance(source=source, confidence=confidence if confidence in _CONFIDENCES else "imported")
