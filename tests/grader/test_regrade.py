"""Grading again: only those who are meant, and a list of whose score a change of the rubric moved, and why."""

import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from grading_kit import EXERCISE, Terminal, hand_in

from workstation.catalog import load_catalog
from workstation_grader import batch, grade
from workstation_grader.batch import grade_cohort
from workstation_grader.cli import _progress
from workstation_grader.course import Course
from workstation_grader.moves import REGRADE_FILE, Move

MEASURED = "summary.measured"


def copy_of(course: Course, student: str) -> Path:
    """Where a clean copy is."""
    return course.autograded / student / EXERCISE / f"{EXERCISE}.ipynb"


def age(course: Course, student: str, *, earned: float = 0.0, rubric: str = "0.9") -> None:
    """Make a clean copy what an older rubric would have left: another version, and one criterion not met."""
    path = copy_of(course, student)
    notebook = json.loads(path.read_bytes())
    notebook["metadata"]["workstation"]["versions"]["rubric"] = rubric
    for cell in notebook["cells"]:
        for criterion in cell["metadata"].get("workstation", {}).get("criteria", ()):
            if criterion["id"] == MEASURED:
                criterion |= {"outcome": "not met", "earned": earned}
    path.write_text(json.dumps(notebook), encoding="utf-8")


@pytest.fixture
def three(course: Course, submit: Callable[..., Path], blank: dict) -> Course:
    """Three graded submissions, one of them damaged."""
    submit("ada")
    submit("bob")
    hand_in(course.root, "eve", b"{")
    grade_cohort(course, EXERCISE)
    return course


def test_several_learners_by_name(three: Course) -> None:
    """--student may be repeated; the others are left."""
    report = grade_cohort(three, EXERCISE, students=["ada", "eve"], which="all")

    assert (report.graded, report.unchanged) == (2, 0)


def test_only_those_that_failed(three: Course, cohort: Terminal, submit: Callable[..., Path]) -> None:
    """--failed takes who had a problem or was never graded, and nobody else."""
    submit("new")

    assert cohort("grade", EXERCISE, "--failed", "--json") == 0

    report = json.loads(cohort.out)
    assert (report["graded"], report["unchanged"]) == (2, 2)
    assert {student for student, *_ in report["problems"]} == {"eve"}
    assert copy_of(three, "new").is_file()


@pytest.mark.usefixtures("three")
def test_changed_is_the_default(cohort: Terminal, submit: Callable[..., Path]) -> None:
    """With --changed and without, what was handed in anew is graded, and nothing else; --force grades all."""
    submit("ada", answers={"workload": "AI work"})

    assert cohort("grade", EXERCISE, "--changed") == 0
    assert cohort.out.startswith("Graded 1, unchanged 2.")
    assert cohort("grade", EXERCISE) == 0
    assert cohort.out.startswith("Graded 0, unchanged 3.")
    assert cohort("grade", EXERCISE, "--force") == 0
    assert cohort.out.startswith("Graded 3, unchanged 0.")


def test_a_rubric_change_lists_whose_score_moved(three: Course) -> None:
    """Each moved criterion with outcome, points and version before and now; who did not move is not named."""
    age(three, "ada")
    now = load_catalog().rubric_version
    points = next(entry.points for entry in load_catalog().exercises[EXERCISE].criteria if entry.id == MEASURED)

    report = grade_cohort(three, EXERCISE)

    assert report.graded == 1
    assert report.moved == [
        Move(student="ada", criterion=MEASURED, outcome_before="not met", earned_before=0.0,
             outcome_now="met", earned_now=points, rubric_before="0.9", rubric_now=now)
    ]  # fmt: skip


def test_what_moved_is_told_by_a_run_that_goes_on_after_a_kill(three: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed half-way, the next run tells of those before it too; forcing it once more loses nothing."""
    age(three, "ada")
    age(three, "bob")
    with monkeypatch.context() as patched:
        patched.setattr(batch, "BATCH", 1)
        patched.setattr(batch, "_record", stopping_at(2, batch._record))
        with pytest.raises(KeyboardInterrupt):
            grade_cohort(three, EXERCISE, jobs=1)

    second = grade_cohort(three, EXERCISE)
    third = grade_cohort(three, EXERCISE, which="all")

    assert second.graded == 1
    assert [move.student for move in second.moved] == ["ada", "bob"]
    assert third.moved == second.moved


def stopping_at(number: int, original: Callable[..., None]) -> Callable[..., None]:
    """Give a function that is interrupted at its *number*-th call."""
    calls = iter(range(1, number))

    def call(*arguments: object) -> None:
        if next(calls, None) is None:
            raise KeyboardInterrupt
        original(*arguments)

    return call


def test_a_new_submission_has_not_moved(three: Course, submit: Callable[..., Path]) -> None:
    """What was handed in anew is judged anew: its old marks are no ground for a list, and an old list goes."""
    age(three, "ada")
    grade_cohort(three, EXERCISE)
    assert (copy_of(three, "ada").parent / REGRADE_FILE).is_file()
    submit("ada", answers={"workload": "AI work"})

    report = grade_cohort(three, EXERCISE)

    assert report.moved == []
    assert not (copy_of(three, "ada").parent / REGRADE_FILE).exists()


def test_a_criterion_that_is_new_or_gone_is_said_to_be(three: Course) -> None:
    """A rubric that gained a criterion says so, not that nobody had met it."""
    path = copy_of(three, "ada")
    text = path.read_text(encoding="utf-8").replace(f'"id": "{MEASURED}"', '"id": "summary.dropped"')
    path.write_text(text, encoding="utf-8")
    age(three, "ada")

    told = sorted(move.told() for move in grade_cohort(three, EXERCISE).moved)

    assert len(told) == 2
    assert told[0].startswith("summary.dropped: ")
    assert "not in the rubric under" in told[0]
    assert told[1].startswith(f"{MEASURED}: not in the rubric under rubric 0.9, met")


def test_the_text_report_is_bounded_and_json_is_whole(
    course: Course, cohort: Terminal, submit: Callable[..., Path]
) -> None:
    """Ten learners in the text and how many more there are; all of them in --json; the run after is quiet about it."""
    for number in range(12):
        submit(f"learner-{number:02}")
    grade_cohort(course, EXERCISE)
    for number in range(12):
        age(course, f"learner-{number:02}")

    assert cohort("grade", EXERCISE) == 0
    first = cohort.out
    assert cohort("grade", EXERCISE) == 0
    quiet = cohort.out
    assert cohort("grade", EXERCISE, "--json") == 0

    assert "moved something for 12 learners:" in first
    assert f"  learner-09: {MEASURED}: not met (0) under rubric 0.9, met" in first
    assert "learner-10" not in first
    assert "  and 2 more; --json lists all." in first
    assert "moved" not in quiet
    assert len(json.loads(cohort.out)["moved"]) == 12


def test_who_is_still_under_another_rubric_is_flagged(three: Course, cohort: Terminal) -> None:
    """Grading one learner names those whose grade is by an older version, until they are graded too."""
    age(three, "ada")
    age(three, "bob")

    assert cohort("grade", EXERCISE, "--student", "ada") == 0
    assert "Still graded by another version of the rubric: 1 learner" in cohort.out
    assert "  bob: rubric 0.9\n" in cohort.out
    assert cohort("grade", EXERCISE) == 0
    assert "Still graded" not in cohort.out


def test_another_rubric_regrades_everybody(three: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    """A new version of the rubric makes every grade out of date."""
    monkeypatch.setattr(batch, "versions", lambda: {**grade.versions(), "rubric": "99.0"})

    assert grade_cohort(three, EXERCISE).graded == 3


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"metadata": {"workstation": 1}}', b"[" * 100_000])
def test_a_damaged_copy_is_made_again(three: Course, content: bytes) -> None:
    """A copy that cannot be read is no reason to stop, nor one to skip its learner."""
    whole = copy_of(three, "ada").read_bytes()
    copy_of(three, "ada").write_bytes(content)

    report = grade_cohort(three, EXERCISE)

    assert (report.graded, report.moved) == (1, [])
    assert copy_of(three, "ada").read_bytes() == whole


class _Watched(io.StringIO):
    """A terminal that somebody watches."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def clock() -> Iterator[list[float]]:
    """The time, to be set."""
    return [0.0]


def test_progress_without_a_terminal_is_a_line_now_and_then(clock: list[float]) -> None:
    """A log gets whole lines, every few seconds, with rate and time left; nothing at all of a short run."""
    stream = io.StringIO()
    progress = _progress.Progress(stream, clock=lambda: clock[0])
    for second in range(11):
        clock[0] = float(second)
        progress(100 + second * 50, 5100)

    assert stream.getvalue().splitlines() == [
        "350 of 5100 (50 a second, 95 s left)", "600 of 5100 (50 a second, 90 s left)"
    ]  # fmt: skip


def test_progress_on_a_terminal_is_one_line(clock: list[float]) -> None:
    """It is written over, and ends with the work."""
    stream = _Watched()
    progress = _progress.Progress(stream, clock=lambda: clock[0])
    progress(0, 4)
    clock[0] = 8.0
    progress(2, 4)
    progress(4, 4)

    assert stream.getvalue() == "\r0 of 4   \r2 of 4 (15 a minute, 8 s left)   \r4 of 4 (30 a minute)   \n"


def test_a_course_folder_may_be_named_from_here(
    three: Course, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """--course takes a relative path, as every command does."""
    monkeypatch.chdir(three.root.parent)

    assert Terminal(Path(three.root.name), capsys)("grade", EXERCISE) == 0
