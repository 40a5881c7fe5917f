"""Run a machine's own commands side by side, and give up on all of them at one moment.

A command that hangs costs its answer, never the caller's patience: drivers in trouble leave `nvidia-smi` in a state
that no signal ends, so a thread that waits for one is left behind and not waited for. Nothing goes through a shell.
"""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

OUTPUT_LIMIT_BYTES = 256 * 1024
NOT_INSTALLED = "is not installed"
_REFUSED = "may not be run by this user"
_BROKEN = "could not be started"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a command printed, or `None` and why as the end of a sentence about it."""

    text: str | None = None
    problem: str | None = None


def ask_all(commands: Sequence[Sequence[str]], timeout_seconds: float) -> tuple[Answer, ...]:
    """Run commands at the same time and return their answers in order, *timeout_seconds* from now at the latest."""
    deadline = time.monotonic() + timeout_seconds
    asked = [_Asked(tuple(command)) for command in commands]
    for each in asked:
        each.start()
    for each in asked:
        each.join(max(0.0, deadline - time.monotonic()))
    return tuple(each.answer_or_give_up(timeout_seconds) for each in asked)


class _Asked(threading.Thread):
    """One command under way."""

    def __init__(self, command: tuple[str, ...]) -> None:
        super().__init__(daemon=True, name=f"ask {command[0]}")
        self._command = command
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._given_up = False
        self._answer: Answer | None = None

    def run(self) -> None:
        """Start the command, read what it prints up to the limit, and keep the answer."""
        try:
            process = _started(self._command)
        except (OSError, ValueError) as error:
            self._answer = Answer(problem=_why_not_started(error))
            return
        with self._lock:
            self._process = process
            if self._given_up:
                _end(process)
        with process:
            printed = process.stdout.read(OUTPUT_LIMIT_BYTES) if process.stdout else b""
            if len(printed) == OUTPUT_LIMIT_BYTES:  # a command without end; what it said so far counts
                _end(process)
            code = process.wait()
        fine = code == 0 or len(printed) == OUTPUT_LIMIT_BYTES
        text = printed.decode("utf-8", errors="replace")
        self._answer = Answer(text=text) if fine else Answer(problem=f"ended with code {code}")

    def answer_or_give_up(self, timeout_seconds: float) -> Answer:
        """Return the answer, or end the command where there is none yet."""
        with self._lock:
            if self._answer is not None:
                return self._answer
            self._given_up = True
            if self._process is not None:
                _end(self._process)
        return Answer(problem=f"did not answer within {_spoken(timeout_seconds)}")


def _started(command: tuple[str, ...]) -> "subprocess.Popen[bytes]":
    """Start in the C locale, as elsewhere numbers carry decimal commas, and in a session that ends as a whole."""
    return subprocess.Popen(
        list(command),
        env=_plain_environment(os.environ),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
    )


def _plain_environment(environment: Mapping[str, str]) -> dict[str, str]:
    return {**environment, "LC_ALL": "C", "LANGUAGE": "C"}


def _end(process: "subprocess.Popen[bytes]") -> None:
    """End a command and what it started; a wrapper script's child would keep the pipe open."""
    if process.returncode is not None:  # its number may be another's by now
        return
    try:
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    except OSError:  # it has just ended by itself
        return


def _why_not_started(error: Exception) -> str:
    reasons: dict[type[Exception], str] = {FileNotFoundError: NOT_INSTALLED, PermissionError: _REFUSED}
    return reasons.get(type(error), _BROKEN)


def _spoken(seconds: float) -> str:
    """Write a time limit in the unit that reads best.

    >>> _spoken(0.1), _spoken(15)
    ('100 ms', '15 s')
    """
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.0f} s"
