"""A bundle of `workstation doctor` is a recorded machine as it is: every test of those is made on it."""

import inspect
import json
import os
import sys
import tomllib
import zipfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
import test_inventory_machines

from workstation.cli import main
from workstation.inventory import _read

MACHINES = Path(__file__).parent / "machines"
MAC = tomllib.loads((MACHINES / "macos-m3pro-laptop-metal-18gib" / "machine.toml").read_text(encoding="utf-8"))
SAYS_WHAT_IT_IS_TOLD = """#!{python}
import json, pathlib, sys
here = pathlib.Path(sys.argv[0])
told = json.loads(here.with_name("told.json").read_text(encoding="utf-8"))
line = " ".join([here.name, *sys.argv[1:]])
text = told.get(line, told["df -P /"] if here.name == "df" else None)
sys.stdout.write(text) if text is not None else sys.exit(1)
"""


def unpacked(tmp_path: Path) -> Path:
    """Pack this machine as a learner does, and unpack the bundle as one more recorded machine."""
    bundle = tmp_path / "bundle.zip"
    main(["doctor", "--dir", str(tmp_path / "copy"), "--bundle", str(bundle)])
    folder = tmp_path / "linux-somebodys"
    with zipfile.ZipFile(bundle) as opened:
        opened.extractall(folder)
    return folder


@pytest.fixture
def as_it_is(tmp_path, monkeypatch) -> Path:
    """The bundle of this machine."""
    monkeypatch.chdir(tmp_path)
    return unpacked(tmp_path)


@pytest.fixture
def of_commands(tmp_path, monkeypatch) -> Path:
    """The bundle of a machine that is known by commands alone: real processes that print what a Mac's print."""
    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / "told.json").write_text(json.dumps(MAC["commands"]), encoding="utf-8")
    for name in {line.split()[0] for line in MAC["commands"]}:
        (programs / name).write_text(SAYS_WHAT_IT_IS_TOLD.format(python=sys.executable), encoding="utf-8")
        (programs / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(programs))
    monkeypatch.setattr(_read.LiveSource, "platform", lambda _self: _read.Platform(**MAC["platform"]))
    monkeypatch.chdir(tmp_path)
    return unpacked(tmp_path)


def checks(*, linux: bool) -> Iterator[Callable[[Path], None]]:
    """Yield every test of the recorded machines, each of its values taken in turn; some are for Linux alone."""
    for name, test in vars(test_inventory_machines).items():
        wanted = list(inspect.signature(test).parameters) if name.startswith("test_") else []
        if wanted == ["machine"]:
            yield from [test] if linux or not hasattr(test, "pytestmark") else []
        elif wanted[:1] == ["machine"]:
            (values,) = (mark.args[1] for mark in test.pytestmark if mark.args[0] == wanted[1])
            yield from (partial(test, **{wanted[1]: value}) for value in values)


def test_the_bundle_of_this_machine_passes_every_test_of_the_recorded_ones(as_it_is):
    made = list(checks(linux=True))

    assert len(made) > 15
    for check in made:
        check(as_it_is)


@pytest.mark.skipif(os.name == "nt", reason="there a script is no program")
def test_what_commands_printed_is_in_the_bundle_and_replays(of_commands):
    """The raw texts stand under [commands], and every test of the recorded machines passes on them."""
    packed = tomllib.loads((of_commands / "machine.toml").read_text(encoding="utf-8"))

    asked = {line for line in MAC["commands"] if not line.startswith("df")}
    assert asked <= set(packed["commands"])
    line = next(line for line in asked if line.startswith("sysctl hw.memsize"))
    assert packed["commands"][line] == MAC["commands"][line]
    assert json.loads((of_commands / "expected.json").read_text(encoding="utf-8"))["facts"]["system.os"] == "Darwin"
    for check in checks(linux=False):
        check(of_commands)
