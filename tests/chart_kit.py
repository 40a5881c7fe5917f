"""Recordings made of numbers, for tests of what reads and shows them."""

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from workstation.recording.model import SCHEMA, Availability, End, Header, Machine, Mark, Recording

GIB = 1024**3
MACHINE = Machine(
    os="Linux", virtualization="none", ram_usable_bytes=16 * GIB, ram_limit_bytes=None, swap_total_bytes=8 * GIB,
    swap_kind="disk", logical_cores=8, cpu_max_hz=4e9, disk_total_bytes=10**12, disk_medium="nvme", link_mbps=1000,
    gpus=(), unified_memory=False,
)  # fmt: skip
READ = Availability(available=True, source="/proc/meminfo", why_not=None)
NO_PSI = Availability(available=False, source=None, why_not="this kernel has no pressure stall information")


def header(name: str = "rag-index", signals: Mapping[str, Availability] | None = None) -> Header:
    """Make a header."""
    return Header(
        name=name, label="python index.py", started_at="2026-11-23T10:00:00Z", interval_s=0.1, inventory_digest=None,
        machine=MACHINE, signals=signals or {"ram_available_bytes": READ, "memory_stall_some_percent": NO_PSI},
    )  # fmt: skip


def recording(
    columns: Mapping[str, list[float]] | None = None,
    *,
    seconds: float = 10.0,
    marks: tuple[Mark, ...] = (),
    end: End | None = None,
    name: str = "rag-index",
) -> Recording:
    """Make a recording of some columns, their samples spread over *seconds*."""  # fmt: skip
    given = columns if columns is not None else {"ram_available_bytes": [8.0 * GIB, 4.0 * GIB, 6.0 * GIB]}
    length = max(map(len, given.values()), default=0)
    return Recording(
        header=header(name),
        t_s=np.linspace(0.0, seconds, length) if length else np.empty(0),
        columns={key: np.array(values, dtype=float) for key, values in given.items()},
        marks=marks,
        end=end,
    )


def lines_of(count: int, *, name: str = "x") -> list[dict]:
    """Give the lines of a recording's file: a header and some samples."""
    head = {
        "schema": SCHEMA, "name": name, "label": "a cell", "started_at": "2026-11-23T10:00:00Z", "interval_s": 0.1,
        "inventory_digest": None, "machine": {"ram_usable_bytes": 16 * GIB}, "signals": {},
    }  # fmt: skip
    samples = [
        {"t_s": round(0.1 * place, 1), "ram_available_bytes": 8 * GIB - place, "gpus": [{"memory_used_bytes": GIB}]}
        for place in range(count)
    ]
    return [head, *samples]


def write_lines(path: Path, lines: list[dict]) -> None:
    """Add lines to a recording's file."""
    with path.open("a", encoding="utf-8") as file:
        file.writelines(f"{json.dumps(line)}\n" for line in lines)
