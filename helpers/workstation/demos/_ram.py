"""``ram``: memory filling up step by step, down to the floor, and what the machine does meanwhile."""

from collections.abc import Sequence

from workstation.demos._budget import memory_budget, pace
from workstation.demos._columns import column, first, highest, last, lowest
from workstation.demos._fill import Held
from workstation.demos._guard import Guard
from workstation.demos._planning import make_plan
from workstation.demos._words import rules
from workstation.demos.model import ANSWER, Conclusion, Ending, Plan, Request, Sampled, Snapshot
from workstation.units import GIB, MIB, format_memory

_WORTH_TELLING_BYTES = 16 * MIB


def plan(snapshot: Snapshot, request: Request) -> Plan:
    """Decide how much to take."""
    budget = memory_budget(snapshot, request.limit_bytes)
    return make_plan("ram", snapshot, request, budget=budget, pace=pace(budget.ceiling_bytes, request), figures={})


def work(plan: Plan, guard: Guard) -> Ending:
    """Take memory in steps, hold it, give it back; runs in the child."""
    held = Held()
    try:
        by = grow(plan, guard, held) or guard.pause_until(guard.t_s + rules().hold_seconds) or "ceiling"
        _report(guard, held)
    finally:
        held.give_back()
    return Ending(by=by)


def grow(plan: Plan, guard: Guard, held: Held) -> str | None:
    """Take step after step up to the ceiling; name the limit that came before it, or `None`."""
    while held.held_bytes < plan.ceiling_bytes:
        step = min(plan.step_bytes, plan.ceiling_bytes - held.held_bytes)
        due = plan.grow_seconds * held.held_bytes / plan.ceiling_bytes
        met = guard.pause_until(due) or guard.blocked(step)
        if met is not None:
            return met
        held.take(step)
        _report(guard, held, now=False)
    return None


def _report(guard: Guard, held: Held, *, now: bool = True) -> None:
    before, seen = guard.first.available_bytes, guard.last.available_bytes
    fallen = (before or 0) - (seen or 0)
    guard.sample({"held_bytes": held.held_bytes, ANSWER: round(max(0, fallen) / GIB, 3)}, now=now)


def conclude(plan: Plan, samples: Sequence[Sampled], ending: Ending) -> Conclusion:
    """Say by how much available memory fell, and what gave way."""
    del ending
    available = column(samples, "ram_available_bytes")
    if not available:
        return Conclusion(measured=None, verdict="It ended before anything could be measured.")
    fallen = max(0, available[0] - min(available))
    held = highest(samples, "process_resident_bytes") or 0
    lead = (
        f"The child held {format_memory(round(held))} and available memory fell by {format_memory(round(fallen))}, "
        f"to {format_memory(round(min(available)))}; the floor is {format_memory(plan.floor_bytes)}."
    )
    return Conclusion(measured=round(fallen / GIB, 3), verdict=" ".join([lead, *_given_way(samples)]))


def _given_way(samples: Sequence[Sampled]) -> list[str]:
    found = []
    cache_before, cache_after = first(samples, "cache_bytes"), lowest(samples, "cache_bytes")
    if cache_before is not None and cache_after is not None:
        dropped = cache_before - cache_after
        found.append(
            f"Meanwhile the file cache shrank by {format_memory(round(dropped))}: where free memory runs out, cached "
            "files make room first."
            if dropped >= _WORTH_TELLING_BYTES
            else "There was free memory enough: cached files stayed where they were."
        )
    stall = highest(samples, "memory_stall_full_percent")
    if stall is not None:
        found.append(f"At worst, all work waited for memory for {stall:.1f} % of a second.")
    else:
        found.append("This system does not tell how long work waited for memory.")
    if (last(samples, "swap_out_bytes_per_s") or 0) > MIB:
        found.append("It had begun to write memory to swap.")
    return found
