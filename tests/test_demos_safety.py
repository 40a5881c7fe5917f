"""Demonstrations cannot hurt the machine: killed, stopped, crowded, squeezed, asked for too much, run in a container.

Every test runs the real thing, small.
"""

import subprocess
import sys
import threading
from pathlib import Path

import pytest
from demos_kit import (
    PATIENCE_SECONDS,
    SOON_SECONDS,
    Parent,
    becomes_true,
    children_of_demos,
    impossible,
    is_gone,
    killed_in,
    live_run,
    small_disk,
    small_group,
    snapshot,
)

from workstation import demos
from workstation.demos import NAMES, Request, _files, _ram, _storage
from workstation.demos._guard import Guard
from workstation.demos._read import Reading
from workstation.units import GIB, MIB

LIMITS = dict.fromkeys(NAMES, 128 * MIB)

# Takes memory in pieces, saying so, until it has as much as it was told; then waits to be let go.
HOG = """
import sys
held = []
for _ in range(int(sys.argv[1]) // 16):
    held.append(bytearray(b"x" * (16 << 20)))
    sys.stdout.write("more\\n"); sys.stdout.flush()
sys.stdin.read()
"""


@pytest.fixture(autouse=True)
def nothing_is_left():
    """Whatever a test does to a demonstration, no process of it is there afterwards."""
    yield
    assert becomes_true(lambda: not children_of_demos(), SOON_SECONDS)


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_left_when_the_parent_is_killed(name, tmp_path):
    """No process, so no memory, and no file, within two seconds of a crash of the notebook."""
    with Parent(name, limit=LIMITS[name], folder=tmp_path) as parent:
        parent.started()
        parent.kill()

        assert becomes_true(lambda: is_gone(parent.child), SOON_SECONDS)
        assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_left_when_the_child_is_killed(name, tmp_path):
    """The parent lives, says that the child died, and holds nothing of it."""
    with Parent(name, limit=LIMITS[name], folder=tmp_path) as parent:
        parent.started()
        import psutil

        psutil.Process(parent.child).kill()
        end = parent.finished()

        assert end["by"] == "died"
        assert "signal 9" in end["ended"]
        assert is_gone(parent.child)
        assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", NAMES)
def test_stopping_ends_it_within_two_seconds(name, tmp_path):
    """A stop button is pressed from another thread than the one that follows the run."""
    running = live_run(name, Request(limit_bytes=LIMITS[name], seconds=8, folder=tmp_path), snapshot=real(tmp_path))
    for event in running:
        if isinstance(event, demos.Sampled):
            threading.Thread(target=running.stop).start()
            break
    rest = list(running)

    assert running.result.ended_by == "stop"
    assert isinstance(rest[-1], demos.Finished)
    assert running.result.release_seconds < SOON_SECONDS
    assert is_gone(running.pid)
    assert list(tmp_path.iterdir()) == []


def real(folder):
    from workstation.demos._read import read_snapshot

    return read_snapshot(folder)


def test_a_run_that_is_dropped_in_the_middle_leaves_nothing():
    """A notebook cell that breaks out of the loop, or fails in it, closes the run."""
    with live_run("ram", Request(limit_bytes=128 * MIB, seconds=8)) as running:
        next(event for event in running if isinstance(event, demos.Sampled))

    assert is_gone(running.pid)


def test_a_run_that_was_never_begun_starts_no_process():
    with live_run("ram", Request(limit_bytes=128 * MIB)) as running:
        stated = next(running)

    assert isinstance(stated, demos.Stated)
    assert running.pid is None


def test_a_run_stopped_before_it_began_takes_nothing():
    running = live_run("ram", Request(limit_bytes=128 * MIB, seconds=8))
    running.stop()
    list(running)

    assert running.result.ended_by == "stop"
    assert max((held or 0 for held in running.result.columns.get("held_bytes", ())), default=0) == 0


def test_only_one_runs_at_a_time_and_a_dead_one_frees_the_place():
    """The lock belongs to the child, so that the system frees it however the child ends."""
    with Parent("ram") as first:
        first.started()
        with Parent("ram_crash") as second:
            assert second.finished()["by"] == "busy"
        first.kill()
        assert becomes_true(lambda: is_gone(first.child), SOON_SECONDS)
    with Parent("ram") as third:
        third.started()


def test_the_kernel_would_take_the_child_before_anything_else():
    with Parent("ram") as parent:
        parent.started()
        path = Path(f"/proc/{parent.child}/oom_score_adj")
        if not path.exists():
            impossible("This system has no out-of-memory score.")
        score = path.read_text("ascii")

    assert int(score) == 1000


def test_memory_is_really_there_and_really_given_back():
    """What the child says that it holds is resident, and gone with it."""
    running = live_run("ram", Request(limit_bytes=128 * MIB, seconds=1))
    list(running)
    columns = running.result.columns

    assert max(columns["held_bytes"]) == 128 * MIB
    assert max(columns["process_resident_bytes"]) > 128 * MIB
    assert is_gone(running.pid)


class Falling:
    """Memory that other programs take: what is available falls with every look."""

    def __init__(self, start: int, by: int) -> None:
        self.now, self.by = start, by
        self.looks = 0

    def __call__(self) -> Reading:
        """Look."""
        self.looks += 1
        self.now -= self.by
        return Reading(available_bytes=self.now)


def test_it_stops_before_a_step_that_would_pass_the_floor():
    """Memory that falls for other reasons counts as much as what the child takes."""
    plan = demos.plan("ram", Request(limit_bytes=128 * MIB, seconds=1), snapshot=snapshot())
    reader, said = Falling(2 * GIB, 20 * MIB), []
    guard = Guard(plan, say=said.append, cut=threading.Event(), read=reader)

    ending = _ram.work(plan, guard)

    assert ending.by == "floor"
    assert reader.looks > 3
    assert reader.now + reader.by >= plan.floor_bytes  # the look before the last was above it: it stopped at once
    assert said[-1]["held_bytes"] < 128 * MIB


def test_memory_that_cannot_be_read_any_more_ends_it():
    plan = demos.plan("ram", Request(limit_bytes=128 * MIB, seconds=1), snapshot=snapshot())
    readings = iter([Reading(available_bytes=8 * GIB)] * 3)
    guard = Guard(
        plan, say=lambda _line: None, cut=threading.Event(), read=lambda: next(readings, Reading(available_bytes=None))
    )

    assert _ram.work(plan, guard).by == "floor"


@pytest.mark.parametrize(("limit_bytes", "least_bytes"), [(2 * GIB, 512 * MIB), (512 * MIB, 96 * MIB)])
def test_it_runs_live_in_a_small_container(limit_bytes, least_bytes):
    """Under a real limit the ceiling follows the limit, not the host; nobody is killed and the floor holds."""
    with small_group(limit_bytes) as group, Parent("ram", limit=None, seconds=3, group=group) as parent:
        plan = parent.until(lambda line: line["event"] == "Stated")
        end = parent.finished()
        parent.process.wait()

        assert plan["mode"] == "live"
        assert least_bytes <= plan["ceiling"] <= limit_bytes // 2
        assert end["by"] in {"ceiling", "floor", "time"}  # the last where the machine has other work
        assert end["lowest"] >= end["floor"] - plan["step"]
        assert end["floor"] >= 256 * MIB
        assert killed_in(group) == 0


def test_it_gives_everything_back_when_another_program_takes_the_memory():
    """A hog in the same small container: the demonstration goes, the hog and the parent live."""
    with small_group(2 * GIB) as group, Parent("ram", limit=256 * MIB, seconds=15, group=group) as parent:
        parent.started()
        joining = ["sh", "-c", f'echo $$ > {group}/cgroup.procs && exec "$@"', "sh"]
        hog = subprocess.Popen(
            [*joining, sys.executable, "-c", HOG, "1600"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        with hog:
            end = parent.finished()
            assert becomes_true(lambda: is_gone(parent.child), SOON_SECONDS)
            assert hog.poll() is None
            parent.process.wait()
            hog.kill()

        assert end["by"] in {"floor", "stall"}
        assert killed_in(group) == 0


def test_a_disk_that_fills_up_ends_it_and_gets_its_room_back(tmp_path):
    """Other programs take the disk while the file is written."""
    with small_disk(tmp_path / "disk", 64 * MIB) as disk:
        plan = demos.plan("storage", Request(folder=disk), snapshot=snapshot())
        (disk / "others").write_bytes(b"\0" * (40 * MIB))
        guard = Guard(plan, say=lambda _line: None, cut=threading.Event(), read=plenty)

        assert _storage.work(plan, guard).by == "space"
        assert [path.name for path in disk.iterdir()] == ["others"]


def plenty() -> Reading:
    return Reading(available_bytes=8 * GIB)


def test_a_disk_without_room_ends_it_and_gets_its_room_back(tmp_path, monkeypatch):
    """The write is refused, as it is when the room goes between the look and the write."""
    monkeypatch.setattr(_files, "free_bytes", lambda _descriptor: 100 * GIB)
    with small_disk(tmp_path / "disk", 32 * MIB) as disk:
        before = free_on(disk)
        plan = demos.plan("storage", Request(folder=disk), snapshot=snapshot())
        guard = Guard(plan, say=lambda _line: None, cut=threading.Event(), read=plenty)

        assert _storage.work(plan, guard).by == "disk-full"
        assert list(disk.iterdir()) == []
        assert free_on(disk) == before


def free_on(folder) -> int:
    import shutil

    return shutil.disk_usage(folder).free


def test_a_killed_writer_gives_the_disk_its_room_back(tmp_path):
    """Not even the room of a file without a name is kept by a process that is gone."""
    with small_disk(tmp_path / "disk", 400 * MIB) as disk, Parent("storage", limit=32 * MIB, folder=disk) as parent:
        before = free_on(disk)
        parent.started()
        parent.kill()

        assert becomes_true(lambda: free_on(disk) == before, SOON_SECONDS)


def test_its_time_limit_holds_even_for_a_child_that_hangs(monkeypatch):
    """The leash ends a child that no longer looks at its clock."""
    program = (
        "import os, threading\n"
        "from workstation.demos._leash import Leash\n"
        "Leash(parent=os.getppid(), seconds=0.3).arm(by_kernel=False)\n"
        "threading.Event().wait()\n"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE) as child:
        assert child.wait(PATIENCE_SECONDS) == 3
