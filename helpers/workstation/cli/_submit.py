"""``workstation submit``: pack an exercise into one file to hand in."""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from workstation.cli._options import Commands, add_dir, add_json
from workstation.cli._workspace import WorkingCopy

if TYPE_CHECKING:
    from workstation.cli._submission import Packed

__all__ = ["add_parser"]

NOBODYS = (
    "names nobody: a class that collects zips sets it aside until it is called ID__NAME.zip. "
    "Pack again with --as ID, your id in the course."
)


def add_parser(commands: Commands) -> None:
    """Add the command to the command line."""
    about = "pack an exercise and its evidence into one file to hand in"
    parser = commands.add_parser("submit", help=about, description=f"{about.capitalize()}. Save the notebook first.")
    parser.add_argument("name", metavar="NAME", help="the exercise, such as constraint-summary")
    add_dir(parser)
    parser.add_argument(
        "--out", type=Path, metavar="PATH", help="a folder or a .zip file to write (default: submissions/)"
    )
    parser.add_argument(
        "--as", dest="claimed_id", metavar="ID", help="your id in the course; it is kept for the next time"
    )
    add_json(parser)
    parser.set_defaults(command=run)


def run(options: argparse.Namespace) -> int:
    """Pack, then say where the file is, what is missing in it, and what to do with it."""
    from workstation.cli._submission import find, pack  # late: they read the catalogue, which other commands do not

    copy = WorkingCopy(options.dir)
    find(copy, options.name)  # before anything is asked
    learner = _learner(copy, options)
    packed = pack(copy, options.name, out=options.out, claimed_id=learner)
    warnings = [*packed.warnings, *([] if learner else [f"{packed.path.name} {NOBODYS}"])]
    if options.json:
        print(json.dumps({"path": str(packed.path), "manifest": packed.manifest, "warnings": warnings}))
    else:
        print("\n".join(report(packed, warnings)))
    return 0


def _learner(copy: WorkingCopy, options: argparse.Namespace) -> str | None:
    """Find out who hands in: as typed, as kept from before, as answered now where somebody is there to answer."""
    from workstation.cli._identity import ask, remember, remembered
    from workstation.cli._submission import require_id

    learner: str | None = options.claimed_id
    if learner is not None:
        require_id(learner)
    elif kept := remembered(copy):
        return kept
    elif not options.json and sys.stdin.isatty() and sys.stdout.isatty():
        learner = ask(input, print)
    if learner is not None:
        remember(copy, learner)
    return learner


def report(packed: "Packed", warnings: Sequence[str]) -> list[str]:
    """Say it in lines for a person."""
    files = ", ".join(sorted(packed.manifest["files"]))
    learner = packed.manifest["claimed_id"]
    return [
        *(f"Look again: {warning}" for warning in warnings),
        f"Packed: {files}",
        *([f"It is named for {learner}; --as ID names it for somebody else."] if learner else []),
        f"Hand in this file: {packed.path}",
        "Upload it where your class asks for it. You may pack as often as you like: each file has its own time stamp.",
    ]
