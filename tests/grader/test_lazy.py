"""Commands that need no nbgrader do not pay for importing it, and read what it would have read."""

import subprocess
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from grading_kit import EXERCISE, ROOT
from nbgrader import api
from sqlalchemy import Interval

from workstation_grader import gradebook
from workstation_grader.batch import grade_cohort
from workstation_grader.course import CONFIG_NAME, Course, open_course
from workstation_grader.submission import parse_stamp

LABELLED = ROOT / "tests/answers/constraint-summary.jsonl"
PROGRAM = """
import sys
from workstation_grader.cli import main
code = main(sys.argv[1:])
assert "nbgrader" not in sys.modules, sorted(name for name in sys.modules if name.startswith("nbgrader"))
raise SystemExit(code)
"""
THEIRS = {
    gradebook.ASSIGNMENT: api.Assignment,
    gradebook.NOTEBOOK: api.Notebook,
    gradebook.BASE_CELL: api.BaseCell,
    gradebook.GRADE_CELL: api.GradeCell,
    gradebook.STUDENT: api.Student,
    gradebook.SUBMISSION: api.SubmittedAssignment,
    gradebook.SUBMITTED_NOTEBOOK: api.SubmittedNotebook,
    gradebook.GRADE: api.Grade,
    gradebook.COMMENT: api.Comment,
}


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    """Run a command that must leave nbgrader alone, in a process of its own."""
    return subprocess.run(
        [sys.executable, "-c", PROGRAM, *map(str, arguments)], capture_output=True, text=True, check=False, timeout=300
    )


@pytest.mark.parametrize(
    "command", [["selftest", EXERCISE], ["score", EXERCISE, "--jsonl", LABELLED]], ids=lambda command: command[0]
)
def test_commands_without_a_course_import_no_nbgrader(command: list[object]) -> None:
    """Scoring for another platform, and the self-test, take no gradebook."""
    done = run(*map(str, command))

    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    "command",
    [["grade", EXERCISE, "--force"], ["export", EXERCISE], ["feedback", EXERCISE]],
    ids=lambda command: command[0],
)
def test_working_with_a_gradebook_that_is_there_imports_no_nbgrader(
    course: Course, submit: Callable[..., Path], command: list[str]
) -> None:
    """Grades and pages come from the tables and the graded copies alone; recording needs no more either."""
    submit("ada")
    grade_cohort(course, EXERCISE)

    done = run(*command, "--course", course.root)

    assert done.returncode == 0, done.stderr
    assert done.stdout


def test_our_tables_are_nbgraders() -> None:
    """Names and kinds of columns: a change in nbgrader's gradebook is seen here first."""
    assert set(THEIRS) == set(gradebook._ALL.tables.values())
    for ours, theirs in THEIRS.items():
        table = theirs.__table__
        assert ours.name == table.name
        for column in ours.columns:
            there = table.columns[column.name]
            assert isinstance(there.type, type(column.type)), (ours.name, column.name)
            assert isinstance(column.type, Interval) == isinstance(there.type, Interval)


CONFIGURATIONS = {
    "as shipped": "",
    "places of its own": "c.CourseDirectory.autograded_directory = 'marked'\nc.CourseDirectory.course_id = ' x '\n"
    "c.CourseDirectory.feedback_directory = 'pages'\nc.CourseDirectory.release_directory = 'out'\n"
    "c.CourseDirectory.db_url = 'sqlite:////tmp/elsewhere.db'\n",
    "an outdated style": "c.NbGrader.db_url = 'sqlite:////tmp/old.db'\nc.NbGrader.course_id = 'old'\n",
    "a course id of the exchange": "c.Exchange.course_id = 'older'\n",
}


@pytest.mark.filterwarnings("ignore")  # nbgrader warns of the outdated ones
@pytest.mark.parametrize("lines", CONFIGURATIONS.values(), ids=list(CONFIGURATIONS))
def test_a_course_without_nbgrader_has_the_places_that_nbgrader_reads(course: Course, lines: str) -> None:
    """One configuration, two readers, one answer."""
    config = course.root / CONFIG_NAME
    config.write_text(f"{config.read_text(encoding='utf-8')}\n{lines}", encoding="utf-8")

    opened = open_course(course.root)

    theirs = opened.app.coursedir
    assert (opened.db_url, opened.course_id) == (theirs.db_url, theirs.course_id)
    names = ["released", "collected", "autograded", "feedback"]
    there = ["release_directory", "submitted_directory", "autograded_directory", "feedback_directory"]
    for ours, setting in zip(names, there, strict=True):
        assert getattr(opened, ours) == opened.root / getattr(theirs, setting)


def test_a_setting_in_the_instructors_home_counts_as_it_does_for_nbgrader(course: Course, home: Path) -> None:
    """Jupyter's own folders are read first, the course's file last."""
    settings = home / "jupyter" / "config"
    settings.mkdir(parents=True)
    (settings / "nbgrader_config.py").write_text(
        "c = get_config()\nc.CourseDirectory.feedback_directory = 'home'\nc.CourseDirectory.course_id = 'home'\n"
    )

    opened = open_course(course.root)

    assert opened.feedback.name == opened.app.coursedir.feedback_directory == "home"
    assert opened.course_id == opened.app.coursedir.course_id == "home-ai-workstation"


@pytest.mark.parametrize(
    ("text", "stamp"),
    [
        ("2026-11-20 10:00:00.250000 UTC", datetime(2026, 11, 20, 10, 0, 0, 250_000)),  # noqa: DTZ001 - as nbgrader
        ("2026-11-20 10:00:00 Europe/Berlin", datetime(2026, 11, 20, 9, 0)),  # noqa: DTZ001 - as nbgrader keeps it
        ("", None), (None, None), ("zzz tomorrow", None), ("\0", None), ("9" * 400, None),
    ],
)  # fmt: skip
def test_stamps_are_read_as_nbgrader_reads_them(text: str | None, stamp: datetime | None) -> None:
    """In UTC without a zone; garbage is no time."""
    assert parse_stamp(text) == stamp
