"""Graphics processors in recordings, on fakes: no GPU is needed, and none was there to prove the real thing."""

import threading
from types import SimpleNamespace

import pytest
from recording_kit import SaidTexts, until

from workstation.recording._gpu import GpuMeter
from workstation.recording._gpu_amd import Amd
from workstation.recording._gpu_nvidia import Asleep, Nvidia, all_asleep, nvidia_places
from workstation.recording._gpus import GPU_SIGNALS
from workstation.recording._meter import Told

GIB = 1024**3


class NVMLError(Exception):
    """As the binding has it."""


NVMLError_NotSupported = type("NVMLError_NotSupported", (NVMLError,), {})
NVMLError_GpuIsLost = type("NVMLError_GpuIsLost", (NVMLError,), {})


class Library:
    """A binding that answers as it is told to; an answer that is an error class is raised."""

    NVMLError = NVMLError
    nvmlMemory_v2 = 0x2000028  # noqa: N815 - NVML's own name

    def __init__(self, gpus=1, **answers):
        self.answers = {
            "nvmlInit": None, "nvmlDeviceGetCount": gpus, "nvmlDeviceGetName": "NVIDIA RTX 0000",
            "nvmlDeviceGetMemoryInfo": SimpleNamespace(total=8 * GIB, used=GIB, free=7 * GIB),
            "nvmlDeviceGetUtilizationRates": SimpleNamespace(gpu=55, memory=10), "nvmlDeviceGetPowerUsage": 123_456,
            "nvmlDeviceGetEnforcedPowerLimit": 170_000, "nvmlDeviceGetTemperature": 66, "nvmlDeviceGetClockInfo": 1800,
            "nvmlDeviceGetCurrentClocksEventReasons": 0x1, "nvmlDeviceGetMigMode": NVMLError_NotSupported,
        } | answers  # fmt: skip
        self.asked = []

    def __getattr__(self, name):
        if name not in self.answers:
            raise AttributeError(name)
        return lambda *arguments: self._answer(name, arguments)

    def _answer(self, name, arguments):
        self.asked.append(name)
        answer = self.answers[name]
        if name == "nvmlDeviceGetHandleByIndex":
            return arguments[0]
        if isinstance(answer, type) and issubclass(answer, Exception):
            raise answer
        return answer


def library(gpus=1, **answers):
    return Library(gpus, nvmlDeviceGetHandleByIndex=None, **answers)


def begun(lib, **options):
    gpus = Nvidia(lib, **options)
    return gpus, gpus.begin()


def test_every_metric_of_a_gpu():
    gpus, told = begun(library())

    readings, problems = gpus.read()

    assert readings == [{
        "memory_total_bytes": 8 * GIB, "memory_used_bytes": GIB, "utilization_percent": 55,
        "power_watts": pytest.approx(123.456), "power_limit_watts": pytest.approx(170), "temperature_celsius": 66,
        "sm_clock_hz": 1_800_000_000, "throttled_by_heat": 0, "throttled_by_power": 0,
    }]  # fmt: skip
    assert problems == []
    assert gpus.names == ["NVIDIA RTX 0000"]
    assert set(told[0]) == set(GPU_SIGNALS)
    assert {each.source for each in told[0].values()} == {"NVML"}


@pytest.mark.parametrize(
    ("bits", "heat", "power"),
    [
        (0x0, 0, 0),
        (0x1, 0, 0),
        (0x4, 0, 1),
        (0x20, 1, 0),
        (0x40, 1, 0),
        (0x48, 1, 0),
        (0x80, 0, 1),
        (0x24, 1, 1),
        (0x2, 0, 0),
    ],
)
def test_reasons_for_a_lower_clock(bits, heat, power):
    """An idle GPU is not throttled."""
    gpus, _ = begun(library(nvmlDeviceGetCurrentClocksEventReasons=bits))

    found = gpus.read()[0][0]

    assert (found["throttled_by_heat"], found["throttled_by_power"]) == (heat, power)


def test_older_bindings_name_the_reasons_otherwise():
    lib = library(nvmlDeviceGetCurrentClocksThrottleReasons=0x40)
    del lib.answers["nvmlDeviceGetCurrentClocksEventReasons"]

    gpus, _ = begun(lib)

    assert gpus.read()[0][0]["throttled_by_heat"] == 1


def test_a_metric_that_is_not_supported_hides_no_other_and_is_not_asked_again():
    """A laptop's GPU often tells no power."""
    lib = library(nvmlDeviceGetPowerUsage=NVMLError_NotSupported)
    gpus, told = begun(lib)
    lib.asked.clear()

    readings, problems = gpus.read()

    assert "power_watts" not in readings[0]
    assert readings[0]["temperature_celsius"] == 66
    assert told[0]["power_watts"].why_not == "the driver does not report this for this GPU"
    assert "nvmlDeviceGetPowerUsage" not in lib.asked
    assert problems == []


def test_a_gpu_that_vanishes_is_told_once_and_no_sooner():
    lib = library()
    gpus, _ = begun(lib)
    for name in lib.answers:
        if name.startswith("nvmlDeviceGet"):
            lib.answers[name] = NVMLError_GpuIsLost

    readings, problems = gpus.read()
    again = gpus.read()

    assert readings == [{}]
    assert problems == ["GPU 0 stopped answering: the GPU has dropped off the bus."]
    assert again == ([{}], [])


def test_a_gpu_in_slices_is_recorded_slice_by_slice():
    lib = library(
        nvmlDeviceGetMigMode=[1, 1], nvmlDeviceGetMaxMigDeviceCount=2, nvmlDeviceGetMigDeviceHandleByIndex="slice",
        nvmlDeviceGetUtilizationRates=NVMLError_NotSupported,
    )  # fmt: skip

    gpus, told = begun(lib)

    assert len(told) == 2
    assert told[0]["utilization_percent"].why_not == "the driver does not report this for this GPU"
    assert gpus.read()[0][1]["memory_used_bytes"] == GIB


def test_use_of_a_gpu_inside_wsl_is_not_believed():
    gpus, told = begun(library(), is_wsl=True)

    assert "utilization_percent" not in gpus.read()[0][0]
    assert "WSL2" in told[0]["utilization_percent"].why_not


def test_a_gpu_that_shares_main_memory_states_none():
    _, told = begun(library(nvmlDeviceGetMemoryInfo=NVMLError_NotSupported))

    assert told[0]["memory_used_bytes"].why_not


def test_a_library_that_does_not_start_gives_no_gpu():
    gpus, told = begun(library(nvmlInit=NVMLError_NotSupported))

    assert told == []
    assert gpus.problem == "NotSupported"


PLACE = "/sys/bus/pci/devices/0000:01:00.0"


def asleep_texts():
    return SaidTexts(
        {f"{PLACE}/vendor": "0x10de\n", f"{PLACE}/class": "0x030200\n", f"{PLACE}/power/runtime_status": "suspended\n"},
        {f"{PLACE}/power/runtime_status": "active\n"},
        folders={"/sys/bus/pci/devices": ["0000:01:00.0"]},
    )


def test_a_gpu_that_sleeps_is_left_asleep_until_the_work_wakes_it():
    texts, lib = asleep_texts(), library()
    assert all_asleep(texts, nvidia_places(texts))
    gpus = Asleep(Nvidia(lib), texts, nvidia_places(texts))

    told, before = gpus.begin(), gpus.read()
    asked_asleep = list(lib.asked)
    texts.step()
    after = gpus.read()

    assert "sleeps" in told[0]["memory_used_bytes"].why_not
    assert before == ([{}], [])
    assert asked_asleep == []
    assert after[0][0]["memory_used_bytes"] == GIB


def test_amd_is_read_from_the_drivers_files():
    place, sensor = "/sys/class/drm/card1/device", "/sys/class/drm/card1/device/hwmon/hwmon3"
    texts = SaidTexts(
        {
            f"{place}/mem_info_vram_total": f"{16 * GIB}\n", f"{place}/mem_info_vram_used": f"{GIB}\n",
            f"{place}/gpu_busy_percent": "37\n", f"{sensor}/power1_average": "95000000\n",
            f"{sensor}/temp1_input": "54000\n", f"{sensor}/freq1_input": "2100000000\n",
        },
        folders={"/sys/class/drm": ["card0", "card1", "card1-DP-1"], f"{place}/hwmon": ["hwmon3"]},
    )  # fmt: skip

    gpus = Amd(texts)

    assert gpus.read()[0] == [{
        "memory_used_bytes": GIB, "memory_total_bytes": 16 * GIB, "utilization_percent": 37, "power_watts": 95,
        "temperature_celsius": 54, "sm_clock_hz": 2_100_000_000,
    }]  # fmt: skip
    assert gpus.begin()[0]["throttled_by_heat"].why_not


class Slow:
    """GPUs that answer when they are let to."""

    names = ("slow",)

    def __init__(self):
        self.let, self.asked = threading.Event(), 0

    def begin(self):
        """Say that all can be told."""
        return [dict.fromkeys(GPU_SIGNALS, Told(source="NVML"))]

    def read(self):
        """Answer once; then wait to be let."""
        self.asked += 1
        if self.asked > 1:
            self.let.wait(20)
        return [{"memory_used_bytes": self.asked}], []


def test_a_driver_that_does_not_answer_holds_nothing_up_and_is_told():
    """The first answer counts for two seconds; then there is none, and one sentence says so."""
    slow, now = Slow(), [0.0]
    meter = GpuMeter([slow], clock=lambda: now[0])
    meter.begin(0.0)
    first, second = {}, {}

    meter.read(0.0, first)
    until(lambda: slow.asked == 2)
    now[0] = 5.0
    meter.read(5.0, second)

    assert first == {"gpus": [{"memory_used_bytes": 1}]}
    assert second == {}
    assert meter.problems() == ["The GPU's driver does not answer any more."]
    assert meter.problems() == []
    slow.let.set()
