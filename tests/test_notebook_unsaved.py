"""A card on an answer that may stand in a cell and nowhere else: it says to save, and only then."""

import os
import time
from pathlib import Path

import nbformat
import pytest
from notebook_kit import ipython_shell

NAME = "constraint-summary"
GOOD = "For the next four months I build API-first applications: scripts that call hosted models, and a lot of Git."


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An exercise folder without a notebook, and a learner at work."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    monkeypatch.delenv("NBGRADER_EXECUTION", raising=False)
    return tmp_path


@pytest.fixture
def shell(folder: Path):
    """A real IPython shell there, with the course's magics."""
    del folder
    with ipython_shell() as started:
        started.run("import workstation as ws")
        yield started


def save(path: Path, text: str, *, answer: str = "workload", age_seconds: float = 0) -> None:
    """Save a notebook that holds one answer, as long ago as asked."""
    cell = nbformat.v4.new_code_cell(f"%%answer {answer}\n{text}", metadata={"nbgrader": {"grade_id": answer}})
    path.write_text(nbformat.writes(nbformat.v4.new_notebook(cells=[cell])), encoding="utf-8")
    os.utime(path, (time.time() - age_seconds,) * 2)


def test_an_answer_that_is_neither_saved_nor_run_is_asked_for(shell, folder):
    """After a restart with an unsaved cell the card would otherwise contradict what stands on the screen."""
    save(folder / f"{NAME}.ipynb", "")

    assert shell.run('ws.check("workload", group=1)') == 0.0
    assert "reads the saved notebook" in shell.text
    assert "Ctrl-S" in shell.text


@pytest.mark.parametrize("text", [GOOD, "AI work"])
def test_an_answer_that_was_read_is_not_asked_to_be_saved(shell, folder, text):
    save(folder / f"{NAME}.ipynb", text)
    shell.run('ws.check("workload", group=1)')

    assert "reads the saved notebook" not in shell.text


def test_validating_asks_nobody_to_save(shell, folder, monkeypatch):
    monkeypatch.setenv("NBGRADER_EXECUTION", "validate")
    save(folder / f"{NAME}.ipynb", "")
    shell.run('ws.check("workload", group=1)')

    assert "reads the saved notebook" not in shell.text
