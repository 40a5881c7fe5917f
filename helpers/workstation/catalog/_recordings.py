"""Load the list of recordings that ship with the course: `recordings.toml`.

Apart from the rest of the catalogue: it is read on the first question about one of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Literal

from workstation.catalog._shape import entries

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

__all__ = ["ExampleRecording", "load_example_recordings", "load_example_recordings_from"]

RECORDINGS = "recordings.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExampleRecording:
    """One recording that ships with the course; nothing here says what is found in it."""

    id: str
    title: str
    story: str  # one line: who recorded what
    label: str  # the command in its header
    origin: Literal["real", "constructed"]
    provenance: str
    made_from: str  # its source under tests/recordings


@cache
def load_example_recordings() -> Mapping[str, ExampleRecording]:
    """Load the list that ships with the course, by id, in the order of the file.

    Raises:
        CatalogError: the file breaks a rule; the message names entry and field.
    """
    return load_example_recordings_from(files("workstation.catalog"))


def load_example_recordings_from(folder: "Traversable") -> Mapping[str, ExampleRecording]:
    """Load the list in *folder*: for authors and tests.

    Raises:
        CatalogError: the file breaks a rule; the message names entry and field.
    """
    return entries(ExampleRecording, folder, RECORDINGS, "recording")
