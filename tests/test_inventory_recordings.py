"""The folder of recorded machines beside what its README says: every key that a file holds is explained."""

import re
import tomllib
from pathlib import Path

import pytest

MACHINES = Path(__file__).parent / "machines"
README = (MACHINES / "README.md").read_text("utf-8")
EXPLAINED = set(re.findall(r"`\[*([a-z_]+)\]*`", README))


@pytest.mark.parametrize("file", ["about.toml", "machine.toml"])
def test_every_key_is_explained(file):
    used = {key for path in MACHINES.glob(f"*/{file}") for key in tomllib.loads(path.read_text("utf-8"))}

    assert used - EXPLAINED == set()


def test_what_a_slug_begins_with_is_the_system():
    """The name states what to expect, and nobody has to open the file to know the system."""
    systems = {"linux": "Linux", "macos": "Darwin", "windows": "Windows"}
    for path in MACHINES.glob("*/machine.toml"):
        document = tomllib.loads(path.read_text("utf-8"))
        assert document["platform"]["system"] == systems[path.parent.name.partition("-")[0]]


def test_a_recording_is_real_or_says_what_of_it_is():
    for path in MACHINES.glob("*/about.toml"):
        about = tomllib.loads(path.read_text("utf-8"))
        assert about.get("proved", not about["constructed"]) == (not about["constructed"]), path
