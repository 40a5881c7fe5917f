"""The predictions file: it only grows, bad lines stay, and what is no plain file is refused."""

import os
from pathlib import Path

import pytest

from workstation.answers.prediction_store import MAX_READ_BYTES, append, load
from workstation.answers.predictions import Prediction, to_line
from workstation.errors import PredictionError

ENTRY = Prediction(id="x", question="Wie groß?", unit="GiB", predicted=4.0, predicted_at="2026-01-31T12:00:00Z")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the file goes, in a folder that is not there yet."""
    return tmp_path / "evidence" / "predictions.jsonl"


def test_a_file_that_is_not_there_holds_nothing(path):
    assert load(path).latest == {}


def test_what_is_added_is_read_back_and_the_folder_made(path):
    append(path, ENTRY)

    assert load(path).latest == {"x": ENTRY}
    assert "Wie groß?" in path.read_text("utf-8")


def test_nothing_that_stands_in_the_file_is_lost(path):
    """Bytes of any kind, and a last line that was cut off: the new line begins on its own."""
    path.parent.mkdir()
    before = b'\xff\xfe\x00 damaged\n{"id": "y", "que'
    path.write_bytes(before)

    append(path, ENTRY)

    assert path.read_bytes() == before + b"\n" + to_line(ENTRY).encode() + b"\n"
    log = load(path)
    assert log.latest == {"x": ENTRY}
    assert log.unread == 2


def test_half_a_character_in_a_line_that_was_read_can_be_written_again(path):
    path.parent.mkdir()
    path.write_text(to_line(ENTRY).replace("Wie groß?", "\\ud800"), encoding="utf-8")

    append(path, load(path).latest["x"])

    assert load(path).unread == 0


def test_of_a_huge_file_the_end_is_read(path):
    path.parent.mkdir()
    path.write_bytes(b"x" * 50 + b"\n" + b"\n".join([b"y" * 999] * (2 * MAX_READ_BYTES // 1000)) + b"\n")
    append(path, ENTRY)

    log = load(path)

    assert log.latest == {"x": ENTRY}
    assert log.unread < MAX_READ_BYTES // 900


def test_a_folder_in_its_place_is_named(path):
    path.mkdir(parents=True)

    for act in (lambda: load(path), lambda: append(path, ENTRY)):
        with pytest.raises(PredictionError, match=r"evidence/predictions\.jsonl failed.*move it away"):
            act()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has neither")
@pytest.mark.parametrize("make", ["link", "fifo"])
def test_a_link_or_a_pipe_is_refused_and_nothing_waits_for_it(path, tmp_path, make):
    path.parent.mkdir()
    target = tmp_path / "private.txt"
    target.write_text("mine", encoding="utf-8")
    path.symlink_to(target) if make == "link" else os.mkfifo(path)

    for act in (lambda: load(path), lambda: append(path, ENTRY)):
        with pytest.raises(PredictionError, match="failed"):
            act()
    assert target.read_text("utf-8") == "mine"


def test_a_file_where_the_folder_should_be_is_named(path):
    path.parent.write_text("a file", encoding="utf-8")

    with pytest.raises(PredictionError, match=r"Writing evidence/predictions\.jsonl failed"):
        append(path, ENTRY)
