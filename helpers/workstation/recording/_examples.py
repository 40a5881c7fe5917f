"""Give a recording that ships with the course."""

from importlib.resources import as_file, files

from workstation.catalog._recordings import load_example_recordings
from workstation.errors import RecordingError
from workstation.recording._read import load_recording
from workstation.recording.model import SUFFIX, Recording

FOLDER = "examples"


def example_recording(name: str) -> Recording:
    """Load a recording that ships with the course, such as ``"page-index"``.

    For reading practice on a machine that cannot show the same itself. Whether it was measured on a real machine or
    constructed from documented traces stands in its header's note.

    Raises:
        RecordingError: no recording of that name ships; the message lists those that do.
    """
    known = load_example_recordings()
    if name not in known:
        raise RecordingError(f"No recording called {name!r} ships with the course. There are: {', '.join(known)}.")
    with as_file(files(__package__) / FOLDER / f"{name}{SUFFIX}") as path:
        return load_recording(path)
