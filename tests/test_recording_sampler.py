"""The recorder's meters on machines made of texts: rates, limits, own group first, and why something is missing."""

from recording_kit import GIB, MEMINFO, SaidTexts, read_meter

from workstation.catalog._signals import load_signals
from workstation.recording._groups import Groups
from workstation.recording._linux_memory import FaultMeter, MemoryMeter, StallMeter
from workstation.recording._meter import Rate, Seldom, Window
from workstation.recording._portable import PortableMeter
from workstation.recording._sampler import LinuxView, Watched, linux_sampler

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

    told, sample = read_meter(MemoryMeter(texts, groups(texts)), texts)

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

    told, sample = read_meter(MemoryMeter(texts, groups(texts)), texts)

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

    _, sample = read_meter(MemoryMeter(texts, groups(texts)), texts)

    assert sample["ram_available_bytes"] == GIB // 2


def test_a_process_that_is_moved_to_a_limited_group_is_followed_there():
    texts = SaidTexts(
        {"/proc/meminfo": MEMINFO.format(8 * 1024**2), "/proc/self/mountinfo": V2, f"/proc/{PID}/cgroup": "0::/\n"},
        v2(memory_dot_max=f"{GIB}\n", memory_dot_current="0\n", memory_dot_stat="inactive_file 0\n"),
    )

    _, sample = read_meter(MemoryMeter(texts, groups(texts)), texts, at=(0.0, 1.1))

    assert sample["ram_available_bytes"] == GIB


def test_zfs_gives_its_cache_back():
    arc = f"name type data\nsize 4 {3 * GIB}\nc_min 4 {GIB}\n"
    texts = SaidTexts({"/proc/meminfo": MEMINFO.format(1024**2), "/proc/spl/kstat/zfs/arcstats": arc})

    _, sample = read_meter(MemoryMeter(texts, groups(texts)), texts)

    assert sample["ram_available_bytes"] == 3 * GIB


def test_swap_and_faults_are_rates():
    text = "pswpin {}\npswpout {}\npgmajfault {}\nworkingset_refault_anon 1\nworkingset_refault_file {}\noom_kill 3\n"
    texts = SaidTexts({"/proc/vmstat": text.format(0, 0, 0, 0)}, {"/proc/vmstat": text.format(10, 20, 30, 40)})
    meter = FaultMeter(texts, groups(texts), 4096)

    _, sample = read_meter(meter, texts)

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

    told, sample = read_meter(FaultMeter(texts, own, 4096), texts)

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

    told, sample = read_meter(StallMeter(texts, groups(texts)), texts)

    assert sample["memory_stall_some_percent"] == 20
    assert sample["memory_stall_full_percent"] == 5
    assert sample["io_stall_some_percent"] == 50
    assert told["memory_stall_some_percent"].source == "cgroup memory.pressure"
    assert told["io_stall_some_percent"].source == "/proc/pressure/io (of the whole system)"


def test_a_kernel_without_pressure_information_is_told():
    """As on WSL2's own kernel."""
    texts = SaidTexts({})

    told, sample = read_meter(StallMeter(texts, groups(texts)), texts)

    assert sample == {}
    assert {each.why_not for each in told.values()} == {"this kernel has no pressure stall information"}


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
