"""Recording: nothing doubled, nothing lost, nothing out of range, and a lock is waited for."""

import sqlite3
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from grading_kit import BOTH, EXERCISE, dump, filled, hand_in
from hypothesis import given
from hypothesis import strategies as st

from workstation.errors import CohortError
from workstation_grader import batch, gradebook, waits
from workstation_grader.batch import grade_cohort
from workstation_grader.course import CONFIG_NAME, Course, open_course
from workstation_grader.grade import Graded
from workstation_grader.marks import read_marks
from workstation_grader.record import Recorder, needs_a_person
from workstation_grader.worker import grade_folder


@pytest.fixture
def graded(course: Course, submit: Callable[..., Path]) -> Graded:
    """The model submission of one learner, scored and not yet recorded."""
    return grade_folder(submit("ada"), "ada", course.master(EXERCISE))[0]


def write(course: Course, graded: Graded, stamp: str | None = None) -> None:
    """Record one submission."""
    with Recorder(course.db_url, EXERCISE) as recorder:
        recorder.record([(graded, stamp)])


@BOTH
def test_recording_twice_changes_nothing(course: Course, graded: Graded) -> None:
    """Same rows, same ids, nothing more: not even after a change and its way back."""
    write(course, graded, "2026-11-20 10:00:00 UTC")
    once = dump(course)
    write(course, graded, "2026-11-20 10:00:00 UTC")
    twice = dump(course)
    scores = tuple(replace(cell, earned=0.0, needs_review=True) for cell in graded.scores)
    write(course, replace(graded, scores=scores), "2026-11-21 10:00:00 UTC")
    other = dump(course)
    write(course, graded, "2026-11-20 10:00:00 UTC")

    assert once == twice == dump(course)
    assert other != once
    assert {table: len(rows) for table, rows in once.items()} == {
        "student": 1, "submitted_assignment": 1, "submitted_notebook": 1,
        "grade": len(graded.scores), "comment": len(graded.answered),
    }  # fmt: skip


@pytest.mark.parametrize(
    "stamp", ["soon", "2026-99-99 10:00:00 UTC", "99999999999999999999", "\ufffd\ufffd", "1" * 900, "", None]
)
def test_a_garbled_time_stamp_counts_as_none(course: Course, graded: Graded, stamp: str | None) -> None:
    """The submission is recorded all the same, without a time."""
    write(course, graded, stamp)

    rows = dump(course)["submitted_assignment"]
    assert len(rows) == 1
    assert read_marks(course.db_url, EXERCISE)["ada"].score == graded.earned
    assert rows[0][-2] is None  # its time stamp


@BOTH
def test_a_good_time_stamp_is_kept_when_a_garbled_one_follows(course: Course, graded: Graded) -> None:
    """What is known of when a submission came is not lost to nonsense."""
    write(course, graded, "2026-11-20 10:00:00 UTC")
    before = dump(course)

    write(course, graded, "whenever")

    assert dump(course) == before


@BOTH
def test_an_exercise_that_was_never_released_is_not_recorded(course: Course, graded: Graded) -> None:
    """The message says what to run first."""
    with Recorder(course.db_url, "other") as recorder, pytest.raises(CohortError, match="release other"):
        recorder.record([(graded, None)])


CHARACTERS = st.text(alphabet=st.characters(), max_size=300)


@given(bodies=st.tuples(CHARACTERS, CHARACTERS, CHARACTERS))
def test_a_score_never_leaves_its_range(
    released: Path, bodies: tuple[str, str, str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Whatever is written, each part earns between nothing and its points."""
    master = open_course(released).master(EXERCISE)
    answers = dict(zip(("workload", "archetype", "constraint-summary"), bodies, strict=True))
    folder = hand_in(tmp_path_factory.mktemp("any"), "ada", filled(master.notebook, answers))

    graded = grade_folder(folder, "ada", master)[0]

    assert graded.readable
    assert all(0.0 <= cell.earned <= cell.points for cell in graded.scores)


class TestNeedsAPerson:
    """Who has to look again, from the row that is there and what was found now."""

    @pytest.mark.parametrize("review", [True, False])
    def test_without_a_manual_score_the_finding_decides(self, review: bool) -> None:
        """A flag goes up and down with what grading finds."""
        old = SimpleNamespace(manual_score=None, needs_manual_grade=not review, auto_score=1.0)
        assert needs_a_person(old, 2.0, review=review) is review

    @pytest.mark.parametrize(("auto_score", "asked"), [(1.0, False), (2.0, True), (None, True)])
    def test_a_manual_score_is_looked_at_again_where_the_other_moved(
        self, auto_score: float | None, asked: bool
    ) -> None:
        """A person's score is never changed; the person is asked where the ground moved."""
        old = SimpleNamespace(manual_score=1.5, needs_manual_grade=False, auto_score=1.0)
        assert needs_a_person(old, auto_score, review=True) is asked


@pytest.fixture
def lock(course: Course) -> Iterator[sqlite3.Connection]:
    """A connection that holds the gradebook's write lock, as Formgrader does while it saves."""
    connection = sqlite3.connect(course.root / "gradebook.db", isolation_level=None, check_same_thread=False)
    connection.execute("BEGIN IMMEDIATE")
    yield connection
    if connection.in_transaction:
        connection.execute("ROLLBACK")
    connection.close()


def test_a_writer_waits_for_a_lock(course: Course, graded: Graded, lock: sqlite3.Connection) -> None:
    """Recording asks for the gradebook while another program holds it, waits, and goes through once that lets go."""
    done = threading.Event()

    def work() -> None:
        write(course, graded)
        done.set()

    writer = threading.Thread(target=work)
    writer.start()
    while not _is_asking(writer):
        assert not done.wait(0.01), "the lock is held: nothing can have been recorded"
        assert writer.is_alive()
    lock.execute("COMMIT")
    writer.join(60)

    assert done.is_set()
    assert read_marks(course.db_url, EXERCISE)["ada"].score == graded.earned


def _is_asking(thread: threading.Thread) -> bool:
    """Tell whether a thread is inside SQLite, asking for the write lock."""
    frame = sys._current_frames().get(thread.ident)
    return frame is not None and frame.f_locals.get("statement") == "BEGIN IMMEDIATE"


@pytest.mark.usefixtures("lock")
def test_a_lock_that_never_goes_is_one_sentence(
    course: Course, graded: Graded, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once the wait is over the message says who may hold the gradebook, and that nothing is lost."""
    monkeypatch.setattr(waits, "GIVE_UP_AFTER_SECONDS", 0)
    monkeypatch.setattr(gradebook, "TRY_SECONDS", 0)

    with pytest.raises(CohortError, match=r"gradebook.*locked.*Formgrader"):
        write(course, graded)
    with pytest.raises(CohortError, match="locked"):
        read_marks(course.db_url, EXERCISE)


@BOTH
def test_a_lost_copy_is_made_again_and_no_row_moves(course: Course, submit: Callable[..., Path]) -> None:
    """Killed between the gradebook and the file: the next run writes the same copy and leaves every row alone."""
    submit("ada")
    submit("bob", answers={"workload": "AI work"})
    grade_cohort(course, EXERCISE)
    rows = dump(course)
    copy = course.autograded / "bob" / EXERCISE / f"{EXERCISE}.ipynb"
    content = copy.read_bytes()
    copy.unlink()

    report = grade_cohort(course, EXERCISE)

    assert (report.graded, report.unchanged) == (1, 1)
    assert copy.read_bytes() == content
    assert dump(course) == rows


@BOTH
class TestLate:
    """Late penalties are nbgrader's own, and come and go with the due date."""

    @pytest.fixture
    def late(self, course: Course, submit: Callable[..., Path]) -> Course:
        """A course where whoever is late gets nothing; one submission is late by a day."""
        config = course.root / CONFIG_NAME
        text = f"{config.read_text(encoding='utf-8')}\nc.LateSubmissionPlugin.penalty_method = 'zero'\n"
        config.write_text(text, encoding="utf-8")
        submit("ada")
        opened = open_course(course.root)
        self._due(opened, "2026-11-19 10:00:00 UTC")
        return opened

    @staticmethod
    def _due(course: Course, when: str | None) -> None:
        from nbgrader.api import Gradebook

        with Gradebook(course.db_url, course.course_id) as gradebook:
            gradebook.update_or_create_assignment(EXERCISE, duedate=when)

    def test_a_late_submission_is_penalised(self, late: Course, capfd: pytest.CaptureFixture[str]) -> None:
        """The penalty is in the gradebook, once, and nbgrader's remarks are not in the terminal."""
        grade_cohort(late, EXERCISE)
        grade_cohort(late, EXERCISE, which="all")

        marks = read_marks(late.db_url, EXERCISE)["ada"]
        assert marks.late_penalty == marks.max_score
        assert marks.score == 0
        assert capfd.readouterr() == ("", "")

    @pytest.mark.parametrize("when", [None, "2026-11-21 10:00:00 UTC"], ids=["no due date", "a later one"])
    def test_a_penalty_goes_where_it_is_no_longer_due(self, late: Course, when: str | None) -> None:
        """The due date moved: graded again, the learner has every point."""
        grade_cohort(late, EXERCISE)
        self._due(late, when)

        grade_cohort(late, EXERCISE, which="all")

        marks = read_marks(late.db_url, EXERCISE)["ada"]
        assert (marks.late_penalty, marks.score) == (0, marks.max_score)

    def test_an_interrupted_run_still_penalises(self, late: Course, monkeypatch: pytest.MonkeyPatch) -> None:
        """Killed between the scores and the penalty, the next run comes to the penalty too."""

        def stop(*_: object) -> None:
            raise KeyboardInterrupt

        with monkeypatch.context() as patched:
            patched.setattr(batch, "_assign_late_penalties", stop)
            with pytest.raises(KeyboardInterrupt):
                grade_cohort(late, EXERCISE)
        assert read_marks(late.db_url, EXERCISE)["ada"].late_penalty == 0

        grade_cohort(late, EXERCISE)

        assert read_marks(late.db_url, EXERCISE)["ada"].score == 0


@BOTH
def test_who_waits_is_told_by_every_run(course: Course, submit: Callable[..., Path]) -> None:
    """A second run that grades nothing still names who waits, until a person has judged."""
    from nbgrader.api import Gradebook

    submit("ada", machine=None)
    submit("bob")
    first = grade_cohort(course, EXERCISE)
    second = grade_cohort(course, EXERCISE)
    with Gradebook(course.db_url, course.course_id) as gradebook:
        for grade in gradebook.find_submission_notebook(EXERCISE, EXERCISE, "ada").grades:
            if grade.needs_manual_grade:
                grade.manual_score, grade.needs_manual_grade = 1.0, False
        gradebook.db.commit()
    third = grade_cohort(course, EXERCISE, which="all")

    assert (first.in_review, second.in_review, third.in_review) == (["ada"], ["ada"], [])
