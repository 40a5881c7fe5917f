"""Keep predictions in a file that only ever grows: the one place that reads and writes them.

Lines are added and none is changed, so whatever else stands in the file stays there. A link or a device in the file's
place is refused, and of a file that has grown past all reason only the end is read.
"""

import os
import stat
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from workstation.answers.predictions import Log, Prediction, parse_log, to_line
from workstation.errors import PredictionError

__all__ = ["MAX_READ_BYTES", "PREDICTIONS_FILE", "SELF_CHECKS_FILE", "append", "load", "now"]

PREDICTIONS_FILE = "predictions.jsonl"
SELF_CHECKS_FILE = "self-checks.jsonl"  # the same fields; apart, so that they do not count as predictions
MAX_READ_BYTES = 1_000_000


def load(path: Path) -> Log:
    """Read the predictions in a file; one that is not there holds none.

    Raises:
        PredictionError: something that is no plain file stands there, or it may not be read.
    """
    try:
        with _open(path, "rb") as file:
            size_bytes = os.fstat(file.fileno()).st_size
            file.seek(max(0, size_bytes - MAX_READ_BYTES))
            raw = file.read(MAX_READ_BYTES)
    except FileNotFoundError:
        return Log(latest={})
    except OSError as error:
        raise _refusal("Reading", path, error.strerror) from None
    if size_bytes > MAX_READ_BYTES:
        raw = raw.partition(b"\n")[2]  # the first line of the end is half a line
    return parse_log(raw.decode("utf-8", errors="replace"))


def append(path: Path, entry: Prediction) -> None:
    """Add a prediction at the end of a file, which is made where it is not there.

    Raises:
        PredictionError: the file or its folder cannot be written.
    """
    line = f"{to_line(entry)}\n".encode("utf-8", "replace")  # half characters can be in what was read
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with _open(path, "ab+") as file:
            file.write(line if _ends_clean(file) else b"\n" + line)
    except OSError as error:
        raise _refusal("Writing", path, error.strerror) from None


def now() -> str:
    """Give the time in the form of our documents: ISO 8601, UTC, to the second."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


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
    """Tell whether a new line can follow: the last one was not cut off."""
    if file.seek(0, os.SEEK_END) == 0:
        return True
    file.seek(-1, os.SEEK_END)
    return file.read(1) == b"\n"


def _refusal(doing: str, path: Path, reason: str | None) -> PredictionError:
    return PredictionError(
        f"{doing} {path.parent.name}/{path.name} failed: {reason or 'the system refuses'}. Nothing in it was changed. "
        "Look at it in the file browser, move it away if it is not the course's, and run the cell again."
    )
