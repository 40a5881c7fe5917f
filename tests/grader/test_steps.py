"""Nbgrader's own command, with our steps in it, does what ours does."""

import shutil
import sqlite3
from pathlib import Path

import nbformat
import pytest
from grading_kit import EXERCISE, STAMP, filled, hand_in, run_nbgrader

from workstation_grader.batch import grade_cohort
from workstation_grader.course import Course, open_course

NOTEBOOK = f"{EXERCISE}.ipynb"
STRAYS = {"workstation.py": "raise SystemExit", "evidence/run.sh": "echo", "evidence/sub/deep.json": "{}", "a.txt": ""}
GRADES = """
    select a.student_id, a.timestamp, c.name, g.auto_score, g.manual_score, g.extra_credit, g.needs_manual_grade
    from grade g join base_cell c on c.id = g.cell_id join submitted_notebook n on n.id = g.notebook_id
    join submitted_assignment a on a.id = n.assignment_id order by 1, 3
"""
COMMENTS = """
    select a.student_id, c.name, m.auto_comment, m.manual_comment
    from comment m join base_cell c on c.id = m.cell_id join submitted_notebook n on n.id = m.notebook_id
    join submitted_assignment a on a.id = n.assignment_id order by 1, 2
"""
STUDENTS = ("blank", "damaged", "model")


def rows(course: Course, query: str) -> list[tuple]:
    """What the gradebook holds, by name."""
    with sqlite3.connect(course.root / "gradebook.db") as connection:
        return connection.execute(query).fetchall()


@pytest.fixture
def both(course: Course, blank: dict, model: dict[str, str], tmp_path: Path) -> tuple[Course, Course]:
    """Two courses with the same three submissions: one graded with our command, one with nbgrader's."""
    damaged = filled(blank, model | {"workload": "AI work"})
    for cell in damaged["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("grade_id") == "check-workload-1":
            cell["source"] = "6.0"
    hand_in(course.root, "blank", blank, machine=None)
    hand_in(course.root, "model", filled(blank, model))
    folder = hand_in(course.root, "damaged", damaged)
    for name, text in STRAYS.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    (folder / "submission_secret.txt").write_text("a secret", encoding="utf-8")
    other = tmp_path / "other"
    shutil.copytree(course.root, other)

    grade_cohort(course, EXERCISE)
    run = run_nbgrader(other, "autograde", EXERCISE)

    assert run.returncode == 0, run.stderr
    return course, open_course(other)


def test_nbgraders_command_gives_what_ours_gives(both: tuple[Course, Course]) -> None:
    """Same clean copies, same files beside them, same rows in the gradebook, for a full, an empty and a damaged one."""
    ours, theirs = both

    for student in STUDENTS:
        mine, other = (side.autograded / student / EXERCISE for side in both)
        assert nbformat.read(mine / NOTEBOOK, as_version=4) == nbformat.read(other / NOTEBOOK, as_version=4)
        assert _beside(mine) == _beside(other)
    assert rows(ours, GRADES) == rows(theirs, GRADES)
    assert rows(ours, COMMENTS) == rows(theirs, COMMENTS)
    assert {row[1] for row in rows(ours, GRADES)} == {f"{STAMP.removesuffix(' UTC')}"}
    assert _beside(ours.autograded / "damaged" / EXERCISE) == {
        "evidence/inventory.json", "submission_secret.txt", "timestamp.txt",
    }  # fmt: skip


def _beside(folder: Path) -> set[str]:
    """The files beside a clean copy."""
    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    return found - {NOTEBOOK}


def test_what_was_handed_in_before_does_not_stay(course: Course, blank: dict, model: dict[str, str]) -> None:
    """A second submission without evidence leaves none of the first one's beside its clean copy."""
    folder = hand_in(course.root, "ada", filled(blank, model))
    grade_cohort(course, EXERCISE)
    shutil.rmtree(folder / "evidence")

    grade_cohort(course, EXERCISE)

    assert _beside(course.autograded / "ada" / EXERCISE) == {"timestamp.txt"}
