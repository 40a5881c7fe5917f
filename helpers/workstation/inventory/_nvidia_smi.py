"""Read the table that ``nvidia-smi --query-gpu=... --format=csv`` prints, as many versions of it print it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from workstation.units import GIB, KIB, MIB

MAX_ROWS = 64
# Old versions refuse a table for one column that they do not know: two tables are asked for at once.
FULL = ("name", "pci.bus_id", "driver_version", "memory.total", "memory.used", "mig.mode.current")
PLAIN = ("name", "driver_version", "memory.total")
_UNITS = {"kib": KIB, "mib": MIB, "gib": GIB}
_HEADING = re.compile(r"^\s*([a-z_][\w.]*)\s*(?:\[\s*(\S+?)\s*\])?\s*$")
_AMOUNT = re.compile(r"^(\d{1,12})(?:[.,](\d{1,2}))?\s*([KMG]iB)?$", re.IGNORECASE)
_NO_VALUE = frozenset({"", "n/a", "[n/a]", "[not supported]", "not supported", "none"})


@dataclass(frozen=True, slots=True, kw_only=True)
class SmiGpu:
    """One row; `states_memory` is false where the tool says that there is no memory to state, as on shared memory."""

    name: str | None
    bus_id: str | None  # "0000:01:00.0"
    driver: str | None
    total_bytes: int | None
    used_bytes: int | None
    states_memory: bool
    is_split: bool  # MIG: the slices have their own memory, and this table does not list them


def smi_command(fields: Sequence[str], program: str = "nvidia-smi") -> tuple[str, ...]:
    """Return the command that asks for *fields*."""
    return program, f"--query-gpu={','.join(fields)}", "--format=csv"


def parse_smi(text: str) -> tuple[SmiGpu, ...]:
    r"""Read the table under its heading; without one, and of lines that do not fit it, nothing is read.

    >>> rows = parse_smi("name, memory.total [MiB]\nNVIDIA GeForce RTX 4090, 24564 MiB\n")
    >>> rows[0].name, rows[0].total_bytes
    ('NVIDIA GeForce RTX 4090', 25757220864)
    """
    rows = [[cell.strip() for cell in line.split(", ")] for line in text.splitlines() if line.strip()]
    start, units = next(((n, found) for n, row in enumerate(rows) if (found := _heading(row))), (len(rows), {}))
    fitting = [row for row in rows[start + 1 :] if len(row) == len(units)][:MAX_ROWS]
    gpus = (_gpu(dict(zip(units, row, strict=True)), units) for row in fitting)
    return tuple(gpu for gpu in gpus if gpu is not None)


def _heading(row: Sequence[str]) -> dict[str, str] | None:
    """Return the columns and their units, where *row* is the heading: distinct names of fields, the name among them."""
    found = [match.groups() for cell in row if (match := _HEADING.match(cell))]
    columns = {name: (unit or "MiB").lower() for name, unit in found}
    return columns if len(columns) == len(row) > 1 and {"name", "memory.total"} <= set(columns) else None


def _gpu(row: Mapping[str, str], units: Mapping[str, str]) -> SmiGpu | None:
    told = row.get("memory.total", "[Unknown Error]")
    total = _bytes(told, units.get("memory.total", "mib"))
    name, driver = _value(row.get("name")), _value(row.get("driver_version"))
    if name is None and total is None:
        return None
    return SmiGpu(
        name=name,
        bus_id=_bus_id(row.get("pci.bus_id")),
        driver=driver,
        total_bytes=total or None,
        used_bytes=_bytes(row.get("memory.used", ""), units.get("memory.used", "mib")) if total else None,
        states_memory=bool(total) or not (total == 0 or told.lower() in _NO_VALUE),
        is_split=row.get("mig.mode.current", "").lower() == "enabled",
    )


def _value(cell: str | None) -> str | None:
    """Return a cell that says something; brackets hold what the tool could not tell: "[Unknown Error]"."""
    return None if cell is None or cell.lower() in _NO_VALUE or cell.startswith("[") else cell[:200]


def _bus_id(cell: str | None) -> str | None:
    value = _value(cell)
    return value.lower()[-12:] if value else None  # eight digits of domain here, four in the kernel


def _bytes(cell: str, unit: str) -> int | None:
    """Read an amount; some places write the decimals behind a comma."""
    match = _AMOUNT.match(cell)
    factor = _UNITS.get((match[3] or unit).lower()) if match else None
    if match is None or factor is None:
        return None
    return round(float(f"{match[1]}.{match[2] or 0}") * factor)
