"""Draw the half-years that a plan is tried on when it is graded: the course's own, and one a constraint.

The course's histories do not hold every bottleneck, and those they hold begin late. So each constraint also gets a week
that hurts and does not come back, and a half-year in which it hurts from the second week on, once a little and once
badly. In these, every figure of the constraint is high at once, uses too, so that a fair rule fires on whichever it
looks at. All figures are drawn; the same seed draws the same ones, no seed those that are open to everybody.
"""

import math
import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from workstation.catalog import load_catalog
from workstation.catalog._planning import Pain, load_planning_words
from workstation.planning._histories import WEEKS, histories, variants
from workstation.planning.model import History, Week

__all__ = ["Trials", "trials"]

CALM = "nothing-at-all"  # the half-year into which bad weeks are written
SPIKE_WEEK = 4  # the only week in which the one-month rule is looked at too
FIRST_BAD_WEEK = 2
RARE = "workload-scale"
_MEMORY = "memory"  # of figures that VRAM and RAM share
_MEMORIES = frozenset({"ram", "vram"})
_MILD, _BAD = (1.0, 1.15), (1.6, 2.0)  # how far beyond what hurts, as a factor
_FULL_PERCENT = 99.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Trials:
    """Half-years by what they ask of a plan.

    `quiet` never hurt, `spikes` hurt in one week; `repeated` holds, by constraint, those in which it comes back, and
    `rare` those with a job now and then that is too large.
    """

    quiet: tuple[History, ...]
    spikes: tuple[History, ...]
    repeated: Mapping[str, tuple[History, ...]]
    rare: tuple[History, ...]


@lru_cache(maxsize=8)
def trials(seed: str | None = None) -> Trials:
    """Draw the half-years of *seed*; without one, the open histories and the same constructed ones for everybody."""
    known = _by_id(histories().values() if seed is None else variants(seed))
    calm = [each for each in known.values() if each.constraint is None and not _has_spike(each)]
    spikes = [each for each in known.values() if each.constraint is None and _has_spike(each)]
    draw = random.Random(f"{seed or 'open'}/trials")  # noqa: S311 - a draw that must come out again
    repeated: dict[str, tuple[History, ...]] = {}
    for constraint in _hurting():
        base = known[CALM]
        spikes.append(_hurt(base, constraint, (SPIKE_WEEK,), draw, _BAD))
        weeks = tuple(range(FIRST_BAD_WEEK, WEEKS + 1))
        drawn = tuple(_hurt(base, constraint, weeks, draw, how) for how in (_MILD, _BAD))
        repeated[constraint] = (*(each for each in known.values() if each.constraint == constraint), *drawn)
    rare = tuple(each for each in known.values() if each.constraint == RARE)
    return Trials(quiet=tuple(calm), spikes=tuple(spikes), repeated=MappingProxyType(repeated), rare=rare)


def _by_id(found: Iterable[History]) -> dict[str, History]:
    return {each.id.partition("~")[0]: each for each in found}


def _has_spike(history: History) -> bool:
    return history.id.partition("~")[0].startswith("one-")


def _hurting() -> tuple[str, ...]:
    """List the constraints that a week's figures can show."""
    strained = [pain.of for pain in load_planning_words().pains.values() if pain.kind == "strain"]
    return tuple(dict.fromkeys(each for each in strained if each != _MEMORY))


def _hurt(
    base: History, constraint: str, weeks: tuple[int, ...], draw: random.Random, how: tuple[float, float]
) -> History:
    """Write weeks in which a constraint hurts into a calm half-year."""
    name = load_catalog().constraints[constraint].name
    once = len(weeks) == 1
    return History(
        id=f"{'once' if once else 'again'}-{constraint}",
        name=f"{name}: {'one bad week' if once else 'every week from week 2'}",
        story="",
        weeks=tuple(_hurt_week(week, constraint, draw, how) if week.number in weeks else week for week in base.weeks),
        constraint=None if once else constraint,
    )


def _hurt_week(week: Week, constraint: str, draw: random.Random, how: tuple[float, float]) -> Week:
    own = {constraint} | ({_MEMORY} if constraint in _MEMORIES else set())
    bad = {pain.id: _bad(pain, draw.uniform(*how)) for pain in load_planning_words().pains.values() if pain.of in own}
    return Week(number=week.number, metrics=MappingProxyType({**week.metrics, **bad}))


def _bad(pain: Pain, factor: float) -> float:
    """Give a figure that lies *factor* beyond what hurts, inside what the metric can be."""
    unit = load_catalog().metrics[pain.id].unit
    if pain.is_low:
        return round(pain.hurts / factor, 1)
    if unit in {"count", "days"}:
        return float(min(math.ceil(pain.hurts * factor), load_planning_words().ranges[unit].high))
    return round(min(pain.hurts * factor, _FULL_PERCENT) if unit == "percent" else pain.hurts * factor, 1)
