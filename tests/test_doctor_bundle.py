"""The bundle of `workstation doctor`: the same machine elsewhere, without what is private."""

import json
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from workstation.cli import main
from workstation.cli._bundle import pack
from workstation.inventory import facts, read_from
from workstation.inventory._read import LiveSource
from workstation.inventory._recorded import RecordedSource
from workstation.inventory._redact import redact
from workstation.inventory._remember import RememberingSource
from workstation.inventory._toml import to_toml
from workstation.units import GIB

MACHINES = Path(__file__).parent / "machines"


def bundle_of(tmp_path, monkeypatch, capsys):
    path = tmp_path / "bundle.zip"
    main(["doctor", "--dir", str(tmp_path / "copy"), "--bundle", str(path)])
    capsys.readouterr()
    with zipfile.ZipFile(path) as opened:
        return path, {name: opened.read(name).decode("utf-8") for name in opened.namelist()}


def test_the_bundle_of_this_machine_replays_to_the_same_facts(tmp_path, monkeypatch, capsys):
    """What was read here and what the bundle gives elsewhere differ in nothing but the moment."""
    monkeypatch.chdir(tmp_path)
    _, files = bundle_of(tmp_path, monkeypatch, capsys)

    place = tomllib.loads(files["about.toml"])["project"]
    replayed = facts(read_from(RecordedSource(tomllib.loads(files["machine.toml"])), place))

    here = facts(read_from(LiveSource(), str(tmp_path)))
    moving = {"captured_at", "memory.available_bytes", "memory.swap_used_bytes"}
    moving |= {"storage.project.free_bytes", "storage.system.free_bytes"}
    assert {k: v for k, v in replayed.items() if k not in moving} == {k: v for k, v in here.items() if k not in moving}
    assert replayed.keys() == here.keys()


def test_the_bundle_is_a_recorded_machine_as_it_is(tmp_path, monkeypatch, capsys):
    _, files = bundle_of(tmp_path, monkeypatch, capsys)

    assert {"machine.toml", "about.toml", "expected.json", "doctor.json", "README.txt"} == set(files)
    about, expected = tomllib.loads(files["about.toml"]), json.loads(files["expected.json"])
    inv = read_from(RecordedSource(tomllib.loads(files["machine.toml"])), about["project"])
    assert expected["facts"] == {what: value for what, value in facts(inv).items() if what != "captured_at"}
    assert expected["unknown"] == sorted(each.what for each in inv.unknowns)
    assert isinstance(about["constructed"], bool)


def test_the_recording_script_makes_a_machine_of_a_bundle(tmp_path, monkeypatch, capsys):
    path, _ = bundle_of(tmp_path, monkeypatch, capsys)
    target = tmp_path / "linux-new"

    subprocess.run([sys.executable, str(MACHINES / "record.py"), str(target), str(path)], check=True)

    assert sorted(each.name for each in target.iterdir()) == ["about.toml", "expected.json", "machine.toml"]


def test_an_existing_file_is_not_overwritten(tmp_path, monkeypatch, capsys):
    kept = tmp_path / "mine.zip"
    kept.write_text("mine", encoding="utf-8")

    assert main(["doctor", "--dir", str(tmp_path / "copy"), "--bundle", str(kept)]) == 2

    assert kept.read_text(encoding="utf-8") == "mine"
    assert "exists already" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["b.txt", "b"])
def test_a_bundle_is_named_as_the_zip_that_it_is(name, tmp_path, capsys):
    assert main(["doctor", "--dir", str(tmp_path / "copy"), "--bundle", str(tmp_path / name)]) == 2

    assert "b.zip" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("path", sorted(MACHINES.glob("*/machine.toml")), ids=lambda path: path.parent.name)
def test_every_recorded_machine_can_be_packed_and_reads_the_same(path):
    """Remember, redact, write, read back: for every system's recordings, not only for this machine."""
    about = tomllib.loads((path.parent / "about.toml").read_text(encoding="utf-8"))
    source = RememberingSource(RecordedSource.load(path))
    inv = read_from(source, about["project"])
    told = source.recording() | {"project": about["project"]}
    clean = redact(told, host="unlikely-host", users=["unlikely-user"], home="/home/unlikely-user")
    place = clean.pop("project")

    again = read_from(RecordedSource(tomllib.loads(to_toml(clean))), place)

    assert facts(again) == facts(inv)
    assert again.unknowns == inv.unknowns


SECRETS = {
    "priya-tower", "priya", "192.168.7.31", "00:e0:4c:68:00:01", "00e04c680001", "4c4c4544-0035-5210-8054-b4c04f564432",
    "PF3ABCDE", "898b44c4d0b6a4d1f2e3c4b5a69788790a1b2c3d4e5f60718293a4b5c6d7e8f9", "priya@mail.example",
    "fe80::2e0:4cff:fe68:1", "nas-of-priya",
}  # fmt: skip


def hostile():
    group = "/sys/fs/cgroup/docker-898b44c4d0b6a4d1f2e3c4b5a69788790a1b2c3d4e5f60718293a4b5c6d7e8f9.scope"
    return {
        "now": "2026-01-31T12:00:00Z",
        "present": ["/home/priya/.hushlogin"],
        "denied": [],
        "platform": {
            "system": "Linux",
            "release": "6.8-priya-tower",
            "version": "#1",
            "machine": "x",
            "python": "3.12",
        },
        "variables": {"USER": "priya"},
        "spaces": {"/home/priya/course": {"total_bytes": 10, "free_bytes": 5}},
        "links": {"/sys/class/net/enx00e04c680001": "../../devices/pci0000:00/net/enx00e04c680001"},
        "folders": {"/sys/class/net": ["enx00e04c680001", "lo"]},
        "files": {
            "/proc/sys/kernel/hostname": "priya-tower\n",
            "/proc/version": "Linux version 6.8 (priya@mail.example) #1\n",
            "/proc/self/cgroup": f"0::{group.removeprefix('/sys/fs/cgroup')}\n",
            f"{group}/memory.max": "1073741824\n",
            "/proc/self/mountinfo": "28 1 8:1 / / rw - ext4 /dev/mapper/vg_priya-root rw\n"
            "29 28 0:5 / /home/priya rw - nfs4 nas-of-priya:/x rw,addr=192.168.7.31\n"
            "30 28 0:6 / /media/priya/PF3ABCDE rw - vfat /dev/sdb1 rw\n"
            "31 28 0:27 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n",
            "/proc/driver/nvidia/gpus/0000:01:00.0/information": "UUID: GPU-4c4c4544-0035-5210-8054-b4c04f564432\n",
        },
        "commands": {
            "lspci": "link 00:e0:4c:68:00:01 at 192.168.7.31 and fe80::2e0:4cff:fe68:1\n",
            "system_profiler": '{"serial_number" : "PF3ABCDE", "name" : "x"}\n',
        },
    }


def test_nothing_private_is_left_in_a_redacted_recording():
    clean = redact(hostile(), host="priya-tower", users=["priya"], home="/home/priya")

    text = to_toml(clean)
    assert [secret for secret in SECRETS if secret in text] == []


def test_a_redacted_recording_is_still_the_same_machine():
    """Folders are still found under the names that other files give them."""
    clean = redact(hostile(), host="priya-tower", users=["priya"], home="/home/priya")

    inv = read_from(RecordedSource(clean), "/home/learner/course")

    assert inv.memory.limit_bytes == GIB
    assert inv.storage.project.filesystem == "nfs4"
    assert inv.storage.project.total_bytes == 10
    assert "0000:01:00.0" in to_toml(clean)


@pytest.mark.parametrize("user", ["max", "class", "net", "memory", "root", "a"])
def test_a_user_named_like_a_system_word_breaks_nothing(user):
    """The name goes from home folders, and memory.max stays memory.max."""
    machine = hostile()
    machine["files"]["/home/max/x"] = machine["files"]["/home/class/x"] = "x\n"
    clean = redact(machine, host="priya-tower", users=[user], home=f"/home/{user}")

    assert any(path.endswith("/memory.max") for path in clean["files"])
    assert "/sys/class/net" in clean["folders"]
    if user in {"max", "class"}:
        assert f"/home/{user}" not in to_toml(clean)


def test_the_doctor_tells_a_home_folder_in_the_bundle_to_nobody(monkeypatch, tmp_path):
    monkeypatch.setattr(Path, "home", lambda: Path("/home/zz-secret-user"))

    content = pack(small_recording(), "/home/zz-secret-user/course", {"found": "/home/zz-secret-user/home-ai"})

    target = tmp_path / "b.zip"
    target.write_bytes(content)
    with zipfile.ZipFile(target) as opened:
        assert all(b"zz-secret" not in opened.read(name) for name in opened.namelist())


def small_recording():
    machine = tomllib.loads((MACHINES / "linux-epyc-vm-nogpu-24gib" / "machine.toml").read_text(encoding="utf-8"))
    machine["spaces"]["/home/zz-secret-user/course"] = {"total_bytes": 5, "free_bytes": 4}
    return machine


TEXTS = [
    "",
    "a",
    "a\nb\n",
    "it's '''quoted'''\n\n",
    "\x00\x7f\x1b",
    "tab\tand\nlines\n'",
    "ünïcödé \u2028",
    "\r\n\r\n",
    '\\ "',
]


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_any_text_survives_the_way_into_toml_and_back(text):
    document = {
        "now": text,
        "files": {text or "/x": text},
        "nvml": {"devices": [{"name": text, "problems": {"memory": text}}]},
    }

    assert tomllib.loads(to_toml(document)) == document
