"""`workstation doctor`: each check where all is well and where it is not, the exit code, and the bundle."""

import json
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from inventory_kit import small

from workstation.cli import _doctor, main
from workstation.cli._checks import CHECKS, examine
from workstation.cli._setup import Folder, Package, Setup, read_setup
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
        can_be_copy=True,
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
        ("working-copy", {"is_copy": False, "can_be_copy": False}, "fail", "cannot become one"),
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


def test_a_folder_that_lab_refuses_is_not_sent_to_lab(monkeypatch, capsys, tmp_path):
    """What the doctor advises must work: lab makes no working copy among somebody else's files."""
    (tmp_path / "letters.txt").write_text("mine", encoding="utf-8")

    main(["doctor", "--json", "--dir", str(tmp_path)])

    (found,) = [each for each in json.loads(capsys.readouterr().out)["checks"] if each["id"] == "working-copy"]
    assert found["outcome"] == "fail"
    assert "workstation lab" not in found["advice"]
    assert "--dir" in found["advice"]


def test_the_text_fits_the_terminal_and_says_what_to_do(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(_doctor, "read_setup", lambda *_: setup(python_fits=False, is_copy=False))

    main(["doctor", "--dir", str(tmp_path)])

    text = capsys.readouterr().out
    assert max(map(len, text.splitlines())) <= 80
    assert "WRONG  Python" in text
    assert text.count("to do:") == 2
    assert text.rstrip().endswith("1 wrong.")


def test_the_program_is_installed_under_its_name(tmp_path):
    """The command that the inventory's reasons send people to exists."""
    program = shutil.which("workstation", path=str(Path(sys.executable).parent))

    done = subprocess.run(
        [program, "doctor", "--json", "--dir", str(tmp_path)], capture_output=True, text=True, check=False
    )

    assert json.loads(done.stdout)["checks"]
    assert done.returncode in {0, 1}
