"""Touch the operating system for the recorder: files of /proc and /sys that are kept open and read again and again.

Everything else of the sampler on Linux receives a `Texts`; a test passes one that replays what such files said.
"""

import os
from typing import Protocol

MOST_BYTES = 256 * 1024
_REASONS: dict[type[OSError], str] = {
    FileNotFoundError: "is not there",
    NotADirectoryError: "is not there",
    PermissionError: "may not be read by this user",
    ProcessLookupError: "belongs to a process that is gone",
}
_BROKEN = "could not be read"
# With less than this there was room for another entry of what is read again and again; mounts can be longer.
_NEARLY_A_PAGE = 4096 - 1024


class Texts(Protocol):
    """What files say at this moment; no method raises."""

    def read(self, path: str, *, once: bool = False) -> bytes | None:
        """Return what a file says now, or `None`; it is kept open unless it is read only *once*."""

    def why(self, path: str) -> str:
        """Say why the last reading of *path* gave nothing, as the end of a sentence."""

    def names(self, folder: str) -> tuple[str, ...]:
        """Return the sorted names in a folder; none where it cannot be listed."""

    def link(self, path: str) -> str | None:
        """Return where a symbolic link points."""

    def free_bytes(self, folder: str) -> int | None:
        """Return what a user without privileges can still write to the disk of *folder*."""

    def forget(self, path: str) -> None:
        """Close a file that will not be read again."""


class LiveTexts:
    """This machine's files."""

    def __init__(self) -> None:
        self._open: dict[str, int] = {}
        self._reasons: dict[str, str] = {}

    def read(self, path: str, *, once: bool = False) -> bytes | None:
        """Read a file from its start; a kept descriptor of a process's file never tells of another process."""
        descriptor, own = self._open.get(path), None
        try:
            if descriptor is None:
                descriptor = own = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
                if not once:
                    self._open[path], own = descriptor, None
            return _whole(descriptor, 0 if once else _NEARLY_A_PAGE)
        except OSError as error:
            self._reasons[path] = _REASONS.get(type(error), _BROKEN)
            self.forget(path)
            return None
        finally:
            if own is not None:
                os.close(own)

    def why(self, path: str) -> str:
        """Say why nothing was read there."""
        return self._reasons.get(path, _BROKEN)

    def names(self, folder: str) -> tuple[str, ...]:
        """List a folder."""
        try:
            return tuple(sorted(os.listdir(folder)))  # noqa: PTH208 - a tenth of the cost of Path objects
        except OSError:
            return ()

    def link(self, path: str) -> str | None:
        """Read a symbolic link."""
        try:
            return os.readlink(path)  # noqa: PTH115 - as above
        except OSError:
            return None

    def free_bytes(self, folder: str) -> int | None:
        """Ask the file system."""
        try:
            found = os.statvfs(folder)
        except OSError:
            return None
        return found.f_bavail * found.f_frsize

    def forget(self, path: str) -> None:
        """Close a file."""
        descriptor = self._open.pop(path, None)
        if descriptor is not None:
            os.close(descriptor)


def _whole(descriptor: int, enough: int) -> bytes:
    """Read to the end: the kernel hands out lists such as /proc/vmstat a page at a time, in whole entries.

    A piece of at most *enough* bytes is taken for the last one.
    """
    data = os.pread(descriptor, MOST_BYTES, 0)
    part = data
    while len(part) > enough and len(data) < MOST_BYTES:
        part = os.pread(descriptor, MOST_BYTES - len(data), len(data))
        data += part
    return data
