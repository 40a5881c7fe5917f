"""The rules behind single facts, and the surprises, on small made-up cases."""

import pytest
from inventory_kit import small

from workstation.inventory._parse import find_mount, parse_cpuinfo, parse_mountinfo, parse_swaps
from workstation.inventory._virtual import INITIAL_PID_NAMESPACE, Traces, decide_virtualization
from workstation.units import GIB

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
    assert decide_virtualization(BARE._replace(**traces)).value == kind


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
