"""Let one demonstration run at a time for each user, by a lock that the system frees when its owner dies.

No file is made for it: on Linux and macOS the home folder itself is locked, on Windows a named mutex is held.
"""

import os
import tempfile
from pathlib import Path

_MUTEX = "Local\\home-ai-workstation-demonstration"
_ALREADY_EXISTS = 183


def take_lock() -> bool:
    """Take the lock until this process ends; `False` where another demonstration holds it."""
    return _lock_on_windows() if os.name == "nt" else _lock_a_folder(Path.home()) is not False


def _lock_a_folder(folder: Path) -> bool | None:
    """Lock a folder; `None` where neither it nor the one for temporary files can be locked, as on some networks."""
    import fcntl

    for place in (folder, Path(tempfile.gettempdir())):
        try:
            descriptor = os.open(place, os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            continue
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return False
        except OSError:  # a network's file system that cannot
            os.close(descriptor)
            continue
        return True  # the descriptor stays open until the process ends
    return None


def _lock_on_windows() -> bool:
    import ctypes

    kernel = getattr(ctypes, "WinDLL")("kernel32", use_last_error=True)  # noqa: B009 - absent elsewhere, for mypy too
    kernel.CreateMutexW(None, True, _MUTEX)
    found: int = getattr(ctypes, "get_last_error")()  # noqa: B009 - likewise
    return found != _ALREADY_EXISTS
