"""Thin samples without losing what hurts: of several samples, keep the worst value of each signal."""

from collections.abc import Callable, Mapping

import numpy as np

from workstation.recording.model import Column

# Of these, less is worse; of every other signal, more is.
_LESS_IS_WORSE = frozenset({
    "ram_available_bytes", "disk_free_bytes", "throughput_per_s", "cpu_frequency_hz", "sm_clock_hz",
    "power_limit_watts",
})  # fmt: skip


def worst(name: str) -> Callable[..., Column]:
    """Return the function that keeps the worse of two values of a signal, and passes over NaN."""
    return np.fmin if name.rpartition(".")[2] in _LESS_IS_WORSE else np.fmax


def thin_column(name: str, column: Column, factor: int) -> Column:
    """Keep the worst of every *factor* values; the last group may be smaller."""
    if factor == 1 or not len(column):
        return column
    starts = np.arange(0, len(column), factor)
    reduce: Callable[..., Column] = worst(name).reduceat  # type: ignore[attr-defined]  # both are ufuncs
    return reduce(column, starts)


def thin_times(t_s: Column, factor: int) -> Column:
    """Keep the last time of every *factor*: a sample stands for the time before it."""
    if factor == 1 or not len(t_s):
        return t_s
    return t_s[np.minimum(np.arange(factor - 1, len(t_s) + factor - 1, factor), len(t_s) - 1)]


def thin_columns(columns: Mapping[str, Column], factor: int) -> dict[str, Column]:
    """Thin every column by the same *factor*."""
    return {name: thin_column(name, column, factor) for name, column in columns.items()}
