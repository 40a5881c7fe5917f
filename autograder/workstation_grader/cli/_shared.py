"""What several of the instructor's commands share."""

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workstation.errors import CohortError
from workstation_grader.course import Course, checkout_root, default_root, open_course

__all__ = ["JOBS", "Commands", "add", "count", "course_of", "nothing_graded", "require_known", "solution_of"]

JOBS: dict[str, Any] = {
    "type": int,
    "default": -1,
    "metavar": "N",
    "help": "worker processes of this machine (default: one a core, four at most; each takes about 80 MB)",
}

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001 - argparse names its type no other way
else:
    Commands = object


def add(
    commands: Commands, name: str, run: Callable[[argparse.Namespace], int], text: str, *, takes_name: bool = True
) -> argparse.ArgumentParser:
    """Add a command that works on a course folder and, mostly, on one exercise."""
    parser: argparse.ArgumentParser = commands.add_parser(name, help=text, description=text)
    parser.add_argument(
        "--course", type=Path, default=default_root(), metavar="DIR", help="the course folder (default: %(default)s)"
    )
    if takes_name:
        parser.add_argument("name", metavar="NAME", help="the exercise, such as constraint-summary")
    parser.set_defaults(run=run)
    return parser


def course_of(arguments: argparse.Namespace) -> Course:
    """Open the course folder that the command line names."""
    root: Path = arguments.course
    return open_course(root.absolute())


def solution_of(exercise: str) -> Path:
    """Say where an exercise's solution is."""
    return checkout_root() / "solutions" / exercise / f"{exercise}.ipynb"


def count(number: int, thing: str) -> str:
    """Count things in words.

    >>> count(1, "submission"), count(0, "case")
    ('1 submission', '0 cases')
    """
    return f"{number} {thing}{'' if number == 1 else 's'}"


def require_known(exercise: str) -> None:
    """Refuse an exercise that the rubric does not have."""
    from workstation.answers.score import exercise_of  # late: it reads the whole catalogue

    exercise_of(exercise)


def nothing_graded(exercise: str, students: Sequence[str] = ()) -> CohortError:
    """Say that there is nothing to give back or to export, and what to run first."""
    whose = f"of {', '.join(map(repr, students))} " if students else ""
    return CohortError(f"No submission {whose}of {exercise!r} is graded. Run: workstation-cohort grade {exercise}.")
