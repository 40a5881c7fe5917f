"""What grading tests share: the exercise's files, ways to fill a notebook in, to hand it in, and to run nbgrader."""

import copy
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from sqlalchemy import select

from workstation_grader.cli import main
from workstation_grader.course import CONFIG_NAME, Course
from workstation_grader.gradebook import (
    COMMENT,
    GRADE,
    STUDENT,
    SUBMISSION,
    SUBMITTED_NOTEBOOK,
    open_engine,
    transaction,
)

ROOT = Path(__file__).resolve().parents[1]
EXERCISE = "constraint-summary"
SOLUTION = ROOT / "solutions" / EXERCISE / f"{EXERCISE}.ipynb"
MACHINE = ROOT / "autograder/workstation_grader/selftest" / EXERCISE / "inventory.json"
BOTH = pytest.mark.parametrize("backend", ["sqlite", "postgresql"], indirect=True)  # where the gradebook is
STAMP = "2026-11-20 10:00:00.000000 UTC"


def filled(notebook: Mapping, answers: Mapping[str, str]) -> dict:
    """A copy of the released notebook with answers typed in."""
    done = copy.deepcopy(dict(notebook))
    for cell in done["cells"]:
        grade_id = cell["metadata"].get("nbgrader", {}).get("grade_id")
        if grade_id in answers:
            cell["source"] = f"%%answer {grade_id}\n{answers[grade_id]}"
    return done


def hand_in(root: Path, student: str, notebook: Mapping | bytes | None, machine: object = MACHINE) -> Path:
    """Put a submission where collecting would have put it."""
    folder = root / "collected" / student / EXERCISE
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "timestamp.txt").write_text(STAMP, encoding="ascii")
    if isinstance(notebook, bytes):
        (folder / f"{EXERCISE}.ipynb").write_bytes(notebook)
    elif notebook is not None:
        (folder / f"{EXERCISE}.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    if machine is not None:
        (folder / "evidence").mkdir(exist_ok=True)
        target = folder / "evidence/inventory.json"
        if isinstance(machine, Path):
            shutil.copyfile(machine, target)
        elif isinstance(machine, bytes):
            target.write_bytes(machine)
    return folder


def move_to(root: Path, db_url: str) -> None:
    """Keep a course's grades at another address, as its configuration's last part is made for."""
    (root / "gradebook.db").unlink()
    with (root / CONFIG_NAME).open("a", encoding="utf-8") as config:
        config.write(f"\nc.CourseDirectory.db_url = {db_url!r}\n")


def dump(course: Course) -> dict[str, list[tuple]]:
    """Every row of the gradebook that grading writes, with its ids."""
    engine = open_engine(course.db_url)
    tables = (STUDENT, SUBMISSION, SUBMITTED_NOTEBOOK, GRADE, COMMENT)
    try:
        with transaction(engine, reading=True) as connection:
            found = {table.name: connection.execute(select(table)).all() for table in tables}
    finally:
        engine.dispose()
    return {name: sorted(map(tuple, rows), key=repr) for name, rows in found.items()}


def run_nbgrader(root: Path, *arguments: str, fail_closed: bool = False) -> subprocess.CompletedProcess[str]:
    """Run nbgrader's own command line in a course folder, with or without the variable that our commands set."""
    return _run_python(root, "-m", "nbgrader", *arguments, cwd=root, fail_closed=fail_closed)


def run_python(root: Path, program: str, *, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run a program that uses nbgrader, in the environment that `run_nbgrader` gives."""
    return _run_python(root, "-c", program, cwd=cwd, fail_closed=False)


def _run_python(root: Path, *words: str, cwd: Path, fail_closed: bool) -> subprocess.CompletedProcess[str]:
    environment = {key: value for key, value in os.environ.items() if not key.startswith("TRAITLETS_")}
    environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environment['PATH']}"  # nbgrader calls alembic
    environment["JUPYTER_CONFIG_DIR"] = str(root / "no-config")
    if fail_closed:
        environment["TRAITLETS_APPLICATION_RAISE_CONFIG_FILE_ERROR"] = "1"
    return subprocess.run(
        [sys.executable, *words],
        cwd=cwd, env=environment, capture_output=True, text=True, check=False, timeout=600,
    )  # fmt: skip


def run_cohort(*arguments: object, **variables: object) -> subprocess.CompletedProcess[str]:
    """Run `workstation-cohort` in a process of its own, as an instructor does."""
    return subprocess.run(
        [sys.executable, "-m", "workstation_grader", *map(str, arguments)],
        env=os.environ | {name: str(value) for name, value in variables.items()}, stdin=subprocess.DEVNULL,
        capture_output=True, text=True, encoding="utf-8", check=False, timeout=600,
    )  # fmt: skip


class Terminal:
    """Run commands in this process on one course, and see what an instructor sees."""

    def __init__(self, course: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.course, self.capsys = course, capsys
        self.out = self.err = ""

    def __call__(self, command: str, *arguments: object) -> int:
        """Run a command on the course; give its exit code."""
        self.capsys.readouterr()
        code = main([command, *map(str, arguments), "--course", str(self.course)])
        self.out, self.err = self.capsys.readouterr()
        return code


def assert_is_one_sentence(terminal: Terminal, code: int) -> None:
    """The exit code of a command that could not run, and one plain sentence or two."""
    assert code == 2
    assert terminal.out == ""
    assert terminal.err.startswith("workstation-cohort: ")
    assert terminal.err.endswith((".\n", "?\n"))
    assert len(terminal.err.splitlines()) == 1
    assert "Traceback" not in terminal.err
