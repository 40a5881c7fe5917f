"""Bring submissions in: from nbgrader's exchange, or from a folder of zips made with `workstation submit`.

Who submitted is decided by the exchange's owner or by the zip's file name; what a manifest says is only a claim.
"""

import contextlib
import json
import os
import re
import shutil
import tempfile
import zipfile
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from workstation.errors import CohortError, SubmissionError
from workstation_grader.course import Course, why_it_failed, working_in
from workstation_grader.submission import EVIDENCE_ENDINGS, MAX_EVIDENCE_BYTES, MAX_NOTEBOOK_BYTES

MAX_ENTRIES = 200
MAX_MANIFEST_BYTES = 1_000_000
_STUDENT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}")


@dataclass(kw_only=True)
class Collected:
    """What a collecting run brought in, and what it set aside with its reason."""

    students: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def collect_from_exchange(course: Course, exercise: str) -> Collected:
    """Collect the latest submission of each learner from nbgrader's exchange.

    Raises:
        CohortError: the exchange is not there, or this system has none.
    """
    if os.name == "nt":
        raise CohortError("nbgrader's exchange does not run on Windows. Collect with --zips DIR instead.")
    with working_in(course.root):
        outcome = course.api.collect(exercise)
    if not outcome["success"]:
        raise CohortError(f"Nothing was collected:\n{why_it_failed(outcome)}")
    return Collected(students=course.submissions(exercise))


def release_feedback(course: Course, exercise: str) -> list[str]:
    """Release written feedback pages through nbgrader's exchange; give the learners who can fetch theirs there.

    A submission that came as a zip has no secret to fetch with: its page is sent some other way.

    Raises:
        CohortError: the exchange is not there, or this system has none.
    """
    if os.name == "nt":
        raise CohortError("nbgrader's exchange does not run on Windows. Send the pages in feedback/ to the learners.")
    secrets = sorted(course.feedback.glob(f"*/{exercise}/submission_secret.txt"))
    students = [path.parent.parent.name for path in secrets]
    with working_in(course.root):
        for student in students:
            outcome = course.api.release_feedback(exercise, student)
            if not outcome["success"]:
                raise CohortError(f"{student}'s feedback was not released:\n{why_it_failed(outcome)}")
    return students


def student_of(name: str) -> str | None:
    """Read who handed a zip in from its file name: everything before the first space, "+" or "__".

    >>> student_of("ada__constraint-summary-20261123T101500Z.zip"), student_of("../x.zip")
    ('ada', None)
    """
    first = re.split(r"__|\+|\s", name.removesuffix(".zip"), maxsplit=1)[0]
    return first if _STUDENT.fullmatch(first) else None


def collect_from_zips(course: Course, exercise: str, folder: Path) -> Collected:
    """Collect zips named ``STUDENT__anything.zip``; the newest valid one of a learner wins, none is deleted.

    Raises:
        CohortError: the folder is not there or holds no zip.
    """
    archives = sorted(folder.glob("*.zip")) if folder.is_dir() else []
    if not archives:
        raise CohortError(f"No zip in {folder}. Put the learners' zips there, named STUDENT__anything.zip.")
    collected, newest = Collected(), dict[str, str]()
    for archive in archives:
        student = student_of(archive.name)
        if student is None:
            collected.refused.append(
                (archive.name, "its name does not begin with a learner's id; rename it ID__....zip")
            )
            continue
        try:
            stamp = _bring_in(course, exercise, student, archive, newest.get(student))
        except SubmissionError as error:
            collected.refused.append((archive.name, str(error)))
            continue
        if stamp is None:
            collected.kept.append(archive.name)
            continue
        newest[student] = stamp
        collected.students.append(student)
    collected.students = sorted(set(collected.students))
    return collected


def _bring_in(course: Course, exercise: str, student: str, archive: Path, newest: str | None) -> str | None:
    """Unpack one zip unless a newer submission is there; give its time stamp, or None where it is older."""
    target = course.collected / student / exercise
    with tempfile.TemporaryDirectory(dir=course.root) as scratch:
        unpacked = Path(scratch) / exercise
        stamp = unpack(archive, unpacked, exercise)
        there = _stamp_of(target) if newest is None else newest
        if there is not None and there > stamp:
            return None
        (unpacked / "timestamp.txt").write_text(f"{stamp} UTC", encoding="ascii")
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.exists():
            shutil.rmtree(target)
        unpacked.replace(target)
    return stamp


def _stamp_of(folder: Path) -> str | None:
    with contextlib.suppress(OSError):
        return (folder / "timestamp.txt").read_text(encoding="ascii", errors="replace").removesuffix(" UTC").strip()
    return None


def unpack(archive: Path, target: Path, exercise: str) -> str:
    """Unpack the notebook and the evidence of a submission zip; give the time of submission (UTC).

    Only names that a submission has are taken, whatever paths the archive holds; sizes are bounded while reading, so
    that neither a path out of the folder nor a bomb does anything.

    Raises:
        SubmissionError: it is no zip, it holds no notebook of this exercise, or it is far too large.
    """
    try:
        with zipfile.ZipFile(archive) as opened:
            entries = opened.infolist()
            if len(entries) > MAX_ENTRIES:
                raise SubmissionError(f"it holds {len(entries)} files; a submission has at most {MAX_ENTRIES}")
            for entry in entries:
                _take(opened, entry, target, exercise)
            stamp = _created_at(opened) or _modified(archive)
    except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError, EOFError, ValueError) as error:
        raise SubmissionError(f"it could not be read as a zip ({error})") from error
    if not (target / f"{exercise}.ipynb").is_file():
        raise SubmissionError(f"it holds no {exercise}.ipynb")
    return stamp


def _take(opened: zipfile.ZipFile, entry: zipfile.ZipInfo, target: Path, exercise: str) -> None:
    path = PurePosixPath(entry.filename)
    if entry.is_dir():
        return
    if path.name == f"{exercise}.ipynb" and len(path.parts) <= 2:  # noqa: PLR2004 - at the top or in one folder
        _write(opened, entry, target / path.name, MAX_NOTEBOOK_BYTES)
    elif path.parent.name == "evidence" and path.suffix in EVIDENCE_ENDINGS:
        _write(opened, entry, target / "evidence" / path.name, MAX_EVIDENCE_BYTES)


def _write(opened: zipfile.ZipFile, entry: zipfile.ZipInfo, target: Path, limit_bytes: int) -> None:
    with opened.open(entry) as source:
        content = source.read(limit_bytes + 1)
    if len(content) > limit_bytes:
        raise SubmissionError(f"{entry.filename!r} in it is over the limit of {limit_bytes / 1e6:.0f} MB")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(content)


def _created_at(opened: zipfile.ZipFile) -> str | None:
    """Read the manifest's time; a claim, so one in the future or unreadable counts as none."""
    try:
        with opened.open("manifest.json") as source:
            manifest = json.loads(source.read(MAX_MANIFEST_BYTES))
        created = datetime.fromisoformat(str(manifest["created_at"])).astimezone(UTC)
    except (KeyError, ValueError, TypeError, RecursionError):
        return None
    return created.strftime("%Y-%m-%d %H:%M:%S.%f") if created <= datetime.now(UTC) else None


def _modified(archive: Path) -> str:
    return datetime.fromtimestamp(archive.stat().st_mtime, UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
