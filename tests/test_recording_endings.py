"""A recording outlives what it watches, and what records it is small and in nobody's way."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from recording_kit import has_samples, limited_group, start, until

from workstation.recording import SUFFIX, last_crash, load_recording, watch
from workstation.recording._child import ending
from workstation.recording._ending import Kills

ON_LINUX = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells of this")
# A stand-in for a kernel: it watches itself, and goes on until it is ended from outside.
KERNEL = """
import sys, threading
from workstation.recording import watch
with watch("kernel", folder=__import__("pathlib").Path(sys.argv[1])) as rec:
    rec.mark("load")
    print(rec.recorder_pid, flush=True)
    threading.Event().wait(120)
"""
# Takes no more than 300 MiB, in case the limit that it is tried on does not hold.
HUNGRY_KERNEL = """
import os, pathlib, sys, threading
from workstation.recording import watch
pathlib.Path(sys.argv[2], "cgroup.procs").write_text(str(os.getpid()))
held = []
with watch("kernel", folder=pathlib.Path(sys.argv[1])) as rec:
    print(rec.recorder_pid, flush=True)
    for _ in range(75):
        held.append(bytearray(4 << 20))
        threading.Event().wait(0.02)
"""


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A folder to work in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def recorded(place, name):
    return place / "evidence" / f"{name}{SUFFIX}"


def is_gone(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return Path(f"/proc/{pid}/stat").exists() and ") Z " in Path(f"/proc/{pid}/stat").read_text()


@ON_LINUX
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV])
def test_the_recording_outlives_the_kernel_that_is_killed(place, number):
    """The recorder notices, writes who did it, and ends."""
    kernel = start(KERNEL, place, stdout=subprocess.PIPE, text=True)
    recorder = int(kernel.stdout.readline())
    until(lambda: has_samples(recorded(place, "kernel")))

    kernel.send_signal(number)
    until(lambda: is_gone(recorder))
    kernel.wait()
    kernel.stdout.close()
    found = load_recording(recorded(place, "kernel"))

    assert found.end.how == "killed"
    assert found.end.signal == number.name
    assert found.end.oom_killer in {False, None}
    assert found.marks[0].label == "load"
    assert len(found.t_s) >= 3


@ON_LINUX
def test_the_recording_outlives_the_kernel_also_where_its_children_hold_the_line(place):
    """A forked child keeps the parent's end of the pipe open; the recorder must not wait for it."""
    forked = KERNEL.replace("threading.Event", "import os; os.fork() or threading.Event().wait(120); threading.Event")
    forked = forked.replace("import os; ", "").replace("import sys, threading", "import os, sys, threading")
    kernel = start(forked, place, stdout=subprocess.PIPE, text=True, start_new_session=True)
    recorder = int(kernel.stdout.readline())
    until(lambda: has_samples(recorded(place, "kernel")))

    kernel.kill()
    until(lambda: is_gone(recorder))
    os.killpg(kernel.pid, signal.SIGKILL)
    kernel.wait()
    kernel.stdout.close()

    assert load_recording(recorded(place, "kernel")).end.signal == "SIGKILL"


@ON_LINUX
def test_a_kernel_that_runs_out_of_memory_is_told_with_the_systems_evidence(place):
    """In a control group of 96 MiB; the recorder is no victim, though it is in the group too."""
    with limited_group("kernel", 96 * 1024**2) as group:
        kernel = start(HUNGRY_KERNEL, place, group, stdout=subprocess.PIPE, text=True)
        recorder = int(kernel.stdout.readline())
        kernel.wait(timeout=60)
        until(lambda: is_gone(recorder))
        kernel.stdout.close()

    found = load_recording(recorded(place, "kernel"))

    assert found.end.how == "killed"
    assert found.end.signal == "SIGKILL"
    assert found.end.oom_killer is True
    assert found.end.evidence
    assert found.columns["ram_available_bytes"].max() <= 96 * 1024**2
    assert "for want of memory" in str(last_crash(place / "evidence"))


def test_a_recorder_that_is_killed_does_not_disturb_the_work(place):
    with watch("work") as rec:
        until(lambda: has_samples(rec.path))
        os.kill(rec.recorder_pid, 9)
        until(lambda: not rec.is_recording)
        rec.mark("too late")
        done = "the work goes on"

    assert done == "the work goes on"
    assert rec.problem.startswith("The recorder ended before the work did")
    assert rec.recording.end is None
    assert len(rec.recording.t_s) >= 3


@pytest.mark.skipif(os.name != "posix", reason="signals as POSIX has them")
def test_a_recorder_that_is_asked_to_stop_says_so(place):
    rec = watch("work").start()
    os.kill(rec.recorder_pid, signal.SIGTERM)
    until(lambda: not rec.is_recording)

    rec.finish(how="exit")

    assert rec.recording.end.how == "recorder-stopped"
    assert "SIGTERM" in rec.problem


@ON_LINUX
def test_the_recorder_is_no_first_victim_and_lowers_nobodys_score(place):
    """Its parent has offered itself as the first victim; the recorder does not inherit that."""
    offer = "import sys, threading\nopen('/proc/self/oom_score_adj', 'w').write('700')"
    program = KERNEL.replace("import sys, threading", offer)
    kernel = start(program, place, stdout=subprocess.PIPE, text=True)
    recorder = int(kernel.stdout.readline())

    scores = [int(Path(f"/proc/{pid}/oom_score_adj").read_text()) for pid in (recorder, kernel.pid)]
    kernel.kill()
    kernel.wait()
    until(lambda: is_gone(recorder))
    kernel.stdout.close()

    assert scores == [0, 700]


@ON_LINUX
def test_the_recorder_stays_small_and_imports_nothing_heavy(place):
    with watch("work") as rec:
        until(lambda: has_samples(rec.path))
        maps = Path(f"/proc/{rec.recorder_pid}/maps").read_text()
        status = Path(f"/proc/{rec.recorder_pid}/status").read_text()

    resident_kib = int(status.split("VmRSS:")[1].split()[0])
    assert "numpy" not in maps
    assert "psutil" not in maps
    assert resident_kib < 50 * 1024


def test_a_block_of_code_that_fails_has_an_error_and_no_exit_code():
    """Exit code 0 beside an error would contradict it."""
    told = {"how": "error", "error": "ZeroDivisionError"}

    assert "exit_code" not in ending(told, Kills(), 2.0, status=None, expected=True)
    assert ending({"status": 0x0300}, Kills(), 2.0, status=None, expected=True)["exit_code"] == 3
