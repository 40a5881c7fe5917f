"""Read the files that travel with an answer; the only place in `answers` that touches the disk.

A file is read only if it is a plain file of a sane size: no links, no devices. Whatever is wrong becomes a `Problem`.
"""

import json
import os
import stat
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from workstation.answers.draws import DRAW_FILE, DRAW_PROBLEMS, read_draw
from workstation.answers.model import Evidence, Problem
from workstation.errors import DocumentError, SchemaVersionError
from workstation.inventory import from_document
from workstation.inventory.model import SCHEMA

__all__ = ["EVIDENCE_PROBLEMS", "INVENTORY_FILE", "MAX_FILE_BYTES", "evidence_from_documents", "load_evidence"]

INVENTORY_FILE = "inventory.json"
MAX_FILE_BYTES = 1_000_000

# code: what to say; `{detail}` is what was found.
EVIDENCE_PROBLEMS: Mapping[str, str] = {
    "evidence-missing": f"There is no {INVENTORY_FILE} beside this answer.",
    "evidence-unreadable": f"{INVENTORY_FILE} cannot be read: {{detail}}.",
    "evidence-too-large": f"{INVENTORY_FILE} has {{detail}} bytes; an inventory has far fewer than {MAX_FILE_BYTES:,}.",
    "evidence-not-utf8": f"{INVENTORY_FILE} is not UTF-8 text ({{detail}}).",
    "evidence-truncated": f"{INVENTORY_FILE} is not complete JSON ({{detail}}); it was cut off or edited.",
    "evidence-foreign": f"{INVENTORY_FILE} is no inventory of this course: {{detail}}",
    "evidence-unknown-version": f"{INVENTORY_FILE} is of a version that this release does not know: {{detail}}",
}


class _Unreadable(Exception):
    """Carries a problem out of the reader; never leaves this module."""

    def __init__(self, code: str, detail: object = "") -> None:
        self.problem = Problem(code=code, message=EVIDENCE_PROBLEMS[code].format(detail=detail))
        super().__init__(code)


def load_evidence(folder: Path, held: Mapping[str, bytes] | None = None) -> Evidence:
    """Read the evidence files of *folder*; never raises for what a learner may have put there.

    *held* is what was read of that folder already, by name: nothing is then read a second time, since it may have
    changed meanwhile, and only what could not be held is looked at again to say why.
    """

    def content(name: str) -> bytes:
        if held is not None and name in held:
            return held[name]
        found = _read(folder / name)
        if held is not None:
            raise _Unreadable("evidence-unreadable", "it changed while it was read")
        return found

    try:
        document = _parse(content(INVENTORY_FILE))
    except _Unreadable as found:
        evidence = Evidence(problems=(found.problem,))
    else:
        evidence = evidence_from_documents(document)
    return _with_draw_in(content, evidence)


def evidence_from_documents(inventory: object | None, draw: object | None = None) -> Evidence:
    """Make evidence of an inventory and a draw that are parsed JSON already; `None` means that there is none."""
    evidence = _with_inventory(inventory)
    return evidence if draw is None else _with_draw(evidence, draw)


def _with_draw_in(content: Callable[[str], bytes], evidence: Evidence) -> Evidence:
    try:
        return _with_draw(evidence, _parse(content(DRAW_FILE)))
    except _Unreadable as found:
        if found.problem.code == "evidence-missing":
            return evidence
        detail = {"evidence-too-large": "it is too large", "evidence-unreadable": "it is no plain file"}
        said = detail.get(found.problem.code, "it is no complete JSON")
        message = DRAW_PROBLEMS["draw-damaged"].format(detail=said)
        return replace(evidence, problems=(*evidence.problems, Problem(code="draw-damaged", message=message)))


def _with_draw(evidence: Evidence, document: object) -> Evidence:
    found = read_draw(document)
    problems = evidence.problems if found.problem is None else (*evidence.problems, found.problem)
    return replace(evidence, draw=found.draw, problems=problems)


def _with_inventory(inventory: object | None) -> Evidence:
    if inventory is None:
        return Evidence(problems=(_Unreadable("evidence-missing").problem,))
    try:
        return Evidence(inventory=from_document(inventory), inventory_raw=_raw(inventory))
    except SchemaVersionError as error:
        problem = _Unreadable("evidence-unknown-version", error).problem
    except DocumentError as error:
        problem = _Unreadable("evidence-foreign", error).problem
    return Evidence(inventory_raw=_raw(inventory), problems=(problem,))


def _raw(document: object) -> Mapping[str, object] | None:
    """Keep the parsed JSON where it claims to be of our schema."""
    return document if isinstance(document, dict) and document.get("schema") == SCHEMA else None


def _read(path: Path) -> bytes:
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    except FileNotFoundError:
        raise _Unreadable("evidence-missing") from None
    except OSError as error:
        raise _Unreadable("evidence-unreadable", error.strerror or "the system refuses") from None
    try:
        return _read_plain(handle, path)
    finally:
        os.close(handle)


def _read_plain(handle: int, path: Path) -> bytes:
    found = os.fstat(handle)
    if not stat.S_ISREG(found.st_mode) or path.is_symlink():
        raise _Unreadable("evidence-unreadable", "it is no plain file")
    if found.st_size > MAX_FILE_BYTES:
        raise _Unreadable("evidence-too-large", f"{found.st_size:,}")
    with os.fdopen(handle, "rb", closefd=False) as file:
        return file.read(MAX_FILE_BYTES)


def _parse(raw: bytes) -> object:
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _Unreadable("evidence-not-utf8", f"a byte {raw[error.start]:#04x} at place {error.start}") from None
    try:
        return json.loads(text)
    except RecursionError:
        raise _Unreadable("evidence-foreign", "it is nested too deep.") from None
    except ValueError as error:
        raise _Unreadable("evidence-truncated", error) from None
