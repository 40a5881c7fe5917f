"""Unpack a submission's zip: what a submission has and nothing else, bounded while reading, wherever it was packed."""

import io
import itertools
import json
import stat
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import Any

from workstation.errors import SubmissionError
from workstation.ids import is_device
from workstation_grader.submission import EVIDENCE_ENDINGS, EVIDENCE_NAME, MAX_NOTEBOOK_BYTES

__all__ = ["MAX_ARCHIVE_BYTES", "Unpacked", "unpack"]

MAX_ENTRIES = 200
MAX_ARCHIVE_BYTES = 130_000_000
MAX_EVIDENCE_BYTES = 20_000_000  # all of it, as `workstation submit` bounds it; grading bounds each file by itself
MAX_MANIFEST_BYTES = 1_000_000
MAX_DIRECTORY_BYTES = 1_000_000  # the list of an archive's files, read whole before any of them
MAX_NOTES = 10


@dataclass(frozen=True, kw_only=True)
class Unpacked:
    """What a zip says about itself: when it was made, by whose word, and what in it does not fit its manifest."""

    stamp: datetime
    claimed: bool  # by the manifest, which is the learner's; else by the file
    notes: tuple[str, ...] = ()


def unpack(archive: Path, target: Path, exercise: str, student: str) -> Unpacked:
    """Unpack the notebook and the evidence of a submission zip; give what it says of itself.

    Only names that a submission has are taken, whatever paths the archive holds; sizes are bounded while reading, so
    that neither a path out of the folder nor a bomb does anything.

    Raises:
        SubmissionError: it is no zip, it holds no notebook of this exercise, or it is far too large.
    """
    try:
        if archive.stat().st_size > MAX_ARCHIVE_BYTES:
            raise SubmissionError(f"it is over the limit of {MAX_ARCHIVE_BYTES / 1e6:.0f} MB")
        with _Cautious(archive.open("rb", buffering=0)) as file, zipfile.ZipFile(file) as opened:
            file.limit_bytes = None
            entries = opened.infolist()
            if len(entries) > MAX_ENTRIES:
                raise SubmissionError(f"it holds {len(entries)} files; a submission has at most {MAX_ENTRIES}")
            contents = _contents(opened, entries, exercise)
            manifest = _manifest(opened)
        created = _created_at(manifest)
        stamp = created or datetime.fromtimestamp(archive.stat().st_mtime, UTC)
    except (zipfile.BadZipFile, zlib.error, OSError, RuntimeError, EOFError, ValueError) as error:
        raise SubmissionError(f"it could not be read as a zip ({error})") from error
    if f"{exercise}.ipynb" not in contents:
        raise SubmissionError(f"it holds no {exercise}.ipynb")
    for name, content in contents.items():
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        (target / name).write_bytes(content)
    notes = (*itertools.islice(_notes(manifest, student, contents), MAX_NOTES), *_left(entries, exercise))
    return Unpacked(stamp=stamp, claimed=created is not None, notes=notes)


class _Cautious(io.BufferedReader):
    """An archive's file that refuses to read a list of a million entries: `zipfile` would, before anybody can count."""

    limit_bytes: int | None = MAX_DIRECTORY_BYTES

    def read(self, size: int | None = -1, /) -> bytes:
        """Read, within bounds as long as the list of files is read."""
        if self.limit_bytes is None:
            return super().read(size)
        if size is not None and size > self.limit_bytes:
            raise SubmissionError(f"its list of files is far too long; a submission has at most {MAX_ENTRIES} files")
        return super().read(self.limit_bytes if size is None or size < 0 else size)


def _left(entries: list[zipfile.ZipInfo], exercise: str) -> Iterator[str]:
    """Name what stays in the archive, because no submission has it."""
    left = [entry.filename for entry in entries if not entry.is_dir() and _place(entry, exercise) is None]
    left = [name for name in left if name.rpartition("/")[2] not in ("manifest.json", ".DS_Store")]
    if left:
        named = ", ".join(ascii(name[:60]) for name in left[:5])
        more = f" and {len(left) - 5} more" if len(left) > 5 else ""  # noqa: PLR2004 - as many as were named
        yield f"it also holds {named}{more}, which is no part of a submission; left in it"


def _contents(opened: zipfile.ZipFile, entries: list[zipfile.ZipInfo], exercise: str) -> dict[str, bytes]:
    """Read what a submission has, by its place in one; whatever else the archive holds is left in it."""
    contents: dict[str, bytes] = {}
    room_bytes = MAX_EVIDENCE_BYTES
    for entry in entries:
        name = _place(entry, exercise)
        if name is None:
            continue
        if name.casefold() in map(str.casefold, contents):
            raise SubmissionError(f"it holds {name} more than once; names that differ in case alone are one name")
        is_evidence = name.startswith("evidence/")
        contents[name] = _read(opened, entry, room_bytes if is_evidence else MAX_NOTEBOOK_BYTES)
        room_bytes -= len(contents[name]) if is_evidence else 0
    return contents


def _place(entry: zipfile.ZipInfo, exercise: str) -> str | None:
    """Tell where in a submission an entry belongs, if anywhere.

    Windows' own zips have backslashes in their names, and its disks know no difference between large and small letters.
    """
    path = PurePosixPath(entry.filename.replace("\\", "/"))
    if entry.is_dir() or entry.filename.endswith("\\"):
        return None
    if path.name.casefold() == f"{exercise}.ipynb".casefold() and len(path.parts) <= 2:  # noqa: PLR2004 - at the top or in one folder
        return f"{exercise}.ipynb"
    if path.parent.name.casefold() != "evidence" or not EVIDENCE_NAME.fullmatch(path.name) or is_device(path.name):
        return None
    ending = next((ending for ending in EVIDENCE_ENDINGS if path.name.lower().endswith(ending)), None)
    return None if ending is None else f"evidence/{path.name[: -len(ending)]}{ending}"


def _read(opened: zipfile.ZipFile, entry: zipfile.ZipInfo, limit_bytes: int) -> bytes:
    """Read an entry, however large it says that it is, up to *limit_bytes*."""
    if stat.S_ISLNK(entry.external_attr >> 16):
        raise SubmissionError(f"{entry.filename!r} in it is a link, not a file")
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise SubmissionError(f"{entry.filename!r} in it is packed in an unusual way; pack it as an ordinary zip")
    with opened.open(entry) as source:
        content = source.read(limit_bytes + 1)
    if len(content) > limit_bytes:
        what = "is over" if limit_bytes == MAX_NOTEBOOK_BYTES else "takes the evidence over"
        limit = MAX_NOTEBOOK_BYTES if limit_bytes == MAX_NOTEBOOK_BYTES else MAX_EVIDENCE_BYTES
        raise SubmissionError(f"{entry.filename!r} in it {what} the limit of {limit / 1e6:.0f} MB")
    return content


def _manifest(opened: zipfile.ZipFile) -> Mapping[str, Any]:
    """Read the manifest; one that is missing or nonsense says nothing."""
    try:
        with opened.open("manifest.json") as source:
            manifest = json.loads(source.read(MAX_MANIFEST_BYTES))
    except (KeyError, ValueError, RecursionError):
        return {}
    return manifest if isinstance(manifest, dict) else {}


def _created_at(manifest: Mapping[str, Any]) -> datetime | None:
    """Read the manifest's time; a claim, so one in the future or unreadable counts as none."""
    try:
        created = datetime.fromisoformat(str(manifest["created_at"])).astimezone(UTC)
    except (KeyError, ValueError, OverflowError):
        return None
    return created if created <= datetime.now(UTC) else None


def _notes(manifest: Mapping[str, Any], student: str, contents: Mapping[str, bytes]) -> Iterator[str]:
    """Name where a manifest and what travels with it disagree: claims, for a person to judge."""
    claimed = manifest.get("claimed_id")
    if claimed is not None and str(claimed).casefold() != student.casefold():
        yield f"its manifest says it is from {str(claimed)[:64]!r}, its name says {student!r}; the name counts"
    packed = manifest.get("files")
    for name, told in packed.items() if isinstance(packed, dict) else ():
        digest = told.get("sha256") if isinstance(told, dict) else None
        if name in contents and digest != sha256(contents[name]).hexdigest():
            yield f"{name} is not the file that was packed; it was changed afterwards"
        elif name not in contents:
            yield f"{str(name)[:64]!r} was packed and is not there any more"
