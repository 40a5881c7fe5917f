"""Stand between a demonstration and the machine: look before each step, and say which limit ends the run.

This is what makes the floor hold. The rules are pure functions of readings; the guard feeds them.
"""

import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import Event
from types import MappingProxyType
from typing import Protocol

from workstation.demos._read import MemoryReader, Reading, resident_bytes
from workstation.demos._words import Rules, rules
from workstation.demos.model import Json, Plan

SAMPLE_SECONDS = 0.1
WINDOW_SECONDS = 1.0  # over which stalls and swapping are judged
_LEAST_WINDOW_SECONDS = 0.5

Say = Callable[[dict[str, Json]], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A reading and when it was taken."""

    t_s: float
    reading: Reading


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """What the last second came to; `None` where it cannot be told, or not yet."""

    stall_percent: float | None = None
    swap_out_bytes_per_s: float | None = None


def trend(first: Moment, last: Moment) -> Trend:
    """Compare two moments."""
    passed = last.t_s - first.t_s
    if passed < _LEAST_WINDOW_SECONDS:
        return Trend()
    stalled = _difference(first.reading.stalled_us, last.reading.stalled_us)
    swapped = _difference(first.reading.swapped_out_bytes, last.reading.swapped_out_bytes)
    return Trend(
        stall_percent=None if stalled is None else min(100.0, stalled / passed / 10_000),
        swap_out_bytes_per_s=None if swapped is None else swapped / passed,
    )


def _difference(before: int | None, after: int | None) -> int | None:
    return None if before is None or after is None else max(0, after - before)


def limit_met(reading: Reading, now: Trend, floor_bytes: int | None, next_bytes: int, known: Rules) -> str | None:
    """Name the limit that forbids taking *next_bytes* more, or `None`. An unknown reading forbids it too."""
    left = None if reading.available_bytes is None else reading.available_bytes - next_bytes
    if floor_bytes is not None and (left is None or left < floor_bytes):
        return "floor"
    if now.stall_percent is not None and now.stall_percent > known.stall_percent:
        return "stall"
    if now.swap_out_bytes_per_s is not None and now.swap_out_bytes_per_s > known.swap_out_bytes_per_s:
        return "swap"
    return None


class Clock(Protocol):
    """Time, and waiting for it; tests pass one that jumps."""

    def __call__(self) -> float:
        """Return seconds since some moment."""

    def wait(self, until: Event, seconds: float) -> None:
        """Let *seconds* pass, or fewer if the event is set meanwhile."""


class RealClock:
    """This machine's clock, which no change of the date moves."""

    def __call__(self) -> float:
        """Return seconds since some moment."""
        return time.monotonic()

    def wait(self, until: Event, seconds: float) -> None:
        """Wait for the event, at most so long."""
        until.wait(max(0.0, seconds))


class Guard:
    """The eyes of one run: reads memory, samples ten times a second, and says when to end."""

    def __init__(self, plan: Plan, *, say: Say, cut: Event, read: MemoryReader, clock: Clock | None = None) -> None:
        self.plan, self._say, self._cut, self._read = plan, say, cut, read
        self._clock: Clock = clock or RealClock()
        self._started = self._clock()
        self._moments: deque[Moment] = deque()
        self._said_at = -1.0
        self._values: dict[str, float] = {}
        self.first = self._look().reading
        self.lowest_available_bytes = self.first.available_bytes

    @property
    def last(self) -> Reading:
        """What the last look saw."""
        return self._moments[-1].reading

    @property
    def t_s(self) -> float:
        """Seconds since the run began."""
        return self._clock() - self._started

    def blocked(self, next_bytes: int = 0) -> str | None:
        """Look at the machine; name the limit that ends the run before *next_bytes* more are taken, or `None`."""
        if self._cut.is_set():
            return "stop"
        moment = self._look()
        if moment.t_s > self.plan.seconds:
            return "time"
        return limit_met(moment.reading, self._trend(), self.plan.floor_bytes, next_bytes, rules())

    def glance(self) -> str | None:
        """Do as `blocked`, at most ten times a second: for work that takes no memory and is timed."""
        if not self._cut.is_set() and self.t_s - self._moments[-1].t_s < SAMPLE_SECONDS:
            return None
        return self.blocked()

    def sample(self, values: Mapping[str, float] = MappingProxyType({}), *, now: bool = False) -> None:
        """Report how things stand, at most ten times a second unless it must be *now*."""
        self._values.update(values)
        t_s = self.t_s
        if now or t_s - self._said_at >= SAMPLE_SECONDS:
            self._said_at = t_s
            self._say({"t_s": round(t_s, 3), **self._seen(), **self._values})

    def note(self, text: str) -> None:
        """Report a moment in words."""
        self._say({"t_s": round(self.t_s, 3), "note": text})

    def pause_until(self, t_s: float) -> str | None:
        """Let the run's clock reach *t_s*, looking and sampling meanwhile; name the limit that ends it before."""
        while (left := t_s - self.t_s) > 0:
            if (met := self.blocked()) is not None:
                return met
            self.sample()
            self._clock.wait(self._cut, min(left, SAMPLE_SECONDS))
        return None

    def wait(self, seconds: float) -> None:
        """Let time pass, less if the run is stopped."""
        self._clock.wait(self._cut, seconds)

    def _look(self) -> Moment:
        moment = Moment(t_s=self.t_s, reading=self._read())
        self._moments.append(moment)
        while len(self._moments) > 2 and moment.t_s - self._moments[1].t_s >= WINDOW_SECONDS:  # noqa: PLR2004 - first, last
            self._moments.popleft()
        available = moment.reading.available_bytes
        if available is not None and len(self._moments) > 1:
            lowest = self.lowest_available_bytes
            self.lowest_available_bytes = available if lowest is None else min(lowest, available)
        return moment

    def _trend(self) -> Trend:
        return trend(self._moments[0], self._moments[-1])

    def _seen(self) -> dict[str, float]:
        """Give what the last look saw, under the recorder's names."""
        reading, now = self._moments[-1].reading, self._trend()
        found = {
            "ram_available_bytes": reading.available_bytes,
            "cache_bytes": reading.cache_bytes,
            "memory_stall_full_percent": now.stall_percent,
            "swap_out_bytes_per_s": now.swap_out_bytes_per_s,
            "process_resident_bytes": resident_bytes(),
        }
        return {key: value for key, value in found.items() if value is not None}
