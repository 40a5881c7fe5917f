"""Record: take a sample at every tick, write it, listen to the parent, and write how it ended.

All that touches the system is handed in: the sampler, the file, the clock and the inbox.
"""

from collections.abc import Callable, Mapping
from queue import Empty, SimpleQueue
from typing import Protocol

from workstation.recording._clock import Clock
from workstation.recording._meter import Sample
from workstation.recording._write import DISK_FULL, Writer

Message = Mapping[str, object]
CUT: Message = {"cut": True}  # the parent is gone
MAX_LABEL = 200


class Subject(Protocol):
    """What is recorded."""

    pid: int  # of the watched process

    def sample(self, now_s: float) -> Sample:
        """Read everything now."""

    def problems(self) -> list[str]:
        """Say what has stopped answering since the last call."""

    def follow(self, pid: int) -> None:
        """Watch another process from now on."""

    def has_ended(self) -> bool:
        """Tell whether the watched process is gone."""

    def end(self, t_s: float, told: Message | None) -> dict[str, object]:
        """Say how it ended; *told* is what the parent said of that, if it could."""


class Recorder:
    """One recording in the making."""

    def __init__(
        self,
        subject: Subject,
        writer: Writer,
        clock: Clock,
        inbox: "SimpleQueue[Message]",
        *,
        interval_s: float,
        limit_s: float,
        parent_tells: bool,
    ) -> None:
        self._subject, self._writer, self._clock, self._inbox = subject, writer, clock, inbox
        self._interval_s, self._limit_s = interval_s, limit_s
        self._parent_tells = parent_tells  # it knows the exit code, and says so: its word is waited for
        self._throughput: object = None

    def run(self) -> dict[str, object]:
        """Record until it ends; return the fields of the last line, which is written by then."""
        ticks = 0
        end = self._tick()  # at once: work may be short
        while end is None:
            ticks += 1
            end = self._until(ticks * self._interval_s)
            if end is None:
                end = self._tick()
                ticks = max(ticks, int(self._clock.now_s() / self._interval_s))  # what was missed is not caught up
        self._writer.close({"end": {name: value for name, value in end.items() if value is not None}})
        return end

    def _until(self, due_s: float) -> dict[str, object] | None:
        """Listen until it is time for the next sample; what has been said is heard even when it is late."""
        while True:
            left_s = due_s - self._clock.now_s()
            try:
                message = self._inbox.get(block=left_s > 0, timeout=max(left_s, 0.0))
            except Empty:
                return None
            end = self._hear(message)
            if end is not None:
                return end

    def _hear(self, message: Message) -> dict[str, object] | None:
        t_s = self._t_s()
        if "end" in message:
            self._writer.write(self._subject.sample(t_s))  # how things stood in the end
            return self._subject.end(self._t_s(), _as_message(message["end"]))
        if "mark" in message:
            self._writer.write({"t_s": t_s, "mark": str(message["mark"])[:MAX_LABEL]})
        elif "throughput_per_s" in message:
            self._throughput = message["throughput_per_s"]
        elif "pid" in message and isinstance(message["pid"], int):
            self._subject.follow(message["pid"])
        elif "stop" in message:
            return {"how": "recorder-stopped", "t_s": t_s, "error": str(message["stop"])}
        elif "cut" in message:
            self._parent_tells = False
        elif "gone" in message and not self._parent_tells and message["gone"] == self._subject.pid:
            return self._subject.end(t_s, None)
        return None

    def _tick(self) -> dict[str, object] | None:
        now_s = self._clock.now_s()
        jump_s = self._clock.jump_s()
        if jump_s is not None:
            self._writer.write({"t_s": round(now_s, 3), "clock_jump_s": jump_s})
        sample = self._subject.sample(now_s)
        if self._throughput is not None:
            sample["throughput_per_s"], self._throughput = self._throughput, None
        for problem in self._subject.problems():
            self._writer.write({"t_s": round(now_s, 3), "problem": problem})
        if not self._writer.write(sample):
            return {"how": "recorder-stopped", "t_s": round(now_s, 3), "error": self._writer.stopped_by or DISK_FULL}
        if not self._parent_tells and self._subject.has_ended():
            return self._subject.end(self._t_s(), None)
        if now_s >= self._limit_s:
            return {"how": "recorder-stopped", "t_s": round(now_s, 3), "error": f"time limit of {self._limit_s:g} s"}
        return None

    def _t_s(self) -> float:
        return round(self._clock.now_s(), 3)


def listen(read_line: Callable[[], bytes], inbox: "SimpleQueue[Message]", parse: Callable[[bytes], object]) -> None:
    """Put what the parent says into the inbox, a line each, until it has no more to say."""
    while data := read_line():
        try:
            message = parse(data)
        except ValueError:
            continue
        if isinstance(message, dict):
            inbox.put(message)
    inbox.put(CUT)


def _as_message(value: object) -> Message:
    return value if isinstance(value, dict) else {}
