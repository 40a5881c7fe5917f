"""Find a process's control groups, and read the few texts that they and the mounts are made of.

Shared by what reads a machine once and what reads it ten times a second; nothing here opens a file or raises.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

MAX_DEPTH = 64
V1_UNLIMITED_FROM_BYTES = 1 << 62  # kernels write LONG_MAX rounded to a page, or ULONG_MAX
_OCTAL = re.compile(r"\\([0-7]{3})")
_MAX_DIGITS = 20


class Mount(NamedTuple):
    """One line of /proc/self/mountinfo."""

    device: str  # "259:3"; a major number of 0 means no block device stands behind it directly
    root: str
    point: str
    filesystem: str
    source: str
    options: tuple[str, ...]  # of the file system itself


class CgroupLine(NamedTuple):
    """One line of /proc/self/cgroup; no controllers means the unified hierarchy (version 2)."""

    controllers: tuple[str, ...]
    path: str


def parse_count(text: str | None) -> int | None:
    r"""Read a whole number that is not negative.

    >>> parse_count("512\n"), parse_count("-1"), parse_count("max"), parse_count(None)
    (512, None, None, None)
    """
    stripped = (text or "").strip()
    if not stripped.isascii() or not stripped.isdigit() or len(stripped) > _MAX_DIGITS:
        return None
    return int(stripped)


def parse_mountinfo(text: str) -> tuple[Mount, ...]:
    """Read /proc/self/mountinfo in mount order."""
    return tuple(mount for line in text.splitlines() if (mount := _mount(line)) is not None)


def parse_cgroups(text: str) -> tuple[CgroupLine, ...]:
    r"""Read /proc/self/cgroup.

    >>> parse_cgroups("4:memory:/docker/abc\n0::/init.scope\n")[1]
    CgroupLine(controllers=(), path='/init.scope')
    """
    rows = (line.split(":", 2) for line in text.splitlines())
    return tuple(
        CgroupLine(controllers=tuple(filter(None, row[1].split(","))), path=row[2])
        for row in rows
        if len(row) == 3 and row[2].startswith("/")  # noqa: PLR2004 - id, controllers, path
    )


def parse_pairs(text: str) -> dict[str, int]:
    r"""Read lines of a key and a count, such as memory.stat or ZFS's arcstats (whose middle column is a type).

    >>> parse_pairs("inactive_file 4096\nsize   4   3533162592\nname type data\n")
    {'inactive_file': 4096, 'size': 3533162592}
    """
    rows = (line.split() for line in text.splitlines())
    counted = ((row[0], parse_count(row[-1])) for row in rows if len(row) in {2, 3})
    return {key: count for key, count in counted if count is not None}


def group_folders(lines: tuple[CgroupLine, ...], mounts: tuple[Mount, ...], *, controller: str | None) -> Iterator[str]:
    """Yield the folders from this process's own group up to the mount's root, for one hierarchy."""
    line = next((each for each in lines if _is_of(each, controller)), None)
    mount = next((each for each in mounts if _holds(each, controller)), None)
    if mount is None:
        return
    inside = _below_root(line.path if line else "/", mount.root)
    for depth in range(min(len(inside), MAX_DEPTH), -1, -1):
        yield "/".join([mount.point.rstrip("/"), *inside[:depth]])


def _is_of(line: CgroupLine, controller: str | None) -> bool:
    return not line.controllers if controller is None else controller in line.controllers


def _holds(mount: Mount, controller: str | None) -> bool:
    if controller is None:
        return mount.filesystem == "cgroup2"
    return mount.filesystem == "cgroup" and controller in mount.options


def _below_root(path: str, root: str) -> list[str]:
    """Split the group's path below what is mounted; a container may have its own group mounted as the root."""
    if root != "/" and (path == root or path.startswith(root + "/")):
        path = path[len(root) :]
    parts = [part for part in path.split("/") if part]
    return [] if ".." in parts else parts  # a path above our namespace's root cannot be reached from here


def _mount(line: str) -> Mount | None:
    left, dash, right = line.partition(" - ")
    first, second = left.split(" "), right.split(" ")
    if not dash or len(first) < 6 or len(second) < 3:  # noqa: PLR2004 - the columns that proc(5) promises
        return None
    return Mount(
        device=first[2],
        root=_unescape(first[3]),
        point=_unescape(first[4]),
        filesystem=second[0],
        source=_unescape(second[1]),
        options=tuple(second[2].split(",")),
    )


def _unescape(text: str) -> str:
    return _OCTAL.sub(lambda match: chr(int(match[1], 8)), text)
