"""Grade a whole cohort: read and score in parallel, record with one writer, and go on where a run was interrupted.

Each submission is graded from its bytes alone, so workers share nothing. The writer commits a batch to the gradebook
first and puts its clean copies in place after that; a copy that is there says that its submission was recorded. Killed
in between, the next run grades those few again and comes to the same rows.
"""

import itertools
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from workstation.errors import CohortError
from workstation_grader.backup import back_up
from workstation_grader.course import Course
from workstation_grader.grade import Graded, versions
from workstation_grader.late import assign_late_penalties
from workstation_grader.lms.extensions import read_extensions
from workstation_grader.marks import recorded, waiting
from workstation_grader.master import Master
from workstation_grader.record import Recorder, prepare_gradebook, write_autograded
from workstation_grader.sameness import evidence_digests, same_evidence
from workstation_grader.submission import read_submission
from workstation_grader.worker import Finished, grade_some, stay_with_parent

BATCH = 50
PARALLEL_FROM = 200  # below this, starting worker processes costs more than it saves


@dataclass(kw_only=True)
class Report:
    """What a grading run did, learner by learner."""

    graded: int = 0
    unchanged: int = 0
    in_review: list[str] = field(default_factory=list)  # who waits for a person now, whichever run found it
    problems: list[tuple[str, str, str]] = field(default_factory=list)  # student, code, message
    same_evidence: list[tuple[str, list[str]]] = field(default_factory=list)  # a file, and who handed it in
    set_aside: list[str] = field(default_factory=list)  # folders whose names no learner has

    def add(self, graded: Graded) -> None:
        """Count one graded submission."""
        self.graded += 1
        self.problems += [(graded.student, problem.code, problem.message) for problem in graded.problems]


def is_current(copy: Path, digest: str) -> bool:
    """Tell whether a clean copy was made from these very bytes under this rubric and program."""
    try:
        marks = json.loads(copy.read_text(encoding="utf-8"))["metadata"]["workstation"]
    except (OSError, ValueError, KeyError, TypeError):
        return False
    return bool(marks.get("submission_sha256") == digest and marks.get("versions") == versions())


def _chunks(items: Iterable[Any], size: int) -> Iterator[list[Any]]:
    iterator = iter(items)
    while chunk := list(itertools.islice(iterator, size)):
        yield chunk


def _graded(work: Sequence[tuple[Path, str]], master: Master, jobs: int, seed: str | None) -> Iterator[list[Finished]]:
    chunks = list(_chunks(work, BATCH))
    if jobs == 1 or len(work) < PARALLEL_FROM:
        yield from (grade_some(chunk, master, seed) for chunk in chunks)
        return
    try:
        from joblib import Parallel, delayed
    except ImportError:
        raise CohortError(
            "Grading in parallel needs joblib. Install it with: pip install 'home-ai-workstation[instructor]', "
            "or grade with --jobs 1."
        ) from None
    runner = Parallel(n_jobs=jobs, return_as="generator_unordered", initializer=stay_with_parent)
    yield from runner(delayed(grade_some)(chunk, master, seed) for chunk in chunks)


def grade_cohort(
    course: Course,
    exercise: str,
    *,
    student: str | None = None,
    jobs: int = -1,
    force: bool = False,
    backup: bool = True,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> Report:
    """Grade every submission of *exercise* that is new or changed, or all of them with *force*.

    Args:
        course: the opened course folder.
        exercise: the exercise's name.
        student: only this learner's submission.
        jobs: worker processes; -1 is one a core.
        force: grade unchanged submissions too.
        backup: copy the gradebook first, where there is anything to grade.
        progress: called with how many are done and how many there are.

    Raises:
        CohortError: nothing was collected, or the exercise was never released into this course.
    """
    master = course.master(exercise)
    students = course.submissions(exercise, student)
    if not students:
        whose = f"from {student!r} " if student else ""
        raise CohortError(
            f"No submission {whose}of {exercise!r} in {course.collected}. "
            f"Collect first: workstation-cohort collect {exercise}."
        )
    report = Report(set_aside=course.unusable(exercise))
    evidence: dict[str, dict[str, str]] = {}  # digests by file name, by learner
    work = [(course.collected / name / exercise, name) for name in students]
    prepare_gradebook(course.db_url, course.course_id)
    if not force:
        work, report.unchanged = _changed(course, exercise, work, evidence)
    if work and backup:
        back_up(course.db_url, course.root)
    done = report.unchanged
    progress(done, len(students))
    with Recorder(course.db_url, exercise, read_extensions(course.root, exercise)) as recorder:
        for finished in _graded(work, master, jobs, course.seed):
            _record(course, exercise, recorder, finished)
            for graded, _, files, _ in finished:
                report.add(graded)
                evidence[graded.student] = evidence_digests(files)
            done += len(finished)
            progress(done, len(students))
    report.problems.sort()
    report.same_evidence = same_evidence(evidence)
    chosen = set(students)
    report.in_review = [name for name in waiting(course.db_url, exercise) if name in chosen]
    return report


def _changed(
    course: Course, exercise: str, work: list[tuple[Path, str]], evidence: dict[str, dict[str, str]]
) -> tuple[list[tuple[Path, str]], int]:
    """Leave out what is graded already; note in *evidence* what each learner handed in."""
    changed, known = [], recorded(course.db_url, exercise)
    for folder, student in work:
        read = read_submission(folder, student=student, exercise=exercise)
        evidence[student] = evidence_digests(dict(read.carried))
        copy = course.autograded / student / exercise / f"{exercise}.ipynb"
        if student not in known or not is_current(copy, read.digest):
            changed.append((folder, student))
    return changed, len(work) - len(changed)


def _record(course: Course, exercise: str, recorder: Recorder, finished: Sequence[Finished]) -> None:
    recorder.record([(graded, stamp) for graded, stamp, _, _ in finished])
    _assign_late_penalties(course, exercise, recorder.late([graded.student for graded, *_ in finished]))
    for graded, _, files, notebook in finished:
        write_autograded(course.autograded / graded.student / exercise, exercise, files, notebook)


def _assign_late_penalties(course: Course, exercise: str, students: Sequence[str]) -> None:
    """Record what coming late costs, after the scores: the plugin asks for them."""
    assign_late_penalties(course, exercise, students)


def reconsider_lateness(course: Course, exercise: str, students: Sequence[str]) -> None:
    """Work out anew what coming late costs *students*, after an extension was given or taken back."""
    with Recorder(course.db_url, exercise) as recorder:
        _assign_late_penalties(course, exercise, recorder.late(students))
