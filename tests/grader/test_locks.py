"""Several at work on one course: whoever comes second waits, says for whom, goes on, and nothing of either is lost.

More than 300 lines: every test here sets two processes on one course, and they share how that is done.
"""

import contextlib
import errno
import json
import logging
import os
import re
import shutil
import socket
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from grading_kit import BOTH, EXERCISE, Terminal, assert_is_one_sentence
from killing_kit import rows, state
from sqlalchemy import select
from sqlalchemy.engine import make_url

from workstation.errors import CohortError
from workstation_grader import files, locks, waits
from workstation_grader.batch import grade_cohort
from workstation_grader.cli import main
from workstation_grader.course import Course
from workstation_grader.gradebook import GRADE, open_engine, transaction
from workstation_grader.locks import LOCK_NAME, Holder, alone_in
from workstation_grader.marks import read_marks


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Say at once what is waited for."""
    monkeypatch.setattr(waits, "SAY_AFTER_SECONDS", 0.0)


@pytest.fixture
def said(at_once: None) -> Iterator[list[str]]:
    """What is said meanwhile, as it is said."""
    lines: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: lines.append(record.getMessage())
    log = logging.getLogger("workstation_grader")
    log.addHandler(handler)
    yield lines
    log.removeHandler(handler)


@contextlib.contextmanager
def meanwhile(work: Callable[[], object]) -> Iterator[threading.Thread]:
    """Work in a thread, which has to end by itself."""
    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield thread
    finally:
        thread.join(120)
        assert not thread.is_alive()


def await_words(words: str, lines: list[str], thread: threading.Thread) -> None:
    """Wait until something was said."""
    while not any(words in line for line in lines):
        thread.join(0.01)
        assert thread.is_alive(), lines


class TestTheCourse:
    """One run at a time."""

    def test_the_second_waits_says_for_whom_and_goes_on(
        self, course: Course, submit: Callable[..., Path], said: list[str]
    ) -> None:
        """Its sentence has the command, the user, the process, the machine and the time."""
        submit("ada")
        codes: list[int] = []
        arguments = ["grade", EXERCISE, "--course", str(course.root), "--jobs", "1"]
        holding = contextlib.ExitStack()
        holding.enter_context(alone_in(course.root, "collect constraint-summary"))
        with meanwhile(lambda: codes.append(main(arguments))) as thread, holding:
            await_words("in use by 'collect constraint-summary'", said, thread)
            assert f"process {os.getpid()} on {socket.gethostname()}, since 20" in said[0]
            assert not codes

        assert codes == [0]
        assert said[-1].startswith("Going on")
        assert set(read_marks(course.db_url, EXERCISE)) == {"ada"}

    def test_several_graders_at_once_leave_what_one_leaves(self, course: Course, submit: Callable[..., Path]) -> None:
        """Three processes on one course folder: each ends well, and everything is there once."""
        for number in range(4):
            submit(f"learner-{number}")
        alone = course.root.with_name("alone")
        shutil.copytree(course.root, alone)
        command = [sys.executable, "-m", "workstation_grader", "grade", EXERCISE, "--jobs", "1", "--course"]
        runs = [
            subprocess.Popen([*command, str(course.root)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            for _ in range(3)
        ]
        told = [run.communicate() for run in runs]
        assert [run.returncode for run in runs] == [0, 0, 0], told
        assert sorted(out.splitlines()[0] for out, _ in told) == [
            "Graded 0, unchanged 4.", "Graded 0, unchanged 4.", "Graded 4, unchanged 0.",
        ]  # fmt: skip
        assert main(["grade", EXERCISE, "--course", str(alone)]) == 0
        assert rows(course) == rows(Course(root=alone, config=course.config))

    def test_a_killed_runs_note_is_no_obstacle(self, cohort: Terminal, submit: Callable[..., Path]) -> None:
        """The next run says what it found, clears up, and works."""
        submit("ada")
        note(cohort.course, machine=socket.gethostname())
        (cohort.course / "autograded/ada" / EXERCISE).mkdir(parents=True)
        (cohort.course / f"autograded/ada/{EXERCISE}/.x.json.partial").write_bytes(b"{")
        (cohort.course / ".unpacking-abc").mkdir()

        assert cohort("grade", EXERCISE) == 0

        assert "'grade symptom-mapping' of eve" in cohort.err
        assert "did not end by itself" in cohort.err
        assert not list(cohort.course.rglob("*.partial"))
        assert not (cohort.course / ".unpacking-abc").exists()
        assert (cohort.course / LOCK_NAME).read_bytes() == b""

    def test_another_machines_note_is_not_stolen(
        self, cohort: Terminal, submit: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The message names the machine, and the file to remove once nothing runs there."""
        submit("ada")
        note(cohort.course, machine="lab-7")
        monkeypatch.setattr(locks, "WAIT_SECONDS", 0.0)

        code = cohort("grade", EXERCISE)

        assert_is_one_sentence(cohort, code)
        assert "process 1 on lab-7" in cohort.err
        assert f"remove {cohort.course / LOCK_NAME}" in cohort.err
        assert not (cohort.course / "autograded").exists()

    def test_who_waits_for_another_machine_goes_on_once_its_note_is_removed(
        self, course: Course, submit: Callable[..., Path], said: list[str]
    ) -> None:
        """Nothing has to be started again."""
        submit("ada")
        note(course.root, machine="lab-7")
        codes: list[int] = []
        arguments = ["grade", EXERCISE, "--course", str(course.root), "--jobs", "1"]
        with meanwhile(lambda: codes.append(main(arguments))) as thread:
            await_words("lab-7", said, thread)
            (course.root / LOCK_NAME).unlink()

        assert codes == [0]

    @pytest.mark.parametrize("content", [b"", b"[]", b"{", b'{"machine": 1}', b"\xff" * 9000])
    def test_a_garbled_note_holds_nobody_up(self, tmp_path: Path, content: bytes) -> None:
        """The system's lock decides; without a readable note there is nothing to say."""
        (tmp_path / LOCK_NAME).write_bytes(content)

        with alone_in(tmp_path, "grade") as killed:
            assert killed is None

    def test_an_error_leaves_no_note(self, tmp_path: Path) -> None:
        """What failed in words was cleaned up by itself; the next run finds nothing to mend."""
        with pytest.raises(CohortError), alone_in(tmp_path, "grade"):
            raise CohortError("the disk is full")

        with alone_in(tmp_path, "grade") as killed:
            assert killed is None

    def test_half_copied_submissions_are_collected_again(self, cohort: Terminal) -> None:
        """By the stamp nbgrader tells whether it has a submission: what a killed collecting touched loses it."""
        folder = cohort.course / "collected/ada" / EXERCISE
        folder.mkdir(parents=True)
        (folder / "timestamp.txt").write_text("2026-11-20 10:00:00 UTC", encoding="ascii")
        note(cohort.course, machine=socket.gethostname(), doing=f"collect {EXERCISE} from the exchange")

        cohort("restore", "nothing.db")

        assert not (folder / "timestamp.txt").exists()
        assert "Collect from the exchange again before you grade" in cohort.err


def note(root: Path, *, machine: str, doing: str = "grade symptom-mapping") -> None:
    """Leave the note of a run that is not there any more."""
    holder = Holder(machine=machine, user="eve", process=1, since="2026-11-20 10:00:00 UTC", doing=doing)
    fields = {name: getattr(holder, name) for name in Holder.__slots__}
    (root / LOCK_NAME).write_text(json.dumps(fields), encoding="utf-8")


@contextlib.contextmanager
def held(course: Course) -> Iterator[Callable[[], None]]:
    """Hold the gradebook against all others, as a program that writes for long would; give what lets go."""
    if course.db_url.startswith("sqlite"):
        connection = sqlite3.connect(course.root / "gradebook.db", isolation_level=None, check_same_thread=False)
        connection.execute("BEGIN EXCLUSIVE")
    else:
        import psycopg

        url = make_url(course.db_url)
        connection = psycopg.connect(
            host=url.query["host"], user=url.username, password=url.password, dbname=url.database
        )
        connection.execute("LOCK TABLE grade IN ACCESS EXCLUSIVE MODE")
    try:
        yield connection.rollback
    finally:
        connection.close()


@BOTH
class TestTheGradebook:
    """Locks of the database."""

    @pytest.mark.parametrize("command", ["grade", "feedback", "export"])
    def test_a_lock_is_waited_for_aloud(
        self, course: Course, submit: Callable[..., Path], said: list[str], command: str
    ) -> None:
        """Reading and writing alike: the sentence names the gradebook without its password, and then it goes on."""
        submit("ada")
        grade_cohort(course, EXERCISE, jobs=1)
        codes: list[int] = []
        options = ["--force", "--jobs", "1"] if command == "grade" else []
        arguments = [command, EXERCISE, "--course", str(course.root), *options]
        with held(course) as let_go, meanwhile(lambda: codes.append(main(arguments))) as thread:
            await_words("locked by another program", said, thread)
            assert not codes
            let_go()

        assert codes == [0]
        assert "hunter2" not in "".join(said)

    def test_a_lock_that_never_goes_is_one_sentence(
        self, cohort: Terminal, course: Course, submit: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Nothing is torn: the next run does it all."""
        submit("ada")
        monkeypatch.setattr(waits, "GIVE_UP_AFTER_SECONDS", 0.0)
        with held(course):
            code = cohort("grade", EXERCISE)

        assert_is_one_sentence(cohort, code)
        assert "hunter2" not in cohort.err
        assert cohort("grade", EXERCISE) == 0
        assert cohort.out.startswith("Graded 1,")

    def test_formgrader_and_grading_at_the_same_time(self, course: Course, submit: Callable[..., Path]) -> None:
        """A person's scores and comments, entered in a loop by nbgrader's own interface, and ours: all are there."""
        students = ["ada", "bob"]
        for student in students:
            submit(student)
        grade_cohort(course, EXERCISE, jobs=1)
        undisturbed = read_marks(course.db_url, EXERCISE)
        person = subprocess.Popen(
            [sys.executable, "-c", FORMGRADER, course.db_url, course.course_id, EXERCISE],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert person.stdout is not None
        person.stdout.readline()
        for _ in range(4):
            grade_cohort(course, EXERCISE, jobs=1, which="all", backup=False)
        told = json.loads(person.communicate("stop\n", timeout=120)[0])

        marks = read_marks(course.db_url, EXERCISE)
        for student in students:
            (cell, score), (answer, comment) = told["scores"][student], told["comments"][student]
            assert marks[student].cells[cell].score == score
            assert marks[student].comments[answer] == comment
            others = {name: mark for name, mark in marks[student].cells.items() if name != cell}
            assert others.items() <= undisturbed[student].cells.items()


FORMGRADER = """
import json, select, sys
from nbgrader.api import Gradebook

db_url, course_id, exercise = sys.argv[1:]
rounds, scores, comments = 0, {}, {}
print("ready", flush=True)
while rounds < 2 or not select.select([sys.stdin], [], [], 0)[0]:
    rounds += 1
    with Gradebook(db_url, course_id) as gradebook:
        for submission in gradebook.assignment_submissions(exercise):
            notebook = submission.notebooks[0]
            grade, comment = sorted(notebook.grades, key=lambda g: g.name)[0], sorted(notebook.comments, key=lambda c: c.name)[0]
            grade.manual_score, grade.needs_manual_grade = (rounds % 8) / 8, False
            comment.manual_comment = f"round {rounds}"
            gradebook.db.commit()
            scores[submission.student.id] = (grade.name, grade.manual_score)
            comments[submission.student.id] = (comment.name, comment.manual_comment)
print(json.dumps({"rounds": rounds, "scores": scores, "comments": comments}))
"""  # noqa: E501 - a program in a string


def test_a_commit_waits_for_readers(course: Course, submit: Callable[..., Path], said: list[str]) -> None:
    """SQLite asks for readers' leave at the very end: the whole transaction waits there, and is not lost."""
    submit("ada")
    reader = sqlite3.connect(course.root / "gradebook.db", isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM grade").fetchone()
    with meanwhile(lambda: grade_cohort(course, EXERCISE, jobs=1, backup=False)) as thread:
        await_words("locked by another program", said, thread)
        reader.execute("COMMIT")
    reader.close()

    assert set(read_marks(course.db_url, EXERCISE)) == {"ada"}


@pytest.mark.soak
@BOTH
def test_a_lock_held_for_a_minute(course: Course, submit: Callable[..., Path]) -> None:
    """With nothing shortened: it says so after a few seconds, goes on when the lock is gone, and all is there."""
    submit("ada")
    with held(course) as let_go:
        run = subprocess.Popen(
            [sys.executable, "-m", "workstation_grader", "grade", EXERCISE, "--course", str(course.root)],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert run.stderr is not None
        first = run.stderr.readline()
        with pytest.raises(subprocess.TimeoutExpired):
            run.wait(60)
        let_go()
    out, err = run.communicate(timeout=120)

    assert run.returncode == 0, err
    assert out.startswith("Graded 1,")
    assert "locked by another program. Waiting (" in first
    (waited,) = re.findall(r"Going on after (\d+) s", err)
    assert int(waited) >= 60
    assert set(read_marks(course.db_url, EXERCISE)) == {"ada"}


class TestAFullDisk:
    """A sentence, nothing torn, and the next run finishes."""

    @pytest.mark.parametrize("number", [1, 3, 5])
    def test_no_room_for_a_file(
        self,
        cohort: Terminal,
        course: Course,
        submit: Callable[..., Path],
        monkeypatch: pytest.MonkeyPatch,
        number: int,
    ) -> None:
        """The file that could not be written is named, and no half of it stays."""
        for student in ("ada", "bob"):
            submit(student)
        written = iter(range(1, number))
        whole = Path.write_bytes

        def full(path: Path, content: bytes) -> int:
            if next(written, None) is None:
                whole(path, content[: len(content) // 2])
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            return whole(path, content)

        with monkeypatch.context() as patched:
            patched.setattr(Path, "write_bytes", full)
            code = cohort("grade", EXERCISE)
        assert_is_one_sentence(cohort, code)
        assert "No space left on device" in cohort.err
        assert str(course.autograded) in cohort.err
        assert not list(course.root.rglob("*.partial"))

        assert cohort("grade", EXERCISE) == 0
        after = state(course)
        assert cohort("grade", EXERCISE, "--force") == 0
        assert state(course) == after
        assert set(read_marks(course.db_url, EXERCISE)) == {"ada", "bob"}

    @pytest.mark.parametrize("room_bytes", [0, 300_000, 500_000])
    def test_a_disk_that_is_really_full(
        self, small_disk: Path, course: Course, submit: Callable[..., Path], room_bytes: int
    ) -> None:
        """On a disk of a few megabytes, filled up to so many bytes: the copy, the gradebook or a file has no room."""
        for number in range(3):
            submit(f"learner-{number}")
        root = small_disk / "course"
        shutil.copytree(course.root, root)
        there = Terminal(root, Silent())
        filler = small_disk / "filler"
        _fill(filler, leaving=room_bytes)
        code = there("grade", EXERCISE)
        filler.unlink()

        assert code in (0, 2)
        assert there("grade", EXERCISE) == 0
        assert main(["grade", EXERCISE, "--course", str(course.root)]) == 0
        assert state(Course(root=root, config=course.config)) == state(course)
        if room_bytes == 0:
            assert code == 2


class Silent:
    """In the place of pytest's capture, where only the exit code is looked at."""

    def readouterr(self) -> tuple[str, str]:
        """Give nothing."""
        return "", ""


def _fill(path: Path, *, leaving: int) -> None:
    free = os.statvfs(path.parent)
    with path.open("wb") as filler:
        filler.write(b"\0" * max(0, free.f_bavail * free.f_frsize - leaving))


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of eight megabytes; only root may make one, and not in every container."""
    place = tmp_path / "disk"
    place.mkdir()
    made = shutil.which("mount") and subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(place)], capture_output=True, check=False
    )
    if not made or made.returncode:
        pytest.skip("no small file system can be mounted here; the other tests pretend one")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_a_disk_without_file_locks_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some network folders know none; then nothing is done, and the message says where to keep the course."""
    import fcntl

    def refused(*_: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", refused)
    with pytest.raises(CohortError, match=r"no file locks.*disk of this machine"), alone_in(tmp_path, "grade"):
        pass


def test_a_replaced_folder_is_put_back_or_cleared(tmp_path: Path) -> None:
    """Between taking the old one away and putting the new one there, and after that."""
    lost, replaced = tmp_path / "collected/ada/.x.old", tmp_path / "collected/bob/.x.old"
    for folder in (lost, replaced, tmp_path / "collected/bob/x"):
        folder.mkdir(parents=True)
        (folder / "which").write_text(folder.name, encoding="ascii")

    files.clear_leftovers(tmp_path, written=[], replaced=[tmp_path / "collected"])

    assert (tmp_path / "collected/ada/x/which").read_text(encoding="ascii") == ".x.old"
    assert (tmp_path / "collected/bob/x/which").read_text(encoding="ascii") == "x"
    assert not replaced.exists()


def test_nothing_of_a_failed_transaction_stays(course: Course) -> None:
    """An error within leaves the rows as they were, and the lock free."""
    engine = open_engine(course.db_url)
    with contextlib.suppress(ZeroDivisionError), transaction(engine) as connection:
        connection.exec_driver_sql("INSERT INTO student (id) VALUES ('eve')")
        1 / 0  # noqa: B018 - the error
    with transaction(engine) as connection:
        assert connection.execute(select(GRADE)).all() == []
        assert connection.exec_driver_sql("SELECT id FROM student").all() == []
    engine.dispose()
