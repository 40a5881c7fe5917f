"""Remember every question that reading a machine asks, and every answer: what a recording of it consists of."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from workstation.inventory._nvml import NvmlDevice, NvmlReport
from workstation.inventory._psutil import PsutilReport
from workstation.inventory._read import READ_LIMIT_BYTES, Platform, Source, Space

MAX_COMMAND_LINE = 250


class RememberingSource:
    """Another source, with a memory; `recording` is what `RecordedSource` replays."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._told: dict[str, dict[str, Any]] = {
            table: {} for table in ("variables", "spaces", "links", "folders", "files", "commands", "command_problems")
        }
        self._present: set[str] = set()
        self._denied: set[str] = set()
        self._reports: dict[str, dict[str, Any]] = {}
        self._now = source.now()

    def recording(self) -> dict[str, Any]:
        """Return everything that was asked and answered so far, as the tables of a recording."""
        head = {"now": self._now, "present": sorted(self._present), "denied": sorted(self._denied)}
        tables = {name: dict(sorted(table.items())) for name, table in self._told.items() if table}
        return head | {"platform": self.platform()._asdict()} | tables | self._reports

    def now(self) -> str:
        """Return one time, however often it is asked."""
        return self._now

    def platform(self) -> Platform:
        """Pass on what Python says."""
        return self._source.platform()

    def read(self, path: str, limit_bytes: int = READ_LIMIT_BYTES) -> str | None:
        """Remember a file's text, or that it may not be read."""
        text = self._source.read(path, limit_bytes)
        if text is not None:
            self._told["files"][path] = text
        elif "may not" in (self._source.problem(path) or ""):
            self._denied.add(path)
        return text

    def problem(self, path: str) -> str | None:
        """Pass on why something gave nothing."""
        return self._source.problem(path)

    def names(self, folder: str) -> tuple[str, ...] | None:
        """Remember a folder's names."""
        names = self._source.names(folder)
        if names is not None:
            self._told["folders"][folder] = list(names)
        return names

    def exists(self, path: str) -> bool:
        """Remember that something is there."""
        found = self._source.exists(path)
        if found:
            self._present.add(path)
        return found

    def link(self, path: str) -> str | None:
        """Remember where a link points."""
        target = self._source.link(path)
        if target is not None:
            self._told["links"][path] = target
        return target

    def real(self, path: str) -> str:
        """Pass on the path without links: recordings name real paths."""
        return self._source.real(path)

    def space(self, path: str) -> Space | None:
        """Remember a file system's figures under the folder that was asked for."""
        found = self._source.space(path)
        if found is not None:
            self._told["spaces"][self._source.real(path)] = found._asdict()
        return found

    def variable(self, name: str) -> str | None:
        """Remember a variable."""
        value = self._source.variable(name)
        if value is not None:
            self._told["variables"][name] = value
        return value

    def nvml(self, only: Sequence[str] = ()) -> NvmlReport:
        """Remember what NVIDIA's library said."""
        report = self._source.nvml(only)
        self._reports["nvml"] = report._asdict() | {"devices": [_of_device(device) for device in report.devices]}
        return report

    def psutil(self) -> PsutilReport:
        """Remember what psutil said."""
        report = self._source.psutil()
        self._reports["psutil"] = asdict(report)
        return report

    def metal(self) -> int | None:
        """Remember what Metal said."""
        budget = self._source.metal()
        self._reports["metal"] = {"budget_bytes": budget}
        return budget

    def run(self, command: Sequence[str], timeout_seconds: float = 5.0) -> str | None:
        """Remember what a command printed."""
        return self.run_all([command], timeout_seconds)[tuple(command)]

    def run_all(
        self, commands: Sequence[Sequence[str]], timeout_seconds: float | None = None
    ) -> Mapping[tuple[str, ...], str | None]:
        """Remember what commands printed, or why they did not."""
        answers = self._source.run_all(commands, timeout_seconds)
        for command, text in answers.items():
            line = " ".join(command)
            if text is not None:
                # A script is recorded under the program that ran it: that is where a replay looks, too.
                self._told["commands"][line if len(line) <= MAX_COMMAND_LINE else command[0]] = text
            elif problem := self._source.problem(line):
                self._told["command_problems"][line] = problem
        return answers


def _of_device(device: NvmlDevice) -> dict[str, Any]:
    return device._asdict() | {"problems": dict(device.problems)}
