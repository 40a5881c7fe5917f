"""What NVIDIA's library says, where it is missing, half-working, old or hidden: made-up answers, no GPU."""

import sys

from inventory_kit import PLATFORM, small

from workstation.inventory._linux import read_linux
from workstation.inventory._nvml import NvmlReport, ask_nvml
from workstation.inventory._recorded import RecordedSource
from workstation.units import GIB


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
