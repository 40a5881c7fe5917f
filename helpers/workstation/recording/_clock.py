"""Tell the time of a recording, which never goes back, and notice when the machine slept or its clock was set."""

import time
from collections.abc import Callable

JUMP_SECONDS = 1.0
Clocks = tuple[float, float, float]  # steady; steady but counting sleep; the wall's


class Clock:
    """Seconds since recording began."""

    def __init__(self, read: Callable[[], Clocks]) -> None:
        self._read = read
        self._began, *self._offsets = self._now()

    def now_s(self) -> float:
        """Return the time; it stands still while the machine sleeps."""
        return self._read()[0] - self._began

    def jump_s(self) -> float | None:
        """Return by how much the other clocks have run away since the last call; `None` where they have not."""
        _, *offsets = self._now()
        steps = [now - before for now, before in zip(offsets, self._offsets, strict=True)]
        self._offsets = offsets
        far = max(steps, key=abs)
        return round(far, 1) if abs(far) > JUMP_SECONDS else None

    def _now(self) -> tuple[float, float, float]:
        steady, with_sleep, wall = self._read()
        return steady, with_sleep - steady, wall - steady


def machine_clocks() -> Clocks:
    """Read this machine's clocks."""
    steady = time.monotonic()
    with_sleep = time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else steady
    return steady, with_sleep, time.time()
