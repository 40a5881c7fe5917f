"""Write the recordings that ship with the course from those in the folder above.

    python examples.py

Name, label and note are the catalogue's (`recordings.toml`): a learner reads them, so they must not tell the answer.
The samples, the marks and the ending are those of the source.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from workstation.catalog._recordings import ExampleRecording, load_example_recordings
from workstation.recording import _examples
from workstation.recording._read import load_recording
from workstation.recording._thin import lines
from workstation.recording.model import SUFFIX

SOURCES = Path(__file__).parents[1]
TARGET = Path(_examples.__file__).parent / _examples.FOLDER


def example(entry: ExampleRecording) -> bytes:
    """Give the bytes of one shipped recording."""
    recording = load_recording(SOURCES / f"{entry.made_from}{SUFFIX}")
    header = replace(recording.header, name=entry.id, label=entry.label, note=entry.provenance)
    return b"".join(lines(replace(recording, header=header)))


def examples() -> Iterator[tuple[Path, bytes]]:
    for entry in load_example_recordings().values():
        yield TARGET / f"{entry.id}{SUFFIX}", example(entry)


if __name__ == "__main__":
    TARGET.mkdir(exist_ok=True)
    for path, data in examples():
        path.write_bytes(data)
