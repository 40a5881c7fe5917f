"""Open files that only ever grow, a line at a time: predictions, self-checks, the weekly log.

Lines are added and none is changed, so whatever else stands in the file stays there. A link or a device in the file's
place is refused, and of a file that has grown past all reason only the end is read.
"""

import os
import stat
from pathlib import Path
from typing import BinaryIO

__all__ = ["MAX_READ_BYTES", "NO_PLAIN_FILE", "append_line", "read_end"]

MAX_READ_BYTES = 1_000_000
NO_PLAIN_FILE = "it is no plain file"


def read_end(path: Path) -> str:
    """Read the last `MAX_READ_BYTES` of a file as text, from the beginning of a line.

    Raises:
        OSError: it is not there (`FileNotFoundError`), may not be read, or is no plain file.
    """
    with _open(path, "rb") as file:
        size_bytes = os.fstat(file.fileno()).st_size
        file.seek(max(0, size_bytes - MAX_READ_BYTES))
        raw = file.read(MAX_READ_BYTES)
    if size_bytes > MAX_READ_BYTES:
        raw = raw.partition(b"\n")[2]  # the first line of the end is half a line
    return raw.decode("utf-8", errors="replace")


def append_line(path: Path, line: str) -> None:
    """Add a line at the end of a file, which is made where it is not there; a cut-off last line stays alone.

    Raises:
        OSError: the file or its folder cannot be written.
    """
    written = f"{line}\n".encode("utf-8", "replace")  # half characters can be in what was read
    path.parent.mkdir(parents=True, exist_ok=True)
    with _open(path, "ab+") as file:
        file.write(written if _ends_clean(file) else b"\n" + written)


def _open(path: Path, how: str) -> BinaryIO:
    file = open(path, how, opener=_without_following)  # noqa: SIM115 - Path.open takes no opener; closed below
    if stat.S_ISREG(os.fstat(file.fileno()).st_mode) and not path.is_symlink():
        return file  # type: ignore[return-value]  # a binary mode, which the checker cannot see
    file.close()
    raise OSError(0, NO_PLAIN_FILE)


def _without_following(name: str, flags: int) -> int:
    extra = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    return os.open(name, flags | extra, 0o666)


def _ends_clean(file: BinaryIO) -> bool:
    """Tell whether a new line can follow: the last one was not cut off."""
    if file.seek(0, os.SEEK_END) == 0:
        return True
    file.seek(-1, os.SEEK_END)
    return file.read(1) == b"\n"
