"""What every part of the sampler is made of: a meter, what it can tell, and the arithmetic of counters."""

from collections import deque
from collections.abc import Mapping
from typing import NamedTuple, Protocol

SHARE_SECONDS = 1.0  # shares of time are taken over this long: the kernel counts processor time in hundredths
Sample = dict[str, object]


class Told(NamedTuple):
    """Whether one signal can be told: its source, or else why not."""

    source: str | None = None
    why_not: str | None = None


class Meter(Protocol):
    """One thing that is read again and again; it never raises."""

    def begin(self, now_s: float) -> Mapping[str, Told]:
        """Read for the first time, and say of each signal whether it can be told."""

    def read(self, now_s: float, sample: Sample) -> None:
        """Add what is true now to a sample."""


class Rate:
    """How fast a counter grows, by the time that really passed."""

    def __init__(self) -> None:
        self._last: tuple[float, float] | None = None

    def of(self, now_s: float, count: float | None) -> float | None:
        """Return the growth a second since the last call; `None` at first, and after the counter began anew."""
        last, self._last = self._last, None if count is None else (now_s, count)
        if last is None or count is None or now_s <= last[0] or count < last[1]:
            return None
        return (count - last[1]) / (now_s - last[0])


class Window:
    """Counters as they stood about a second ago, to take shares of time over."""

    def __init__(self, seconds: float = SHARE_SECONDS) -> None:
        self._seconds = seconds
        self._rows: deque[tuple[float, tuple[float, ...]]] = deque()

    def since(self, now_s: float, counts: tuple[float, ...]) -> tuple[float, tuple[float, ...]] | None:
        """Return the seconds that passed and how much each counter grew in them; `None` at first."""
        rows = self._rows
        if rows and len(rows[-1][1]) != len(counts):  # a processor was switched off or on
            rows.clear()
        rows.append((now_s, counts))
        while len(rows) > 2 and now_s - rows[1][0] >= self._seconds:  # noqa: PLR2004 - now, and one to compare with
            rows.popleft()
        then_s, before = rows[0]
        if now_s <= then_s:
            return None
        return now_s - then_s, tuple(map(float.__sub__, map(float, counts), map(float, before)))


class Seldom:
    """When to do again what is slow: after *every_s* at the earliest, and later the more it costs."""

    PATIENCE = 1000  # a second's cost is spread over this many: a thousandth of a processor's time

    def __init__(self, every_s: float) -> None:
        self._every_s, self._next_s = every_s, 0.0

    def is_due(self, now_s: float) -> bool:
        """Tell whether it is time."""
        return now_s >= self._next_s

    def done(self, now_s: float, cost_s: float) -> None:
        """Note when it was done and what it cost."""
        self._next_s = now_s + max(self._every_s, self.PATIENCE * cost_s)


def put(sample: Sample, name: str, value: float | None, digits: int | None = None) -> None:
    """Put a value into a sample, unless there is none; whole without *digits*."""
    if value is not None:
        rounded = round(value, digits) if digits else round(value)
        sample[name] = int(rounded) if rounded == int(rounded) else rounded


def percent(part: float, whole: float) -> float | None:
    """Return a share in percent, between 0 and 100."""
    return min(100.0, max(0.0, 100.0 * part / whole)) if whole > 0 else None


def told(names: tuple[str, ...], source: str) -> dict[str, Told]:
    """Say that signals can be told, by *source*."""
    return dict.fromkeys(names, Told(source=source))


def untold(names: tuple[str, ...], why_not: str) -> dict[str, Told]:
    """Say that signals cannot be told."""
    return dict.fromkeys(names, Told(why_not=why_not))
