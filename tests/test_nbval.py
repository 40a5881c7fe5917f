"""Every lesson and every solution runs from top to bottom in a real kernel; promised outputs stay as they are."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from demos_kit import impossible, small_group

from workstation.units import GIB

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
NOTEBOOKS = sorted(ROOT.glob("course/*.ipynb")) + sorted(ROOT.glob("solutions/*/*.ipynb"))
CONTAINER_BYTES = 2 * GIB
LEARNER = "ada"  # draws the cases of symptom-mapping, as on a class hub
NBVAL = (
    sys.executable, "-m", "pytest", "--nbval-lax", "--nbval-current-env", "--nbval-cell-timeout=120",
    "-p", "nbval_cards", "-p", "no:cacheprovider", "-c", os.devnull,
)  # fmt: skip


def copy_of(notebook: Path, folder: Path) -> Path:
    """Copy a notebook with what stands beside it, so that what a cell writes stays out of the repository."""
    shutil.copytree(notebook.parent, folder / notebook.parent.name, ignore=shutil.ignore_patterns("*.ipynb"))
    return Path(shutil.copyfile(notebook, folder / notebook.parent.name / notebook.name))


def validated(copy: Path, *around: str) -> subprocess.CompletedProcess[str]:
    """Run nbval on a copy, the command between what stands *around* it."""
    path = os.pathsep.join(filter(None, [str(HERE), os.environ.get("PYTHONPATH")]))
    variables = os.environ | {"PYTHONPATH": path, "JUPYTERHUB_USER": LEARNER}
    return subprocess.run(
        [*around, *NBVAL, "--rootdir", str(copy.parent), str(copy)],
        cwd=copy.parent, env=variables, capture_output=True, text=True, check=False, timeout=600,
    )  # fmt: skip


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_notebook_runs_and_no_card_says_that_something_is_wrong(notebook: Path, tmp_path: Path) -> None:
    run = validated(copy_of(notebook, tmp_path))

    assert run.returncode == 0, run.stdout + run.stderr
    assert " passed" in run.stdout


def test_a_card_that_says_something_is_wrong_fails_its_cell(tmp_path):
    """Else a lesson that misspells an id would run to its end and pass."""
    cells = [
        nbformat.v4.new_code_cell("import workstation as ws"),
        nbformat.v4.new_code_cell('ws.self_check("02-misspelt")'),
    ]
    notebook = tmp_path / "lesson.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=cells), notebook)

    run = validated(notebook)

    assert run.returncode == 1
    assert "02-misspelt" in run.stdout


@pytest.mark.soak  # a kernel each, a second time
@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_notebook_runs_in_a_container_of_2_gib_without_internet_sensors_and_graphics(notebook, tmp_path):
    """What the smallest class server gives a learner; the kernel and the test's own process share the room."""
    if not shutil.which("unshare") or os.getuid() != 0:
        impossible("Only root can take the network and the sensors away from a command.")
    bare = ("unshare", "--net", "--mount", sys.executable, str(HERE / "bare_machine.py"))
    with small_group(CONTAINER_BYTES) as group:
        joins = ("sh", "-c", f'echo $$ > {group}/cgroup.procs && exec "$@"', "sh")
        run = validated(copy_of(notebook, tmp_path), *joins, *bare)

        assert run.returncode == 0, run.stdout + run.stderr
        assert "oom_kill 0" in (group / "memory.oom_control").read_text("ascii")
