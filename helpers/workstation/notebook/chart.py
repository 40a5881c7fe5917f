"""What a chart shows, apart from how it is drawn: panels of curves over time, limits, spans, moments.

Pure. A curve is a list of points, each the lowest, mean and highest value of a short stretch of time, so that twenty
thousand samples draw as quickly as two hundred and no peak is lost.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

MOST_POINTS = 200  # of one curve: more than a card has room to show apart
DECIMAL = 10
DECIMAL_STEPS = (1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10)
BINARY_STEPS = (*tuple(step * 2**power for power in range(10) for step in (1, 1.5)), 1024)


class Point(NamedTuple):
    """A stretch of time as one point: when, and the lowest, mean and highest value then; NaN where there is none."""

    t_s: float
    low: float
    mean: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """One line in a panel."""

    label: str
    points: Sequence[Point]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """A level that matters, drawn across a panel."""

    label: str
    level: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A stretch of time that something was found about."""

    label: str
    from_s: float
    to_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A point in time with a name: a mark, or the end."""

    label: str
    t_s: float
    is_end: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """Curves that share one axis; it begins at 0 and ends at *top*."""

    title: str
    unit: str
    top: float
    curves: Sequence[Curve]
    limits: Sequence[Limit] = ()
    spans: Sequence[Span] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """Panels above each other over one axis of time, with what they show in words."""

    description: str
    seconds: float
    panels: Sequence[Panel]
    moments: Sequence[Moment] = ()


class Growing:
    """A curve that grows while it is drawn and never holds more than twice the points it shows.

    When it is full, neighbours are joined two by two; from then on each point stands for twice the time.
    """

    def __init__(self, most: int = MOST_POINTS) -> None:
        self.points: list[Point] = []
        self._most = most
        self._samples_a_point = 1
        self._samples_in_last = 0

    def add(self, t_s: float, value: float) -> None:
        """Add the newest sample."""
        sample = Point(t_s, value, value, value)
        if self.points and self._samples_in_last < self._samples_a_point:
            self.points[-1] = _joined(self.points[-1], self._samples_in_last, sample)
            self._samples_in_last += 1
            return
        if len(self.points) >= 2 * self._most:
            self._halve()
        self.points.append(sample)
        self._samples_in_last = 1

    def _halve(self) -> None:
        pairs = zip(self.points[::2], self.points[1::2], strict=True)
        self.points = [_joined(first, 1, second) for first, second in pairs]
        self._samples_a_point *= 2


def _joined(first: Point, weight: int, second: Point) -> Point:
    """Join two points; the first one's mean stands for *weight* times as much as the second one's."""
    mean = (first.mean * weight + second.mean) / (weight + 1)
    return Point(first.t_s, min(first.low, second.low), mean, max(first.high, second.high))


def peak(curves: Iterable[Curve]) -> float:
    """Give the highest value of some curves; 0 where they hold none."""
    highs = (point.high for curve in curves for point in curve.points)
    return max((high for high in highs if not math.isnan(high)), default=0.0)


def round_top(value: float, base: int = DECIMAL) -> float:
    """Give a round number at or just above *value* for an axis to end at, in powers of *base*: 10, or 1024 for bytes.

    >>> round_top(87), round_top(0), round_top(13 * 1024**3, 1024) / 1024**3
    (100.0, 1.0, 16.0)
    """
    if not (0 < value < math.inf):
        return 1.0
    unit = float(base ** math.floor(math.log(value, base)))
    steps = DECIMAL_STEPS if base == DECIMAL else BINARY_STEPS
    return next((step * unit for step in steps if step * unit >= value), value)
