"""A demonstration that is none: a plan, its events, and a run that ends when the test says so."""

import threading
from collections.abc import Iterator
from typing import Self

from workstation.demos.model import ANSWER, Event, Finished, Line, Noted, Plan, Question, Result, Sampled, Stated

GIB = 1024**3
LIMIT_SECONDS = 60
PLAN = Plan(
    name="ram", title="Memory filling up", mode="live", why_replay=None, stand_in=None, mechanism="Pages are written.",
    takes="A child takes 1 GiB.", stops=("It stops at the floor.",), notes=("Half is left.",),
    question=Question(id="demo-ram", text="By how many GiB will it fall?", unit="GiB"), limits="It shows no swapping.",
    lines=(
        Line(key="ram_available_bytes", name="Available memory", unit="GiB", divisor=float(GIB)),
        Line(key="memory_stall_full_percent", name="Waited", unit="%"),
    ),
    ceiling_bytes=GIB, floor_bytes=2 * GIB, step_bytes=GIB // 64, grow_seconds=8, seconds=20,
)  # fmt: skip


def result(mode: str = "live") -> Result:
    return Result(
        name="ram", mode=mode, stand_in=None, question=PLAN.question, measured=1.0, ended_by="ceiling",
        ended="It ended at its ceiling.", verdict="Available memory fell by 1 GiB.", limits=PLAN.limits, columns={},
        lowest_available_bytes=7 * GIB, floor_bytes=2 * GIB, ceiling_bytes=GIB, seconds=2.0, release_seconds=0.1,
        source="Recorded on a laptop." if mode == "replay" else None,
    )  # fmt: skip


SAMPLES = (
    Sampled(t_s=1.0, values={"ram_available_bytes": 8.0 * GIB, ANSWER: 0.5}),
    Noted(t_s=1.5, text="Holding it"),
    Sampled(t_s=2.0, values={"ram_available_bytes": 7.0 * GIB, ANSWER: 1.0, "memory_stall_full_percent": 3.0}),
)


class FakeRun:
    """A run whose events come when the test lets them, and which ends when it is stopped."""

    def __init__(self, *, held: bool = False, plan: Plan = PLAN) -> None:
        self.plan = plan
        self.stopped, self.closed, self.go_on = threading.Event(), threading.Event(), threading.Event()
        if not held:
            self.go_on.set()
        self._events = self._all()

    def __iter__(self) -> Iterator[Event]:
        return self

    def __next__(self) -> Event:
        return next(self._events)

    def _all(self) -> Iterator[Event]:
        yield Stated(plan=self.plan)
        yield SAMPLES[0]
        while not self.go_on.wait(0.01):
            if self.stopped.is_set():
                break
            yield SAMPLES[0]
        yield from SAMPLES
        yield Finished(result=result(self.plan.mode))

    def stop(self) -> None:
        """End it."""
        self.stopped.set()

    def close(self) -> None:
        """End it for good."""
        self.closed.set()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
