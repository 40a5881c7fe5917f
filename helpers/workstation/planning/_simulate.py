"""Walk a history with a plan: what it decides, when, and whether that was right."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from workstation.catalog import load_catalog
from workstation.catalog._planning import load_planning_words
from workstation.planning._evaluate import holds, looked_at, missing_in, state
from workstation.planning._judge import judge, needless_rents
from workstation.planning._pain import painful_weeks, suffered_weeks
from workstation.planning._print import print_rule
from workstation.planning.model import CheckpointId, Comparison, History, Plan, Reading, Rule, Step
from workstation.planning.outcome import Outcome, Series, Taken

__all__ = ["ONE_MONTH_WEEK", "rents_for_large_jobs", "simulate", "steps_over"]

ONE_MONTH_WEEK = 4
RENTS = frozenset({"cloud", "hybrid"})
PURCHASES = frozenset({"upgrade", "desktop", "server"})


@dataclass(slots=True)
class _Walk:
    """What has happened so far on the way through a history."""

    history: History
    taken: list[Taken] = field(default_factory=list)
    gaps: dict[str, None] = field(default_factory=dict)
    notes: dict[str, None] = field(default_factory=dict)

    @property
    def bought(self) -> bool:
        return any(each.step.decision in PURCHASES for each in self.taken)


def simulate(plan: Plan, history: History) -> Outcome:
    """Walk the weeks of *history* with *plan* and say what it would have done and when.

    Now is looked at in week 1 (a plain decision is taken before it), the one-month rule in week 4, the repeated rule
    every week from week 4 on, the cloud rule every week. The weeks were lived on the machine as it was, so nothing
    but the cloud rule is looked at after a purchase. A missing figure is never 0: a rule that needs it stays open,
    and the outcome says so.
    """
    walk = _walked(plan, history)
    _note_unread(walk, plan)
    return _outcome(walk, plan)


def steps_over(plan: Plan, history: History) -> tuple[Taken, ...]:
    """Walk the weeks as `simulate` does and give the steps alone, where nobody asks for verdict, pains and charts."""
    return tuple(_walked(plan, history).taken)


def _walked(plan: Plan, history: History) -> _Walk:
    walk = _Walk(history)
    _plain(walk, "now", plan.now)
    for week in range(1, history.last_week + 1):
        for checkpoint, reading in _due(plan, week):
            if checkpoint == "cloud" or not walk.bought:
                _look(walk, checkpoint, reading, week)
    return walk


def _due(plan: Plan, week: int) -> Iterator[tuple[CheckpointId, Reading]]:
    """Give the fields that are looked at in this week, in this order."""
    if week == 1:
        yield "now", plan.now
    if week == ONE_MONTH_WEEK:
        yield "one-month", plan.one_month
    if week >= ONE_MONTH_WEEK:
        yield "repeated", plan.repeated
    yield "cloud", plan.cloud


def _plain(walk: _Walk, checkpoint: CheckpointId, reading: Reading) -> None:
    if reading.kind == "decision" and reading.step is not None:
        because = "the plan says so, at once"
        _record(walk, Taken(week=0, checkpoint=checkpoint, step=reading.step, rule=None, because=because))


def _look(walk: _Walk, checkpoint: CheckpointId, reading: Reading, week: int) -> None:
    """Take the step of the first rule that fires; `otherwise` counts only where no rule does."""
    if _is_plain(checkpoint, reading):
        _plain_at(walk, checkpoint, reading, week)
        return
    found = [(rule, state(rule, walk.history, week)) for rule in reading.rules]
    for rule, fires in found:
        if fires is None:
            _note_gap(walk, rule, checkpoint, week)
    step = next(((rule, rule.then) for rule, fires in found if fires), None)
    if step is None:
        step = next(((rule, rule.otherwise) for rule, fires in found if fires is False and rule.otherwise), None)
    if step is not None:
        _take(walk, checkpoint, step[1], step[0], week)


def _is_plain(checkpoint: CheckpointId, reading: Reading) -> bool:
    """Tell whether a field decides without a rule; "rent when a job does not fit" does for the cloud."""
    return reading.kind == "decision" or rents_for_large_jobs(checkpoint, reading)


def rents_for_large_jobs(checkpoint: str, reading: Reading) -> bool:
    """Tell whether a field is a cloud sentence without a threshold, taken to mean jobs larger than this machine."""
    rents = reading.step is not None and reading.step.decision in RENTS
    return checkpoint == "cloud" and reading.kind in {"decision", "prose"} and rents


def _plain_at(walk: _Walk, checkpoint: CheckpointId, reading: Reading, week: int) -> None:
    """Take a plain decision of a later checkpoint when it is reached; a plain cloud sentence waits for a large job."""
    if reading.step is None or checkpoint == "now":
        return
    if checkpoint == "one-month":
        because = "the plan says so, whatever the first month shows"
        _record(walk, Taken(week=week, checkpoint=checkpoint, step=reading.step, rule=None, because=because))
    if rents_for_large_jobs(checkpoint, reading):
        jobs = walk.history.week(week).value("large_jobs")
        if jobs:
            because = f"a job was larger than this machine ({jobs:g} in week {week})"
            _record(walk, Taken(week=week, checkpoint=checkpoint, step=reading.step, rule=None, because=because))
        walk.notes["Cloud names no threshold; it was taken to mean jobs larger than this machine."] = None


def _take(walk: _Walk, checkpoint: CheckpointId, step: Step, rule: Rule, week: int) -> None:
    if checkpoint == "cloud" and walk.bought:
        rents = tuple(each for each in step.parts if each.decision not in PURCHASES)
        if not rents:
            return
        step = replace(rents[0], also=rents[1:])
    _record(
        walk,
        Taken(week=week, checkpoint=checkpoint, step=step, rule=print_rule(rule), because=_because(walk, rule, week)),
    )


def _record(walk: _Walk, taken: Taken) -> None:
    """Note each part of a step the first time; renting is noted in each week in which the cloud rule fires."""
    if taken.step.also:
        for part in taken.step.parts:
            _record(walk, replace(taken, step=part))
        return
    rents = taken.checkpoint == "cloud" and taken.step.decision in RENTS
    if rents or all((each.checkpoint, each.step) != (taken.checkpoint, taken.step) for each in walk.taken):
        walk.taken.append(taken)


def _because(walk: _Walk, rule: Rule, week: int) -> str:
    figures = []
    for metric in looked_at(rule.condition):
        values = [walk.history.week(each).value(metric) for each in range(max(1, week - rule.weeks + 1), week + 1)]
        figures.append(f"{metric} {', '.join('not logged' if value is None else f'{value:g}' for value in values)}")
    where = f"weeks {week - rule.weeks + 1} to {week}" if rule.weeks > 1 else f"week {week}"
    return f"{where}: {'; '.join(figures)}"


def _note_gap(walk: _Walk, rule: Rule, checkpoint: CheckpointId, week: int) -> None:
    for number, metric in missing_in(rule, walk.history, week):
        if holds(rule.condition, walk.history.week(number)) is None:
            label = load_planning_words().checkpoints[checkpoint].label
            walk.gaps[f"Week {number} has no {metric}, so “{label}” could not be told there."] = None


def _note_unread(walk: _Walk, plan: Plan) -> None:
    for checkpoint in load_planning_words().checkpoints.values():
        reading = plan.at(checkpoint.id)
        if reading.kind in _WHY_UNREAD and not _is_plain(checkpoint.id, reading):
            walk.notes[f"“{checkpoint.label}” {_WHY_UNREAD[reading.kind]}, so nothing was done by it."] = None
    if any(each.step.decision == "upgrade" and each.step.target is None for each in walk.taken):
        walk.notes["An upgrade that names no part lifts nothing. Name it, such as upgrade ram."] = None
    if plan.repeated.kind == "decision":
        walk.notes["“After the first repeated bottleneck” names no threshold, so nothing says when it has come."] = None
    for rule in plan.one_month.rules:
        if rule.weeks > ONE_MONTH_WEEK:
            walk.notes[f"“After one month” is looked at in week 4 and waits for {rule.weeks} weeks: never met."] = None


_WHY_UNREAD = {
    "blank": "is blank",
    "prose": "holds no threshold",
    "unparsed": "holds a threshold, but no rule that can be read",
}


def _outcome(walk: _Walk, plan: Plan) -> Outcome:
    taken = tuple(walk.taken)
    hurt = painful_weeks(walk.history)
    verdict, explanation = judge(taken, walk.history.label, hurt)
    if (first := walk.history.week(1).name) is not None:
        walk.notes[f"Week 1 is {first}."] = None
    needless = needless_rents(taken, hurt)
    if needless:
        walk.notes[f"A machine was rented in {len(needless)} weeks in which nothing hurt."] = None
    return Outcome(
        history=walk.history.id,
        taken=taken,
        verdict=verdict,
        explanation=explanation,
        painful_weeks=hurt,
        suffered_weeks=suffered_weeks(walk.history, taken),
        gaps=tuple(walk.gaps),
        notes=tuple(walk.notes),
        series=tuple(_series(plan, walk.history)),
        weeks=walk.history.last_week,
    )


def _series(plan: Plan, history: History) -> Iterator[Series]:
    """Give each metric that a rule looks at; without any rule, those of the history's own bottleneck."""
    thresholds: dict[str, dict[float, None]] = {}
    for checkpoint in load_planning_words().checkpoints:
        for rule in plan.at(checkpoint).rules:  # type: ignore[arg-type]  # the ids of the file are those of the type
            for metric, threshold in _thresholds(rule):
                thresholds.setdefault(metric, {})[threshold] = None
    for pain in load_planning_words().pains.values():
        if pain.of == history.constraint and pain.kind == "strain":
            thresholds.setdefault(pain.id, {})
    weeks = tuple(range(1, history.last_week + 1))
    for metric, known in thresholds.items():
        entry = load_catalog().metrics[metric]
        values = tuple(history.week(week).value(metric) for week in weeks)
        yield Series(
            metric=metric, name=entry.name, unit=entry.unit, weeks=weeks, values=values, thresholds=tuple(known)
        )


def _thresholds(rule: Rule) -> Iterator[tuple[str, float]]:
    stack = [rule.condition]
    while stack:
        condition = stack.pop()
        if isinstance(condition, Comparison):
            yield condition.metric, condition.threshold
        else:
            stack.extend(condition.parts)
