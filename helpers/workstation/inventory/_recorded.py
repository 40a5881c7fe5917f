"""Replay a recorded machine instead of asking this one: for tests, and for lessons on hardware that is not there.

A recording is one TOML file, so that names such as ``0000:01:00.0`` survive a checkout on any system::

    now = "2026-01-31T12:00:00Z"
    present = ["/dev/nvidiactl"]     # exists, whatever is in it
    denied = ["/proc/1/cgroup"]      # exists, but may not be read
    [platform]                       # system, release, version, machine, python
    [files]                          # path = text
    [links]                          # path = target
    [folders]                        # path = names; others follow from the files and links
    [spaces]                         # mount point = {total_bytes, free_bytes}
    [variables]                      # name = value
    [command_problems]               # command line = why it printed nothing: "did not answer within 100 ms"
    [nvml]                           # problem, driver, [[nvml.devices]]
    [commands]                       # command line, or its first word alone = what it printed
    [psutil]                         # the fields of PsutilReport
    [metal]                          # budget_bytes
"""

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePath, PurePosixPath, PureWindowsPath
from typing import Any

from workstation.inventory._commands import NOT_INSTALLED
from workstation.inventory._nvml import NvmlDevice, NvmlReport
from workstation.inventory._psutil import PsutilReport
from workstation.inventory._read import READ_LIMIT_BYTES, Platform, Space


class RecordedSource:
    """A machine as it was recorded; anything that the recording does not hold is not there."""

    def __init__(self, recording: Mapping[str, Any]) -> None:
        self._recording = recording
        self._files: Mapping[str, str] = recording.get("files", {})
        self._links: Mapping[str, str] = recording.get("links", {})
        self._denied = frozenset(recording.get("denied", ()))
        self._folders = _folders(recording)
        self._refusals: dict[str, str] = dict(recording.get("command_problems", {}))

    @classmethod
    def load(cls, path: Path) -> "RecordedSource":
        """Load a recording from a TOML file."""
        return cls(tomllib.loads(path.read_text(encoding="utf-8")))

    def now(self) -> str:
        """Return the time of the recording."""
        return str(self._recording["now"])

    def platform(self) -> Platform:
        """Return what Python said there."""
        return Platform(**self._recording["platform"])

    def read(self, path: str, limit_bytes: int = READ_LIMIT_BYTES) -> str | None:
        """Return a recorded file's text."""
        return None if path in self._denied or path not in self._files else self._files[path][:limit_bytes]

    def problem(self, path: str) -> str | None:
        """Say why a file or a command gave nothing."""
        if path in self._recording.get("commands", {}):
            return None
        if path in self._refusals:
            return self._refusals[path]
        if path in self._files and path not in self._denied:
            return None
        return "may not be read by this user" if path in self._denied else "is not there"

    def names(self, folder: str) -> tuple[str, ...] | None:
        """List a recorded folder."""
        return None if folder in self._denied else self._folders.get(folder)

    def exists(self, path: str) -> bool:
        """Tell whether the recording holds something at *path*."""
        listed = (*self._recording.get("present", ()), *self._denied)
        return path in self._files or path in self._links or path in self._folders or path in listed

    def link(self, path: str) -> str | None:
        """Return a recorded link's target."""
        return self._links.get(path)

    def real(self, path: str) -> str:
        """Return the path itself: recordings name real paths."""
        return path

    def space(self, path: str) -> Space | None:
        """Return the figures of the deepest recorded mount point that holds *path*."""
        spaces = self._recording.get("spaces", {})
        place: PurePath = PureWindowsPath(path) if self.platform().system == "Windows" else PurePosixPath(path)
        above = (str(folder) for folder in (place, *place.parents))
        return next((Space(**spaces[folder]) for folder in above if folder in spaces), None)

    def variable(self, name: str) -> str | None:
        """Return a recorded variable."""
        value = self._recording.get("variables", {}).get(name)
        return None if value is None else str(value)

    def nvml(self, only: Sequence[str] = ()) -> NvmlReport:
        """Return what NVIDIA's library said; without a record, that it was not there."""
        told = self._recording.get("nvml", {"problem": "LibraryNotFound"})
        devices = [_device(device) for device in told.get("devices", ())]
        asked = tuple(device for device in devices if not only or device.bus_id in only)
        return NvmlReport(problem=told.get("problem"), driver=told.get("driver"), devices=asked)

    def psutil(self) -> PsutilReport:
        """Return what psutil said there; without a record, that it could tell nothing."""
        return PsutilReport(**self._recording.get("psutil", {}))

    def metal(self) -> int | None:
        """Return the GPU's memory budget that Metal gave."""
        budget: int | None = self._recording.get("metal", {}).get("budget_bytes")
        return budget

    def run(self, command: Sequence[str], timeout_seconds: float = 5.0) -> str | None:
        """Return what a command printed there."""
        return self.run_all([command], timeout_seconds)[tuple(command)]

    def run_all(
        self,
        commands: Sequence[Sequence[str]],
        timeout_seconds: float | None = None,  # noqa: ARG002 - part of Source
    ) -> Mapping[tuple[str, ...], str | None]:
        """Return what commands printed there; a long one, such as a script, is recorded under its first word."""
        printed: Mapping[str, str] = self._recording.get("commands", {})
        told = {tuple(each): printed.get(" ".join(each), printed.get(each[0])) for each in commands}
        for command in (" ".join(each) for each, text in told.items() if text is None):
            self._refusals.setdefault(command, NOT_INSTALLED)
        return told


def _device(told: Mapping[str, Any]) -> NvmlDevice:
    blank: dict[str, Any] = {"name": None, "total_bytes": None, "used_bytes": None}
    return NvmlDevice(**(blank | dict(told)))


def _folders(recording: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """List every folder: those named, and those that a recorded path lies in."""
    found: dict[str, set[str]] = {}
    for path in (*recording.get("files", {}), *recording.get("links", {}), *recording.get("folders", {})):
        parts = PurePosixPath(path)
        for inner, outer in zip((parts, *parts.parents), parts.parents, strict=False):
            found.setdefault(str(outer), set()).add(inner.name)
    named = {folder: tuple(names) for folder, names in recording.get("folders", {}).items()}
    return {folder: tuple(sorted(names)) for folder, names in found.items()} | named
