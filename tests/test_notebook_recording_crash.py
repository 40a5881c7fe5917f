"""`ws.watch_pid` and `ws.last_crash` in a real shell: other processes, and kernels that die."""

import subprocess
import sys
import threading
from pathlib import Path

import pytest
from chart_kit import GIB
from notebook_kit import ipython_shell

from workstation.materials import MARKER
from workstation.notebook import watching
from workstation.recording import SUFFIX, load_recording

LIMIT_SECONDS = 60
ENDLESS = "import sys; print('up', flush=True); sys.stdin.read()"


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working copy of the course; the learner is in its folder of lessons."""
    root = tmp_path / "copy"
    (root / MARKER).parent.mkdir(parents=True)
    (root / MARKER).write_text("{}", encoding="utf-8")
    (root / "course").mkdir()
    monkeypatch.chdir(root / "course")
    return root


@pytest.fixture
def shell(course: Path):
    del course
    with ipython_shell() as started:
        started.run("import workstation as ws")
        yield started


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pretend that a page is there to follow."""
    monkeypatch.setattr(watching, "has_page", lambda: True)


def recorded(course: Path, name: str = "x"):
    return load_recording(course / "evidence" / f"{name}{SUFFIX}")


def wait_for(condition) -> None:
    """Wait until *condition* holds; what it waits for is another process."""
    tick = threading.Event()
    for _ in range(LIMIT_SECONDS * 20):
        if condition():
            return
        tick.wait(0.05)
    pytest.fail("it never came")


# Another process


def test_another_process_is_recorded_until_it_ends(shell, course, page):
    with subprocess.Popen([sys.executable, "-c", ENDLESS], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        process.stdout.readline()
        shell.ipython.user_ns["pid"] = process.pid
        shell.run("rec = ws.watch_pid(pid, 'other')")
        process.stdin.close()
        process.wait()
        shell.run("rec.wait(60)")

    assert recorded(course, "other").end is not None
    assert "evidence/other.recording.jsonl" in shell.cards[-2]["text/plain"]


def test_a_process_that_is_not_there_is_a_sentence(shell):
    shell.run("ws.watch_pid(2**22 + 1)")

    assert "There is no process" in shell.text


# last_crash

KERNEL = """
import os, signal, sys
from notebook_kit import ipython_shell
with ipython_shell() as shell:
    shell.run("import workstation as ws, os, signal")
    shell.run("%%watch boom\\nos.kill(os.getpid(), signal.SIGKILL)")
"""


def test_a_killed_kernel_is_explained_after_the_restart(shell, course):
    tests = Path(__file__).parent
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(tests)!r})\n{KERNEL}"], check=False
    )
    assert done.returncode == -9

    wait_for(lambda: recorded(course, "boom").end is not None)  # the recorder outlives what it watched
    shell.run("ws.last_crash()")
    assert "'boom'" in shell.text
    assert "What to try" in shell.text


def test_without_a_crash_it_says_how_to_find_out_next_time(shell):
    shell.run("%%watch x\npass")
    shell.run("ws.last_crash()")

    assert "No recording here ended badly." in shell.text
    assert "%%watch NAME" in shell.text


def test_out_of_memory_brings_what_to_try_from_the_catalogue(shell, course):
    from chart_kit import recording

    from workstation.notebook.crash_card import crash_html
    from workstation.notebook.diagnosis_card import Findings
    from workstation.recording import Crash
    from workstation.recording.model import End

    found = recording(
        {"ram_available_bytes": [8.0 * GIB] * 50 + [0.1 * GIB] * 50, "process_resident_bytes": [GIB] * 100},
        end=End(how="killed", t_s=10, signal="SIGKILL", oom_killer=True, evidence="the kernel's log names the process"),
    )
    html = crash_html(Crash(path=course, recording=found, sentence="It was killed."), Findings(found))

    assert "close what competes for memory" in html
