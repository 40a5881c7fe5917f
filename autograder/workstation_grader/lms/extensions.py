"""Extensions: more time for one learner, kept in the course folder until a submission is there to carry it.

nbgrader keeps an extension with a submission, so one who has not handed in yet cannot have any there. Ours wait in a
file; whoever records the first submission writes them into nbgrader's own column.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select, update

from workstation.errors import CohortError
from workstation.ids import as_known, is_student_id
from workstation_grader.files import write_atomically
from workstation_grader.gradebook import ASSIGNMENT, SUBMISSION, open_engine, transaction
from workstation_grader.lms.tables import Table, as_text, column_of, platform_words, tidy

__all__ = ["Deadlines", "Extensions", "apply_extensions", "parse_extensions", "read_deadlines", "read_extensions"]

SCHEMA = "workstation.extensions/1"
FOLDER, FILE = ".roster", "extensions.json"
MAX_EXTENSION = timedelta(days=400)
_NUMBER = re.compile(r"\d{1,6}(?:[.,]\d{1,4})?")


@dataclass(frozen=True, kw_only=True)
class Deadlines:
    """When an exercise is due, in UTC without a zone as nbgrader keeps it, and who has how much longer."""

    due: datetime | None = None
    extensions: Mapping[str, timedelta]

    def extension(self, student: str) -> timedelta:
        """Say how much longer one learner has; ids that differ in case alone are one."""
        return self.extensions.get(as_known(student, self.extensions), timedelta())

    def of(self, student: str) -> datetime | None:
        """Say when it is due for one learner."""
        return None if self.due is None else self.due + self.extension(student)


@dataclass(frozen=True, kw_only=True)
class Extensions:
    """What a list of extensions says for one exercise, and which lines of it say nothing."""

    given: Mapping[str, timedelta]
    refused: tuple[tuple[int, str], ...] = ()


def parse_extensions(table: Table, exercise: str, due: datetime | None) -> Extensions:
    """Read who has how much longer for *exercise*, in days, in hours, or until a moment.

    A line of 0 takes an extension back. A line for another exercise is another exercise's.

    Raises:
        CohortError: the table has no column for the learner or none for the time.
    """
    words = platform_words()["extensions"]
    places = {field: column_of(table.header, names) for field, names in words.items()}
    timed = [field for field in ("days", "hours", "until") if places[field] is not None]
    if places["id"] is None or not timed:
        raise CohortError(
            f"A list of extensions has a column id and one of days, hours or until; found: {as_text(table.header)}. "
            "Nothing was changed."
        )
    given: dict[str, timedelta] = {}
    refused: list[tuple[int, str]] = []
    for line, row in enumerate(table.rows, start=2):
        cells = {field: tidy(row[place]) for field, place in places.items() if place is not None}
        if cells.get("exercise", exercise).casefold() not in {"", exercise.casefold()}:
            continue
        try:
            student, length = cells["id"], _length(cells, timed, due)
        except ValueError as error:
            refused.append((line, str(error)))
            continue
        if not is_student_id(student):
            refused.append((line, f"{student!r} is no id"))
        elif given.get(as_known(student, given), length) != length:
            refused.append((line, f"{student!r} has another extension further up"))
        else:
            given[as_known(student, given)] = length
    return Extensions(given=given, refused=tuple(refused))


def _length(cells: Mapping[str, str], timed: list[str], due: datetime | None) -> timedelta:
    filled = [field for field in timed if cells[field]]
    if len(filled) != 1:
        raise ValueError("it says no time" if not filled else "it says the time twice")
    text = cells[filled[0]]
    length = _until(text, due) if filled[0] == "until" else _so_many(text, filled[0])
    if not timedelta() <= length <= MAX_EXTENSION:
        raise ValueError(f"{text!r} is before the due date or over {MAX_EXTENSION.days} days after it")
    return length


def _so_many(text: str, unit: str) -> timedelta:
    if not _NUMBER.fullmatch(text):
        raise ValueError(f"{text!r} is no number of {unit}")
    return timedelta(**{unit: float(text.replace(",", "."))})


def _until(text: str, due: datetime | None) -> timedelta:
    if due is None:
        raise ValueError("a moment needs a due date; set one in Formgrader, or write days")
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text!r} is no date like 2026-12-01 or 2026-12-01 18:00 (in UTC, or with a zone)") from None
    if len(text) <= len("2026-12-01"):
        moment = moment.replace(hour=23, minute=59, second=59)
    moment = moment if moment.tzinfo is None else moment.astimezone(UTC).replace(tzinfo=None)
    return moment - due


def read_extensions(root: Path, exercise: str) -> dict[str, timedelta]:
    """Read the extensions that were given for an exercise; a file that is not there gives none.

    Raises:
        CohortError: the file is there and damaged: going on without it would make learners late who are not.
    """
    return {student: timedelta(seconds=seconds) for student, seconds in _document(root).get(exercise, {}).items()}


def _document(root: Path) -> dict[str, dict[str, float]]:
    path = root / FOLDER / FILE
    try:
        return _parse(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise CohortError(
            f"{path} could not be read ({error}). Move it away and give the extensions again: "
            "workstation-cohort extensions NAME FILE."
        ) from error


def _parse(text: str) -> dict[str, dict[str, float]]:
    document: Any = json.loads(text)
    if document["schema"] != SCHEMA:
        raise ValueError(f"its schema is not {SCHEMA}")
    return {
        exercise: {student: float(seconds) for student, seconds in given.items()}
        for exercise, given in document["extensions"].items()
    }


def apply_extensions(root: Path, db_url: str, exercise: str, given: Mapping[str, timedelta]) -> list[str]:
    """Keep extensions, and write them into the gradebook where a submission is there; give whose."""
    document = _document(root)
    kept = document.setdefault(exercise, {})
    for student, length in given.items():
        spelled = as_known(student, kept)
        kept[spelled] = length.total_seconds()
        if not length:
            del kept[spelled]
    content = {"schema": SCHEMA, "extensions": {name: dict(sorted(entry.items())) for name, entry in document.items()}}
    write_atomically(root / FOLDER / FILE, json.dumps(content, indent=1).encode())
    engine = open_engine(db_url)
    try:
        with transaction(engine) as connection:
            return _write(connection, exercise, given)
    finally:
        engine.dispose()


def _write(connection: Connection, exercise: str, given: Mapping[str, timedelta]) -> list[str]:
    rows = connection.execute(
        select(SUBMISSION.c.id, SUBMISSION.c.student_id)
        .join(ASSIGNMENT, SUBMISSION.c.assignment_id == ASSIGNMENT.c.id)
        .where(ASSIGNMENT.c.name == exercise)
    ).all()
    changed = []
    for key, student in rows:
        length = given.get(as_known(student, given))
        if length is not None:
            connection.execute(update(SUBMISSION).where(SUBMISSION.c.id == key).values(extension=length or None))
            changed.append(student)
    return sorted(changed)


def read_deadlines(root: Path, db_url: str, exercise: str) -> Deadlines:
    """Read when an exercise is due, and who has longer: by our list, else by the gradebook."""
    engine = open_engine(db_url)
    try:
        with transaction(engine, reading=True) as connection:
            due = connection.scalar(select(ASSIGNMENT.c.duedate).where(ASSIGNMENT.c.name == exercise))
            rows = connection.execute(
                select(SUBMISSION.c.student_id, SUBMISSION.c.extension)
                .join(ASSIGNMENT, SUBMISSION.c.assignment_id == ASSIGNMENT.c.id)
                .where(ASSIGNMENT.c.name == exercise, SUBMISSION.c.extension.is_not(None))
            ).all()
    finally:
        engine.dispose()
    return Deadlines(
        due=due, extensions={row.student_id: row.extension for row in rows} | read_extensions(root, exercise)
    )
