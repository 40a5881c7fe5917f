"""Make recordings that no machine here can: a machine, curves over time, how it ended."""

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from workstation.catalog._signals import load_signals
from workstation.recording._thin import lines
from workstation.recording.model import SUFFIX, Availability, Column, End, Header, Machine, Mark, Recording

GIB, GB, MIB, MB = 2.0**30, 1e9, 2.0**20, 1e6
STARTED = "2026-11-23T20:00:00+00:00"
NO_PSI = "this kernel has no pressure stall information"
MOST_SAMPLES = 44  # a recording in the repository stays under 60 KB
PSI = (
    "memory_stall_some_percent",
    "memory_stall_full_percent",
    "io_stall_some_percent",
    "io_stall_full_percent",
    "cpu_stall_some_percent",
)

DESKTOP = Machine(
    os="Linux",
    virtualization="none",
    ram_usable_bytes=int(31.2 * GIB),
    ram_limit_bytes=None,
    swap_total_bytes=int(8 * GIB),
    swap_kind="disk",
    logical_cores=16,
    cpu_max_hz=5.2e9,
    disk_total_bytes=int(1000 * GB),
    disk_medium="nvme",
    link_mbps=1000,
    gpus=("NVIDIA GeForce RTX 4070",),
    unified_memory=False,
)
LAPTOP = replace(
    DESKTOP,
    ram_usable_bytes=int(15.4 * GIB),
    swap_total_bytes=int(4 * GIB),
    logical_cores=8,
    cpu_max_hz=4.6e9,
    disk_total_bytes=int(512 * GB),
    link_mbps=866,
    gpus=(),
)
MAC = replace(
    LAPTOP,
    os="Darwin",
    ram_usable_bytes=int(16 * GIB),
    swap_total_bytes=int(4 * GIB),
    swap_kind="disk",
    cpu_max_hz=None,
    link_mbps=None,
    gpus=("Apple M2",),
    unified_memory=True,
)
WSL = replace(
    LAPTOP,
    virtualization="wsl2",
    ram_usable_bytes=int(7.7 * GIB),
    swap_total_bytes=int(2 * GIB),
    cpu_max_hz=None,
    disk_medium="unknown",
    link_mbps=10000,
    gpus=("NVIDIA GeForce RTX 3060",),
)
HUB = replace(
    DESKTOP,
    virtualization="container",
    ram_usable_bytes=int(4 * GIB),
    ram_limit_bytes=int(4 * GIB),
    swap_total_bytes=0,
    swap_kind="none",
    logical_cores=2,
    cpu_max_hz=None,
    disk_medium="unknown",
    link_mbps=10000,
    gpus=(),
)

MISSING: Mapping[str, Mapping[str, str]] = {
    "Darwin": {
        **dict.fromkeys(PSI, "macOS has no pressure stall information"),
        "refaults_per_s": "macOS does not count them",
        "disk_busy_percent": "macOS does not report it",
        "cpu_frequency_hz": "Apple processors do not report it",
        "cpu_throttled_percent": "macOS has no such limit",
        "cpu_temperature_celsius": "macOS tells no program without the administrator's rights",
        "thermal_throttle_per_s": "macOS does not count it",
        "process_connections": "macOS asks for the administrator's rights",
        "process_disk_wait_threads": "macOS does not report it",
        "process_read_bytes_per_s": "macOS does not report it",
        "process_write_bytes_per_s": "macOS does not report it",
    },
    "wsl2": {
        **dict.fromkeys(PSI, NO_PSI),
        "cpu_frequency_hz": "a virtual machine does not see it",
        "cpu_temperature_celsius": "a virtual machine does not see it",
        "thermal_throttle_per_s": "a virtual machine does not see it",
        "cpu_throttled_percent": "no limit is set",
    },
    "container": {
        "cpu_temperature_celsius": "the container does not see it",
        "thermal_throttle_per_s": "the container does not see it",
        "cpu_frequency_hz": "the container does not see it",
    },
    "none": {"cpu_throttled_percent": "no limit is set"},
}


@dataclass(frozen=True, kw_only=True)
class Scene:
    """One constructed recording: what differs from a machine that rests."""

    slug: str
    label: str
    machine: Machine
    seconds: float
    note: str
    curves: Mapping[str, object] = field(default_factory=dict)
    gpus: Sequence[Mapping[str, object]] = ()
    step: float = 1.0
    marks: Sequence[tuple[float, str]] = ()
    end: End | None = None
    missing: Mapping[str, str] = field(default_factory=dict)
    gaps: Sequence[tuple[float, float, str]] = ()  # from, to, signal: no value there ("gpus.0." for all of a GPU's)
    sleep: tuple[float, float] | None = None  # at, for: the machine slept
    thinned: int = 1


def clock(scene: Scene) -> Column:
    return np.arange(1, round(scene.seconds / scene.step) + 1) * scene.step


def ramp(t: Column, *points: tuple[float, float]) -> Column:
    """Go in straight lines through (time, value) points."""
    return np.interp(t, [at for at, _ in points], [value for _, value in points])


def steps(t: Column, *points: tuple[float, float]) -> Column:
    """Hold each value from its time on."""
    times, values = np.array([at for at, _ in points]), np.array([value for _, value in points])
    return values[np.clip(np.searchsorted(times, t, side="right") - 1, 0, None)]


def at_times(t: Column, spans: Sequence[tuple[float, float]], inside: float, outside: float = 0.0) -> Column:
    mask = np.any([(t >= start) & (t < stop) for start, stop in spans], axis=0)
    return np.where(mask, inside, outside)


def resting(machine: Machine) -> dict[str, object]:
    """Give what a machine that rests reports."""
    usable = machine.ram_usable_bytes or 8 * GIB
    return {
        "ram_available_bytes": 0.7 * usable,
        "ram_used_bytes": 0.3 * usable,
        "swap_used_bytes": 0.0,
        "swap_in_bytes_per_s": 0.0,
        "swap_out_bytes_per_s": 0.0,
        **dict.fromkeys(PSI, 0.1),
        "major_faults_per_s": 1.0,
        "refaults_per_s": 0.0,
        "disk_read_bytes_per_s": 2e4,
        "disk_write_bytes_per_s": 9e4,
        "disk_busy_percent": 1.0,
        "disk_free_bytes": 0.4 * (machine.disk_total_bytes or 100 * GB),
        "cpu_used_percent": 3.0,
        "cpu_busiest_core_percent": 9.0,
        "cpu_frequency_hz": 0.5 * (machine.cpu_max_hz or 3e9),
        "cpu_throttled_percent": 0.0,
        "cpu_temperature_celsius": 47.0,
        "thermal_throttle_per_s": 0.0,
        "network_received_bytes_per_s": 40.0,
        "network_sent_bytes_per_s": 20.0,
        "process_resident_bytes": 0.2 * GIB,
        "process_count": 1.0,
        "process_cpu_percent": 2.0,
        "process_read_bytes_per_s": 0.0,
        "process_write_bytes_per_s": 0.0,
        "process_disk_wait_threads": 0.0,
        "process_connections": 0.0,
    }


def gpu_at(used_gib: object, total_gib: float = 12.0, **others: object) -> dict[str, object]:
    """Give what one NVIDIA GPU reports under steady load, unless *others* say otherwise."""
    usual: dict[str, object] = {
        "memory_used_bytes": np.asarray(used_gib) * GIB,
        "memory_total_bytes": total_gib * GIB,
        "utilization_percent": 90.0,
        "power_watts": 150.0,
        "power_limit_watts": 200.0,
        "temperature_celsius": 66.0,
        "sm_clock_hz": 2.4e9,
        "throttled_by_heat": 0.0,
        "throttled_by_power": 0.0,
    }
    return usual | others


def build(scene: Scene) -> Recording:
    t = clock(scene)
    system = load_signals()
    absent = {**_usually_missing(scene.machine), **scene.missing}
    values = {key: value for key, value in (resting(scene.machine) | dict(scene.curves)).items() if key not in absent}
    for number, gpu in enumerate(scene.gpus):
        values |= {f"gpus.{number}.{key}": each for key, each in gpu.items() if f"gpus.{number}.{key}" not in absent}
    random = np.random.default_rng(zlib.crc32(scene.slug.encode()))
    columns = {key: _shaken(key.split(".")[-1], value, t, random) for key, value in values.items() if value is not None}
    if scene.machine.ram_usable_bytes and "ram_used_bytes" in columns:
        columns["ram_used_bytes"] = np.maximum(scene.machine.ram_usable_bytes - columns["ram_available_bytes"], 0.0)
    for start, stop, signal in scene.gaps:
        for key in [key for key in columns if key.startswith(signal)]:
            columns[key][(t >= start) & (t < stop)] = np.nan
    every = -(-t.size // MOST_SAMPLES)
    t, columns = t[every - 1 :: every], {key: column[every - 1 :: every] for key, column in columns.items()}
    jumps: tuple[float, ...] = ()
    if scene.sleep:
        at, lasting = scene.sleep
        t = np.where(t > at, t + lasting, t)
        jumps = (float(t[t > at + lasting][0]),)
    told = {key: Availability(available=True, source="constructed", why_not=None) for key in columns}
    told |= {
        key: Availability(available=False, source=None, why_not=why)
        for key, why in absent.items()
        if key.split(".")[-1] in system
    }
    header = Header(
        name=scene.slug,
        label=scene.label,
        started_at=STARTED,
        interval_s=0.1 if scene.thinned > 1 else scene.step * every,
        inventory_digest=None,
        machine=scene.machine,
        signals=told,
        note=f"Constructed: {scene.note}",
    )
    return Recording(
        header=header,
        t_s=t,
        columns=columns,
        marks=tuple(Mark(t_s=at, label=label) for at, label in scene.marks),
        end=scene.end,
        thinned=scene.thinned,
        clock_jumps=jumps,
    )


def _usually_missing(machine: Machine) -> Mapping[str, str]:
    return MISSING[machine.os] if machine.os in MISSING else MISSING[machine.virtualization]


def _shaken(signal: str, value: object, t: Column, random: np.random.Generator) -> Column:
    """Shake a curve as measured ones are; totals, limits and flags stand still."""
    column = np.broadcast_to(np.asarray(value, dtype=float), t.shape).copy()
    if signal.startswith("throttled") or signal.endswith(("_total_bytes", "_limit_watts", "_count", "_connections")):
        return column
    spread = 0.005 if signal.endswith(("_bytes", "_hz", "_celsius")) else 0.05
    shaken = column * random.normal(1.0, spread, t.size)
    return (
        np.clip(shaken, 0.0, 100.0)
        if signal.endswith("_percent") and signal != "process_cpu_percent"
        else np.maximum(shaken, 0.0)
    )


def write(scene: Scene, folder: Path) -> Path:
    path = folder / f"{scene.slug}{SUFFIX}"
    path.write_bytes(b"".join(lines(build(scene))))
    return path
