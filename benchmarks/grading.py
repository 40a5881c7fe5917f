"""Grade the same submissions with `workstation-cohort grade` and with stock `nbgrader autograde`, in one run.

Usage: python benchmarks/grading.py [--count 100] [--stock-count 100]

Both command lines are timed whole, as an instructor would meet them; the cost a submission is the slope between a run
on few and a run on all of them, so that neither side pays for its imports. Stock nbgrader may be given fewer of them
(--stock-count), because it is slow; its cost a submission is what is compared. Machines are noisy: read the ratio.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from grading_kit import EXERCISE, SOLUTION, filled, hand_in  # noqa: E402 - the path is set above

from workstation_grader.course import make_course, open_course  # noqa: E402 - likewise
from workstation_grader.release import generate  # noqa: E402 - likewise
from workstation_grader.selftest import model_answers  # noqa: E402 - likewise

LABELLED = ROOT / "tests/answers/constraint-summary.jsonl"
STOCK_CONFIG = 'c = get_config()\nc.ClearSolutions.code_stub = {"python": ""}\nc.CourseDirectory.course_id = "stock"\n'
FEW = 3


def write_submissions(root: Path, blank: dict, count: int) -> None:
    """Hand in *count* varied submissions: the model and the labelled answers, over and over."""
    entries = [json.loads(line) for line in LABELLED.read_text(encoding="utf-8").splitlines()]
    answers = [(model_answers(SOLUTION, EXERCISE), None)] + [(e["answers"], e["inventory"]) for e in entries]
    for number in range(count):
        text, machine = answers[number % len(answers)]
        extra = {} if machine is None else {"machine": json.dumps(machine).encode()}
        hand_in(root, f"learner-{number:05d}", filled(blank, text), **extra)


def timed(command: list[str], root: Path) -> float:
    """Run a command in a course folder and give its wall-clock seconds."""
    environment = os.environ | {"JUPYTER_CONFIG_DIR": str(root / "no-config")}
    began = time.perf_counter()
    run = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr[-2000:]
    return time.perf_counter() - began


def slope(root: Path, command: list[str], folder: str, blank: dict, count: int) -> tuple[float, float]:
    """Give (seconds for all, seconds a submission) of a command, from a run on few and a run on all."""
    write_submissions(root, blank, FEW)
    (root / "collected").rename(root / folder) if folder != "collected" else None
    few = timed(command, root)
    shutil.rmtree(root / folder)
    shutil.rmtree(root / "autograded")
    (root / "gradebook.db").unlink()
    shutil.copyfile(root / "released.db", root / "gradebook.db")
    write_submissions(root, blank, count)
    (root / "collected").rename(root / folder) if folder != "collected" else None
    whole = timed(command, root)
    return whole, (whole - few) / (count - FEW)


def make_stock(root: Path) -> None:
    """Make a course of a stock nbgrader on the same exercise."""
    (root / "source" / EXERCISE).mkdir(parents=True)
    shutil.copyfile(SOLUTION, root / "source" / EXERCISE / SOLUTION.name)
    (root / "nbgrader_config.py").write_text(STOCK_CONFIG, encoding="utf-8")
    timed([sys.executable, "-m", "nbgrader", "generate_assignment", EXERCISE], root)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--stock-count", type=int, default=None)
    arguments = parser.parse_args()
    stock_count = arguments.stock_count or arguments.count
    with tempfile.TemporaryDirectory() as scratch:
        ours, stock = Path(scratch) / "ours", Path(scratch) / "stock"
        make_course(ours)
        generate(open_course(ours), EXERCISE)
        blank = json.loads((ours / "exercises" / EXERCISE / f"{EXERCISE}.ipynb").read_text(encoding="utf-8"))
        make_stock(stock)
        for root in (ours, stock):
            shutil.copyfile(root / "gradebook.db", root / "released.db")
        grade = [sys.executable, "-m", "workstation_grader", "grade", EXERCISE, "--course", str(ours)]
        our_whole, our_each = slope(ours, grade, "collected", blank, arguments.count)
        autograde = [sys.executable, "-m", "nbgrader", "autograde", EXERCISE]
        stock_whole, stock_each = slope(stock, autograde, "submitted", blank, stock_count)
    print(f"{'':28}{'submissions':>12}{'whole run':>12}{'a submission':>15}")
    print(f"{'workstation-cohort grade':28}{arguments.count:>12}{our_whole:>10.1f} s{our_each * 1000:>12.1f} ms")
    print(f"{'stock nbgrader autograde':28}{stock_count:>12}{stock_whole:>10.1f} s{stock_each * 1000:>12.1f} ms")
    print(f"ratio a submission, start-up apart: {stock_each / our_each:.0f}")
    print(f"ratio a submission, whole runs:     {stock_whole / stock_count / (our_whole / arguments.count):.0f}")


if __name__ == "__main__":
    main()
