"""Tell in which phase of the work something happened: timing often names the constraint."""

from collections import Counter
from dataclasses import dataclass

import numpy as np

from workstation.catalog._diagnosis import Timing
from workstation.diagnosis._readings import Readings
from workstation.recording.model import Column

__all__ = ["Phase", "phase_at"]

_NEAR_S = 1.0  # a mark this shortly after the trouble began still names it: samples and marks are not simultaneous
_FLAT_PERCENT, _GROWTH_PERCENT, _PLATEAU_SHARE = 2.0, 8.0, 0.25
_LONG_ENOUGH_S = 30.0  # of a shorter run, everything is near its start


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """A phase with the clause that names it."""

    id: str | None = None
    says: str = ""


def phase_at(readings: Readings, times: Column, *, memory: Column | None = None) -> Phase:
    """Name the phase of *times*; *memory* is what the finding is about, where its shape can tell more."""
    began_s = float(times[0]) if times.size else 0.0
    marked = _marked(readings, times)
    shape = None if memory is None else _shape(memory, readings.recording.t_s)
    for timing in readings.rules.timings:
        if timing is marked or (timing.marks is None and _fits(timing, shape, began_s, readings.seconds)):
            return Phase(id=timing.id, says=timing.says)
    return Phase()


def _marked(readings: Readings, times: Column) -> Timing | None:
    """Give the phase that the marks name for most of *times*."""
    marks = sorted(readings.recording.marks, key=lambda mark: mark.t_s)
    last = np.searchsorted([mark.t_s for mark in marks], times + _NEAR_S, side="right") - 1
    named = [
        _named(readings, marks[index].label) if index >= 0 else None for index in last[:: max(1, last.size // 200)]
    ]
    return Counter(named).most_common(1)[0][0] if named else None


def _named(readings: Readings, label: str) -> Timing | None:
    said = label.casefold()
    for timing in readings.rules.timings:
        if any(word in said for word in timing.marks or ()):
            return timing
    return None


def _fits(timing: Timing, shape: str | None, began_s: float, seconds: float) -> bool:
    if timing.shape is not None:
        return timing.shape == shape
    if timing.from_seconds is not None:
        return began_s >= timing.from_seconds
    return timing.within_seconds is not None and began_s <= timing.within_seconds and seconds >= _LONG_ENOUGH_S


def _shape(memory: Column, t_s: Column) -> str | None:
    """Call a curve "rising" if it never rested before its end, "grown" if it rested and then grew; else None."""
    known = ~np.isnan(memory)
    values, times = memory[known], t_s[known]
    if values.size < 10 or np.ptp(values) < _GROWTH_PERCENT:  # noqa: PLR2004 - too few points for a shape
        return None
    last = values[-1] if values[-1] >= values.max() - _FLAT_PERCENT else values.max()
    resting = np.abs(values - np.interp(times - (times[-1] - times[0]) / 10, times, values)) <= _FLAT_PERCENT
    above = values > _GROWTH_PERCENT
    plateau = resting & above & (values < last - _GROWTH_PERCENT / 2)
    if plateau.mean() >= _PLATEAU_SHARE:
        return "grown"
    return "rising" if (resting & above).mean() < _PLATEAU_SHARE else None
