"""Arithmetic on columns: smooth them, find when something held, and for how long."""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from workstation.recording.model import Column

__all__ = ["Episode", "Mask", "episode_of", "held", "kept_median", "rolling_mean", "typical_step", "weights"]

Mask: TypeAlias = NDArray[np.bool_]
HOLD_STEPS = 2.0  # times the usual distance of two readings; after that the signal is gone
GAP_STEPS = 3.0  # a step this much longer than usual is a gap (the machine slept): it counts as one usual step


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Episode:
    """When a rule's conditions held: every sample of it, and how long that was."""

    mask: Mask
    began_s: float
    ended_s: float
    seconds: float  # in all
    longest_seconds: float  # the longest stretch


def typical_step(t_s: Column) -> float:
    """Give the usual time between two samples; 0 where there are not two."""
    steps = np.diff(t_s)
    steps = steps[steps > 0]
    return float(np.median(steps)) if steps.size else 0.0


def weights(t_s: Column, step: float) -> Column:
    """Give the seconds that each sample stands for; a gap counts as one usual step, since nobody looked."""
    steps = np.diff(t_s, prepend=t_s[:1] - step)
    return np.where((steps > 0) & (steps <= GAP_STEPS * step), steps, step)


def held(values: Column) -> Column:
    """Hold each reading until the next, as far as they usually lie apart: some signals are read once a second only."""
    known = np.flatnonzero(~np.isnan(values))
    if known.size in {0, values.size}:
        return values
    usual = np.quantile(np.diff(known), 0.9) if known.size > 1 else 1
    last = np.maximum.accumulate(np.where(np.isnan(values), -1, np.arange(values.size)))
    fresh = (last >= 0) & (np.arange(values.size) - last <= HOLD_STEPS * usual)
    return np.where(fresh, values[last], np.nan)


def rolling_mean(values: Column, window: int) -> Column:
    """Average each value with its neighbours, skipping what is missing; missing values stay missing."""
    if window <= 1 or values.size == 0:
        return values
    known = ~np.isnan(values)
    sums = np.concatenate(([0.0], np.cumsum(np.where(known, values, 0.0))))
    counts = np.concatenate(([0], np.cumsum(known)))
    places = np.arange(values.size)
    first, last = np.maximum(places - window // 2, 0), np.minimum(places + (window + 1) // 2, values.size)
    count = counts[last] - counts[first]
    mean = (sums[last] - sums[first]) / np.maximum(count, 1)
    return np.where(known & (count > 0), mean, np.nan)


def episode_of(mask: Mask, t_s: Column, seconds: Column, *, bridge_seconds: float) -> Episode | None:
    """Join what is interrupted for less than *bridge_seconds*, and measure it; None where it never held."""
    if not mask.any():
        return None
    edges = np.flatnonzero(np.diff(np.concatenate(([False], mask, [False])).astype(np.int8)))
    starts, stops = edges[::2], edges[1::2]  # of each stretch: its first sample, and the one after its last
    apart = t_s[starts[1:]] - t_s[stops[:-1] - 1]
    new = np.concatenate(([True], apart > bridge_seconds))
    firsts, lasts = starts[new], stops[np.concatenate((new[1:], [True]))]
    total = np.concatenate(([0.0], np.cumsum(seconds)))
    lengths = total[lasts] - total[firsts]
    return Episode(
        mask=mask,
        began_s=float(max(t_s[firsts[0]] - seconds[firsts[0]], 0.0)),
        ended_s=float(t_s[lasts[-1] - 1]),
        seconds=float(lengths.sum()),
        longest_seconds=float(lengths.max()),
    )


def kept_median(values: Column, mask: Mask) -> float | None:
    """Give the middle of the values that are known where *mask* holds; None where none is."""
    kept = values[mask]
    kept = kept[~np.isnan(kept)]
    return float(np.median(kept)) if kept.size else None
