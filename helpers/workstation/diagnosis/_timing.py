"""Tell in which phase of the work something happened: timing often names the constraint."""

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


def phase_at(readings: Readings, t_s: float, *, memory: Column | None = None) -> Phase:
    """Name the phase at *t_s*; *memory* is what the finding is about, where its shape can tell more."""
    mark = _mark_before(readings, t_s)
    shape = None if memory is None else _shape(memory, readings.recording.t_s)
    for timing in readings.rules.timings:
        if _fits(timing, mark, shape, t_s, readings.seconds):
            return Phase(id=timing.id, says=timing.says)
    return Phase()


def _mark_before(readings: Readings, t_s: float) -> str | None:
    passed = [mark for mark in readings.recording.marks if mark.t_s <= t_s + _NEAR_S]
    return max(passed, key=lambda mark: mark.t_s).label.casefold() if passed else None


def _fits(timing: Timing, mark: str | None, shape: str | None, t_s: float, seconds: float) -> bool:
    if timing.marks is not None:
        return mark is not None and any(word in mark for word in timing.marks)
    if timing.shape is not None:
        return timing.shape == shape
    if timing.from_seconds is not None:
        return t_s >= timing.from_seconds
    return timing.within_seconds is not None and t_s <= timing.within_seconds and seconds >= _LONG_ENOUGH_S


def _shape(memory: Column, t_s: Column) -> str | None:
    """Call a curve "rising" if it never rested before its end, "grown" if it rested and then grew; else None."""
    known = ~np.isnan(memory)
    values, times = memory[known], t_s[known]
    if values.size < 10 or np.ptp(values) < _GROWTH_PERCENT:  # noqa: PLR2004 - too few points for a shape
        return None
    last = values[-1] if values[-1] >= values.max() - _FLAT_PERCENT else values.max()
    resting = np.abs(values - np.interp(times - (times[-1] - times[0]) / 10, times, values)) <= _FLAT_PERCENT
    above = values > values.min() + _GROWTH_PERCENT
    plateau = resting & above & (values < last - _GROWTH_PERCENT / 2)
    if plateau.mean() >= _PLATEAU_SHARE:
        return "grown"
    return "rising" if (resting & above).mean() < _PLATEAU_SHARE else None
