"""What tests of the command line share: running `workstation`, and a JupyterLab that it started."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Empty, Queue
from threading import Thread
from urllib.parse import quote

ROOT = Path(__file__).resolve().parent.parent
ADDRESS = re.compile(r"JupyterLab: (http://127\.0\.0\.1:\d+)(/\S*)\?token=(\S+)")
LIMIT_SECONDS = 120
_OURS = ROOT / ".tools" / "uv"
UV = shutil.which("uv") or next((str(path) for name in ("uv", "uv.exe") for path in _OURS.glob(f"*/{name}")), None)


def workstation(*arguments: object, python: str | Path = sys.executable) -> subprocess.CompletedProcess[str]:
    """Run the command in a process of its own, as a learner does."""
    command = [str(python), "-c", "import sys; from workstation.cli import main; sys.exit(main())"]
    return subprocess.run(
        [*command, *map(str, arguments)], capture_output=True, text=True, encoding="utf-8", timeout=LIMIT_SECONDS,
        check=False,
    )  # fmt: skip


class Lab:
    """A JupyterLab that `workstation lab` started: its address, and its REST interface."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process, self.lines = process, []
        self._queue: Queue[str | None] = Queue()
        Thread(target=self._pump, daemon=True).start()
        self.base, self.page, self.token = self._address()

    def get(self, path: str) -> dict:
        """Ask the server for a JSON document."""
        request = urllib.request.Request(
            f"{self.base}/{quote(path, safe='/?&=:@')}", headers={"Authorization": f"token {self.token}"}
        )
        with urllib.request.urlopen(request, timeout=LIMIT_SECONDS) as answer:
            return json.load(answer)

    def interrupt(self) -> int:
        """Press Ctrl-C and give the exit code."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(LIMIT_SECONDS)

    def read_until(self, begin: str) -> list[str]:
        """Read on until a line begins so; give all lines so far."""
        while not any(line.startswith(begin) for line in self.lines):
            if (line := self._queue.get(timeout=LIMIT_SECONDS)) is None:
                raise AssertionError(f"no line began with {begin!r}, only: {self.lines}")
            self.lines.append(line)
        return self.lines

    def _pump(self) -> None:
        for line in self.process.stdout:
            self._queue.put(line.rstrip("\n"))
        self._queue.put(None)

    def _address(self) -> tuple[str, str, str]:
        while True:
            try:
                line = self._queue.get(timeout=LIMIT_SECONDS)
            except Empty:
                line = None
            if line is None:
                raise AssertionError(f"no address was printed, only: {self.lines}")
            self.lines.append(line)
            if found := ADDRESS.fullmatch(line):
                return found.group(1, 2, 3)


@contextmanager
def lab(
    *arguments: object, python: str | Path = sys.executable, stdin: int = subprocess.DEVNULL, **variables: object
) -> Iterator[Lab]:
    """Start `workstation lab --no-browser`, *variables* in its environment, and end it afterwards in any case."""
    command = [
        str(python),
        "-c",
        "import sys; from workstation.cli import main; sys.exit(main())",
        "lab",
        "--no-browser",
    ]
    process = subprocess.Popen(
        [*command, *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=stdin,
        text=True, encoding="utf-8", env=os.environ | {name: str(value) for name, value in variables.items()},
    )  # fmt: skip
    try:
        yield Lab(process)
    finally:
        process.kill()
        process.wait(LIMIT_SECONDS)
        process.stdout.close()
