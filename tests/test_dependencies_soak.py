"""Courses die of rot: the tests on the newest and on the lowest dependencies that pyproject.toml allows.

A soak test (`python3 start.py test -m soak`): each run makes an environment of its own, from uv's cache or the network.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from course_kit import ROOT, UV

LIMIT_SECONDS = 1800
# What touches dependencies, but no browser: commands, a real JupyterLab and kernels, notebooks, cards, grading.
PARTS = (
    "test_cli.py", "test_cli_lab.py", "test_cli_submit.py", "test_exercise_notebook.py", "test_inventory_document.py",
    "test_inventory_machines.py", "test_lesson_00.py", "test_notebook.py", "test_notebook_answers.py", "test_public.py",
    "test_demos.py", "test_demos_replay.py", "test_diagnosis_recordings.py", "test_notebook_planning.py",
    "test_notebook_recording_chart.py", "test_planning_log.py", "test_planning_simulate.py", "test_recording_read.py",
    "test_recording_sampler.py", "test_recording_thin.py", "test_sizing.py", "test_sizing_files.py", "grader",
)  # fmt: skip

pytestmark = pytest.mark.soak


def uv(*words: object) -> None:
    if UV is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("uv is not here. Run: python3 start.py setup")
    subprocess.run([UV, *map(str, words)], cwd=ROOT, check=True, timeout=LIMIT_SECONDS)


@pytest.fixture(params=["highest", "lowest-direct"])
def python(request, tmp_path) -> Path:
    """The Python of an environment with the newest, or the lowest, versions of what the course runs on.

    The tools that test are the newest ones in both.
    """
    environment = tmp_path / request.param
    found = environment / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    uv("venv", "--quiet", "--python", sys.executable, environment)
    uv("pip", "install", "--quiet", "--python", found, "--resolution", request.param, "--editable", ".[instructor]")
    uv("pip", "install", "--quiet", "--python", found, "--group", "test")
    return found


def test_the_course_works_on_the_newest_and_on_the_lowest_dependencies(python):
    tests = [str(ROOT / "tests" / part) for part in PARTS]
    command = [str(python), "-m", "pytest", "-q", "--no-showlocals", "-p", "no:cacheprovider", *tests]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=LIMIT_SECONDS)

    assert done.returncode == 0, done.stdout[-6000:]
