"""Say whether enough could be read to call something clear, and if not, why not."""

from collections.abc import Iterator

import numpy as np

from workstation.catalog._diagnosis import GPU, Kind
from workstation.catalog._signals import load_signals
from workstation.diagnosis._engine import is_of_gpu
from workstation.diagnosis._readings import Readings
from workstation.diagnosis._wording import clean, seconds_text
from workstation.recording.model import Column

__all__ = ["is_absent", "missing"]

_TAIL_SHARE = 0.1  # a signal that falls silent for this last part of the recording has gone
_TAIL_SECONDS = 2.0
_WORKING_SHARE = 0.1  # a processor or GPU under load for less of the time than this does not heat up


def is_absent(kind: Kind, readings: Readings) -> bool:
    """Say whether the machine has no such thing at all: no swap, no GPU."""
    machine = readings.recording.header.machine
    if kind.id == "swap":
        return machine.swap_total_bytes == 0 or (machine.swap_kind == "none" and not machine.swap_total_bytes)
    return kind.id == "vram" and not readings.gpus


def is_too_short(readings: Readings) -> bool:
    """Say whether the recording is too short for any verdict by its course."""
    settings = readings.rules.settings
    return readings.recording.t_s.size < settings.fewest_samples or readings.seconds < settings.shortest_seconds


def missing(kind: Kind, readings: Readings) -> list[str]:
    """Give the sentences that say why this kind cannot be called clear; none where it can."""
    if is_too_short(readings):
        few = readings.recording.t_s.size < readings.rules.settings.fewest_samples
        count = readings.recording.t_s.size
        held = f"the recording holds {count} {'sample' if count == 1 else 'samples'}"
        return [held if few else f"the recording is only {seconds_text(readings.seconds)} long"]
    known = [measures for measures in kind.tells if all(_covers(readings, measure) for measure in measures)]
    if not known:
        return list(dict.fromkeys(_why_not(kind, readings)))
    return list(_blind_spots(kind, known, readings))


def _columns(readings: Readings, measure: str) -> list[Column]:
    gpus = readings.gpus if is_of_gpu(readings, measure) else (None,)
    return [column for gpu in gpus if (column := readings.get(measure, gpu)) is not None]


def _covers(readings: Readings, measure: str) -> bool:
    return any(_is_whole(column, readings) for column in _columns(readings, measure))


def _is_whole(column: Column, readings: Readings) -> bool:
    known = ~np.isnan(column)
    enough = 100.0 * (1 - known.mean()) <= readings.rules.settings.missing_percent
    return bool(enough) and not _fell_silent(column, readings)


def _fell_silent(column: Column, readings: Readings) -> bool:
    t_s, known = readings.recording.t_s, ~np.isnan(column)
    if not known.any():
        return True
    silent = t_s[-1] - t_s[known][-1]
    return bool(silent > max(_TAIL_SECONDS, _TAIL_SHARE * readings.seconds))


def _why_not(kind: Kind, readings: Readings) -> Iterator[str]:
    for measures in kind.tells:
        for measure in measures:
            if not _covers(readings, measure):
                yield from _reasons(measure, readings)


def _reasons(measure: str, readings: Readings) -> Iterator[str]:
    entry = readings.rules.measures.get(measure)
    signals = entry.signals if entry else (measure.removeprefix(GPU) if measure.startswith(GPU) else measure,)
    of_gpu = is_of_gpu(readings, measure)
    if of_gpu and not readings.gpus:
        yield "no GPU could be read"
        return
    for signal in signals:
        for gpu in readings.gpus if of_gpu else (None,):
            yield _reason(signal, gpu, readings)


def _reason(signal: str, gpu: int | None, readings: Readings) -> str:
    key = signal if gpu is None else f"gpus.{gpu}.{signal}"
    name = load_signals()[signal].name
    told = readings.recording.header.signals.get(key)
    column = readings.raw(signal, gpu)
    which = name if gpu is None or len(readings.gpus) == 1 else f"{name} (GPU {gpu})"
    if column is not None and not np.isnan(column).all():
        last = readings.recording.t_s[~np.isnan(column)][-1]
        gone = _fell_silent(column, readings)
        return (
            f"{which} is missing from {seconds_text(float(last))} on" if gone else f"{which} is missing in most samples"
        )
    if told is not None and not told.available and told.why_not:
        return f"{which} was not recorded, as {clean(told.why_not).rstrip('.')}"
    return f"{which} was not recorded"


def _blind_spots(kind: Kind, known: list[tuple[str, ...]], readings: Readings) -> Iterator[str]:
    """Name what was at work without being watched, where a kind is told by processors and by GPUs."""
    sides = {is_of_gpu(readings, measure) for measures in kind.tells for measure in measures}
    if len(sides) < 2:  # noqa: PLR2004 - told by one side only
        return
    told = {is_of_gpu(readings, measure) for measures in known for measure in measures}
    for of_gpu in sides - told:
        if _worked(readings, of_gpu=of_gpu):
            yield from dict.fromkeys(
                reason for measures in kind.tells for measure in measures if is_of_gpu(readings, measure) == of_gpu
                for reason in _reasons(measure, readings)
            )  # fmt: skip


def _worked(readings: Readings, *, of_gpu: bool) -> bool:
    """Say whether that side was under load; a GPU that cannot tell may have been."""
    if of_gpu and not readings.gpus:
        return False
    column = readings.get("gpu_busiest_percent" if of_gpu else "cpu_used_percent")
    if column is None:
        return of_gpu
    return bool(np.mean(np.nan_to_num(column) >= readings.rules.settings.load_percent) >= _WORKING_SHARE)
