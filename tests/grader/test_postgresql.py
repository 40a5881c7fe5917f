"""A gradebook on a PostgreSQL server: the same commands, nbgrader reads it, and its password is nobody else's."""

import contextlib
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from grading_kit import EXERCISE, Terminal, assert_is_one_sentence, move_to, run_nbgrader
from killing_kit import rows
from postgresql_kit import PASSWORD, USER, Server
from sqlalchemy.engine import make_url

from workstation.errors import CohortError
from workstation_grader import record
from workstation_grader.batch import grade_cohort
from workstation_grader.cli import main
from workstation_grader.course import Course, make_course, open_course
from workstation_grader.gradebook import open_engine
from workstation_grader.marks import read_marks
from workstation_grader.release import generate

ON_POSTGRESQL = pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
ADDRESS = "postgresql+psycopg://ada:hunter2@db.school/grades"


def test_from_an_empty_database_to_pages(
    postgresql: Server,
    submit: Callable[..., Path],
    course: Course,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Release, grade, export and feedback on a new database give what they give on SQLite."""
    submit("ada")
    submit("bob", machine=None)
    root = tmp_path / "other"
    make_course(root)
    (root / "gradebook.db").touch()
    move_to(root, postgresql.empty())
    other = open_course(root)
    generate(other, EXERCISE)
    shutil.copytree(course.collected, other.collected)
    told = []
    for one in (course, other):
        terminal = Terminal(one.root, capsys)
        for command in ("grade", "feedback", "export"):
            assert terminal(command, EXERCISE) == 0, terminal.err
            told.append(terminal.out.replace(str(one.root), "COURSE"))

    assert told[:3] == told[3:]
    assert rows(other) == rows(course)
    assert not (root / "gradebook.db").exists()


@ON_POSTGRESQL
class TestNbgrader:
    """Stock nbgrader reads what we wrote, and we what it wrote."""

    def test_its_interface_has_the_same_scores(self, course: Course, submit: Callable[..., Path]) -> None:
        """Scores, flags and comments, by Formgrader's own queries."""
        from nbgrader.api import Gradebook

        submit("ada")
        submit("bob", machine=None)
        grade_cohort(course, EXERCISE, jobs=1)
        marks = read_marks(course.db_url, EXERCISE)
        with Gradebook(course.db_url, course.course_id) as gradebook:
            shown = {entry["student"]: entry for entry in gradebook.notebook_submission_dicts(EXERCISE, EXERCISE)}
            assert {who: entry["score"] for who, entry in shown.items()} == {who: marks[who].score for who in marks}
            assert {who: entry["needs_manual_grade"] for who, entry in shown.items()} == {"ada": False, "bob": True}
            gradebook.find_submission_notebook(EXERCISE, EXERCISE, "bob").comments[0].manual_comment = "Look again."
            gradebook.db.commit()

        assert "Look again." in read_marks(course.db_url, EXERCISE)["bob"].comments.values()

    def test_its_export_has_the_same_scores(self, course: Course, submit: Callable[..., Path]) -> None:
        """`nbgrader export`, as it stands."""
        submit("ada")
        grade_cohort(course, EXERCISE, jobs=1)

        run = run_nbgrader(course.root, "export")

        assert run.returncode == 0, run.stderr
        (line,) = (course.root / "grades.csv").read_text(encoding="utf-8").splitlines()[1:]
        score = read_marks(course.db_url, EXERCISE)["ada"].score
        assert line.split(",")[3] == "ada"
        assert line.endswith(f",0.0,{score},{score}")


@ON_POSTGRESQL
def test_graders_on_several_machines_leave_what_one_leaves(course: Course, submit: Callable[..., Path]) -> None:
    """Course folders of their own, one database: nothing doubled, nothing lost."""
    for number in range(9):
        submit(f"learner-{number}", **({"machine": None} if number % 3 else {}))
    folders = [course.root.with_name(f"machine-{number}") for number in range(3)]
    for folder in folders:
        shutil.copytree(course.root, folder)
    command = [sys.executable, "-m", "workstation_grader", "grade", EXERCISE, "--jobs", "1", "--force", "--course"]
    runs = [subprocess.Popen([*command, str(folder)], stderr=subprocess.PIPE, text=True) for folder in folders]
    told = [run.communicate()[1] for run in runs]
    assert [run.returncode for run in runs] == [0, 0, 0], told

    found = rows(course)

    assert main(["grade", EXERCISE, "--course", str(course.root), "--force"]) == 0
    assert found == rows(course)
    assert len(found["submissions"]) == len(found["notebooks"]) == 9


@ON_POSTGRESQL
def test_a_lost_server_is_one_sentence_and_the_next_run_finishes(
    cohort: Terminal, course: Course, postgresql: Server, submit: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The connection breaks within a transaction: nothing of it stays, and all of it is done again."""
    submit("ada")
    whole = record._write_comments

    def broken(*arguments: object) -> None:
        with postgresql.connect(autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s",
                [make_url(course.db_url).database],
            )
        whole(*arguments)

    with monkeypatch.context() as patched:
        patched.setattr(record, "_write_comments", broken)
        code = cohort("grade", EXERCISE)
    assert_is_one_sentence(cohort, code)
    assert PASSWORD not in cohort.err
    assert rows(course)["grades"] == []

    assert cohort("grade", EXERCISE) == 0
    assert set(read_marks(course.db_url, EXERCISE)) == {"ada"}


class TestAnAddress:
    """What cannot be used is said in a sentence, and no sentence holds a password."""

    @pytest.mark.parametrize(
        ("address", "words"),
        [
            ("postgresql+psycopg://ada:hunter2@db.invalid/grades", "db.invalid"),
            ("postgresql+psycopg://ada:hun@ter2@db.school/grades", "more than one @"),
            ("postgresql+psycopg://ada:hunter2@db.school:many/grades", "cannot be read"),
            ("hunter2", "cannot be read"),
            ("mysql://ada:hunter2@db.school/grades", "not in 'mysql'"),
            ("postgresql+nothing://ada:hunter2@db.school/grades", "home-ai-workstation[postgresql]"),
        ],
    )
    @pytest.mark.parametrize("command", ["grade", "feedback", "export"])
    def test_that_cannot_be_used(
        self, cohort: Terminal, submit: Callable[..., Path], address: str, words: str, command: str
    ) -> None:
        """The host, the database and the user are named where there are any."""
        submit("ada")
        move_to(cohort.course, address)

        code = cohort(command, EXERCISE)

        assert_is_one_sentence(cohort, code)
        assert words in cohort.err
        assert not re.search("hun.?ter2|hun@|ter2", cohort.err)

    @pytest.mark.parametrize("what", ["password", "database"])
    def test_that_the_server_refuses(
        self, cohort: Terminal, submit: Callable[..., Path], postgresql: Server, what: str
    ) -> None:
        """A wrong password is not repeated, a right one neither."""
        submit("ada")
        database, password = {"password": ("postgres", "hunter3"), "database": ("nowhere", PASSWORD)}[what]
        move_to(cohort.course, postgresql.url(database, password=password))

        code = cohort("grade", EXERCISE)

        assert_is_one_sentence(cohort, code)
        assert USER in cohort.err
        assert "hunter" not in cohort.err

    def test_a_missing_driver_is_named(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """With the command that installs it."""
        monkeypatch.setitem(sys.modules, "psycopg", None)

        with pytest.raises(CohortError, match=r"pip install 'home-ai-workstation\[postgresql\]'") as caught:
            open_engine(ADDRESS)

        assert "hunter2" not in str(caught.value)


@ON_POSTGRESQL
def test_the_password_is_in_no_process_list(course: Course, submit: Callable[..., Path]) -> None:
    """Neither ours nor that of a program that we start has it among its arguments, and nothing printed has it."""
    submit("ada")
    run = subprocess.Popen(
        [sys.executable, "-m", "workstation_grader", "grade", EXERCISE, "--course", str(course.root)],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    seen: set[str] = set()
    ours = psutil.Process(run.pid)
    while run.poll() is None:
        with contextlib.suppress(psutil.NoSuchProcess):
            for process in (ours, *ours.children(recursive=True)):  # other tests' programs may name it
                seen.add(" ".join(process.cmdline()))
    printed, _ = run.communicate()

    assert run.returncode == 0
    assert any("workstation_grader grade" in line for line in seen)
    secret = PASSWORD.split("+")[0]
    assert not [line for line in seen if secret in line]
    assert secret not in printed
