"""The floors of the house: who may import whom, who may know IPython, and who may print."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from course_kit import ROOT

import workstation

# From the roof down; a module imports from floors below its own, and within its own unit. DESIGN 2 in a table.
WORKSTATION = (
    {"cli"},
    {"notebook"},
    {"answers"},
    {"planning", "diagnosis", "demos"},
    {"inventory", "recording", "sizing"},
    {"catalog"},
    {"line_files", "materials", "outputs", "probing", "serving"},
    {"errors", "ids", "units", "_callable"},
)
GRADER = (
    {"__main__"},
    {"cli"},
    {"batch", "export", "forget", "jsonl", "release", "rubric", "selftest", "steps", "transfer"},
    {"collecting", "exchange", "feedback", "sameness"},
    {"alone", "insight", "late", "lateness", "leaks"},
    {"course", "parallel"},
    {"archive", "backup", "cluster", "lms", "marks", "record", "worker"},
    {"grade"},
    {"beside", "clean", "gradebook", "ledger", "submission"},
    {"files", "locks", "master", "moves", "seeds"},
    {"waits"},
)
GRADER_MAY_KNOW = {"answers", "planning", "inventory", "recording", "sizing", "catalog"}
GRADER_MAY_KNOW |= {"materials", "outputs", "serving", "errors", "ids", "units"}
FOR_NOTEBOOKS_ONLY = {"IPython", "ipywidgets", "matplotlib"}
BASE = ""  # the package itself: its version, its public names


class Import(NamedTuple):
    """One import: where it stands and what it names."""

    path: Path
    line: int
    module: str


def modules(package: str) -> list[Path]:
    return sorted((ROOT / {"workstation": "helpers"}.get(package, "autograder") / package).rglob("*.py"))


def imports(path: Path) -> Iterator[Import]:
    """Yield every import in a file, also those inside functions and those by `import_module`."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        for module in named(node):
            yield Import(path, node.lineno, module)


def named(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        return [f"{node.module}.{alias.name}" for alias in node.names]
    if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) == "import_module":
        return [argument.value for argument in node.args if isinstance(argument, ast.Constant)]
    return []


def unit(module: str, package: str) -> str:
    """Name the part of *package* that a module's full name belongs to."""
    name = module.removeprefix(package).lstrip(".").partition(".")[0]
    homes = workstation._HOME if package == "workstation" else {}
    known = set().union(*WORKSTATION, *GRADER)
    return name if name in known else homes.get(name, BASE)


def unit_of(path: Path, package: str) -> str:
    first = path.relative_to(modules_root(package)).parts[0]
    return first.removesuffix(".py")


def modules_root(package: str) -> Path:
    return ROOT / {"workstation": "helpers"}.get(package, "autograder") / package


@pytest.mark.parametrize(("package", "floors"), [("workstation", WORKSTATION), ("workstation_grader", GRADER)])
def test_imports_go_down_only(package, floors):
    """A module that imports from its own floor's neighbours, or from above, would tie the floors into a knot."""
    height = {name: -number for number, floor in enumerate(floors) for name in floor}
    wrong = []
    for path in modules(package):
        here = unit_of(path, package)
        for found in imports(path):
            there = unit(found.module, package) if found.module.split(".")[0] == package else BASE
            if here != "__init__" and there not in {BASE, here} and height[there] >= height[here]:
                wrong.append(f"{path.relative_to(ROOT)}:{found.line} imports {found.module}")

    assert wrong == []


@pytest.mark.parametrize(("package", "floors"), [("workstation", WORKSTATION), ("workstation_grader", GRADER)])
def test_every_module_has_a_floor(package, floors):
    """A new module is put into the table above, where its neighbours can be seen."""
    units = {unit_of(path, package) for path in modules(package)} - {"__init__"}

    assert units <= set().union(*floors)


def test_the_grader_knows_answers_and_what_is_below_them():
    wrong = [
        f"{path.relative_to(ROOT)}:{found.line} imports {found.module}"
        for path in modules("workstation_grader")
        for found in imports(path)
        if found.module.split(".")[0] == "workstation"
        and unit(found.module, "workstation") not in {*GRADER_MAY_KNOW, BASE}
    ]

    assert wrong == []


def test_the_learners_package_never_imports_the_graders():
    wrong = [
        found for path in modules("workstation") for found in imports(path) if "workstation_grader" in found.module
    ]

    assert wrong == []


def test_only_the_notebook_floor_knows_ipython_widgets_and_figures():
    knowing = {
        path.relative_to(ROOT).as_posix()
        for package in ("workstation", "workstation_grader")
        for path in modules(package)
        for found in imports(path)
        if found.module.split(".")[0] in FOR_NOTEBOOKS_ONLY
    }

    assert {path for path in knowing if not path.startswith("helpers/workstation/notebook/")} == set()


def test_only_command_lines_print():
    printing = {
        path.relative_to(ROOT).as_posix()
        for package in ("workstation", "workstation_grader")
        for path in modules(package)
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "print"
    }

    assert {path for path in printing if "cli" not in Path(path).with_suffix("").parts} == set()


def test_the_instructors_configuration_imports_nothing():
    """A fault in it must stop nbgrader; a configuration that can fail to import lets it run learners' code."""
    assert list(imports(ROOT / "autograder" / "nbgrader_config.py")) == []
