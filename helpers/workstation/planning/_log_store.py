"""Keep `log.jsonl`, a file that only ever grows: the one place of planning that reads and writes files.

A link or a device in the file's place is refused, and of a file that has grown past all reason only the end is read.
"""

import os
import stat
from pathlib import Path
from typing import BinaryIO

from workstation.errors import PlanningError
from workstation.planning._log import LogFile, LogRow, parse_log, to_line

__all__ = ["LOG_FILE", "MAX_READ_BYTES", "append_row", "load_log"]

LOG_FILE = "log.jsonl"
MAX_READ_BYTES = 1_000_000


def load_log(path: Path) -> LogFile:
    """Read a log; a file that is not there holds no weeks.

    Raises:
        PlanningError: something that is no plain file stands there, or it may not be read.
    """
    try:
        with _open(path, "rb") as file:
            size_bytes = os.fstat(file.fileno()).st_size
            file.seek(max(0, size_bytes - MAX_READ_BYTES))
            raw = file.read(MAX_READ_BYTES)
    except FileNotFoundError:
        return LogFile(rows=())
    except OSError as error:
        raise _refusal("Reading", path, error.strerror) from None
    if size_bytes > MAX_READ_BYTES:
        raw = raw.partition(b"\n")[2]  # the first line of the end is half a line
    return parse_log(raw.decode("utf-8", errors="replace"))


def append_row(path: Path, row: LogRow) -> None:
    """Add a week at the end of a log, which is made where it is not there; a cut-off last line stays alone.

    Raises:
        PlanningError: the file or its folder cannot be written.
    """
    line = f"{to_line(row)}\n".encode()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with _open(path, "ab+") as file:
            file.write(line if _ends_clean(file) else b"\n" + line)
    except OSError as error:
        raise _refusal("Writing", path, error.strerror) from None


def _open(path: Path, how: str) -> BinaryIO:
    file = open(path, how, opener=_without_following)  # noqa: SIM115 - Path.open takes no opener; closed below
    if stat.S_ISREG(os.fstat(file.fileno()).st_mode) and not path.is_symlink():
        return file  # type: ignore[return-value]  # a binary mode, which the checker cannot see
    file.close()
    raise _refusal("Opening", path, "it is no plain file")


def _without_following(name: str, flags: int) -> int:
    extra = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    return os.open(name, flags | extra, 0o666)


def _ends_clean(file: BinaryIO) -> bool:
    if file.seek(0, os.SEEK_END) == 0:
        return True
    file.seek(-1, os.SEEK_END)
    return file.read(1) == b"\n"


def _refusal(doing: str, path: Path, reason: str | None) -> PlanningError:
    return PlanningError(
        f"{doing} {path.parent.name}/{path.name} failed: {reason or 'the system refuses'}. Nothing in it was changed. "
        "Look at it in the file browser, move it away if it is not the course's, and log the week again."
    )
