"""The rules behind single facts, and the surprises, on small made-up cases."""

import json
import platform
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

import workstation.inventory as package
from workstation.catalog import load_catalog
from workstation.inventory import from_document, inventory, surprises, to_document
from workstation.inventory._generic import read_generic
from workstation.inventory._linux import read_linux
from workstation.inventory._nvml import NvmlReport, ask_nvml
from workstation.inventory._parse import find_mount, parse_cpuinfo, parse_mountinfo, parse_swaps
from workstation.inventory._read import LiveSource
from workstation.inventory._recorded import RecordedSource
from workstation.inventory._virtual import INITIAL_PID_NAMESPACE, Traces, decide_virtualization

GIB = 1024**3
BARE = Traces(
    kernel="6.8.0-45-generic",
    pid_namespace=INITIAL_PID_NAMESPACE,
    groups="0::/user.slice",
    container_variable=False,
    kubernetes=False,
    containerenv=False,
    dockerenv=False,
    root_filesystem="ext4",
    hypervisor_flag=False,
    product="LENOVO 20W0",
)


@pytest.mark.parametrize(
    ("traces", "kind"),
    [
        ({}, "none"),
        ({"hypervisor_flag": True}, "vm"),
        ({"product": "QEMU Standard PC"}, "vm"),
        ({"product": "Amazon EC2 m5.metal", "hypervisor_flag": False}, "none"),
        ({"dockerenv": True, "hypervisor_flag": True}, "vm"),
        ({"dockerenv": True, "root_filesystem": "overlay"}, "container"),
        ({"dockerenv": True, "pid_namespace": "pid:[4026539999]"}, "container"),
        ({"containerenv": True}, "container"),
        ({"kubernetes": True}, "container"),
        ({"container_variable": True}, "container"),
        ({"groups": "0::/docker/898b44"}, "container"),
        ({"groups": "0::/system.slice/docker.service"}, "none"),
        ({"kernel": "4.4.0 Linux version 4.4.0 #1 SMP Sun Jan 10 15:06:54 PST 2016"}, "container"),
        ({"kernel": "5.15-microsoft-standard-WSL2", "pid_namespace": "pid:[4026539999]"}, "wsl2"),
        ({"kernel": "5.15-microsoft-standard-WSL2", "groups": "0::/docker/898b44"}, "container"),
        ({"kernel": "4.4.0-19041-Microsoft"}, None),
        ({"hypervisor_flag": None, "product": ""}, None),
    ],
)
def test_virtualization_follows_the_innermost_trace(traces, kind):
    """An image's mark alone is not enough: virtual machines are built from container images too."""
    assert decide_virtualization(replace(BARE, **traces)).value == kind


MOUNTS = """42 28 0:27 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw
28 1 8:1 / / rw - ext4 /dev/sda1 rw
"""


def small(**tables):
    """Return a machine of 16 GiB with version 2 control groups, changed by *tables*."""
    recording = {
        "now": "2026-01-31T12:00:00Z",
        "platform": {"system": "Linux", "release": "6.8", "version": "#1", "machine": "x86_64", "python": "3.12.1"},
        "spaces": {"/": {"total_bytes": 500 * 10**9, "free_bytes": 300 * 10**9}},
        "variables": tables.get("variables", {}),
        "files": {
            "/proc/meminfo": "MemTotal: 16777216 kB\nMemAvailable: 12582912 kB\nSwapTotal: 0 kB\nSwapFree: 0 kB\n",
            "/proc/self/mountinfo": MOUNTS,
            "/proc/self/cgroup": "0::/a/b\n",
        }
        | tables.get("files", {}),
    } | {name: table for name, table in tables.items() if name not in {"files", "variables"}}
    return read_linux(RecordedSource(recording), "/x")


def test_an_announced_limit_is_named_as_announced():
    inv = small(variables={"MEM_LIMIT": str(4 * GIB)})

    told = inv.provenance["memory.limit_bytes"]
    assert inv.memory.limit_bytes == inv.memory.usable_bytes == inv.memory.available_bytes == 4 * GIB
    assert told.confidence == "reported"
    assert "announced" in told.source


def test_an_enforced_limit_beats_a_looser_announced_one():
    inv = small(variables={"MEM_LIMIT": str(8 * GIB)}, files={"/sys/fs/cgroup/a/memory.max": str(4 * GIB)})

    assert inv.memory.limit_bytes == 4 * GIB
    assert inv.provenance["memory.limit_bytes"].source == "cgroup memory.max"


@pytest.mark.parametrize("announced", ["", "unlimited", "-4", "0", str(64 * GIB)])
def test_an_announcement_that_limits_nothing_is_no_limit(announced):
    assert small(variables={"MEM_LIMIT": announced}).memory.limit_bytes is None


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"denied": ["/proc/meminfo"]}, "/proc/meminfo may not be read by this user"),
        ({"files": {"/proc/meminfo": "Mem: many\n"}}, "/proc/meminfo does not give MemTotal"),
    ],
)
def test_the_reason_tells_refusal_from_nonsense(change, why):
    inv = small(**change)

    assert next(each.why for each in inv.unknowns if each.what == "memory.total_bytes") == why


def test_memory_high_counts_as_a_limit():
    inv = small(files={"/sys/fs/cgroup/a/b/memory.high": str(2 * GIB)})

    assert inv.provenance["memory.limit_bytes"].source == "cgroup memory.high"


def test_file_cache_of_the_group_counts_as_available():
    files = {
        "/sys/fs/cgroup/a/b/memory.max": str(4 * GIB),
        "/sys/fs/cgroup/a/b/memory.current": str(3 * GIB),
        "/sys/fs/cgroup/a/b/memory.stat": f"anon 1\ninactive_file {2 * GIB}\n",
    }

    assert small(files=files).memory.available_bytes == 3 * GIB


def test_a_group_that_is_over_its_limit_has_nothing_left():
    files = {"/sys/fs/cgroup/a/memory.max": str(GIB), "/sys/fs/cgroup/a/memory.current": str(2 * GIB)}

    assert small(files=files).memory.available_bytes == 0


def test_a_limit_above_the_machine_is_none():
    assert small(files={"/sys/fs/cgroup/a/memory.max": str(64 * GIB)}).memory.limit_bytes is None


def test_a_group_path_outside_our_namespace_is_not_followed():
    files = {"/proc/self/cgroup": "0::/../../etc\n", "/sys/fs/cgroup/memory.max": str(GIB)}

    assert small(files=files).memory.limit_bytes == GIB


def test_old_kernels_without_memavailable_are_estimated_and_say_so():
    inv = small(files={"/proc/meminfo": "MemTotal: 1000 kB\nMemFree: 100 kB\nBuffers: 50 kB\nCached: 200 kB\n"})

    assert inv.memory.available_bytes == 350 * 1024
    assert inv.provenance["memory.available_bytes"].confidence == "inferred"


def test_nvidia_problems_are_explained_with_what_to_do():
    files = {
        "/sys/bus/pci/devices/0000:01:00.0/class": "0x030000\n",
        "/sys/bus/pci/devices/0000:01:00.0/vendor": "0x10de\n",
        "/sys/bus/pci/devices/0000:01:00.0/device": "0x2204\n",
    }
    reasons = {}
    for problem in ("NotInstalled", "Shadowed", "DriverNotLoaded", "LibRmVersionMismatch", "SomethingNew"):
        inv = small(files=files, nvml={"problem": problem})
        reasons[problem] = next(each for each in inv.unknowns if each.what == "gpus.0.vram_total_bytes")

    assert "nvidia-ml-py" in reasons["NotInstalled"].how_to_find_out
    assert "hides" in reasons["Shadowed"].why
    assert "modprobe" in reasons["DriverNotLoaded"].how_to_find_out
    assert "restart" in reasons["LibRmVersionMismatch"].how_to_find_out
    assert "SomethingNew" in reasons["SomethingNew"].why


def test_nvml_is_not_asked_without_a_sign_of_nvidia():
    """Loading its binding takes longer than everything else together."""

    class Watched(RecordedSource):
        def nvml(self) -> NvmlReport:
            """Fail the test."""
            raise AssertionError("asked")

    files = {"/sys/bus/pci/devices/0000:00:02.0/class": "0x030000\n", "/proc/cpuinfo": ""}
    recording = {"now": "2026-01-31T12:00:00Z", "platform": PLATFORM, "files": files}

    assert len(read_linux(Watched(recording), "/x").gpus) == 1


PLATFORM = {"system": "Linux", "release": "6", "version": "#1", "machine": "x", "python": "3.12.1"}


class FakeNvml:
    """A pynvml whose every metric can fail on its own."""

    class NVMLError(Exception):
        """The base of its errors."""

    class NVMLError_NotSupported(NVMLError):  # noqa: N801, N818 - NVML's own name
        """One metric is not there."""

    nvmlMemory_v2 = 2  # noqa: N815 - NVML's own name
    failing = ()

    def _nvmlGetFunctionPointer(self):  # noqa: N802 - NVML's own name
        """Tell the real package from those that hide it."""

    def __getattr__(self, name):
        if not name.startswith("nvml"):
            raise AttributeError(name)
        if name in self.failing:
            return self.fail
        return lambda *_arguments: self.answers.get(name)

    def fail(self, *_arguments):
        """Stand in for a metric that this GPU does not have."""
        raise self.NVMLError_NotSupported


class Of:
    """An object with the fields that it is given."""

    def __init__(self, **fields):
        vars(self).update(fields)


ANSWERS = {
    "nvmlSystemGetDriverVersion": b"535.183.06",
    "nvmlDeviceGetCount": 1,
    "nvmlDeviceGetHandleByIndex": "handle",
    "nvmlDeviceGetMigMode": [0, 0],
    "nvmlDeviceGetMaxMigDeviceCount": 2,
    "nvmlDeviceGetMigDeviceHandleByIndex": "part",
    "nvmlDeviceGetName": "NVIDIA GeForce RTX 4090",
    "nvmlDeviceGetMemoryInfo": Of(total=24 * GIB, used=GIB),
    "nvmlDeviceGetPciInfo": Of(busId=b"00000000:01:00.0"),
}


def nvml_with(monkeypatch, *, failing=(), **answers):
    fake = FakeNvml()
    fake.failing, fake.answers = failing, ANSWERS | answers
    monkeypatch.setitem(sys.modules, "pynvml", fake)
    return ask_nvml()


def test_nvml_reports_a_gpu_under_the_bus_id_that_the_kernel_uses(monkeypatch):
    (device,) = nvml_with(monkeypatch).devices

    assert (device.name, device.total_bytes, device.used_bytes) == ("NVIDIA GeForce RTX 4090", 24 * GIB, GIB)
    assert device.bus_id == "0000:01:00.0"


def test_one_failing_metric_does_not_cost_the_others(monkeypatch):
    (device,) = nvml_with(monkeypatch, failing={"nvmlDeviceGetMemoryInfo", "nvmlDeviceGetPciInfo"}).devices

    assert device.name == "NVIDIA GeForce RTX 4090"
    assert device.total_bytes is None
    assert device.problems == {"memory": "NotSupported"}


def test_a_gpu_that_is_split_up_is_told_slice_by_slice(monkeypatch):
    found = nvml_with(monkeypatch, nvmlDeviceGetMigMode=[1, 1])

    assert len(found.devices) == 2


def test_a_package_that_hides_nvidia_ml_py_is_noticed(monkeypatch):
    monkeypatch.setitem(sys.modules, "pynvml", Of())

    assert ask_nvml().problem == "Shadowed"


def test_a_missing_driver_is_named(monkeypatch):
    assert nvml_with(monkeypatch, failing={"nvmlInit"}).problem == "NotSupported"


def test_a_missing_package_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "pynvml", None)

    assert ask_nvml().problem == "NotInstalled"


def test_an_older_binding_without_a_function_is_survived(monkeypatch):
    """What the binding does not have costs its own metric only."""
    fake = Of(**{name: getattr(FakeNvml, name) for name in ("NVMLError", "_nvmlGetFunctionPointer")})
    fake.nvmlInit = fake.nvmlShutdown = lambda: None
    fake.nvmlDeviceGetCount = lambda: 1
    fake.nvmlDeviceGetHandleByIndex = lambda _index: "handle"
    monkeypatch.setitem(sys.modules, "pynvml", fake)

    (device,) = ask_nvml().devices

    assert device.problems == {"name": "FunctionNotFound", "memory": "FunctionNotFound"}


def test_swap_columns_are_counted_from_the_right():
    text = "Filename Type Size Used Priority\n/my swap (deleted) file 4096 1024 -2\n"

    assert parse_swaps(text)[0].used_bytes == 1024 * 1024


def test_the_last_mount_on_one_point_wins():
    text = (
        "1 0 8:1 / /a rw - ext4 /dev/sda1 rw\n2 0 8:2 / /a rw - xfs /dev/sdb1 rw\n3 0 8:3 / /ab rw - ext3 /dev/c rw\n"
    )

    assert find_mount(parse_mountinfo(text), "/a/b").filesystem == "xfs"


def test_a_processor_without_flags_says_nothing_of_a_hypervisor():
    assert parse_cpuinfo("processor : 0\nCPU implementer : 0x41\nCPU part : 0xd0b\n").hypervisor is None


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
    monkeypatch.setattr(platform, "system", lambda: "Haiku")

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
