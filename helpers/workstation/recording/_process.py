"""Start the recorder's process, and talk to it: the parent's end of the line."""

import contextlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

from workstation.errors import RecordingError

BEGIN_SECONDS, FINISH_SECONDS = 30.0, 10.0
_NEW_SESSION: dict[str, Any] = (
    {"creationflags": 0x00000200 | 0x08000000}  # CREATE_NEW_PROCESS_GROUP, CREATE_NO_WINDOW
    if os.name == "nt"
    else {"start_new_session": True}
)
_GONE: Mapping[str, object] = {}


class RecorderProcess:
    """A recorder that runs; it ends when it is told to, or when what it watches has ended."""

    def __init__(self, order: Mapping[str, object]) -> None:
        self._path = Path(str(order["path"]))
        self._lock = threading.Lock()
        # -P keeps the current folder off the import path: a learner's json.py must not become ours.
        command = [sys.executable, "-P", "-m", "workstation.recording._child"]
        try:
            self._process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **_NEW_SESSION
            )
        except OSError as error:
            raise RecordingError(
                f"Starting the recorder failed: {error.strerror or 'the system refuses'}. "
                "Close some programs and run it again."
            ) from None
        self._said: SimpleQueue[Mapping[str, object]] = SimpleQueue()
        self._last_words = ""
        threading.Thread(target=self._listen, daemon=True, name="recorder").start()
        self.say(order)
        self._wait_until_ready()

    @property
    def pid(self) -> int:
        """The recorder's process."""
        return self._process.pid

    @property
    def is_running(self) -> bool:
        """Tell whether it still records."""
        return self._process.poll() is None

    def say(self, message: Mapping[str, object]) -> bool:
        """Tell the recorder something; `False` when it is gone."""
        data = json.dumps(message).encode() + b"\n"
        try:
            with self._lock:
                self._stdin.write(data)
                self._stdin.flush()
        except (OSError, ValueError):
            return False
        return True

    def finish(self, message: Mapping[str, object]) -> dict[str, object] | None:
        """Tell the recorder that it is over, and return how the recording ended; `None` where it could not say."""
        self.say(message)
        return self.wait(FINISH_SECONDS)

    def wait(self, seconds: float | None) -> dict[str, object] | None:
        """Wait until the recorder is done, at most *seconds*, and let it go."""
        answer = self._heard(seconds, "done")
        self._let_go()
        done = answer.get("done")
        return done if isinstance(done, dict) else None

    def _wait_until_ready(self) -> None:
        answer = self._heard(BEGIN_SECONDS, "ready")
        if "ready" not in answer:
            self._let_go()
            reason = str(answer.get("problem") or self._last_words or "it did not answer")
            raise RecordingError(
                f"The recorder could not begin {self._path.name}: {reason[-200:]}. "
                "Check that the folder can be written to and that the disk has room."
            )

    def _heard(self, seconds: float | None, *wanted: str) -> Mapping[str, object]:
        """Wait for one of the *wanted* words, or for its end."""
        with contextlib.suppress(Empty):
            while answer := self._said.get(timeout=seconds):
                if "problem" in answer or any(word in answer for word in wanted):
                    return answer
        return _GONE

    def _listen(self) -> None:
        with self._stdout:
            for data in self._stdout:
                try:
                    answer = json.loads(data)
                except ValueError:
                    self._last_words = data.decode("utf-8", "replace").strip() or self._last_words
                    continue
                self._said.put(answer if isinstance(answer, dict) else {"said": answer})
        self._said.put(_GONE)

    def _let_go(self) -> None:
        with contextlib.suppress(OSError):
            self._stdin.close()
        try:
            self._process.wait(FINISH_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    @property
    def _stdin(self) -> Any:
        return self._process.stdin

    @property
    def _stdout(self) -> Any:
        return self._process.stdout
