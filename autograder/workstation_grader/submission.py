"""Read one submission's folder: bounded, following no links, and running nothing of it.

A learner owns every byte here. What cannot be read becomes a `Problem`; nothing is ever imported or executed.
"""

import contextlib
import hashlib
import os
import stat
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from workstation.answers.evidence import load_evidence
from workstation.answers.model import Evidence, Problem

MAX_NOTEBOOK_BYTES = 100_000_000  # nbgrader's own limit for a submission
EVIDENCE_ENDINGS = (".json", ".jsonl", ".csv")
MAX_EVIDENCE_BYTES = 1_000_000
MAX_EVIDENCE_FILES = 50
EXCHANGE_FILES = ("timestamp.txt", "submission_secret.txt")  # nbgrader's exchange writes them, and needs them back
MAX_EXCHANGE_FILE_BYTES = 1_000
USUAL_STAMP = "%Y-%m-%d %H:%M:%S.%f UTC"


@dataclass(frozen=True, kw_only=True)
class Submission:
    """What one learner handed in, as bytes: nothing is parsed yet but the evidence."""

    student: str
    exercise: str
    notebook: bytes | None
    timestamp: str | None
    evidence: Evidence
    carried: tuple[tuple[str, bytes], ...]  # what travels on to the clean copy: evidence, and the exchange's own files
    digest: str
    problems: tuple[Problem, ...]


def read_bytes(path: Path, *, limit_bytes: int) -> bytes | Problem:
    """Read a regular file without following links, up to *limit_bytes*; else say why not."""
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    except FileNotFoundError:
        return Problem(code="file-missing", message=f"{path.name} is not in the submission.")
    except OSError as error:
        return Problem(code="file-unreadable", message=f"{path.name} could not be opened ({error.strerror}).")
    with os.fdopen(handle, "rb") as file:
        state = os.fstat(file.fileno())
        if not stat.S_ISREG(state.st_mode):
            return Problem(code="file-irregular", message=f"{path.name} is not a plain file; it was left unread.")
        if state.st_size > limit_bytes:
            size = f"{state.st_size / 1e6:.0f} MB, over the limit of {limit_bytes / 1e6:.0f} MB"
            return Problem(code="file-too-large", message=f"{path.name} has {size}; it was left unread.")
        return file.read(limit_bytes + 1)


def _evidence_files(folder: Path) -> tuple[tuple[str, bytes], ...]:
    """Collect the evidence files that may travel on: plain, small, and of a kind that we know."""
    if folder.is_symlink() or not folder.is_dir():
        return ()
    found = []
    with os.scandir(folder) as entries:
        names = sorted(entry.name for entry in entries if entry.name.endswith(EVIDENCE_ENDINGS))
    for name in names[:MAX_EVIDENCE_FILES]:
        content = read_bytes(folder / name, limit_bytes=MAX_EVIDENCE_BYTES)
        if isinstance(content, bytes):
            found.append((name, content))
    return tuple(found)


def _digest(notebook: bytes | None, files: tuple[tuple[str, bytes], ...]) -> str:
    total = hashlib.sha256(notebook if notebook is not None else b"\0missing")
    for name, content in files:
        total.update(name.encode("utf-8", "surrogateescape") + b"\0" + hashlib.sha256(content).digest())
    return total.hexdigest()


def parse_stamp(text: str | None) -> datetime | None:
    """Read a time stamp as nbgrader writes it, in UTC without a zone; one that somebody garbled counts as none.

    >>> parse_stamp("2026-11-20 10:00:00.000000 UTC"), parse_stamp("tomorrow, zzz")
    (datetime.datetime(2026, 11, 20, 10, 0), None)
    """
    with contextlib.suppress(ValueError):
        return datetime.strptime(text or "", USUAL_STAMP)  # noqa: DTZ007 - nbgrader keeps UTC without saying so
    return _unusual_stamp(text) if text else None


def _unusual_stamp(text: str) -> datetime | None:
    from nbgrader.utils import parse_utc  # late: it takes seconds, and few stamps are of another zone

    try:
        stamp: datetime = parse_utc(text)
    except (ValueError, OverflowError, TypeError):
        return None
    return stamp


def read_submission(folder: Path, *, student: str, exercise: str) -> Submission:
    """Read what *student* handed in for *exercise*; never raises over its content."""
    problems: list[Problem] = []
    content = read_bytes(folder / f"{exercise}.ipynb", limit_bytes=MAX_NOTEBOOK_BYTES)
    if isinstance(content, Problem):
        problems.append(content)
    exchange = {name: read_bytes(folder / name, limit_bytes=MAX_EXCHANGE_FILE_BYTES) for name in EXCHANGE_FILES}
    stamp = exchange["timestamp.txt"]
    files = _evidence_files(folder / "evidence")
    carried = [(f"evidence/{name}", held) for name, held in files]
    carried += [(name, held) for name, held in exchange.items() if isinstance(held, bytes)]
    notebook = content if isinstance(content, bytes) else None
    return Submission(
        student=student,
        exercise=exercise,
        notebook=notebook,
        timestamp=stamp.decode("ascii", "replace").strip() if isinstance(stamp, bytes) else None,
        evidence=load_evidence(folder / "evidence"),
        carried=tuple(carried),
        digest=_digest(notebook, files),
        problems=tuple(problems),
    )
