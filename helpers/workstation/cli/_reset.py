"""``workstation reset``: a lesson or an exercise as it was, the old one kept beside it."""

import argparse

from workstation.cli._options import Commands, add_dir
from workstation.cli._workspace import WorkingCopy

__all__ = ["add_parser"]


def add_parser(commands: Commands) -> None:
    """Add the command to the command line."""
    about = "make a lesson or an exercise pristine again; yours is kept beside it with a time stamp"
    parser = commands.add_parser("reset", help=about, description=f"{about.capitalize()}.")
    parser.add_argument("lesson", metavar="LESSON", help="a lesson or an exercise, such as 00-start-here")
    add_dir(parser)
    parser.set_defaults(command=run)


def run(options: argparse.Namespace) -> int:
    """Reset, and say where the old one is."""
    done = WorkingCopy(options.dir).reset(options.lesson)
    print(f"Pristine: {done.path}")
    if done.kept:
        print(f"Yours is kept: {done.kept}")
        if (done.kept / "evidence").is_dir():
            print(f"Evidence went with it. To go on with that, copy {done.kept / 'evidence'} into the pristine folder.")
        print("If it is open in JupyterLab, close it there and open it again.")
    else:
        print("Nothing of yours was in it, so nothing had to be kept.")
    return 0
