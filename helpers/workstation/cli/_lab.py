"""``workstation lab``: bring the working copy up to date, then open JupyterLab on it."""

import argparse
import sys

from workstation import materials
from workstation.cli._exchange import exercises_handed_out
from workstation.cli._options import Commands, add_dir
from workstation.cli._server import serve
from workstation.cli._workspace import Synced, WorkingCopy
from workstation.serving import running_on

__all__ = ["add_parser"]

_MAX_PORT = 65535


def add_parser(commands: Commands) -> None:
    """Add the command to the command line."""
    about = "open the course in JupyterLab, on a working copy of your own"
    parser = commands.add_parser(
        "lab", help=about, description=f"{about.capitalize()}. What you wrote is never touched."
    )
    add_dir(parser)
    parser.add_argument("--no-browser", action="store_true", help="print the address instead of opening a browser")
    parser.add_argument("--port", type=_port, metavar="N", help="the port to use (default: a free one)")
    parser.add_argument("--verbose", action="store_true", help="show JupyterLab's log here; else it goes to a file")
    parser.set_defaults(command=run)


def run(options: argparse.Namespace) -> int:
    """Make or refresh the working copy, say what happened to it, and serve it."""
    copy = WorkingCopy(options.dir)
    copy.check()  # before its nbgrader_config.py is read, and before it is called a working copy
    handed_out = exercises_handed_out(materials.exercise_names(), working_copy=copy.root)
    print(f"Your working copy: {copy.root}")
    for line in report(copy.sync(handed_out=handed_out)):
        print(line)
    for address in running_on(copy.root):
        print(f"JupyterLab runs on this folder already: {address}\nAnother one starts now; stop it if one is enough.")
    sys.stdout.flush()
    return serve(copy, open_browser=not options.no_browser, port=options.port, verbose=options.verbose)


def report(synced: Synced) -> list[str]:
    """Say in a few lines what a learner has to know about the working copy."""
    lines = []
    if refreshed := synced.having("refresh"):
        lines.append(f"Brought up to date (you had not changed them): {', '.join(refreshed)}")
    for path in synced.having("keep-though-newer"):
        name = path.removesuffix(".ipynb").rpartition("/")[2]
        lines.append(f"Yours is kept: {path}. The course has another version: workstation reset {name} brings it.")
    fetch = "your class hands it out. Fetch it in JupyterLab: Nbgrader > Assignment List."
    return [*lines, *(f"{name}: {fetch}" for name in synced.handed_out)]


def _port(text: str) -> int:
    if not (text.isdecimal() and 0 < int(text) <= _MAX_PORT):
        raise argparse.ArgumentTypeError(f"{text!r} is no port: a number from 1 to {_MAX_PORT}")
    return int(text)
