"""Let one run at a time change a course folder: who comes second waits, says for whom, and goes on.

The system's own file lock decides, and ends with its process however that ends. The note inside says who holds it, and
stays behind where a run was killed: the next one finds it and clears up. Some network folders do not share file locks
between machines; so another machine's note is never ignored, a person has to say that nothing runs there any more.
"""

import contextlib
import errno
import getpass
import json
import os
import socket
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from workstation.errors import CohortError
from workstation_grader.waits import Wait

__all__ = ["LOCK_NAME", "Holder", "alone_in"]

LOCK_NAME = ".in-use"
WAIT_SECONDS = 3 * 3600.0  # the longest that one run may reasonably take
TRY_AGAIN_SECONDS = 0.2
MAX_NOTE_BYTES = 4_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Who changes a course folder: a process of a machine, since when, and with which command."""

    machine: str
    user: str
    process: int
    since: str
    doing: str

    def told(self) -> str:
        """Say it in a sentence."""
        return f"{self.doing!r} of {self.user} (process {self.process} on {self.machine}, since {self.since})"


@contextlib.contextmanager
def alone_in(root: Path, doing: str) -> Iterator[Holder | None]:
    """Change a course folder alone, waiting for whoever does; give the run before where that was killed.

    Args:
        root: the course folder.
        doing: the command, for those who wait, such as ``grade constraint-summary``.

    Raises:
        CohortError: another run kept the folder for hours, or a note of another machine stays.
    """
    path = root / LOCK_NAME
    handle = _take(path)
    try:
        killed = _read(handle)
        _write(handle, _ourselves(doing))
        yield killed
    finally:
        _write(handle, None)
        os.close(handle)


def _take(path: Path) -> int:
    wait = Wait(give_up_after_seconds=WAIT_SECONDS)
    while True:
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)  # anew each time: a person may have removed it
        is_ours = _try_lock(handle)
        holder = _read(handle)
        if is_ours and (holder is None or not _may_live(holder)):
            wait.over()
            return handle
        os.close(handle)
        sentence = _sentence(path, holder, known_to_run=not is_ours)
        if not wait.goes_on(sentence):
            raise CohortError(f"{sentence} Nothing was done.")
        time.sleep(TRY_AGAIN_SECONDS)


def _sentence(path: Path, holder: Holder | None, *, known_to_run: bool) -> str:
    told = holder.told() if holder else "a run that did not say which"
    if known_to_run:
        return f"The course folder {path.parent} is in use by {told}."
    return (
        f"The course folder {path.parent} is noted as in use by {told}. If nothing runs there any more, remove {path} "
        "and this goes on."
    )


def _may_live(holder: Holder) -> bool:
    """Tell whether a holder may still be at work though its lock could be had: always, on another machine."""
    return holder.machine != socket.gethostname()


def _ourselves(doing: str) -> Holder:
    since = f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC"
    return Holder(machine=socket.gethostname(), user=_user(), process=os.getpid(), since=since, doing=doing)


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):  # an account without a name, as in some containers
        return "an unnamed user"


def _read(handle: int) -> Holder | None:
    os.lseek(handle, 0, os.SEEK_SET)
    try:
        fields = json.loads(os.read(handle, MAX_NOTE_BYTES))
        return Holder(**{name: fields[name] for name in Holder.__slots__})
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


def _write(handle: int, holder: Holder | None) -> None:
    os.ftruncate(handle, 0)
    os.lseek(handle, 0, os.SEEK_SET)
    os.write(handle, json.dumps(asdict(holder)).encode() if holder else b"")


if sys.platform == "win32":
    import msvcrt

    _FAR_BYTE = 1 << 30  # Windows forbids to read a locked byte: lock one that the note never reaches

    def _try_lock(handle: int) -> bool:
        os.lseek(handle, _FAR_BYTE, os.SEEK_SET)
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _try_lock(handle: int) -> bool:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno in (errno.EWOULDBLOCK, errno.EACCES):
                return False
            raise CohortError(
                f"This disk knows no file locks ({error.strerror}), so that two runs could not be told apart. Keep the "
                "course folder on a disk of this machine, or on a network folder that has them (NFS 4, SMB)."
            ) from error
        return True
