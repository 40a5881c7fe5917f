r"""Turn the text of /proc and /sys files into numbers, ten times a second; nothing here opens a file or raises."""

import re
from collections.abc import Container
from typing import NamedTuple

_MAX_DIGITS = 20
SECTOR_BYTES = 512  # in /proc/diskstats, whatever the disk's own sectors are
_MEMINFO = (b"MemTotal", b"MemAvailable", b"MemFree", b"Buffers", b"Cached", b"Shmem", b"SwapTotal", b"SwapFree")
_VMSTAT = (
    b"pswpin", b"pswpout", b"pgmajfault", b"oom_kill",
    b"workingset_refault", b"workingset_refault_anon", b"workingset_refault_file",
)  # fmt: skip
_PAIRS = re.compile(rb"^(\w+) (\d{1,20})$", re.MULTILINE)
_IO = re.compile(rb"^(read_bytes|write_bytes): (\d{1,20})$", re.MULTILINE)
_PSS = re.compile(rb"^Pss:\s+(\d{1,18}) kB", re.MULTILINE)
_INTERFACE = re.compile(rb"^\s*(\S+?):\s*(\d+)((?:\s+\d+){7})\s+(\d+)", re.MULTILINE)
_KILLED = re.compile(rb"Killed process (\d+)|oom-kill:.*\bpid=(\d+)")


class Process(NamedTuple):
    """What /proc/<pid>/stat says of one process."""

    state: str
    parent: int
    cpu_ticks: int  # its own, and of children that it has waited for
    threads: int
    started_ticks: int
    resident_pages: int
    exit_status: int | None  # as wait(2) codes it; while it is alive, 0 or hidden


class Disk(NamedTuple):
    """What /proc/diskstats says of one disk since the machine began."""

    read_bytes: int
    written_bytes: int
    busy_ms: int


def parse_meminfo(text: bytes) -> dict[str, int]:
    r"""Read the lines of /proc/meminfo that count, in bytes.

    >>> parse_meminfo(b"MemTotal:       24684084 kB\n")
    {'MemTotal': 25276502016}
    """
    sizes = {key: _after(text, key + b":") for key in _MEMINFO}
    return {key.decode(): kib * 1024 for key, kib in sizes.items() if kib is not None}


def parse_vmstat(text: bytes) -> dict[bytes, int]:
    r"""Read the lines of /proc/vmstat that count.

    >>> parse_vmstat(b"nr_free_pages 5\npswpin 12\nworkingset_refault_file 3\n")
    {b'pswpin': 12, b'workingset_refault_file': 3}
    """
    counts = {key: _after(text, key + b" ") for key in _VMSTAT}
    return {key: count for key, count in counts.items() if count is not None}


def parse_pairs(text: bytes) -> dict[bytes, int]:
    r"""Read lines of a key and a count: /proc/vmstat, memory.stat, memory.events, cpu.stat.

    >>> parse_pairs(b"pswpin 12\nlow 3\n")
    {b'pswpin': 12, b'low': 3}
    """
    return {key: int(count) for key, count in _PAIRS.findall(text)}


def parse_stalls(text: bytes) -> dict[str, int]:
    r"""Read a pressure file: microseconds of stall since the machine, or the group, began.

    >>> parse_stalls(b"some avg10=0.00 avg60=0.00 avg300=0.00 total=42\n")
    {'some': 42}
    """
    rows = (line.rpartition(b"total=") for line in text.splitlines())
    return {head[:4].decode("ascii", "replace"): int(total) for head, _, total in rows if head and total.isdigit()}


def parse_cores(text: bytes) -> tuple[tuple[int, int], ...]:
    r"""Read /proc/stat: ticks in use and ticks in all, of all cores together and then of each.

    >>> parse_cores(b"cpu  10 0 5 80 5 0 0 0 0 0\ncpu0 10 0 5 80 5 0 0 0 0 0\nintr 7\n")
    ((15, 100), (15, 100))
    """
    found = []
    for line in text[: max(0, text.find(b"\nintr"))].splitlines() if b"\nintr" in text else text.splitlines():
        if not line.startswith(b"cpu"):
            break
        ticks = [int(word) for word in line.split()[1:9] if word.isdigit()]
        if len(ticks) >= 5:  # noqa: PLR2004 - user, nice, system, idle, waiting for a disk
            found.append((sum(ticks) - ticks[3] - ticks[4], sum(ticks)))
    return tuple(found)


def parse_disks(text: bytes, wanted: Container[bytes]) -> dict[str, Disk]:
    r"""Read the *wanted* devices of /proc/diskstats by name.

    >>> parse_disks(b" 254 0 vda 5 0 16 3 2 0 8 1 0 44 4 0 0 0 0\n", {b"vda"})
    {'vda': Disk(read_bytes=8192, written_bytes=4096, busy_ms=44)}
    """
    found = {}
    for line in text.splitlines():
        head = line.split(None, 3)
        if len(head) > 3 and head[2] in wanted:  # noqa: PLR2004 - two numbers, a name, and the counts
            counts = head[3].split()
            if len(counts) > 9 and all(counts[place].isdigit() for place in (2, 6, 9)):  # noqa: PLR2004 - proc(5)
                read, written = int(counts[2]) * SECTOR_BYTES, int(counts[6]) * SECTOR_BYTES
                found[head[2].decode("utf-8", "replace")] = Disk(read, written, int(counts[9]))
    return found


def disk_names(text: bytes) -> list[bytes]:
    """List the devices in /proc/diskstats."""
    return [words[2] for line in text.splitlines() if len(words := line.split(None, 3)) > 3]  # noqa: PLR2004 - as above


def parse_interfaces(text: bytes) -> dict[str, tuple[int, int]]:
    r"""Read /proc/net/dev: bytes received and sent by interface.

    >>> parse_interfaces(b"    lo:  100 2 0 0 0 0 0 0  300 4 0 0 0 0 0 0\n")
    {'lo': (100, 300)}
    """
    return {name.decode("utf-8", "replace"): (int(got), int(sent)) for name, got, _, sent in _INTERFACE.findall(text)}


def parse_process(text: bytes) -> Process | None:
    """Read /proc/<pid>/stat; the name in it may hold anything, brackets too."""
    words = text.rpartition(b")")[2].split()
    try:
        return Process(
            state=words[0].decode("ascii", "replace"),
            parent=int(words[1]),
            cpu_ticks=sum(int(word) for word in words[11:15]),
            threads=int(words[17]),
            started_ticks=int(words[19]),
            resident_pages=int(words[21]),
            exit_status=int(words[49]) if len(words) > 49 else None,  # noqa: PLR2004 - the last of 52 fields
        )
    except (IndexError, ValueError):
        return None


def parse_process_io(text: bytes) -> tuple[int, int] | None:
    r"""Read /proc/<pid>/io: bytes that came from a disk and bytes that will go to one.

    >>> parse_process_io(b"rchar: 9\nread_bytes: 4096\nwrite_bytes: 0\n")
    (4096, 0)
    """
    found = dict(_IO.findall(text))
    if len(found) != 2:  # noqa: PLR2004 - both
        return None
    return int(found[b"read_bytes"]), int(found[b"write_bytes"])


def parse_proportional(text: bytes) -> int | None:
    r"""Read the proportional size out of /proc/<pid>/smaps_rollup.

    >>> parse_proportional(b"Rss:   20 kB\nPss:   12 kB\nPss_Dirty: 4 kB\n")
    12288
    """
    found = _PSS.search(text)
    return int(found[1]) * 1024 if found else None


def parse_children(text: bytes) -> list[int]:
    """Read /proc/<pid>/task/<tid>/children."""
    return [int(word) for word in text.split() if word.isdigit()]


def parse_sockets(text: bytes) -> dict[str, bool]:
    """Read /proc/net/tcp or tcp6: open connections by their inode, and whether each leaves this machine."""
    found = {}
    for line in text.splitlines()[1:]:
        words = line.split()
        if len(words) > 9 and words[3] == b"01":  # noqa: PLR2004 - established; the inode is the tenth column
            found[words[9].decode("ascii", "replace")] = not _is_loopback(words[2].partition(b":")[0])
    return found


def parse_killed(text: bytes) -> set[int]:
    """Read which processes the kernel's log says that it killed for want of memory."""
    return {int(one or other) for one, other in _KILLED.findall(text)}


def parse_count(text: bytes | None) -> int | None:
    r"""Read one whole number; `None` for "max", an empty file or none.

    >>> parse_count(b"512\n"), parse_count(b"max\n"), parse_count(b"-5\n"), parse_count(None)
    (512, None, -5, None)
    """
    stripped = (text or b"").strip()
    return int(stripped) if stripped.removeprefix(b"-").isdigit() and len(stripped) <= 20 else None  # noqa: PLR2004 - 64 bits


def _after(text: bytes, key: bytes) -> int | None:
    """Return the number after the *key* that begins a line; searching is three times as fast as reading every line."""
    start = 0 if text.startswith(key) else text.find(b"\n" + key) + 1
    if not start and not text.startswith(key):
        return None
    start += len(key)
    words = text[start : start + 2 * _MAX_DIGITS].split(None, 1)
    return int(words[0]) if words and words[0].isdigit() and len(words[0]) <= _MAX_DIGITS else None


def _is_loopback(address: bytes) -> bool:
    """Tell 127.0.0.0/8, ::1 and IPv4 inside IPv6: the kernel writes four bytes at a time, the last first."""
    v4 = address[-8:]
    if len(address) == 32 and address == b"0" * 24 + b"01000000":  # noqa: PLR2004 - ::1
        return True
    return v4.endswith(b"7F") and (len(address) == 8 or address[16:24] == b"FFFF0000")  # noqa: PLR2004 - IPv4
