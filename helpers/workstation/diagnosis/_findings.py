"""Turn what the rules and the last line say into one finding of each kind."""

import re
from collections.abc import Iterator, Mapping

import numpy as np

from workstation.catalog._diagnosis import Ending, Kind, Rule
from workstation.diagnosis import _coverage
from workstation.diagnosis._engine import Outcome, is_of_gpu, judge, rests, spread
from workstation.diagnosis._episodes import Mask
from workstation.diagnosis._readings import Readings
from workstation.diagnosis._timing import phase_at
from workstation.diagnosis._wording import (
    clean,
    fill,
    listed,
    measured,
    name_of,
    seconds_text,
    usable_text,
    value_text,
    work_of,
)
from workstation.diagnosis.model import Finding, Measured
from workstation.recording.model import Column
from workstation.units import format_disk

__all__ = ["find"]

_RANK = {"bottleneck": 0, "watch": 1, "undetermined": 2, "clear": 3}
_MEMORY_OF = {"vram": "gpu_memory_percent", "ram": "process_memory_percent"}
_ERROR_LIMIT = 120
_CLAUSES = 2  # of a sentence on what is clear; the evidence holds all


def find(kind: Kind, readings: Readings) -> Finding:
    """Give the finding of one kind: by how the recording ended, by the rules, or why there is nothing to say."""
    ending = _ending(kind, readings)
    if ending is not None:
        return _of_ending(kind, ending, readings)
    outcomes = list(_outcomes(kind, readings))
    telling = sorted((each for each in outcomes if not each.explained), key=lambda each: _RANK[each.verdict])
    if telling:
        return _of_rule(kind, telling[0], readings)
    return _quiet(kind, readings, [each.says for each in outcomes])


def _outcomes(kind: Kind, readings: Readings) -> Iterator[Outcome]:
    for rule in readings.rules.rules_of(kind.id):
        for gpu in spread(rule, readings):
            outcome = judge(rule, readings, gpu)
            if outcome is not None:
                yield outcome


# --- by the last line


def _ending(kind: Kind, readings: Readings) -> Ending | None:
    end = readings.recording.end
    if end is None:
        return None
    return next(
        (each for each in readings.rules.endings if each.finding == kind.id and _ended_so(each, readings)), None
    )


def _ended_so(ending: Ending, readings: Readings) -> bool:
    end = readings.recording.end
    if end is None:
        return False
    if ending.oom_killer is not None:
        return end.oom_killer is ending.oom_killer
    if ending.needs_gpu is not None and ending.needs_gpu is not bool(readings.gpus):
        return False
    text = clean(end.error or "").casefold()
    if any(re.search(pattern, text) for pattern in ending.but_not or ()):
        return False
    return any(re.search(pattern, text) for pattern in ending.patterns or ())


def _of_ending(kind: Kind, ending: Ending, readings: Readings) -> Finding:
    end = readings.recording.end
    ended_s = end.t_s if end else 0.0
    gpu = _fullest_gpu(readings)
    mask = _last_mask(readings)
    shown = [number for name in ending.shows if (number := _last(name, readings, gpu, mask)) is not None]
    last = listed(f"{each.name} {each.text}" for each in shown)
    words = _words(readings, gpu) | {
        "last": f"just before, {last}" if last else "no sample tells what was in use just before",
        "error": f'"{clean(end.error or "")[:_ERROR_LIMIT]}"' if end and end.error else "no message",
        "end": seconds_text(ended_s),
    }
    phase = phase_at(readings, np.array([ended_s]), memory=_memory(kind, readings, gpu))
    words["during"] = phase.says
    return Finding(
        constraint=kind.constraint, verdict=ending.verdict, kind=kind.id, name=kind.name, rule=ending.id,
        statement=fill(ending.says, words, lambda _name, _how: None), evidence=tuple(shown),
        would_change_it=fill(ending.would_change_it, words, lambda _name, _how: None),
        began_s=ended_s, ended_s=ended_s, seconds=0.0, timing=phase.id,
    )  # fmt: skip


def _last_mask(readings: Readings) -> Mask:
    t_s = readings.recording.t_s
    last: Mask = t_s >= (t_s[-1] if t_s.size else 0.0) - readings.rules.settings.last_seconds
    return last


def _last(name: str, readings: Readings, gpu: int | None, mask: Mask) -> Measured | None:
    gpu = gpu if is_of_gpu(readings, name) else None
    column = readings.get(name, gpu)
    how = "least" if "available" in name or "free" in name else "most"
    return None if column is None else measured(name, column, mask, how=how, readings=readings, gpu=gpu)


def _fullest_gpu(readings: Readings) -> int | None:
    shares = {gpu: column for gpu in readings.gpus if (column := readings.get("gpu_memory_percent", gpu)) is not None}
    return max(shares, key=lambda gpu: float(np.nanmax(shares[gpu])), default=next(iter(readings.gpus), None))


def _memory(kind: Kind, readings: Readings, gpu: int | None) -> Column | None:
    measure = _MEMORY_OF.get(kind.id)
    return None if measure is None else readings.get(measure, gpu)


# --- by a rule


def _of_rule(kind: Kind, outcome: Outcome, readings: Readings) -> Finding:
    episode, rule, gpu = outcome.episode, outcome.rule, outcome.gpu

    def number(measure: str, how: str) -> Measured | None:
        of = gpu if is_of_gpu(readings, measure) else None
        column = readings.get(measure, of)
        return None if column is None else measured(measure, column, episode.mask, how=how, readings=readings, gpu=of)

    phase = phase_at(readings, readings.recording.t_s[episode.mask], memory=_memory(kind, readings, gpu))
    words = _words(readings, gpu) | {
        "when": _when(outcome),
        "seconds": seconds_text(episode.seconds),
        "during": phase.says,
    }
    conditions = (*rule.when, *(rule.backed_by or ()))
    names = dict.fromkeys(condition.measure for condition in conditions)
    shown = tuple(found for name in names if (found := number(name, "median")) is not None)
    statement = f"{fill(outcome.says, words, number)} {_threshold(rule, readings)}"
    return Finding(
        constraint=kind.constraint, verdict=outcome.verdict, kind=kind.id, name=kind.name, rule=rule.id,
        statement=statement, evidence=shown,
        would_change_it=fill(rule.would_change_it, words, number), began_s=episode.began_s, ended_s=episode.ended_s,
        seconds=episode.seconds, margin_percent=outcome.margin_percent, timing=phase.id,
    )  # fmt: skip


def _threshold(rule: Rule, readings: Readings) -> str:
    """Say from where on the rule counts, so that a reader can hold it against another recording."""
    condition = rule.when[0]
    limit = condition.at_least if condition.at_least is not None else condition.at_most or 0.0
    side = "or more" if condition.at_least is not None else "or less"
    text = value_text(condition.measure, limit, readings.rules)
    lasting = f" for {seconds_text(rule.seconds)}" if rule.seconds else ""
    return f"(What counts: {name_of(condition.measure, readings.rules)} {text} {side}{lasting}.)"


def _when(outcome: Outcome) -> str:
    episode = outcome.episode
    span = f"from {seconds_text(episode.began_s)} to {seconds_text(episode.ended_s)}"
    broken = episode.seconds < 0.9 * (episode.ended_s - episode.began_s)
    return f"{span} ({seconds_text(episode.seconds)} of it)" if broken else span


def _words(readings: Readings, gpu: int | None) -> dict[str, str]:
    recording = readings.recording
    machine, end = recording.header.machine, recording.end
    named = machine.gpus[gpu] if gpu is not None and gpu < len(machine.gpus) else None
    cores = machine.logical_cores
    return {
        "work": work_of(recording.header.label, recording.header.name),
        "gpu": clean(named) if named else "the GPU",
        "usable": usable_text(readings),
        "cores": "all cores" if cores is None else f"{cores} cores" if cores > 1 else "the one core",
        "disk": format_disk(machine.disk_total_bytes) if machine.disk_total_bytes else "all its space",
        "end": seconds_text(end.t_s if end else readings.seconds),
        "error": "no message", "last": "", "during": "", "when": "", "seconds": "", "threshold": "",
    }  # fmt: skip


# --- nothing found


def _quiet(kind: Kind, readings: Readings, explained: list[str]) -> Finding:
    words = _words(readings, None)
    if kind.absent is not None and _coverage.is_absent(kind, readings):
        return _clear(kind, fill(kind.absent, words, lambda _n, _h: None), (), words)
    missing = _coverage.missing(kind, readings)
    if missing:
        statement = f"{fill(kind.undetermined, words, lambda _n, _h: None)}: {listed(missing)}."
        return Finding(
            constraint=kind.constraint, verdict="undetermined", kind=kind.id, name=kind.name, statement=statement,
            evidence=(), would_change_it=_what_would_tell(kind, readings, words),
            missing=tuple(missing),
        )  # fmt: skip
    nearest = list(_nearest(kind, readings))
    clauses = list(dict.fromkeys(explained)) or [f"{number.name} {text}" for number, text in nearest[:_CLAUSES]]
    statement = fill(kind.clear, words, lambda _n, _h: None)
    statement += f": {listed(clauses)}." if clauses else "."
    return _clear(kind, statement, tuple(number for number, _ in nearest), words)


def _what_would_tell(kind: Kind, readings: Readings, words: Mapping[str, str]) -> str:
    if _coverage.is_too_short(readings):
        return f"A recording of the same work of at least {seconds_text(readings.rules.settings.shortest_seconds)}."
    return fill(kind.would_change_undetermined, words, lambda _n, _h: None)


def _clear(kind: Kind, statement: str, shown: tuple[Measured, ...], words: Mapping[str, str]) -> Finding:
    return Finding(
        constraint=kind.constraint, verdict="clear", kind=kind.id, name=kind.name, statement=statement, evidence=shown,
        would_change_it=fill(kind.would_change_clear, words, lambda _n, _h: None),
    )  # fmt: skip


def _nearest(kind: Kind, readings: Readings) -> Iterator[tuple[Measured, str]]:
    """Give how near the recording came to each rule that names a bottleneck, one line a measure."""
    said: set[str] = set()
    for rule in readings.rules.rules_of(kind.id):
        condition = rule.when[0]
        if rule.verdict != "bottleneck" or condition.measure in said or rests(rule, readings, None):
            continue
        how = "most" if condition.at_least is not None else "least"
        found = [each for gpu in spread(rule, readings) if (each := _extreme(condition.measure, how, readings, gpu))]
        if found:
            said.add(condition.measure)
            number = (max if how == "most" else min)(found, key=lambda each: each.value)
            limit = value_text(condition.measure, condition.at_least or condition.at_most or 0.0, readings.rules)
            side = "or more" if how == "most" else "or less"
            lasting = f" for {seconds_text(rule.seconds)}" if rule.seconds else ""
            beside = ", beside other signs," if len(rule.when) > 1 else ""
            yield number, f"at {how} {number.text} ({limit} {side}{lasting}{beside} would count)"


def _extreme(measure: str, how: str, readings: Readings, gpu: int | None) -> Measured | None:
    column = readings.get(measure, gpu)
    return None if column is None else measured(measure, column, None, how=how, readings=readings, gpu=gpu)
