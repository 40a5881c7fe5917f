"""``forget``: delete what learners' machines told, after the course; grades stay."""

import argparse
import sys
from collections import Counter
from typing import TYPE_CHECKING

from workstation.errors import CohortError
from workstation_grader.cli._shared import Commands, add, course_of

if TYPE_CHECKING:
    from workstation_grader.forget import Forgetting

__all__ = ["add_parsers"]


def add_parsers(commands: Commands) -> None:
    """Add the command to the command line."""
    text = "Delete what learners' machines told (submissions, evidence, pages, zips) after the course; grades stay."
    forget = add(commands, "forget", _forget, text, takes_name=False)
    forget.add_argument("name", nargs="?", metavar="NAME", help="only this exercise")
    forget.add_argument("--student", metavar="ID", help="only this learner")
    forget.add_argument("--all", action="store_true", help="every exercise of every learner")
    forget.add_argument("--answers", action="store_true", help="the graded copies too; scores stay")
    forget.add_argument("--ungraded", action="store_true", help="also what was never graded: that work is lost")
    forget.add_argument("--dry-run", action="store_true", help="only show what would be deleted")
    forget.add_argument("--yes", action="store_true", help="do not ask")


def _forget(arguments: argparse.Namespace) -> int:
    from workstation_grader.alone import alone
    from workstation_grader.forget import forget, plan_forgetting

    if arguments.all == bool(arguments.name or arguments.student):
        raise CohortError("Say what to forget: an exercise NAME, --student ID, both of these, or --all alone.")
    course = course_of(arguments)
    with alone(course, "forget"):
        found = plan_forgetting(
            course,
            exercise=arguments.name,
            student=arguments.student,
            answers=arguments.answers,
            ungraded=arguments.ungraded,
        )
        print("\n".join(_lines(found)))
        if arguments.dry_run or not found.targets:
            return 1 if found.ungraded else 0
        if not arguments.yes and not _agreed():
            print("Nothing was deleted.")
            return 1
        failed = forget(course, found)
    for path, why in failed:
        print(f"  not deleted: {path}: {why}")
    print(f"Deleted: {len(found.targets) - len(failed)} of {len(found.targets)}. The gradebook is as it was.")
    return 1 if failed or found.ungraded else 0


def _agreed() -> bool:
    if not sys.stdin.isatty():
        raise CohortError("Nobody is here to ask, so nothing was deleted. Look with --dry-run, then add --yes.")
    return input("Delete this for good? Type yes: ").strip().casefold() == "yes"


def _lines(found: "Forgetting") -> list[str]:
    from workstation_grader.forget import OUT_OF_REACH

    kinds, sizes = Counter[str](), Counter[str]()
    for target in found.targets:
        kinds[target.kind] += 1
        sizes[target.kind] += target.size_bytes
    return [
        "To be deleted:" if kinds else "There is nothing to delete.",
        *(f"  {kind}: {number}, {sizes[kind] / 1e6:.1f} MB" for kind, number in kinds.items()),
        *(f"  stays, not graded as it is (grade it, or add --ungraded): {who}, {what}" for who, what in found.ungraded),
        *(f"  look again: {note}" for note in found.notes),
        "Scores, comments and names stay in the gradebook. This command does not reach:",
        *(f"  - {place}" for place in OUT_OF_REACH),
    ]
