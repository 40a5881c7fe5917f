"""Touch the operating system: the only module of the inventory that does.

Everything else receives a `Source`. `LiveSource` asks this machine; a test passes one that replays a recording.
"""

import os
import sys
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from workstation.inventory._nvml import NvmlReport
    from workstation.inventory._psutil import PsutilReport

READ_LIMIT_BYTES = 256 * 1024
COMMAND_SECONDS = 0.1  # for all fallback commands of one inventory together; `workstation doctor` waits longer
_ABSENT = "is not there"
_DENIED = "may not be read by this user"
_BROKEN = "could not be read"
_NOT_ASKED = "was not asked, as other commands had used up the time"
_REASONS: dict[type[Exception], str] = {
    FileNotFoundError: _ABSENT,
    NotADirectoryError: _ABSENT,
    PermissionError: _DENIED,
}


class Space(NamedTuple):
    """How big a mounted file system is, and what a user without privileges can still write."""

    total_bytes: int
    free_bytes: int


class Platform(NamedTuple):
    """What Python itself says about the system it runs on."""

    system: str
    release: str
    version: str
    machine: str
    python: str


class Source(Protocol):
    """One machine's facts as text; no method raises."""

    def now(self) -> str:
        """Return the time in UTC, ISO 8601."""

    def platform(self) -> Platform:
        """Return what Python says about the system."""

    def read(self, path: str, limit_bytes: int = READ_LIMIT_BYTES) -> str | None:
        """Return at most *limit_bytes* of a file's text, or `None`: `problem` then says why."""

    def problem(self, path: str) -> str | None:
        """Say why the last `read` of *path*, or run of a command, gave nothing, as the end of a sentence; else `None`.

        A command is named by its words with a blank between them.
        """

    def names(self, folder: str) -> tuple[str, ...] | None:
        """Return the sorted names in a folder, or `None` where it cannot be listed."""

    def exists(self, path: str) -> bool:
        """Tell whether something is at *path*."""

    def link(self, path: str) -> str | None:
        """Return where a symbolic link points, unresolved."""

    def real(self, path: str) -> str:
        """Return *path* without links and relative parts."""

    def space(self, path: str) -> Space | None:
        """Return the size and free space of the file system that holds *path*."""

    def variable(self, name: str) -> str | None:
        """Return an environment variable."""

    def nvml(self, only: Sequence[str] = ()) -> "NvmlReport":
        """Ask NVIDIA's management library; slow to load, so ask only where an NVIDIA device is likely.

        *only* names bus ids ("0000:01:00.0") of the GPUs to ask: the others may sleep and are not to be woken.
        """

    def psutil(self) -> "PsutilReport":
        """Ask psutil; slow to load, so Linux does without."""

    def metal(self) -> int | None:
        """Return the GPU's memory budget in bytes, as Apple's Metal tells a framework that is loaded already."""

    def run(self, command: Sequence[str], timeout_seconds: float = 5.0) -> str | None:
        """Return what a command printed, or `None` where it is missing, fails or takes too long."""

    def run_all(
        self, commands: Sequence[Sequence[str]], timeout_seconds: float | None = None
    ) -> Mapping[tuple[str, ...], str | None]:
        """Run commands at the same time and return what each printed, or `None`; `problem` then says why.

        Without *timeout_seconds* all such calls of one source share one short time.
        """


def because(source: Source, path: str, lacks: str) -> str:
    """Say why a fact is not to be had from a file: what stopped the reading of it, else what it *lacks*."""
    return f"{path} {source.problem(path) or lacks}"


class LiveSource:
    """This machine."""

    def __init__(self, command_seconds: float = COMMAND_SECONDS) -> None:
        self._problems: dict[str, str] = {}
        self._command_seconds_left = command_seconds

    def now(self) -> str:
        """Return the time in UTC to the second."""
        return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())

    def platform(self) -> Platform:
        """Return what Python says; without `platform.processor`, which starts a command."""
        system, release, version, machine = _uname()
        python = ".".join(str(part) for part in sys.version_info[:3])
        return Platform(system=system, release=release, version=version, machine=machine, python=python)

    def read(self, path: str, limit_bytes: int = READ_LIMIT_BYTES) -> str | None:
        """Read bytes up to the limit; undecodable ones become a replacement character."""
        try:
            descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0))
        except (OSError, ValueError) as error:
            self._note(path, error)
            return None
        try:
            return _read_up_to(descriptor, limit_bytes).decode("utf-8", errors="replace")
        except OSError as error:
            self._note(path, error)
            return None
        finally:
            os.close(descriptor)

    def problem(self, path: str) -> str | None:
        """Say why the last `read` of *path*, or run of a command, gave nothing."""
        return self._problems.get(path)

    def names(self, folder: str) -> tuple[str, ...] | None:
        """List a folder."""
        try:
            return tuple(sorted(os.listdir(folder)))  # noqa: PTH208 - a tenth of the cost of Path objects
        except (OSError, ValueError):
            return None

    def exists(self, path: str) -> bool:
        """Tell whether something is at *path*."""
        return os.path.exists(path)  # noqa: PTH110 - as above; never raises for text

    def link(self, path: str) -> str | None:
        """Read a symbolic link."""
        try:
            return os.readlink(path)  # noqa: PTH115 - as above
        except (OSError, ValueError):
            return None

    def real(self, path: str) -> str:
        """Resolve links as far as they can be."""
        try:
            return os.path.realpath(path)
        except (OSError, ValueError):
            return path

    def space(self, path: str) -> Space | None:
        """Ask the file system through its nearest existing folder."""
        folder = os.path.abspath(path)  # noqa: PTH100 - as above
        while (found := _space(folder)) is None and folder != os.path.dirname(folder):  # noqa: PTH120 - as above
            folder = os.path.dirname(folder)  # noqa: PTH120 - as above
        return found

    def variable(self, name: str) -> str | None:
        """Read an environment variable."""
        return os.environ.get(name)

    def nvml(self, only: Sequence[str] = ()) -> "NvmlReport":
        """Load NVIDIA's management library and ask it."""
        from workstation.inventory._nvml import ask_nvml  # late, as most machines have no GPU of NVIDIA's

        return ask_nvml(only)

    def psutil(self) -> "PsutilReport":
        """Load psutil and ask it."""
        from workstation.inventory._psutil import ask_psutil  # late, as Linux does without

        return ask_psutil()

    def metal(self) -> int | None:
        """Ask PyTorch or MLX, where one of them is loaded."""
        from workstation.inventory._metal import ask_metal  # late: for Macs only

        return ask_metal()

    def run(self, command: Sequence[str], timeout_seconds: float = 5.0) -> str | None:
        """Run a fixed command without a shell, in the C locale."""
        return self.run_all([command], timeout_seconds)[tuple(command)]

    def run_all(
        self, commands: Sequence[Sequence[str]], timeout_seconds: float | None = None
    ) -> Mapping[tuple[str, ...], str | None]:
        """Run fixed commands side by side; without a limit of their own, within what is left of this source's."""
        if not commands:
            return {}
        from workstation.inventory._commands import ask_all  # late: most machines are read without a command

        start, limit = time.monotonic(), self._command_seconds_left if timeout_seconds is None else timeout_seconds
        if limit <= 0:
            self._problems |= {" ".join(command): _NOT_ASKED for command in commands}
            return {tuple(command): None for command in commands}
        answers = dict(zip(map(tuple, commands), ask_all(commands, limit), strict=True))
        if timeout_seconds is None:
            self._command_seconds_left = max(0.0, limit - (time.monotonic() - start))
        self._problems |= {" ".join(command): answer.problem for command, answer in answers.items() if answer.problem}
        return {command: answer.text for command, answer in answers.items()}

    def _note(self, path: str, error: Exception) -> None:
        self._problems[path] = _REASONS.get(type(error), _BROKEN)


def _uname() -> tuple[str, str, str, str]:
    if hasattr(os, "uname"):  # platform.uname would start a command for its processor field
        found = os.uname()
        return found.sysname, found.release, found.version, found.machine
    import platform  # late: slow to load, and wanted on Windows only

    return platform.system(), platform.release(), platform.version(), platform.machine()


def _read_up_to(descriptor: int, limit_bytes: int) -> bytes:
    parts, left = [], limit_bytes
    while left > 0 and (part := os.read(descriptor, min(left, 65536))):
        parts.append(part)
        left -= len(part)
    return b"".join(parts)


def _space(folder: str) -> Space | None:
    try:
        if hasattr(os, "statvfs"):
            found = os.statvfs(folder)
            return Space(total_bytes=found.f_blocks * found.f_frsize, free_bytes=found.f_bavail * found.f_frsize)
        import shutil

        usage = shutil.disk_usage(folder)
    except (OSError, ValueError):
        return None
    return Space(total_bytes=usage.total, free_bytes=usage.free)
