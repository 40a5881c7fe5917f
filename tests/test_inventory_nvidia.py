"""What NVIDIA's library says, where it is missing, half-working, old or hidden: made-up answers, no GPU."""

import sys
import threading

import pynvml
import pytest
from inventory_kit import PLATFORM, small

from workstation.catalog import load_catalog
from workstation.inventory import surprises
from workstation.inventory._linux import read_linux
from workstation.inventory._nvml import NvmlReport, ask_nvml
from workstation.inventory._recorded import RecordedSource
from workstation.probing.nvml_problems import NO_ANSWER, NOT_INSTALLED, NVML_PROBLEMS, SHADOWED, explain
from workstation.units import GIB

BUS = "/sys/bus/pci/devices/0000:01:00.0/"
CARD = {f"{BUS}class": "0x030000\n", f"{BUS}vendor": "0x10de\n", f"{BUS}device": "0x2204\n"}
DRIVER = {f"{BUS}driver": "../../../bus/pci/drivers/nvidia"}


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
        def nvml(self, *_arguments) -> NvmlReport:
            """Fail the test."""
            raise AssertionError("asked")

    files = {"/sys/bus/pci/devices/0000:00:02.0/class": "0x030000\n", "/proc/cpuinfo": ""}
    recording = {"now": "2026-01-31T12:00:00Z", "platform": PLATFORM, "files": files}

    assert len(read_linux(Watched(recording), "/x").gpus) == 1


class FakeNvml:
    """A pynvml whose every metric can fail on its own."""

    class NVMLError(Exception):
        """The base of its errors."""

    class NVMLError_NotSupported(NVMLError):  # noqa: N801 - NVML's own name
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


def test_the_table_of_problems_knows_names_that_the_library_has():
    ours = {NOT_INSTALLED, SHADOWED, NO_ANSWER}

    assert {name for name in NVML_PROBLEMS if not hasattr(pynvml, f"NVMLError_{name}")} == ours
    assert all(why and how for why, how in NVML_PROBLEMS.values())
    assert "HeatDeath" in explain("HeatDeath")[0]


def test_a_driver_that_never_returns_is_not_waited_for(monkeypatch):
    fake, never = FakeNvml(), threading.Event()
    fake.answers = {}
    fake.nvmlInit = never.wait
    monkeypatch.setitem(sys.modules, "pynvml", fake)

    assert ask_nvml(patience_seconds=0.01).problem == NO_ANSWER
    never.set()


def test_an_older_driver_counts_what_it_keeps_as_used_and_the_source_says_so(monkeypatch):
    """The newer question is refused, the older one answered."""

    def older(_handle, version=None):
        if version:
            raise FakeNvml.NVMLError_NotSupported
        return Of(total=16 * GIB, used=GIB)

    fake = FakeNvml()
    fake.answers = ANSWERS
    fake.nvmlDeviceGetMemoryInfo = older
    monkeypatch.setitem(sys.modules, "pynvml", fake)

    (device,) = ask_nvml().devices

    assert (device.total_bytes, device.counts_reserved) == (16 * GIB, True)
    told = {
        "driver": "470.1",
        "devices": [{"name": "V100", "total_bytes": 9, "used_bytes": 1, "counts_reserved": True}],
    }
    inv = small(files=CARD, nvml=told)
    assert "counts as used" in inv.provenance["gpus.0.vram_used_bytes"].source


def test_only_the_gpus_that_are_named_are_asked(monkeypatch):
    asked = []
    fake = FakeNvml()
    fake.answers = ANSWERS
    fake.nvmlDeviceGetHandleByPciBusId = lambda bus_id: asked.append(bus_id) or "handle"
    monkeypatch.setitem(sys.modules, "pynvml", fake)

    report = ask_nvml(["0000:01:00.0"])

    assert asked == [b"0000:01:00.0"]
    assert len(report.devices) == 1


ASLEEP = CARD | {f"{BUS}power/runtime_status": "suspended\n"}


class Awake(RecordedSource):
    """A machine that remembers whom it was made to wake."""

    def __init__(self, recording):
        super().__init__(recording)
        self.woken = []

    def nvml(self, only=()) -> NvmlReport:
        """Remember which GPUs were asked for."""
        self.woken.append(tuple(only))
        return super().nvml(only)

    def run_all(self, commands, timeout_seconds=None):
        """Remember which commands were run."""
        self.woken += [tuple(command) for command in commands]
        return super().run_all(commands, timeout_seconds)


def machine(files, **tables):
    return Awake({"now": "2026-01-31T12:00:00Z", "platform": PLATFORM, "files": files, "links": DRIVER} | tables)


def test_a_sleeping_gpu_is_left_asleep():
    """No library, no nvidia-smi, no lspci: each of them would wake it."""
    source = machine(ASLEEP, present=["/dev/nvidiactl"])

    inv = read_linux(source, "/x")

    assert source.woken == []
    reason = next(each for each in inv.unknowns if each.what == "gpus.0.vram_total_bytes")
    assert "sleeps" in reason.why
    assert "nvidia-smi" in reason.how_to_find_out
    assert "gpu-without-tools" not in [each.id for each in surprises(inv, load_catalog())]


def test_of_two_gpus_the_one_that_is_awake_is_asked():
    other = {path.replace("0000:01", "0000:41"): text for path, text in CARD.items()}
    source = machine(ASLEEP | other, nvml={"driver": "1", "devices": [{"name": "x", "bus_id": "0000:41:00.0"}]})

    read_linux(source, "/x")

    assert source.woken[0] == ("0000:41:00.0",)


@pytest.mark.parametrize("problem", ["LibRmVersionMismatch", "DriverNotLoaded", "GpuIsLost", NO_ANSWER])
def test_nvidia_smi_is_not_asked_where_it_can_know_no_more(problem):
    source = machine(CARD, nvml={"problem": problem})

    read_linux(source, "/x")

    assert not any("nvidia-smi" in command[0] for command in source.woken if command)


@pytest.mark.parametrize(("driver", "words"), [("nouveau", "nouveau"), ("vfio-pci", "virtual machine")])
def test_another_driver_that_holds_the_card_is_named(driver, words):
    links = {f"{BUS}driver": f"../../../bus/pci/drivers/{driver}"}
    inv = small(files=CARD, links=links, nvml={"problem": "DriverNotLoaded"})

    assert words in next(each.why for each in inv.unknowns if each.what == "gpus.0.vram_total_bytes")


def test_on_arm_a_mute_nvidia_gpu_may_share_memory_or_not():
    """A DGX Spark's GPU sits on the PCI bus like any card."""
    told = PLATFORM | {"machine": "aarch64"}

    inv = small(files=CARD, links=DRIVER, nvml={"problem": "DriverNotLoaded"}, platform=told)

    assert inv.gpus[0].unified_memory is None
