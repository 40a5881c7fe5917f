"""The folders of the house, and what every file in it must keep to."""

import ast
import json
import re
import subprocess
from functools import cache
from pathlib import Path

import nbformat
import pytest
from course_kit import ROOT

FOLDERS = ("autograder", "benchmarks", "course", "exercises", "helpers", "solutions", "tests")
AT_THE_TOP = {
    *FOLDERS, ".ci", ".github", ".gitattributes", ".gitignore", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE",
    "LICENSE-COURSE", "README.md", "environment.yml", "pyproject.toml", "requirements.lock", "start.py",
}  # fmt: skip
LONG = 300
SHORT = 30
# Written in pieces, or this file would name what no file may name.
THIS_MACHINE = re.compile("|".join(("/wo" + "rk/", "/ro" + "ot/", r"pypi\." + "org", r"pythonhosted\." + "org")))
NOTEBOOK_METADATA = {"kernelspec", "language_info"}
KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
CELL_METADATA = {"deletable", "editable", "nbgrader", "tags"}
KEEPS_OUTPUT = "# NBVAL_CHECK_OUTPUT"


@cache
def files() -> list[Path]:
    """List the files that git has or would take; without git, all that are not hidden."""
    try:
        listed = subprocess.run(
            ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
            cwd=ROOT,
            capture_output=True,
            check=True,
        ).stdout.decode()
    except (OSError, subprocess.CalledProcessError):
        return [path for path in sorted(ROOT.rglob("*")) if path.is_file() and not is_hidden(path)]
    return [path for path in (ROOT / name for name in listed.split("\0") if name) if path.is_file()]


def is_hidden(path: Path) -> bool:
    return any(part.startswith(".") or part == "__pycache__" for part in path.relative_to(ROOT).parts)


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def texts() -> list[tuple[str, str]]:
    """Give every file that is text, by name."""
    contents = ((named(path), path.read_bytes()) for path in files())
    return [(name, content.decode("utf-8", "replace")) for name, content in contents if b"\0" not in content]


def notebooks() -> list[Path]:
    return [path for path in files() if path.suffix == ".ipynb" and named(path).split("/")[0] != "tests"]


def source(cell: dict) -> str:
    return "".join(cell["source"])


def test_the_top_holds_what_the_design_names_and_nothing_else():
    assert {path.relative_to(ROOT).parts[0] for path in files()} <= AT_THE_TOP


@pytest.mark.parametrize("folder", FOLDERS)
def test_each_folder_says_shortly_what_lives_in_it(folder):
    """Tables are looked up, not read; they may be long."""
    readme = (ROOT / folder / "README.md").read_text("utf-8")

    assert readme.startswith("# ")
    assert len([line for line in readme.splitlines() if not line.startswith("|")]) <= SHORT


def test_source_roots_hold_packages_only():
    """A loose module in a source root would be importable by everyone under any name it likes."""
    loose = {named(path) for root in ("helpers", "autograder") for path in (ROOT / root).glob("*.py")}

    assert loose == {"autograder/nbgrader_config.py"}


def test_long_files_say_why():
    """A file of more than 300 lines is split, or its docstring says, with the words "300 lines", why not."""
    long = [path for path in files() if path.suffix == ".py" and len(path.read_text("utf-8").splitlines()) > LONG]
    unexcused = [
        named(path) for path in long if "300 lines" not in (ast.get_docstring(ast.parse(path.read_text("utf-8"))) or "")
    ]

    assert unexcused == []


def test_every_test_says_what_it_shows():
    """By a docstring, or by a name of at least three words."""
    silent = [
        f"{named(path)}: {node.name}"
        for path in files()
        if path.name.startswith("test_") and path.suffix == ".py"
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
        and not ast.get_docstring(node) and len(node.name.split("_")) < 4
    ]  # fmt: skip

    assert silent == []


def test_tests_wait_for_conditions_and_never_sleep():
    """Asyncio's sleep may stand in a loop that looks at a condition; what only waits may not."""
    sleepy = re.compile(r"(\btime\.sl" + r"eep|\bwait_for_time" + r"out|^from time import .*\bsleep)\b", re.MULTILINE)
    found = [
        name for name, text in texts() if name.startswith("tests/") and name.endswith(".py") and sleepy.search(text)
    ]

    assert found == []


def test_no_file_names_this_machine_or_a_package_host():
    found = [
        f"{name}:{number}: {line.strip()[:80]}"
        for name, text in texts()
        for number, line in enumerate(text.splitlines(), 1)
        if THIS_MACHINE.search(line)
    ]

    assert found == []


def test_nothing_is_left_to_be_done():
    """Work that remains is an issue, not a comment."""
    mark = re.compile(r"#\s*(TO" + r"DO|FIX" + r"ME|XX" + r"X)\b")
    found = [f"{name}: {line.strip()[:80]}" for name, text in texts() if name.endswith((".py", ".toml", ".yml"))
             for line in text.splitlines() if mark.search(line)]  # fmt: skip

    assert found == []


@pytest.mark.parametrize("path", notebooks(), ids=named)
def test_notebooks_are_clean(path):
    """Valid, without outputs and counts, and with no metadata but what the course needs."""
    nbformat.validate(nbformat.read(path, as_version=4))
    document = json.loads(path.read_text("utf-8"))
    code = [cell for cell in document["cells"] if cell["cell_type"] == "code"]
    dirty = [
        cell["id"] for cell in code if (cell["outputs"] or cell["execution_count"]) and KEEPS_OUTPUT not in source(cell)
    ]

    assert set(document["metadata"]) <= NOTEBOOK_METADATA
    assert document["metadata"]["kernelspec"] == KERNEL
    assert document["metadata"]["language_info"] == {"name": "python"}
    assert {key for cell in document["cells"] for key in cell["metadata"]} <= CELL_METADATA
    assert dirty == []
