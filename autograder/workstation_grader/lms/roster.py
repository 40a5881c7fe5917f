"""The class as a list of people: read from any platform's table, kept in nbgrader's own student table.

What that table has no room for (a learner's other numbers: Canvas' two, Moodle's one an assignment) is kept beside it
in the course folder, with every number that an instructor or an unmistakable name has tied to a learner.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, insert, select, update

from workstation.errors import CohortError
from workstation.ids import as_known, is_student_id
from workstation_grader.files import write_atomically
from workstation_grader.gradebook import STUDENT, open_engine, transaction
from workstation_grader.lms.tables import Table, as_text, column_of, platform_words, tidy

__all__ = ["People", "Person", "Roster", "import_roster", "keep_keys", "parse_roster", "read_people"]

SCHEMA = "workstation.people/1"
FOLDER, FILE = ".roster", "people.json"


@dataclass(frozen=True, kw_only=True)
class Person:
    """One learner: the course's id, names, and the keys that platforms have for them."""

    id: str
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    lms_id: str = ""  # the platform's own number, as nbgrader keeps one
    login: str = ""
    sis_id: str = ""
    section: str = ""
    keys: tuple[str, ...] = ()

    @property
    def full_name(self) -> str:
        """The name as Moodle writes it."""
        return f"{self.first_name} {self.last_name}".strip()

    @property
    def sortable_name(self) -> str:
        """The name as Canvas writes it."""
        return ", ".join(part for part in (self.last_name, self.first_name) if part)


@dataclass(frozen=True, kw_only=True)
class Roster:
    """What a table says about people, and which of its lines say nothing that could be used."""

    people: tuple[Person, ...]
    refused: tuple[tuple[int, str], ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class People:
    """The class as the course folder knows it. Nobody at all: no roster was ever imported."""

    people: Mapping[str, Person]
    keys: Mapping[str, str]  # a platform's key -> the course's id

    @property
    def known(self) -> bool:
        """Whether there is a roster to be missing from."""
        return bool(self.people)


def parse_roster(table: Table, exercise: str | None = None) -> Roster:
    """Read people from a table: a list of one's own, Canvas' gradebook export, or Moodle's participants or worksheet.

    Args:
        table: the table.
        exercise: the exercise that a Moodle grading worksheet belongs to; its numbers mean nothing for another one.

    Raises:
        CohortError: no column could be the learners' ids.
    """
    places = _places(table)
    if places["id"] is None:
        raise CohortError(
            f"No column of this table could be the learners' ids; it has: {as_text(table.header)}. Give the column "
            "with the ids that the course uses the name id. Nothing was changed."
        )
    people: dict[str, Person] = {}
    owners: dict[str, str] = {}
    refused: list[tuple[int, str]] = []
    for line, row in enumerate(table.rows, start=2):
        person = _person(row, places, exercise)
        why = _why_refused(person, row, people, owners)
        if why:
            refused.append((line, why))
        elif person.id and not _is_points(row):
            people.setdefault(person.id, person)
            owners.update(dict.fromkeys(person.keys, person.id))
    return Roster(people=tuple(people.values()), refused=tuple(refused), notes=table.notes)


def _places(table: Table) -> dict[str, int | None]:
    """Find the columns; one that is the id is no other number as well."""
    words = platform_words()["roster"]
    places = {field: column_of(table.header, words[field]) for field in words if field != "lms_id"}
    taken = [places["id"]] if places["id"] is not None else []
    return places | {"lms_id": column_of(table.header, words["lms_id"], taken=taken)}


def _person(row: Sequence[str], places: Mapping[str, int | None], exercise: str | None) -> Person:
    cells = {field: tidy(row[place]) if place is not None else "" for field, place in places.items()}
    first, last = cells["first_name"], cells["last_name"]
    if not first and not last:
        first, last = _split(cells["name"])
    participant = cells["participant"].removeprefix(platform_words()["moodle"]["participant"])
    keys = [f"canvas:{int(cells['lms_id'])}"] if _is_number(cells["lms_id"]) else []
    keys += [f"moodle:{exercise}:{int(participant)}"] if exercise and _is_number(participant) else []
    return Person(
        id=cells["id"],
        first_name=first,
        last_name=last,
        email=cells["email"] if "@" in cells["email"] else "",
        lms_id=cells["lms_id"],
        login=cells["login"],
        sis_id=cells["sis_id"],
        section=cells["section"],
        keys=tuple(keys),
    )


def _is_points(row: Sequence[str]) -> bool:
    """Recognise Canvas' own line of possible points."""
    return any(platform_words()["canvas"]["marker"] in cell for cell in row[:2])


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 20  # noqa: PLR2004 - as many as a name is read with


def _split(name: str) -> tuple[str, str]:
    """Split a name into first and last: at its comma where it has one, else before its last word."""
    if "," in name:
        last, _, first = name.partition(",")
        return first.strip(), last.strip()
    first, _, last = name.rpartition(" ")
    return (first, last) if first else (last, "")


def _why_refused(
    person: Person, row: Sequence[str], people: Mapping[str, Person], owners: Mapping[str, str]
) -> str | None:
    """Say why a line gives no learner; a platform's own line (possible points, its test student) needs no word."""
    if _is_points(row):
        return None
    if not person.id:
        is_nobody = person.full_name.casefold() in {"", "muted", "test student"}
        return None if is_nobody else f"{person.full_name!r} has no id"
    if not is_student_id(person.id):
        return f"{person.id!r} is no id that a file or a folder could carry"
    known = people.get(as_known(person.id, people))
    if known is not None and known != person:
        return f"{person.id!r} stands further up as somebody else; the first line counts"
    other = next((owners[key] for key in person.keys if owners.get(key, person.id) != person.id), None)
    return None if other is None else f"{person.id!r} has the number of {other!r} further up"


def import_roster(root: Path, db_url: str, roster: Roster) -> tuple[list[str], list[str]]:
    """Put people into nbgrader's student table; nobody is taken out, and an empty cell erases nothing.

    Returns:
        Who is new, and of whom something changed.
    """
    engine = open_engine(db_url)
    try:
        with transaction(engine) as connection:
            new, changed, spelled = _upsert(connection, roster.people)
    finally:
        engine.dispose()
    document = _document(root)
    for person in roster.people:
        own = spelled[person.id]
        document["people"][own] = {"sis_id": person.sis_id, "login": person.login, "section": person.section}
        document["keys"].update(dict.fromkeys(person.keys, own))
    _write(root, document)
    return new, changed


def _upsert(connection: Connection, people: Iterable[Person]) -> tuple[list[str], list[str], dict[str, str]]:
    there = {row.id: row for row in connection.execute(select(STUDENT))}
    new, changed, spelled = [], [], {}
    for person in people:
        own = spelled[person.id] = as_known(person.id, there)
        told = {"first_name": person.first_name, "last_name": person.last_name, "email": person.email,
                "lms_user_id": person.lms_id}  # fmt: skip
        told = {field: text for field, text in told.items() if text}
        if own not in there:
            connection.execute(insert(STUDENT).values(id=own, **told))
            new.append(own)
        elif any(getattr(there[own], field) != text for field, text in told.items()):
            connection.execute(update(STUDENT).where(STUDENT.c.id == own).values(**told))
            changed.append(own)
    return new, changed, spelled


def keep_keys(root: Path, keys: Mapping[str, str]) -> None:
    """Keep which platform's key is whose, once it is settled."""
    document = _document(root)
    if keys.items() - document["keys"].items():
        document["keys"].update(keys)
        _write(root, document)


def read_people(root: Path, db_url: str) -> People:
    """Read the class: the people of an imported roster, by id, and the platforms' keys that are known."""
    document = _document(root)
    if not document["people"] and not document["keys"]:
        return People(people={}, keys={})
    engine = open_engine(db_url)
    try:
        with transaction(engine, reading=True) as connection:
            rows = list(connection.execute(select(STUDENT)))
    finally:
        engine.dispose()
    people = {
        row.id: Person(
            id=row.id, first_name=row.first_name or "", last_name=row.last_name or "", email=row.email or "",
            lms_id=row.lms_user_id or "", sis_id=document["people"][row.id].get("sis_id", ""),
            login=document["people"][row.id].get("login", ""), section=document["people"][row.id].get("section", ""),
        )
        for row in rows if row.id in document["people"]
    }  # fmt: skip
    return People(people=people, keys=document["keys"])


def _document(root: Path) -> dict[str, dict[str, Any]]:
    """Read what is kept beside the gradebook; one that is damaged is said, since learners would become unknown."""
    path = root / FOLDER / FILE
    try:
        return _parse(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {"people": {}, "keys": {}}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise CohortError(
            f"{path} could not be read ({error}). Move it away and import the roster again: "
            "workstation-cohort roster FILE."
        ) from error


def _parse(text: str) -> dict[str, dict[str, Any]]:
    document = json.loads(text)
    if document["schema"] != SCHEMA:
        raise ValueError(f"its schema is not {SCHEMA}")
    return {
        "people": {
            str(who): {field: str(text) for field, text in told.items()} for who, told in document["people"].items()
        },
        "keys": {str(key): str(who) for key, who in document["keys"].items()},
    }


def _write(root: Path, document: Mapping[str, Any]) -> None:
    content = {"schema": SCHEMA, **{part: dict(sorted(held.items())) for part, held in document.items()}}
    write_atomically(root / FOLDER / FILE, json.dumps(content, indent=1).encode())
