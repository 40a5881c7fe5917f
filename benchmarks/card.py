"""Measure what a learner waits for: the feedback card after running an answer cell.

    python benchmarks/card.py

Runs the magic on the exercise's model answers in a real IPython shell, in a folder with a saved notebook and evidence.
"""

import os
import shutil
import statistics
import tempfile
import time
from pathlib import Path

from IPython.core.displaypub import CapturingDisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from workstation.answers.notebook import extract_answers, read_notebook
from workstation.catalog import load_catalog
from workstation.notebook import magics

ROOT = Path(__file__).resolve().parents[1]
NAME = "constraint-summary"
RUNS = 50


def measure_card(runs: int = RUNS) -> dict[str, float]:
    """Give the median milliseconds from running an answer to its card, by answer; the first run of all as "first"."""
    source = ROOT / "solutions" / NAME / f"{NAME}.ipynb"
    machine = ROOT / "autograder/workstation_grader/selftest" / NAME / "inventory.json"
    answers = extract_answers(read_notebook(source.read_bytes()).cells, load_catalog().exercises[NAME]).answers
    started_in = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(source, folder)
        (Path(folder) / "evidence").mkdir()
        shutil.copy(machine, Path(folder) / "evidence")
        os.chdir(folder)
        try:
            return _timed(answers, runs)
        finally:
            os.chdir(started_in)


def _timed(answers: dict[str, str], runs: int) -> dict[str, float]:
    shell = InteractiveShell.instance(config=Config({"HistoryManager": {"enabled": False}}))
    shell.display_pub = CapturingDisplayPublisher(parent=shell)
    magics.load(shell)
    found = {"first": _once(shell, "workload", answers["workload"])}
    for answer, text in answers.items():
        found[answer] = statistics.median(_once(shell, answer, text) for _ in range(runs))
    return found


def _once(shell: InteractiveShell, answer: str, text: str) -> float:
    started = time.perf_counter()
    shell.run_cell(f"%%answer {answer}\n{text}").raise_error()
    return (time.perf_counter() - started) * 1000


if __name__ == "__main__":
    for name, milliseconds in measure_card().items():
        print(f"{name:20} {milliseconds:7.1f} ms")
