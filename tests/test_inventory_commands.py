"""Commands that the inventory falls back on: hanging, failing, endless, in other languages, all at once."""

import os
import platform
import stat
import threading

import pytest

from workstation.inventory import facts, from_document, read_from, to_document
from workstation.inventory._commands import OUTPUT_LIMIT_BYTES, ask_all
from workstation.inventory._read import LiveSource
from workstation.inventory._recorded import RecordedSource

pytestmark = pytest.mark.skipif(platform.system() == "Windows", reason="the stand-ins are shell scripts")

LONG_SECONDS = 20.0  # more than anything here takes; a test that waits this long fails
DISPLAYS = {
    "/sys/bus/pci/devices/0000:01:00.0/class": "0x030000\n",
    "/sys/bus/pci/devices/0000:01:00.0/vendor": "0x10de\n",
    "/sys/bus/pci/devices/0000:01:00.0/device": "0x2204\n",
    "/sys/bus/pci/devices/0000:03:00.0/class": "0x030000\n",
    "/sys/bus/pci/devices/0000:03:00.0/vendor": "0x1002\n",
    "/sys/bus/pci/devices/0000:03:00.0/device": "0x66a1\n",
}
DRIVERS = {
    "/sys/bus/pci/devices/0000:01:00.0/driver": "../../../bus/pci/drivers/nvidia",
    "/sys/bus/pci/devices/0000:03:00.0/driver": "../../../bus/pci/drivers/amdgpu",
}


def script(folder, name, body):
    """Put an executable stand-in for a command into *folder*."""
    path = folder / name
    path.write_text(f"#!/bin/sh\n{body}\n", encoding="utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


def ask(*command, seconds=LONG_SECONDS):
    (answer,) = ask_all([command], seconds)
    return answer


def wait_for_threads_of(name):
    for thread in threading.enumerate():
        if thread.name == f"ask {name}":
            thread.join(LONG_SECONDS)
            assert not thread.is_alive()


def test_what_a_command_prints_is_returned():
    assert ask("sh", "-c", "echo $LC_ALL; echo hidden >&2").text == "C\n"


def test_a_command_that_hangs_is_given_up_and_ended(tmp_path):
    """Also where a wrapper script's child holds the pipe: the thread that waits for it comes to its end."""
    hanging = script(tmp_path, "hanging", "sh -c 'exec tail -f /dev/null' &\nwait")

    answer = ask(hanging, seconds=0.05)

    assert answer.text is None
    assert answer.problem == "did not answer within 50 ms"
    wait_for_threads_of(hanging)


def test_a_command_that_never_stops_printing_is_cut_off():
    answer = ask("yes")

    assert len(answer.text) == OUTPUT_LIMIT_BYTES


def test_bytes_that_are_no_text_are_replaced():
    assert ask("printf", r"\377\376ok").text == "\ufffd\ufffdok"


@pytest.mark.parametrize(
    ("command", "problem"),
    [
        (("sh", "-c", "echo half; exit 3"), "ended with code 3"),
        (("no-such-command-here",), "is not installed"),
        (("/etc/passwd",), "may not be run by this user"),
        (("a\0b",), "could not be started"),
    ],
)
def test_why_there_is_no_answer_is_told(command, problem):
    answer = ask(*command)

    assert answer.text is None
    assert answer.problem == problem


def test_a_command_waits_for_no_input():
    assert ask("cat").text == ""


def test_commands_run_at_the_same_time(tmp_path):
    """Each of the two can end only while the other runs: they meet in a named pipe."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)

    said, heard = ask_all([("sh", "-c", f"echo hello > '{pipe}'"), ("cat", str(pipe))], LONG_SECONDS)

    assert said.text == ""
    assert heard.text == "hello\n"


def test_all_calls_of_one_source_share_one_time(tmp_path):
    hanging = script(tmp_path, "hanging", "exec tail -f /dev/null")
    source = LiveSource(command_seconds=0.05)

    source.run_all([(hanging,)])
    source.run_all([("echo", "late")])

    assert source.problem(hanging) == "did not answer within 50 ms"
    assert "used up the time" in source.problem("echo late")
    assert source.run(["echo", "own limit"]) == "own limit\n"


class HalfLive(RecordedSource):
    """A recorded machine whose commands are run here."""

    def __init__(self, recording):
        super().__init__(recording)
        self.live, self.asked = LiveSource(), set()

    def run_all(self, commands, timeout_seconds=None):
        """Run them, in the live source's own time."""
        self.asked |= {" ".join(command) for command in commands}
        return self.live.run_all(commands, timeout_seconds)

    def problem(self, path):
        """Say why, as the source that was asked says it."""
        return self.live.problem(path) if path in self.asked else super().problem(path)


def two_cards():
    return HalfLive(
        {
            "now": "2026-01-31T12:00:00Z",
            "platform": {"system": "Linux", "release": "6.8", "version": "#1", "machine": "x86_64", "python": "3.12"},
            "files": DISPLAYS | {"/proc/meminfo": "MemTotal: 16777216 kB\nMemAvailable: 12582912 kB\n"},
            "links": DRIVERS,
            "nvml": {"problem": "LibraryNotFound"},
        }
    )


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("exec tail -f /dev/null", "did not answer within 100 ms"),
        ("exit 9", "ended with code 9"),
        ("printf '\\377\\000 garbage, 12 ; , \\n\\n'", "prints no table of GPUs"),
        ("echo 'Kein Gerät gefunden'", "prints no table of GPUs"),
    ],
)
def test_commands_in_every_kind_of_trouble_cost_their_facts_only(tmp_path, monkeypatch, body, words):
    for name in ("nvidia-smi", "rocm-smi", "lspci"):
        script(tmp_path, name, body)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)

    inv = read_from(two_cards(), "/x")

    reasons = {each.what: each.why for each in inv.unknowns}
    assert words in reasons["gpus.0.vram_total_bytes"]
    assert reasons["gpus.1.vram_total_bytes"]
    assert inv.memory.total_bytes == 16 * 1024**3
    assert from_document(to_document(inv)) == inv


def test_commands_that_answer_fill_in_what_files_left_open(tmp_path, monkeypatch):
    """Decimal commas, as some places print them, are read too."""
    script(
        tmp_path,
        "nvidia-smi",
        "printf 'name, pci.bus_id, driver_version, memory.total [MiB], memory.used [MiB], mig.mode.current\\n"
        "NVIDIA GeForce RTX 3090, 00000000:01:00.0, 550.54.14, 24576,00 MiB, 512,50 MiB, [N/A]\\n'",
    )
    script(tmp_path, "rocm-smi", "printf 'GPU[0]\\t\\t: VRAM Total Memory (B): 34342961152\\n'")
    script(tmp_path, "lspci", 'echo \'0000:03:00.0 "VGA [0300]" "AMD [1002]" "Vega 20 [66a1]"\'')
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)

    found = facts(read_from(two_cards(), "/x"))

    assert found["gpus.0.vram_total_bytes"] == 24576 * 1024**2
    assert found["gpus.0.vram_used_bytes"] == 1025 * 512 * 1024
    assert found["gpus.1.vram_total_bytes"] == 34342961152
    assert found["gpus.1.name"] == "Vega 20"
