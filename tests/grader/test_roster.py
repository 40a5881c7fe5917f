"""Rosters: messy tables in, nbgrader's own student table out; nobody taken out, nothing erased, nothing run."""

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from grading_kit import EXERCISE, Terminal, assert_is_one_sentence
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from workstation.errors import CohortError
from workstation_grader.batch import grade_cohort
from workstation_grader.course import Course
from workstation_grader.lms.roster import Person, import_roster, parse_roster, read_people
from workstation_grader.lms.tables import decode, parse_table, read_table

PLAIN = "id,first name,last name,email,canvas id\nada,Ada,Lovelace,ada@uni.example,12345\nbob,Bob,Babbage,,\n"
CANVAS = (
    "Student,ID,SIS User ID,SIS Login ID,Section,constraint-summary (99),Current Score\n"
    ",,,,,Manual Posting,\n"
    "    Points Possible,,,,,30.00,(read only)\n"
    '"Lovelace, Ada",12345,u-1,ada,Monday,,\n'
    '"Student, Test",666,,,Monday,,\n'
)
PARTICIPANTS = "First name,Last name,ID number,Email address,Groups\nAda,Lovelace,20231,ada@uni.example,\n"
WORKSHEET = (
    "Identifier,Full name,ID number,Email address,Status,Grade,Maximum Grade,Grade can be changed,"
    "Last modified (submission),Last modified (grade),Feedback comments\n"
    'Participant 77,Ada Lovelace,20231,ada@uni.example,Submitted for grading,,30.00,Yes,"Monday, 23 November 2026",-,\n'
)


def people(text: str, exercise: str | None = None) -> dict[str, Person]:
    return {person.id: person for person in parse_roster(parse_table(text), exercise).people}


def students(course: Course) -> list[tuple]:
    """Nbgrader's own table."""
    with sqlite3.connect(course.root / "gradebook.db") as connection:
        return sorted(connection.execute("select id, first_name, last_name, email, lms_user_id from student"))


def test_a_roster_goes_into_nbgraders_table(course: Course) -> None:
    """Ids, names, addresses and the platform's number; a second import is no change, an empty cell erases nothing."""
    new, changed = import_roster(course.root, course.db_url, parse_roster(parse_table(PLAIN)))
    again = import_roster(course.root, course.db_url, parse_roster(parse_table(PLAIN)))
    less = import_roster(course.root, course.db_url, parse_roster(parse_table("id,email\nada,\nBOB,b@uni.example\n")))

    assert (new, changed) == (["ada", "bob"], [])
    assert again == ([], [])
    assert less == ([], ["bob"])
    assert students(course) == [
        ("ada", "Ada", "Lovelace", "ada@uni.example", "12345"),
        ("bob", "Bob", "Babbage", "b@uni.example", None),
    ]
    assert read_people(course.root, course.db_url).keys == {"canvas:12345": "ada"}


def test_grading_keeps_what_the_roster_said(course: Course, submit: Callable[..., Path]) -> None:
    """The row is there before the submission is."""
    import_roster(course.root, course.db_url, parse_roster(parse_table(PLAIN)))
    submit("ada")
    grade_cohort(course, EXERCISE)

    assert students(course)[0] == ("ada", "Ada", "Lovelace", "ada@uni.example", "12345")


def test_canvas_export_is_a_roster() -> None:
    """The login is the id; Canvas' own lines and its test student are no people."""
    (ada,) = people(CANVAS).values()

    assert (ada.id, ada.first_name, ada.last_name, ada.section) == ("ada", "Ada", "Lovelace", "Monday")
    assert (ada.lms_id, ada.sis_id, ada.login, ada.keys) == ("12345", "u-1", "ada", ("canvas:12345",))


@pytest.mark.parametrize(("text", "keys"), [(PARTICIPANTS, ()), (WORKSHEET, (f"moodle:{EXERCISE}:77",))])
def test_moodles_tables_are_rosters(text: str, keys: tuple[str, ...]) -> None:
    """The ID number is the id; a worksheet's number holds for its own exercise alone."""
    (ada,) = people(text, EXERCISE).values()

    assert (ada.id, ada.full_name, ada.email, ada.keys) == ("20231", "Ada Lovelace", "ada@uni.example", keys)


MESSY = "\ufeffID ; Vorname;Nachname;E-Mail\r\nada;Ada;Müller;ada@uni.example\r\n\r\n;;;\r\n"
MESSES = {
    "a mark and semicolons": MESSY.encode(),
    "no mark": MESSY.removeprefix("\ufeff").encode(),
    "UTF-16": MESSY.removeprefix("\ufeff").encode("utf-16"),
    "Windows": MESSY.removeprefix("\ufeff").encode("cp1252"),
    "tabs": MESSY.replace(";", "\t").encode(),
    "commas in quotes": b'id,vorname,nachname,e-mail\n"ada","Ada","M\xc3\xbcller","ada@uni.example"',
    "Excel's own line": b"sep=;\r\nid;vorname;nachname;e-mail\r\nada;Ada;M\xc3\xbcller;ada@uni.example\r\n",
    "old line ends": MESSY.replace("\r\n", "\r").encode(),
    "cells too many": b"id,vorname,nachname,e-mail\nada,Ada,M\xc3\xbcller,ada@uni.example,5,6\n",
    "text cells": b'id,vorname,nachname,e-mail\n"=""ada""",\'Ada,M\xc3\xbcller ,ada@uni.example\n',
    "hidden signs": "id,vorname,nachname,e-mail\nada\x00,A\u202eda\u200b,M\u00fcller\x07,ada@uni.example\n".encode(),
}


@pytest.mark.parametrize("name", list(MESSES))
def test_messy_tables_say_the_same(name: str, tmp_path: Path) -> None:
    """Encodings, separators, line ends and a spreadsheet's wrappings change nothing."""
    path = tmp_path / "roster.csv"
    path.write_bytes(MESSES[name])

    (ada,) = parse_roster(read_table(path)).people

    assert (ada.id, ada.first_name, ada.last_name, ada.email) == ("ada", "Ada", "Müller", "ada@uni.example")


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        ("ada,Ada\nada,Bob", "stands further up as somebody else"),
        ("ada,Ada\nADA,Bob", "stands further up as somebody else"),
        ("ada,Ada\n../etc,Eve", "is no id that a file or a folder could carry"),
        ("ada,Ada\n=cmd|' /C calc'!A0,Eve", "is no id"),
        ("ada,Ada\nNUL,Eve", "is no id"),
        ("ada,Ada\n,Eve", "'Eve' has no id"),
        (f"ada,Ada\n{'x' * 300},Eve", "is no id"),
    ],
)
def test_a_line_that_cannot_be_used_is_named(lines: str, why: str) -> None:
    """The others count; the line's number and its reason are said."""
    roster = parse_roster(parse_table(f"id,first name\n{lines}\n"))

    assert [person.first_name for person in roster.people] == ["Ada"]
    assert roster.refused[0][0] == 3
    assert why in roster.refused[0][1]


def test_the_same_line_twice_is_one_learner() -> None:
    """A platform lists somebody twice who is in two sections; alike is no contradiction."""
    roster = parse_roster(parse_table("id,name\nada,Ada\nada,Ada\n"))

    assert (len(roster.people), roster.refused) == (1, ())


def test_a_number_is_one_persons() -> None:
    """Else files would go to whoever stands last."""
    roster = parse_roster(parse_table("id,canvas id\nada,5\neve,5\n"))

    assert [person.id for person in roster.people] == ["ada"]
    assert "has the number of 'ada'" in roster.refused[0][1]


def test_a_formula_in_a_name_is_text(course: Course) -> None:
    """It is kept as it is called, and defused where it is written out."""
    name = "=HYPERLINK(A1)"
    import_roster(course.root, course.db_url, parse_roster(parse_table(f"id,last name\nada,{name}\n")))

    assert students(course)[0][2] == name


@pytest.mark.parametrize("text", ["", "\n\n", "colour,size\nred,4\n"])
def test_a_table_without_ids_is_one_sentence(cohort: Terminal, tmp_path: Path, text: str) -> None:
    """It says what was found, and nothing changes."""
    path = tmp_path / "roster.csv"
    path.write_text(text, encoding="utf-8")

    assert_is_one_sentence(cohort, cohort("roster", path))
    assert_is_one_sentence(cohort, cohort("roster", tmp_path / "none.csv"))
    assert not (cohort.course / ".roster").exists()


def test_a_table_far_too_large_is_not_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Bounded in bytes and in rows."""
    from workstation_grader.lms import tables

    path = tmp_path / "roster.csv"
    path.write_text("id\n" + "ada\n" * 100, encoding="utf-8")
    monkeypatch.setattr(tables, "MAX_ROWS", 50)
    with pytest.raises(CohortError, match="over 50 rows"):
        read_table(path)
    monkeypatch.setattr(tables, "MAX_TABLE_BYTES", 50)
    with pytest.raises(CohortError, match="no list of people"):
        read_table(path)


def test_the_command_says_what_it_did(cohort: Terminal, tmp_path: Path) -> None:
    """New, changed, as before, and each line that was left out; then exit code 1."""
    path = tmp_path / "roster.csv"
    path.write_text(PLAIN + "con,Eve,Device,,\n", encoding="utf-8")

    assert cohort("roster", path) == 1
    assert cohort.out.splitlines() == [
        "Roster: 2 new learners, 0 changed, 0 as before.",
        "  left out: line 4: 'con' is no id that a file or a folder could carry",
    ]


def test_damaged_numbers_stop_rather_than_forget(course: Course) -> None:
    """Going on without them would make known learners unknown."""
    import_roster(course.root, course.db_url, parse_roster(parse_table(PLAIN)))
    (course.root / ".roster/people.json").write_text(json.dumps({"schema": "other"}), encoding="utf-8")

    with pytest.raises(CohortError, match="import the roster again"):
        read_people(course.root, course.db_url)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.binary(max_size=300))
def test_no_bytes_end_in_anything_but_a_sentence(content: bytes) -> None:
    """Whatever a file holds: people, or one error that is ours."""
    try:
        parse_roster(parse_table("id,name\n" + decode(content)[0]))
    except ValueError as error:
        assert str(error)  # noqa: PT017 - either way is right
    except CohortError as error:
        assert "Nothing was changed" in str(error)  # noqa: PT017 - either way is right
