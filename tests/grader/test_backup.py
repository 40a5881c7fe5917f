"""Dated copies of the gradebook: made before grading, whole beside writers, few, private, and put back when asked."""

import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from grading_kit import BOTH, EXERCISE, Terminal, assert_is_one_sentence, dump
from killing_kit import rows

from workstation_grader import waits
from workstation_grader.backup import FOLDER, TABLES, back_up, backups, kept
from workstation_grader.batch import grade_cohort
from workstation_grader.course import Course

NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)


@pytest.fixture
def graded(course: Course, submit: Callable[..., Path]) -> Course:
    """A course with two graded learners, one of them judged by a person."""
    from nbgrader.api import Gradebook

    submit("ada")
    submit("bob", machine=None)
    grade_cohort(course, EXERCISE, jobs=1, backup=False)
    with Gradebook(course.db_url, course.course_id) as gradebook:
        notebook = gradebook.find_submission_notebook(EXERCISE, EXERCISE, "bob")
        notebook.grades[0].manual_score, notebook.comments[0].manual_comment = 0.5, "Kept; 'so'."
        gradebook.update_or_create_student("ada", first_name="Ada", lms_user_id="17")
        gradebook.update_or_create_submission(EXERCISE, "ada").extension = timedelta(hours=30)
        gradebook.db.commit()
    return course


@BOTH
def test_a_copy_is_made_before_there_is_something_to_grade(
    graded: Course, cohort: Terminal, submit: Callable[..., Path]
) -> None:
    """It holds what was there before; a run without work makes none, nor does one that is told so."""
    before = rows(graded)
    cohort("grade", EXERCISE)
    assert backups(graded.root) == []
    submit("eve")
    cohort("grade", EXERCISE, "--student", "eve", "--no-backup")
    assert backups(graded.root) == []
    cohort("grade", EXERCISE, "--force")

    (copy,) = backups(graded.root)
    found = rows(at(graded, copy))
    assert [row[0] for row in found["students"]] == ["ada", "bob", "eve"]
    assert {row for row in found["grades"] if row[0] != "eve"} == set(before["grades"])


def at(course: Course, copy: Path) -> Course:
    """A course whose gradebook is a copy."""
    config = course.config.copy()
    config.CourseDirectory.db_url = f"sqlite:///{copy}"
    return Course(root=course.root, config=config)


@BOTH
def test_a_copy_is_its_owners_alone(graded: Course) -> None:
    """Grades are nobody else's."""
    copy = back_up(graded.db_url, graded.root)

    assert copy is not None
    assert copy.stat().st_mode & 0o777 == 0o600
    assert copy.parent.stat().st_mode & 0o777 == 0o700


@BOTH
def test_a_copy_has_every_row(graded: Course) -> None:
    """With the ids, the times, the extensions and what a person wrote; nbgrader opens it as it stands."""
    from nbgrader.api import Gradebook

    copy = back_up(graded.db_url, graded.root)

    assert copy is not None
    assert dump(at(graded, copy)) == dump(graded)
    with Gradebook(f"sqlite:///{copy}", graded.course_id) as gradebook:
        submission = gradebook.find_submission(EXERCISE, "ada")
        assert submission.extension == timedelta(hours=30)
        assert submission.score == submission.max_score


def test_our_list_of_tables_is_nbgraders() -> None:
    """A table that a later nbgrader adds would be missing in the copies."""
    from nbgrader.api import Base

    assert set(TABLES) == {*Base.metadata.tables, "alembic_version"}


@BOTH
def test_putting_a_copy_back(graded: Course, cohort: Terminal, submit: Callable[..., Path]) -> None:
    """Everything is as it was then; what was there before stays as a copy; grading brings the rest up to date."""
    copy = back_up(graded.db_url, graded.root)
    then = dump(graded)
    assert copy is not None
    submit("eve")
    submit("bob")
    cohort("grade", EXERCISE)
    changed = dump(graded)
    cohort("restore")
    listed = cohort.out.splitlines()

    assert cohort("restore", copy.name) == 0

    assert copy.name in listed
    assert dump(graded) == then
    assert "grade NAME --force" in cohort.out
    latest = backups(graded.root)[0]
    assert latest.name in cohort.out
    assert dump(at(graded, latest)) == changed
    assert cohort("grade", EXERCISE) == 0
    assert cohort.out.startswith("Graded 1, unchanged 2.")  # eve's copy is there, her scores were not
    assert cohort("grade", EXERCISE, "--force") == 0
    bob = [row for row in rows(graded)["grades"] if row[0] == "bob" and row[3] is not None]
    assert [row[3] for row in bob] == [0.5]


@BOTH
@pytest.mark.parametrize("kind", ["missing", "text", "another database", "torn"])
def test_what_is_no_copy_is_not_put_back(graded: Course, cohort: Terminal, tmp_path: Path, kind: str) -> None:
    """One sentence, and the gradebook is as it was."""
    path = tmp_path / "copy.db"
    if kind == "text":
        path.write_text("grades", encoding="ascii")
    elif kind == "another database":
        with sqlite3.connect(path) as connection:
            connection.execute("CREATE TABLE grade (id)")
        connection.close()
    elif kind == "torn":
        copy = back_up(graded.db_url, graded.root)
        assert copy is not None
        content = copy.read_bytes()
        path.write_bytes(content[: len(content) // 2])
    before = dump(graded)

    code = cohort("restore", path)

    assert_is_one_sentence(cohort, code)
    assert dump(graded) == before


def test_a_copy_beside_a_writer_is_whole(graded: Course) -> None:
    """What somebody is just writing is not in it, and what was there before is."""
    before = dump(graded)
    writer = sqlite3.connect(graded.root / "gradebook.db", isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    writer.execute("UPDATE grade SET auto_score = 0")
    writer.execute("DELETE FROM comment")

    copy = back_up(graded.db_url, graded.root)

    writer.execute("ROLLBACK")
    writer.close()
    assert copy is not None
    assert dump(at(graded, copy)) == before


def test_a_gradebook_that_stays_locked_is_one_sentence(
    graded: Course, cohort: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No copy, no grading, and no file of a copy that was not made."""
    monkeypatch.setattr(waits, "GIVE_UP_AFTER_SECONDS", 0.0)
    writer = sqlite3.connect(graded.root / "gradebook.db", isolation_level=None)
    writer.execute("BEGIN EXCLUSIVE")

    code = cohort("restore", back_up_name(graded))

    writer.execute("ROLLBACK")
    writer.close()
    assert_is_one_sentence(cohort, code)
    assert [path.name for path in (graded.root / FOLDER).iterdir()] == ["old.db"]


def back_up_name(course: Course) -> Path:
    """Copy the gradebook's bytes, as a person might."""
    folder = course.root / FOLDER
    folder.mkdir()
    # Read by SQLite's rules there would be nothing to have: it is locked. Its bytes are those before the lock.
    (folder / "old.db").write_bytes((course.root / "gradebook.db").read_bytes())
    return folder / "old.db"


def test_there_is_nothing_to_copy_before_the_first_release(tmp_path: Path) -> None:
    """No gradebook, no copy, no folder."""
    assert back_up(f"sqlite:///{tmp_path / 'gradebook.db'}", tmp_path) is None
    assert list(tmp_path.iterdir()) == []


def test_copies_are_few(graded: Course) -> None:
    """Of many runs in a day the last twenty stay, of each day before the newest, thirty days of them."""
    (graded.root / FOLDER).mkdir()
    for days in range(40):
        for hours in range(3):
            when = NOW - timedelta(days=days + 1, hours=hours)
            (graded.root / FOLDER / f"gradebook-{when:%Y%m%d-%H%M%S}.db").touch()
    for minutes in range(25):
        back_up(graded.db_url, graded.root, now=NOW + timedelta(minutes=minutes))

    names = [path.name for path in backups(graded.root)]
    assert len(names) == 20 + 29
    assert names[0] == "gradebook-20261124-102400.db"
    assert sum("-20261124-" in name for name in names) == 20
    assert "gradebook-20261123-100000.db" in names
    assert "gradebook-20261123-090000.db" not in names
    assert names[-1].startswith("gradebook-20261026-")


def test_what_stays_always_has_the_newest() -> None:
    """Dropping again drops nothing more."""
    names = [f"gradebook-2026{month:02}{day:02}-{hour:02}0000.db"
             for month in (3, 2, 1) for day in range(28, 0, -1) for hour in (9, 8)]  # fmt: skip
    stays = kept(names)

    assert stays == kept(sorted(stays, reverse=True))
    assert names[0] in stays


def test_two_copies_in_a_second_are_two(graded: Course) -> None:
    """None takes another's place."""
    made = [back_up(graded.db_url, graded.root, now=NOW) for _ in range(3)]

    assert len(set(made)) == 3
    assert backups(graded.root)[0] == made[-1]
