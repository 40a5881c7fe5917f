"""``workstation submit``: pack an exercise into one file to hand in."""

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

from workstation.cli._options import Commands, add_dir, add_json
from workstation.cli._workspace import WorkingCopy

if TYPE_CHECKING:
    from workstation.cli._submission import Packed

__all__ = ["add_parser"]


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
        "--as", dest="claimed_id", metavar="ID", help="your id in the course, if your class asks for one"
    )
    add_json(parser)
    parser.set_defaults(command=run)


def run(options: argparse.Namespace) -> int:
    """Pack, then say where the file is, what is missing in it, and what to do with it."""
    from workstation.cli._submission import pack  # late: it reads the catalogue, which the other commands do not need

    packed = pack(WorkingCopy(options.dir), options.name, out=options.out, claimed_id=options.claimed_id)
    if options.json:
        print(json.dumps({"path": str(packed.path), "manifest": packed.manifest, "warnings": list(packed.warnings)}))
    else:
        print("\n".join(report(packed)))
    return 0


def report(packed: "Packed") -> list[str]:
    """Say it in lines for a person."""
    files = ", ".join(sorted(packed.manifest["files"]))
    return [
        *(f"Look again: {warning}" for warning in packed.warnings),
        f"Packed: {files}",
        f"Hand in this file: {packed.path}",
        "Upload it where your class asks for it. You may pack as often as you like: each file has its own time stamp.",
    ]
