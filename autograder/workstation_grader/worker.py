"""What a worker process does: read, score, serialise. It imports no nbgrader, which alone would take it seconds."""

import os
import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import psutil

from workstation_grader.grade import Graded, grade_submission, to_json
from workstation_grader.master import Master
from workstation_grader.submission import Submission, read_submission

PARENT_CHECK_SECONDS = 0.5
_NEVER = threading.Event()

Finished = tuple[Graded, str | None, dict[str, bytes], bytes]  # what was graded, its time stamp, its files, its copy


def grade_folder(folder: Path, student: str, master: Master, seed: str | None = None) -> Finished:
    """Grade one submission folder; *seed* draws the weeks that plans are tried on."""
    return grade_one(read_submission(folder, student=student, exercise=master.exercise), master, seed)


def grade_one(submission: Submission, master: Master, seed: str | None = None) -> Finished:
    """Grade what one learner handed in, wherever it was read; the notebook comes as bytes only, once."""
    graded = grade_submission(submission, master, seed)
    copy = to_json(graded.notebook)
    return replace(graded, notebook={}), submission.timestamp, dict(submission.carried), copy


def grade_some(work: Sequence[tuple[Path, str]], master: Master, seed: str | None = None) -> list[Finished]:
    """Grade a chunk of (folder, student) pairs; one task of a worker of this machine."""
    return [grade_folder(folder, student, master, seed) for folder, student in work]


def grade_read(work: Sequence[Submission], master: Master, seed: str | None = None) -> list[Finished]:
    """Grade a chunk of submissions that were read elsewhere; one task of a cluster's worker."""
    return [grade_one(submission, master, seed) for submission in work]


def stay_with_parent() -> None:
    """End this worker process soon after the one that started it, however that ended; for a process's beginning.

    Killed, a parent cannot tell its workers to go, and they would wait minutes for work.
    """
    parent = os.getppid()
    threading.Thread(target=_leave_with, args=[parent], daemon=True).start()


def _leave_with(parent: int) -> None:
    try:
        process = psutil.Process(parent)
    except psutil.NoSuchProcess:  # gone already
        os._exit(1)
    while os.getppid() == parent and process.is_running():  # the first tells on POSIX, the second on Windows
        _NEVER.wait(PARENT_CHECK_SECONDS)
    os._exit(1)
