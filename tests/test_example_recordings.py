"""The recordings that ship with the course: small, readable, what the list says, and silent about their answer."""

import sys
from importlib import import_module
from pathlib import Path

import pytest

import workstation as ws
from workstation.catalog._recordings import load_example_recordings
from workstation.errors import RecordingError

MAKE = Path(__file__).parent / "recordings" / "make"
TELLING = ("ram", "memory", "swap", "disk", "slow", "heat", "hot", "throttl", "oom", "vram", "killed", "network")
MOST_BYTES = 150_000


@pytest.fixture(scope="module")
def shipped():
    sys.path.insert(0, str(MAKE))
    try:
        return dict(import_module("examples").examples())
    finally:
        sys.path.remove(str(MAKE))


def test_every_shipped_file_is_its_source_with_a_neutral_head(shipped):
    folder = next(iter(shipped)).parent

    assert {path.name for path in folder.iterdir()} == {path.name for path in shipped}
    assert [path.name for path, data in shipped.items() if path.read_bytes() != data] == []


def test_every_one_is_small(shipped):
    assert [path.name for path in shipped if path.stat().st_size > MOST_BYTES] == []


@pytest.mark.parametrize("name", load_example_recordings())
def test_every_one_loads_without_a_problem(name):
    recording = ws.example_recording(name)

    assert recording.header.name == name
    assert recording.t_s.size > 20
    assert recording.problems == ()


@pytest.mark.parametrize("name", load_example_recordings())
def test_no_name_label_or_note_tells_what_is_found(name):
    """A learner reads the command before the curves."""
    entry, header = load_example_recordings()[name], ws.example_recording(name).header
    said = " ".join((name, header.label, header.note, entry.title)).casefold().split()

    assert [word for word in said if word.startswith(TELLING)] == []


def test_whether_it_was_measured_or_constructed_is_said():
    for entry in load_example_recordings().values():
        lead = {"real": "A real run", "constructed": "Constructed"}[entry.origin]
        assert ws.example_recording(entry.id).header.note.startswith(lead)


@pytest.mark.parametrize("name", ["no-such", "", None, "../real-idle"])
def test_an_unknown_name_lists_those_that_there_are(name):
    with pytest.raises(RecordingError, match="There are: page-index, table-join"):
        ws.example_recording(name)
