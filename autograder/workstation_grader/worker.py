"""What a worker process does: read, score, serialise. It imports no nbgrader, which alone would take it seconds."""

from collections.abc import Sequence
from pathlib import Path

from workstation_grader.grade import Graded, grade_submission, to_json
from workstation_grader.master import Master
from workstation_grader.submission import read_submission

Finished = tuple[Graded, str | None, dict[str, bytes], bytes]  # what was graded, its time stamp, its files, its copy


def grade_folder(folder: Path, student: str, master: Master, seed: str | None = None) -> Finished:
    """Grade one submission folder; *seed* draws the weeks that plans are tried on."""
    submission = read_submission(folder, student=student, exercise=master.exercise)
    graded = grade_submission(submission, master, seed)
    return graded, submission.timestamp, dict(submission.carried), to_json(graded.notebook)


def grade_some(work: Sequence[tuple[Path, str]], master: Master, seed: str | None = None) -> list[Finished]:
    """Grade a chunk of (folder, student) pairs; one task of a worker."""
    return [grade_folder(folder, student, master, seed) for folder, student in work]
