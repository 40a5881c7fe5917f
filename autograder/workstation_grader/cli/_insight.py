"""``insight``: what the cohort got wrong, on one page and in CSV files."""

import argparse
import io
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from workstation import outputs
from workstation.errors import CohortError
from workstation_grader.cli._shared import Commands, add, count, course_of, nothing_graded
from workstation_grader.course import Course
from workstation_grader.files import write_atomically

if TYPE_CHECKING:
    from workstation_grader.insight.model import Table

__all__ = ["add_parsers"]

TO = "--to"
PAGE = "insight.html"
_ADDRESS = re.compile(r"https?://[^\s\"'<>]+")


def add_parsers(commands: Commands) -> None:
    """Add the command to the command line."""
    insight = add(commands, "insight", _insight, "Show what the cohort got wrong: one page, and CSV files.")
    insight.add_argument(
        TO,
        type=Path,
        metavar="FOLDER",
        help="an empty or new folder (default: insight/NAME in the course folder, written anew)",
    )
    insight.add_argument("--anonymous", action="store_true", help="replace learners' ids by stable pseudonyms")
    insight.add_argument(
        "--formgrader",
        metavar="URL",
        default="",
        help="address of the JupyterLab with Formgrader, to make links of the review queue",
    )
    insight.add_argument("--jobs", type=int, default=-1, metavar="N", help="worker processes (default: one a core)")


def _insight(arguments: argparse.Namespace) -> int:
    from workstation_grader.insight.page import insight_page
    from workstation_grader.insight.pseudonyms import anonymous
    from workstation_grader.insight.read import read_cohort
    from workstation_grader.insight.sections import sections_of

    course = course_of(arguments)
    course.master(arguments.name)
    folder = _folder(course, arguments)
    address = _address(arguments.formgrader)
    cohort = read_cohort(course, arguments.name, jobs=arguments.jobs)
    if not cohort.entries:
        raise nothing_graded(arguments.name)
    if arguments.anonymous:
        cohort = anonymous(cohort, course.seed or course.course_id)
    sections = sections_of(cohort)
    made_at = f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC"
    page = insight_page(
        arguments.name,
        sections,
        learners=len(cohort.entries),
        made_at=made_at,
        hidden=arguments.anonymous,
        formgrader=address,
    )
    tables = [table for section in sections for table in section.tables if table.rows]
    _write(folder, page, tables, keeps=arguments.to is not None)
    beside, whole = count(len(tables), "CSV file"), count(len(cohort.entries), "submission")
    print(f"Wrote {folder / PAGE} and {beside} beside it, on {whole}.")
    if not arguments.anonymous:
        print("They hold personal data. With --anonymous learners stand under pseudonyms.")
    return 0


def _folder(course: Course, arguments: argparse.Namespace) -> Path:
    """Give the folder to write to: the course's own is written anew, one that somebody names has to be empty."""
    if arguments.to is None:
        return course.root / "insight" / str(arguments.name)
    folder: Path = outputs.new_file(arguments.to / PAGE, option=TO).parent
    with outputs.sentences(f"Looking into the folder {folder}", option=TO):
        is_empty = next(folder.iterdir(), None) is None
    if not is_empty:
        raise CohortError(f"{folder} is not empty, and nothing in it is replaced. Name another folder with {TO}.")
    return folder


def _address(given: str) -> str:
    if given and not _ADDRESS.fullmatch(given):
        raise CohortError(
            f"{given!r} is no address of a JupyterLab. Give one such as http://localhost:8888 with --formgrader."
        )
    return given.partition("?")[0].removesuffix("/").removesuffix("/lab")


def _write(folder: Path, page: str, tables: "list[Table]", *, keeps: bool) -> None:
    files = {f"{table.name}.csv": _csv(table) for table in tables} | {PAGE: page.encode("utf-8", "replace")}
    if not keeps and folder.is_dir():
        for old in {path.name for path in folder.glob("*.csv")} - set(files):
            (folder / old).unlink()  # of an earlier run: it would contradict the page
    with outputs.sentences(f"Writing into {folder}", option=TO):
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)
        for name, content in files.items():
            write_atomically(folder / name, content)


def _csv(table: "Table") -> bytes:
    from workstation_grader.export import write_csv
    from workstation_grader.insight.model import Bar

    drawn = {place for row in table.rows for place, cell in enumerate(row) if isinstance(cell, Bar)}
    kept = [place for place in range(len(table.columns)) if place not in drawn]
    rows: list[dict[str, object]] = [{table.columns[place]: row[place] for place in kept} for row in table.rows]
    text = io.StringIO(newline="")
    write_csv(rows, text)
    return text.getvalue().encode("utf-8", "replace")
