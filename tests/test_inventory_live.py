"""The inventory of the machine that runs the tests, and the surprises that are told of a machine."""

import json
import platform
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from inventory_kit import small

import workstation.inventory as package
from workstation.catalog import load_catalog
from workstation.inventory import _read, from_document, inventory, surprises, to_document
from workstation.inventory._generic import read_generic
from workstation.inventory._read import LiveSource
from workstation.units import GIB

on_linux = pytest.mark.skipif(platform.system() != "Linux", reason="reads this machine's /proc")


@on_linux
def test_totals_agree_with_psutil():
    inv = inventory()

    assert inv.memory.total_bytes == psutil.virtual_memory().total
    assert inv.cpu.logical_cores == psutil.cpu_count()
    assert inv.storage.project.total_bytes == psutil.disk_usage(str(Path.cwd())).total


@on_linux
def test_no_command_is_started(monkeypatch):
    def refuse(*_arguments, **_options):
        raise AssertionError("a command was started")

    monkeypatch.setattr("subprocess.Popen", refuse)
    monkeypatch.setattr("os.system", refuse)

    assert inventory().system.os == "Linux"


@on_linux
def test_the_document_of_this_machine_reads_back(tmp_path):
    inv = inventory(tmp_path)

    assert from_document(json.loads(json.dumps(to_document(inv)))) == inv


@on_linux
def test_a_project_folder_that_does_not_exist_yet_has_its_parents_disk(tmp_path):
    inv = inventory(tmp_path / "not" / "yet")

    assert inv.storage.project.total_bytes == inventory(tmp_path).storage.project.total_bytes


@on_linux
def test_a_deleted_working_folder_is_survived(tmp_path, monkeypatch):
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()

    assert inventory().memory.total_bytes


@on_linux
def test_reads_are_bounded_and_refusals_explained(tmp_path):
    long = tmp_path / "long"
    long.write_bytes(b"\xff" * 5000)
    source = LiveSource()

    assert source.read(str(long), 10) == "\ufffd" * 10
    assert source.read(str(tmp_path)) is None
    assert source.read(str(tmp_path / "none")) is None
    assert source.problem(str(tmp_path / "none")) == "is not there"
    assert source.read("a\x00b") is None
    assert source.names(str(long)) is None


@on_linux
def test_commands_run_in_the_c_locale_and_failures_are_none():
    source = LiveSource()

    assert source.run(["sh", "-c", "echo $LC_ALL"]) == "C\n"
    assert source.run(["sh", "-c", "exit 3"]) is None
    assert source.run(["no-such-command-here"]) is None


def test_other_systems_give_the_same_type_with_reasons(monkeypatch):
    """No reader is written for them yet: psutil's facts, and an explained unknown for the rest."""
    monkeypatch.setattr(_read, "_uname", lambda: ("Haiku", "R1", "hrev57937", "x86_64"))

    inv = package.inventory()

    assert inv.memory.total_bytes == psutil.virtual_memory().total
    assert {"gpus", "cpu.max_mhz", "system.chassis", "storage.devices"} <= {each.what for each in inv.unknowns}
    assert from_document(to_document(inv)) == inv


def test_every_absent_fact_of_other_systems_is_explained():
    inv = read_generic(LiveSource(), "/")
    unknown = {each.what for each in inv.unknowns}

    for what, value in package.facts(inv).items():
        if value is None and what not in {"memory.limit_bytes", "power.on_battery"}:
            assert what in unknown


def test_the_package_can_be_called_like_the_function():
    assert callable(package)
    assert package().captured_at


def ids(inv):
    return [surprise.id for surprise in surprises(inv)]


def test_the_box_and_gib_surprise_names_the_size_on_the_box():
    inv = small(
        files={
            "/proc/meminfo": "MemTotal: 16153616 kB\nMemAvailable: 15000000 kB\nSwapTotal: 0 kB\nSwapFree: 0 kB\n",
            "/proc/cpuinfo": "processor : 0\nflags : fpu\n",
        }
    )

    found = next(surprise for surprise in surprises(inv) if surprise.id == "box-and-gib")
    assert "16 GB" in found.headline
    assert "15.4 GiB" in found.headline


def test_swap_in_use_quotes_the_amount():
    inv = small()
    swapped = replace(
        inv, memory=replace(inv.memory, swap_total_bytes=4 * GIB, swap_used_bytes=2 * GIB, swap_kind="disk")
    )

    assert "swap-in-use" not in ids(inv)
    assert "2.0 GiB" in surprises(swapped)[0].headline


def test_an_announced_limit_is_not_called_enforced():
    found = surprises(small(variables={"MEM_LIMIT": str(4 * GIB)}))[0]

    assert found.id == "container-limit"
    assert "is told to keep to 4.0 GiB" in found.headline


def test_the_count_of_families_that_need_no_gpu_comes_from_the_catalogue():
    catalog = load_catalog()
    free = sum("vram" not in family.primary for family in catalog.families.values())

    assert f"{free} of {len(catalog.families)} kinds" in surprises(small(), catalog)[-1].headline


def test_a_card_that_does_not_answer_is_not_called_absent():
    files = {
        "/sys/bus/pci/devices/0000:01:00.0/class": "0x030000\n",
        "/sys/bus/pci/devices/0000:01:00.0/vendor": "0x10de\n",
        "/sys/bus/pci/devices/0000:01:00.0/device": "0x2204\n",
    }
    found = surprises(small(files=files))

    assert found[0].id == "gpu-without-tools"
    assert "No graphics memory can be counted here yet" in found[-1].headline


def test_hand_filled_zeros_still_give_a_surprise_without_nonsense():
    inv = small()
    zeros = replace(
        inv,
        memory=replace(inv.memory, total_bytes=0, usable_bytes=0, available_bytes=0, limit_bytes=0),
        storage=replace(inv.storage, project=replace(inv.storage.project, total_bytes=0, free_bytes=0)),
    )

    assert ids(zeros)[-1] == "no-gpu-needed"


def test_every_public_name_has_a_home_and_is_told_to_type_checkers():
    source = Path(package.__file__).read_text(encoding="utf-8")

    assert {name for name in package.__all__ if getattr(package, name) is None} == set()
    for name, home in package._HOME.items():
        assert f"from workstation.inventory.{home} import {name} as {name}\n" in source
        assert not (Path(package.__file__).parent / f"{name}.py").exists()


@on_linux
def test_reading_this_machine_loads_nothing_heavy():
    """Psutil, pandas and NVML's binding each take longer to load than the whole inventory to read."""
    code = "import sys, workstation as ws; ws.inventory(); print(*sys.modules)"
    loaded = set(
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    )

    assert "workstation.inventory._linux" in loaded
    wanted = {"psutil", "pandas", "subprocess"}
    if not any(gpu.vendor == "nvidia" for gpu in inventory().gpus):
        wanted.add("pynvml")
    assert wanted & loaded == set()
