"""``feedback``, ``export``, ``score`` and ``rubric``: what comes out."""

import argparse
import io
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from workstation.errors import CohortError
from workstation.outputs import new_file, write_new
from workstation_grader.cli._progress import Progress
from workstation_grader.cli._shared import JOBS, Commands, add, count, course_of, nothing_graded, require_known

if TYPE_CHECKING:
    from workstation_grader.course import Course

__all__ = ["add_parsers"]


def add_parsers(commands: Commands) -> None:
    """Add the commands to the command line."""
    feedback = add(commands, "feedback", _feedback, "Write the learners' feedback pages.")
    feedback.add_argument("--student", action="append", default=[], metavar="ID", help="only this learner; repeatable")
    feedback.add_argument("--jobs", **JOBS)
    feedback.add_argument("--release", action="store_true", help="release them through the exchange as well")
    export = add(
        commands, "export", _export, "Write the grades as CSV: by criterion, or as Canvas or Moodle import them."
    )
    export.add_argument("--to", type=Path, metavar="FILE", help="the file to write (default: standard output)")
    export.add_argument("--format", choices=("csv", "canvas", "moodle"), default="csv", help="(default: %(default)s)")
    export.add_argument(
        "--into", type=Path, metavar="FILE", help="fill in Canvas' gradebook export or Moodle's grading worksheet"
    )
    export.add_argument("--title", metavar="TITLE", help="what the platform calls the assignment")
    export.add_argument("--per-criterion", action="store_true", help="for a platform: each criterion as well")
    rubric = add(commands, "rubric", _rubric, "Print the rubric, made from the catalogue, as Markdown or as a page.")
    rubric.add_argument("--to", type=Path, metavar="FILE", help="write a page for printing, such as rubric.html")
    score = add(commands, "score", _score, "Score answers given as JSON lines; criteria come out as JSON lines.")
    score.epilog = "No course is opened: staged plans are tried on the open half-years."
    score.add_argument("--jsonl", type=Path, required=True, metavar="FILE", help='the lines, or "-" for standard input')


def _feedback(arguments: argparse.Namespace) -> int:
    from workstation_grader.alone import alone
    from workstation_grader.feedback import refuse_leaking_pages, write_feedback
    from workstation_grader.leaks import Leak, secrets_of_course

    withheld: list[Leak] = []
    course = course_of(arguments)
    course.master(arguments.name)
    with alone(course, f"feedback {arguments.name}"):
        pages = write_feedback(
            course.autograded, course.feedback, course.db_url, arguments.name, arguments.student,
            secrets=secrets_of_course(course, arguments.name), withheld=withheld,
            jobs=arguments.jobs, progress=Progress(),
        )  # fmt: skip
    if not pages and not withheld:
        raise nothing_graded(arguments.name, arguments.student)
    print(f"Wrote {count(len(pages), 'feedback page')} in {course.feedback}.")
    if arguments.release:
        from workstation_grader.exchange import release_feedback

        released = release_feedback(course, arguments.name)
        if released:
            print(f"Released {count(len(released), 'page')} to the exchange; learners fetch theirs in Assignment List.")
        others = len(pages) - len(released)
        if others > 0:
            print(f"Send {count(others, 'page')} to the learners yourself: what came as a zip goes back no other way.")
    refuse_leaking_pages(withheld)
    return 0


def _export(arguments: argparse.Namespace) -> int:
    course = course_of(arguments)
    course.master(arguments.name)
    place = None if arguments.to is None else new_file(arguments.to, option="--to")
    text, written, notes = _exported(course, arguments)
    if not written and notes and arguments.into is not None:
        raise CohortError(f"No line of {arguments.into} is a graded learner's. {notes[0]}. Import the roster first.")
    if not written:
        raise nothing_graded(arguments.name)
    if place is None:
        sys.stdout.write(text)
    else:
        write_new(place, text.encode(), option="--to")
        print(f"Wrote {count(written, 'learner')} to {place}.")
    for note in notes:
        print(f"  look again: {note}", file=sys.stderr if place is None else sys.stdout)
    return 0


def _exported(course: "Course", arguments: argparse.Namespace) -> tuple[str, int, Sequence[str]]:
    """Give what is exported as text, how many learners are in it, and what to look at again."""
    from workstation_grader.export import for_platform, rows, write_csv, write_lines

    text = io.StringIO(newline="")
    if arguments.format == "csv":
        if arguments.into is not None:
            raise CohortError(
                "--into fills in a platform's own file: say whose with --format canvas or --format moodle."
            )
        found = rows(course, arguments.name)
        write_csv(found, text)
        return text.getvalue(), len(found), ()
    from workstation_grader.lms.tables import read_table

    into = None if arguments.into is None else read_table(arguments.into)
    filled = for_platform(
        course,
        arguments.name,
        arguments.format,
        into=into,
        title=arguments.title,
        per_criterion=arguments.per_criterion,
    )
    write_lines(filled.lines, text, into.separator if into else ",")
    return text.getvalue(), filled.written, filled.notes


def _rubric(arguments: argparse.Namespace) -> int:
    from workstation.answers.score import exercise_of
    from workstation_grader.rubric import rubric_html, rubric_markdown

    exercise = exercise_of(arguments.name)
    if arguments.to is None:
        print(rubric_markdown(exercise), end="")
        return 0
    place = new_file(arguments.to, option="--to")
    write_new(place, rubric_html(exercise).encode(), option="--to")
    print(f"Wrote the rubric of {exercise.id} to {place}.")
    return 0


def _score(arguments: argparse.Namespace) -> int:
    from workstation_grader.jsonl import score_lines

    require_known(arguments.name)
    source = sys.stdin if str(arguments.jsonl) == "-" else arguments.jsonl.open(encoding="utf-8", errors="replace")
    failed = False
    with source:
        for result in score_lines(source, arguments.name):
            failed = failed or "error" in result
            print(json.dumps(result, ensure_ascii=False))
    return 1 if failed else 0
