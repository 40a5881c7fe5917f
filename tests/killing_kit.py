"""Run `workstation-cohort` and end it, by SIGKILL, at a named point; compare what a course holds afterwards.

As a program, ``python killing_kit.py POINT NUMBER [cohort's arguments]`` kills its whole process group when the point
is passed for the NUMBER-th time. With ``count 0`` nothing is killed, and how often each point was passed is printed
last. The points are put into the running program from here; the product knows nothing of them.
"""

import functools
import json
import os
import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import event, select
from sqlalchemy.engine import Engine

from workstation_grader import backup, batch, gradebook
from workstation_grader.cli import main
from workstation_grader.course import Course
from workstation_grader.gradebook import (
    BASE_CELL,
    COMMENT,
    GRADE,
    STUDENT,
    SUBMISSION,
    SUBMITTED_NOTEBOOK,
    open_engine,
    transaction,
)

CHUNK = 3
POINTS = (
    "statement", "statement done", "commit", "commit done",  # of the database
    "half a file", "rename", "rename done", "removal",  # of files
    "scoring", "copying",
)  # fmt: skip


class Points:
    """Counts how often each point is passed, and ends the process group at one of them."""

    def __init__(self, point: str, number: int) -> None:
        self.point, self.number, self.passed = point, number, Counter()

    def passes(self, point: str) -> None:
        """Pass a point, for the last time perhaps."""
        self.passed[point] += 1
        if point == self.point and self.passed[point] == self.number:
            os.killpg(os.getpgid(0), signal.SIGKILL)

    def before(self, owner: object, name: str, point: str) -> None:
        """Pass *point* before each call of a function."""
        original = getattr(owner, name)

        @functools.wraps(original)
        def passing(*arguments: object, **named: object) -> object:
            self.passes(point)
            return original(*arguments, **named)

        setattr(owner, name, passing)

    def after(self, owner: object, name: str, point: str) -> None:
        """Pass *point* after each call of a function."""
        original = getattr(owner, name)

        @functools.wraps(original)
        def passing(*arguments: object, **named: object) -> object:
            found = original(*arguments, **named)
            self.passes(point)
            return found

        setattr(owner, name, passing)

    def install(self) -> None:
        """Put the points into the program."""
        event.listen(Engine, "before_cursor_execute", self._statement("statement"))
        event.listen(Engine, "after_cursor_execute", self._statement("statement done"))
        self.before(gradebook, "_commit", "commit")
        self.after(gradebook, "_commit", "commit done")
        whole = Path.write_bytes

        def half(path: Path, content: bytes) -> int:
            if self.point == "half a file" and self.passed["half a file"] + 1 == self.number:
                whole(path, content[: len(content) // 2])
            self.passes("half a file")
            return whole(path, content)

        Path.write_bytes = half
        self.before(Path, "replace", "rename")
        self.after(Path, "replace", "rename done")
        self.before(Path, "unlink", "removal")
        self.before(shutil, "rmtree", "removal")
        self.before(batch, "grade_some", "scoring")
        self.before(backup, "_copy_file", "copying")

    def _statement(self, point: str) -> Callable[..., None]:
        return lambda *_: self.passes(point)


def command(point: str, number: int, *arguments: object) -> list[str]:
    """Give the command line of a run that is killed at a point."""
    return [sys.executable, str(Path(__file__).resolve()), point, str(number), *map(str, arguments)]


def run_until(point: str, number: int, *arguments: object) -> int:
    """Run until a point; give how the run ended, -9 where it was killed."""
    run = subprocess.run(
        command(point, number, *arguments), start_new_session=True, capture_output=True, text=True, check=False
    )
    assert run.returncode in (0, -signal.SIGKILL), run.stderr
    return run.returncode


def count_points(*arguments: object) -> Counter[str]:
    """Run to the end; give how often each point is passed."""
    run = subprocess.run(command("count", 0, *arguments), capture_output=True, text=True, check=True)
    return Counter(json.loads(run.stdout.splitlines()[-1]))


def rows(course: Course) -> dict[str, list[tuple]]:
    """Everything that grading writes into the gradebook, by names in place of the random ids."""
    own = SUBMITTED_NOTEBOOK.join(SUBMISSION, SUBMITTED_NOTEBOOK.c.assignment_id == SUBMISSION.c.id)
    asked = {
        "students": select(STUDENT),
        "submissions": select(*(c for c in SUBMISSION.c if c.name not in ("id", "assignment_id"))),
        "notebooks": select(
            SUBMISSION.c.student_id, SUBMITTED_NOTEBOOK.c.flagged, SUBMITTED_NOTEBOOK.c.late_submission_penalty
        ).select_from(own),
    }
    for name, table in (("grades", GRADE), ("comments", COMMENT)):
        values = [column for column in table.c if column.name not in ("id", "notebook_id", "cell_id")]
        joined = own.join(table, table.c.notebook_id == SUBMITTED_NOTEBOOK.c.id)
        joined = joined.join(BASE_CELL, table.c.cell_id == BASE_CELL.c.id)
        asked[name] = select(SUBMISSION.c.student_id, BASE_CELL.c.name, *values).select_from(joined)
    engine = open_engine(course.db_url)
    try:
        with transaction(engine, reading=True) as connection:
            return {name: sorted(map(tuple, connection.execute(what)), key=repr) for name, what in asked.items()}
    finally:
        engine.dispose()


def tree(course: Course) -> dict[str, bytes]:
    """Every file of the course folder but the gradebook and its dated copies, whose names have to be whole ones."""
    found = {path.relative_to(course.root).as_posix(): path for path in course.root.rglob("*") if path.is_file()}
    odd = [name for name in found if name.startswith("backups/") and not name.endswith(".db")]
    assert not odd
    ignored = ("backups/", "gradebook.db", "nbgrader_config", ".in-use")
    return {name: path.read_bytes() for name, path in found.items() if not name.startswith(ignored)}


def state(course: Course) -> tuple[dict[str, list[tuple]], dict[str, bytes]]:
    """What has to be the same however a run ended in between."""
    return rows(course), tree(course)


def _program() -> int:
    points = Points(sys.argv[1], int(sys.argv[2]))
    points.install()
    batch.BATCH, batch.PARALLEL_FROM = CHUNK, CHUNK
    code = main(sys.argv[3:])
    print(json.dumps(points.passed))  # noqa: T201 - the program's answer
    return code


if __name__ == "__main__":
    sys.exit(_program())
