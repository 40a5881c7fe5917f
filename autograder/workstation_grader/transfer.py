"""Bring submissions in: from nbgrader's exchange, or from a folder of zips made with `workstation submit`.

Who submitted is decided by the exchange's owner or by the zip's file name; what a manifest says is only a claim.
"""

import json
import os
import re
import shutil
import stat
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import Any

from workstation.errors import CohortError, SubmissionError
from workstation.ids import as_known, student_of, why_nobodys
from workstation_grader import exchange, ledger
from workstation_grader.course import Course, why_it_failed, working_in
from workstation_grader.submission import EVIDENCE_ENDINGS, MAX_NOTEBOOK_BYTES, parse_stamp

MAX_ENTRIES = 200
MAX_ARCHIVE_BYTES = 130_000_000
MAX_EVIDENCE_BYTES = 20_000_000  # all of it, as `workstation submit` bounds it; grading bounds each file by itself
MAX_MANIFEST_BYTES = 1_000_000
_FILE = re.compile(r"\w[\w. ()+-]{0,59}")  # at most 60 characters: some disks take no more than 255 bytes


@dataclass(frozen=True, kw_only=True)
class Counting:
    """Which zip of a learner counts, and which one did at the last collecting."""

    student: str
    file: str | None  # none: it came another way, or nobody noted it
    stamp: datetime
    before: str | None
    here: bool  # it is in the folder that was collected from


@dataclass(kw_only=True)
class Collected:
    """What a collecting run brought in, what it set aside with its reason, and what a person should look at again."""

    students: list[str] = field(default_factory=list)
    counting: list[Counting] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Unpacked:
    """What a zip says about itself: when it was made, and what in it does not fit its manifest."""

    stamp: datetime
    notes: tuple[str, ...] = ()


def collect_from_exchange(course: Course, exercise: str) -> Collected:
    """Collect the latest submission of each learner from nbgrader's exchange.

    Raises:
        CohortError: the exchange is not there, or this system has none.
    """
    if os.name == "nt":
        raise CohortError("nbgrader's exchange does not run on Windows. Collect with --zips DIR instead.")
    exchange.require(course)  # nbgrader would tell the instructor to contact the instructor
    with working_in(course.root):
        outcome = course.api.collect(exercise)
    if not outcome["success"]:
        raise CohortError(
            f"Nothing was collected:\n{why_it_failed(outcome)}\n"
            "Collect with --zips DIR instead, or set c.Exchange.root in nbgrader_config.py."
        )
    warned = [line for line in str(outcome.get("log") or "").splitlines() if "claims to be submitted by" in line]
    return Collected(students=course.submissions(exercise), notes=warned)


def collect_from_zips(course: Course, exercise: str, folder: Path) -> Collected:
    """Collect zips named ``ID__anything.zip``; the newest valid one of a learner wins, none is deleted.

    Raises:
        CohortError: the folder is not there or holds no zip.
    """
    if not folder.is_dir():
        raise CohortError(
            f"There is no folder {folder}. Name with --zips the one that holds the learners' zips, "
            "named ID__anything.zip."
        )
    archives = sorted(path for path in folder.iterdir() if path.suffix.lower() == ".zip")
    if not archives:
        raise CohortError(f"No zip in {folder}. Put the learners' zips there, named ID__anything.zip.")
    collected = Collected()
    newest: dict[str, str] = {}
    for archive in archives:
        _take(course, exercise, archive, collected, newest)
    collected.students = sorted(newest)
    there = {_spelled(course, named) for named in map(student_of, [*newest.values(), *collected.kept]) if named}
    collected.counting = _count(course, exercise, sorted(there), newest, {archive.name for archive in archives})
    return collected


def _take(course: Course, exercise: str, archive: Path, collected: Collected, newest: dict[str, str]) -> None:
    """Bring one zip in, keep it aside as older, or refuse it with a reason; note in *newest* what counts for whom."""
    named = student_of(archive.name)
    if named is None:
        collected.refused.append((archive.name, f"{why_nobodys(archive.name)}; rename it ID__anything.zip"))
        return
    student = _spelled(course, named)
    if student != named:
        collected.notes.append(
            f"{archive.name}: counts as {student!r}'s; ids that differ in case alone are one learner"
        )
    try:
        brought = _bring_in(course, exercise, student, archive)
    except SubmissionError as error:
        collected.refused.append((archive.name, str(error)))
        return
    if brought is None:
        collected.kept.append(archive.name)
        return
    newest[student] = archive.name
    collected.notes += [f"{archive.name}: {note}" for note in brought.notes]


def _spelled(course: Course, student: str) -> str:
    """Spell an id as the folder of what was collected of that learner does, if there is one."""
    return as_known(student, [folder.name for folder in course.collected.glob("*")])


def _count(
    course: Course, exercise: str, students: list[str], newest: Mapping[str, str], present: set[str]
) -> list[Counting]:
    """Say of each learner which zip counts now, hold that against the last time, and note it for the next."""
    before = ledger.read(course.root, exercise)
    counting = []
    for student in students:
        file, stamp = newest.get(student, before.get(student)), _stamp_of(course.collected / student / exercise)
        counting.append(
            Counting(
                student=student,
                file=file,
                stamp=stamp or datetime.fromtimestamp(0, UTC),
                before=before.get(student),
                here=file in present,
            )
        )
    ledger.write(course.root, exercise, before | {entry.student: entry.file for entry in counting if entry.file})
    return counting


def _bring_in(course: Course, exercise: str, student: str, archive: Path) -> Unpacked | None:
    """Unpack one zip unless a newer submission is there; give what it says of itself, or None where it is older."""
    target = course.collected / student / exercise
    with tempfile.TemporaryDirectory(dir=course.root) as scratch:
        unpacked = Path(scratch) / exercise
        found = unpack(archive, unpacked, exercise, student)
        there = _stamp_of(target)
        if there is not None and there > found.stamp:
            return None
        (unpacked / "timestamp.txt").write_text(f"{found.stamp:%Y-%m-%d %H:%M:%S.%f} UTC", encoding="ascii")
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.exists():
            shutil.rmtree(target)
        unpacked.replace(target)
    return found


def _stamp_of(folder: Path) -> datetime | None:
    try:
        stamp = parse_stamp((folder / "timestamp.txt").read_text(encoding="ascii", errors="replace").strip())
    except OSError:
        return None
    return stamp and stamp.replace(tzinfo=UTC)


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
        with zipfile.ZipFile(archive) as opened:
            entries = opened.infolist()
            if len(entries) > MAX_ENTRIES:
                raise SubmissionError(f"it holds {len(entries)} files; a submission has at most {MAX_ENTRIES}")
            contents = _contents(opened, entries, exercise)
            manifest = _manifest(opened)
        stamp = _created_at(manifest) or datetime.fromtimestamp(archive.stat().st_mtime, UTC)
    except (zipfile.BadZipFile, zlib.error, OSError, RuntimeError, EOFError, ValueError) as error:
        raise SubmissionError(f"it could not be read as a zip ({error})") from error
    if f"{exercise}.ipynb" not in contents:
        raise SubmissionError(f"it holds no {exercise}.ipynb")
    for name, content in contents.items():
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        (target / name).write_bytes(content)
    return Unpacked(stamp=stamp, notes=tuple(_notes(manifest, student, contents)))


def _contents(opened: zipfile.ZipFile, entries: list[zipfile.ZipInfo], exercise: str) -> dict[str, bytes]:
    """Read what a submission has, by its place in one; whatever else the archive holds is left in it."""
    contents: dict[str, bytes] = {}
    room_bytes = MAX_EVIDENCE_BYTES
    for entry in entries:
        name = _place(entry, exercise)
        if name is None:
            continue
        if name in contents:
            raise SubmissionError(f"it holds {name} more than once")
        is_evidence = name.startswith("evidence/")
        contents[name] = _read(opened, entry, room_bytes if is_evidence else MAX_NOTEBOOK_BYTES)
        room_bytes -= len(contents[name]) if is_evidence else 0
    return contents


def _place(entry: zipfile.ZipInfo, exercise: str) -> str | None:
    """Tell where in a submission an entry belongs, if anywhere; Windows' own zips have backslashes in their names."""
    path = PurePosixPath(entry.filename.replace("\\", "/"))
    if entry.is_dir():
        return None
    if path.name == f"{exercise}.ipynb" and len(path.parts) <= 2:  # noqa: PLR2004 - at the top or in one folder
        return path.name
    if path.parent.name == "evidence" and path.suffix in EVIDENCE_ENDINGS and _FILE.fullmatch(path.name):
        return f"evidence/{path.name}"
    return None


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
