"""``ram_crash``: a process meets its limit and dies, and everything around it lives on."""

from collections.abc import Sequence
from dataclasses import replace

from workstation.demos._budget import memory_budget, pace
from workstation.demos._columns import highest, last
from workstation.demos._fill import Held
from workstation.demos._guard import Guard
from workstation.demos._planning import make_plan
from workstation.demos._wall import STAND_IN, build_wall, is_real, mechanism
from workstation.demos._words import rules
from workstation.demos.model import ANSWER, Conclusion, Ending, Plan, Request, Sampled, Snapshot
from workstation.units import MIB, format_memory

_USUAL_BYTES = 512 * MIB
_BEYOND_PERCENT = 115  # so much over a limit that nobody holds, and the child ends by itself


def plan(snapshot: Snapshot, request: Request) -> Plan:
    """Decide where the limit stands."""
    usual = _USUAL_BYTES if request.limit_bytes is None else request.limit_bytes
    budget = memory_budget(snapshot, usual)
    if request.limit_bytes is None:
        budget = replace(budget, notes=budget.notes[:1])
    wall = max(budget.ceiling_bytes, min(rules().least_live_bytes // 2, usual))
    steps = pace(wall, request)
    return make_plan(
        "ram_crash", snapshot, request, budget=replace(budget, ceiling_bytes=wall), pace=steps,
        figures={"wall": format_memory(wall), "wall_mechanism": mechanism(snapshot.system)},
        settings={"dies": True, "wall_bytes": wall},
        stand_in=None if is_real(snapshot.system) else STAND_IN,
    )  # fmt: skip


def work(plan: Plan, guard: Guard) -> Ending:
    """Take until it is refused, and do nothing about it: that is how a kernel dies. Runs in the child.

    Raises:
        MemoryError: that is the point.
    """
    limit = plan.ceiling_bytes
    held = Held()
    held.take_by(build_wall(limit, besides=False).take)
    guard.sample({"limit_bytes": limit, "held_bytes": 0, ANSWER: 0.0}, now=True)
    while held.held_bytes < limit * _BEYOND_PERCENT // 100:
        met = guard.pause_until(plan.grow_seconds * held.held_bytes / limit) or guard.blocked(plan.step_bytes)
        if met is not None:
            return Ending(by=met)
        held.take(plan.step_bytes)
        guard.sample({"held_bytes": held.held_bytes, ANSWER: round(held.held_bytes / MIB, 1)}, now=True)
    held.give_back()
    return Ending(by="no-wall")


def conclude(plan: Plan, samples: Sequence[Sampled], ending: Ending) -> Conclusion:
    """Say what it held when it died, and who lived."""
    held, resident = last(samples, "held_bytes"), highest(samples, "process_resident_bytes")
    if ending.by != "wall" or held is None:
        return Conclusion(measured=None, verdict="It ended before it met its limit.")
    verdict = (
        f"It died holding {format_memory(round(held))} of its own ({format_memory(round(resident or 0))} with Python "
        f"itself) under a limit of {format_memory(plan.ceiling_bytes)}: the next {format_memory(plan.step_bytes)} were "
        "refused. Everything it held was free again at once, and the program that watched it did not notice but by "
        "being told."
    )
    return Conclusion(measured=round(held / MIB, 1), verdict=verdict)
