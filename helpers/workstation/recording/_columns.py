"""Turn parsed sample lines into columns of numbers; what is no number is left out and counted."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np

from workstation.catalog._signals import load_signals
from workstation.recording._document import MAX_NUMBER, is_number
from workstation.recording._worst import thin_columns, thin_times
from workstation.recording.model import Column

MAX_GPUS = 16
MAX_SAMPLES = 120_000  # held at once; 2 hours at 10 Hz are 72,000


@dataclass(slots=True)
class Block:
    """The samples of some lines that follow each other."""

    t_s: Column
    columns: dict[str, Column]
    no_numbers: dict[str, int] = field(default_factory=dict)  # values left out, by signal


def block_of(samples: Sequence[Mapping[str, Any]]) -> Block:
    """Build the columns of samples, each of which has a ``t_s``; lines with the same keys are read together."""
    block = Block(t_s=np.empty(0), columns={})
    for name, rows, values in _by_key(samples):
        _place(block, name, rows, _numbers(values), values, len(samples))
    block.t_s = block.columns.pop("t_s", np.full(len(samples), np.nan))
    return block


def in_order(block: Block, after_s: float) -> tuple[Block, int]:
    """Leave out samples whose time is missing or out of order; return how many those were."""
    t_s = block.t_s
    known = np.isfinite(t_s) & (t_s >= 0)
    filled = np.where(known, t_s, after_s)
    behind = filled < np.maximum.accumulate(np.maximum(filled, after_s))
    ahead = filled > np.minimum.accumulate(filled[::-1])[::-1]
    kept = known & ~(behind if behind.sum() <= ahead.sum() or filled.min(initial=0.0) < after_s else ahead)
    if kept.all():
        return block, 0
    columns = {name: column[kept] for name, column in block.columns.items()}
    return Block(t_s=t_s[kept], columns=columns, no_numbers=block.no_numbers), int((~kept).sum())


class Samples:
    """All samples so far, thinned by two whenever they grow past what is held at once."""

    def __init__(self, most: int = MAX_SAMPLES) -> None:
        self._most, self._count, self._blocks = most, 0, list[Block]()
        self.factor = 1

    def add(self, block: Block) -> None:
        """Add the next samples."""
        self._blocks.append(self._thinned(block, self.factor))
        self._count += len(self._blocks[-1].t_s)
        while self._count > self._most:
            self._blocks = [self._thinned(self._joined(), 2)]
            self._count, self.factor = len(self._blocks[0].t_s), self.factor * 2

    def columns(self) -> tuple[Column, dict[str, Column]]:
        """Return the times and every column, each as long."""
        joined = self._joined()
        return joined.t_s, joined.columns

    def _thinned(self, block: Block, factor: int) -> Block:
        return Block(t_s=thin_times(block.t_s, factor), columns=thin_columns(block.columns, factor))

    def _joined(self) -> Block:
        if not self._blocks:
            return Block(t_s=np.empty(0), columns={})
        names = dict.fromkeys(name for block in self._blocks for name in block.columns)
        empty = {len(block.t_s): np.full(len(block.t_s), np.nan) for block in self._blocks}
        columns = {
            name: np.concatenate([block.columns.get(name, empty[len(block.t_s)]) for block in self._blocks])
            for name in names
        }
        return Block(t_s=np.concatenate([block.t_s for block in self._blocks]), columns=columns)


@cache
def _known() -> tuple[frozenset[str], frozenset[str]]:
    signals = load_signals().values()
    gpu = frozenset(signal.id for signal in signals if signal.scope == "gpu")
    return frozenset(signal.id for signal in signals) - gpu | {"t_s", "gpus"}, gpu


def _by_key(samples: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, list[int], tuple[Any, ...]]]:
    """Yield each known key with the rows that have it and its values there, layout by layout."""
    for rows, group in _layouts(samples):
        for name, values in zip(group[0], zip(*(each.values() for each in group), strict=True), strict=True):
            if name == "gpus":
                yield from _of_gpus(rows, values)
            elif name in _known()[0]:
                yield name, rows, values


def _of_gpus(rows: list[int], values: tuple[Any, ...]) -> Iterator[tuple[str, list[int], tuple[Any, ...]]]:
    lists = [value if isinstance(value, list) else [] for value in values]
    for number in range(min(MAX_GPUS, max(map(len, lists), default=0))):
        found = [(row, each[number]) for row, each in zip(rows, lists, strict=True) if len(each) > number]
        entries = [(row, entry) for row, entry in found if isinstance(entry, dict) and entry]
        for positions, group in _layouts([entry for _, entry in entries]):
            places = [entries[position][0] for position in positions]
            for name, column in zip(group[0], zip(*(each.values() for each in group), strict=True), strict=True):
                if name in _known()[1]:
                    yield f"gpus.{number}.{name}", places, column


def _layouts(samples: Sequence[Mapping[str, Any]]) -> Iterator[tuple[list[int], list[Mapping[str, Any]]]]:
    """Group samples by their keys: within a group, values can be turned into columns at once."""
    groups: dict[tuple[str, ...], tuple[list[int], list[Mapping[str, Any]]]] = {}
    for row, sample in enumerate(samples):
        rows, group = groups.setdefault(tuple(sample), ([], []))
        rows.append(row)
        group.append(sample)
    yield from groups.values()


def _place(  # noqa: PLR0917 - called in one place
    block: Block, name: str, rows: list[int], numbers: Column, values: tuple[Any, ...], length: int
) -> None:
    if np.isnan(numbers).any():
        left_out = int(np.isnan(numbers).sum()) - values.count(None)  # null is an honest unknown
        if left_out:
            block.no_numbers[name] = block.no_numbers.get(name, 0) + left_out
    if len(rows) == length:
        block.columns[name] = numbers
        return
    block.columns.setdefault(name, np.full(length, np.nan))[rows] = numbers


def _numbers(values: tuple[Any, ...]) -> Column:
    """Turn parsed values into numbers: all at once where they are, one by one where some are not."""
    try:
        numbers = np.array(values, dtype=np.float64) if {*map(type, values)} <= _PLAIN else None
    except OverflowError:
        numbers = None
    return numbers if numbers is not None and (np.abs(numbers) < MAX_NUMBER).all() else _one_by_one(values)


def _one_by_one(values: tuple[Any, ...]) -> Column:
    return np.array([float(value) if is_number(value) else np.nan for value in values], dtype=np.float64)


_PLAIN = {int, float}
