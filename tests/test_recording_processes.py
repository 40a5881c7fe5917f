"""The meter of watched processes on machines made of texts: the whole tree, what it uses, and what it waits for."""

import pytest
from recording_kit import SaidTexts, read_meter, stat_line

from workstation.recording._linux_processes import ProcessMeter
from workstation.recording._parse import parse_interfaces, parse_killed, parse_process, parse_sockets
from workstation.recording._tree import Tree

PID = 42
ETH = (
    "Inter-| Receive | Transmit\n face |bytes\n  lo: 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n"
    "  eth0: 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n"
)


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

    _, sample = read_meter(process_meter(texts, tree_of(texts, without={99})), texts)

    assert sample["process_count"] == 3
    assert sample["process_resident_bytes"] == 70 * 4096


def test_descendants_are_found_where_the_kernel_does_not_list_children():
    texts = SaidTexts(
        {f"/proc/{PID}/stat": stat_line(PID), "/proc/50/stat": stat_line(50, parent=PID),
         "/proc/60/stat": stat_line(60, parent=50), "/proc/70/stat": stat_line(70, parent=1)},
        folders={"/proc": ["42", "50", "60", "70", "self"]},
    )  # fmt: skip

    _, sample = read_meter(process_meter(texts, tree_of(texts)), texts)

    assert sample["process_count"] == 3


def test_a_process_whose_parent_has_gone_is_still_followed():
    texts = SaidTexts(
        {f"/proc/{PID}/stat": stat_line(PID), "/proc/50/stat": stat_line(50, pages=5)} | children(PID, 50),
        {f"/proc/{PID}/stat": None, "/proc/50/stat": stat_line(50, parent=1, pages=5)},
        folders={f"/proc/{PID}/task": [str(PID)]},
    )
    tree = tree_of(texts)

    _, sample = read_meter(process_meter(texts, tree), texts)

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

    read_meter(process_meter(texts, tree), texts, at=(0.0, 0.5, 1.0))

    assert tree.grown.cpu_ticks == 110


def test_what_a_child_used_stays_counted_when_nobody_takes_note():
    texts = SaidTexts(
        {f"/proc/{PID}/stat": stat_line(PID), "/proc/50/stat": stat_line(50)} | children(PID, 50),
        {"/proc/50/stat": stat_line(50, ticks=(100, 0, 0, 0))},
        {"/proc/50/stat": None},
        folders={f"/proc/{PID}/task": [str(PID)]},
    )
    tree = tree_of(texts)

    read_meter(process_meter(texts, tree), texts, at=(0.0, 0.5, 1.0))

    assert tree.grown.cpu_ticks == 100


def test_disk_traffic_and_waiting_threads_of_the_work():
    io = "rchar: 1\nread_bytes: {}\nwrite_bytes: {}\n"
    texts = SaidTexts(
        {f"/proc/{PID}/stat": stat_line(PID), f"/proc/{PID}/io": io.format(0, 0)} | children(PID)
        | {f"/proc/{PID}/task/{PID}/stat": stat_line(PID, state="D"), f"/proc/{PID}/task/43/stat": stat_line(43)},
        {f"/proc/{PID}/io": io.format(4096, 8192)},
        folders={f"/proc/{PID}/task": [str(PID), "43"]},
    )  # fmt: skip

    _, sample = read_meter(process_meter(texts, tree_of(texts)), texts)

    assert sample["process_read_bytes_per_s"] == 40960
    assert sample["process_write_bytes_per_s"] == 81920
    assert sample["process_disk_wait_threads"] == 1


def test_the_costly_size_is_asked_once_at_the_beginning_and_stands_in_the_first_sample():
    """The kernel walks through all memory of a process for it; told twice is once too often."""
    path = f"/proc/{PID}/smaps_rollup"
    texts = SaidTexts({f"/proc/{PID}/stat": stat_line(PID), path: "Pss:   12 kB\n"} | children(PID))
    asked = []
    texts.read = lambda each, *, once=False: asked.append(each) or SaidTexts.read(texts, each, once=once)
    meter = process_meter(texts, tree_of(texts))

    told = meter.begin(0.0)
    first, second = {}, {}
    meter.read(0.1, first)
    meter.read(0.2, second)

    assert told["process_proportional_bytes"].source == "/proc/<pid>/smaps_rollup"
    assert first["process_proportional_bytes"] == 12 * 1024
    assert "process_proportional_bytes" not in second
    assert asked.count(path) == 1


def test_connections_are_those_that_leave_the_machine():
    row = "   {}: 0100007F:0016 {}:C350 {} 00000000:00000000 00:00000000 00000000  0 0 {} 1\n"
    sockets = "head\n" + row.format(0, "0100007F", "01", 111) + row.format(1, "08080808", "01", 222)
    sockets += row.format(2, "08080808", "06", 333) + row.format(3, "09090909", "01", 444)
    texts = SaidTexts(
        {f"/proc/{PID}/stat": stat_line(PID), f"/proc/{PID}/net/tcp": sockets}
        | {f"/proc/{PID}/net/dev": ETH} | children(PID),
        folders={f"/proc/{PID}/fd": ["0", "3", "4", "5"]},
        links={f"/proc/{PID}/fd/{number}": f"socket:[{inode}]" for number, inode in ((3, 111), (4, 222), (5, 333))},
    )  # fmt: skip

    _, sample = read_meter(process_meter(texts, tree_of(texts)), texts)

    assert sample["process_connections"] == 1


def test_what_this_user_may_not_read_is_missing_with_its_reason():
    """Another user's process: its size is public, its traffic is not."""
    texts = SaidTexts(
        {f"/proc/{PID}/stat": stat_line(PID)} | children(PID),
        denied={f"/proc/{PID}/io", f"/proc/{PID}/smaps_rollup", f"/proc/{PID}/fd"},
    )

    told, sample = read_meter(process_meter(texts, tree_of(texts)), texts)

    assert told["process_read_bytes_per_s"].why_not == "/proc/<pid>/io may not be read by this user"
    assert told["process_proportional_bytes"].why_not == "/proc/<pid>/smaps_rollup may not be read by this user"
    assert "process_read_bytes_per_s" not in sample
    assert sample["process_count"] == 1


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
