"""What a plan, its rules and a history are: frozen values that readers make and deciders read."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Literal

__all__ = [
    "Act",
    "CheckpointId",
    "Comparison",
    "Condition",
    "Group",
    "History",
    "Label",
    "Plan",
    "Problem",
    "Reading",
    "ReadingKind",
    "Rule",
    "Sign",
    "Step",
    "Week",
]

Sign = Literal[">=", "<=", ">", "<", "="]
CheckpointId = Literal["now", "one-month", "repeated", "cloud"]
ReadingKind = Literal["rule", "decision", "prose", "unparsed", "blank"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """One metric against one number, as it was written: `unit` is `None` where the metric's own was meant."""

    metric: str
    sign: Sign
    number: float
    unit: str | None = None  # "GB", "minutes as hours": see planning.toml
    factor: float = 1.0  # one of the unit, in the metric's own

    @property
    def threshold(self) -> float:
        """The number in the metric's own unit."""
        return self.number * self.factor


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Two or more conditions of which all (`and`) or one (`or`) must hold."""

    joint: Literal["and", "or"]
    parts: tuple["Condition", ...]


Condition = Comparison | Group


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A decision, and for an upgrade the constraint that it is aimed at.

    `also` holds what is done beside it ("RAM and a GPU"); `parts` are all of them, each on its own.
    """

    decision: str
    target: str | None = None
    also: tuple["Step", ...] = ()

    @property
    def parts(self) -> tuple["Step", ...]:
        """This step and those beside it, each alone."""
        return (replace(self, also=()), *self.also) if self.also else (self,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """`if <condition> [for N weeks] then <step> [otherwise <step>]`."""

    condition: Condition
    weeks: int
    then: Step
    otherwise: Step | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Why a text is no rule: a sentence and the characters that it stopped at."""

    message: str
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What one field of a plan says.

    `kind` is ``rule`` where at least one rule was read, ``decision`` for a plain decision, ``unparsed`` where a
    threshold stands in words that are no rule, ``prose`` where no threshold stands at all, and ``blank``.
    """

    text: str
    kind: ReadingKind
    rules: tuple[Rule, ...] = ()
    step: Step | None = None
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The four fields of a staged plan."""

    now: Reading
    one_month: Reading
    repeated: Reading
    cloud: Reading

    def at(self, checkpoint: CheckpointId) -> Reading:
        """Give the field of a checkpoint by its id."""
        reading: Reading = getattr(self, checkpoint.replace("-", "_"))
        return reading


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """One week's figures, by metric id; a metric that is missing or `None` was not measured."""

    number: int  # from 1
    metrics: Mapping[str, float | None]
    name: str | None = None  # "2026-W48", where the week is a real one

    def value(self, metric: str) -> float | None:
        """Give a metric's figure, `None` where there is none."""
        return self.metrics.get(metric)


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """A step that a careful engineer would accept, and the weeks in which it is right in time."""

    step: Step
    first_week: int
    last_week: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """What a careful engineer would have done: acts of which one is enough, or none at all."""

    acts: tuple[Act, ...]
    allowed: tuple[str, ...] = ()  # decisions that do no harm here and are not needed either
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """Weeks of one learner's work, and what was right to do, where that is known."""

    id: str
    name: str
    story: str
    weeks: tuple[Week, ...]
    constraint: str | None = None  # the bottleneck that comes back; None: none does
    label: Label | None = None

    def week(self, number: int) -> Week:
        """Give a week by its number; one that was not logged has no figures."""
        if 0 < number <= len(self.weeks) and self.weeks[number - 1].number == number:  # most histories have no gap
            return self.weeks[number - 1]
        found = (week for week in self.weeks if week.number == number)
        return next(found, None) or Week(number=number, metrics=MappingProxyType({}))

    @property
    def last_week(self) -> int:
        """The number of the last week that was logged; 0 for none."""
        return max((week.number for week in self.weeks), default=0)
