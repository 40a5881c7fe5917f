"""Labelled recordings, and what the diagnosis makes of them: a confusion matrix for tests and the benchmark."""

import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from workstation.catalog._diagnosis import load_diagnosis_rules
from workstation.diagnosis import Finding, diagnose
from workstation.recording import SUFFIX, load_recording

RECORDINGS = Path(__file__).parent / "recordings"
VERDICTS = ("bottleneck", "watch", "undetermined", "clear")
LAST, TUNED = "last12", "tuned"


@dataclass(frozen=True, kw_only=True)
class Labelled:
    """One recording with the verdict that is right for each kind of finding."""

    slug: str
    source: str
    set: str
    right: Mapping[str, str]

    @property
    def path(self) -> Path:
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
    lines = [f"{title}: {len(recordings)} recordings, {counts.total()} verdicts", f"{'right, found:':14}" + "".join(f"{each:>14}" for each in VERDICTS)]
    lines += [f"{right:14}" + "".join(f"{counts[right, said]:>14}" for said in VERDICTS) for right in VERDICTS]
    figures = f"agreement {agreement(counts):.1%}, bottlenecks: precision {precision(counts):.1%}, recall {recall(counts):.1%}"
    return "\n".join([*lines, figures])


def wrong(chosen: Iterable[Labelled]) -> list[str]:
    """Name every verdict that is not as labelled."""
    return [
        f"{each.slug}: {kind} should be {right}, found {finding.verdict} ({finding.rule}): {finding.statement}"
        for each in chosen
        for kind, right in each.right.items()
        if (finding := found(each.slug)[kind]).verdict != right
    ]
