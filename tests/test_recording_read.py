"""Reading recordings: whole ones, damaged ones, and ones too long to hold."""

import json
import os

import numpy as np
import pytest
from recording_kit import GIB, HEADER, samples, write

from workstation.errors import RecordingError
from workstation.recording import _read, load_recording
from workstation.recording._read import CUT_OFF

END = {"end": {"how": "exit", "t_s": 0.5, "exit_code": 0}}


def test_a_recording_is_read_into_columns(tmp_path):
    path = write(
        tmp_path / "a.recording.jsonl",
        *samples(3, ram_available_bytes=lambda row: (10 - row) * GIB),
        {"t_s": 0.25, "mark": "checkpoint"},
        {"t_s": 0.3, "gpus": [{"memory_used_bytes": 7}, {"memory_used_bytes": 8, "throttled_by_heat": 1}]},
        {"t_s": 0.4, "clock_jump_s": 3600.0},
        {"t_s": 0.4, "problem": "GPU 1 stopped answering."},
        {"end": {"how": "killed", "t_s": 0.5, "signal": "SIGKILL", "oom_killer": True, "evidence": "the log"}},
    )

    found = load_recording(path)

    assert found.t_s.tolist() == [0.0, 0.1, 0.2, 0.3]
    assert found.columns["ram_available_bytes"][:3].tolist() == [10 * GIB, 9 * GIB, 8 * GIB]
    assert np.isnan(found.columns["ram_available_bytes"][3])
    assert found.columns["gpus.1.memory_used_bytes"][3] == 8
    assert found.columns["gpus.1.throttled_by_heat"][3] == 1
    assert [(mark.t_s, mark.label) for mark in found.marks] == [(0.25, "checkpoint")]
    assert found.clock_jumps == (0.4,)
    assert found.problems == ("GPU 1 stopped answering.",)
    assert found.end.signal == "SIGKILL"
    assert found.header.machine.ram_usable_bytes == 16 * GIB


def test_a_recording_without_its_last_line_was_cut_off(tmp_path):
    path = write(tmp_path / "a.recording.jsonl", *samples(3))

    found = load_recording(path)

    assert found.end is None
    assert len(found.t_s) == 3


def test_half_a_line_at_the_end_is_told_and_the_rest_counts(tmp_path):
    path = write(tmp_path / "a.recording.jsonl", *samples(3), '{"t_s": 0.3, "ram_avail')

    found = load_recording(path)

    assert len(found.t_s) == 3
    assert found.problems == (CUT_OFF,)


def test_a_whole_last_line_counts_without_its_line_end(tmp_path):
    path = write(tmp_path / "a.recording.jsonl", *samples(3), json.dumps(END))

    assert load_recording(path).end.exit_code == 0


@pytest.mark.parametrize(
    "line",
    [
        "hello\n", "{}\n", "[1, 2]\n", '{"t_s": NaN}\n', '{"end": 5}\n', '{"end": {"how": "melted", "t_s": 1}}\n',
        '{"t_s": 0.1, "mark": 5}\n', '{"t_s": true, "mark": "x"}\n', "\0\0\0\0\n", '{"t_s": 0.1}, {"t_s": 0.2}\n',
        "[" * 100_000 + "\n", '{"mark": "' + "x" * 3000 + '", "t_s": 1}\n', '{"clock_jump_s": 4}\n',
    ],
)  # fmt: skip
def test_a_line_that_is_none_of_ours_is_left_out_and_told(tmp_path, line):
    path = write(tmp_path / "a.recording.jsonl", *samples(2), line, {"t_s": 0.9}, END)

    found = load_recording(path)

    assert found.t_s.tolist() == [0.0, 0.1, 0.9]
    assert len(found.problems) == 1
    assert found.end is not None


@pytest.mark.parametrize("value", ["12", True, [1], {"a": 1}, 10**30, -(10**400)])
def test_a_value_that_is_no_number_is_left_out_and_counted(tmp_path, value):
    path = write(tmp_path / "a.recording.jsonl", *samples(2, cpu_used_percent=lambda row: value if row else 50))

    found = load_recording(path)

    assert found.columns["cpu_used_percent"][0] == 50
    assert np.isnan(found.columns["cpu_used_percent"][1])
    assert found.problems == ("1 value of cpu_used_percent cannot be used and was left out.",)


def test_null_is_an_unknown_and_no_fault(tmp_path):
    path = write(tmp_path / "a.recording.jsonl", {"t_s": 0.1, "cpu_used_percent": None})

    found = load_recording(path)

    assert np.isnan(found.columns["cpu_used_percent"]).all()
    assert found.problems == ()


def test_infinity_in_disguise_is_no_number(tmp_path):
    path = write(tmp_path / "a.recording.jsonl", '{"t_s": 0.1, "cpu_used_percent": 1e999}\n')

    assert np.isnan(load_recording(path).columns["cpu_used_percent"]).all()


def test_unknown_keys_are_passed_over(tmp_path):
    path = write(tmp_path / "a.recording.jsonl", {"t_s": 0.1, "mood": 5, "gpus": [{"mood": 1}], "ram_used_bytes": 1})

    found = load_recording(path)

    assert set(found.columns) == {"ram_used_bytes"}
    assert found.problems == ()


@pytest.mark.parametrize("gpus", [5, [5], [None], [{}], [[1]], {}, "gpu"])
def test_a_list_of_gpus_that_is_none_tells_nothing(tmp_path, gpus):
    path = write(tmp_path / "a.recording.jsonl", {"t_s": 0.1, "gpus": gpus, "ram_used_bytes": 1})

    assert set(load_recording(path).columns) == {"ram_used_bytes"}


def test_one_edited_time_costs_one_sample(tmp_path):
    rows = samples(10)
    rows[4]["t_s"] = 9999.0
    path = write(tmp_path / "a.recording.jsonl", *rows)

    found = load_recording(path)

    assert len(found.t_s) == 9
    assert found.t_s.max() < 1
    assert "out of order" in found.problems[0]


def test_time_never_goes_back(tmp_path):
    path = write(tmp_path / "a.recording.jsonl", *samples(10), *samples(3))

    found = load_recording(path)

    assert (np.diff(found.t_s) >= 0).all()
    assert len(found.t_s) == 10


def test_windows_line_ends_and_a_byte_order_mark_do_no_harm(tmp_path):
    path = write(tmp_path / "a.recording.jsonl", *samples(3), END)
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))

    found = load_recording(path)

    assert len(found.t_s) == 3
    assert found.end.how == "exit"
    assert found.problems == ()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "it is empty"),
        (b"\n\n", "it is empty"),
        (b"\x7fELF\x00\x01\xff\xfe", "no line of a recording"),
        (b'{"schema": "workstation.inventory/1"}\n', "it is no recording"),
        (b'{"schema": "workstation.recording/2"}\n', "version 2"),
        (b'{"schema": 5}\n', "does not begin a recording"),
        (b"[1]\n", "does not begin a recording"),
        (b'{"t_s": 0.1}\n', "does not begin a recording"),
        (b'{"schema": "workstation.recording/1"}\n', "signals"),
        (b"x" * 3_000_000, "no line of a recording"),
    ],
)
def test_what_is_no_recording_is_refused_in_a_sentence(tmp_path, content, said):
    path = tmp_path / "a.recording.jsonl"
    path.write_bytes(content)

    with pytest.raises(RecordingError, match=said) as refusal:
        load_recording(path)

    assert str(refusal.value).startswith("Cannot read a.recording.jsonl: ")
    assert str(tmp_path) not in str(refusal.value)


@pytest.mark.parametrize(
    "changes",
    [
        {"name": 5}, {"label": None}, {"interval_s": "fast"}, {"machine": []}, {"machine": {}}, {"signals": []},
        {"signals": {"x": 5}}, {"signals": {"x": {"available": "yes", "source": None, "why_not": None}}},
        {"label": "x" * 5000}, {"thinned_from": 5}, {"machine": HEADER["machine"] | {"gpus": [5]}},
        {"interval_s": 1e999}, {"machine": HEADER["machine"] | {"logical_cores": 1.5}},
    ],
)  # fmt: skip
def test_a_header_with_a_foreign_field_is_refused(tmp_path, changes):
    path = write(tmp_path / "a.recording.jsonl", header=HEADER | changes)

    with pytest.raises(RecordingError):
        load_recording(path)


def test_a_file_that_is_missing_or_none_is_refused(tmp_path):
    with pytest.raises(RecordingError, match=r"No such file.*evidence folder"):
        load_recording(tmp_path / "gone.recording.jsonl")
    with pytest.raises(RecordingError):
        load_recording(tmp_path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_in_the_place_of_a_recording_does_not_hold_us_up(tmp_path):
    os.mkfifo(tmp_path / "a.recording.jsonl")

    with pytest.raises(RecordingError, match="it is no file"):
        load_recording(tmp_path / "a.recording.jsonl")


def test_lines_far_too_long_are_passed_over(tmp_path):
    long = '{"t_s": 0.15, "mark": "' + "x" * 5_000_000 + '"}\n'
    path = write(tmp_path / "a.recording.jsonl", *samples(2), long, {"t_s": 0.9}, END, "x" * 5_000_000)

    found = load_recording(path)

    assert found.t_s.tolist() == [0.0, 0.1, 0.9]
    assert len(found.problems) == 2


def test_many_bad_lines_are_summed_up(tmp_path):
    path = write(tmp_path / "a.recording.jsonl", *(["nonsense\n"] * 500), {"t_s": 0.1})

    found = load_recording(path)

    assert len(found.problems) == 21
    assert found.problems[-1] == "480 more lines could not be used."


@pytest.mark.soak
def test_a_recording_of_a_gigabyte_is_read_in_little_memory(tmp_path):
    """A gigabyte of samples, read by a process that never holds 300 MiB."""
    import subprocess
    import sys

    line = json.dumps({"t_s": 0.1, "ram_available_bytes": 123_456_789, "ram_used_bytes": 123_456_789})
    path = tmp_path / "a.recording.jsonl"
    with path.open("w") as stream:
        stream.write(json.dumps(HEADER) + "\n")
        piece = (line + "\n") * 10_000
        while stream.tell() < 10**9:
            stream.write(piece)
    program = (
        "import resource, sys; from workstation.recording import load_recording; "
        "found = load_recording(sys.argv[1]); print(len(found.t_s), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    )

    done = subprocess.run([sys.executable, "-c", program, path], capture_output=True, text=True, check=True)
    count, peak_kib = map(int, done.stdout.split())

    assert count <= 120_000
    assert peak_kib < 300 * 1024


@pytest.mark.parametrize(
    "value",
    [
        "0.1", "-0", "-0.0", "5e-324", "2.2250738585072011e-308", "1.7976931348623157e308", "1e999", "-1e400",
        "0.30000000000000004",
        "9007199254740993", "9223372036854775807", "9223372036854775808", "18446744073709551616",
        "1" * 400, "1" * 5000,
        "123456789.12345678901234567890",
        "NaN", "-Infinity", "true", "null", '"7"', "[1]", "{}", "01", "1.", ".5", "+1", "",
        '"\\ud800"', "[" * 2000 + "]" * 2000,
    ],
)  # fmt: skip
def test_many_lines_at_once_are_read_as_each_line_alone(tmp_path, monkeypatch, value):
    """The parser for many lines is another one than that for a single line; no value may tell them apart."""
    rows = [f'{{"t_s": {row}, "cpu_used_percent": {value if row == 2 else row / 7}}}\n' for row in range(5)]
    path = write(tmp_path / "a.recording.jsonl", *rows)

    at_once = load_recording(path)
    monkeypatch.setattr(_read, "_together", lambda *_: None)
    one_by_one = load_recording(path)

    assert at_once.problems == one_by_one.problems
    assert at_once.t_s.tolist() == one_by_one.t_s.tolist()
    assert [*at_once.columns] == [*one_by_one.columns]
    for name, column in one_by_one.columns.items():
        assert at_once.columns[name].tobytes() == column.tobytes()
