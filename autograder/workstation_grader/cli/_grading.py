"""``grade``: score what is new, without running a line of it."""

import argparse
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING

from workstation_grader.cli._progress import Progress
from workstation_grader.cli._shared import JOBS, Commands, add, count, course_of
from workstation_grader.seeds import SEED_NAME

if TYPE_CHECKING:
    from workstation_grader.batch import Report

__all__ = ["add_parsers"]

MOST_LISTED = 10  # learners in a list of the text report; --json has all
WHICH = {
    "--changed": ("changed", "what is new or changed, or was graded by other versions (the default)"),
    "--failed": ("failed", "those whose last grading met a problem or could not read them, changed or not"),
    "--force": ("all", "everybody's, unchanged submissions too"),
}


def add_parsers(commands: Commands) -> None:
    """Add the command to the command line."""
    grade = add(commands, "grade", _grade, "Grade what is new or changed, without running a line of it.")
    grade.epilog = f"Staged plans are tried on weeks drawn with the seed in the course folder's {SEED_NAME}."
    grade.add_argument(
        "--student", action="append", default=[], metavar="ID", help="only this learner; may be repeated"
    )
    which = grade.add_mutually_exclusive_group()
    for option, (value, text) in WHICH.items():
        which.add_argument(option, action="store_const", const=value, dest="which", default="changed", help=text)
    grade.add_argument("--jobs", **JOBS)
    text = "use the workers of the Dask scheduler at this address, such as tcp://10.0.0.5:8786; submissions are sent"
    grade.add_argument("--scheduler", metavar="ADDRESS", help=text)
    grade.add_argument("--no-backup", action="store_true", help="make no copy of the gradebook first")
    grade.add_argument("--json", action="store_true", help="print the report as JSON")


def _grade(arguments: argparse.Namespace) -> int:
    from workstation_grader.alone import alone
    from workstation_grader.batch import grade_cohort
    from workstation_grader.insight.words import shown

    course = course_of(arguments)
    with alone(course, f"grade {arguments.name}"):
        report = grade_cohort(
            course,
            arguments.name,
            students=arguments.student,
            which=arguments.which,
            jobs=arguments.jobs,
            scheduler=arguments.scheduler,
            backup=not arguments.no_backup,
            progress=Progress(),
        )
    if arguments.json:
        print(json.dumps(asdict(report), indent=1))
        return 0
    print(f"Graded {report.graded}, unchanged {report.unchanged}.")
    for student, _, message in report.problems:
        print(f"  {shown(student)}: {shown(message)}")
    for name, learners in report.same_evidence:
        print(f"  {' and '.join(map(shown, learners))}: {shown(name)} is one and the same file; ask whose it is.")
    for name in report.set_aside:
        print(f"  {name[:80]!a}: no learner has such a name; nothing in that folder was graded.")
    print("".join(f"{line}\n" for line in _about_rubric(report, arguments.name)), end="")
    if report.in_review:
        print(f"Waiting for a person (Formgrader shows them): {', '.join(report.in_review)}")
    return 0


def _about_rubric(report: "Report", exercise: str) -> Iterator[str]:
    """Say whose scores a change of the rubric moved, in the run that grades them, and who is still under another."""
    from workstation_grader.insight.words import shown

    if report.moved and report.graded:
        learners = Counter(move.student for move in report.moved)
        yield f"Other versions of rubric or program moved something for {count(len(learners), 'learner')}:"
        listed = set(list(learners)[:MOST_LISTED])
        yield from (f"  {shown(move.student)}: {move.told()}" for move in report.moved if move.student in listed)
        yield from _rest(len(learners))
    if report.other_rubric:
        many = count(len(report.other_rubric), "learner")
        yield f"Still graded by another version of the rubric: {many}; bring up to date: grade {exercise}."
        yield from (
            f"  {shown(student)}: rubric {shown(version)}" for student, version in report.other_rubric[:MOST_LISTED]
        )
        yield from _rest(len(report.other_rubric))


def _rest(number: int) -> Iterator[str]:
    if number > MOST_LISTED:
        yield f"  and {number - MOST_LISTED} more; --json lists all."
