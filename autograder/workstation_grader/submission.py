"""Read one submission's folder: bounded, following no links, and running nothing of it.

A learner owns every byte here. What cannot be read becomes a `Problem`; nothing is ever imported or executed.
"""

import contextlib
import hashlib
import itertools
import os
import re
import stat
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from workstation.answers.draws import DRAW_FILE
from workstation.answers.evidence import INVENTORY_FILE, load_evidence
from workstation.answers.model import Evidence, Problem
from workstation.ids import is_device

MAX_NOTEBOOK_BYTES = 100_000_000  # nbgrader's own limit for a submission
EVIDENCE_ENDINGS = (".json", ".jsonl", ".csv")
MAX_EVIDENCE_BYTES = 1_000_000
MAX_EVIDENCE_FILES = 50
MAX_EVIDENCE_BYTES_TOGETHER = 20_000_000  # as `workstation submit` bounds it
NAMES_TOLD = "files-left"  # a problem whose message quotes names that a learner gave
MAX_LISTED = 1_000  # names of a folder that are looked at
EVIDENCE_NAME = re.compile(r"\w[\w. ()+-]{0,59}")  # at most 60 characters: some disks take no more than 255 bytes
_USUAL = frozenset({"evidence", ".ipynb_checkpoints", "__pycache__", ".DS_Store", "manifest.json"})
# What acts when a page with it is opened. It only makes a remark: nothing of it reaches a page, remark or not.
_ACTIVE = re.compile(
    rb"(?:<|\\u003c)(?:script|iframe|object|embed|meta|base|link)\b|\bon(?:error|load|click|mouse\w+|focus|toggle)\s*=|"
    rb"javascript:",
    re.IGNORECASE,
)
_ACTIVE_LOOKED_AT_BYTES = 2_000_000
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
    try:
        return _read_plain(handle, path.name, limit_bytes)
    finally:
        os.close(handle)


def _read_plain(handle: int, name: str, limit_bytes: int) -> bytes | Problem:
    state = os.fstat(handle)  # first: Python makes no file of a folder's handle, it raises
    if not stat.S_ISREG(state.st_mode):
        return Problem(code="file-irregular", message=f"{name} is not a plain file; it was left unread.")
    if state.st_size > limit_bytes:
        size = f"{state.st_size / 1e6:.0f} MB, over the limit of {limit_bytes / 1e6:.0f} MB"
        return Problem(code="file-too-large", message=f"{name} has {size}; it was left unread.")
    with os.fdopen(handle, "rb", closefd=False) as file:
        content = file.read(limit_bytes + 1)
    if len(content) > limit_bytes:
        return Problem(code="file-too-large", message=f"{name} grew while it was read; it was left unread.")
    return content


def is_evidence_name(name: str) -> bool:
    """Tell whether a file of that name may travel on: of a kind that we know, and a name that every disk takes.

    >>> is_evidence_name("inventory.json"), is_evidence_name("con.json"), is_evidence_name("../x.json")
    (True, False, False)
    """
    return name.endswith(EVIDENCE_ENDINGS) and bool(EVIDENCE_NAME.fullmatch(name)) and not is_device(name)


@dataclass(frozen=True, kw_only=True)
class _Held:
    """The evidence files that were read, each once, and what was left unread."""

    files: tuple[tuple[str, bytes], ...] = ()
    problems: tuple[Problem, ...] = ()


def _evidence_files(folder: Path) -> _Held:
    """Read the evidence files that may travel on: plain, small, few, and of a kind that we know."""
    if folder.is_symlink():
        return _Held(problems=(Problem(code="evidence-linked", message="evidence is a link; it was not followed."),))
    names, many = _listed(folder)
    known = [name for name in names if is_evidence_name(name)]
    found, problems, room_bytes = [], [], MAX_EVIDENCE_BYTES_TOGETHER
    for name in known[:MAX_EVIDENCE_FILES]:
        content = read_bytes(folder / name, limit_bytes=min(MAX_EVIDENCE_BYTES, room_bytes))
        if isinstance(content, Problem):
            problems.append(content)
        else:
            found.append((name, content))
            room_bytes -= len(content)
    left = [name for name in names if name not in known and name not in _USUAL] + known[MAX_EVIDENCE_FILES:]
    return _Held(files=tuple(found), problems=(*problems, *_left("evidence/", left, many=many)))


def _listed(folder: Path) -> tuple[list[str], bool]:
    """List a folder's names in order, those of evidence that counts first; tell whether there were too many to list."""
    try:
        with os.scandir(folder) as entries:
            names = [entry.name for entry in itertools.islice(entries, MAX_LISTED + 1)]
    except OSError:
        return [], False
    if len(names) <= MAX_LISTED:
        return sorted(names), False
    # Which names a folder gives first is the disk's choice; a grade may not rest on it.
    return [name for name in (INVENTORY_FILE, DRAW_FILE) if (folder / name).is_file()], True


def _left(where: str, names: list[str], *, many: bool = False) -> list[Problem]:
    """Say in one line which files of a submission were not looked at."""
    if many:
        message = f"{where or 'The folder'} holds more than {MAX_LISTED:,} files; only those that count were read."
        return [Problem(code=NAMES_TOLD, message=message)]
    if not names:
        return []
    named = ", ".join(ascii(name[:60]) for name in names[:5])
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""  # noqa: PLR2004 - as many as were named
    return [Problem(code=NAMES_TOLD, message=f"Not part of a submission, left unread: {named}{more}.")]


def _others(folder: Path, exercise: str) -> list[Problem]:
    """Name what lies beside the notebook and is no part of a submission, such as modules that shadow ours."""
    names, many = _listed(folder)
    usual = {f"{exercise}.ipynb", *EXCHANGE_FILES, *_USUAL}
    return _left("", [name for name in names if name not in usual], many=many)


def _active(raw: bytes | None) -> list[Problem]:
    """Say that a notebook holds script or markup that acts, outside what the exercise's own cards print."""
    if raw is None or not (found := _ACTIVE.search(raw[:_ACTIVE_LOOKED_AT_BYTES])):
        return []
    quoted = ascii(found.group().decode("ascii", "replace"))
    message = f"The notebook holds markup that acts in a browser ({quoted}); it is shown as text or left out."
    return [Problem(code="active-markup", message=message)]


def _digest(notebook: bytes | None, files: tuple[tuple[str, bytes], ...]) -> str:
    total = hashlib.sha256(notebook if notebook is not None else b"\0missing")
    for name, content in files:
        total.update(name.encode("utf-8", "surrogateescape") + b"\0" + hashlib.sha256(content).digest())
    return total.hexdigest()


NOTHING_DIGEST = _digest(None, ())  # of a submission that is a link, and so was not read


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


@dataclass(frozen=True, kw_only=True)
class Files:
    """What a submission's folder holds, unparsed: enough to tell whether it is the one that was graded."""

    notebook: bytes | Problem
    exchange: dict[str, bytes]
    held: _Held

    @property
    def carried(self) -> tuple[tuple[str, bytes], ...]:
        """What travels on to the clean copy."""
        return (*((f"evidence/{name}", found) for name, found in self.held.files), *self.exchange.items())

    @property
    def digest(self) -> str:
        """The digest of what is graded: the notebook and the evidence."""
        return _digest(self.notebook if isinstance(self.notebook, bytes) else None, self.held.files)


def read_files(folder: Path, *, exercise: str) -> Files | None:
    """Read a submission's files, each once; `None` where the folder is a link, and so nothing that was handed in."""
    if folder.is_symlink() or folder.parent.is_symlink():
        return None
    exchange = {name: read_bytes(folder / name, limit_bytes=MAX_EXCHANGE_FILE_BYTES) for name in EXCHANGE_FILES}
    return Files(
        notebook=read_bytes(folder / f"{exercise}.ipynb", limit_bytes=MAX_NOTEBOOK_BYTES),
        exchange={name: found for name, found in exchange.items() if isinstance(found, bytes)},
        held=_evidence_files(folder / "evidence"),
    )


def read_submission(folder: Path, *, student: str, exercise: str) -> Submission:
    """Read what *student* handed in for *exercise*, each file once; never raises over its content."""
    files = read_files(folder, exercise=exercise)
    if files is None:
        return _linked(student, exercise)
    stamp = files.exchange.get("timestamp.txt")
    notebook = files.notebook if isinstance(files.notebook, bytes) else None
    unread = [files.notebook] if isinstance(files.notebook, Problem) else []
    return Submission(
        student=student,
        exercise=exercise,
        notebook=notebook,
        timestamp=stamp.decode("ascii", "replace").strip() if stamp is not None else None,
        evidence=_evidence(folder / "evidence", files.held),
        carried=files.carried,
        digest=files.digest,
        problems=(*unread, *files.held.problems, *_others(folder, exercise), *_active(notebook)),
    )


def _evidence(folder: Path, held: _Held) -> Evidence:
    """Make evidence of what was held; of a linked folder nothing is looked at."""
    return Evidence() if folder.is_symlink() else load_evidence(folder, dict(held.files))


def _linked(student: str, exercise: str) -> Submission:
    """Stand for a submission that is a link to another folder, perhaps another learner's: nothing of it is read."""
    message = "The submission is a link to another folder; it was not followed."
    return Submission(
        student=student, exercise=exercise, notebook=None, timestamp=None, evidence=Evidence(), carried=(),
        digest=NOTHING_DIGEST, problems=(Problem(code="folder-linked", message=message),),
    )  # fmt: skip
