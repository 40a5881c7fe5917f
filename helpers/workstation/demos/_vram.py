"""``vram``: one model fits, one fits with a shorter context, one does not fit; on a card, or on a stand-in for one."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from workstation.demos._budget import card_budget, lower, memory_budget, pace
from workstation.demos._columns import column
from workstation.demos._cuda import CardError, CudaCard
from workstation.demos._fill import Held
from workstation.demos._guard import Guard
from workstation.demos._planning import make_plan
from workstation.demos._wall import build_wall, is_real
from workstation.demos._words import Model, Weights, models
from workstation.demos.model import ANSWER, Card, Conclusion, Ending, Json, Plan, Request, Sampled, Snapshot
from workstation.sizing import kv_cache_bytes
from workstation.units import GIB, KIB, MIB, format_memory

_STAND_IN_CARD_BYTES = 8 * GIB
_STAND_IN_MOST_BYTES = 1 * GIB
_SMALLEST_BYTES = 256 * KIB
_LEAST_CONTEXT = 1024  # what makes a model of any use
_FITS, _SHORTER, _NOT = 1.0, 2.0, 3.0
_REAL = "The driver is asked for the card's memory (cuMemAlloc), and each piece is written to; its refusal is real."
_WALLED = (
    "A child process has {arena} under a hard limit; what a card of {card} would hold is drawn at 1 to {scale}, and "
    "the allocations at its wall really fail."
)
_SPILLS = "On Windows the driver may lend main memory when the card is full, so more may seem to fit than does."
_INSTALL = "There is an NVIDIA card, but not the package to reach it: pip install 'home-ai-workstation[gpu]'."


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A model that goes onto the card: its weights, the context it is asked for, what should come of it."""

    model: Model
    weights: Weights
    context_tokens: int
    expected: float

    @property
    def per_token_bytes(self) -> int:
        """What one token's keys and values take."""
        return kv_cache_bytes(self.model.shape, context_tokens=1).likely_bytes

    @property
    def whole_bytes(self) -> int:
        """Weights and the whole context."""
        return self.weights.bytes + self.per_token_bytes * self.context_tokens

    def room_tokens(self, room_bytes: int) -> int:
        """How much of the context goes into *room_bytes* beside the weights."""
        return max(0, min(self.context_tokens, (room_bytes - self.weights.bytes) // self.per_token_bytes))


def cases(room_bytes: int) -> tuple[Case, ...]:
    """Choose a model that fits, one that fits shorter and one that does not, as far as there are such; largest."""
    every = [
        Case(model=model, weights=weights, context_tokens=model.context_tokens, expected=_FITS)
        for model in models()
        for weights in model.weights
    ]
    every.sort(key=lambda case: case.weights.bytes)
    fitting = [case for case in every if case.whole_bytes <= room_bytes]
    shorter = [case for case in every if case not in fitting and case.room_tokens(room_bytes) >= _LEAST_CONTEXT]
    beyond = [case for case in every if case.weights.bytes > room_bytes]
    chosen = [fitting[-1:], [replace(case, expected=_SHORTER) for case in shorter[-1:]]]
    return tuple(case for some in chosen for case in some) + tuple(replace(case, expected=_NOT) for case in beyond[:1])


def plan(snapshot: Snapshot, request: Request) -> Plan:
    """Decide on which card, real or a stand-in, and how much of it."""
    best = max(snapshot.cards, key=lambda card: card.free_bytes, default=None)
    if best is not None and snapshot.cuda_binding and cases(card_budget(best.free_bytes)):
        return _plan_on_card(snapshot, request, best)
    return _plan_stand_in(snapshot, request)


def _plan_on_card(snapshot: Snapshot, request: Request, card: Card) -> Plan:
    room, lowered = lower(card_budget(card.free_bytes), request.limit_bytes, format_memory)
    budget = memory_budget(snapshot, None)
    why = f"Of the {format_memory(card.free_bytes)} that are free on the card, 1 GiB and 15 % stay free."
    notes = (why, *lowered, *((_SPILLS,) if snapshot.system == "Windows" else ()))
    return make_plan(
        "vram", snapshot, request,
        budget=replace(budget, ceiling_bytes=room, notes=notes), pace=pace(room, request),
        figures=_figures(room, card.name, _REAL), settings=_settings(room, scale=1, ordinal=snapshot.cards.index(card)),
    )  # fmt: skip


def _plan_stand_in(snapshot: Snapshot, request: Request) -> Plan:
    wished = _STAND_IN_MOST_BYTES if request.limit_bytes is None else request.limit_bytes
    budget = memory_budget(snapshot, wished)
    if request.limit_bytes is None:
        budget = replace(budget, notes=budget.notes[:1])
    room, scale = card_budget(_STAND_IN_CARD_BYTES), 8
    while room // scale > max(budget.ceiling_bytes, MIB):
        scale *= 2
    arena = room // scale
    walled = _WALLED.format(arena=format_memory(arena), card=format_memory(_STAND_IN_CARD_BYTES), scale=scale)
    why_not = _INSTALL if snapshot.cards and not snapshot.cuda_binding else None
    return make_plan(
        "vram", snapshot, request,
        budget=replace(budget, ceiling_bytes=arena, notes=(*budget.notes, *([why_not] if why_not else []))),
        pace=pace(arena, request),
        figures=_figures(room, "the stand-in for a card", walled),
        settings=_settings(room, scale=scale, ordinal=None),
        stand_in=f"No card's memory can be taken here: main memory stands in for a card of "
        f"{format_memory(_STAND_IN_CARD_BYTES)}, drawn at 1 to {scale}."
        + ("" if is_real(snapshot.system) else " The wall is the child's own counting, too."),
    )  # fmt: skip


def _figures(room_bytes: int, card: str, mechanism: str) -> dict[str, str]:
    asked = question_case(room_bytes)
    return {
        "model": asked.model.name, "quantization": asked.weights.quantization, "budget": format_memory(room_bytes),
        "context": f"{asked.context_tokens:,}", "card": card, "vram_mechanism": mechanism,
    }  # fmt: skip


def _settings(room_bytes: int, *, scale: int, ordinal: int | None) -> dict[str, Json]:
    return {"room_bytes": room_bytes, "scale": scale, "ordinal": ordinal}


def question_case(room_bytes: int) -> Case:
    """Choose what to ask about: the model that fits with a shorter context, where there is one."""
    found = cases(room_bytes)
    return next((case for case in found if case.expected == _SHORTER), found[0])


class _Memory(Protocol):
    """Somewhere to take memory from that refuses with `MemoryError`."""

    def take(self, size_bytes: int) -> None:
        """Take more."""

    def give_back(self) -> None:
        """Give all of it back."""


def work(plan: Plan, guard: Guard) -> Ending:
    """Put one model after the other onto the card; runs in the child."""
    room, ordinal = _whole(plan, "room_bytes"), plan.settings["ordinal"]
    try:
        card = CudaCard(ordinal=ordinal) if isinstance(ordinal, int) else None
        memory: _Memory = card or _walled(plan.ceiling_bytes)
        job = _Job(plan, guard, memory, card)
        for number, case in enumerate(cases(room), 1):
            met = job.load(number, case)
            memory.give_back()
            if met is not None:
                return Ending(by=met)
    except (CardError, RuntimeError) as error:  # the binding raises the latter where it finds no driver
        return Ending(by="problem", detail=f"The card could not be used: {error}.")
    return Ending(by="finished")


def _walled(size_bytes: int) -> Held:
    held = Held()
    held.take_by(build_wall(size_bytes, besides=True).take)
    return held


def _whole(plan: Plan, key: str) -> int:
    value = plan.settings[key]
    return value if isinstance(value, int) else 0


class _Job:
    """Loads models, one at a time, at the plan's pace and scale."""

    def __init__(self, plan: Plan, guard: Guard, memory: _Memory, card: CudaCard | None) -> None:
        self.plan, self.guard, self.memory, self.card = plan, guard, memory, card
        self.scale, self.room = _whole(plan, "scale"), _whole(plan, "room_bytes")
        self.seconds_per_byte = plan.grow_seconds / max(1, sum(min(c.whole_bytes, self.room) for c in cases(self.room)))

    def load(self, number: int, case: Case) -> str | None:
        """Load weights, then the context; name the limit that ended the run, and report what fitted."""
        self.guard.note(f"{case.model.name} in {case.weights.quantization}, {case.context_tokens:,} tokens of context")
        taken, refused, started, most = 0, False, self.guard.t_s, self.plan.step_bytes * self.scale
        while taken < case.whole_bytes and not refused:
            step = min(most, case.whole_bytes - taken)
            if self.card is not None and taken + step > self.room:
                refused = self._ask_for_the_rest(case.whole_bytes - taken)
                break
            met = self.guard.pause_until(started + taken * self.seconds_per_byte) or self.guard.blocked(
                self._host(step)
            )
            if met is not None:
                return met
            try:
                self.memory.take(-(-step // self.scale))
            except MemoryError:
                most //= 2  # closer to the wall in smaller pieces
                refused = most < _SMALLEST_BYTES * self.scale
            else:
                taken += step
                self._report(number, case, taken)
        self._report(number, case, taken, verdict=_verdict(case, taken), refused=refused)
        return None

    def _host(self, step_bytes: int) -> int:
        return 0 if self.card is not None else step_bytes // self.scale

    def _ask_for_the_rest(self, rest_bytes: int) -> bool:
        """At our own limit, ask the driver for more than it has: its refusal takes nothing from anybody."""
        card = self.card
        if card is None or rest_bytes <= card.free_bytes:
            return False
        try:
            card.take(rest_bytes)
        except MemoryError:
            return True
        return False

    def _report(
        self, number: int, case: Case, taken: int, *, verdict: float | None = None, refused: bool | None = None
    ) -> None:
        tokens = max(0, taken - case.weights.bytes) // case.per_token_bytes
        values = {"case": float(number), "taken_bytes": taken, "context_tokens": tokens}
        if case.weights == question_case(self.room).weights and case.model == question_case(self.room).model:
            values[ANSWER] = tokens
        if verdict is not None:
            values |= {f"case_{number}_verdict": verdict, f"case_{number}_tokens": tokens}
        if refused is not None:
            values[f"case_{number}_refused"] = float(refused)
        self.guard.sample(values, now=verdict is not None)


def _verdict(case: Case, taken_bytes: int) -> float:
    if taken_bytes >= case.whole_bytes:
        return _FITS
    return _SHORTER if taken_bytes >= case.weights.bytes + _LEAST_CONTEXT * case.per_token_bytes else _NOT


def conclude(plan: Plan, samples: Sequence[Sampled], ending: Ending) -> Conclusion:
    """Say of each model whether it fitted, and with how much context."""
    sentences = []
    for number, case in enumerate(cases(_whole(plan, "room_bytes")), 1):
        verdict = next(iter(column(samples, f"case_{number}_verdict")), None)
        tokens = next(iter(column(samples, f"case_{number}_tokens")), 0)
        if verdict is not None:
            sentences.append(_sentence(case, verdict, round(tokens)))
    if any(column(samples, f"case_{number}_refused")[-1:] == [1.0] for number in (1, 2, 3)):
        sentences.append("Where it ended, the next piece of memory was really refused, and that was caught.")
    measured = next(iter(column(samples, ANSWER)[::-1]), None) if ending.by == "finished" else None
    if not sentences:
        return Conclusion(measured=None, verdict="It ended before a model was loaded.")
    return Conclusion(measured=measured, verdict=" ".join(sentences))


def _sentence(case: Case, verdict: float, tokens: int) -> str:
    what = f"{case.model.name} in {case.weights.quantization} ({format_memory(case.weights.bytes)})"
    if verdict == _FITS:
        return f"{what} fits with its whole context of {case.context_tokens:,} tokens."
    if verdict == _SHORTER:
        return f"{what} fits shorter: there is room for {tokens:,} of {case.context_tokens:,} tokens."
    return f"{what} does not fit: its weights alone need more than there is."
