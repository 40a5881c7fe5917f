"""Start the child of a demonstration, read what it says, and make sure that it is gone."""

import contextlib
import json
import os
import queue
import subprocess
import sys
import threading
import time
from typing import Any

from workstation.demos._plan_json import plan_to_json
from workstation.demos.model import Plan

LINE_LIMIT_BYTES = 64 * 1024
_END_SECONDS = 0.8  # a little more than the leash's own patience
_OVERDUE_SECONDS = 5.0
_NO_WINDOW = 0x08000000
_ONE_THREAD = dict.fromkeys(
    ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"), "1"
)


class Child:
    """One child process and what it says."""

    def __init__(self, plan: Plan) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "workstation.demos._child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=os.environ | _ONE_THREAD,
            creationflags=_NO_WINDOW if os.name == "nt" else 0,
        )
        self._lines: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
        self._last_words = b""
        self._letting_go = threading.Lock()
        # Its pipes are always emptied: a child that waits for a reader could not look at its floor.
        readers = (self._read_lines, self._read_errors)
        self._readers = [threading.Thread(target=reader, daemon=True, name="demo") for reader in readers]
        for reader in self._readers:
            reader.start()
        self._overdue = threading.Timer(plan.seconds + _OVERDUE_SECONDS, self._process.kill)
        self._overdue.daemon = True
        self._overdue.start()
        self._order(plan)

    @property
    def pid(self) -> int:
        """The child's process id."""
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """How it ended: negative for a signal; `None` while it runs."""
        return self._process.poll()

    @property
    def last_words(self) -> str:
        """The last line that it wrote to its error output."""
        lines = self._last_words.decode("utf-8", errors="replace").strip().splitlines()
        return lines[-1] if lines else ""

    def next_line(self) -> dict[str, Any] | None:
        """Wait for the next thing that it says; `None` when it says no more."""
        return self._lines.get()

    def let_go(self) -> None:
        """Close its standard input, on which it ends; may be called from any thread, and again."""
        with self._letting_go, contextlib.suppress(OSError):
            if self._process.stdin is not None and not self._process.stdin.closed:
                self._process.stdin.close()

    def end(self) -> float:
        """Make sure that it is gone; return the seconds that took."""
        started = time.monotonic()
        self.let_go()
        try:
            self._process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        gone = time.monotonic() - started
        self._overdue.cancel()
        for reader in self._readers:
            reader.join()
        for stream in (self._process.stdout, self._process.stderr):
            if stream is not None:
                stream.close()
        return gone

    def _order(self, plan: Plan) -> None:
        order = {
            "plan": plan_to_json(plan),
            "parent": os.getpid(),
            "main_thread": threading.current_thread() is threading.main_thread(),
        }
        with contextlib.suppress(OSError):  # one that died at once is found out by its silence
            if self._process.stdin is not None:
                self._process.stdin.write(json.dumps(order).encode() + b"\n")
                self._process.stdin.flush()

    def _read_lines(self) -> None:
        stream = self._process.stdout
        while stream is not None and (raw := stream.readline(LINE_LIMIT_BYTES)):
            with contextlib.suppress(ValueError):  # half a line of one that was killed
                line = json.loads(raw)
                if isinstance(line, dict):
                    self._lines.put(line)
        self._lines.put(None)

    def _read_errors(self) -> None:
        stream = self._process.stderr
        while stream is not None and (raw := stream.read1(4096)):  # type: ignore[attr-defined]  # it is buffered
            self._last_words = (self._last_words + raw)[-4096:]
