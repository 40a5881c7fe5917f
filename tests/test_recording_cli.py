"""``workstation watch``: commands as they are, and a recording beside them."""

import json
import os
import signal
import subprocess
import sys

import pytest
from recording_kit import has_samples, limited_group, until

from workstation.cli import main
from workstation.cli._watch import _name_of
from workstation.recording import load_recording

POSIX = pytest.mark.skipif(os.name != "posix", reason="signals and shells as POSIX has them")
ON_LINUX = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells of this")
BYTES = "import sys; sys.stdout.buffer.write(bytes(range(256)) + sys.stdin.buffer.read())"
WAIT_AND_TELL = "import os, signal; print(os.getpid(), flush=True); signal.pause()"
WAIT = "import signal, sys; print('ready', flush=True); signal.pause()"


def workstation(*words):
    return [sys.executable, "-c", "import sys; from workstation.cli import main; sys.exit(main())", *map(str, words)]


def run(place, *words, **options):
    """Run workstation watch in a folder."""
    return subprocess.run(
        workstation("watch", *words), cwd=place, capture_output=True, timeout=120, check=False, **options
    )


def recorded(place, name):
    return load_recording(place / "evidence" / f"{name}.recording.jsonl")


def test_input_output_and_exit_code_are_the_commands_own(tmp_path):
    data = bytes(range(255, -1, -1)) * 1000

    done = run(tmp_path, "--name", "bytes", "--", sys.executable, "-c", BYTES + "; sys.exit(7)", input=data)

    assert done.returncode == 7
    assert done.stdout == bytes(range(256)) + data
    assert done.stderr.startswith(b"workstation: Recorded 'bytes' for ")
    assert recorded(tmp_path, "bytes").end.how == "error"
    assert recorded(tmp_path, "bytes").end.exit_code == 7


def test_the_summary_can_be_read_by_a_program(tmp_path):
    done = run(tmp_path, "--json", "--", sys.executable, "-c", "print('x')")
    found = json.loads(done.stderr)

    assert done.stdout.strip() == b"x"
    assert found["schema"] == "workstation.watch/1"
    assert found["end"]["exit_code"] == 0
    assert found["path"].startswith("evidence")
    assert found["samples"] >= 1


def test_a_command_that_does_not_exist_is_told_and_nothing_is_recorded(tmp_path):
    done = run(tmp_path, "--", "no-such-command")

    assert done.returncode == 127
    assert b"There is no command 'no-such-command'" in done.stderr
    assert not (tmp_path / "evidence").exists()


@POSIX
def test_a_file_that_may_not_be_run_is_told(tmp_path):
    (tmp_path / "tool").write_text("#!/bin/sh\n")

    done = run(tmp_path, "--", "./tool")

    assert done.returncode == 126
    assert b"may not be run" in done.stderr
    assert run(tmp_path, "--", "./").returncode == 126


@POSIX
def test_a_command_that_cannot_be_started_leaves_a_recording_that_says_so(tmp_path):
    tool = tmp_path / "tool"
    tool.write_text("#!/no/such/interpreter\n")
    tool.chmod(0o755)

    done = run(tmp_path, "--", "./tool")

    assert done.returncode == 126
    assert b"Traceback" not in done.stderr
    assert recorded(tmp_path, "tool").end.error == "the command could not be started"


def test_without_a_command_there_is_nothing_to_watch(tmp_path):
    done = run(tmp_path, "--name", "x")

    assert done.returncode == 2
    assert b"Name a command to watch" in done.stderr


def test_a_command_that_ends_at_once_has_a_whole_recording(tmp_path):
    done = run(tmp_path, "--name", "short", "--", sys.executable, "-c", "")

    assert done.returncode == 0
    assert recorded(tmp_path, "short").end.how == "exit"
    assert recorded(tmp_path, "short").problems == ()


@POSIX
def test_a_command_that_a_signal_ended_ends_us_by_the_same(tmp_path):
    done = run(tmp_path, "--name", "killed", "--", "sh", "-c", "kill -9 $$")

    assert done.returncode == -signal.SIGKILL
    assert recorded(tmp_path, "killed").end.signal == "SIGKILL"
    assert recorded(tmp_path, "killed").end.oom_killer in {False, None}


@POSIX
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_signals_reach_the_command(tmp_path, number):
    """And the recording still gets its last line."""
    watching = subprocess.Popen(
        workstation("watch", "--name", "waits", "--", sys.executable, "-c", WAIT),
        cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    watching.stdout.readline()

    watching.send_signal(number)
    code = watching.wait(60)
    watching.stdout.close()

    assert code == -number or (number == signal.SIGINT and code in {1, -number})
    assert recorded(tmp_path, "waits").end.how in {"killed", "error"}


@ON_LINUX
def test_ctrl_c_in_a_terminal_goes_to_the_command_once(tmp_path):
    """The terminal sends it to both; the command is not sent a second one, and may go on."""
    import pty

    program = (
        "import signal, sys, threading\n"
        "came, over = [], threading.Event()\n"
        "signal.signal(signal.SIGINT, lambda *_: came.append(1))\n"
        "print('ready', flush=True)\n"
        "while not came: over.wait(0.02)\n"
        "over.wait(0.5)\n"
        "print(f'interrupts: {len(came)}.', flush=True)\n"
        "sys.exit(5)\n"
    )
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(tmp_path)
        words = workstation("watch", "--name", "tty", "--", sys.executable, "-c", program)
        os.execv(words[0], words)  # noqa: S606 - in the terminal that was made for it
    said = b""
    while b"ready" not in said:
        said += os.read(terminal, 1024)
    os.write(terminal, b"\x03")
    while b"interrupts:" not in said or not said.rstrip().endswith(b"."):
        said += os.read(terminal, 1024)
    status = os.waitpid(pid, 0)[1]
    os.close(terminal)

    assert b"interrupts: 1." in said
    assert os.waitstatus_to_exitcode(status) == 5
    assert recorded(tmp_path, "tty").end.exit_code == 5


@ON_LINUX
def test_what_a_command_leaves_behind_is_followed_to_its_end(tmp_path):
    """A command that starts another in a session of its own and returns; both count."""
    left = "(setsid sleep 0.7 </dev/null >/dev/null 2>&1 &); exit 3"

    done = run(tmp_path, "--name", "daemon", "--", "sh", "-c", left)
    found = recorded(tmp_path, "daemon")

    assert done.returncode == 3
    assert b"left 1 process running" in done.stderr
    assert found.end.t_s > 0.6
    assert found.columns["process_count"].max() >= 1
    assert found.end.exit_code == 3


@ON_LINUX
def test_recording_what_was_left_behind_can_be_ended_alone(tmp_path):
    left = "(setsid sleep 60 </dev/null >/dev/null 2>&1 & echo $! >left.pid); exit 0"
    watching = subprocess.Popen(
        workstation("watch", "--name", "daemon", "--", "sh", "-c", left),
        cwd=tmp_path, stderr=subprocess.PIPE, start_new_session=True,
    )  # fmt: skip
    assert b"left 1 process running" in watching.stderr.readline()
    left_pid = int((tmp_path / "left.pid").read_text())
    until(lambda: os.getsid(left_pid) == left_pid)  # before that, the interrupt is its own too

    watching.send_signal(signal.SIGINT)
    watching.stderr.read()
    code = watching.wait(30)
    watching.stderr.close()

    assert code == 0
    assert recorded(tmp_path, "daemon").end.how == "exit"
    os.kill(left_pid, signal.SIGKILL)


@ON_LINUX
def test_the_recording_goes_on_when_only_the_watcher_is_killed(tmp_path):
    """The command lives on, and is recorded until it ends."""
    watching = subprocess.Popen(
        workstation("watch", "--name", "alone", "--", sys.executable, "-c", WAIT_AND_TELL),
        cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    pid = int(watching.stdout.readline())
    path = tmp_path / "evidence" / "alone.recording.jsonl"

    watching.kill()
    watching.wait()
    before = path.read_bytes().count(b"\n")
    until(lambda: has_samples(path, before + 3))
    os.kill(pid, signal.SIGTERM)
    until(lambda: load_recording(path).end is not None)
    watching.stdout.close()

    assert recorded(tmp_path, "alone").end.signal in {"SIGTERM", None}


def test_a_time_limit_ends_the_recording_and_not_the_command(tmp_path):
    program = "import threading; threading.Event().wait(1.5); print('done')"

    done = run(tmp_path, "--name", "limit", "--seconds", "0.3", "--", sys.executable, "-c", program)

    assert done.stdout.strip() == b"done"
    assert done.returncode == 0
    assert recorded(tmp_path, "limit").end.how == "recorder-stopped"
    assert b"time limit of 0.3 s" in done.stderr


@ON_LINUX
def test_a_command_that_runs_out_of_memory_is_told_with_the_evidence(tmp_path):
    """Killed by the kernel in a group of 64 MiB; it takes at most 200 MiB should the limit not hold."""
    program = (
        "import os, sys, threading\n"
        "open(sys.argv[1], 'w').write(str(os.getpid()))\n"
        "held = []\n"
        "for _ in range(50):\n"
        "    held.append(bytearray(4 << 20)); threading.Event().wait(0.02)\n"
    )
    with limited_group("command", 64 * 1024**2) as group:
        done = run(tmp_path, "--name", "oom", "--", sys.executable, "-c", program, group / "cgroup.procs")
    found = recorded(tmp_path, "oom")

    assert done.returncode == -signal.SIGKILL
    assert found.end.oom_killer is True
    assert found.end.evidence
    assert b"for want of memory" in done.stderr
    assert found.columns["ram_available_bytes"].min() < 64 * 1024**2


def test_under_nbgrader_nothing_is_run_or_measured(tmp_path):
    first = run(tmp_path, "--name", "kept", "--", sys.executable, "-c", "print('ran')")

    again = run(
        tmp_path, "--name", "kept", "--", sys.executable, "-c", "print('ran')",
        env=os.environ | {"NBGRADER_EXECUTION": "autograde"},
    )  # fmt: skip

    assert first.stdout.strip() == b"ran"
    assert again.stdout == b""
    assert again.stderr.startswith(b"workstation: Recorded 'kept'")


def test_a_name_that_cannot_be_a_files_is_a_sentence(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)

    code = main(["watch", "--name", "../up", "--", sys.executable, "-c", ""])

    assert code == 2
    assert "cannot be called" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("word", "name"), [("/usr/bin/x", "x"), ("...", "command"), ("a" * 99, "a" * 60), ("ü ö", "command")]
)
def test_a_recording_is_called_after_its_command(word, name):
    assert _name_of(word) == name


@pytest.mark.parametrize("limit", ["-1", "0", "nan"])
def test_a_time_limit_that_is_none_is_refused_before_anything_runs(tmp_path, limit):
    done = run(tmp_path, "--seconds", limit, "--", sys.executable, "-c", "print('ran')")

    assert done.returncode == 2
    assert done.stdout == b""
    assert done.stderr == b"workstation: --seconds takes a number above 0. Nothing was run or recorded.\n"
    assert not (tmp_path / "evidence").exists()
