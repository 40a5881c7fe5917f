"""Record the files that the inventory reads on this machine, without what is private: a script for contributors.

    python tests/machines/record.py tests/machines/linux-ryzen5-rtx3060-32gib

The slug says what to expect. Read the result before you commit it, then describe the machine in `about.toml` and put
what you know to be true about it into `expected.json`.
"""

import getpass
import json
import re
import socket
import sys
from pathlib import Path

from workstation.inventory._linux import read_linux
from workstation.inventory._nvml import NvmlReport
from workstation.inventory._read import READ_LIMIT_BYTES, LiveSource, Space

KEPT_MOUNTS = ("/", "/proc", "/sys", "/sysroot", "/home")
PRIVATE = (
    (re.compile(r"\b(?:[0-9a-fA-F]{2}:){5}[0-9a-fA-F]{2}\b"), "02:00:00:00:00:01"),
    (re.compile(r"\b\d{1,3}(?:\.\d{1,3}){3}\b"), "192.0.2.1"),
    (re.compile(r"[0-9a-f]{32,}"), "0" * 32),
    (re.compile(r"\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b"), "00000000-0000-0000-0000-000000000000"),
    (re.compile(r"\S+@\S+"), "someone@example"),
)


class Recorder(LiveSource):
    """This machine, remembering every question and answer."""

    def __init__(self) -> None:
        super().__init__()
        self.files: dict[str, str] = {}
        self.links: dict[str, str] = {}
        self.folders: dict[str, tuple[str, ...]] = {}
        self.spaces: dict[str, Space] = {}
        self.present: set[str] = set()
        self.denied: set[str] = set()
        self.report: NvmlReport | None = None

    def read(self, path: str, limit_bytes: int = READ_LIMIT_BYTES) -> str | None:
        """Remember a file's text."""
        text = super().read(path, limit_bytes)
        if text is not None:
            self.files[path] = _kept(path, text)
        elif "may not" in self.problem(path):
            self.denied.add(path)
        return text

    def names(self, folder: str) -> tuple[str, ...] | None:
        """Remember a folder's names."""
        names = super().names(folder)
        if names is not None:
            self.folders[folder] = names
        return names

    def exists(self, path: str) -> bool:
        """Remember that something is there."""
        found = super().exists(path)
        if found:
            self.present.add(path)
        return found

    def link(self, path: str) -> str | None:
        """Remember a link."""
        target = super().link(path)
        if target is not None:
            self.links[path] = target
        return target

    def space(self, path: str) -> Space | None:
        """Remember the root's figures only: the project folder's place is private."""
        found = super().space(path)
        if found is not None and path == "/":
            self.spaces["/"] = found
        return found

    def nvml(self) -> NvmlReport:
        """Remember what NVIDIA's library said."""
        self.report = super().nvml()
        return self.report


def main(folder: Path) -> None:
    """Record into *folder*."""
    source = Recorder()
    read_linux(source, "/")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "machine.toml").write_text(_scrubbed(_toml(source)), encoding="utf-8")


def _toml(source: Recorder) -> str:
    told = source.platform()
    lines = [f"now = {_quoted(source.now())}", f"present = {json.dumps(sorted(source.present))}"]
    lines += [f"denied = {json.dumps(sorted(source.denied))}", "", "[platform]"]
    lines += [f"{name} = {_quoted(getattr(told, name))}" for name in told.__slots__]
    lines += ["", "[spaces]"]
    lines += [
        f'"{p}" = {{ total_bytes = {s.total_bytes}, free_bytes = {s.free_bytes} }}' for p, s in source.spaces.items()
    ]
    lines += ["", "[links]", *(f"{_quoted(p)} = {_quoted(t)}" for p, t in sorted(source.links.items()))]
    lines += ["", "[folders]"]
    lines += [f"{_quoted(p)} = {json.dumps(list(names))}" for p, names in sorted(source.folders.items())]
    lines += ["", "[files]", *(f"{_quoted(p)} = {_block(text)}" for p, text in sorted(source.files.items()))]
    return "\n".join([*lines, "", *_nvml(source.report)]) + "\n"


def _nvml(report: NvmlReport | None) -> list[str]:
    if report is None:
        return []
    lines = ["[nvml]"]
    lines += [f"{key} = {_quoted(value)}" for key in ("problem", "driver") if (value := getattr(report, key))]
    for device in report.devices:
        values = {key: getattr(device, key) for key in ("name", "total_bytes", "used_bytes", "bus_id")}
        lines += ["[[nvml.devices]]"]
        lines += [f"{key} = {json.dumps(value)}" for key, value in values.items() if value is not None]
    return lines


def _kept(path: str, text: str) -> str:
    if path == "/proc/self/mountinfo":
        rows = text.splitlines(keepends=True)
        kept = (row for row in rows if row.split()[4] in KEPT_MOUNTS or row.split()[4].startswith("/sys/fs/cgroup"))
        return "".join(kept)
    return "example-host\n" if path == "/proc/sys/kernel/hostname" else text


def _scrubbed(text: str) -> str:
    for pattern, stand_in in PRIVATE:
        text = pattern.sub(stand_in, text)
    for name in (socket.gethostname(), getpass.getuser()):
        if len(name) > 3:
            text = text.replace(name, "example")
    return text


def _quoted(text: str) -> str:
    return json.dumps(text)


def _block(text: str) -> str:
    clean = "".join(letter if letter.isprintable() or letter in "\n\t" else "?" for letter in text)
    return _quoted(clean) if clean.count("\n") < 2 or "'''" in clean else f"'''\n{clean}'''"


if __name__ == "__main__":
    main(Path(sys.argv[1]))
