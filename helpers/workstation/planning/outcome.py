"""What a plan did over a history: its steps and when, judged against what was right, with the weeks that hurt."""

from dataclasses import dataclass
from typing import Literal

from workstation.planning.model import CheckpointId, Step

__all__ = ["Outcome", "Series", "Taken", "Verdict"]

Verdict = Literal["right in time", "early", "late", "overbought", "underbought", "wrong step", "not judged"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A step that the plan took, when, and which words and figures made it do so."""

    week: int  # 0: before the first week
    checkpoint: CheckpointId
    step: Step
    rule: str | None  # as `print_rule` writes it; None for a plain decision
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One metric's weeks for a chart, with the thresholds that the plan's rules name."""

    metric: str
    name: str
    unit: str
    weeks: tuple[int, ...]
    values: tuple[float | None, ...]
    thresholds: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The result of `simulate`.

    `painful_weeks` hurt in the history; `suffered_weeks` are those of them that the plan's steps did not spare.
    `gaps` are sentences about figures that were missing where a rule needed them: such a rule did not fire, and
    whether it would have is not known.
    """

    history: str
    taken: tuple[Taken, ...]
    verdict: Verdict
    explanation: str
    painful_weeks: tuple[int, ...]
    suffered_weeks: tuple[int, ...]
    gaps: tuple[str, ...]
    notes: tuple[str, ...]
    series: tuple[Series, ...]
    weeks: int

    @property
    def purchases(self) -> tuple[Taken, ...]:
        """The steps that spend money on hardware."""
        return tuple(each for each in self.taken if each.step.decision in {"upgrade", "desktop", "server"})

    @property
    def is_certain(self) -> bool:
        """Tell whether no missing figure left a rule open."""
        return not self.gaps
