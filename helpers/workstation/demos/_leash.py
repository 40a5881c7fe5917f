"""Keep a child process on a leash: it ends when its parent does, when it is told to, and when its time is up.

The parent holds the other end of the child's standard input. When that closes, for whatever reason, the child has a
moment to end by itself and is then ended. On Linux the kernel also kills it when its parent dies.
"""

import contextlib
import ctypes
import os
import signal
import sys
import threading
import time
from typing import NoReturn

GRACE_SECONDS = 0.3
_LOOK_SECONDS = 0.1
_NICENESS = 5
_STACK_BYTES = 256 * 1024  # the usual 8 MiB would count as data, under a limit on data
_PR_SET_PDEATHSIG = 1
_OOM_SCORE = "/proc/self/oom_score_adj"
_CHOSEN_FIRST = "1000"
GONE = 3  # the exit code of a child that ended itself


class Leash:
    """The child's side."""

    def __init__(self, *, parent: int, seconds: float) -> None:
        self.cut = threading.Event()
        self._parent, self._deadline = parent, time.monotonic() + seconds

    def arm(self, *, by_kernel: bool) -> None:
        """Start to watch; *by_kernel* where the parent's main thread started us: the signal is tied to a thread."""
        if by_kernel and sys.platform == "linux":
            ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if self._orphaned():  # it died before the signal was set
            _leave()
        threading.stack_size(_STACK_BYTES)
        threading.Thread(target=self._listen, daemon=True, name="leash").start()
        threading.Thread(target=self._watch, daemon=True, name="watch").start()

    def _listen(self) -> None:
        with contextlib.suppress(OSError):
            while os.read(0, 4096):
                pass
        self.cut.set()
        time.sleep(GRACE_SECONDS)
        _leave()

    def _watch(self) -> None:
        while not self._orphaned() and time.monotonic() < self._deadline:
            time.sleep(_LOOK_SECONDS)
        _leave()

    def _orphaned(self) -> bool:
        return os.name == "posix" and os.getppid() != self._parent


def _leave() -> NoReturn:
    """End at once: memory goes back, files without a name are gone."""
    os._exit(GONE)


def be_chosen_first() -> bool:
    """Ask Linux's out-of-memory killer to take this process before any other; tell whether it will."""
    try:
        with open(_OOM_SCORE, "w", encoding="ascii") as file:  # noqa: PTH123 - no Path needed for one line
            file.write(_CHOSEN_FIRST)
    except OSError:
        return False
    return True


def be_modest() -> None:
    """Leave the processor to other work first, and ignore Ctrl-C: whoever started us decides."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with contextlib.suppress(AttributeError, OSError):  # Windows has no niceness
        os.nice(_NICENESS)
