"""Put a plan together from words, a budget and a pace. Pure."""

from collections.abc import Mapping
from types import MappingProxyType

from workstation.demos._budget import Budget, Pace
from workstation.demos._words import stops, words
from workstation.demos.model import Json, Plan, Question, Request, Snapshot
from workstation.units import format_memory

GRADING = "nbgrader is running this notebook: a recorded run is played, and nothing is measured."
ASKED = "You asked for the recorded run."
INSTEAD = "A recorded run is played instead."


def make_plan(
    name: str,
    snapshot: Snapshot,
    request: Request,
    *,
    budget: Budget,
    pace: Pace,
    figures: Mapping[str, str],
    settings: Mapping[str, Json] | None = None,
    stand_in: str | None = None,
) -> Plan:
    """Fill in the words; *figures* are what their braces stand for."""
    text, fill = words(name), {**_spoken(budget, pace), **figures}
    why_replay = _why_replay(snapshot, request, budget)
    return Plan(
        name=name,
        title=text.name,
        mode="replay" if why_replay else "live",
        why_replay=why_replay,
        stand_in=stand_in,
        mechanism=text.mechanism.format(**fill),
        takes=text.takes.format(**fill),
        stops=_stops(budget, fill),
        notes=budget.notes,
        question=Question(id=f"demo-{name.replace('_', '-')}", text=text.question.format(**fill), unit=text.unit),
        limits=text.limits,
        lines=text.lines,
        ceiling_bytes=budget.ceiling_bytes,
        floor_bytes=budget.floor_bytes,
        step_bytes=pace.step_bytes,
        grow_seconds=pace.grow_seconds,
        seconds=pace.seconds,
        settings=MappingProxyType(dict(settings or {})),
    )


def _spoken(budget: Budget, pace: Pace) -> dict[str, str]:
    return {
        "ceiling": format_memory(budget.ceiling_bytes),
        "step": format_memory(pace.step_bytes),
        "grow": f"{pace.grow_seconds:.0f}",
        "seconds": f"{pace.seconds:.0f}",
        "floor": format_memory(budget.floor_bytes),
    }


def _why_replay(snapshot: Snapshot, request: Request, budget: Budget) -> str | None:
    if snapshot.grading:
        return GRADING
    if request.replay:
        return ASKED
    return f"{budget.refusal} {INSTEAD}" if budget.refusal else None


def _stops(budget: Budget, fill: Mapping[str, str]) -> tuple[str, ...]:
    kinds = ["floor", "pressure", "time"] if budget.floor_bytes is not None else ["time"]
    return tuple(stops()[kind].format(**fill) for kind in kinds)
