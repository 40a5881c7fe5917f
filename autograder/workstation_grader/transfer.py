"""Bring submissions in: from nbgrader's exchange, or from zips made with `workstation submit`, however they were sent.

Who submitted is decided by the exchange's owner or by the name that a learning platform gave the file; what a manifest
says is only a claim. Nothing is dropped: what is nobody's yet waits in quarantine, and each learner's earlier zips are
kept beside the one that counts.
"""

import os
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from workstation.errors import CohortError, SubmissionError
from workstation.ids import is_student_id, why_nobodys
from workstation_grader import exchange, ledger
from workstation_grader.archive import MAX_ARCHIVE_BYTES, Unpacked, unpack
from workstation_grader.course import SET_ASIDE, Course, why_it_failed, working_in
from workstation_grader.files import SCRATCH, replace_folder
from workstation_grader.lateness import honest_stamp, why_late
from workstation_grader.lms import keeping
from workstation_grader.lms.extensions import Deadlines, read_deadlines
from workstation_grader.lms.identity import Directory, Found, contested_names
from workstation_grader.lms.incoming import Source, open_source
from workstation_grader.lms.names import Named, parse_name
from workstation_grader.lms.roster import keep_keys, read_people
from workstation_grader.lms.tables import Table, as_text, column_of, platform_words, tidy
from workstation_grader.submission import parse_stamp

__all__ = ["Collected", "Counting", "collect_from_exchange", "collect_from_zips", "files_told", "unpack"]


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
    unknown: list[tuple[str, str]] = field(default_factory=list)  # in quarantine: nobody's yet
    late: list[tuple[str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class _Run:
    """One collecting: where it works, whom it knows, and what it has found so far."""

    course: Course
    exercise: str
    directory: Directory
    deadlines: Deadlines
    before: Mapping[str, str]
    collected: Collected
    newest: dict[str, str] = field(default_factory=dict)
    quarantined: bool = False  # something waited before
    spellings: dict[str, str] = field(default_factory=dict)  # as folders and the roster spell ids
    keys: dict[str, str] = field(default_factory=dict)


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
    notes = _refused_there(str(outcome.get("log") or ""))
    students, people = course.submissions(exercise), read_people(course.root, course.db_url)
    if people.known:
        notes += [f"{student!r} is not in the roster" for student in students if student not in people.people]
    return Collected(students=students, notes=notes)


def _refused_there(log: str) -> list[str]:
    """Take from nbgrader's log what our collecting refused: folders under others' names, links, odd files."""
    marks = (line.partition(SET_ASIDE) for line in log.splitlines())
    return [f"left in the exchange: {told}" for _, mark, told in marks if mark]


def collect_from_zips(
    course: Course, exercise: str, place: Path | None, files: Mapping[str, str] | None = None
) -> Collected:
    """Collect zips from a folder or a platform's bulk download; the last valid one of a learner counts, each is kept.

    Args:
        course: the opened course folder.
        exercise: the exercise's name.
        place: the folder or the bulk download; without one, only what waits in quarantine is looked at again.
        files: an instructor's word on whose single files are, by their names.

    Raises:
        CohortError: the folder is not there or holds no zip.
    """
    source = None if place is None else open_source(place, exercise)
    names = source.names if source else ()
    held = keeping.waiting(course.root, exercise)
    people = read_people(course.root, course.db_url)
    contested = contested_names((*names, *(each.name for each in held)), exercise)
    run = _Run(
        course=course,
        exercise=exercise,
        directory=Directory(people=people, exercise=exercise, files=files or {}, contested=contested),
        deadlines=read_deadlines(course.root, course.db_url, exercise),
        before=ledger.read(course.root, exercise),
        collected=Collected(),
        quarantined=bool(held),
    )
    spelled = (*(folder.name for folder in course.collected.glob("*")), *people.people)
    run.spellings.update({student.casefold(): student for student in spelled})
    if source is not None:
        _take_all(run, source)
    for each in held:
        if each.path.exists() and (each.name, each.why) not in run.collected.unknown:
            _take(run, each.name, each.path)
    return _told(run, names)


def _take_all(run: _Run, source: Source) -> None:
    with source.opened() as opened:
        for name in source.names:
            try:
                with opened.take(name) as archive:
                    _take(run, name, archive)
            except zipfile.BadZipFile as error:
                run.collected.refused.append((name, f"it could not be unpacked from the bulk download ({error})"))
    why = "it is a notebook by itself, without its evidence; ask for the file that `workstation submit` makes"
    run.collected.refused += [(name, why) for name in source.others]


def _take(run: _Run, name: str, archive: Path) -> None:
    """Bring one zip in, keep it aside as older, refuse it with a reason, or put it where nobody's files wait."""
    found = run.directory.who(name)
    if found.student is None:
        _set_aside(run, name, archive, found)
        return
    student = _spelled(run, found, name)
    try:
        brought = _bring_in(run, student, archive, found.named)
    except SubmissionError as error:
        run.collected.refused.append((name, str(error)))
        return
    run.keys.update(found.keys)
    run.collected.notes += [f"{name}: {found.note}"] if found.note else []
    if run.quarantined:
        keeping.release_from_quarantine(run.course.root, run.exercise, archive)
    if brought is None:
        run.collected.kept.append(name)
        return
    run.newest[student] = name
    run.collected.notes += [f"{name}: {note}" for note in brought.notes]
    if late := why_late(brought, found.named, student, run.deadlines):
        run.collected.late = [entry for entry in run.collected.late if entry[0] != student] + [(student, late)]


def _set_aside(run: _Run, name: str, archive: Path, found: Found) -> None:
    why = found.why or f"{why_nobodys(name.rpartition('/')[2])}; rename it ID__anything.zip"
    if not archive.is_file() or archive.stat().st_size > MAX_ARCHIVE_BYTES:
        run.collected.refused.append((name, f"{why}; it is no file that could be kept, and was left where it is"))
        return
    keeping.quarantine(run.course.root, run.exercise, name, archive, why)
    run.collected.unknown.append((name, why))


def _spelled(run: _Run, found: Found, name: str) -> str:
    """Spell an id as the class does, or as the folder of what was collected of that learner, if there is one."""
    told = found.student or ""
    student = run.spellings.setdefault(told.casefold(), told)
    if (found.named.student or told) != student:
        note = f"{name}: counts as {student!r}'s; ids that differ in case alone are one learner"
        run.collected.notes.append(note)
    return student


def _bring_in(run: _Run, student: str, archive: Path, named: Named) -> Unpacked | None:
    """Unpack one zip unless a later submission is there; give what it says of itself, or None where it is older."""
    target = run.course.collected / student / run.exercise
    with tempfile.TemporaryDirectory(dir=run.course.root, prefix=SCRATCH) as scratch:
        unpacked = Path(scratch) / run.exercise
        found = unpack(archive, unpacked, run.exercise, student)
        keeping.keep(run.course.root, run.exercise, student, archive, found.stamp)
        stamp = honest_stamp(found, named, run.deadlines)
        if _is_older(run, student, named, stamp, _stamp_of(target)):
            return None
        (unpacked / "timestamp.txt").write_text(f"{stamp:%Y-%m-%d %H:%M:%S.%f} UTC", encoding="ascii")
        replace_folder(unpacked, target)
    return found


def _is_older(run: _Run, student: str, named: Named, stamp: datetime, there: datetime | None) -> bool:
    """Tell whether what is there is later: by Canvas' own numbers where both have one, else by their times."""
    if there is None:
        return False
    counts = run.newest.get(student, run.before.get(student))
    other = parse_name(counts, run.exercise).attachment if counts else 0
    if named.attachment and other and named.attachment != other:
        return other > named.attachment
    return there > stamp


def _told(run: _Run, names: tuple[str, ...]) -> Collected:
    """Finish the account: who handed in, and which zip counts for whom."""
    collected = run.collected
    collected.students = sorted(run.newest)
    older = (run.directory.who(name).student for name in collected.kept)
    there = {*run.newest, *(run.spellings[student.casefold()] for student in older if student)}
    collected.counting = list(_count(run, sorted(there), set(names)))
    counting = {entry.student: entry.file for entry in collected.counting if entry.file}
    keep_keys(run.course.root, run.keys)
    ledger.write(run.course.root, run.exercise, {**run.before, **counting})
    return collected


def _count(run: _Run, students: list[str], present: set[str]) -> Iterator[Counting]:
    """Say of each learner which zip counts now, and hold that against the last time."""
    for student in students:
        file = run.newest.get(student, run.before.get(student))
        stamp = _stamp_of(run.course.collected / student / run.exercise)
        yield Counting(
            student=student,
            file=file,
            stamp=stamp or datetime.fromtimestamp(0, UTC),
            before=run.before.get(student),
            here=file in present,
        )


def _stamp_of(folder: Path) -> datetime | None:
    try:
        stamp = parse_stamp((folder / "timestamp.txt").read_text(encoding="ascii", errors="replace").strip())
    except OSError:
        return None
    return stamp and stamp.replace(tzinfo=UTC)


def files_told(table: Table) -> dict[str, str] | None:
    """Read an instructor's word on whose single files are: a table with a column file; one without says nothing.

    Raises:
        CohortError: a line names no id that a folder could carry, or there is no column for ids.
    """
    place = column_of(table.header, platform_words()["files"]["file"])
    who = column_of(table.header, platform_words()["roster"]["id"])
    if place is None:
        return None
    if who is None:
        raise CohortError(f"A list of files has the columns file and id; found: {as_text(table.header)}.")
    told = {row[place].strip(): tidy(row[who]) for row in table.rows if row[place].strip() and tidy(row[who])}
    wrong = next((student for student in told.values() if not is_student_id(student)), None)
    if wrong is not None:
        raise CohortError(f"{wrong!r} in the list of files is no id that a folder could carry. Nothing was collected.")
    return told
