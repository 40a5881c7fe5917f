"""Watch a stretch of work: ``with watch("rag-index") as rec: ...``; the recording outlives whatever it watches."""

import os
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from workstation.errors import RecordingError
from workstation.recording._process import RecorderProcess
from workstation.recording._read import load_recording
from workstation.recording._store import (
    clean_label,
    digest_of_inventory,
    machine_document,
    make_room,
    place_of,
    store_of,
)
from workstation.recording.model import SCHEMA, Recording

INTERVAL_SECONDS, LIMIT_SECONDS = 0.1, 4 * 3600.0
MAX_MARK = 200
Observer = Callable[["Watch"], object]


class Watch:
    """One recording while it is made, and afterwards the way to it.

    `started` and `finished` hold functions that are called with this object when recording has begun, and when the last
    line is written: a live view hooks in there. While nothing may be measured (`only_load`) nothing is: the recording
    of that name that is there is loaded instead.
    """

    def __init__(
        self,
        name: str,
        *,
        label: str | None = None,
        folder: Path | None = None,
        inventory: Mapping[str, object] | None = None,
        only_load: bool = False,
        limit_s: float = LIMIT_SECONDS,
    ) -> None:
        self.name, self.path = name, place_of(name, folder)
        self.kept: Path | None = None  # where an older recording of this name has gone
        self.problem: str | None = None  # why nothing, or not all, was recorded
        self.end: Mapping[str, object] | None = None
        self.started: list[Observer] = []
        self.finished: list[Observer] = []
        self._label, self._inventory, self._limit_s = label or name, inventory, limit_s
        self._only_load, self._folder = only_load, folder or Path.cwd()
        self._process: RecorderProcess | None = None
        self._recording: Recording | None = None

    def start(self, *, pid: int | None = None, root: int | None = None, parent_tells: bool = False) -> Self:
        """Begin to record the process *pid*, by default this one; return when the first line is written.

        *root* is the process whose descendants count, where that is another; with *parent_tells* it is this process
        that will say how the watched one ended.

        Raises:
            RecordingError: the recorder cannot start, or the file cannot be written.
        """
        if self._only_load:
            return self
        self.kept = make_room(self.path)
        watched = os.getpid() if pid is None else pid
        self._process = RecorderProcess(
            {
                "path": str(self.path.absolute()),
                "folder": str(self._folder.absolute()),
                "header": self._header(),
                "pid": watched,
                "root": watched if root is None else root,
                "without": [] if root is None else [root],
                "interval_s": INTERVAL_SECONDS,
                "limit_s": self._limit_s,
                "parent_tells": parent_tells,
            }
        )
        for observer in self.started:
            observer(self)
        return self

    def follow(self, pid: int) -> None:
        """Record another process from now on: the command, once it has been started."""
        self._say({"pid": pid})

    def mark(self, label: str) -> None:
        """Name this moment: "load", "checkpoint", "context 8192"."""
        self._say({"mark": clean_label(str(label))[:MAX_MARK]})

    def report(self, throughput_per_s: float) -> None:
        """Report how fast the work goes now, in its own pieces a second: tokens, steps, images."""
        self._say({"throughput_per_s": float(throughput_per_s)})

    def finish(self, **how: object) -> None:
        """End the recording; *how* the work ended stands in its last line."""
        process, self._process = self._process, None
        if process is None:
            return
        self.end = process.finish({"end": how})
        if self.end is None:
            self.problem = "The recorder ended before the work did; what it had written by then is kept."
        elif self.end.get("how") == "recorder-stopped":
            self.problem = f"Recording stopped early: {self.end.get('error')}. What was written by then is kept."
        self._recording = None
        for observer in self.finished:
            observer(self)

    def wait(self, seconds: float | None = None) -> None:
        """Wait until the watched process has ended, or the recorder has stopped."""
        process, self._process = self._process, None
        if process is not None:
            self.end = process.wait(seconds)
            for observer in self.finished:
                observer(self)

    def stop(self) -> None:
        """Stop recording, whatever the watched process does."""
        process, self._process = self._process, None
        if process is not None:
            self.end = process.finish({"stop": "stopped by hand"})
            for observer in self.finished:
                observer(self)

    @property
    def is_recording(self) -> bool:
        """Tell whether samples are being taken."""
        return self._process is not None and self._process.is_running

    @property
    def recorder_pid(self) -> int | None:
        """The recorder's own process, while it runs."""
        return self._process.pid if self._process is not None else None

    @property
    def recording(self) -> Recording:
        """What was recorded, so far or in full.

        Raises:
            RecordingError: there is none yet, or it cannot be read.
        """
        if self._recording is None or self._process is not None:
            self._recording = load_recording(self.path)
        return self._recording

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if kind is None:
            self.finish(how="exit")
        else:
            self.finish(how="error", error=_named(kind, error))

    def _say(self, message: Mapping[str, object]) -> None:
        if self._process is not None:
            self._process.say(message)

    def _header(self) -> dict[str, object]:
        return {
            "schema": SCHEMA,
            "name": self.name,
            "label": clean_label(self._label),
            "started_at": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "interval_s": INTERVAL_SECONDS,
            "inventory_digest": digest_of_inventory(store_of(self._folder)),
            "machine": machine_document(self._inventory),
        }


def watch(name: str, **options: object) -> Watch:
    """Return a watch for a ``with`` block: what the machine does while the block runs is recorded under *name*."""
    return Watch(name, **options)  # type: ignore[arg-type]  # the options are those of Watch


def watch_pid(pid: int, *, name: str | None = None, **options: object) -> Watch:
    """Record another process of this machine until it ends; `stop` ends the recording before that.

    Raises:
        RecordingError: there is no such process.
    """
    _require_process(pid)
    label = f"process {pid}"
    return Watch(name or f"process-{pid}", label=label, **options).start(pid=pid)  # type: ignore[arg-type]  # as above


def _require_process(pid: int) -> None:
    try:
        if os.name == "posix" and pid > 0:
            os.kill(pid, 0)
            return
    except PermissionError:
        return
    except (OSError, OverflowError):
        pass
    if os.name != "posix" and pid > 0:
        return
    raise RecordingError(f"There is no process {pid} to watch. List those that run, for example with ps or top.")


def _named(kind: type[BaseException], error: BaseException | None) -> str:
    """Name an error so that an exhausted memory is recognised, and nothing private of its text is kept."""
    text = str(error or "")
    if "out of memory" in text.lower() and kind is not MemoryError:
        return f"{kind.__name__}: out of memory"
    return kind.__name__
