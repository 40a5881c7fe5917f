"""``formgrader``: JupyterLab with Formgrader, on the course and with its configuration."""

import argparse

from workstation import serving
from workstation_grader.cli._shared import Commands, add, course_of
from workstation_grader.course import Course, make_course

__all__ = ["add_parsers"]


def add_parsers(commands: Commands) -> None:
    """Add the command to the command line."""
    text = "Open JupyterLab with Formgrader on the course."
    formgrader = add(commands, "formgrader", _formgrader, text, takes_name=False)
    formgrader.add_argument("--no-browser", action="store_true", help="print the address instead of opening it")
    formgrader.add_argument("--verbose", action="store_true", help="show JupyterLab's log here; else it goes to a file")
    formgrader.add_argument("jupyter", nargs="*", metavar="ARG", help="arguments for JupyterLab, after --")


def _formgrader(arguments: argparse.Namespace) -> int:
    make_course(arguments.course)
    course = course_of(arguments)
    own = course.root / ".workspaces"
    own.mkdir(exist_ok=True)
    _say("In JupyterLab, open Formgrader from the menu Nbgrader.")
    log = None if arguments.verbose else own / "jupyterlab.log"
    return serving.serve(course.root, _arguments(course, arguments), page="", log=log, say=_say)


def _arguments(course: Course, arguments: argparse.Namespace) -> list[str]:
    # A workspace of its own: else JupyterLab brings back the tabs of this person's other folders.
    own = ["--LabApp.default_url=/lab", f"--LabApp.workspaces_dir={course.root / '.workspaces'}"]
    return [*own, *arguments.jupyter, *(["--no-browser"] if arguments.no_browser else [])]


def _say(line: str) -> None:
    print(line, flush=True)
