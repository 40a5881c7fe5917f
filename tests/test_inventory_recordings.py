"""The folder of recorded machines beside what its README says: every key that a file holds is explained."""

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from workstation import inventory

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


def test_functions_of_the_inventory_stay_short():
    """What is longer than 25 lines without its docstring does more than one thing."""
    long = []
    for path in Path(inventory.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef):
                body = node.body[1:] if ast.get_docstring(node) else node.body
                lines = (node.end_lineno or 0) - body[0].lineno + 1 if body else 0
                long += [f"{path.name}: {node.name}, {lines} lines"] if lines > 25 else []
    assert long == []


@pytest.mark.skipif(sys.platform != "linux", reason="other systems ask psutil and commands")
def test_a_first_inventory_loads_nothing_that_it_does_not_need():
    """Each of these costs milliseconds that the first call in a process would wait for."""
    slow = ("platform", "datetime", "subprocess", "tomllib", "psutil", "workstation.inventory._commands")
    code = f"import sys, workstation as ws; ws.inventory(); print([name for name in {slow} if name in sys.modules])"

    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert told.strip() == "[]"


def test_getting_ready_loads_the_reader_and_reads_nothing():
    code = (
        "import sys, workstation.inventory as i; from workstation.inventory._read import LiveSource;"
        "LiveSource.read = lambda *a: sys.exit('it was read'); i.get_ready();"
        "print(sum(name.startswith('workstation.inventory._') for name in sys.modules) > 5)"
    )

    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert told.strip() == "True"
