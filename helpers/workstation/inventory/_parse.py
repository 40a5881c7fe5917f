"""Turn the text of Linux's /proc and /sys files into facts; nothing here opens a file or raises."""

import re
from collections.abc import Mapping
from typing import NamedTuple

from workstation.inventory.model import Chassis
from workstation.probing.control_groups import (
    CgroupLine,
    Mount,
    parse_cgroups,
    parse_count,
    parse_mountinfo,
    parse_pairs,
)

__all__ = [
    "CgroupLine",
    "CpuInfo",
    "Mount",
    "Swap",
    "find_mount",
    "parse_cgroups",
    "parse_chassis",
    "parse_count",
    "parse_cpuinfo",
    "parse_meminfo",
    "parse_mountinfo",
    "parse_os_release",
    "parse_pairs",
    "parse_pci_name",
    "parse_swaps",
]

_MEMINFO = re.compile(r"^([A-Za-z0-9_()]+):\s+(\d{1,18})(?: kB)?\s*$", re.MULTILINE)

# SMBIOS 3.7, table 17: system enclosure or chassis types.
_LAPTOP = frozenset({8, 9, 10, 11, 14, 30, 31, 32})
_DESKTOP = frozenset({3, 4, 5, 6, 7, 13, 15, 16, 24, 35, 36})
_SERVER = frozenset({17, 23, 25, 28, 29})

# Arm cores name themselves by number only: (implementer, part) as in Linux's cputype.h.
_ARM_CORES = {
    ("0x41", "0xd03"): "Cortex-A53", ("0x41", "0xd05"): "Cortex-A55", ("0x41", "0xd07"): "Cortex-A57",
    ("0x41", "0xd08"): "Cortex-A72", ("0x41", "0xd09"): "Cortex-A73", ("0x41", "0xd0a"): "Cortex-A75",
    ("0x41", "0xd0b"): "Cortex-A76", ("0x41", "0xd41"): "Cortex-A78", ("0x41", "0xd42"): "Cortex-A78AE",
    ("0x41", "0xd0c"): "Neoverse-N1", ("0x41", "0xd40"): "Neoverse-V1", ("0x41", "0xd49"): "Neoverse-N2",
    ("0x41", "0xd4f"): "Neoverse-V2",
}  # fmt: skip


class CpuInfo(NamedTuple):
    """What /proc/cpuinfo tells; `hypervisor` is `None` where the architecture has no such flag."""

    model: str | None
    physical_cores: int | None
    logical_cores: int | None
    hypervisor: bool | None
    has_clock: bool


class Swap(NamedTuple):
    """One swap area."""

    is_zram: bool
    size_bytes: int
    used_bytes: int


def parse_meminfo(text: str) -> dict[str, int]:
    r"""Read /proc/meminfo, in bytes by key.

    >>> parse_meminfo("MemTotal:       24684084 kB\n")
    {'MemTotal': 25276502016}
    """
    return {key: int(kib) * 1024 for key, kib in _MEMINFO.findall(text)}


def parse_cpuinfo(text: str) -> CpuInfo:
    """Read /proc/cpuinfo of any architecture."""
    blocks = [_keys(block) for block in re.split(r"\n\s*\n", text)]
    processors = [block for block in blocks if "processor" in block and block["processor"].isdigit()]
    everything: dict[str, str] = {}
    for block in reversed(blocks):
        everything |= block
    flags = everything.get("flags")
    return CpuInfo(
        model=_cpu_model(everything),
        physical_cores=_physical_cores(processors),
        logical_cores=len(processors) or None,
        hypervisor=None if flags is None else "hypervisor" in flags.split(),
        has_clock="cpu MHz" in everything,
    )


def parse_swaps(text: str) -> tuple[Swap, ...]:
    """Read /proc/swaps; a name may hold escaped blanks, so columns are counted from the right."""
    found = []
    for line in text.splitlines()[1:]:
        columns = line.split()
        size, used = (parse_count(columns[-3]), parse_count(columns[-2])) if len(columns) >= 5 else (None, None)  # noqa: PLR2004 - the file has five columns
        if size is not None and used is not None:
            found.append(Swap(is_zram="zram" in columns[0], size_bytes=size * 1024, used_bytes=used * 1024))
    return tuple(found)


def parse_os_release(text: str) -> str | None:
    r"""Read the distribution's name from os-release.

    >>> parse_os_release('NAME="Debian"\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n')
    'Debian GNU/Linux 12 (bookworm)'
    """
    rows = dict(line.split("=", 1) for line in text.splitlines() if "=" in line and not line.startswith("#"))
    name = rows.get("PRETTY_NAME") or rows.get("NAME") or ""
    return name.strip().strip("\"'").strip() or None


def parse_chassis(text: str) -> Chassis | None:
    r"""Read DMI's chassis type as laptop, desktop or server; `None` for the many that say neither.

    >>> parse_chassis("10\n"), parse_chassis("3"), parse_chassis("1")
    ('laptop', 'desktop', None)
    """
    kind = parse_count(text)
    kinds: tuple[tuple[Chassis, frozenset[int]], ...] = (
        ("laptop", _LAPTOP),
        ("desktop", _DESKTOP),
        ("server", _SERVER),
    )
    return next((name for name, numbers in kinds if kind in numbers), None)


def parse_pci_name(text: str, vendor: str, device: str) -> str | None:
    r"""Find a device's name in the text of pci.ids, by four hexadecimal digits each.

    >>> parse_pci_name("10de  NVIDIA Corporation\n\t1f97  TU117M [GeForce MX450]\n", "10de", "1f97")
    'TU117M [GeForce MX450]'
    """
    start = f"\n{text}".find(f"\n{vendor}  ")
    if start < 0:
        return None
    end = re.compile(r"^[0-9a-fC]", re.MULTILINE).search(text, start + 1)
    section = text[start : end.start() if end else len(text)]
    found = re.search(rf"^\t{re.escape(device)}  (.+)$", section, re.MULTILINE)
    return found[1].strip() if found else None


def find_mount(mounts: tuple[Mount, ...], path: str) -> Mount | None:
    """Return the mount that holds *path*: the deepest one, and of those on one point the last."""
    best: Mount | None = None
    for mount in mounts:
        prefix = mount.point.rstrip("/") + "/"
        inside = path == mount.point or path.startswith(prefix)
        if inside and (best is None or len(mount.point) >= len(best.point)):
            best = mount
    return best


def _keys(block: str) -> dict[str, str]:
    rows = (line.split(":", 1) for line in block.splitlines() if ":" in line)
    return {key.strip(): value.strip() for key, value in rows}


def _cpu_model(keys: Mapping[str, str]) -> str | None:
    named = keys.get("model name") or keys.get("cpu model") or keys.get("uarch")
    core = _ARM_CORES.get((keys.get("CPU implementer", ""), keys.get("CPU part", "")))
    name = named or core or keys.get("Hardware")
    return " ".join(name.split()) if name and name.lower() != "unknown" else None


def _physical_cores(processors: list[dict[str, str]]) -> int | None:
    pairs = {(block.get("physical id"), block.get("core id")) for block in processors}
    if not pairs or any(None in pair for pair in pairs):
        return None
    return len(pairs)
