"""``collect``, ``roster`` and ``extensions``: bring submissions in, and say whose they are and who has longer."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from workstation.errors import CohortError
from workstation_grader.cli._shared import Commands, add, count, course_of

if TYPE_CHECKING:
    from workstation_grader.course import Course
    from workstation_grader.lms.roster import Roster
    from workstation_grader.transfer import Collected, Counting

__all__ = ["add_parsers"]

SHOWN = 10


def add_parsers(commands: Commands) -> None:
    """Add the commands to the command line."""
    collect = add(commands, "collect", _collect, "Collect submissions from the exchange, or from zips.")
    collect.add_argument(
        "--zips",
        type=Path,
        metavar="PLACE",
        help="a folder of zips named ID__anything.zip or as Canvas or Moodle name them, or their bulk download itself",
    )
    collect.add_argument(
        "--map",
        type=Path,
        metavar="FILE",
        help="a CSV that says whose what is in quarantine: a roster, or a table with the columns file and id",
    )
    text = "Import the class from a CSV: your own list, Canvas' gradebook export, or Moodle's participants."
    roster = add(commands, "roster", _roster, text, takes_name=False)
    roster.add_argument("file", type=Path, metavar="FILE", help="the CSV; it needs a column with the course's ids")
    text = "Give learners longer, from a CSV with the columns id and days, hours or until; 0 takes it back."
    extensions = add(commands, "extensions", _extensions, text)
    extensions.add_argument("file", type=Path, metavar="FILE", help="the CSV; a column exercise chooses among several")


def _collect(arguments: argparse.Namespace) -> int:
    from workstation_grader import transfer
    from workstation_grader.alone import FROM_EXCHANGE, alone
    from workstation_grader.insight.words import unseen_marked

    course = course_of(arguments)
    course.master(arguments.name)
    if arguments.map is None and arguments.zips is None:
        with alone(course, f"collect {arguments.name} {FROM_EXCHANGE}"):
            found = transfer.collect_from_exchange(course, arguments.name)
        there = f"{count(len(found.students), 'submission')} of {arguments.name!r}"
        print(f"Collected from the exchange; in {course.collected} there is now: {there}.")
    else:
        with alone(course, f"collect {arguments.name}"):
            files = None if arguments.map is None else _map(course, arguments.map, arguments.name)
            found = transfer.collect_from_zips(course, arguments.name, arguments.zips, files)
        print(f"Collected into {course.collected}: {count(len(found.students), 'submission')} of {arguments.name!r}.")
    for line in _lines(found, arguments.name):
        print(unseen_marked(line))
    return 1 if found.refused or found.unknown else 0


def _map(course: "Course", path: Path, exercise: str) -> dict[str, str] | None:
    """Learn from a table whose what is: single files, or people by their platform's numbers."""
    from workstation_grader.lms.roster import parse_roster
    from workstation_grader.lms.tables import read_table
    from workstation_grader.transfer import files_told

    table = read_table(path)
    files = files_told(table)
    if files is None:
        _import(course, parse_roster(table, exercise))
    return files


def _lines(found: "Collected", exercise: str) -> list[str]:
    lines = [
        *(f"  {entry.student}: {_which(entry)}" for entry in found.counting),
        *(f"  older than what counts, kept beside it: {name}" for name in found.kept),
        *(f"  late: {student}: {why}" for student, why in sorted(found.late)),
        *(f"  set aside: {name}: {reason}" for name, reason in found.refused),
        *(f"  nobody's yet, kept in quarantine: {name}: {reason}" for name, reason in found.unknown),
        *(f"  look again: {note}" for note in found.notes),
    ]
    if found.unknown:
        lines.append(f"Say whose they are: workstation-cohort collect {exercise} --map FILE (see --help).")
    return lines


def _which(entry: "Counting") -> str:
    """Say which zip counts for a learner, and how that compares with the last time."""
    counts = f"{entry.file or 'what was collected before'}, of {entry.stamp:%Y-%m-%d %H:%M} UTC"
    if not entry.here:
        return f"{counts}, still counts; it is not among these zips"
    if entry.before == entry.file:
        return f"{counts}, as before"
    return f"{counts}; before, {entry.before} counted" if entry.before else counts


def _roster(arguments: argparse.Namespace) -> int:
    from workstation_grader.alone import alone
    from workstation_grader.lms.roster import parse_roster
    from workstation_grader.lms.tables import read_table

    course = course_of(arguments)
    roster = parse_roster(read_table(arguments.file))
    with alone(course, "roster"):
        return _import(course, roster)


def _import(course: "Course", roster: "Roster") -> int:
    """Import people, and say who is new, what changed, and which lines said nothing."""
    from workstation_grader.lms.roster import import_roster
    from workstation_grader.record import prepare_gradebook

    if not roster.people:
        raise CohortError(_nobody(roster))
    prepare_gradebook(course.db_url, course.course_id)
    new, changed = import_roster(course.root, course.db_url, roster)
    same = len(roster.people) - len(new) - len(changed)
    print(f"Roster: {count(len(new), 'new learner')}, {len(changed)} changed, {same} as before.")
    for line, why in roster.refused:
        print(f"  left out: line {line}: {why}")
    for note in roster.notes:
        print(f"  look again: {note}")
    return 1 if roster.refused else 0


def _nobody(roster: "Roster") -> str:
    reasons = "; ".join(f"line {line}: {why}" for line, why in roster.refused[:SHOWN])
    return f"There is nobody in this roster{': ' + reasons if reasons else ''}. Nothing was changed."


def _extensions(arguments: argparse.Namespace) -> int:
    from workstation_grader.alone import alone
    from workstation_grader.batch import reconsider_lateness
    from workstation_grader.lms.extensions import apply_extensions, parse_extensions, read_deadlines
    from workstation_grader.lms.tables import read_table

    course = course_of(arguments)
    course.master(arguments.name)
    table = read_table(arguments.file)
    due = read_deadlines(course.root, course.db_url, arguments.name).due
    found = parse_extensions(table, arguments.name, due)
    with alone(course, f"extensions {arguments.name}"):
        there = apply_extensions(course.root, course.db_url, arguments.name, found.given)
        reconsider_lateness(course, arguments.name, there)
    print(f"{count(len(found.given), 'extension')} kept for {arguments.name!r}; in the gradebook now: {len(there)}.")
    if len(there) < len(found.given):
        print("  The others follow when a submission is recorded.")
    if due is None:
        print("  No due date is set: set one in Formgrader, else nobody is late.")
    for line, why in found.refused:
        print(f"  left out: line {line}: {why}")
    return 1 if found.refused else 0
