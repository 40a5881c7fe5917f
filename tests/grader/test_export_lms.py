"""Grades as Canvas and Moodle import them: each read back by the rules of its platform's own importer."""

import csv
import io
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from grading_kit import EXERCISE, Terminal, assert_is_one_sentence

from workstation.catalog import load_catalog
from workstation_grader.batch import grade_cohort
from workstation_grader.course import Course
from workstation_grader.lms.roster import import_roster, parse_roster
from workstation_grader.lms.tables import parse_table

ROSTER = (
    "id,first name,last name,email,canvas id,sis user id,section\n"
    "ada,Ada,Lovelace,ada@uni.example,12345,u-1,Monday\n"
    "bob,Bob,=1+1,bob@uni.example,12346,,\n"
)
GRADEBOOK = (
    "Student,ID,SIS User ID,SIS Login ID,Section,Constraint summary (99),Other task (100),Final Score\n"
    "    Points Possible,,,,,{maximum},10.00,(read only)\n"
    '"Lovelace, Ada",12345,u-1,al@uni,Monday,,7.00,50\n'
    '"Babbage, Bob",,,bob,Monday,1.00,,10\n'
    '"Stranger, Eve",777,,eve,Monday,3.00,,10\n'
)
WORKSHEET = (
    "Identifier,Full name,ID number,Email address,Status,Grade,Maximum Grade,Grade can be changed,"
    "Last modified (submission),Last modified (grade),Feedback comments\n"
    'Participant 77,Ada Lovelace,u-1,ada@uni.example,Submitted,,{maximum},Yes,"Monday, 23 November 2026, 10:15 AM",-,\n'
    "Participant 78,=cmd|Bob,,BOB@uni.example,Submitted,,{maximum},No,-,-,-2 for style\n"
    "Participant 79,Eve Stranger,,eve@uni.example,Submitted,3.00,{maximum},Yes,-,-,kept\n"
)


@pytest.fixture
def graded(course: Course, submit: Callable[..., Path], model: dict[str, str]) -> Course:
    """Two learners, one of them not in the roster under a name."""
    import_roster(course.root, course.db_url, parse_roster(parse_table(ROSTER)))
    submit("ada")
    submit("bob", answers=model | {"workload": "I will do AI work."})
    grade_cohort(course, EXERCISE)
    return course


def canvas_import(text: str) -> tuple[dict[str, str], dict[str, dict[str, str]]]:
    """Read a file by the rules of `lib/gradebook_importer.rb`: possible points by assignment, grades by learner."""
    header, *rows = csv.reader(io.StringIO(text))
    assert len(header) > 3
    assert "Student" in header[0]
    assert "ID" in header[1]
    columns = 3
    if re.search(r"SIS\s+Login\s+ID", header[2]):
        columns += 1
    elif re.search(r"SIS\s+User\s+ID", header[2]) and re.search(r"SIS\s+Login\s+ID", header[3]):
        columns += 2
    assert "Section" in header[columns - 1], "else Canvas says: Invalid header row"
    assignments = header[columns:]
    possible: dict[str, str] = {}
    grades = {}
    for row in rows:
        assert len(row) == len(header)
        if "Points Possible" in row[0]:
            possible = dict(zip(assignments, row[columns:], strict=True))
        else:
            grades[row[1] or row[3]] = dict(zip(assignments, row[columns:], strict=True))
    return possible, grades


def scores(course: Course) -> dict[str, str]:
    """The totals as a platform would show them."""
    from workstation_grader.marks import read_marks

    return {who: f"{marks.score:.2f}" for who, marks in read_marks(course.db_url, EXERCISE).items()}


def maximum() -> str:
    return f"{sum(each.points for each in load_catalog().exercises[EXERCISE].criteria):.2f}"


def test_canvas_takes_a_table_of_our_own(graded: Course, cohort: Terminal) -> None:
    """By the platform's number; possible points beside it, and a name that is a formula is defused."""
    assert cohort("export", EXERCISE, "--format", "canvas", "--title", "Constraint summary (99)") == 0

    possible, grades = canvas_import(cohort.out)

    assert {who: f"{float(cells['Constraint summary (99)']):.2f}" for who, cells in grades.items()} == {
        "12345": scores(graded)["ada"],
        "12346": scores(graded)["bob"],
    }
    assert f"{float(possible['Constraint summary (99)']):.2f}" == maximum()
    assert '"\'=1+1, Bob"' in cohort.out
    assert '"Lovelace, Ada",12345,u-1,ada,Monday' in cohort.out


def test_canvas_own_export_is_filled_in(graded: Course, cohort: Terminal, tmp_path: Path) -> None:
    """One assignment's column; other assignments, and whom we did not grade, are not in the file and stay."""
    export = tmp_path / "export.csv"
    export.write_text(GRADEBOOK.format(maximum=maximum()), encoding="utf-8-sig")
    target = tmp_path / "import.csv"

    options = ("--format", "canvas", "--into", export, "--title", "Constraint summary", "--to", target)
    assert cohort("export", EXERCISE, *options) == 0

    possible, grades = canvas_import(target.read_text(encoding="utf-8"))
    assert list(possible) == ["Constraint summary (99)"]
    assert {who: f"{float(cells['Constraint summary (99)']):.2f}" for who, cells in grades.items()} == {
        "12345": scores(graded)["ada"],
        "bob": scores(graded)["bob"],
    }
    assert "Wrote 2 learners" in cohort.out


def test_each_criterion_as_an_assignment_of_its_own(graded: Course, cohort: Terminal) -> None:
    """Asked for, a column a criterion with its points; they add up to the total."""
    assert cohort("export", EXERCISE, "--format", "canvas", "--per-criterion") == 0

    possible, grades = canvas_import(cohort.out)

    criteria = [f"{EXERCISE}: {each.id}" for each in load_catalog().exercises[EXERCISE].criteria]
    assert list(possible) == [EXERCISE, *criteria]
    for cells in (possible, *grades.values()):
        assert sum(float(cells[name]) for name in criteria) == pytest.approx(float(cells[EXERCISE]), abs=0.1)


def test_moodle_takes_a_grade_import(graded: Course, cohort: Terminal) -> None:
    """Columns to be mapped: ID number or address, and the grade as a number; nobody without either is lost silently."""
    import_roster(graded.root, graded.db_url, parse_roster(parse_table("id,sis user id\nada,u-1\n")))

    assert cohort("export", EXERCISE, "--format", "moodle") == 0

    rows = {row["Email address"]: row for row in csv.DictReader(io.StringIO(cohort.out))}
    assert rows["ada@uni.example"]["ID number"] == "u-1"
    assert {mail: f"{float(row[EXERCISE]):.2f}" for mail, row in rows.items()} == {
        "ada@uni.example": scores(graded)["ada"],
        "bob@uni.example": scores(graded)["bob"],
    }


def test_a_learner_without_a_key_for_moodle_is_named(graded: Course, cohort: Terminal, submit: Callable) -> None:
    """On the error stream, so that the table can be piped on."""
    submit("zed")
    grade_cohort(graded, EXERCISE)

    assert cohort("export", EXERCISE, "--format", "moodle") == 0
    assert "zed" in cohort.err
    assert "Moodle will skip" in cohort.err


def moodle_worksheet(text: str) -> dict[int, tuple[str, str, str]]:
    """Read a file by the rules of `importgradeslib.php`: grade, feedback and time of grading by Moodle's own number."""
    header, *rows = csv.reader(io.StringIO(text))
    identifier, grade, modified = (header.index(name) for name in ("Identifier", "Grade", "Last modified (grade)"))
    feedback = header.index("Feedback comments")
    return {int(row[identifier][len("Participant ") :]): (row[grade], row[feedback], row[modified]) for row in rows}


def test_moodles_worksheet_is_filled_in(graded: Course, cohort: Terminal, tmp_path: Path) -> None:
    """Grades by ID number and by address; what Moodle goes by, and other people's cells, are as they were."""
    sheet = tmp_path / "Grades.csv"
    sheet.write_text(WORKSHEET.format(maximum=maximum()), encoding="utf-8")

    assert cohort("export", EXERCISE, "--format", "moodle", "--into", sheet) == 0

    found = moodle_worksheet(cohort.out)
    assert f"{float(found[77][0]):.2f}" == scores(graded)["ada"]
    assert f"{float(found[78][0]):.2f}" == scores(graded)["bob"]
    assert found[78][1:] == ("-2 for style", "-")
    assert found[79] == ("3.00", "kept", "-")
    assert "'=cmd|Bob" in cohort.out
    assert "bob: Moodle says that this grade cannot be changed" in cohort.err


def test_a_worksheet_takes_the_outcomes_as_feedback(graded: Course, cohort: Terminal, tmp_path: Path) -> None:
    """Each criterion by its id, for whom we graded; nobody else's feedback moves."""
    sheet = tmp_path / "Grades.csv"
    sheet.write_text(WORKSHEET.format(maximum=maximum()), encoding="utf-8")

    assert cohort("export", EXERCISE, "--format", "moodle", "--into", sheet, "--per-criterion") == 0

    found = moodle_worksheet(cohort.out)
    assert "workload.family: not met" in found[78][1]
    assert found[79][1] == "kept"


def test_another_maximum_is_said(graded: Course, cohort: Terminal, tmp_path: Path) -> None:
    """Moodle refuses a grade over its own, and Canvas would change the possible points."""
    sheet, export = tmp_path / "Grades.csv", tmp_path / "export.csv"
    sheet.write_text(WORKSHEET.format(maximum="1.00"), encoding="utf-8")
    export.write_text(GRADEBOOK.format(maximum="1.00"), encoding="utf-8")

    cohort("export", EXERCISE, "--format", "moodle", "--into", sheet)
    assert "the platform's maximum is 1, the exercise has" in cohort.err
    cohort("export", EXERCISE, "--format", "canvas", "--into", export, "--title", "Constraint summary (99)")
    assert "the platform's maximum is 1, the exercise has" in cohort.err


def test_who_waits_for_a_person_is_said(graded: Course, cohort: Terminal, submit: Callable, model: dict) -> None:
    """A total that may still rise is no surprise later."""
    submit("cy", machine=None)
    grade_cohort(graded, EXERCISE)

    cohort("export", EXERCISE, "--format", "canvas")

    assert "these wait for a person, and their totals may still rise: cy" in cohort.err


@pytest.mark.parametrize(
    ("platform", "text", "word"),
    [("canvas", "a,b\n1,2\n", "no gradebook export"), ("moodle", "a,b\n1,2\n", "no grading worksheet"),
     ("csv", "a,b\n1,2\n", "--format canvas"), ("canvas", GRADEBOOK.replace("Other task", EXERCISE), "--title"),
     ("moodle", WORKSHEET.partition("\n")[0] + "\nParticipant 1" + "," * 10 + "\n", "Import the roster")],
)  # fmt: skip
def test_a_file_that_cannot_be_filled_in_is_one_sentence(
    graded: Course, cohort: Terminal, tmp_path: Path, platform: str, text: str, word: str
) -> None:
    """It says what the file lacks, or what to add."""
    path = tmp_path / "file.csv"
    path.write_text(text, encoding="utf-8")

    assert_is_one_sentence(cohort, cohort("export", EXERCISE, "--format", platform, "--into", path))
    assert word in cohort.err
