"""Grading a cohort: the same result however many workers, however often it was interrupted."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from grading_kit import BOTH, EXERCISE

from workstation.errors import CohortError
from workstation_grader import batch
from workstation_grader.batch import grade_cohort
from workstation_grader.course import Course
from workstation_grader.marks import Marks, read_marks


def _state(course: Course) -> tuple[dict[str, Marks], dict[str, bytes]]:
    """The gradebook's marks and the clean copies."""
    copies = {
        path.relative_to(course.root).as_posix(): path.read_bytes() for path in course.autograded.rglob("*.ipynb")
    }
    return read_marks(course.db_url, EXERCISE), copies


@pytest.fixture
def six(submit: Callable[..., Path], model: dict[str, str]) -> None:
    """Six submissions: full, partial, without evidence, and again."""
    for number in range(2):
        submit(f"full-{number}")
        submit(f"part-{number}", answers=model | {"workload": "AI work"})
        submit(f"bare-{number}", machine=None)


@pytest.mark.usefixtures("six")
@BOTH
def test_workers_give_what_one_process_gives(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two worker processes, in small chunks, leave the same marks and the same files as none."""
    grade_cohort(course, EXERCISE, jobs=1)
    alone = _state(course)
    monkeypatch.setattr(batch, "PARALLEL_FROM", 2)
    monkeypatch.setattr(batch, "BATCH", 2)

    report = grade_cohort(course, EXERCISE, jobs=2, which="all")

    assert report.graded == 6
    assert _state(course) == alone


@pytest.mark.usefixtures("six")
@BOTH
def test_an_interrupted_run_goes_on(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stopped after recording and before the copies were written, the next run comes to the same state."""
    grade_cohort(course, EXERCISE, jobs=1)
    whole = _state(course)
    for path in course.autograded.rglob("*.ipynb"):
        path.unlink()
    monkeypatch.setattr(batch, "BATCH", 2)
    written = iter(range(3))

    def stop(*arguments: object) -> None:
        if next(written, None) is None:
            raise KeyboardInterrupt
        original(*arguments)

    original = batch.write_autograded
    monkeypatch.setattr(batch, "write_autograded", stop)
    with pytest.raises(KeyboardInterrupt):
        grade_cohort(course, EXERCISE, jobs=1)
    monkeypatch.setattr(batch, "write_autograded", original)

    report = grade_cohort(course, EXERCISE, jobs=1)

    assert (report.graded, report.unchanged) == (3, 3)
    assert _state(course) == whole


@pytest.mark.usefixtures("six")
def test_without_joblib_there_is_a_way_on(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message names the package to install and the option that needs none."""
    monkeypatch.setattr(batch, "PARALLEL_FROM", 2)
    monkeypatch.setitem(sys.modules, "joblib", None)

    with pytest.raises(CohortError, match=r"joblib.*--jobs 1"):
        grade_cohort(course, EXERCISE, jobs=2)


@pytest.mark.usefixtures("six")
@BOTH
def test_one_learner_alone(course: Course) -> None:
    """--student grades one and leaves the others."""
    assert grade_cohort(course, EXERCISE, students=["full-0"]).graded == 1
    assert set(read_marks(course.db_url, EXERCISE)) == {"full-0"}
    with pytest.raises(CohortError, match="'nobody'"):
        grade_cohort(course, EXERCISE, students=["nobody"])


@pytest.mark.usefixtures("six")
def test_progress_counts_to_the_end(course: Course) -> None:
    """Progress tells how many are done of how many, and ends at all."""
    seen: list[tuple[int, int]] = []

    grade_cohort(course, EXERCISE, progress=lambda done, total: seen.append((done, total)))

    assert seen[0] == (0, 6)
    assert seen[-1] == (6, 6)


def test_a_worker_loads_no_nbgrader() -> None:
    """Worker processes start fast because what they run imports neither nbgrader nor a database."""
    code = (
        "import sys, workstation_grader.worker; print(sorted({'nbgrader', 'sqlalchemy', 'IPython'} & set(sys.modules)))"
    )

    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout

    assert found == "[]\n"
