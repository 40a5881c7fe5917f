"""Every lesson and every solution runs from top to bottom in a real kernel; promised outputs stay as they are."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = sorted(ROOT.glob("course/*.ipynb")) + sorted(ROOT.glob("solutions/*/*.ipynb"))


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_notebook_runs(notebook: Path, tmp_path: Path) -> None:
    """Nbval runs a copy, so that what a capture cell writes stays out of the repository."""
    copy = tmp_path / notebook.name
    shutil.copyfile(notebook, copy)

    run = subprocess.run(
        [sys.executable, "-m", "pytest", "--nbval-lax", "--nbval-current-env", "--nbval-cell-timeout=120",
         "-p", "no:cacheprovider", "-c", os.devnull, "--rootdir", str(tmp_path), str(copy)],
        cwd=tmp_path, env=os.environ.copy(), capture_output=True, text=True, check=False, timeout=600,
    )  # fmt: skip

    assert run.returncode == 0, run.stdout + run.stderr
    assert " passed" in run.stdout
