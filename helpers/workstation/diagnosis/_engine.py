"""Hold one rule against one recording: did its conditions meet, for how long, and does anything speak against it?"""

from dataclasses import dataclass

import numpy as np

from workstation.catalog._diagnosis import GPU, Condition, Rule
from workstation.diagnosis._episodes import Episode, Mask, episode_of, kept_median
from workstation.diagnosis._readings import Readings
from workstation.diagnosis.model import Verdict
from workstation.recording.model import Column

__all__ = ["Outcome", "is_of_gpu", "judge", "rests", "spread"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Outcome:
    """What one rule found: a verdict with its sentence, or only what explains it away."""

    rule: Rule
    gpu: int | None
    episode: Episode
    verdict: Verdict
    says: str
    margin_percent: float | None
    explained: bool = False  # `says` is a clause that belongs to a finding that is clear


def spread(rule: Rule, readings: Readings) -> tuple[int | None, ...]:
    """Name the GPUs that a rule is asked of, one by one; a rule about the system is asked once."""
    asks_gpus = any(is_of_gpu(readings, condition.measure) for condition in rule.when)
    return readings.gpus if asks_gpus else (None,)


def is_of_gpu(readings: Readings, measure: str) -> bool:
    """Say whether a measure is of one GPU."""
    entry = readings.rules.measures.get(measure)
    return entry.scope == "gpu" if entry else measure.startswith(GPU)


def judge(rule: Rule, readings: Readings, gpu: int | None) -> Outcome | None:
    """Give what *rule* says of the recording; None where it has nothing to say."""
    if rests(rule, readings, gpu):
        return None
    mask = _mask(rule, readings, gpu)
    if mask is None or not mask.any():
        return None
    settings = readings.rules.settings
    if rule.seconds and mask.sum() < settings.fewest_samples:
        return None
    episode = episode_of(mask, readings.recording.t_s, readings.weights, bridge_seconds=settings.bridge_seconds)
    if episode is None or episode.seconds < rule.seconds:
        return None
    return _weigh(rule, readings, gpu, episode)


def rests(rule: Rule, readings: Readings, gpu: int | None) -> bool:
    """Say whether a rule is for another kind of disk or swap, or only for want of a signal that is there."""
    machine = readings.recording.header.machine
    if rule.swap_kinds is not None and machine.swap_kind not in rule.swap_kinds:
        return True
    if rule.disk_media is not None and machine.disk_medium not in rule.disk_media:
        return True
    better = rule.only_without or ()
    return any(_column(readings, signal, gpu) is not None for signal in better)


def _column(readings: Readings, measure: str, gpu: int | None) -> Column | None:
    """Give a measure; of a GPU's measure in a rule about the system, the highest of any GPU."""
    if gpu is not None or not is_of_gpu(readings, measure):
        return readings.get(measure, gpu)
    columns = [column for each in readings.gpus if (column := readings.get(measure, each)) is not None]
    return np.fmax.reduce(columns) if columns else None


def _mask(rule: Rule, readings: Readings, gpu: int | None) -> Mask | None:
    mask: Mask = np.ones(readings.recording.t_s.size, dtype=np.bool_)
    for condition in rule.when:
        column = _column(readings, condition.measure, gpu)
        if column is None and condition.if_known:
            continue
        if column is None:
            return None
        held = _beyond(column, condition)
        mask &= (held | np.isnan(column)) if condition.if_known else held
    return mask


def _beyond(column: Column, condition: Condition) -> Mask:
    if condition.at_least is not None:
        above: Mask = column >= condition.at_least
        return above
    below: Mask = column <= (condition.at_most or 0.0)
    return below


def _holds(condition: Condition, readings: Readings, gpu: int | None, episode: Episode) -> bool | None:
    """Say whether the middle value in the episode meets the condition; None where it is not known."""
    column = _column(readings, condition.measure, gpu)
    middle = None if column is None else kept_median(column, episode.mask)
    return None if middle is None else bool(_beyond(np.array([middle]), condition)[0])


def _weigh(rule: Rule, readings: Readings, gpu: int | None, episode: Episode) -> Outcome:
    margin = _margin(rule.when[0], readings, gpu, episode)

    def outcome(verdict: Verdict, says: str, *, explained: bool = False) -> Outcome:
        return Outcome(
            rule=rule, gpu=gpu, episode=episode, verdict=verdict, says=says, margin_percent=margin, explained=explained
        )

    for condition in rule.unless or ():
        if _holds(condition, readings, gpu, episode):
            return outcome("clear", condition.because or "", explained=True)
    backing = [_holds(condition, readings, gpu, episode) for condition in rule.backed_by or ()]
    if rule.unbacked and False in backing and True not in backing:
        return outcome(_verdict(rule.unbacked), rule.unbacked_says or "", explained=rule.unbacked == "clear")
    if rule.verdict == "bottleneck" and not _is_enough(rule, readings, episode, margin):
        return outcome("watch", rule.says)
    return outcome(rule.verdict, rule.says)


def _verdict(word: str) -> Verdict:
    return "watch" if word == "watch" else "clear" if word == "clear" else "undetermined"


def _is_enough(rule: Rule, readings: Readings, episode: Episode, margin: float | None) -> bool:
    share = 100.0 * episode.seconds / max(readings.seconds, 1e-9)
    long = rule.stretch_seconds is not None and episode.longest_seconds >= rule.stretch_seconds
    wide = rule.margin_percent is None or (margin is not None and margin >= rule.margin_percent)
    return wide and (long or share >= (rule.share_percent or 0.0))


def _margin(condition: Condition, readings: Readings, gpu: int | None, episode: Episode) -> float | None:
    column = _column(readings, condition.measure, gpu)
    middle = None if column is None else kept_median(column, episode.mask)
    if middle is None:
        return None
    if condition.at_least is not None:
        return 100.0 * (middle - condition.at_least) / condition.at_least if condition.at_least else None
    limit = condition.at_most or 0.0
    return 100.0 * (limit - middle) / limit if limit else None
