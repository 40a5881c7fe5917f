"""Say how far a long command is: how many, how fast, how long still."""

import sys
import time
from collections.abc import Callable
from typing import TextIO

__all__ = ["Progress"]

LINE_EVERY_SECONDS = 5.0  # where nobody watches a terminal, such as a log


class Progress:
    """One line that is written over on a terminal; elsewhere a line every few seconds. Call it as work gets done."""

    def __init__(self, stream: TextIO | None = None, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream, self._clock = stream or sys.stderr, clock
        self._began = self._said = clock()
        self._first: int | None = None

    def __call__(self, done: int, total: int) -> None:
        """Say that *done* of *total* are done, where it is time to."""
        if self._first is None:
            self._first, self._began = done, self._clock()
        now = self._clock()
        line = told(done, total, since=done - self._first, seconds=now - self._began)
        if self._stream.isatty():
            print(f"\r{line}   ", end="\n" if done == total else "", file=self._stream, flush=True)
        elif now - self._said >= LINE_EVERY_SECONDS:
            self._said = now
            print(line, file=self._stream, flush=True)


def told(done: int, total: int, *, since: int, seconds: float) -> str:
    """Say it in a line.

    >>> told(50, 200, since=50, seconds=2.0), told(200, 200, since=200, seconds=8.0), told(3, 9, since=0, seconds=0.0)
    ('50 of 200 (25 a second, 6 s left)', '200 of 200 (25 a second)', '3 of 9')
    """
    rate = since / seconds if seconds > 0 else 0.0
    if not rate:
        return f"{done} of {total}"
    left = f", {(total - done) / rate:.0f} s left" if done < total else ""
    return f"{done} of {total} ({_rate(rate)}{left})"


def _rate(rate: float) -> str:
    return f"{rate:.0f} a second" if rate >= 1 else f"{rate * 60:.0f} a minute"
