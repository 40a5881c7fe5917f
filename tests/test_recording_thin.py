"""Thinning recordings, while they are read and for handing in: the worst values stay."""

import hashlib

import numpy as np
import pytest
from recording_kit import GIB, samples, write

from workstation.errors import RecordingError
from workstation.recording import load_recording, thin

END = {"end": {"how": "exit", "t_s": 0.5, "exit_code": 0}}


def test_a_long_recording_is_thinned_to_the_worst_while_it_is_read(tmp_path):
    """Of several samples, the least free memory and the most stall are kept, wherever they stand."""
    path = write(
        tmp_path / "a.recording.jsonl",
        *samples(
            5000,
            ram_available_bytes=lambda row: 1 if row == 3333 else GIB,
            memory_stall_some_percent=lambda row: 99 if row == 1234 else 0,
        ),
        END,
    )

    found = load_recording(path, most_samples=700)

    assert len(found.t_s) <= 700
    assert found.thinned == 8
    assert len(found.columns["ram_available_bytes"]) == len(found.t_s)
    assert found.columns["ram_available_bytes"].min() == 1
    assert found.columns["memory_stall_some_percent"].max() == 99
    assert found.t_s[np.argmin(found.columns["ram_available_bytes"])] == pytest.approx(333.3, abs=0.8)
    assert found.t_s[-1] == pytest.approx(499.9)


def test_a_small_recording_is_handed_in_as_it_is(tmp_path):
    path = write(tmp_path / "a.recording.jsonl", *samples(20), END)

    copy = thin(path, tmp_path / "copy.recording.jsonl")

    assert copy.read_bytes() == path.read_bytes()


def test_a_large_recording_is_handed_in_thinned_with_the_digest_of_the_whole(tmp_path):
    path = write(
        tmp_path / "a.recording.jsonl",
        *samples(4000, ram_available_bytes=lambda row: 5 if row == 777 else GIB + row, cpu_used_percent=float),
        {"t_s": 400.0, "mark": "checkpoint"},
        {"t_s": 400.1, "gpus": [{}, {"memory_used_bytes": 123}]},
        {"t_s": 400.2, "clock_jump_s": 60},
        {"end": {"how": "killed", "t_s": 400.5, "signal": "SIGKILL", "oom_killer": True}},
    )

    copy = thin(path, tmp_path / "copy.recording.jsonl", max_bytes=20_000)
    found = load_recording(copy)

    assert copy.stat().st_size <= 20_000
    assert found.header.thinned_from == f"sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}"
    assert found.thinned > 1
    assert found.columns["ram_available_bytes"].min() == 5
    assert np.nanmax(found.columns["gpus.1.memory_used_bytes"]) == 123
    assert found.marks[0].label == "checkpoint"
    assert found.clock_jumps == (400.2,)
    assert found.end.oom_killer is True
    assert found.problems == ()


def test_what_is_no_recording_is_not_handed_in(tmp_path):
    (tmp_path / "a.recording.jsonl").write_text("hello\n")

    with pytest.raises(RecordingError):
        thin(tmp_path / "a.recording.jsonl", tmp_path / "copy.recording.jsonl")

    assert not (tmp_path / "copy.recording.jsonl").exists()


def test_a_copy_that_cannot_be_written_is_told(tmp_path):
    path = write(tmp_path / "a.recording.jsonl", *samples(20), END)

    with pytest.raises(RecordingError, match="Cannot write copy"):
        thin(path, tmp_path / "nowhere" / "copy.recording.jsonl")
