"""Read the instructor's command line, run the command, and turn what goes wrong into a sentence and an exit code.

Every command opens the course folder first, and a course whose configuration would run learners' code does not open.
"""

import argparse
import logging
import os
import sys
from collections.abc import Callable, Sequence

from workstation import __version__
from workstation.errors import WorkstationError
from workstation_grader.cli import (
    _backups,
    _collecting,
    _forgetting,
    _formgrader,
    _grading,
    _insight,
    _releasing,
    _results,
)
from workstation_grader.course import FAIL_CLOSED

__all__ = ["main"]

# traitlets reads this once, when it is first imported: before any command of ours imports nbgrader.
os.environ[FAIL_CLOSED] = "1"


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; 0 when it worked, 1 when it found something wrong, 2 when it could not run."""
    arguments = build_parser().parse_args(argv)
    _show_waits()
    run: Callable[[argparse.Namespace], int] = arguments.run
    try:
        return run(arguments)
    except WorkstationError as error:
        print(f"workstation-cohort: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:
        sys.stderr.close()
        return 0
    except OSError as error:
        print(
            f"workstation-cohort: {error.filename or 'a file'}: {error.strerror or error}. Nothing more was done.",
            file=sys.stderr,
        )
        return 2
    except KeyboardInterrupt:
        print("\nStopped. What was recorded stays; run the same command again to go on.", file=sys.stderr)
        return 130


class _ToStandardError(logging.Handler):
    """Say what the library says meanwhile, such as what it waits for."""

    def emit(self, record: logging.LogRecord) -> None:
        print(f"workstation-cohort: {record.getMessage()}", file=sys.stderr, flush=True)


def _show_waits() -> None:
    log = logging.getLogger("workstation_grader")
    if not any(isinstance(handler, _ToStandardError) for handler in log.handlers):
        log.addHandler(_ToStandardError())


def build_parser() -> argparse.ArgumentParser:
    """Build the parser of all commands; each sets ``run`` to the function that runs it."""
    about = "Release exercises, collect, grade and give back what a class hands in."
    parser = argparse.ArgumentParser(prog="workstation-cohort", description=about)
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    for module in (_releasing, _collecting, _grading, _backups, _formgrader, _results, _insight, _forgetting):
        module.add_parsers(commands)
    return parser
