"""``release``, ``selftest`` and ``generate``: from a solution to what learners get."""

import argparse
from pathlib import Path

from workstation.errors import CohortError
from workstation.outputs import new_file
from workstation_grader.cli._shared import Commands, add, count, course_of, require_known, solution_of
from workstation_grader.course import make_course

__all__ = ["add_parsers"]


def add_parsers(commands: Commands) -> None:
    """Add the commands to the command line."""
    text = "Self-test an exercise, generate it, scan it for leaks and release it."
    release = add(commands, "release", _release, text)
    where = release.add_mutually_exclusive_group()
    where.add_argument(
        "--exchange", type=Path, metavar="DIR", help="release to this exchange, and keep to it from now on"
    )
    where.add_argument("--zip", type=Path, metavar="FILE", help="pack it for a course page instead of the exchange")
    where.add_argument("--no-exchange", action="store_true", help="generate only")
    text = "Test the grader: the model earns all, each known wrong answer loses what it should."
    add(commands, "selftest", _selftest, text)
    text = "Make exercises/ anew from solutions/ (for authors)."
    generate = add(commands, "generate", _generate, text, takes_name=False)
    generate.add_argument("--check", action="store_true", help="change nothing; fail where they have drifted")


def _release(arguments: argparse.Namespace) -> int:
    from workstation_grader import exchange, release

    make_course(arguments.course)
    course = course_of(arguments)
    release.source_of_exercise(course, arguments.name)
    target = None if arguments.zip is None else new_file(arguments.zip, option="--zip")
    if target is None and not arguments.no_exchange:
        course = exchange.settle(course, arguments.exchange)
    _require_selftest(arguments.name)
    folder = release.generate(course, arguments.name)
    print(f"Generated {folder}; the self-test passed and nothing leaks.")
    if target is not None:
        release.release_to_zip(course, arguments.name, target)
        print(f"Packed {target}: put it on the course page.")
    elif not arguments.no_exchange:
        release.release_to_exchange(course, arguments.name)
        for line in exchange.told(course, arguments.name):
            print(line)
    return 0


def _require_selftest(name: str) -> None:
    from workstation_grader.selftest import selftest

    _, failures = selftest(name, solution_of(name))
    if failures:
        lines = "\n".join(f"  {item.case}, {item.criterion}: {item.message}" for item in failures)
        raise CohortError(f"{name!r} was not released, because its self-test failed:\n{lines}")


def _selftest(arguments: argparse.Namespace) -> int:
    from workstation_grader.selftest import selftest

    require_known(arguments.name)
    cases, failures = selftest(arguments.name, solution_of(arguments.name))
    for failure in failures:
        print(f"{failure.case}: {failure.criterion} {failure.message}")
    print(f"{count(cases, 'case')}, {count(len(failures), 'failure')}.")
    return 1 if failures else 0


def _generate(arguments: argparse.Namespace) -> int:
    from workstation_grader.release import regenerate_exercises

    drifted = regenerate_exercises(check=arguments.check)
    if arguments.check and drifted:
        print(f"exercises/ has drifted from solutions/: {', '.join(drifted)}. Run: workstation-cohort generate")
        return 1
    print(f"Generated anew: {', '.join(drifted)}." if drifted else "exercises/ is what solutions/ gives.")
    return 0
