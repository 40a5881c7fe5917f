"""``restore``: list the dated copies of the gradebook, or put one back."""

import argparse
from pathlib import Path

from workstation_grader.cli._shared import Commands, add, course_of

__all__ = ["add_parsers"]


def add_parsers(commands: Commands) -> None:
    """Add the command to the command line."""
    text = "List the copies of the gradebook that grading made, or put one back."
    restore = add(commands, "restore", _restore, text, takes_name=False)
    restore.add_argument("copy", nargs="?", metavar="COPY", help="the copy to put back: its name, or a path")


def _restore(arguments: argparse.Namespace) -> int:
    from workstation_grader import backup
    from workstation_grader.alone import alone
    from workstation_grader.record import prepare_gradebook

    course = course_of(arguments)
    folder = course.root / backup.FOLDER
    if arguments.copy is None:
        found = backup.backups(course.root)
        print("\n".join(path.name for path in found) or f"There is no copy in {folder} yet; each grading makes one.")
        return 0
    copy = folder / arguments.copy if (folder / arguments.copy).is_file() else Path(arguments.copy)
    with alone(course, "restore"):
        prepare_gradebook(course.db_url, course.course_id)
        before = backup.restore(course.db_url, course.root, copy)
    print(f"{copy.name} is the gradebook now. What was there before is {before.name if before else 'nothing'}.")
    print("Bring automatic scores up to date, for each exercise: workstation-cohort grade NAME --force")
    return 0
