"""Collect from nbgrader's exchange as if every learner were hostile: plain files only, whose they are by their owner.

nbgrader's own step copies with the instructor's rights whatever a learner's folder links to (the solution, say, which
then earns full marks and comes back as feedback), takes a folder named for somebody else in the place of theirs, and
ends for the whole class at one badly named folder. `nbgrader_config.py` names this class in its place, so that
Formgrader's button goes the same way.
"""

import contextlib
import os
import stat
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from nbgrader.exchange.default import ExchangeCollect

from workstation_grader.course import SET_ASIDE, is_usable_name
from workstation_grader.submission import (
    EXCHANGE_FILES,
    MAX_EVIDENCE_BYTES,
    MAX_EVIDENCE_FILES,
    MAX_EXCHANGE_FILE_BYTES,
    MAX_LISTED,
    MAX_NOTEBOOK_BYTES,
    is_evidence_name,
)

if sys.platform != "win32":
    import pwd

__all__ = ["CollectPlainFiles", "copy_plain"]

_NO_FOLLOW = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
_LONG_AGO = datetime.fromtimestamp(0, UTC).replace(tzinfo=None)


class CollectPlainFiles(ExchangeCollect):  # type: ignore[misc]  # nbgrader is untyped
    """Nbgrader's collecting, without what a hostile learner could make of it."""

    def _path_to_record(self, path: str) -> dict[str, Any]:
        """Read a folder's name; one that is refused stands by itself, and takes nobody's place."""
        try:
            record: dict[str, Any] = super()._path_to_record(path)
            why = self._why_refused(path, record["username"])
        except (ValueError, OverflowError):
            record, why = {"filename": Path(path).name}, "its name ends in no time"
        if why:
            return {"filename": record["filename"], "username": f"\0{path}", "timestamp": _LONG_AGO, "why": why}
        return record

    def _why_refused(self, path: str, username: str) -> str:
        if not username or not is_usable_name(username):
            return "its name begins with no user's name"
        state = os.lstat(path)
        if not stat.S_ISDIR(state.st_mode):
            return "it is a link or a file, not a folder"
        if not self.check_owner or sys.platform == "win32":
            return ""
        owner = _owner(state.st_uid)
        return "" if owner == username else f"it says that it is {username!r}'s and belongs to {owner!r}"

    def copy_files(self) -> None:
        """Name what was refused, and collect the rest."""
        records: list[dict[str, Any]] = self.src_records  # type: ignore[has-type]  # nbgrader is untyped
        for record in records:
            if "why" in record:
                self.log.warning("%s%s: %s", SET_ASIDE, ascii(record["filename"][:120]), record["why"])
        self.src_records = [record for record in records if "why" not in record]
        super().copy_files()

    def do_copy(self, src: str, dest: str, log: object = None) -> None:
        """Copy what a submission has; whatever else is there stays where it is, and is named."""
        del log
        for name in copy_plain(Path(src), Path(dest), self.coursedir.assignment_id):
            self.log.warning("%s%s in %s: it is no plain file of a submission", SET_ASIDE, name, ascii(Path(src).name))
        if self.coursedir.groupshared:
            _share_with_group(Path(dest))


def _owner(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return "nobody known"


def copy_plain(source: Path, target: Path, exercise: str) -> list[str]:
    """Copy the notebook, the evidence and the exchange's files; give what was left, a few by name.

    X that are open already: what a learner turns into a link meanwhile is not followed.
    """
    target.mkdir(parents=True)
    limits = dict.fromkeys(EXCHANGE_FILES, MAX_EXCHANGE_FILE_BYTES) | {f"{exercise}.ipynb": MAX_NOTEBOOK_BYTES}
    left: list[str] = []
    with _opened(source) as folder:
        for name in _names(folder):
            if name == "evidence":
                left += _copy_evidence(folder, target / name)
            elif name not in limits or not _copy(folder, name, target / name, limits[name]):
                left.append(name)
    more = [f"and {len(left) - 5} more"] if len(left) > 5 else []  # noqa: PLR2004 - as many as are named
    return [ascii(name[:60]) for name in left[:5]] + more


def _copy_evidence(folder: int, target: Path) -> list[str]:
    try:
        with _opened("evidence", folder) as inside:
            target.mkdir()
            names = _names(inside)
            wanted = [name for name in names if is_evidence_name(name)][:MAX_EVIDENCE_FILES]
            copied = {name for name in wanted if _copy(inside, name, target / name, MAX_EVIDENCE_BYTES)}
    except OSError:
        return ["evidence"]
    return [f"evidence/{name}" for name in names if name not in copied]


@contextlib.contextmanager
def _opened(path: str | Path, below: int | None = None) -> Iterator[int]:
    handle = os.open(path, _NO_FOLLOW | getattr(os, "O_DIRECTORY", 0), dir_fd=below)
    try:
        yield handle
    finally:
        os.close(handle)


def _names(folder: int) -> list[str]:
    with os.scandir(folder) as entries:
        return sorted(entry.name for entry, _ in zip(entries, range(MAX_LISTED), strict=False))


def _copy(folder: int, name: str, target: Path, limit_bytes: int) -> bool:
    try:
        handle = os.open(name, _NO_FOLLOW, dir_fd=folder)
    except OSError:
        return False
    try:
        state = os.fstat(handle)  # first: Python makes no file of a folder's handle, it raises
        if not stat.S_ISREG(state.st_mode) or state.st_size > limit_bytes:
            return False
        with os.fdopen(handle, "rb", closefd=False) as file:
            content = file.read(limit_bytes + 1)
    finally:
        os.close(handle)
    if len(content) > limit_bytes:
        return False
    target.write_bytes(content)
    return True


def _share_with_group(folder: Path) -> None:
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o2770 if path.is_dir() else 0o660)
