"""Grading on a Dask cluster: a real scheduler and real worker processes, one of which is killed half-way."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from grading_kit import EXERCISE, Terminal, assert_is_one_sentence, hand_in

from workstation.errors import CohortError
from workstation_grader import batch, cluster
from workstation_grader.batch import grade_cohort
from workstation_grader.course import Course
from workstation_grader.marks import read_marks

NOWHERE = "tcp://127.0.0.1:9"  # the port of the discard service, which nobody runs


@pytest.fixture(scope="module")
def dask() -> None:
    """Dask's own package; where it is missing the tests are skipped, and fail where CI ought to have it."""
    if not os.environ.get("CI"):
        pytest.importorskip("distributed")


class Processes:
    """A scheduler and workers, each a process of its own, started and waited for by what they print."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.running, self.readers = folder, [], []
        self.address = self._told(self._start("scheduler", "--host", "127.0.0.1", "--port", "0"), "Scheduler at:")

    def start_workers(self, count: int) -> list[subprocess.Popen[str]]:
        """Start workers with one thread each; wait until the scheduler has them."""
        options = ("--no-nanny", "--nthreads", "1", "--local-directory", str(self.folder), "--host", "127.0.0.1")
        workers = [self._start("worker", self.address, *options) for _ in range(count)]
        for worker in workers:
            self._told(worker, "Registered to:")
        return workers

    def _start(self, kind: str, *arguments: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "dask", kind, *arguments, "--no-dashboard"]
        process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, cwd=self.folder
        )
        self.running.append(process)
        return process

    def _told(self, process: subprocess.Popen[str], what: str) -> str:
        """Read what a process prints until it says *what*; give the last word of that line."""
        for line in process.stderr:
            if what in line:
                self._drain(process)
                return line.split()[-1]
        raise AssertionError(f"it ended with {process.wait()}")

    def _drain(self, process: subprocess.Popen[str]) -> None:
        """Read on, or the pipe would fill and the process wait."""
        thread = threading.Thread(target=process.stderr.read)
        thread.start()
        self.readers.append(thread)

    def stop(self) -> None:
        """End them all."""
        for process in self.running:
            process.kill()
            process.wait()
        for reader in self.readers:
            reader.join()
        for process in self.running:
            process.stderr.close()


@pytest.fixture(scope="module")
def cluster_of_two(dask: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Processes]:
    """A scheduler with two workers."""
    processes = Processes(tmp_path_factory.mktemp("dask"))
    processes.start_workers(2)
    yield processes
    processes.stop()


@pytest.fixture
def eight(course: Course, submit: Callable[..., Path], model: dict[str, str]) -> Course:
    """Eight submissions: full, partial, without evidence, damaged."""
    for number in range(2):
        submit(f"full-{number}")
        submit(f"part-{number}", answers=model | {"workload": "AI work"})
        submit(f"bare-{number}", machine=None)
        hand_in(course.root, f"torn-{number}", b"{")
    return course


def state(course: Course) -> tuple:
    """The gradebook's marks and the clean copies."""
    found = filter(Path.is_file, course.autograded.rglob("*"))
    files = {path.relative_to(course.root).as_posix(): path.read_bytes() for path in found}
    return read_marks(course.db_url, EXERCISE), files


def test_a_cluster_gives_what_one_process_gives_though_a_worker_is_killed(
    eight: Course, cluster_of_two: Processes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SIGKILL to one of two workers half-way: the same marks and copies as without a cluster."""
    grade_cohort(eight, EXERCISE, jobs=1)
    alone = state(eight)
    monkeypatch.setattr(batch, "CLUSTER_BATCH", 1)
    doomed = cluster_of_two.running[-1]

    def kill(done: int, _all: int) -> None:
        if done == 3:
            doomed.send_signal(signal.SIGKILL)
            doomed.wait()

    report = grade_cohort(eight, EXERCISE, which="all", scheduler=cluster_of_two.address, progress=kill)

    assert doomed.returncode == -signal.SIGKILL
    assert report.graded == 8
    assert state(eight) == alone


def test_workers_need_no_folder_of_ours(eight: Course, cluster_of_two: Processes) -> None:
    """Bytes travel: while the workers score, nothing that was collected can be reached by them."""
    submissions = [
        batch.read_submission(folder, student=folder.parent.name, exercise=EXERCISE)
        for folder in sorted(eight.collected.glob(f"*/{EXERCISE}"))
    ]
    master = eight.master(EXERCISE)
    here = batch.grade_read(submissions, master)
    eight.collected.rename(eight.root / "away")

    (there,) = cluster.on_cluster(cluster_of_two.address, batch.partial(batch.grade_read, master=master), [submissions])

    assert there == here


def test_a_worker_of_another_version_grades_nothing(
    eight: Course, cluster_of_two: Processes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The versions of both are in the sentence, and nothing was recorded."""
    monkeypatch.setattr(cluster, "versions", lambda: {"package": "99", "catalog": "9", "rubric": "9"})

    with pytest.raises(CohortError, match=r"other versions \(package .*\) than this machine \(package 99"):
        grade_cohort(eight, EXERCISE, scheduler=cluster_of_two.address)
    assert read_marks(eight.db_url, EXERCISE) == {}


def test_a_scheduler_without_workers_is_one_sentence(
    eight: Course, dask: None, tmp_path: Path, cohort: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It says how to start one, and with which address."""
    monkeypatch.setattr(cluster, "WORKERS_SECONDS", 0.1)
    processes = Processes(tmp_path)
    try:
        assert_is_one_sentence(cohort, cohort("grade", EXERCISE, "--scheduler", processes.address))
    finally:
        processes.stop()
    assert f"dask worker {processes.address}" in cohort.err


@pytest.mark.parametrize("address", [NOWHERE, "nonsense://x", "tcp://", "10.0.0.5:port", ""])
@pytest.mark.usefixtures("dask", "eight")
def test_an_address_where_nobody_answers_is_one_sentence(
    cohort: Terminal, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever is wrong with it, the sentence says how to start a scheduler, and how to do without."""
    monkeypatch.setattr(cluster, "CONNECT_SECONDS", 1)

    assert_is_one_sentence(cohort, cohort("grade", EXERCISE, "--scheduler", address))
    assert "dask scheduler" in cohort.err
    assert "leave --scheduler out" in cohort.err


@pytest.mark.usefixtures("eight")
def test_without_dask_there_is_a_way_on(cohort: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    """The package to install, and that one machine does too."""
    monkeypatch.setitem(sys.modules, "distributed", None)

    assert_is_one_sentence(cohort, cohort("grade", EXERCISE, "--scheduler", NOWHERE))
    assert "pip install 'home-ai-workstation[cluster]'" in cohort.err
