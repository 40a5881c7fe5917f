"""``grade``: score what is new, without running a line of it."""

import argparse
import json
import sys
import time

from workstation_grader.cli._shared import Commands, add, course_of
from workstation_grader.seeds import SEED_NAME

__all__ = ["add_parsers"]


def add_parsers(commands: Commands) -> None:
    """Add the command to the command line."""
    grade = add(commands, "grade", _grade, "Grade what is new or changed, without running a line of it.")
    grade.epilog = f"Staged plans are tried on weeks drawn with the seed in the course folder's {SEED_NAME}."
    grade.add_argument("--student", metavar="ID", help="only this learner")
    grade.add_argument("--jobs", type=int, default=-1, metavar="N", help="worker processes (default: one a core)")
    grade.add_argument("--force", action="store_true", help="grade unchanged submissions again")
    grade.add_argument("--json", action="store_true", help="print the report as JSON")


class _Progress:
    """One line of progress on a terminal: how many, how fast, how long still."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._first: int | None = None

    def __call__(self, done: int, total: int) -> None:
        if self._first is None:
            self._first = done
        elapsed = time.monotonic() - self._began
        rate = (done - self._first) / elapsed if elapsed else 0.0
        left = f", {(total - done) / rate:.0f} s left" if rate and done < total else ""
        if sys.stderr.isatty():
            print(f"\r{done} of {total} ({rate:.0f} a second{left})   ", end="", file=sys.stderr, flush=True)
            if done == total:
                print(file=sys.stderr)


def _grade(arguments: argparse.Namespace) -> int:
    from workstation_grader.batch import grade_cohort

    course = course_of(arguments)
    report = grade_cohort(
        course,
        arguments.name,
        student=arguments.student,
        jobs=arguments.jobs,
        force=arguments.force,
        progress=_Progress(),
    )
    if arguments.json:
        print(json.dumps(vars(report), indent=1))
        return 0
    print(f"Graded {report.graded}, unchanged {report.unchanged}.")
    for student, _, message in report.problems:
        print(f"  {student}: {message}")
    if report.in_review:
        print(f"Waiting for a person (Formgrader shows them): {', '.join(report.in_review)}")
    return 0
