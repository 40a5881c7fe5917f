"""``collect``: bring submissions in, and say of each learner which zip counts."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from workstation_grader.cli._shared import Commands, add, count, course_of

if TYPE_CHECKING:
    from workstation_grader.transfer import Collected, Counting

__all__ = ["add_parsers"]


def add_parsers(commands: Commands) -> None:
    """Add the command to the command line."""
    collect = add(commands, "collect", _collect, "Collect submissions from the exchange, or from a folder of zips.")
    collect.add_argument("--zips", type=Path, metavar="DIR", help="a folder of zips named ID__anything.zip")


def _collect(arguments: argparse.Namespace) -> int:
    from workstation_grader import transfer
    from workstation_grader.alone import FROM_EXCHANGE, alone

    course = course_of(arguments)
    course.master(arguments.name)
    if arguments.zips is not None:
        with alone(course, f"collect {arguments.name}"):
            found = transfer.collect_from_zips(course, arguments.name, arguments.zips)
        print(f"Collected into {course.collected}: {count(len(found.students), 'submission')} of {arguments.name!r}.")
    else:
        with alone(course, f"collect {arguments.name} {FROM_EXCHANGE}"):
            found = transfer.collect_from_exchange(course, arguments.name)
        there = f"{count(len(found.students), 'submission')} of {arguments.name!r}"
        print(f"Collected from the exchange; in {course.collected} there is now: {there}.")
    print("\n".join(_lines(found)), end="\n" if _lines(found) else "")
    return 1 if found.refused else 0


def _lines(found: "Collected") -> list[str]:
    return [
        *(f"  {entry.student}: {_which(entry)}" for entry in found.counting),
        *(f"  older than what counts, left alone: {name}" for name in found.kept),
        *(f"  set aside: {name}: {reason}" for name, reason in found.refused),
        *(f"  look again: {note}" for note in found.notes),
    ]


def _which(entry: "Counting") -> str:
    """Say which zip counts for a learner, and how that compares with the last time."""
    counts = f"{entry.file or 'what was collected before'}, of {entry.stamp:%Y-%m-%d %H:%M} UTC"
    if not entry.here:
        return f"{counts}, still counts; it is not in this folder any more"
    if entry.before == entry.file:
        return f"{counts}, as before"
    return f"{counts}; before, {entry.before} counted" if entry.before else counts
