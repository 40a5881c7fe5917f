"""The class server's parts that need no server: its pins, its people, its limits, and its sentences."""

import importlib
import json
import os
import re
import stat
import subprocess
import sys
from argparse import ArgumentTypeError
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from course_kit import ROOT

HUB = ROOT / "autograder/hub"
MIB = 1024**2
PIN = re.compile(r"^([a-z0-9._-]+)(?:\[[a-z,]+\])?==([^\s;]+)", re.MULTILINE)

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the class server runs on Linux")


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[SimpleNamespace]:
    """The scripts of `autograder/hub`, which find each other because they lie in one folder."""
    names = ("install", "limits", "people", "start")
    monkeypatch.syspath_prepend(str(HUB))
    yield SimpleNamespace(**{name: importlib.import_module(name) for name in names})
    for name in names:
        sys.modules.pop(name, None)


@pytest.fixture
def closed(hub: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """The scripts, run by root in a checkout that nobody else can enter."""
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(hub.install, "is_open", lambda _: False)
    return hub


def pins(path: Path) -> dict[str, set[str]]:
    """The versions that a lock allows of each package: more than one where they differ by Python."""
    found: dict[str, set[str]] = {}
    for name, version in PIN.findall(path.read_text("utf-8")):
        found.setdefault(name, set()).add(version)
    return found


def test_the_servers_packages_are_pinned_at_the_learners_versions():
    """What a learner meets at home and in class is the same; only JupyterHub and what it needs come on top."""
    course, server = pins(ROOT / "requirements.lock"), pins(HUB / "requirements.txt")

    drifted = {name: versions for name, versions in server.items() if course.get(name, versions) != versions}
    assert drifted == {}, "run: python3 autograder/hub/start.py lock"
    assert "jupyterhub" in server
    assert "jupyterhub" not in course
    assert {"jupyterlab", "nbgrader", "joblib"} <= set(server)


def test_every_pinned_package_has_hashes_and_names_no_host():
    text = (HUB / "requirements.txt").read_text("utf-8")

    assert "://" not in text
    assert all("--hash=sha256:" in entry for entry in re.split(r"\n(?=\S)", text.strip()))


def test_the_proxy_is_pinned_without_a_lock_that_names_a_host():
    package = json.loads((HUB / "package.json").read_text("utf-8"))

    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in package["dependencies"].values())
    assert not list(HUB.glob("*lock*"))


def test_names_are_read_from_a_list_or_a_csv(hub):
    text = "\ufeffusername,first\nada,Ada\n\n# left\n bob ;x\nada\n"

    assert hub.people.names_in(text) == ["ada", "bob"]
    assert hub.people.names_in("") == []


@pytest.mark.parametrize("name", ["root", "daemon", "../ada", "-x", "a__b", "Ada", "a b", "x;id", "é", "a" * 33, "a"])
def test_a_name_that_cannot_be_a_learners_account_is_refused(hub, name):
    with pytest.raises(hub.people.PeopleError, match=re.escape(repr(name))):
        hub.people.refuse_names([name])


def test_an_ordinary_name_is_taken(hub):
    hub.people.refuse_names(["ada-l", "bob2", "wshub_no_such_account"])


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="giving a folder away needs root")
def test_the_exchange_lets_learners_hand_in_and_nothing_else(hub, tmp_path):
    """Open at the top as nbgrader wants it, sticky so that nobody moves the course, an inbox that none can list."""
    hub.people.make_exchange(tmp_path / "exchange", "course", "nobody")
    hub.people.make_exchange(tmp_path / "exchange", "course", "nobody")

    places = {"": 0o1777, "course": 0o755, "course/outbound": 0o755, "course/inbound": 0o3733, "course/feedback": 0o711}
    found = {place: stat.S_IMODE((tmp_path / "exchange" / place).stat().st_mode) for place in places}
    assert found == places
    assert (tmp_path / "exchange/course/inbound").owner() == "nobody"


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="giving a folder away needs root")
@pytest.mark.parametrize("trap", ["a folder", "a link"])
def test_a_course_that_a_learner_planted_is_not_taken_over(hub, tmp_path, trap):
    planted = tmp_path / "exchange/course"
    planted.parent.mkdir()
    if trap == "a link":
        (tmp_path / "elsewhere").mkdir()
        planted.symlink_to(tmp_path / "elsewhere")
    else:
        planted.mkdir()
        os.chown(planted, 54321, 54321)

    with pytest.raises(hub.people.PeopleError, match="belongs to somebody else"):
        hub.people.make_exchange(tmp_path / "exchange", "course", "nobody")

    assert not (tmp_path / "elsewhere").exists() or (tmp_path / "elsewhere").owner() != "nobody"


def test_version_two_of_control_groups_is_handed_down_and_limited(hub, tmp_path):
    """On a tree of files with the kernel's names: this asks level by level, then limits memory and swap."""
    parent = tmp_path / hub.limits.NAME
    for folder in (tmp_path, parent, parent / ".probe"):
        folder.mkdir(exist_ok=True)
        (folder / "cgroup.subtree_control").write_text("cpu")
    (tmp_path / "cgroup.controllers").write_text("cpu io memory pids")

    groups = hub.limits.find_groups(tmp_path)
    ada = groups.of("ada")
    ada.folder.mkdir()
    (ada.folder / "memory.swap.max").write_text("max")
    ada.make(512 * MIB)
    ada.join()

    assert groups.version == 2
    assert (
        (tmp_path / "cgroup.subtree_control").read_text()
        == (parent / "cgroup.subtree_control").read_text()
        == "+memory"
    )
    assert (ada.folder / "memory.max").read_text() == str(512 * MIB)
    assert (ada.folder / "memory.swap.max").read_text() == "0"
    assert ada.processes() == [os.getpid()]


@pytest.mark.parametrize("tree", ["nothing", "no memory", "closed"])
def test_where_no_group_can_be_made_the_reason_is_told(hub, tmp_path, tree):
    """Then the limit is only announced; nothing breaks."""
    if tree == "no memory":
        (tmp_path / "cgroup.controllers").write_text("cpu io")
    if tree == "closed":
        (tmp_path / "cgroup.controllers").write_text("memory")
        (tmp_path / hub.limits.NAME).write_text("no folder")

    groups = hub.limits.find_groups(tmp_path)

    assert groups.of("ada") is None
    assert str(tmp_path) in groups.why_not


def test_the_kernel_stops_a_process_that_passes_its_limit(hub):
    """For real, where this machine lets the test make control groups."""
    groups = hub.limits.find_groups() if os.geteuid() == 0 else None
    if groups is None or groups.parent is None:
        pytest.skip(f"no control groups for memory here: {groups.why_not if groups else 'making them needs root'}")
    group = groups.of(f"test-{os.getpid()}")
    group.make(96 * MIB)
    try:
        run = [sys.executable, "-c", f"import sys; x = bytearray({200 * MIB}); sys.stdout.write('lived')"]
        limited = subprocess.run(run, preexec_fn=group.join, capture_output=True, check=False)
        free = subprocess.run(run, capture_output=True, check=False)
        left = group.processes()
    finally:
        group.end()
        if not any(path.is_dir() for path in groups.parent.iterdir()):
            groups.parent.rmdir()  # what a class server on this machine would make again

    assert limited.returncode == -9
    assert free.stdout == b"lived"
    assert left == []
    assert not group.folder.exists()


@pytest.mark.parametrize("text", ["", "2", "2T", "100M", "-2G", "two"])
def test_a_limit_that_jupyterlab_cannot_live_with_is_refused(hub, text):
    with pytest.raises(ArgumentTypeError, match="512M or more"):
        hub.start.memory(text)


def test_limits_are_read_in_either_unit(hub):
    assert (hub.start.memory("2G"), hub.start.memory("1.5 GiB"), hub.start.memory("768m")) == (
        2048 * MIB,
        1536 * MIB,
        768 * MIB,
    )


def _says(hub: SimpleNamespace, capsys: pytest.CaptureFixture[str], *arguments: object) -> str:
    assert hub.start.main([str(argument) for argument in arguments]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("hub: ")
    assert "Traceback" not in err
    return err


def test_without_root_it_says_what_root_is_needed_for(hub, capsys, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 1000)

    assert "only root can: run this with sudo" in _says(hub, capsys, "setup")


def test_a_checkout_that_learners_could_read_is_refused(hub, capsys, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(hub.install, "is_open", lambda _: True)

    assert f"chmod 700 {ROOT}" in _says(hub, capsys, "setup")


def test_a_folder_is_open_only_where_each_folder_above_it_is(hub, tmp_path):
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    for folder in (inner, inner.parent):
        folder.chmod(0o755)
    tmp_path.chmod(0o700)

    assert not hub.install.is_open(inner)
    assert hub.install.is_open(Path("/usr"))


@pytest.mark.parametrize(
    ("roster", "instructor", "told"),
    [
        ("", "teach", "names no learner"),
        ("ada\nteach\n", "teach", "instructor and learner at once"),
        ("ada\n../bob\n", "teach", "'../bob'"),
        ("ada\n", None, "--instructor NAME --learners FILE"),
    ],
)
def test_people_who_cannot_be_are_one_sentence(closed, capsys, tmp_path, roster, instructor, told):
    file = tmp_path / "learners.txt"
    file.write_text(roster, encoding="utf-8")
    who = [] if instructor is None else ["--instructor", instructor]

    assert told in _says(closed, capsys, "setup", *who, "--learners", file)


def test_a_list_of_learners_that_is_not_there_is_named(closed, capsys, tmp_path):
    told = _says(closed, capsys, "setup", "--instructor", "teach", "--learners", tmp_path / "gone.txt")

    assert "gone.txt: No such file" in told


@pytest.mark.parametrize(("version", "told"), [(None, "apt-get install nodejs npm"), ("v16.20.0", "18 or newer")])
def test_a_missing_or_old_node_is_named_with_its_package(closed, capsys, tmp_path, monkeypatch, version, told):
    """And nothing is installed and no account made before that is known."""
    tools, roster = tmp_path / "bin", tmp_path / "learners.txt"
    tools.mkdir()
    for tool in ("node", "npm") if version else ():
        (tools / tool).write_text(f"#!/bin/sh\necho {version}\n")
        (tools / tool).chmod(0o755)
    roster.write_text("ada\n", encoding="utf-8")
    monkeypatch.setenv("PATH", str(tools))

    assert told in _says(
        closed, capsys, "setup", "--instructor", "teach", "--learners", roster, "--folder", tmp_path / "x"
    )
    assert not (tmp_path / "x").exists()


def test_the_course_id_is_the_configurations_own(hub):
    assert hub.install.course_id() == "home-ai-workstation"
