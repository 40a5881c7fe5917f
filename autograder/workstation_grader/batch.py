"""Grade a whole cohort: read and score in parallel, record with one writer, and go on where a run was interrupted.

Each submission is graded from its bytes alone, so workers share nothing. The writer commits a batch to the gradebook
first and puts its clean copies in place after that; a copy that is there says that its submission was recorded. Killed
in between, the next run grades those few again and comes to the same rows.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Literal

from workstation.errors import CohortError
from workstation_grader.backup import back_up
from workstation_grader.course import Course
from workstation_grader.grade import Graded, versions
from workstation_grader.late import assign_late_penalties
from workstation_grader.lms.extensions import read_extensions
from workstation_grader.marks import recorded, waiting
from workstation_grader.master import Master
from workstation_grader.moves import REGRADE_FILE, Move, moved_between, read_marks_of, read_moves
from workstation_grader.parallel import chunks_of, on_cores
from workstation_grader.record import Recorder, prepare_gradebook, write_autograded
from workstation_grader.sameness import evidence_digests, same_evidence
from workstation_grader.submission import NOTHING_DIGEST, read_files, read_submission
from workstation_grader.worker import Finished, grade_read, grade_some

BATCH = 50
PARALLEL_FROM = 400  # starting a worker takes a second, and so do eighty submissions
CLUSTER_BATCH = 10  # smaller, because it travels

Which = Literal["changed", "failed", "all"]


@dataclass(kw_only=True)
class Report:
    """What a grading run did, learner by learner."""

    graded: int = 0
    unchanged: int = 0
    in_review: list[str] = field(default_factory=list)  # who waits for a person now, whichever run found it
    problems: list[tuple[str, str, str]] = field(default_factory=list)  # student, code, message
    same_evidence: list[tuple[str, list[str]]] = field(default_factory=list)  # a file, and who handed it in
    set_aside: list[str] = field(default_factory=list)  # folders whose names no learner has
    moved: list[Move] = field(default_factory=list)  # what other versions changed, whichever run found it
    other_rubric: list[tuple[str, str]] = field(default_factory=list)  # student, the version that their grade is by

    def add(self, graded: Graded) -> None:
        """Count one graded submission."""
        self.graded += 1
        self.problems += [(graded.student, problem.code, problem.message) for problem in graded.problems]


def is_current(copy: Path, digest: str) -> bool:
    """Tell whether a clean copy was made from these very bytes under this rubric and program."""
    marks = read_marks_of(copy)
    return marks is not None and marks.get("submission_sha256") == digest and marks["versions"] == versions()


def has_failed(copy: Path) -> bool:
    """Tell whether the last grading of a submission met a problem, could not read it, or never was."""
    marks = read_marks_of(copy)
    return marks is None or bool(marks.get("problems")) or not marks.get("readable")


Work = list[tuple[Path, str]]  # folders and their learners


def _graded(work: Work, master: Master, jobs: int, seed: str | None, scheduler: str | None) -> Iterator[list[Finished]]:
    """Read and score, here, on this machine's cores, or on a cluster, as much as is worth its start."""
    if scheduler is not None:
        from workstation_grader.cluster import on_cluster

        each = (read_submission(folder, student=student, exercise=master.exercise) for folder, student in work)
        sent = chunks_of(each, CLUSTER_BATCH)
        yield from on_cluster(scheduler, partial(grade_read, master=master, seed=seed), sent)
        return
    chunks, grade = chunks_of(work, BATCH), partial(grade_some, master=master, seed=seed)
    yield from map(grade, chunks) if jobs == 1 or len(work) < PARALLEL_FROM else on_cores(grade, chunks, jobs=jobs)


def grade_cohort(
    course: Course,
    exercise: str,
    *,
    students: Sequence[str] = (),
    which: Which = "changed",
    jobs: int = -1,
    scheduler: str | None = None,
    backup: bool = True,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> Report:
    """Grade every submission of *exercise* that is new or changed, or others.

    Args:
        course: the opened course folder.
        exercise: the exercise's name.
        students: only these learners' submissions; empty for everybody's.
        which: ``changed`` leaves out what was graded with these very bytes by these versions; ``failed`` takes those
            whose last grading met a problem, could not read them, or never was; ``all`` takes all.
        jobs: worker processes; -1 is one a core, four at most.
        scheduler: the address of a Dask scheduler, whose workers then read and score in the place of this machine.
        backup: copy the gradebook first, where there is anything to grade.
        progress: called with how many are done and how many there are.

    Raises:
        CohortError: nothing was collected, or the exercise was never released into this course.
    """
    master = course.master(exercise)
    chosen = _chosen(course, exercise, students)
    report = Report(set_aside=course.unusable(exercise))
    evidence: dict[str, dict[str, str]] = {}  # digests by file name, by learner
    prepare_gradebook(course.db_url, course.course_id)
    work = _work(course, exercise, chosen, which, evidence)
    report.unchanged = len(chosen) - len(work)
    if work and backup:
        back_up(course.db_url, course.root)
    done = report.unchanged
    progress(done, len(chosen))
    with Recorder(course.db_url, exercise, read_extensions(course.root, exercise)) as recorder:
        for finished in _graded(work, master, jobs, course.seed, scheduler):
            _record(course, exercise, recorder, finished)
            for graded, _, files, _ in finished:
                report.add(graded)
                evidence[graded.student] = evidence_digests(files)
            done += len(finished)
            progress(done, len(chosen))
    report.problems.sort()
    report.same_evidence = same_evidence(evidence)
    report.in_review = [name for name in waiting(course.db_url, exercise) if name in set(chosen)]
    report.moved = [move for name in chosen for move in read_moves(course.autograded / name / exercise)]
    report.other_rubric = _of_other_rubric(course, exercise, {student for _, student in work})
    return report


def _chosen(course: Course, exercise: str, students: Sequence[str]) -> list[str]:
    """List whose submissions a run is about.

    Raises:
        CohortError: there is none, or none of somebody who was named.
    """
    there = course.submissions(exercise)
    missing = sorted(set(students) - set(there))
    if missing or not there:
        whose = f"from {', '.join(map(repr, missing))} " if missing else ""
        raise CohortError(
            f"No submission {whose}of {exercise!r} in {course.collected}. "
            f"Collect first: workstation-cohort collect {exercise}."
        )
    return [name for name in there if name in set(students)] if students else there


def _copy_of(course: Course, exercise: str, student: str) -> Path:
    return course.autograded / student / exercise / f"{exercise}.ipynb"


def _work(
    course: Course, exercise: str, chosen: Sequence[str], which: Which, evidence: dict[str, dict[str, str]]
) -> Work:
    """Leave out what need not be graded; note in *evidence* what the changed ones' look showed."""
    work = [(course.collected / name / exercise, name) for name in chosen]
    if which == "changed":
        return _changed(course, exercise, work, evidence)
    return [pair for pair in work if which == "all" or has_failed(_copy_of(course, exercise, pair[1]))]


def _changed(course: Course, exercise: str, work: Work, evidence: dict[str, dict[str, str]]) -> Work:
    """Leave out what is graded already; note in *evidence* what each learner handed in."""
    changed, known = [], recorded(course.db_url, exercise)
    for folder, student in work:
        read = read_files(folder, exercise=exercise)
        evidence[student] = evidence_digests(dict(read.carried) if read else {})
        digest = read.digest if read else NOTHING_DIGEST
        if student not in known or not is_current(_copy_of(course, exercise, student), digest):
            changed.append((folder, student))
    return changed


def _of_other_rubric(course: Course, exercise: str, graded: set[str]) -> list[tuple[str, str]]:
    """List whose grade is still by another version of the rubric, and which."""
    found, now = [], versions()["rubric"]
    for student in course.submissions(exercise):
        marks = None if student in graded else read_marks_of(_copy_of(course, exercise, student))
        if marks is not None and marks["versions"].get("rubric") != now:
            found.append((student, str(marks["versions"].get("rubric"))))
    return found


def _record(course: Course, exercise: str, recorder: Recorder, finished: Sequence[Finished]) -> None:
    recorder.record([(graded, stamp) for graded, stamp, _, _ in finished])
    _assign_late_penalties(course, exercise, recorder.late([graded.student for graded, *_ in finished]))
    for graded, _, files, notebook in finished:
        folder = course.autograded / graded.student / exercise
        moved = moved_between(folder, exercise, graded.student, notebook)
        kept = files if moved is None else {**files, REGRADE_FILE: moved}
        write_autograded(folder, exercise, kept, notebook)


def _assign_late_penalties(course: Course, exercise: str, students: Sequence[str]) -> None:
    """Record what coming late costs, after the scores: the plugin asks for them."""
    assign_late_penalties(course, exercise, students)


def reconsider_lateness(course: Course, exercise: str, students: Sequence[str]) -> None:
    """Work out anew what coming late costs *students*, after an extension was given or taken back."""
    with Recorder(course.db_url, exercise) as recorder:
        _assign_late_penalties(course, exercise, recorder.late(students))
