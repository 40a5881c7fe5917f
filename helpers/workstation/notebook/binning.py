"""Bin a recording's columns to the points of a curve; apart from the charts, since a live one needs no numpy."""

import numpy as np

from workstation.notebook.chart import MOST_POINTS, Point
from workstation.recording.model import Column


def points_of(t_s: Column, values: Column, most: int = MOST_POINTS) -> list[Point]:
    """Bin samples to at most *most* points that keep every stretch's lowest and highest value."""
    finite = np.isfinite(t_s)
    t_s, values = t_s[finite], np.where(np.isfinite(values[finite]), values[finite], np.nan)
    if not len(t_s):
        return []
    if np.any(np.diff(t_s) < 0):  # an edited file: what comes later in time belongs further right
        order = np.argsort(t_s, kind="stable")
        t_s, values = t_s[order], values[order]
    if len(t_s) <= most:
        return [Point(t, v, v, v) for t, v in zip(t_s.tolist(), values.tolist(), strict=True)]
    return _binned(t_s, values, most)


def _binned(t_s: Column, values: Column, bins: int) -> list[Point]:
    edges = np.linspace(t_s[0], t_s[-1], bins + 1)[:-1]
    starts = np.unique(np.searchsorted(t_s, edges))  # a bin without a sample joins its neighbour
    lows, highs = np.fmin.reduceat(values, starts), np.fmax.reduceat(values, starts)
    counts = np.add.reduceat(np.isfinite(values).astype(float), starts)
    sums = np.add.reduceat(np.nan_to_num(values), starts)
    means = np.divide(sums, counts, out=np.full(len(starts), np.nan), where=counts > 0)
    return [Point(*row) for row in np.column_stack([t_s[starts], lows, means, highs]).tolist()]
