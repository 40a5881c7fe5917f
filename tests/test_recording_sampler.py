"""The recorder's meters on machines made of texts: rates, limits, own group first, and why something is missing."""

import pytest
from recording_kit import GIB, MEMINFO, SaidTexts, stat_line

from workstation.catalog._signals import load_signals
from workstation.recording._groups import Groups
from workstation.recording._linux_memory import FaultMeter, MemoryMeter, StallMeter
from workstation.recording._linux_processes import ProcessMeter
from workstation.recording._linux_work import CoreMeter, DiskMeter, HeatMeter, HoldMeter, NetworkMeter, SpaceMeter
from workstation.recording._meter import Rate, Seldom, Window
from workstation.recording._parse import parse_interfaces, parse_killed, parse_process, parse_sockets
from workstation.recording._portable import PortableMeter
from workstation.recording._sampler import LinuxView, Watched, linux_sampler
from workstation.recording._tree import Tree

V2 = "42 28 0:27 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n"
V1 = (
    "42 28 0:27 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"
    "43 28 0:28 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n"
)
PRESSURE = "some avg10=0.00 avg60=0.00 avg300=0.00 total={}\nfull avg10=0.00 avg60=0.00 avg300=0.00 total={}\n"
PID = 42


def v2(**files):
    """Give the texts of a process in the version 2 group /job, with that group's files."""
    return {"/proc/self/mountinfo": V2, f"/proc/{PID}/cgroup": "0::/job\n"} | {
        f"/sys/fs/cgroup/job/{name.replace('_dot_', '.')}": text for name, text in files.items()
    }


def groups(texts):
    return Groups(texts, PID, 16 * GIB)


def read(meter, texts, *, at=(0.0, 0.1)):
    """Begin with the first frame, go on frame by frame, and give the last sample."""
    told = meter.begin(at[0])
    sample = {}
    for now_s in at[1:]:
        texts.step()
        sample = {}
        meter.read(now_s, sample)
    return told, sample


def test_a_rate_goes_by_the_time_that_passed():
    rate = Rate()

    assert rate.of(0.0, 100) is None
    assert rate.of(0.5, 200) == 200.0
    assert rate.of(0.6, 200) == 0.0
    assert rate.of(0.7, 10) is None, "the counter began anew"
    assert rate.of(0.7, 20) is None, "no time has passed"
    assert rate.of(0.8, None) is None


def test_a_share_is_taken_over_the_last_second():
    window = Window()

    assert window.since(0.0, (0,)) is None
    assert window.since(0.5, (10,)) == (0.5, (10,))
    assert window.since(1.0, (20,)) == (1.0, (20,))
    assert window.since(1.5, (20,)) == (1.0, (10,))
    assert window.since(1.6, (1, 2)) is None, "a processor came or went"


def test_what_is_costly_is_asked_the_less_often_the_more_it_costs():
    seldom = Seldom(5.0)

    assert seldom.is_due(0.0)
    seldom.done(0.0, 0.001)
    assert not seldom.is_due(4.9)
    assert seldom.is_due(5.0)
    seldom.done(5.0, 0.02)
    assert not seldom.is_due(24.9)
    assert seldom.is_due(25.0)


def test_memory_is_the_systems_where_no_group_limits_it():
    texts = SaidTexts({"/proc/meminfo": MEMINFO.format(8 * 1024**2)})

    told, sample = read(MemoryMeter(texts, groups(texts)), texts)

    assert sample == {"ram_available_bytes": 8 * GIB, "ram_used_bytes": 8 * GIB, "swap_used_bytes": 0}
    assert told["ram_available_bytes"].source == "/proc/meminfo"


def test_memory_is_what_the_groups_limit_leaves():
    """4 GiB are allowed, 3 GiB are used, 1 GiB of that is file cache that would be given back first."""
    texts = SaidTexts(
        {"/proc/meminfo": MEMINFO.format(8 * 1024**2)}
        | v2(
            memory_dot_max=f"{4 * GIB}\n", memory_dot_current=f"{3 * GIB}\n",
            memory_dot_stat=f"inactive_file {GIB}\npgmajfault 7\n",
        )
    )  # fmt: skip

    told, sample = read(MemoryMeter(texts, groups(texts)), texts)

    assert sample["ram_available_bytes"] == 2 * GIB
    assert sample["ram_used_bytes"] == 2 * GIB
    assert told["ram_available_bytes"].source == "control group"


def test_a_limit_of_version_1_counts_as_well():
    folder = "/sys/fs/cgroup/memory/job"
    texts = SaidTexts({
        "/proc/meminfo": MEMINFO.format(8 * 1024**2), "/proc/self/mountinfo": V1,
        f"/proc/{PID}/cgroup": "4:memory:/job\n", f"{folder}/memory.limit_in_bytes": f"{GIB}\n",
        f"{folder}/memory.usage_in_bytes": f"{GIB // 2}\n", f"{folder}/memory.stat": "total_inactive_file 0\n",
        "/sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
    })  # fmt: skip

    _, sample = read(MemoryMeter(texts, groups(texts)), texts)

    assert sample["ram_available_bytes"] == GIB // 2


def test_a_process_that_is_moved_to_a_limited_group_is_followed_there():
    texts = SaidTexts(
        {"/proc/meminfo": MEMINFO.format(8 * 1024**2), "/proc/self/mountinfo": V2, f"/proc/{PID}/cgroup": "0::/\n"},
        v2(memory_dot_max=f"{GIB}\n", memory_dot_current="0\n", memory_dot_stat="inactive_file 0\n"),
    )

    _, sample = read(MemoryMeter(texts, groups(texts)), texts, at=(0.0, 1.1))

    assert sample["ram_available_bytes"] == GIB


def test_zfs_gives_its_cache_back():
    arc = f"name type data\nsize 4 {3 * GIB}\nc_min 4 {GIB}\n"
    texts = SaidTexts({"/proc/meminfo": MEMINFO.format(1024**2), "/proc/spl/kstat/zfs/arcstats": arc})

    _, sample = read(MemoryMeter(texts, groups(texts)), texts)

    assert sample["ram_available_bytes"] == 3 * GIB


def test_swap_and_faults_are_rates():
    text = "pswpin {}\npswpout {}\npgmajfault {}\nworkingset_refault_anon 1\nworkingset_refault_file {}\noom_kill 3\n"
    texts = SaidTexts({"/proc/vmstat": text.format(0, 0, 0, 0)}, {"/proc/vmstat": text.format(10, 20, 30, 40)})
    meter = FaultMeter(texts, groups(texts), 4096)

    _, sample = read(meter, texts)

    assert sample["swap_in_bytes_per_s"] == 10 * 4096 * 10
    assert sample["swap_out_bytes_per_s"] == 20 * 4096 * 10
    assert sample["major_faults_per_s"] == 300
    assert sample["refaults_per_s"] == 400
    assert meter.kills == 3


def test_a_limited_groups_own_faults_come_before_the_systems():
    limit = v2(memory_dot_max=f"{GIB}\n", memory_dot_current="0\n", memory_dot_stat="pgmajfault 5\n")
    texts = SaidTexts(
        limit | {"/proc/vmstat": "pswpin 0\npswpout 0\npgmajfault 5\n"},
        v2(memory_dot_stat="pgmajfault 6\n") | {"/proc/vmstat": "pswpin 0\npswpout 0\npgmajfault 900\n"},
    )
    own = groups(texts)
    own.look(0.0)

    told, sample = read(FaultMeter(texts, own, 4096), texts)

    assert sample["major_faults_per_s"] == 10
    assert told["major_faults_per_s"].source == "cgroup memory.stat"
    assert told["refaults_per_s"].why_not.endswith("has no such counter")


def test_stall_is_the_own_groups_before_the_systems():
    system = {f"/proc/pressure/{what}": PRESSURE.format(0, 0) for what in ("memory", "io", "cpu")}
    texts = SaidTexts(
        system | v2(memory_dot_pressure=PRESSURE.format(0, 0)),
        {"/proc/pressure/memory": PRESSURE.format(90_000, 90_000), "/proc/pressure/io": PRESSURE.format(50_000, 10_000)}
        | v2(memory_dot_pressure=PRESSURE.format(20_000, 5_000)),
    )

    told, sample = read(StallMeter(texts, groups(texts)), texts)

    assert sample["memory_stall_some_percent"] == 20
    assert sample["memory_stall_full_percent"] == 5
    assert sample["io_stall_some_percent"] == 50
    assert told["memory_stall_some_percent"].source == "cgroup memory.pressure"
    assert told["io_stall_some_percent"].source == "/proc/pressure/io (of the whole system)"


def test_a_kernel_without_pressure_information_is_told():
    """As on WSL2's own kernel."""
    texts = SaidTexts({})

    told, sample = read(StallMeter(texts, groups(texts)), texts)

    assert sample == {}
    assert {each.why_not for each in told.values()} == {"this kernel has no pressure stall information"}


def test_processors_and_the_busiest_of_them():
    text = "cpu {} 0 0 {} 0 0 0 0 0 0\ncpu0 {} 0 0 {} 0 0 0 0 0 0\ncpu1 0 0 0 {} 0 0 0 0 0 0\nintr 5\n"
    texts = SaidTexts({"/proc/stat": text.format(0, 0, 0, 0, 0)}, {"/proc/stat": text.format(50, 150, 50, 50, 100)})

    _, sample = read(CoreMeter(texts), texts, at=(0.0, 1.0))

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

    _, sample = read(DiskMeter(texts), texts)

    assert sample == {
        "disk_read_bytes_per_s": 200 * 512 * 10, "disk_write_bytes_per_s": 100 * 512 * 10, "disk_busy_percent": 50,
    }  # fmt: skip


def test_disks_are_known_by_name_where_sys_is_hidden():
    rows = " 8 0 sda 1 0 {0} 0 1 0 0 0 0 0 0\n 8 1 sda1 1 0 {0} 0 1 0 0 0 0 0 0\n 7 0 loop0 1 0 {0} 0 1 0 0 0 0 0 0\n"
    texts = SaidTexts({"/proc/diskstats": rows.format(0)}, {"/proc/diskstats": rows.format(10)})

    _, sample = read(DiskMeter(texts), texts)

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

    _, sample = read(HeatMeter(texts), texts, at=(0.0, 2.0))

    assert sample == {
        "cpu_frequency_hz": 2_500_000_000, "cpu_temperature_celsius": 71.2, "thermal_throttle_per_s": 1,
    }  # fmt: skip


def test_no_temperature_is_made_up():
    texts = SaidTexts({})

    told, sample = read(HeatMeter(texts), texts, at=(0.0, 2.0))

    assert sample == {}
    assert all(each.why_not for each in told.values())


def test_a_processor_limit_that_holds_back():
    stat = "usage_usec 1\nnr_periods {}\nnr_throttled {}\nthrottled_usec 5\n"
    texts = SaidTexts(
        v2(cpu_dot_max="50000 100000\n", cpu_dot_stat=stat.format(100, 10)),
        v2(cpu_dot_stat=stat.format(110, 18)),
    )
    own = groups(texts)

    _, sample = read(HoldMeter(texts, own), texts, at=(0.0, 1.0))

    assert sample == {"cpu_throttled_percent": 80}


def test_free_space_is_told():
    texts = SaidTexts({}, free=123)

    assert read(SpaceMeter(texts, "/x"), texts)[1] == {"disk_free_bytes": 123}


NET = "Inter-| Receive | Transmit\n face |bytes\n  lo: {0} 0 0 0 0 0 0 0 {0} 0 0 0 0 0 0 0\n"
ETH = NET + "  eth0: {1} 0 0 0 0 0 0 0 {2} 0 0 0 0 0 0 0\n docker0: {1} 0 0 0 0 0 0 0 {2} 0 0 0 0 0 0 0\n"


def test_the_network_is_what_leaves_the_machine():
    path = f"/proc/{PID}/net/dev"
    texts = SaidTexts({path: ETH.format(0, 0, 0)}, {path: ETH.format(5000, 100, 200)})

    _, sample = read(NetworkMeter(texts, PID), texts)

    assert sample == {"network_received_bytes_per_s": 1000, "network_sent_bytes_per_s": 2000}


def test_loopback_counts_where_there_is_nothing_else():
    path = f"/proc/{PID}/net/dev"
    texts = SaidTexts({path: NET.format(0)}, {path: NET.format(500)})

    told, sample = read(NetworkMeter(texts, PID), texts)

    assert sample["network_received_bytes_per_s"] == 5000
    assert "loopback" in told["network_received_bytes_per_s"].source


def test_moving_to_another_network_is_no_traffic():
    path = f"/proc/{PID}/net/dev"
    texts = SaidTexts({path: NET.format(10)}, {path: ETH.format(0, 10**9, 10**9)})

    _, sample = read(NetworkMeter(texts, PID), texts)

    assert sample == {}


def tree_of(texts, **options):
    return Tree(texts, PID, main=PID, without=frozenset(options.get("without", ())))


def process_meter(texts, tree):
    return ProcessMeter(texts, tree, PID, page_bytes=4096, ticks_per_s=100)


def children(pid, *others):
    return {f"/proc/{pid}/task/{pid}/children": " ".join(map(str, others))}


def test_all_descendants_count_and_the_recorder_does_not():
    texts = SaidTexts(
        {f"/proc/{PID}/stat": stat_line(PID, pages=10), "/proc/50/stat": stat_line(50, pages=20, name="a) (b"),
         "/proc/60/stat": stat_line(60, pages=40), "/proc/99/stat": stat_line(99, pages=80)}
        | children(PID, 50, 99) | children(50, 60) | children(60),
        folders={f"/proc/{PID}/task": [str(PID)], "/proc/50/task": ["50"], "/proc/60/task": ["60"]},
    )  # fmt: skip

    _, sample = read(process_meter(texts, tree_of(texts, without={99})), texts)

    assert sample["process_count"] == 3
    assert sample["process_resident_bytes"] == 70 * 4096


def test_descendants_are_found_where_the_kernel_does_not_list_children():
    texts = SaidTexts(
        {f"/proc/{PID}/stat": stat_line(PID), "/proc/50/stat": stat_line(50, parent=PID),
         "/proc/60/stat": stat_line(60, parent=50), "/proc/70/stat": stat_line(70, parent=1)},
        folders={"/proc": ["42", "50", "60", "70", "self"]},
    )  # fmt: skip

    _, sample = read(process_meter(texts, tree_of(texts)), texts)

    assert sample["process_count"] == 3


def test_a_process_whose_parent_has_gone_is_still_followed():
    texts = SaidTexts(
        {f"/proc/{PID}/stat": stat_line(PID), "/proc/50/stat": stat_line(50, pages=5)} | children(PID, 50),
        {f"/proc/{PID}/stat": None, "/proc/50/stat": stat_line(50, parent=1, pages=5)},
        folders={f"/proc/{PID}/task": [str(PID)]},
    )
    tree = tree_of(texts)

    _, sample = read(process_meter(texts, tree), texts)

    assert sample["process_count"] == 1
    assert tree.has_ended


def test_what_a_child_used_is_not_counted_again_when_its_parent_takes_note():
    """The child had used 100 ticks; when it ends, the parent's count of its children rises by them."""
    texts = SaidTexts(
        {f"/proc/{PID}/stat": stat_line(PID), "/proc/50/stat": stat_line(50, ticks=(0, 0, 0, 0))} | children(PID, 50),
        {"/proc/50/stat": stat_line(50, ticks=(100, 0, 0, 0))},
        {f"/proc/{PID}/stat": stat_line(PID, ticks=(0, 0, 110, 0)), "/proc/50/stat": None},
        folders={f"/proc/{PID}/task": [str(PID)]},
    )
    tree = tree_of(texts)

    read(process_meter(texts, tree), texts, at=(0.0, 0.5, 1.0))

    assert tree.grown.cpu_ticks == 110


def test_what_a_child_used_stays_counted_when_nobody_takes_note():
    texts = SaidTexts(
        {f"/proc/{PID}/stat": stat_line(PID), "/proc/50/stat": stat_line(50)} | children(PID, 50),
        {"/proc/50/stat": stat_line(50, ticks=(100, 0, 0, 0))},
        {"/proc/50/stat": None},
        folders={f"/proc/{PID}/task": [str(PID)]},
    )
    tree = tree_of(texts)

    read(process_meter(texts, tree), texts, at=(0.0, 0.5, 1.0))

    assert tree.grown.cpu_ticks == 100


def test_disk_traffic_and_waiting_threads_of_the_work():
    io = "rchar: 1\nread_bytes: {}\nwrite_bytes: {}\n"
    texts = SaidTexts(
        {f"/proc/{PID}/stat": stat_line(PID), f"/proc/{PID}/io": io.format(0, 0)} | children(PID)
        | {f"/proc/{PID}/task/{PID}/stat": stat_line(PID, state="D"), f"/proc/{PID}/task/43/stat": stat_line(43)},
        {f"/proc/{PID}/io": io.format(4096, 8192)},
        folders={f"/proc/{PID}/task": [str(PID), "43"]},
    )  # fmt: skip

    _, sample = read(process_meter(texts, tree_of(texts)), texts)

    assert sample["process_read_bytes_per_s"] == 40960
    assert sample["process_write_bytes_per_s"] == 81920
    assert sample["process_disk_wait_threads"] == 1


def test_connections_are_those_that_leave_the_machine():
    row = "   {}: 0100007F:0016 {}:C350 {} 00000000:00000000 00:00000000 00000000  0 0 {} 1\n"
    sockets = "head\n" + row.format(0, "0100007F", "01", 111) + row.format(1, "08080808", "01", 222)
    sockets += row.format(2, "08080808", "06", 333) + row.format(3, "09090909", "01", 444)
    texts = SaidTexts(
        {f"/proc/{PID}/stat": stat_line(PID), f"/proc/{PID}/net/tcp": sockets}
        | {f"/proc/{PID}/net/dev": ETH.format(0, 0, 0)} | children(PID),
        folders={f"/proc/{PID}/fd": ["0", "3", "4", "5"]},
        links={f"/proc/{PID}/fd/{number}": f"socket:[{inode}]" for number, inode in ((3, 111), (4, 222), (5, 333))},
    )  # fmt: skip

    _, sample = read(process_meter(texts, tree_of(texts)), texts)

    assert sample["process_connections"] == 1


def test_what_this_user_may_not_read_is_missing_with_its_reason():
    """Another user's process: its size is public, its traffic is not."""
    texts = SaidTexts(
        {f"/proc/{PID}/stat": stat_line(PID)} | children(PID),
        denied={f"/proc/{PID}/io", f"/proc/{PID}/smaps_rollup", f"/proc/{PID}/fd"},
    )

    told, sample = read(process_meter(texts, tree_of(texts)), texts)

    assert told["process_read_bytes_per_s"].why_not == "/proc/<pid>/io may not be read by this user"
    assert told["process_proportional_bytes"].why_not == "/proc/<pid>/smaps_rollup may not be read by this user"
    assert "process_read_bytes_per_s" not in sample
    assert sample["process_count"] == 1


def test_a_machine_without_proc_gives_a_reason_for_every_signal():
    texts = SaidTexts({}, free=None)
    view = LinuxView(texts, Watched(PID, PID, frozenset(), "/x"))

    told = linux_sampler(texts, view).begin(0.0)

    assert [name for name, each in told.items() if each.why_not is None] == ["throughput_per_s"]
    assert all(each.why_not for name, each in told.items() if name != "throughput_per_s")


def test_every_signal_of_the_catalogue_is_told_of_and_no_other():
    texts = SaidTexts({})
    view = LinuxView(texts, Watched(PID, PID, frozenset(), "/x"))

    told = set(linux_sampler(texts, view).begin(0.0))

    assert told == {signal.id for signal in load_signals().values() if signal.scope != "gpu"}


def test_psutil_tells_of_every_signal_too():
    """What macOS and Windows get, run on this machine: a value or a reason for each."""
    import os

    import psutil

    meter = PortableMeter(psutil, os.getpid(), "/", system="Windows", without=frozenset())

    told = meter.begin(0.0)
    sample = {}
    meter.read(1.0, sample)

    assert set(told) == {s.id for s in load_signals().values() if s.scope in {"system", "process"}}
    assert all(bool(each.source) != bool(each.why_not) for each in told.values())
    assert told["swap_in_bytes_per_s"].why_not.startswith("Windows")
    assert set(sample) <= {name for name, each in told.items() if each.source}
    assert sample["process_resident_bytes"] > 10**6


@pytest.mark.parametrize("text", [b"", b"42", b"42 (x)", b"42 (x) S 1", b"\xff\xfe", b"42 (x) S a b c " + b"0 " * 60])
def test_a_broken_line_of_a_process_is_no_process(text):
    assert parse_process(text) is None


def test_ipv6_and_mapped_loopback_do_not_leave_the_machine():
    row = " 0: 0:1 {}:2 01 0 0 0 0 0 {} 1\n"
    text = "head\n" + row.format("00000000000000000000000001000000", 1)
    text += row.format("0000000000000000FFFF00000100007F", 2) + row.format("B80D01200000000000000000010000FF", 3)

    assert parse_sockets(text.encode()) == {"1": False, "2": False, "3": True}


def test_counters_that_touch_their_label_are_read():
    assert parse_interfaces(b"eth0:123 0 0 0 0 0 0 0 9 0\n") == {"eth0": (123, 9)}


def test_the_kernels_log_names_whom_it_killed():
    text = b"3,1,2,-;Memory cgroup out of memory: Killed process 4711 (python) total-vm:1kB\n"

    assert parse_killed(text) == {4711}
    assert parse_killed(b"6,1,2,-;oom-kill:constraint=CONSTRAINT_MEMCG,task=python,pid=77,uid=0\n") == {77}
    assert parse_killed(b"6,1,2,-;usb 1-1: new device\n") == set()
