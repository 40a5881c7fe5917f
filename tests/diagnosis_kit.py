"""Labelled recordings, and what the diagnosis makes of them: a confusion matrix for tests and the benchmark."""

import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np

from workstation.catalog._diagnosis import load_diagnosis_rules
from workstation.diagnosis import Finding, diagnose
from workstation.recording import SUFFIX, load_recording
from workstation.recording.model import Availability, Header, Machine, Recording

RECORDINGS = Path(__file__).parent / "recordings"
VERDICTS = ("bottleneck", "watch", "undetermined", "clear")
LAST, TUNED = "last12", "tuned"
GIB, MIB = 2**30, 2**20
MACHINE = Machine(
    os="Linux",
    virtualization="none",
    ram_usable_bytes=16 * GIB,
    ram_limit_bytes=None,
    swap_total_bytes=4 * GIB,
    swap_kind="disk",
    logical_cores=8,
    cpu_max_hz=4.2e9,
    disk_total_bytes=500 * 10**9,
    disk_medium="nvme",
    link_mbps=1000,
    gpus=(),
    unified_memory=False,
)
RESTING = {
    "ram_available_bytes": 11.0 * GIB,
    "swap_used_bytes": 0.0,
    "swap_in_bytes_per_s": 0.0,
    "swap_out_bytes_per_s": 0.0,
    "memory_stall_some_percent": 0.0,
    "memory_stall_full_percent": 0.0,
    "io_stall_some_percent": 0.0,
    "io_stall_full_percent": 0.0,
    "cpu_stall_some_percent": 0.0,
    "major_faults_per_s": 0.0,
    "refaults_per_s": 0.0,
    "disk_read_bytes_per_s": 0.0,
    "disk_write_bytes_per_s": 0.0,
    "disk_busy_percent": 0.0,
    "disk_free_bytes": 2e11,
    "cpu_used_percent": 3.0,
    "cpu_busiest_core_percent": 9.0,
    "cpu_frequency_hz": 2e9,
    "cpu_temperature_celsius": 45.0,
    "network_received_bytes_per_s": 0.0,
    "network_sent_bytes_per_s": 0.0,
    "process_cpu_percent": 5.0,
    "process_disk_wait_threads": 0.0,
    "process_connections": 0.0,
    "process_resident_bytes": 0.5 * GIB,
    "process_read_bytes_per_s": 0.0,
    "process_write_bytes_per_s": 0.0,
}

GPU = {
    "gpus.0.memory_used_bytes": 6.0 * GIB,
    "gpus.0.memory_total_bytes": 12.0 * GIB,
    "gpus.0.utilization_percent": 99.0,
    "gpus.0.power_watts": 150.0,
    "gpus.0.power_limit_watts": 200.0,
    "gpus.0.temperature_celsius": 65.0,
    "gpus.0.sm_clock_hz": 2.4e9,
    "gpus.0.throttled_by_heat": 0.0,
    "gpus.0.throttled_by_power": 0.0,
}


def during(start_s: float, stop_s: float, inside: float, outside: float = 0.0, *, seconds: float = 60.0) -> np.ndarray:
    """A column at 10 Hz that is *inside* between two times."""
    t = np.arange(1, round(seconds * 10) + 1) / 10
    return np.where((t >= start_s) & (t < stop_s), inside, outside)


THRASHING = {
    "ram_available_bytes": during(20, 61, 0.4 * GIB, 9 * GIB),
    "memory_stall_full_percent": during(20, 61, 40),
    "memory_stall_some_percent": during(20, 61, 60),
    "swap_in_bytes_per_s": during(20, 61, 60 * MIB),
    "swap_out_bytes_per_s": during(20, 61, 30 * MIB),
    "disk_read_bytes_per_s": during(20, 61, 64 * MIB),
    "disk_write_bytes_per_s": during(20, 61, 31 * MIB),
    "disk_busy_percent": during(20, 61, 99),
    "io_stall_full_percent": during(20, 61, 45),
    "io_stall_some_percent": during(20, 61, 80),
    "process_disk_wait_threads": during(20, 61, 1),
}


def recording(
    columns: Mapping[str, object] | None = None,
    *,
    seconds: float = 60.0,
    missing: Mapping[str, str] | None = None,
    end=None,
    marks=(),
    **machine,
) -> Recording:
    """A recording at 10 Hz of a machine that rests, but for *columns*; `None` as a column leaves it out."""
    values = {
        name: value
        for name, value in (RESTING | dict(columns or {})).items()
        if value is not None and name not in (missing or {})
    }
    t = np.arange(1, round(seconds * 10) + 1) / 10
    told = {name: Availability(available=True, source="test", why_not=None) for name in values}
    told |= {name: Availability(available=False, source=None, why_not=why) for name, why in (missing or {}).items()}
    header = Header(
        name="job",
        label="python job.py",
        started_at="2026-11-23T20:00:00+00:00",
        interval_s=0.1,
        inventory_digest=None,
        machine=replace(MACHINE, **machine),
        signals=told,
    )
    shaped = {name: np.broadcast_to(np.asarray(value, dtype=float), t.shape).copy() for name, value in values.items()}
    return Recording(header=header, t_s=t, columns=shaped, end=end, marks=tuple(marks))


def verdicts(judged: Recording) -> dict[str, str]:
    """The verdict of each kind of finding."""
    return {finding.kind: finding.verdict for finding in diagnose(judged)}


def finding(judged: Recording, kind: str) -> Finding:
    """The finding of one kind."""
    return next(each for each in diagnose(judged) if each.kind == kind)


@dataclass(frozen=True, kw_only=True)
class Labelled:
    """One recording with the verdict that is right for each kind of finding."""

    slug: str
    source: str
    set: str
    right: Mapping[str, str]

    @property
    def path(self) -> Path:
        """Where its recording lies."""
        return RECORDINGS / f"{self.slug}{SUFFIX}"


@cache
def labelled() -> tuple[Labelled, ...]:
    document = tomllib.loads((RECORDINGS / "labels.toml").read_text("utf-8"))
    return tuple(_labelled(entry) for entry in document["recording"])


def _labelled(entry: dict) -> Labelled:
    right = dict.fromkeys(load_diagnosis_rules().kinds, "clear")
    for verdict in VERDICTS:
        right |= dict.fromkeys(entry.get(verdict, []), verdict)
    return Labelled(slug=entry["slug"], source=entry["source"], set=entry["set"], right=right)


@cache
def found(slug: str) -> Mapping[str, Finding]:
    """Diagnose one labelled recording; the finding of each kind."""
    return {each.kind: each for each in diagnose(load_recording(RECORDINGS / f"{slug}{SUFFIX}"))}


def matrix(chosen: Iterable[Labelled]) -> Counter[tuple[str, str]]:
    """Count (right, found) over every kind of finding in every recording."""
    return Counter((right, found(each.slug)[kind].verdict) for each in chosen for kind, right in each.right.items())


def agreement(counts: Counter[tuple[str, str]]) -> float:
    """Give the share of verdicts that are as labelled."""
    return sum(number for (right, said), number in counts.items() if right == said) / max(counts.total(), 1)


def precision(counts: Counter[tuple[str, str]]) -> float:
    """Give the share of named bottlenecks that are labelled so."""
    named = sum(number for (_, said), number in counts.items() if said == "bottleneck")
    return counts["bottleneck", "bottleneck"] / max(named, 1)


def recall(counts: Counter[tuple[str, str]]) -> float:
    """Give the share of labelled bottlenecks that are named."""
    there = sum(number for (right, _), number in counts.items() if right == "bottleneck")
    return counts["bottleneck", "bottleneck"] / max(there, 1)


def table(title: str, chosen: Iterable[Labelled]) -> str:
    """Write the confusion matrix of some recordings as text."""
    recordings = list(chosen)
    counts = matrix(recordings)
    lines = [
        f"{title}: {len(recordings)} recordings, {counts.total()} verdicts",
        f"{'right, found:':14}" + "".join(f"{each:>14}" for each in VERDICTS),
    ]
    lines += [f"{right:14}" + "".join(f"{counts[right, said]:>14}" for said in VERDICTS) for right in VERDICTS]
    named = f"bottlenecks: precision {precision(counts):.1%}, recall {recall(counts):.1%}"
    return "\n".join([*lines, f"agreement {agreement(counts):.1%}, {named}"])


def wrong(chosen: Iterable[Labelled]) -> list[str]:
    """Name every verdict that is not as labelled."""
    return [
        f"{each.slug}: {kind} should be {right}, found {finding.verdict} ({finding.rule}): {finding.statement}"
        for each in chosen
        for kind, right in each.right.items()
        if (finding := found(each.slug)[kind]).verdict != right
    ]
