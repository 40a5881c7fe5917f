"""Write a recording line by line: each is with the operating system before the next is begun."""

import errno
import json
import os
from collections.abc import Mapping

DISK_FULL = "disk full"
_encode = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, allow_nan=False, check_circular=False).encode
_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT})


class Writer:
    """The file of one recording that is being made.

    Every line is handed to the operating system as it is written, so it outlives this process and whatever it records.
    When the disk is full, writing stops: the last sample then makes room for the line that says so.
    """

    def __init__(self, path: str) -> None:
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
        self._descriptor = os.open(path, flags, 0o644)
        self._starts: list[int] = []  # of the last lines, for the end's sake
        self._size_bytes = 0
        self.stopped_by: str | None = None

    def write(self, document: Mapping[str, object]) -> bool:
        """Add a line; `False` when nothing more can be written, and `stopped_by` says why."""
        if self.stopped_by is not None:
            return False
        return self._put(line(document))

    def close(self, end: Mapping[str, object]) -> bool:
        """Add the last line, if need be in the place of the last samples; `False` where even that failed."""
        data = line(end)
        try:
            while not self._put(data):
                if self.stopped_by != DISK_FULL or not self._starts:
                    return False
                self._give_back(self._starts.pop())
            _sync(self._descriptor)
            return True
        finally:
            os.close(self._descriptor)

    def sync(self) -> None:
        """Have what was written brought to the disk; may take its time."""
        _sync(self._descriptor)

    def _put(self, data: bytes) -> bool:
        written = 0
        try:
            while written < len(data):
                written += os.write(self._descriptor, data[written:])
        except OSError as error:
            self.stopped_by = DISK_FULL if error.errno in _NO_ROOM else (error.strerror or "the system refuses")
            self._give_back(self._size_bytes)
            return False
        if self._size_bytes:  # never the header's place
            self._starts = [*self._starts[-3:], self._size_bytes]
        self._size_bytes += written
        return True

    def _give_back(self, size_bytes: int) -> None:
        """Cut the file back to whole lines."""
        try:
            os.ftruncate(self._descriptor, size_bytes)
            os.lseek(self._descriptor, size_bytes, os.SEEK_SET)
            self._size_bytes = size_bytes
        except OSError:
            self._starts.clear()


def line(document: Mapping[str, object]) -> bytes:
    """Return one line of a recording: compact, without NaN, with its end."""
    return _encode(document).encode("utf-8", "replace") + b"\n"


def _sync(descriptor: int) -> None:
    try:
        os.fsync(descriptor)
    except OSError:
        return
