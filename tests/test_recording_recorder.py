"""The recorder's loop and its file: marks, clocks that jump, disks that fill up, and how it says that it has ended."""

import contextlib
import json
import os
from queue import SimpleQueue

import pytest
from recording_kit import HEADER, SaidTexts, last_line, small_disk, stat_line

from workstation.recording import load_recording
from workstation.recording._child import ending
from workstation.recording._clock import Clock
from workstation.recording._ending import Death, Kills, Witness, decide_end
from workstation.recording._recorder import CUT, Recorder, listen
from workstation.recording._write import DISK_FULL, Writer


class Time:
    """Clocks that a test turns: the steady one goes on a little at each look."""

    def __init__(self):
        self.steady, self.asleep, self.set = 0.0, 0.0, 0.0

    def __call__(self):
        """Tell all three."""
        self.steady += 0.0003
        return self.steady, self.steady + self.asleep, self.steady + self.asleep + self.set


class Subject:
    """Work that ends after a given number of samples."""

    pid = 42

    def __init__(self, samples=5, on_sample=None, problems=()):
        self.left, self.on_sample, self.said = samples, on_sample or {}, list(problems)
        self.taken = 0

    def sample(self, now_s):
        """Take one."""
        self.taken += 1
        self.on_sample.get(self.taken, lambda: None)()
        return {"t_s": round(now_s, 3), "ram_available_bytes": 10**9}

    def problems(self):
        """Say what there is to say, once."""
        said, self.said = self.said, []
        return said

    def follow(self, pid):
        """Take another process."""
        self.pid = pid

    def has_ended(self):
        """Tell whether enough was taken."""
        return self.taken >= self.left

    def end(self, t_s, told):
        """Say how it ended."""
        return {"how": "exit", "t_s": t_s, **(told or {})}


def record(path, subject, *messages, time=None, limit_s=100.0, parent_tells=False):
    inbox = SimpleQueue()
    for message in messages:
        inbox.put(message)
    writer = Writer(str(path))
    writer.write(HEADER)
    recorder = Recorder(
        subject, writer, Clock(time or Time()), inbox, interval_s=0.001, limit_s=limit_s, parent_tells=parent_tells
    )
    return recorder.run()


def test_samples_marks_and_throughput_are_written_until_the_work_ends(tmp_path):
    path = tmp_path / "a.recording.jsonl"

    end = record(path, Subject(5), {"mark": "load"}, {"throughput_per_s": 12.5})
    found = load_recording(path)

    assert end["how"] == "exit"
    assert len(found.t_s) == 5
    assert found.marks[0].label == "load"
    assert found.columns["throughput_per_s"][1] == 12.5
    assert found.end.how == "exit"


def test_the_parents_word_ends_it(tmp_path):
    path = tmp_path / "a.recording.jsonl"

    record(path, Subject(10**9), {"end": {"how": "error", "error": "MemoryError"}})

    assert load_recording(path).end.error == "MemoryError"


def test_a_parent_that_will_tell_is_waited_for(tmp_path):
    """The command has ended, but only its parent knows the exit code."""
    path, subject, inbox = tmp_path / "a.recording.jsonl", Subject(2), SimpleQueue()
    subject.on_sample = {6: lambda: inbox.put({"end": {"exit_code": 3}})}
    writer = Writer(str(path))
    writer.write(HEADER)

    Recorder(subject, writer, Clock(Time()), inbox, interval_s=0.001, limit_s=100, parent_tells=True).run()

    assert subject.taken >= 6
    assert load_recording(path).end.exit_code == 3


def test_a_parent_that_is_gone_is_not_waited_for(tmp_path):
    path = tmp_path / "a.recording.jsonl"

    record(path, Subject(2), CUT, parent_tells=True)

    assert load_recording(path).end.how == "exit"


def test_the_kernel_telling_of_the_death_ends_it_at_once(tmp_path):
    path, subject = tmp_path / "a.recording.jsonl", Subject(10**9)

    record(path, subject, {"gone": 41}, {"gone": 42})

    assert subject.taken == 1
    assert load_recording(path).end.how == "exit"


def test_a_time_limit_stops_it(tmp_path):
    path = tmp_path / "a.recording.jsonl"

    record(path, Subject(10**9), limit_s=0.1)

    assert load_recording(path).end.how == "recorder-stopped"
    assert load_recording(path).end.error == "time limit of 0.1 s"


@pytest.mark.parametrize("clock", ["asleep", "set"])
def test_sleep_and_a_clock_that_is_set_are_noted_and_time_goes_on(tmp_path, clock):
    path, time = tmp_path / "a.recording.jsonl", Time()

    record(path, Subject(6, {3: lambda: setattr(time, clock, 3600.0)}), time=time)
    found = load_recording(path)

    assert len(found.clock_jumps) == 1
    assert (found.t_s < 10).all()
    assert found.problems == ()


def test_a_clock_that_is_nudged_is_no_jump(tmp_path):
    path, time = tmp_path / "a.recording.jsonl", Time()

    record(path, Subject(6, {3: lambda: setattr(time, "set", 0.2)}), time=time)

    assert load_recording(path).clock_jumps == ()


def test_what_stops_answering_is_noted(tmp_path):
    path = tmp_path / "a.recording.jsonl"

    record(path, Subject(3, problems=["GPU 0 stopped answering: it is lost."]))

    assert load_recording(path).problems == ("GPU 0 stopped answering: it is lost.",)


def test_each_line_is_on_file_before_the_next(tmp_path):
    path, seen = tmp_path / "a.recording.jsonl", []

    record(path, Subject(3, {3: lambda: seen.append(path.read_bytes().count(b"\n"))}))

    assert seen == [3], "the header and two samples"


def test_a_full_disk_stops_it_and_the_last_line_says_so(tmp_path):
    """The last samples make room for the line that says why no more follow."""
    with small_disk(tmp_path / "disk", "64k") as folder:
        path = folder / "a.recording.jsonl"

        end = record(path, Subject(10**9), limit_s=10**9)
        found = load_recording(path)

    assert end["error"] == DISK_FULL
    assert found.end.how == "recorder-stopped"
    assert found.end.error == DISK_FULL
    assert len(found.t_s) > 500
    assert found.problems == ()


def test_a_disk_that_somebody_else_fills_leaves_what_was_recorded(tmp_path):
    with small_disk(tmp_path / "disk", "64k") as folder:
        path = folder / "a.recording.jsonl"

        def fill():
            with (folder / "big").open("wb", buffering=0) as stream, contextlib.suppress(OSError):
                while stream.write(b"x" * 512):
                    pass

        record(path, Subject(10**9, {20: fill}), limit_s=10**9)
        found = load_recording(path)

    assert found.end.error == DISK_FULL
    assert len(found.t_s) >= 19


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="this system has no device that is always full")  # noqa: PTH110
def test_where_nothing_at_all_can_be_written_it_still_ends():
    writer = Writer("/dev/full")

    assert writer.write(HEADER) is False
    assert writer.stopped_by == DISK_FULL
    assert writer.close({"end": {"how": "recorder-stopped", "t_s": 0}}) is False


def test_the_header_is_never_given_up_for_the_end(tmp_path):
    path = tmp_path / "a.recording.jsonl"
    writer = Writer(str(path))
    writer.write(HEADER)

    writer.close({"end": {"how": "exit", "t_s": 0.0}})

    assert load_recording(path).header.name == "small"
    assert last_line(path) == {"end": {"how": "exit", "t_s": 0.0}}


def test_listening_passes_over_what_is_no_message():
    lines = [b'{"mark": "a"}\n', b"garbage\n", b"[1]\n", b""]
    inbox = SimpleQueue()

    listen(lambda: lines.pop(0), inbox, json.loads)

    assert [inbox.get() for _ in range(inbox.qsize())] == [{"mark": "a"}, CUT]


def death(status, *, expected=True, **kills):
    return Death(status=status, kills=Kills(**kills), was_expected=expected)


@pytest.mark.parametrize(
    ("died", "expected"),
    [
        (death(0, group=0), {"how": "exit", "exit_code": 0, "oom_killer": False}),
        (death(0), {"how": "exit", "exit_code": 0, "oom_killer": None}),
        (death(3 << 8), {"how": "error", "exit_code": 3}),
        (death(9, named=True), {"how": "killed", "signal": "SIGKILL", "oom_killer": True}),
        (death(9, group=1), {"how": "killed", "signal": "SIGKILL", "oom_killer": True}),
        (death(9, group=0, system=4), {"how": "killed", "oom_killer": False}),
        (death(9, system=1), {"how": "killed", "oom_killer": True}),
        (death(9, system=0), {"how": "killed", "oom_killer": False}),
        (death(9), {"how": "killed", "oom_killer": None, "evidence": None}),
        (death(15, system=1), {"how": "killed", "signal": "SIGTERM", "oom_killer": False}),
        (death(11 | 128), {"how": "killed", "signal": "SIGSEGV"}),
        (death(137 << 8, group=1), {"how": "error", "exit_code": 137, "oom_killer": True}),
        (death(None, expected=True), {"how": "exit", "oom_killer": None}),
        (death(None, expected=False), {"how": "error"}),
        (death(None, expected=False, named=True), {"how": "killed", "oom_killer": True}),
    ],
)
def test_how_it_ended(died, expected):
    found = decide_end(died, 1.0)

    assert {name: found.get(name) for name in expected} == expected


def test_the_parents_word_and_the_systems_evidence_are_joined():
    found = ending({"how": "error", "error": "MemoryError"}, Kills(group=1), 2.0, status=None, expected=False)

    assert (found["how"], found["error"], found["oom_killer"]) == ("error", "MemoryError", True)


def test_a_block_that_came_to_its_end_says_no_more():
    assert ending({"how": "exit"}, Kills(group=0), 2.0, status=None, expected=False) == {"how": "exit", "t_s": 2.0}


def test_a_process_that_waits_for_its_parent_still_tells_its_status():
    texts = SaidTexts({"/proc/4194304/stat": stat_line(4194304, state="Z", status=9)})

    assert Witness(texts, 4194304).status() == 9


def test_only_recent_kills_of_the_system_count():
    witness = Witness(SaidTexts({}), 4194304)
    for second in range(60):
        witness.see(float(second), 1 if second < 20 else 2)

    assert witness.kills(None, 2, ()).system == 0
    assert witness.kills(None, 3, ()).system == 1
