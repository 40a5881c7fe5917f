"""Work over this machine's cores: few processes unless more are asked for, and no more in memory than is soon taken."""

import joblib
import pytest
from grading_kit import EXERCISE

from workstation_grader import feedback, parallel
from workstation_grader.batch import grade_cohort
from workstation_grader.course import Course
from workstation_grader.parallel import CHUNKS_AHEAD, chunks_of, on_cores


class _Asked(Exception):
    """Carries how many workers were asked for."""


@pytest.mark.parametrize(
    ("cores", "jobs", "workers"), [(64, -1, parallel.MOST_BY_DEFAULT), (2, -1, 2), (64, 9, 9), (2, 0, 1)]
)
def test_how_many_workers(cores: int, jobs: int, workers: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """One a core, four at most, so that memory stays bounded on large machines; more where somebody says so."""

    def asked(*, n_jobs: int, **_: object) -> None:
        raise _Asked(n_jobs)

    monkeypatch.setattr(joblib, "cpu_count", lambda: cores)
    monkeypatch.setattr(joblib, "Parallel", asked)

    with pytest.raises(_Asked) as found:
        next(on_cores(len, [[1]], jobs=jobs))
    assert found.value.args == (workers,)


def test_work_is_read_as_it_is_needed() -> None:
    """A slow writer does not let the whole class pile up: only so many chunks are read ahead of it."""
    read = []

    def chunks() -> object:
        for number in range(100):
            read.append(number)
            yield [number]

    results = on_cores(sum, chunks(), jobs=1)
    first = next(results)

    assert first in read
    assert len(read) <= CHUNKS_AHEAD
    assert sorted([first, *results]) == list(range(100))


def test_chunks_are_cut_lazily() -> None:
    """Nothing is read before it is asked for."""
    numbers = iter(range(10))

    assert next(chunks_of(numbers, 3)) == [0, 1, 2]
    assert next(numbers) == 3


def test_pages_by_workers_are_those_of_one_process(
    course: Course, submit: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same pages and the same paths, however many write them."""
    for name in ("ada", "bob", "cy"):
        submit(name)
    grade_cohort(course, EXERCISE, jobs=1)
    place = (course.autograded, course.feedback, course.db_url, EXERCISE)
    alone = feedback.write_feedback(*place, jobs=1)
    texts = [page.read_bytes() for page in alone]
    for page in alone:
        page.unlink()
    monkeypatch.setattr(feedback, "PARALLEL_FROM", 2)
    monkeypatch.setattr(feedback, "BATCH", 1)
    seen: list[tuple[int, int]] = []

    pages = feedback.write_feedback(*place, jobs=2, progress=lambda done, total: seen.append((done, total)))

    assert pages == alone
    assert [page.read_bytes() for page in pages] == texts
    assert seen == [(1, 3), (2, 3), (3, 3)]
    assert feedback.write_feedback(*place[:4], ["bob"]) == [alone[1]]
