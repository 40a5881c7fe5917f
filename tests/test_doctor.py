"""`workstation doctor`: each check where all is well and where it is not, the exit code, and the bundle."""

import json
import shutil
import subprocess
import sys
import tomllib
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from inventory_kit import small

from workstation.cli import _doctor, main
from workstation.cli._bundle import pack
from workstation.cli._checks import CHECKS, examine
from workstation.cli._setup import Folder, Package, Setup, read_setup
from workstation.inventory import facts, read_from
from workstation.inventory._read import LiveSource
from workstation.inventory._recorded import RecordedSource
from workstation.inventory._redact import redact
from workstation.inventory._remember import RememberingSource
from workstation.inventory._toml import to_toml
from workstation.units import GB, GIB

MACHINES = Path(__file__).parent / "machines"
FINE = Folder(path="/f", exists=True, readable=True, writable=True)
CARD = {
    "/sys/bus/pci/devices/0000:01:00.0/class": "0x030000\n",
    "/sys/bus/pci/devices/0000:01:00.0/vendor": "0x10de\n",
    "/sys/bus/pci/devices/0000:01:00.0/device": "0x2204\n",
}


def setup(**changes):
    """Return a set-up in which every check is satisfied, with *changes*."""
    inv = small(files={"/sys/class/thermal/thermal_zone0/type": "x86_pkg_temp\n"}, folders={"/sys/bus/pci/devices": []})
    good = Setup(
        python=(3, 12, 1),
        python_wanted=">=3.11,<3.14",
        python_fits=True,
        packages=(Package(name="pandas", wanted=">=2.2", installed="2.3", fits=True),),
        has_overrides=True,
        has_nbgrader_extension=True,
        kernels={"python3": "python"},
        nvml_problem=None,
        nvml_driver=None,
        exchange=FINE,
        exchange_expected=True,
        working_copy=FINE,
        is_copy=True,
        inventory=inv,
    )
    return replace(good, **changes)


def outcome(check, **changes):
    return next(finding for each, finding in examine(setup(**changes)) if each.id == check)


def with_disk(free_bytes):
    inv = small()
    return replace(inv, storage=replace(inv.storage, project=replace(inv.storage.project, free_bytes=free_bytes)))


def with_memory(usable_bytes):
    inv = small()
    return replace(inv, memory=replace(inv.memory, usable_bytes=usable_bytes))


def test_a_good_set_up_passes_every_check_without_advice():
    findings = examine(setup())

    assert {check.id: finding.outcome for check, finding in findings} == {check.id: "ok" for check in CHECKS}
    assert [finding.advice for _, finding in findings if finding.advice] == []


NVIDIA = small(files=CARD, nvml={"problem": "DriverNotLoaded"})


@pytest.mark.parametrize(
    ("check", "changes", "wanted", "words"),
    [
        ("python", {"python_fits": False, "python": (3, 9, 2)}, "fail", "3.9.2"),
        ("python", {"python_fits": None}, "unknown", "not recorded"),
        (
            "packages",
            {"packages": (Package(name="pandas", wanted=">=2.2", installed="1.5", fits=False),)},
            "fail",
            "pandas 1.5",
        ),
        (
            "packages",
            {"packages": (Package(name="psutil", wanted="<8", installed=None, fits=False),)},
            "fail",
            "psutil missing",
        ),
        ("packages", {"packages": ()}, "unknown", "not installed"),
        ("jupyter", {"has_nbgrader_extension": False}, "warn", "nbgrader"),
        ("jupyter", {"has_overrides": False}, "warn", "settings"),
        ("kernel", {"kernels": None}, "fail", "python3"),
        ("kernel", {"kernels": {"ir": "R"}}, "fail", "python3"),
        ("nvml", {"inventory": NVIDIA, "nvml_problem": "DriverNotLoaded"}, "fail", "not loaded"),
        ("nvml", {"inventory": NVIDIA, "nvml_driver": "535.54.03"}, "warn", "535.54.03"),
        ("nvml", {"inventory": NVIDIA, "nvml_driver": "535.183.06"}, "ok", "535.183.06"),
        ("nvml", {"inventory": NVIDIA, "nvml_driver": "573.24"}, "ok", "573.24"),
        ("nvml", {"inventory": NVIDIA, "nvml_driver": "what?"}, "ok", "what?"),
        ("nvml", {"inventory": NVIDIA}, "unknown", "sleeps"),
        ("graphics", {"inventory": NVIDIA}, "unknown", "not loaded"),
        ("memory", {"inventory": with_memory(GIB)}, "warn", "1.0 GiB"),
        ("memory", {"inventory": with_memory(None)}, "unknown", "could not"),
        ("disk", {"inventory": with_disk(GB)}, "fail", "1 GB"),
        ("disk", {"inventory": with_disk(10 * GB)}, "warn", "10 GB"),
        ("disk", {"inventory": with_disk(None)}, "unknown", "could not"),
        ("sensors", {"inventory": small()}, "warn", "temperatures"),
        ("exchange", {"exchange": replace(FINE, readable=False)}, "fail", "may not be read"),
        ("exchange", {"exchange": replace(FINE, exists=False)}, "ok", "workstation submit"),
        ("exchange", {"exchange_expected": False}, "ok", "workstation submit"),
        ("working-copy", {"working_copy": replace(FINE, exists=False)}, "warn", "no working copy"),
        ("working-copy", {"is_copy": False}, "warn", "no working copy"),
        ("working-copy", {"working_copy": replace(FINE, writable=False)}, "fail", "may not be written"),
    ],
)
def test_each_check_names_what_is_wrong_and_one_thing_to_do(check, changes, wanted, words):
    finding = outcome(check, **changes)

    assert finding.outcome == wanted
    assert words in finding.found
    assert (finding.advice is None) == (wanted == "ok")


def test_this_installation_can_be_looked_at(tmp_path):
    """The real reading: every check comes to an outcome, also where there is no working copy."""
    found = {check.id: finding.outcome for check, finding in examine(read_setup(small(), tmp_path / "none"))}

    assert found["python"] == found["packages"] == "ok"
    assert found["working-copy"] == "warn"


@pytest.mark.parametrize(("change", "code"), [({}, 0), ({"kernels": None}, 1)])
def test_the_exit_code_says_whether_something_is_wrong(change, code, monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(_doctor, "read_setup", lambda *_: setup(**change))

    assert main(["doctor", "--json", "--dir", str(tmp_path)]) == code

    told = json.loads(capsys.readouterr().out)
    assert told["schema"] == "workstation.doctor/1"
    assert told["ok"] is (code == 0)
    assert [each["id"] for each in told["checks"]] == [check.id for check in CHECKS]


def test_the_text_fits_the_terminal_and_says_what_to_do(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(_doctor, "read_setup", lambda *_: setup(python_fits=False, is_copy=False))

    main(["doctor", "--dir", str(tmp_path)])

    text = capsys.readouterr().out
    assert max(map(len, text.splitlines())) <= 80
    assert "WRONG  Python" in text
    assert text.count("to do:") == 2
    assert text.rstrip().endswith("1 wrong.")


def bundle_of(tmp_path, monkeypatch, capsys):
    path = tmp_path / "bundle.zip"
    monkeypatch.setattr(_doctor, "read_setup", lambda *_: setup())
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
    monkeypatch.setattr(_doctor, "read_setup", lambda *_: setup())

    assert main(["doctor", "--dir", str(tmp_path / "copy"), "--bundle", str(kept)]) == 2

    assert kept.read_text(encoding="utf-8") == "mine"
    assert "exists already" in capsys.readouterr().err


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


def test_the_program_is_installed_under_its_name(tmp_path):
    """The command that the inventory's reasons send people to exists."""
    program = shutil.which("workstation", path=str(Path(sys.executable).parent))

    done = subprocess.run(
        [program, "doctor", "--json", "--dir", str(tmp_path)], capture_output=True, text=True, check=False
    )

    assert json.loads(done.stdout)["checks"]
    assert done.returncode in {0, 1}
