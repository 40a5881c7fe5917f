"""Measure what a learner waits for: the feedback card after running an answer cell.

    python benchmarks/card.py

Runs the magic on the exercise's model answers in a real IPython shell, in a folder with a saved notebook and evidence,
and on the summary with an evidence field of 20,000 characters. Wall time, and the processor time that this process took
for it: on a busy machine the second is the one to read.
"""

import os
import shutil
import statistics
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from IPython.core.displaypub import CapturingDisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from workstation.answers.notebook import extract_answers, read_notebook
from workstation.catalog import load_catalog
from workstation.notebook import magics

ROOT = Path(__file__).resolve().parents[1]
NAME = "constraint-summary"
RUNS = 50
LONG_CHARS = 20_000
LONG = "constraint-summary"
GOAL_MS = 100


class Took(NamedTuple):
    """How long a card took, in milliseconds."""

    wall_ms: float
    processor_ms: float


def measure_card(runs: int = RUNS) -> dict[str, Took]:
    """Give the median time from running an answer to its card, by answer; the first run of all as "first"."""
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


def _timed(answers: dict[str, str], runs: int) -> dict[str, Took]:
    shell = InteractiveShell.instance(config=Config({"HistoryManager": {"enabled": False}}))
    shell.display_pub = CapturingDisplayPublisher(parent=shell)
    magics.load(shell)
    found = {"first": _once(shell, "workload", answers["workload"])}
    for answer, text in answers.items():
        found[answer] = _median(shell, answer, text, runs)
    found[f"{LONG_CHARS:,} characters"] = _median(shell, LONG, _long(answers[LONG]), runs)
    return found


def _long(summary: str) -> str:
    """Repeat the evidence of a summary, each time with other figures, until it has `LONG_CHARS` characters."""
    label, _, rest = summary.partition("Evidence:")
    evidence, next_label, after = rest.partition("Second likely bottleneck:")
    day, said = 1, ""
    while len(said) < LONG_CHARS:
        said, day = f"{said} {evidence.strip().replace('9 November', f'day {day}')}", day + 1
    return f"{label}Evidence:{said[:LONG_CHARS]}\n{next_label}{after}"


def _median(shell: InteractiveShell, answer: str, text: str, runs: int) -> Took:
    taken = [_once(shell, answer, text) for _ in range(runs)]
    return Took(*(statistics.median(column) for column in zip(*taken, strict=True)))


def _once(shell: InteractiveShell, answer: str, text: str) -> Took:
    started, busy = time.perf_counter(), time.process_time()
    shell.run_cell(f"%%answer {answer}\n{text}").raise_error()
    return Took((time.perf_counter() - started) * 1000, (time.process_time() - busy) * 1000)


if __name__ == "__main__":
    print(f"{'card of':20} {'takes':>10} {'processor':>12}   (goal: under {GOAL_MS} ms)")
    for name, took in measure_card().items():
        print(f"{name:20} {took.wall_ms:7.1f} ms {took.processor_ms:9.1f} ms")
