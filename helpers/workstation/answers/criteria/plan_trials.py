"""Judge what a plan does over half-years: calm ones, one bad week, its bottleneck week after week, and others."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from workstation.answers.criteria.constraints import constraint_names
from workstation.answers.criteria.plan_checkpoints import RENTS, judge_cloud, plan_of, reading_of, steps_of
from workstation.answers.criteria.recommendation import first_bottleneck
from workstation.answers.criteria.text import quote
from workstation.answers.criteria.verdict import Verdict, decide, met, not_attempted, not_met, review
from workstation.catalog import load_catalog
from workstation.catalog._planning import load_planning_words
from workstation.planning import (
    Comparison,
    Condition,
    History,
    Plan,
    Step,
    Taken,
    Trials,
    parse_rule,
    print_step,
    steps_over,
    trials,
)

__all__ = ["judge_other", "judge_quiet", "judge_rare", "judge_repeated", "judge_spike"]

Fields = tuple[str, ...]  # the four fields of a plan, in order
MACHINES = frozenset({"desktop", "server"})
BOUGHT = MACHINES | {"upgrade"}
GRAPHICS = "vram"
RARE_CLOUD = "Let the Cloud line rent from the first such job on, in the week in which it comes."
LATER = ("one-month", "repeated")
VRAM_ALONE = "Let a desktop or more VRAM follow from VRAM figures alone."
SPAN = "Let every rule that buys something hold for two weeks or more in a row."
AIM = "Aim the rule, and its step, at the bottleneck that your paragraph names."
_LONGEST = 300  # characters of the figures that a reason repeats
_OPEN_MEMORY = "oom_events"  # the kernel's or the card's
_UNTRIED = frozenset({GRAPHICS, "power-expansion", "workload-scale"})  # where a GPU or a desktop may be right


class Tried(NamedTuple):
    """A verdict, and the ids of the checkpoints whose words decided."""

    verdict: Verdict
    deciding: tuple[str, ...] = ()


class _Buys(NamedTuple):
    """A purchase, and the half-year in which it was made."""

    history: History
    taken: Taken


def judge_quiet(fields: Fields, _recommendation: str, seed: str | None) -> Tried:
    """Judge that nothing is bought where nothing hurts."""
    return _judge_calm(fields, trials(seed).quiet, "nothing hurts", "Keep for now, and raise the threshold.")


def judge_spike(fields: Fields, _recommendation: str, seed: str | None) -> Tried:
    """Judge that one bad week does not buy."""
    return _judge_calm(fields, trials(seed).spikes, "only one week hurts", SPAN)


def _judge_calm(fields: Fields, calm: Sequence[History], what: str, advice: str) -> Tried:
    plan = plan_of(fields)
    bought = next(_purchases(plan, calm), None)
    if bought is not None:
        return _decided(bought.taken, not_met(f"{_told(bought.taken, bought.history)}, where {what}.", advice))
    passed = met(f"In {len(calm)} half-years in which {what}, the plan buys nothing.")
    return Tried(_untried(plan) or passed, LATER)


def judge_repeated(fields: Fields, recommendation: str, seed: str | None) -> Tried:
    """Judge that the plan acts where the named bottleneck comes back."""
    plan, drawn = plan_of(fields), trials(seed)
    untried = _untried(plan)
    if untried is not None and all(reading.kind != "blank" for reading in (plan.one_month, plan.repeated)):
        untried = untried if untried.outcome == "needs review" else not_met(untried.reason, AIM)
    named = first_bottleneck(recommendation) or _named_by(plan)
    histories = [each for constraint in sorted(named) for each in drawn.repeated.get(constraint, ())]
    acts = _acts(plan, named, histories)
    if acts is not None and (untried is None or untried.outcome == "needs review"):
        return acts
    if untried is not None:
        return Tried(untried, LATER)
    if not named:
        return Tried(review("Neither the paragraph nor the rule for the repeated bottleneck names a bottleneck"), LATER)
    return _idle(plan, named, histories) if histories else Tried(_unseen(plan, named, drawn), LATER)


def _acts(plan: Plan, named: frozenset[str], histories: Sequence[History]) -> Tried | None:
    """Find the first act on the bottleneck; a bare upgrade whose aim is not clear is for a person."""
    doubt = None
    for history in histories:
        for taken in steps_over(plan, history):
            if _lifts(taken, named):
                said = f"{_told(taken, history)}, and that acts on {constraint_names(named)}."
                return _decided(taken, met(said))
            if taken.step.decision == "upgrade" and _target(taken) is None:
                doubt = _decided(taken, review(f"{_told(taken, history)}, which names no part"))
    return doubt


def _idle(plan: Plan, named: frozenset[str], histories: Sequence[History]) -> Tried:
    """Say what the plan did instead, or that it did nothing."""
    name = constraint_names(named)
    for history in histories:
        moves = [each for each in steps_over(plan, history) if each.step.decision != "keep"]
        if moves:
            return _decided(moves[0], not_met(f"{_told(moves[0], history)}, and that does not lift {name}.", AIM))
    last = histories[-1]
    weeks = f"{last.last_week} weeks"
    return Tried(not_met(f"{name} hurts in “{last.name}”, and the plan does nothing about it in {weeks}.", AIM), LATER)


def _unseen(plan: Plan, named: frozenset[str], drawn: Trials) -> Verdict:
    """Judge a bottleneck that no weekly figure shows: whether a plan acts on it cannot be tried."""
    every = [each for group in drawn.repeated.values() for each in group]
    acts = any(taken.step.decision != "keep" for history in every for taken in steps_over(plan, history))
    if not acts:
        return not_met("Whatever comes back, the plan keeps everything as it is.", AIM)
    return review(
        f"No weekly figure shows {constraint_names(named)}, so it cannot be tried whether the plan acts on it"
    )


def judge_rare(fields: Fields, _recommendation: str, seed: str | None) -> Tried:
    """Judge that a job now and then that is too large goes to the cloud."""
    plan, drawn = plan_of(fields), trials(seed)
    for history in drawn.rare:
        rented = next((each for each in steps_over(plan, history) if each.step.decision in RENTS), None)
        if rented is not None:
            return _decided(rented, met(f"{_told(rented, history)}."))
    name = drawn.rare[0].name
    never = not_met(f"In “{name}” a job is too large about once a month, and the plan never rents.", RARE_CLOUD)
    doubt = review("The Cloud line may rent, but it could not be tried when")
    blank = not_attempted("The Cloud line is blank, and nothing else rents.", RARE_CLOUD)
    unread = judge_cloud(fields[3]).outcome == "needs review" or any(part.decision in RENTS for part in _cloud(fields))
    verdict = decide(
        (plan.cloud.kind == "blank", blank), (unread and plan.cloud.kind != "rule", doubt), otherwise=never
    )
    return Tried(verdict, ("cloud",))


def judge_other(fields: Fields, recommendation: str, seed: str | None) -> Tried:
    """Judge that no GPU is bought where something else hurts."""
    plan, doubt = plan_of(fields), None
    named = first_bottleneck(recommendation) or _named_by(plan)
    groups = {each: found for each, found in trials(seed).repeated.items() if each not in _UNTRIED}
    for constraint, histories in groups.items():
        for bought in _purchases(plan, histories):
            own = constraint in named and _lifts(bought.taken, frozenset({constraint}))
            if own or not _is_graphics(bought.taken):
                continue
            what = f"{_told(bought.taken, bought.history)}, where {constraint_names(frozenset({constraint}))} hurts"
            if _metrics_of(bought.taken) != {_OPEN_MEMORY}:
                return _decided(bought.taken, not_met(f"{what}.", VRAM_ALONE))
            doubt = _decided(bought.taken, review(f"{what}; out-of-memory events may be the card's own"))
    return doubt or Tried(_untried(plan) or met("Where something else hurts, the plan buys no GPU."), LATER)


def _decided(taken: Taken, verdict: Verdict) -> Tried:
    return Tried(verdict, (taken.checkpoint,))


def _cloud(fields: Fields) -> Iterator[Step]:
    return steps_of(reading_of(fields[3]))


def _is_graphics(taken: Taken) -> bool:
    return taken.step.decision == "desktop" or _target(taken) == GRAPHICS


def _purchases(plan: Plan, histories: Iterable[History]) -> Iterator[_Buys]:
    for history in histories:
        bought = (taken for taken in steps_over(plan, history) if taken.step.decision in BOUGHT)
        yield from (_Buys(history, taken) for taken in bought)


def _untried(plan: Plan) -> Verdict | None:
    """Judge silence: checkpoints without a rule show nothing of what the plan would do."""
    later = (plan.one_month, plan.repeated)
    unread = next((quote(reading.text) for reading in later if reading.kind == "unparsed"), "")
    doubt = review(f"{unread} holds a threshold, but no rule that can be read, so it could not be tried")
    silent = not_attempted("Neither later checkpoint holds a rule, so there is nothing to try.")
    if unread:
        return doubt
    return None if any(reading.kind == "rule" for reading in later) else silent


def _named_by(plan: Plan) -> frozenset[str]:
    """Read the bottleneck that the rule for the repeated one is aimed at, in its decision or its `otherwise`."""
    for rule in plan.repeated.rules:
        for step in (rule.then, rule.otherwise):
            found = _aim(step, rule.condition) if step is not None else None
            if found:
                return found
    conditions = [_constraints_of(rule.condition) for rule in plan.repeated.rules]
    steps = list(steps_of(plan.repeated))
    if conditions and all(step.decision == "keep" for step in steps):
        return conditions[0]
    return frozenset(step.target for step in steps if step.target)


def _aim(step: Step, condition: Condition) -> frozenset[str] | None:
    """Give what a step is aimed at: its target, or what its rule looks at where the step lifts that."""
    watched = _constraints_of(condition)
    for part in step.parts:
        if part.target:
            return frozenset({part.target})
        if part.decision in MACHINES:
            return _lifted(part) & watched or frozenset({"vram" if part.decision == "desktop" else "operations"})
        if part.decision in {*RENTS, "upgrade"} and watched:
            return watched
    return None


def _constraints_of(condition: Condition) -> frozenset[str]:
    """Give the constraints whose figures a condition looks at."""
    known = load_catalog().metrics
    found = (known[metric].constraint for metric in _metrics(condition))
    return frozenset(each for each in found if each)


def _metrics(condition: Condition) -> Iterator[str]:
    stack = [condition]
    while stack:
        part = stack.pop()
        if isinstance(part, Comparison):
            yield part.metric
        else:
            stack.extend(part.parts)


def _metrics_of(taken: Taken) -> set[str]:
    return set(_metrics(parse_rule(taken.rule).condition)) if taken.rule else set()


def _target(taken: Taken) -> str | None:
    """Give what an upgrade is aimed at; a bare one at the only constraint that its rule looks at."""
    if taken.step.decision != "upgrade" or taken.step.target:
        return taken.step.target
    watched = _constraints_of(parse_rule(taken.rule).condition) if taken.rule else frozenset()
    return next(iter(watched)) if len(watched) == 1 else None


def _lifts(taken: Taken, named: frozenset[str]) -> bool:
    """Tell whether a step acts on a bottleneck: that upgrade, a machine that lifts it, or moving the work."""
    if taken.step.decision in RENTS:
        return True
    return _target(taken) in named or bool(_lifted(taken.step) & named)


def _lifted(step: Step) -> frozenset[str]:
    return frozenset(load_planning_words().lifts[step.decision])


def _told(taken: Taken, history: History) -> str:
    """Say what a plan does, in which week of which half-year, and which figures made it."""
    when = "at once" if taken.week == 0 else f"in week {taken.week}"
    why = f" ({taken.because[:_LONGEST]})" if taken.week else ""
    return f"In “{history.name}” the plan does “{print_step(taken.step)}” {when}{why}"
