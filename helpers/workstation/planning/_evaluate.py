"""Decide whether a condition holds in a week, and say so when a missing figure leaves it open."""

from collections.abc import Sequence

from workstation.planning.model import Comparison, Condition, History, Rule, Week

__all__ = ["holds", "looked_at", "missing_in", "state"]

_DECIDES = {
    ">=": lambda value, threshold: value >= threshold,
    "<=": lambda value, threshold: value <= threshold,
    ">": lambda value, threshold: value > threshold,
    "<": lambda value, threshold: value < threshold,
    "=": lambda value, threshold: value == threshold,
}


def holds(condition: Condition, week: Week) -> bool | None:
    """Tell whether a condition holds in one week; `None` where a missing figure would decide it.

    Kleene's logic: one true part decides an `or`, one false part an `and`, whatever is missing beside it.
    """
    if isinstance(condition, Comparison):
        value = week.value(condition.metric)
        return None if value is None else bool(_DECIDES[condition.sign](value, condition.threshold))
    parts = [holds(part, week) for part in condition.parts]
    decisive = condition.joint == "or"
    if decisive in parts:
        return decisive
    return None if None in parts else not decisive


def state(rule: Rule, history: History, number: int) -> bool | None:
    """Tell whether a rule fires at the end of a week: its condition held in this week and the ones before it.

    A week that was not logged breaks no row and makes none: the answer is then `None`, not told.
    """
    first = number - rule.weeks + 1
    if first < 1:
        return False
    found = [holds(rule.condition, history.week(each)) for each in range(first, number + 1)]
    if False in found:
        return False
    return None if None in found else True


def looked_at(condition: Condition) -> tuple[str, ...]:
    """List the metrics that a condition looks at, in order, each once."""
    if isinstance(condition, Comparison):
        return (condition.metric,)
    return tuple(dict.fromkeys(metric for part in condition.parts for metric in looked_at(part)))


def missing_in(rule: Rule, history: History, number: int) -> list[tuple[int, str]]:
    """List the weeks and metrics that a rule wanted at the end of a week and that are not there."""
    weeks: Sequence[int] = range(max(1, number - rule.weeks + 1), number + 1)
    wanted = looked_at(rule.condition)
    return [(each, metric) for each in weeks for metric in wanted if history.week(each).value(metric) is None]
