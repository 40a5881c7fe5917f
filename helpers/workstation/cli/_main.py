"""Read the command line, run the command, and turn what goes wrong into a sentence and an exit code."""

import argparse
import io
import os
import sys
from collections.abc import Callable, Sequence

from workstation import __version__
from workstation.cli import (
    _demo,
    _diagnose,
    _doctor,
    _export_html,
    _inventory,
    _lab,
    _progress,
    _report,
    _reset,
    _size,
    _submit,
    _watch,
)
from workstation.errors import WorkstationError

__all__ = ["build_parser", "main"]

EXIT_PROBLEM, EXIT_INTERRUPTED = 2, 130
_COMMANDS = (
    _lab,
    _reset,
    _submit,
    _inventory,
    _size,
    _watch,
    _diagnose,
    _demo,
    _progress,
    _report,
    _export_html,
    _doctor,
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code.

    0: done; 1: `doctor` found something wrong; 2: a problem that the message explains; 130: interrupted.
    """
    _never_fail_to_print()
    options = build_parser().parse_args(arguments)
    command: Callable[[argparse.Namespace], int] = options.command
    try:
        return command(options)
    except WorkstationError as problem:
        print(f"workstation: {problem}", file=sys.stderr)
        return EXIT_PROBLEM
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        return EXIT_INTERRUPTED
    except BrokenPipeError:  # whoever read our output (head, a pager) has gone: nothing is wrong
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def build_parser() -> argparse.ArgumentParser:
    """Build the parser of all commands; each sets ``command`` to the function that runs it."""
    parser = argparse.ArgumentParser(
        prog="workstation",
        description="Home AI Workstation Fundamentals: open the course, look at this machine, hand in an exercise.",
    )
    parser.add_argument("--version", action="version", version=f"home-ai-workstation {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for module in _COMMANDS:
        module.add_parser(commands)
    return parser


def _never_fail_to_print() -> None:
    """Let a terminal that cannot show a character show its code instead of ending the command."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
