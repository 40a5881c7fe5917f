"""Wait for what somebody else holds: say so after a few seconds, now and then again, and end in time.

What is waited for is said through Python's logging, under this package's name: the command line shows it on standard
error, a Jupyter server in its log.
"""

import logging
import time

__all__ = ["GIVE_UP_AFTER_SECONDS", "Wait"]

SAY_AFTER_SECONDS = 3.0
SAY_AGAIN_AFTER_SECONDS = 60.0
GIVE_UP_AFTER_SECONDS = 600.0  # a backup of a server takes minutes; what takes longer wants a person

_log = logging.getLogger("workstation_grader")


class Wait:
    """One wait: asked after every failed try whether to try again."""

    def __init__(self, *, give_up_after_seconds: float | None = None) -> None:
        self._give_up = GIVE_UP_AFTER_SECONDS if give_up_after_seconds is None else give_up_after_seconds
        self._began = time.monotonic()
        self._say_at = SAY_AFTER_SECONDS
        self._has_spoken = False

    def goes_on(self, what: str) -> bool:
        """Tell whether there is time for another try; say *what* is waited for where that is due."""
        waited_seconds = time.monotonic() - self._began
        if waited_seconds >= self._give_up:
            return False
        if waited_seconds >= self._say_at:
            _log.warning("%s Waiting (%.0f s so far).", what, waited_seconds)
            self._say_at = waited_seconds + SAY_AGAIN_AFTER_SECONDS
            self._has_spoken = True
        return True

    def over(self) -> None:
        """Say that it goes on, where it was said that it does not."""
        if self._has_spoken:
            _log.warning("Going on after %.0f s.", time.monotonic() - self._began)
