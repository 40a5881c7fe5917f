"""Recording for real: processes that end, are killed, run out of memory; and what is left on file afterwards."""

import getpass
import json
import os
import sys
from pathlib import Path

import pytest
from recording_kit import has_samples, last_line, start, until

from workstation.errors import RecordingError
from workstation.materials import MARKER
from workstation.recording import SUFFIX, Watch, last_crash, load_recording, watch, watch_pid
from workstation.recording._store import clean_label

ON_LINUX = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells of this")
WAIT = "import threading; threading.Event().wait(120)"


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A folder to work in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def recorded(place, name):
    return place / "evidence" / f"{name}{SUFFIX}"


def test_a_block_is_recorded(place):
    with watch("work", label="python work.py") as rec:
        rec.mark("checkpoint")
        rec.report(3.5)
        until(lambda: has_samples(rec.path))

    found = rec.recording

    assert rec.path == recorded(place, "work")
    assert found.header.label == "python work.py"
    assert found.end.how == "exit"
    assert found.marks[0].label == "checkpoint"
    assert 3.5 in found.columns["throughput_per_s"]
    assert found.columns["ram_available_bytes"].min() > 0
    assert found.columns["process_resident_bytes"].max() > 10**6
    assert found.problems == ()
    assert not rec.is_recording


def test_every_signal_is_in_the_samples_or_has_its_reason(place):
    with watch("work") as rec:
        until(lambda: has_samples(rec.path, 8))

    found = rec.recording
    told = {name for name, each in found.header.signals.items() if each.available}

    assert all(each.why_not for name, each in found.header.signals.items() if name not in told)
    assert set(found.columns) <= told


def test_an_error_in_the_block_is_recorded_and_goes_on(place):
    with pytest.raises(MemoryError), watch("work") as rec:
        raise MemoryError

    assert rec.recording.end.how == "error"
    assert rec.recording.end.error == "MemoryError"


def test_the_text_of_an_error_is_not_kept_but_that_the_gpu_ran_out_is(place):
    with pytest.raises(RuntimeError), watch("work") as rec:
        raise RuntimeError("CUDA out of memory. Tried to allocate 2 GiB for /home/ana/secret")

    assert rec.recording.end.error == "RuntimeError: out of memory"


def test_the_same_name_again_keeps_the_older_recording(place):
    with watch("work"):
        pass
    with watch("work") as rec:
        pass

    assert rec.kept is not None
    assert rec.kept.exists()
    assert load_recording(rec.kept).end.how == "exit"
    assert len(list((place / "evidence").iterdir())) == 2


def test_recordings_are_kept_at_the_root_of_the_working_copy(place, monkeypatch):
    (place / MARKER).parent.mkdir()
    (place / MARKER).write_text("{}")
    inside = place / "exercises" / "one"
    inside.mkdir(parents=True)
    monkeypatch.chdir(inside)

    assert Watch("work").path == place / "evidence" / "work.recording.jsonl"


@pytest.mark.parametrize("name", ["", "../up", "a/b", "a b", ".hidden", "x" * 200, "a\nb", "a\0b"])
def test_a_name_that_cannot_be_a_files_is_refused(place, name):
    with pytest.raises(RecordingError, match="cannot be called"):
        watch(name)


def test_where_nothing_may_be_measured_the_recording_that_is_there_is_loaded(place):
    with watch("work") as first:
        pass

    with watch("work", only_load=True) as again:
        again.mark("not kept")
        assert again.recorder_pid is None

    assert again.recording.end == first.recording.end
    assert again.kept is None


def test_a_folder_that_cannot_be_written_to_is_told(place):
    (place / "evidence").write_text("a file in the folder's place")

    with pytest.raises(RecordingError, match="Cannot keep a recording"):
        watch("work").start()


def test_observers_are_told_when_it_begins_and_when_it_is_over(place):
    seen, rec = [], watch("work")
    rec.started.append(lambda each: seen.append(("started", each.is_recording)))
    rec.finished.append(lambda each: seen.append(("finished", each.recording.end.how)))

    with rec:
        pass

    assert seen == [("started", True), ("finished", "exit")]


def test_another_process_is_recorded_until_it_ends(place):
    other = start(WAIT)
    rec = watch_pid(other.pid, name="other")
    until(lambda: has_samples(rec.path))

    other.terminate()
    rec.wait(20)
    other.wait()

    assert rec.recording.header.label == f"process {other.pid}"
    assert rec.recording.columns["process_count"][0] == 1
    assert rec.recording.end.how == ("killed" if sys.platform == "linux" else "exit")


def test_recording_another_process_can_be_stopped(place):
    other = start(WAIT)
    rec = watch_pid(other.pid)

    rec.stop()

    assert rec.recording.end.how == "recorder-stopped"
    assert other.poll() is None
    other.kill()
    other.wait()


@pytest.mark.parametrize("pid", [0, -1, 2**22 + 1, 10**30])
def test_a_process_that_is_not_there_cannot_be_watched(place, pid):
    with pytest.raises(RecordingError, match="There is no process"):
        watch_pid(pid)


def test_a_learners_module_does_not_become_the_recorders(place):
    """A json.py in the working folder is nothing to the recorder."""
    (place / "json.py").write_text("raise SystemExit('this is not json')")

    with watch("work") as rec:
        pass

    assert rec.recording.end.how == "exit"


def test_no_recording_names_anybody(place, home):
    host, user = __import__("platform").node(), getpass.getuser()
    label = f"python {home}/work.py --to /home/ana/x C:\\Users\\Ben\\y ana@example.org 10.1.2.3"
    with watch("work", label=label) as rec:
        rec.mark(f"saved to {home}/model")

    text = rec.path.read_text("utf-8")
    private = [str(home), "/home/ana", "Ben", "ana@", "10.1.2.3", *(each for each in (host,) if len(each) > 3)]
    assert [each for each in private if each in text] == []
    assert user == "root" or user not in json.loads(text.splitlines()[0])["label"]


def test_a_label_is_one_line_of_bounded_length():
    assert clean_label("a\n  b\tc") == "a b c"
    assert len(clean_label("x" * 10_000)) <= 300


def test_what_the_inventory_knows_of_the_machine_stands_in_the_header(place):
    document = json.loads((Path(__file__).parent / "machines/documents/linux-hub-limit4gib.json").read_text("utf-8"))

    with watch("work", inventory=document) as rec:
        pass

    machine = rec.recording.header.machine
    assert machine.ram_usable_bytes == document["memory"]["usable_bytes"]
    assert machine.ram_limit_bytes == document["memory"]["limit_bytes"]
    assert machine.virtualization == document["system"]["virtualization"]


def test_the_digest_of_the_inventory_beside_it_stands_in_the_header(place):
    (place / "evidence").mkdir()
    (place / "evidence" / "inventory.json").write_text("{}")

    with watch("work") as rec:
        pass

    assert rec.recording.header.inventory_digest.startswith("sha256:44136fa355b3678a")


def test_the_last_crash_is_the_newest_recording_that_ended_badly(place):
    with pytest.raises(ValueError, match="boom"), watch("bad"):
        raise ValueError("boom")
    with watch("good"):
        pass

    found = last_crash()

    assert found.recording.header.name == "bad"
    assert "'bad'" in found.sentence
    assert "ValueError" in found.sentence
    assert "of memory was left" in found.sentence


def test_a_recording_that_breaks_off_is_a_crash_once_it_no_longer_grows(place):
    with watch("cut") as rec:
        until(lambda: has_samples(rec.path))
    text = rec.path.read_text("utf-8")
    rec.path.write_text("\n".join(text.splitlines()[:-1]) + "\n")

    with pytest.raises(RecordingError, match="No recording"):
        last_crash()
    os.utime(rec.path, (1_000_000_000, 1_000_000_000))

    assert "breaks off" in str(last_crash())


def test_without_recordings_there_is_no_crash(place):
    with pytest.raises(RecordingError, match="No recording in evidence ended badly"):
        last_crash()


def test_the_last_line_is_the_end(place):
    with watch("work") as rec:
        pass

    assert list(last_line(rec.path)) == ["end"]
