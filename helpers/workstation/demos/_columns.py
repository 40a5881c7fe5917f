"""Look along the samples of a run."""

from collections.abc import Sequence

from workstation.demos.model import Sampled

Column = tuple[float | None, ...]


def column(samples: Sequence[Sampled], key: str) -> list[float]:
    """List a value over the samples that have it."""
    return [sample.values[key] for sample in samples if key in sample.values]


def first(samples: Sequence[Sampled], key: str) -> float | None:
    """Give the first one, or `None`."""
    return next(iter(column(samples, key)), None)


def last(samples: Sequence[Sampled], key: str) -> float | None:
    """Give the last one, or `None`."""
    return next(iter(column(samples, key)[::-1]), None)


def highest(samples: Sequence[Sampled], key: str) -> float | None:
    """Give the highest one, or `None`."""
    return max(column(samples, key), default=None)


def lowest(samples: Sequence[Sampled], key: str) -> float | None:
    """Give the lowest one, or `None`."""
    return min(column(samples, key), default=None)


def table(samples: Sequence[Sampled]) -> dict[str, Column]:
    """Turn samples into columns as long as `t_s`, with `None` where a sample has no such value."""
    keys = dict.fromkeys(key for sample in samples for key in sample.values)
    columns: dict[str, Column] = {"t_s": tuple(sample.t_s for sample in samples)}
    return columns | {key: tuple(sample.values.get(key) for sample in samples) for key in keys}
