"""``feedback``, ``export``, ``score`` and ``rubric``: what comes out."""

import argparse
import io
import json
import sys
from pathlib import Path

from workstation.outputs import new_file, write_new
from workstation_grader.cli._shared import Commands, add, count, course_of, nothing_graded, require_known

__all__ = ["add_parsers"]


def add_parsers(commands: Commands) -> None:
    """Add the commands to the command line."""
    feedback = add(commands, "feedback", _feedback, "Write the learners' feedback pages.")
    feedback.add_argument("--student", metavar="ID", help="only this learner")
    feedback.add_argument("--release", action="store_true", help="release them through the exchange as well")
    export = add(commands, "export", _export, "Write one row a learner with a column a criterion, as CSV.")
    export.add_argument("--to", type=Path, metavar="FILE", help="the file to write (default: standard output)")
    rubric = add(commands, "rubric", _rubric, "Print the rubric, made from the catalogue, as Markdown or as a page.")
    rubric.add_argument("--to", type=Path, metavar="FILE", help="write a page for printing, such as rubric.html")
    score = add(commands, "score", _score, "Score answers given as JSON lines; criteria come out as JSON lines.")
    score.epilog = "No course is opened: staged plans are tried on the open half-years."
    score.add_argument("--jsonl", type=Path, required=True, metavar="FILE", help='the lines, or "-" for standard input')


def _feedback(arguments: argparse.Namespace) -> int:
    from workstation_grader.feedback import write_feedback

    course = course_of(arguments)
    course.master(arguments.name)
    pages = write_feedback(course.autograded, course.feedback, course.db_url, arguments.name, arguments.student)
    if not pages:
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
    return 0


def _export(arguments: argparse.Namespace) -> int:
    from workstation_grader.export import rows, write_csv

    course = course_of(arguments)
    course.master(arguments.name)
    place = None if arguments.to is None else new_file(arguments.to, option="--to")
    found = rows(course, arguments.name)
    if not found:
        raise nothing_graded(arguments.name)
    if place is None:
        write_csv(found, sys.stdout)
        return 0
    text = io.StringIO()
    write_csv(found, text)
    write_new(place, text.getvalue().encode(), option="--to")
    print(f"Wrote {count(len(found), 'learner')} to {place}.")
    return 0


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
