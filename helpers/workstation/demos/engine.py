"""Run a demonstration: plan first, then the work in a child process or a recorded run, then what it came to.

    run = demos.run("ram", Request(limit_bytes=2 * GIB))
    for event in run:           # Stated, then Sampled and Noted while it runs, then Finished
        ...
    run.stop()                  # from any thread, at any time

Nothing is touched before the second event is asked for, so that the plan can be shown and a prediction taken. The child
lets go of everything when this process lets go of it, and this process when it dies.
"""

import contextlib
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from workstation.demos._columns import column, table
from workstation.demos._process import Child
from workstation.demos._read import read_snapshot
from workstation.demos._record import finish_recording, start_recording
from workstation.demos._registry import Demo, demo_module
from workstation.demos._trace import Trace, load_trace
from workstation.demos._words import endings
from workstation.demos.model import (
    Ending,
    Event,
    Finished,
    Noted,
    Plan,
    Request,
    Result,
    Sampled,
    Snapshot,
    Stated,
)
from workstation.errors import DemoError

REPLAY_SECONDS = 4.0
_PLAYED = "What follows is the plan of that run; playing it takes four seconds, and nothing else."
_LONGEST_SECONDS = 3600.0


def plan(name: str, request: Request | None = None, *, snapshot: Snapshot | None = None) -> Plan:
    """Decide what demonstration *name* would do here, without doing it.

    Raises:
        DemoError: there is no such demonstration, or it cannot be asked for like that.
    """
    return _decide(name, request or Request(), snapshot)[0]


def run(name: str, request: Request | None = None, *, snapshot: Snapshot | None = None) -> "Run":
    """Prepare a run of demonstration *name*; it begins when its second event is asked for.

    Raises:
        DemoError: there is no such demonstration, or it cannot be asked for like that.
    """
    asked = request or Request()
    decided, trace = _decide(name, asked, snapshot)
    return Run(decided, trace, asked)


def _decide(name: str, request: Request, snapshot: Snapshot | None) -> tuple[Plan, Trace | None]:
    module = demo_module(name)
    _refuse_nonsense(request)
    found = module.plan(snapshot or read_snapshot(request.folder), request)
    if found.mode == "live":
        return found, None
    trace = load_trace(found.name)
    return replace(trace.plan, mode="replay", why_replay=f"{found.why_replay} {trace.source} {_PLAYED}"), trace


def _refuse_nonsense(request: Request) -> None:
    if request.limit_bytes is not None and request.limit_bytes <= 0:
        raise DemoError(f"A limit of {request.limit_bytes} bytes leaves nothing to show. Give a size such as 2GiB.")
    if request.seconds is not None and not 0 < request.seconds <= _LONGEST_SECONDS:
        raise DemoError(f"{request.seconds:g} seconds is no time for a run. Give 1 to {_LONGEST_SECONDS:.0f} seconds.")


class Run(Iterator[Event]):
    """One run: an iterator of events that can be stopped. Leave it by `close()`, or use it in a `with`."""

    def __init__(self, plan: Plan, trace: Trace | None, request: Request) -> None:
        self.plan, self.result, self.ending = plan, None, None
        self._module: Demo = demo_module(plan.name)
        self._trace, self._request = trace, request
        self._samples: list[Sampled] = []
        self._stopped = threading.Event()
        self._child: Child | None = None
        self._recording: Path | None = None
        self._events = self._run()

    result: Result | None
    ending: Ending | None

    def __next__(self) -> Event:
        """Wait for the next event."""
        return next(self._events)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    @property
    def pid(self) -> int | None:
        """The child's process id, once there is one."""
        return self._child.pid if self._child else None

    def stop(self) -> None:
        """End the run; what it held is given back. The last event still comes. Safe from any thread."""
        self._stopped.set()
        if self._child is not None:
            self._child.let_go()

    def close(self) -> None:
        """Stop and make sure that nothing is left; no further event comes."""
        self.stop()
        with contextlib.suppress(ValueError):  # another thread waits for its next event, and will find the end
            self._events.close()  # type: ignore[attr-defined]  # it is a generator

    def _run(self) -> Iterator[Event]:
        yield Stated(plan=self.plan)
        yield from self._live() if self._trace is None else self._replay(self._trace)

    def _live(self) -> Iterator[Event]:
        self._child = child = Child(self.plan)
        ending, lowest, seconds, watch = Ending(by="died"), None, 0.0, None
        try:
            if self._stopped.is_set():
                child.let_go()
            watch = start_recording(self._request, self.plan, child.pid)
            while (line := self._heard(child)) is not None:
                if "end" in line:
                    ending, lowest = _ending(line), line.get("lowest_available_bytes")
                elif (event := _event(line)) is not None:
                    seconds = event.t_s
                    if isinstance(event, Sampled):
                        self._samples.append(event)
                    yield event
        finally:
            gone = child.end()
            if ending.by == "died":
                ending = _post_mortem(child, self.plan, stopped=self._stopped.is_set())
            self._recording = finish_recording(watch, ending)
        yield self._finish(ending, lowest=lowest, seconds=seconds, release_seconds=gone, source=None)

    def _heard(self, child: Child) -> dict[str, Any] | None:
        """Wait for the child's next line; Ctrl-C, or a kernel's interrupt, stops the run, whose end is still told."""
        while True:
            try:
                return child.next_line()
            except KeyboardInterrupt:
                self.stop()

    def _rest(self, seconds: float) -> None:
        try:
            self._stopped.wait(max(0.0, seconds))
        except KeyboardInterrupt:
            self.stop()

    def _replay(self, trace: Trace) -> Iterator[Event]:
        pace = min(1.0, REPLAY_SECONDS / max(trace.seconds, 0.001))
        before = 0.0
        for event in trace.events:
            self._rest((event.t_s - before) * pace)
            before = event.t_s
            if self._stopped.is_set():
                break
            if isinstance(event, Sampled):
                self._samples.append(event)
            yield event
        ending = Ending(by="stop") if self._stopped.is_set() else trace.ending
        yield self._finish(
            ending, lowest=trace.lowest_available_bytes, seconds=before,
            release_seconds=trace.release_seconds, source=trace.source,
        )  # fmt: skip

    def _finish(
        self, ending: Ending, *, lowest: int | None, seconds: float, release_seconds: float | None, source: str | None
    ) -> Finished:
        self.ending = ending
        concluded = self._module.conclude(self.plan, self._samples, ending)
        seen = column(self._samples, "ram_available_bytes")
        self.result = Result(
            name=self.plan.name,
            mode=self.plan.mode,
            stand_in=self.plan.stand_in,
            question=self.plan.question,
            measured=concluded.measured,
            ended_by=ending.by,
            ended=" ".join(filter(None, (endings()[ending.by], ending.detail))),
            verdict=concluded.verdict,
            limits=self.plan.limits,
            columns=table(self._samples),
            lowest_available_bytes=lowest if lowest is not None else round(min(seen)) if seen else None,
            floor_bytes=self.plan.floor_bytes,
            ceiling_bytes=self.plan.ceiling_bytes,
            seconds=seconds,
            release_seconds=release_seconds,
            source=source,
            recording=self._recording,
        )
        return Finished(result=self.result)


def _event(line: dict[str, Any]) -> Sampled | Noted | None:
    t_s = line.pop("t_s", None)
    if not isinstance(t_s, int | float):
        return None
    if "note" in line:
        return Noted(t_s=t_s, text=str(line["note"]))
    values = {key: value for key, value in line.items() if isinstance(value, int | float)}
    return Sampled(t_s=t_s, values=values)


def _ending(line: dict[str, Any]) -> Ending:
    by = line["end"] if line["end"] in endings() else "problem"
    return Ending(by=by, detail=str(line.get("detail", "")), values=dict(line.get("values") or {}))


def _post_mortem(child: Child, plan: Plan, *, stopped: bool) -> Ending:
    """Say how a child ended that did not say so itself."""
    if stopped:
        return Ending(by="stop")
    words = child.last_words
    if plan.settings.get("dies") is True and words.startswith("MemoryError"):
        return Ending(by="wall", detail="Its last words: MemoryError.")
    if words:
        return Ending(by="died", detail=f"Its last words: {words}")
    code = child.exit_code or 0
    return Ending(by="died", detail=f"It was ended by signal {-code}." if code < 0 else f"Its exit code was {code}.")
