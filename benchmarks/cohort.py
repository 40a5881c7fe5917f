"""Grade one class with `workstation-cohort` and with stock `nbgrader`, in one run, and larger classes with ours.

Usage: python benchmarks/cohort.py [--count 200] [--stock-count 12] [--exercise NAME] [--sizes 50 500 5000]
                                   [--postgresql] [--dask]

`cohort_maker.py` makes the submissions, so anyone can repeat it. Whole command lines are timed, as an instructor meets
them. "Each" is a command's slope between a few submissions and all of them, so that nobody pays for imports. Where both
graded, points and time stamps are compared in the same run. Machines are noisy: read the ratios.
"""

import argparse
import contextlib
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tests"), str(Path(__file__).parent)]

from cohort_maker import exercises, make_submissions  # noqa: E402 - the path is set above

from workstation_grader.course import make_course, open_course  # noqa: E402 - likewise
from workstation_grader.release import generate  # noqa: E402 - likewise

STOCK_CONFIG = 'c = get_config()\nc.ClearSolutions.code_stub = {"python": ""}\nc.CourseDirectory.course_id = "stock"\n'
FEW = 3
LOOK_EVERY_SECONDS = 0.1


@dataclass(frozen=True, kw_only=True)
class Cost:
    """What a command took: wall-clock and processor seconds, and the most memory of all its processes together."""

    wall_seconds: float
    cpu_seconds: float
    peak_bytes: int

    def less(self, other: "Cost", submissions: int) -> tuple[float, float]:
        """Give milliseconds a submission, of the wall and of the processor, beyond a run on fewer."""
        wall, cpu = self.wall_seconds - other.wall_seconds, self.cpu_seconds - other.cpu_seconds
        return wall * 1000 / submissions, cpu * 1000 / submissions


def measured(command: list[str], root: Path) -> Cost:
    """Run a command in a course folder, looking at its processes now and then."""
    environment = os.environ | {"JUPYTER_CONFIG_DIR": str(root / "no-config")}
    environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environment['PATH']}"  # nbgrader calls alembic
    began, cpu, peak, ended = time.perf_counter(), {}, 0, threading.Event()
    with tempfile.TemporaryFile("w+") as log:
        process = psutil.Popen(command, cwd=root, env=environment, stdout=log, stderr=log)
        waiter = threading.Thread(target=lambda: (process.wait(), ended.set()))
        waiter.start()
        while not ended.wait(LOOK_EVERY_SECONDS):
            peak = max(peak, _look(process, cpu))
        waiter.join()
        log.seek(0)
        assert process.returncode == 0, log.read()[-2000:]
    return Cost(wall_seconds=time.perf_counter() - began, cpu_seconds=sum(cpu.values()), peak_bytes=peak)


def _look(process: psutil.Process, cpu: dict[int, float]) -> int:
    """Note the processor time of a process and all below it; give their memory."""
    memory = 0
    with contextlib.suppress(psutil.NoSuchProcess):
        for each in (process, *process.children(recursive=True)):
            with contextlib.suppress(psutil.NoSuchProcess), each.oneshot():
                memory += each.memory_info().rss
                cpu[each.pid] = each.cpu_times().user + each.cpu_times().system
    return memory


@dataclass(frozen=True, kw_only=True)
class Place:
    """A course folder that begins anew for each measurement."""

    root: Path
    exercise: str
    blank: dict
    collected: str  # the folder's name
    clean: tuple[str, ...] = ("autograded", "feedback", "backups")

    def begin(self, count: int) -> int:
        """Hand in the first *count* submissions to a gradebook that knows no grade; give how many are there.

        Stock nbgrader gets none of the damaged ones: some would end its whole run.
        """
        for name in (self.collected, *self.clean):
            shutil.rmtree(self.root / name, ignore_errors=True)
        shutil.copyfile(self.root / "released.db", self.root / "gradebook.db")
        damaged = make_submissions(self.root / self.collected, self.exercise, self.blank, count)
        for student in damaged if self.is_stock else ():
            shutil.rmtree(self.root / self.collected / student)
        return count - len(damaged) if self.is_stock else count

    @property
    def is_stock(self) -> bool:
        """Whether nbgrader as it comes grades here."""
        return self.collected == "submitted"


def our_place(root: Path, exercise: str) -> Place:
    """Make a course of ours and release an exercise there."""
    make_course(root)
    generate(open_course(root), exercise)
    shutil.copyfile(root / "gradebook.db", root / "released.db")
    blank = json.loads((root / f"exercises/{exercise}/{exercise}.ipynb").read_text(encoding="utf-8"))
    return Place(root=root, exercise=exercise, blank=blank, collected="collected")


def stock_place(root: Path, ours: Place) -> Place:
    """Make a course of a stock nbgrader on the same exercise."""
    name = ours.exercise
    (root / "source" / name).mkdir(parents=True)
    shutil.copyfile(ROOT / f"solutions/{name}/{name}.ipynb", root / f"source/{name}/{name}.ipynb")
    (root / "nbgrader_config.py").write_text(STOCK_CONFIG, encoding="utf-8")
    measured([sys.executable, "-m", "nbgrader", "generate_assignment", name], root)
    shutil.copyfile(root / "gradebook.db", root / "released.db")
    return Place(root=root, exercise=name, blank=ours.blank, collected="submitted")


def ours(place: Place, command: str, *options: str) -> Cost:
    """Run a command of ours on all that is handed in."""
    called = [sys.executable, "-m", "workstation_grader", command, place.exercise, "--course", str(place.root)]
    return measured([*called, *options], place.root)


def stock(place: Place, command: str) -> Cost:
    """Run a command of nbgrader's on all that is handed in."""
    return measured([sys.executable, "-m", "nbgrader", command, place.exercise], place.root)


POINTS = """
    SELECT submitted_assignment.student_id, submitted_assignment.timestamp, base_cell.name, grade.auto_score
    FROM grade JOIN base_cell ON base_cell.id = grade.cell_id
    JOIN submitted_notebook ON submitted_notebook.id = grade.notebook_id
    JOIN submitted_assignment ON submitted_assignment.id = submitted_notebook.assignment_id
"""


def points_of(place: Place) -> dict[tuple[str, str], tuple[str, float]]:
    """Read (time stamp, points) by learner and test cell."""
    with contextlib.closing(sqlite3.connect(place.root / "gradebook.db")) as gradebook:
        return {(who, cell): (stamp, points) for who, stamp, cell, points in gradebook.execute(POINTS)}


def compare(mine: Place, theirs: Place, count: int, damaged: set[str]) -> str:
    """Say whether both found the same, cell by cell, in what both graded of what nobody damaged."""
    own, other = points_of(mine), points_of(theirs)
    learners = {f"learner-{number:05d}" for number in range(count)}
    both = [key for key in own if key in other and key[0] in learners - damaged]
    odd = [key for key in both if own[key] != other[key]]
    missing = learners - damaged - {who for who, _ in other}
    told = f"{len(both) - len(odd)} of {len(both)} test cells have equal points and time stamps"
    return f"{told}; of the whole ones stock could not grade {len(missing)}" + (f"; unequal: {odd[:5]}" if odd else "")


def beside_stock(scratch: Path, exercise: str, count: int, stock_count: int) -> None:
    """Print how many times as long stock nbgrader takes, for grading, and for grading and pages."""
    mine = our_place(scratch / f"ours-{exercise}", exercise)
    theirs = stock_place(scratch / f"stock-{exercise}", mine)
    taken: dict[str, list[tuple[int, list[Cost]]]] = {"ours": [], "stock": []}
    for few, many in ((FEW, FEW), (count, stock_count)):
        taken["ours"].append((mine.begin(few), [ours(mine, "grade"), ours(mine, "feedback")]))
        taken["stock"].append((theirs.begin(many), [stock(theirs, "autograde"), stock(theirs, "generate_feedback")]))
    damaged = make_submissions(scratch / "again", exercise, mine.blank, count)
    print(
        f"\n{exercise}: {count} submissions, {len(damaged)} of them damaged; stock on {taken['stock'][1][0]} whole ones"
    )
    each = {}
    for who, ((some, few), (number, whole)) in taken.items():
        steps = [after.less(before, number - some) for before, after in zip(few, whole, strict=True)]
        run = [cost.wall_seconds * 1000 / number for cost in whole]
        each[who] = [(steps[0][0], steps[0][1], run[0])]
        each[who].append((steps[0][0] + steps[1][0], steps[0][1] + steps[1][1], sum(run)))
        peak = max(cost.peak_bytes for cost in whole) / 1e6
        grade, pages = (f"{wall:.1f} ms each ({cpu:.1f} of processor)" for wall, cpu in steps)
        runs = " and ".join(f"{cost.wall_seconds:.1f} s" for cost in whole)
        print(f"  {who:6} grade {grade}, pages {pages}, whole runs {runs}, peak {peak:.0f} MB")
    for number, what in enumerate(("grading", "grading and pages")):
        mine_each, their_each = each["ours"][number], each["stock"][number]
        wall, cpu, run = (b / max(a, 1e-3) for a, b in zip(mine_each, their_each, strict=True))
        print(f"  ratio, {what}: {wall:.0f} each, {cpu:.0f} of processor time, {run:.0f} as whole runs")
    print(f"  {compare(mine, theirs, stock_count, damaged)}")


def sizes(scratch: Path, exercise: str, counts: list[int]) -> None:
    """Print what a submission costs in small and large classes, and the memory of the largest."""
    place = our_place(scratch / "sizes", exercise)
    print(f"\n{exercise}, classes of several sizes")
    for count in counts:
        place.begin(count)
        costs = {"grade": ours(place, "grade"), "again, nothing changed": ours(place, "grade")}
        costs["pages"] = ours(place, "feedback")
        told = ", ".join(
            f"{what} {cost.wall_seconds * 1000 / count:.1f} ms each (processor {cost.cpu_seconds * 1000 / count:.1f})"
            for what, cost in costs.items()
        )
        peak = max(cost.peak_bytes for cost in costs.values()) / 1e6
        print(f"  {count:5}: {told}; peak of all processes {peak:.0f} MB", flush=True)


def beside_postgresql(scratch: Path, exercise: str, count: int) -> None:
    """Print what grading costs with the gradebook in PostgreSQL, beside SQLite."""
    from postgresql_kit import running_server

    place = our_place(scratch / "database", exercise)
    place.begin(count)
    in_sqlite = ours(place, "grade")
    place.begin(count)
    with running_server() as server:
        config = place.root / "nbgrader_config.py"
        url = server.filled(place.root / "released.db")
        config.write_text(f"{config.read_text()}\nc.CourseDirectory.db_url = {url!r}\n", encoding="utf-8")
        in_postgresql = ours(place, "grade")
    _beside(f"gradebook, {count} of {exercise}", {"SQLite": in_sqlite, "PostgreSQL": in_postgresql})


def beside_dask(scratch: Path, exercise: str, count: int) -> None:
    """Print what grading costs on two Dask workers of this machine, beside two processes of our own."""
    place = our_place(scratch / "dask", exercise)
    place.begin(count)
    local = ours(place, "grade", "--jobs", "2")
    place.begin(count)
    with two_workers(scratch) as address:
        remote = ours(place, "grade", "--scheduler", address)
    _beside(f"workers, {count} of {exercise}", {"two of this machine": local, "two of Dask": remote})


def _beside(title: str, costs: dict[str, Cost]) -> None:
    print(f"\n{title}")
    first = next(iter(costs.values())).wall_seconds
    for what, cost in costs.items():
        print(f"  {what:20} {cost.wall_seconds:6.1f} s, {cost.wall_seconds / first:.2f} times the first")


@contextlib.contextmanager
def two_workers(folder: Path) -> Iterator[str]:
    """Start a scheduler and two workers with a thread each; give the address."""
    note = folder / "scheduler.json"
    dask = [sys.executable, "-m", "dask"]
    options = {"cwd": folder, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    start = ["scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", str(note)]
    running = [subprocess.Popen([*dask, *start], **options)]
    try:
        while not note.is_file():
            time.sleep(LOOK_EVERY_SECONDS)
        address = json.loads(note.read_text())["address"]
        worker = [*dask, "worker", address, "--no-nanny", "--nthreads", "1", "--no-dashboard"]
        running += [subprocess.Popen(worker, **options) for _ in range(2)]
        from distributed import Client

        with Client(address) as client:
            client.wait_for_workers(2)
        yield address
    finally:
        for process in running:
            process.terminate()
            process.wait()


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--stock-count", type=int, default=12, help="stock nbgrader takes seconds each")
    parser.add_argument("--exercise", action="append", help="default: all; sizes and the rest take the first")
    parser.add_argument("--sizes", type=int, nargs="*", default=[50, 500, 5000])
    parser.add_argument("--postgresql", action="store_true", help="PostgreSQL beside SQLite")
    parser.add_argument("--dask", action="store_true", help="two Dask workers beside local ones")
    arguments = parser.parse_args()
    chosen = arguments.exercise or exercises()
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        for exercise in chosen if arguments.stock_count else ():
            beside_stock(scratch, exercise, arguments.count, arguments.stock_count)
        if arguments.sizes:
            sizes(scratch, chosen[0], arguments.sizes)
        if arguments.postgresql:
            beside_postgresql(scratch, chosen[0], arguments.count)
        if arguments.dask:
            beside_dask(scratch, chosen[0], arguments.count)


if __name__ == "__main__":
    main()
