"""Measure what a learner waits for: the feedback card after running an answer cell.

    python benchmarks/card.py

Runs the magic on the model answers of the three exercises in a real IPython shell, in a folder with a saved notebook
and evidence, and on the summary with an evidence field of 20,000 characters. First the kernel gets ready, as it does
once a first cell has run; "first" is the first card of an exercise after that. Wall time, and the processor time that
this process took for it: on a busy machine the second is the one to read.
"""

import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from IPython.core.displaypub import CapturingDisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from workstation.answers.notebook import extract_answers, read_notebook
from workstation.catalog import load_catalog
from workstation.notebook import magics

ROOT = Path(__file__).resolve().parents[1]
NAMES = ("constraint-summary", "symptom-mapping", "staged-plan")
MACHINE = ROOT / "autograder/workstation_grader/selftest/constraint-summary/inventory.json"
RUNS = 50
LONG_CHARS = 20_000
LONG = "constraint-summary"
GOAL_MS = 100


class Took(NamedTuple):
    """How long a card took, in milliseconds."""

    wall_ms: float
    processor_ms: float


def measure_card(runs: int = RUNS) -> dict[str, Took]:
    """Give the median time from running an answer to its card, by answer; getting ready, and each exercise's first."""
    shell = InteractiveShell.instance(config=Config({"HistoryManager": {"enabled": False}}))
    shell.display_pub = CapturingDisplayPublisher(parent=shell)
    magics.load(shell)
    found = {"getting ready": _took(magics._get_ready)}  # noqa: SLF001 - what the idle kernel does
    for name in NAMES:
        found |= _in_its_folder(shell, name, runs)
    return found


def _in_its_folder(shell: InteractiveShell, name: str, runs: int) -> dict[str, Took]:
    source = ROOT / "solutions" / name / f"{name}.ipynb"
    answers = extract_answers(read_notebook(source.read_bytes()).cells, load_catalog().exercises[name]).answers
    started_in = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(source, folder)
        (Path(folder) / "evidence").mkdir()
        shutil.copy(MACHINE, Path(folder) / "evidence")
        os.chdir(folder)
        try:
            return _timed(shell, name, answers, runs)
        finally:
            os.chdir(started_in)


def _timed(shell: InteractiveShell, name: str, answers: dict[str, str], runs: int) -> dict[str, Took]:
    first = next(iter(answers))
    found = {f"first of {name}": _once(shell, first, answers[first])}
    for answer, text in answers.items():
        found[answer] = _median(shell, answer, text, runs)
    if LONG in answers:
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
    return _took(lambda: shell.run_cell(f"%%answer {answer}\n{text}").raise_error())


def _took(act: Callable[[], object]) -> Took:
    started, busy = time.perf_counter(), time.process_time()
    act()
    return Took((time.perf_counter() - started) * 1000, (time.process_time() - busy) * 1000)


if __name__ == "__main__":
    print(f"{'card of':30} {'takes':>10} {'processor':>12}   (goal: under {GOAL_MS} ms)")
    for name, took in measure_card().items():
        print(f"{name:30} {took.wall_ms:7.1f} ms {took.processor_ms:9.1f} ms")
