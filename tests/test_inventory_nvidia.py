"""What NVIDIA's library says, where it is missing, half-working, old or hidden: made-up answers, no GPU."""

import sys
import threading
from dataclasses import replace

import pynvml
import pytest
from inventory_kit import PLATFORM, small

from workstation.catalog import load_catalog
from workstation.inventory import surprises
from workstation.inventory._linux import read_linux
from workstation.inventory._nvidia_smi import FULL, PLAIN, parse_smi, smi_command
from workstation.inventory._nvml import NvmlReport, ask_nvml
from workstation.inventory._nvml_problems import NO_ANSWER, NOT_INSTALLED, NVML_PROBLEMS, SHADOWED, explain
from workstation.inventory._recorded import RecordedSource
from workstation.units import GIB, MIB

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


def smi(full="", plain="", **tables):
    commands = {" ".join(smi_command(FULL)): full, " ".join(smi_command(PLAIN)): plain}
    return small(files=CARD, links=DRIVER, nvml={"problem": NOT_INSTALLED}, commands=commands, **tables)


HEAD = "name, pci.bus_id, driver_version, memory.total [MiB], memory.used [MiB], mig.mode.current\n"


@pytest.mark.parametrize(
    ("row", "total", "unified"),
    [
        ("NVIDIA GeForce RTX 4090, 00000000:01:00.0, 550.1, 24564 MiB, 300 MiB, [N/A]", 24564 * MIB, False),
        ("NVIDIA GeForce RTX 4090, 00000000:01:00.0, 550.1, 24564, 300, [N/A]", 24564 * MIB, False),
        ("NVIDIA GB10, 00000000:01:00.0, 580.95, [N/A], [N/A], [N/A]", None, True),
        ("NVIDIA GB10, 00000000:01:00.0, 580.95, 0, 0, N/A", None, True),
        ("GeForce 9600, 00000000:01:00.0, 340.1, [Not Supported], [Not Supported], [Not Supported]", None, True),
        ("NVIDIA A100, 00000000:01:00.0, 535.1, [Insufficient Permissions], [N/A], Enabled", None, None),
        ("NVIDIA A100, 00000000:01:00.0, 535.1, 81920 MiB, 36537 MiB, Enabled", None, False),
        ("NVIDIA T4, 00000000:01:00.0, 535.1, [Unknown Error], [Unknown Error], [N/A]", None, None),
        ("NVIDIA T4, 00000000:01:00.0, 535.1, 15,360 MiB, 1 MiB, [N/A]", None, None),
        ("NVIDIA T4, 00000000:01:00.0, 535.1, -5 MiB, 1 MiB, [N/A]", None, None),
    ],
)
def test_rows_of_nvidia_smi_are_read_for_what_they_say(row, total, unified):
    """A figure with a comma before three digits may mean two amounts: it counts as none."""
    (gpu,) = smi(HEAD + row + "\n").gpus

    assert (gpu.vram_total_bytes, gpu.unified_memory, gpu.source) == (total, unified, "nvidia-smi")


def test_the_plainer_table_is_taken_where_the_fuller_one_is_refused():
    refused = 'Field "mig.mode.current" is not a valid field to query.\n'
    (gpu,) = smi(refused, "name, driver_version, memory.total [MiB]\nGeForce GTX 970, 390.1, 4035 MiB\n").gpus

    assert (gpu.name, gpu.vram_total_bytes, gpu.driver) == ("GeForce GTX 970", 4035 * MIB, "390.1")
    assert gpu.vram_used_bytes is None


def test_a_real_table_with_other_columns_is_read_by_its_heading():
    """From a public bug report: old name, a card of 6 GB that shows 5934 MiB."""
    text = (
        "name, pci.bus_id, driver_version, utilization.gpu [%], utilization.memory [%], memory.total [MiB], "
        "memory.free [MiB], memory.used [MiB], temperature.gpu, clocks.current.graphics [MHz], "
        "clocks.max.graphics [MHz]\n"
        "GeForce RTX 2060, 00000000:09:00.0, 460.91.03, 20 %, 8 %, 5934 MiB, 5252 MiB, 682 MiB, 36, 300 MHz, 2160 MHz\n"
    )

    (row,) = parse_smi(text)

    assert (row.name, row.bus_id, row.driver) == ("GeForce RTX 2060", "0000:09:00.0", "460.91.03")
    assert (row.total_bytes, row.used_bytes) == (5934 * MIB, 682 * MIB)


@pytest.mark.parametrize(
    "text",
    ["", "\x00", "No devices were found\n", "Failed to initialize NVML: Driver/library version mismatch\n", HEAD,
     ", , ,\n", HEAD + "a, b\n", "name, name, name\nx, y, z\n", "9" * 100_000],
)  # fmt: skip
def test_what_is_no_table_gives_no_rows(text):
    assert parse_smi(text) == ()
    assert "nvidia-smi prints no table" in smi(text).unknowns[-1].why or "nvidia-smi" in str(smi(text).unknowns)


def test_a_card_that_the_tool_tells_of_is_not_listed_twice():
    inv = smi(HEAD + "NVIDIA GeForce RTX 3090, 00000000:01:00.0, 550.1, 24576 MiB, 1 MiB, [N/A]\n")

    assert len(inv.gpus) == 1


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


def test_wsl_keeps_nvidia_smi_off_the_path():
    tool = "/usr/lib/wsl/lib/nvidia-smi"
    table = HEAD + "NVIDIA GeForce RTX 3060, 00000000:01:00.0, 551.86, 12288 MiB, 1 MiB, [N/A]\n"
    commands = {" ".join(smi_command(FULL, tool)): table}

    inv = small(present=["/dev/dxg", tool], nvml={"problem": "LibraryNotFound"}, commands=commands)

    assert inv.gpus[0].vram_total_bytes == 12288 * MIB
    assert replace(inv.gpus[0], name=None).source == "nvidia-smi"
