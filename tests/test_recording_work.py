"""Meters of processors, disks, heat and network on machines made of texts."""

from recording_kit import GIB, SaidTexts, read_meter

from workstation.recording._groups import Groups
from workstation.recording._linux_work import CoreMeter, DiskMeter, HeatMeter, HoldMeter, NetworkMeter, SpaceMeter
from workstation.recording._texts import LiveTexts

V2 = "42 28 0:27 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n"
PID = 42


def v2(**files):
    """Give the texts of a process in the version 2 group /job, with that group's files."""
    return {"/proc/self/mountinfo": V2, f"/proc/{PID}/cgroup": "0::/job\n"} | {
        f"/sys/fs/cgroup/job/{name.replace('_dot_', '.')}": text for name, text in files.items()
    }


def groups(texts):
    return Groups(texts, PID, 16 * GIB)


def test_processors_and_the_busiest_of_them():
    text = "cpu {} 0 0 {} 0 0 0 0 0 0\ncpu0 {} 0 0 {} 0 0 0 0 0 0\ncpu1 0 0 0 {} 0 0 0 0 0 0\nintr 5\n"
    texts = SaidTexts({"/proc/stat": text.format(0, 0, 0, 0, 0)}, {"/proc/stat": text.format(50, 150, 50, 50, 100)})

    _, sample = read_meter(CoreMeter(texts), texts, at=(0.0, 1.0))

    assert sample == {"cpu_used_percent": 25, "cpu_busiest_core_percent": 50}


def test_only_whole_disks_count():
    """What is read from a partition, or through an encrypted volume, is read from the disk once."""
    row = " {} 1 0 {{0}} 0 1 0 {{1}} 0 0 {{2}} 0\n"
    rows = "".join(row.format(device) for device in ("259 0 nvme0n1", "259 1 nvme0n1p1", "253 0 dm-0"))
    texts = SaidTexts(
        {"/proc/diskstats": rows.format(0, 0, 0)},
        {"/proc/diskstats": rows.format(200, 100, 50)},
        folders={"/sys/block": ["dm-0", "loop0", "nvme0n1"], "/sys/block/nvme0n1/device": ["model"]},
    )

    _, sample = read_meter(DiskMeter(texts), texts)

    assert sample == {
        "disk_read_bytes_per_s": 200 * 512 * 10, "disk_write_bytes_per_s": 100 * 512 * 10, "disk_busy_percent": 50,
    }  # fmt: skip


def test_disks_are_known_by_name_where_sys_is_hidden():
    rows = " 8 0 sda 1 0 {0} 0 1 0 0 0 0 0 0\n 8 1 sda1 1 0 {0} 0 1 0 0 0 0 0 0\n 7 0 loop0 1 0 {0} 0 1 0 0 0 0 0 0\n"
    texts = SaidTexts({"/proc/diskstats": rows.format(0)}, {"/proc/diskstats": rows.format(10)})

    _, sample = read_meter(DiskMeter(texts), texts)

    assert sample["disk_read_bytes_per_s"] == 10 * 512 * 10


def test_heat_clock_and_brake():
    cpu, sensor = "/sys/devices/system/cpu/cpu{}/cpufreq/scaling_cur_freq", "/sys/class/hwmon/hwmon1"
    brake = "/sys/devices/system/cpu/cpu0/thermal_throttle/package_throttle_count"
    texts = SaidTexts(
        {
            cpu.format(0): "2000000\n", cpu.format(1): "3000000\n", brake: "4\n",
            f"{sensor}/name": "k10temp\n", f"{sensor}/temp1_input": "61000\n", f"{sensor}/temp2_input": "71250\n",
            "/sys/class/hwmon/hwmon0/name": "nvme\n", "/sys/class/hwmon/hwmon0/temp1_input": "99000\n",
        },
        {brake: "6\n"},
        folders={
            "/sys/devices/system/cpu": ["cpu0", "cpu1", "cpufreq"], "/sys/class/hwmon": ["hwmon0", "hwmon1"],
            sensor: ["name", "temp1_input", "temp2_input"], "/sys/class/hwmon/hwmon0": ["name", "temp1_input"],
        },
    )  # fmt: skip

    _, sample = read_meter(HeatMeter(texts), texts, at=(0.0, 2.0))

    assert sample == {
        "cpu_frequency_hz": 2_500_000_000, "cpu_temperature_celsius": 71.2, "thermal_throttle_per_s": 1,
    }  # fmt: skip


def test_no_temperature_is_made_up():
    texts = SaidTexts({})

    told, sample = read_meter(HeatMeter(texts), texts, at=(0.0, 2.0))

    assert sample == {}
    assert all(each.why_not for each in told.values())


def test_a_processor_limit_that_holds_back():
    stat = "usage_usec 1\nnr_periods {}\nnr_throttled {}\nthrottled_usec 5\n"
    texts = SaidTexts(
        v2(cpu_dot_max="50000 100000\n", cpu_dot_stat=stat.format(100, 10)),
        v2(cpu_dot_stat=stat.format(110, 18)),
    )
    own = groups(texts)

    _, sample = read_meter(HoldMeter(texts, own), texts, at=(0.0, 1.0))

    assert sample == {"cpu_throttled_percent": 80}


def test_free_space_is_told():
    texts = SaidTexts({}, free=123)

    assert read_meter(SpaceMeter(texts, "/x"), texts)[1] == {"disk_free_bytes": 123}


NET = "Inter-| Receive | Transmit\n face |bytes\n  lo: {0} 0 0 0 0 0 0 0 {0} 0 0 0 0 0 0 0\n"
ETH = NET + "  eth0: {1} 0 0 0 0 0 0 0 {2} 0 0 0 0 0 0 0\n docker0: {1} 0 0 0 0 0 0 0 {2} 0 0 0 0 0 0 0\n"


def test_the_network_is_what_leaves_the_machine():
    path = f"/proc/{PID}/net/dev"
    texts = SaidTexts({path: ETH.format(0, 0, 0)}, {path: ETH.format(5000, 100, 200)})

    _, sample = read_meter(NetworkMeter(texts, PID), texts)

    assert sample == {"network_received_bytes_per_s": 1000, "network_sent_bytes_per_s": 2000}


def test_loopback_counts_where_there_is_nothing_else():
    path = f"/proc/{PID}/net/dev"
    texts = SaidTexts({path: NET.format(0)}, {path: NET.format(500)})

    told, sample = read_meter(NetworkMeter(texts, PID), texts)

    assert sample["network_received_bytes_per_s"] == 5000
    assert "loopback" in told["network_received_bytes_per_s"].source


def test_moving_to_another_network_is_no_traffic():
    path = f"/proc/{PID}/net/dev"
    texts = SaidTexts({path: NET.format(10)}, {path: ETH.format(0, 10**9, 10**9)})

    _, sample = read_meter(NetworkMeter(texts, PID), texts)

    assert sample == {}


def test_files_of_any_length_are_read_whole(tmp_path):
    """The kernel hands out long lists in pieces; a short piece of what is read once may still not be the last."""
    texts, path = LiveTexts(), tmp_path / "long"
    path.write_bytes(b"x" * 20_000)

    assert len(texts.read(str(path))) == 20_000
    assert len(texts.read(str(path), once=True)) == 20_000
    assert texts.read(str(tmp_path / "none")) is None
    assert texts.why(str(tmp_path / "none")) == "is not there"
    texts.forget(str(path))
