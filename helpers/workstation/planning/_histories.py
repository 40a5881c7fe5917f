"""Give the course's histories, and variants of them by an instructor's seed whose labels still hold."""

import math
import random
from collections.abc import Mapping, Sequence
from functools import cache
from types import MappingProxyType
from typing import Any

from workstation.catalog import load_catalog
from workstation.catalog._planning import history_documents, load_planning_words
from workstation.errors import CatalogError, PlanningError
from workstation.planning.model import Act, History, Label, Step, Week

__all__ = ["WEEKS", "histories", "history", "variants", "zone"]

WEEKS = 26
_LATEST_START = 3  # weeks by which a variant may begin later
_JITTER = 0.05  # of a value, at most
_DISK_SCALES = (0.92, 0.96, 1.04, 1.1, 1.2)
_DISK = ("disk_free_gib", "artifact_growth_gib")


@cache
def histories() -> Mapping[str, History]:
    """Load the histories by id, in alphabetical order.

    Raises:
        CatalogError: a file lacks a metric or a week, or its label names a step that does not exist.
    """
    return MappingProxyType({name: _history(name, document) for name, document in history_documents().items()})


def history(name: str) -> History:
    """Give one history by its id.

    Raises:
        PlanningError: there is none of that name; the message lists those there are.
    """
    try:
        return histories()[name]
    except KeyError:
        raise PlanningError(f"There is no history {name!r}. Histories: {', '.join(histories())}.") from None


def variants(seed: int | str, *, each: int = 1) -> tuple[History, ...]:
    """Draw *each* variants of every history, the same ones for the same *seed*.

    A variant begins up to three weeks later, its label with it; its figures differ by up to 5 %, counts by one, disks
    in size, and none crosses from calm to hurting or back (`planning.toml`), so that what was right stays right.
    """
    return tuple(
        _variant(base, random.Random(f"{seed}/{name}/{number}"), f"{name}~{number}")  # noqa: S311 - a draw that must come out again
        for name, base in histories().items()
        for number in range(1, each + 1)
    )


def zone(metric: str, value: float) -> int:
    """Tell calm (0), between (1) and hurting (2) apart."""
    pain = load_planning_words().pains[metric]
    sign = -1 if pain.is_low else 1
    if sign * value <= sign * pain.calm:
        return 0
    return 2 if sign * value >= sign * pain.hurts else 1


def _history(name: str, document: Mapping[str, Any]) -> History:
    figures = document.get("metrics", {})
    _check_figures(name, figures)
    weeks = tuple(
        Week(
            number=number, metrics=MappingProxyType({metric: float(figures[metric][number - 1]) for metric in figures})
        )
        for number in range(1, WEEKS + 1)
    )
    return History(
        id=name,
        name=document["name"],
        story=document["story"],
        weeks=weeks,
        constraint=document.get("constraint"),
        label=_label(name, document["label"]),
    )


def _check_figures(name: str, figures: Mapping[str, Sequence[float]]) -> None:
    wanted = set(load_catalog().metrics)
    if set(figures) != wanted:
        raise CatalogError(f"histories/{name}.toml", name, "metrics", f"wants exactly {', '.join(sorted(wanted))}")
    for metric, values in figures.items():
        if len(values) != WEEKS or not all(math.isfinite(value) and value >= 0 for value in values):
            raise CatalogError(f"histories/{name}.toml", name, metric, f"wants {WEEKS} figures of 0 or more")


def _label(name: str, table: Mapping[str, Any]) -> Label:
    decisions = load_catalog().decisions
    steps = [
        Step(decision=decision, target=target or None)
        for decision, _, target in (s.partition(" ") for s in table["steps"])
    ]
    if any(step.decision not in decisions for step in steps) or any(each not in decisions for each in table["allowed"]):
        raise CatalogError(f"histories/{name}.toml", name, "label", "names a decision that does not exist")
    acts = [Act(step=step, first_week=table["first_week"], last_week=table["last_week"]) for step in steps]
    return Label(acts=tuple(acts), allowed=tuple(table["allowed"]), why=table["why"])


def _variant(base: History, draw: random.Random, name: str) -> History:
    later = draw.randint(0, _LATEST_START)
    scale = _disk_scale(base, draw)
    sources = [draw.choice(base.weeks[:2]) for _ in range(later)] + list(base.weeks[: WEEKS - later])
    weeks = tuple(_redrawn(week, number, draw, scale) for number, week in enumerate(sources, 1))
    return History(
        id=name,
        name=base.name,
        story=base.story,
        weeks=weeks,
        constraint=base.constraint,
        label=_later(base.label, later),
    )


def _disk_scale(base: History, draw: random.Random) -> float:
    """Choose a disk of another size that leaves every week as calm or as tight as it was."""
    fitting = [
        scale
        for scale in _DISK_SCALES
        if all(zone(metric, week.metrics[metric] or 0.0) == zone(metric, (week.metrics[metric] or 0.0) * scale)
               for week in base.weeks for metric in _DISK)
    ]  # fmt: skip
    return draw.choice([1.0, *fitting])


def _redrawn(week: Week, number: int, draw: random.Random, scale: float) -> Week:
    metrics = {metric: _jittered(metric, value or 0.0, draw, scale) for metric, value in week.metrics.items()}
    return Week(number=number, metrics=MappingProxyType(metrics))


def _jittered(metric: str, value: float, draw: random.Random, scale: float) -> float:
    if metric in _DISK:
        return round(value * scale, 1)
    if metric == "disk_free_percent":
        return value
    entry = load_catalog().metrics[metric]
    whole = entry.unit in {"count", "days"}
    new = value + draw.randint(-1, 1) if whole else value * (1 + draw.uniform(-_JITTER, _JITTER))
    highest = load_planning_words().ranges[entry.unit].high
    new = float(new) if whole else round(new, 2)
    return new if 0 <= new <= highest and zone(metric, new) == zone(metric, value) else value


def _later(label: Label | None, weeks: int) -> Label | None:
    if label is None:
        return None
    acts = [
        Act(step=act.step, first_week=act.first_week + weeks, last_week=act.last_week + weeks) for act in label.acts
    ]
    return Label(acts=tuple(acts), allowed=label.allowed, why=label.why)
