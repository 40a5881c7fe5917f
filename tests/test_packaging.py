"""The pins, the conda file and the wheel: what is installed is what was meant."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
import yaml
from course_kit import ROOT, UV, lab
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

LESSON = "course/00-start-here.ipynb"
CONDA_NAMES = {"matplotlib": "matplotlib-base"}  # the one without a desktop toolkit
LIMIT_SECONDS = 300


@cache
def project() -> dict:
    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def group(name: str) -> Iterator[Requirement]:
    for entry in project()["dependency-groups"][name]:
        yield from group(entry["include-group"]) if isinstance(entry, dict) else [Requirement(entry)]


def direct() -> list[Requirement]:
    """List everything that pyproject.toml asks for: to run, to instruct, to develop."""
    extras = project()["project"]["optional-dependencies"].values()
    asked = [*project()["project"]["dependencies"], *(line for extra in extras for line in extra)]
    return [*map(Requirement, asked), *group("dev")]


@cache
def locked() -> dict[str, list[Requirement]]:
    """Map each pinned package to its pins: more than one where systems or Pythons differ."""
    pins: dict[str, list[Requirement]] = {}
    for block in re.split(r"\n(?=\S)", (ROOT / "requirements.lock").read_text("utf-8")):
        requirement = Requirement(block.partition("\\")[0].strip())
        assert len(re.findall(r"--hash=sha256:[0-9a-f]{64}", block)) >= 1, f"{requirement.name} has no hash"
        pins.setdefault(canonicalize_name(requirement.name), []).append(requirement)
    return pins


def test_every_pin_is_exact_and_hashed():
    pins = [pin for several in locked().values() for pin in several]

    assert len(pins) > 100
    assert [str(pin) for pin in pins if not re.fullmatch(r"==[^*]+", str(pin.specifier))] == []


def test_the_lock_names_no_index_and_no_file():
    """It must work with whatever mirror a class or a company has."""
    lines = (ROOT / "requirements.lock").read_text("utf-8").splitlines()

    assert [line for line in lines if re.search(r"://|^\s*--(?!hash=)| @ ", line)] == []


def test_every_dependency_is_locked_within_its_range():
    wrong = [
        f"{asked}: locked {[str(pin.specifier) for pin in locked().get(canonicalize_name(asked.name), [])]}"
        for asked in direct()
        if not (pins := locked().get(canonicalize_name(asked.name)))
        or not all(asked.specifier.contains(str(pin.specifier).removeprefix("=="), prereleases=True) for pin in pins)
    ]

    assert wrong == []


def test_a_package_with_several_pins_says_when_each_counts():
    assert [name for name, pins in locked().items() if len(pins) > 1 and not all(pin.marker for pin in pins)] == []


def test_runtime_dependencies_have_a_lowest_and_a_highest_version():
    """Courses die of rot: what was never tried is not allowed."""
    asked = [Requirement(line) for line in project()["project"]["dependencies"]]
    open_ended = [str(one) for one in asked if {part.operator for part in one.specifier} != {">=", "<"}]

    assert open_ended == []


def test_the_conda_file_asks_for_the_same_versions():
    entries = yaml.safe_load((ROOT / "environment.yml").read_text("utf-8"))["dependencies"]
    lines = [entry for entry in entries if isinstance(entry, str)]
    conda = {name: SpecifierSet(versions) for name, _, versions in (line.partition(" ") for line in lines)}
    extras = project()["project"]["optional-dependencies"]["instructor"]
    asked = [Requirement(line) for line in (*project()["project"]["dependencies"], *extras)]
    expected = {CONDA_NAMES.get(one.name, one.name): one.specifier for one in asked}

    assert conda == {**expected, "python": SpecifierSet(project()["project"]["requires-python"]), "pip": SpecifierSet()}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    """The wheel of this checkout, built without fetching anything; an author's own evidence lies about."""
    checkout = tmp_path_factory.mktemp("checkout")
    for name in (".gitignore", "README.md", "LICENSE", "LICENSE-COURSE", "pyproject.toml"):
        shutil.copy(ROOT / name, checkout)
    for folder in ("autograder", "course", "exercises", "helpers"):
        shutil.copytree(ROOT / folder, checkout / folder, ignore=shutil.ignore_patterns("__pycache__"))
    mine = checkout / "exercises" / "constraint-summary" / "evidence"
    mine.mkdir(parents=True, exist_ok=True)
    (mine / "inventory.json").write_text("{}", encoding="utf-8")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--target", "wheel"], cwd=checkout, check=True, capture_output=True
    )
    (built,) = (checkout / "dist").glob("*.whl")
    return built


def contents(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_the_wheel_carries_lessons_and_released_exercises(wheel):
    shipped = {f"workstation/_materials/{path.relative_to(ROOT).as_posix()}"
               for folder in ("course", "exercises") for path in (ROOT / folder).rglob("*.ipynb")
               if ".ipynb_checkpoints" not in path.parts}  # fmt: skip

    assert shipped
    assert {name for name in contents(wheel) if name.endswith(".ipynb")} == shipped


def test_the_wheel_carries_every_module_and_the_catalogue(wheel):
    found = (
        (root, path)
        for root in ("helpers/workstation", "autograder/workstation_grader")
        for path in (ROOT / root).rglob("*.*")
    )  # autograder/hub is no package: it is run from the checkout
    source = {path.relative_to((ROOT / root).parent).as_posix() for root, path in found
              if path.suffix in {".py", ".toml"}}  # fmt: skip

    assert source <= contents(wheel)
    assert {"workstation/py.typed", "workstation_grader/py.typed"} <= contents(wheel)


def test_the_wheel_carries_no_solution_and_nobodys_evidence(wheel):
    with zipfile.ZipFile(wheel) as archive:
        notebooks = [archive.read(name) for name in archive.namelist() if name.endswith(".ipynb")]

    assert not any(b"BEGIN SOLUTION" in notebook for notebook in notebooks)
    assert [name for name in contents(wheel) if "evidence/" in name or "solutions/" in name] == []


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory) -> Path:
    """The Python of a fresh environment with nothing but the wheel and what it asks for."""
    if UV is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("uv is not here. Run: python3 start.py setup")
    environment = tmp_path_factory.mktemp("empty") / "environment"
    python = environment / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    for command in (
        ["venv", "--quiet", "--python", sys.executable, environment],
        ["pip", "install", "--quiet", "--python", python, "--constraints", ROOT / "requirements.lock", wheel],
    ):
        subprocess.run([UV, *map(str, command)], check=True, timeout=LIMIT_SECONDS)
    return python


def test_the_course_opens_from_an_installed_wheel(installed, tmp_path):
    """Not from this checkout: the environment knows nothing of it."""
    with lab("--dir", tmp_path / "copy", python=installed) as running:
        served = running.get(f"api/contents/{LESSON}?type=file&format=text")["content"]
        cells = running.get("lab/api/settings/@jupyterlab/notebook-extension:tracker")["schema"]["properties"]

    assert served == (ROOT / LESSON).read_text("utf-8")
    assert cells["codeCellConfig"]["default"]["lineWrap"] is True


def test_the_installed_package_is_its_own(installed):
    program = (
        "import workstation, workstation.materials as m; print(workstation.__file__, m.materials_root(), sep=chr(10))"
    )
    place, materials = subprocess.run(
        [installed, "-c", program], capture_output=True, text=True, check=True
    ).stdout.split()

    assert Path(place).is_relative_to(installed.parent.parent)
    assert Path(materials) == Path(place).parent / "_materials"
