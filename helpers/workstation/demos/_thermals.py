"""``thermals``: every core at full speed, and what is left of that speed once heat has built up."""

import contextlib
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

from workstation.demos._budget import Pace, memory_budget
from workstation.demos._columns import column, first, last
from workstation.demos._guard import Guard
from workstation.demos._planning import make_plan
from workstation.demos.model import ANSWER, Conclusion, Ending, Plan, Request, Sampled, Snapshot
from workstation.units import MIB

ORDER = 384  # three such matrices of 32-bit numbers stay in a core's own cache
_SECONDS = 120.0
_LONGEST_SECONDS = 900.0
_PART_SECONDS = 30.0
_BYTES_PER_CORE = 4 * MIB
_NOT_HEAT_PERCENT = 5.0
_WHOLE_PERCENT = 90.0
_WARM, _LOOK_SECONDS = 3, 0.25
_CHIPS = ("coretemp", "k10temp", "zenpower", "cpu_thermal")  # the processor's own sensors, by their drivers
_ON_BATTERY = "This machine runs on battery, which slows many of them down: plug it in for a fair picture."


def plan(snapshot: Snapshot, request: Request) -> Plan:
    """Decide for how long."""
    seconds = min(request.seconds or _SECONDS, _LONGEST_SECONDS)
    part = min(_PART_SECONDS, max(1.0, seconds / 4))
    budget = memory_budget(snapshot, None)
    notes = (_ON_BATTERY,) if snapshot.on_battery else ()
    return make_plan(
        "thermals", snapshot, request,
        budget=replace(budget, ceiling_bytes=_BYTES_PER_CORE * snapshot.cores, notes=notes),
        pace=Pace(step_bytes=_BYTES_PER_CORE, grow_seconds=seconds, seconds=seconds + 5),
        figures={"cores": str(snapshot.cores), "work_seconds": f"{seconds:.0f}", "part": f"{part:.0f}",
                 "order": str(ORDER)},
        settings={"cores": snapshot.cores, "work_seconds": seconds, "part_seconds": part,
                  "clock": bool(snapshot.tells_clock), "temperature": bool(snapshot.tells_temperature)},
    )  # fmt: skip


class _Worker(threading.Thread):
    """One core's worth of work; numpy lets go of Python's lock while it multiplies."""

    def __init__(self, stop: threading.Event) -> None:
        super().__init__(daemon=True, name="work")
        self.done, self._stop_work = 0, stop

    def run(self) -> None:
        """Multiply until told to stop."""
        import numpy as np

        left = np.random.default_rng(self.native_id).random((ORDER, ORDER), dtype=np.float32)
        result = np.empty_like(left)
        while not self._stop_work.is_set():
            np.matmul(left, left, out=result)
            self.done += 1


def work(plan: Plan, guard: Guard) -> Ending:
    """Keep every core busy and count what gets done each second; runs in the child."""
    cores, seconds, part = (float(str(plan.settings[key])) for key in ("cores", "work_seconds", "part_seconds"))
    stop = threading.Event()
    workers = [_Worker(stop) for _ in range(round(cores))]
    for worker in workers:
        worker.start()
    try:
        by = _warm_up(guard, workers) or _count_each_second(guard, workers, seconds, part)
    finally:
        stop.set()
        for worker in workers:
            worker.join()
    return Ending(by=by)


def _warm_up(guard: Guard, workers: Sequence[_Worker]) -> str | None:
    """Let every core get going first: loading numpy takes a moment, and would count as slowness."""
    while min(worker.done for worker in workers) < _WARM:
        if (met := guard.blocked()) is not None:
            return met
        guard.wait(_LOOK_SECONDS)
    return None


def _count_each_second(guard: Guard, workers: Sequence[_Worker], seconds: float, part: float) -> str:
    rates: list[_Rate] = []
    before, started = _Count.now(workers), guard.t_s
    while guard.t_s - started < seconds:
        due = min(guard.t_s + 1.0, started + seconds)
        while (left := due - guard.t_s) > 0:
            if (met := guard.blocked()) is not None:
                return met
            guard.wait(min(left, _LOOK_SECONDS))
        now = _Count.now(workers)
        got_s, whole_s = now.processor_s - before.processor_s, (now.at_s - before.at_s) * len(workers)
        rates.append(_Rate(t_s=guard.t_s - started, per_s=(now.done - before.done) / max(got_s, 1e-3) * len(workers)))
        before = now
        drop = drop_percent(rates, part)
        answer = {} if drop is None else {ANSWER: round(drop, 2)}
        seen = {"throughput_per_s": rates[-1].per_s, "got_percent": min(100.0, 100 * got_s / whole_s)}
        guard.sample({**seen, **_senses(guard.plan), **answer}, now=True)
    return "finished"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Count:
    """What was done by a moment, and the processor time that took: other programs take time, heat takes speed."""

    done: int
    at_s: float
    processor_s: float

    @classmethod
    def now(cls, workers: Sequence[_Worker]) -> Self:
        """Count at this moment."""
        done = sum(worker.done for worker in workers)
        return cls(done=done, at_s=time.monotonic(), processor_s=time.process_time())


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rate:
    """Multiplications in a second of all cores' time."""

    t_s: float
    per_s: float


def drop_percent(rates: Sequence[_Rate], part_seconds: float) -> float | None:
    """Give by how many percent the last part is slower than the first; `None` while the two would overlap."""
    if not rates or rates[-1].t_s < 2 * part_seconds * 0.98:  # a second's count is never taken exactly on the second
        return None
    begin = [rate.per_s for rate in rates if rate.t_s <= part_seconds * 1.02]
    end = [rate.per_s for rate in rates if rate.t_s > rates[-1].t_s - part_seconds]
    if not begin or not end or not sum(begin):
        return None
    return 100 * (1 - (sum(end) / len(end)) / (sum(begin) / len(begin)))


def _senses(plan: Plan) -> dict[str, float]:
    """Read clock and temperature where this machine tells them; never a guess."""
    import psutil

    found: dict[str, float] = {}
    with contextlib.suppress(OSError, RuntimeError, NotImplementedError, ValueError):
        if plan.settings["clock"] is True:
            found["cpu_frequency_hz"] = psutil.cpu_freq().current * 1e6
    with contextlib.suppress(OSError, RuntimeError, AttributeError):
        hottest = [one.current for chip in _CHIPS for one in psutil.sensors_temperatures().get(chip, [])]
        if plan.settings["temperature"] is True and hottest:
            found["cpu_temperature_celsius"] = max(hottest)
    return found


def conclude(plan: Plan, samples: Sequence[Sampled], ending: Ending) -> Conclusion:
    """Say how much of the speed was kept, and what clock and temperature did."""
    del ending
    rates = [
        _Rate(t_s=one.t_s, per_s=one.values["throughput_per_s"]) for one in samples if "throughput_per_s" in one.values
    ]
    drop = last(samples, ANSWER)
    if drop is None or not rates:
        return Conclusion(measured=None, verdict="It ended before the beginning and the end could be compared.")
    part = float(str(plan.settings["part_seconds"]))
    begin = [rate.per_s for rate in rates if rate.t_s <= rates[0].t_s + part]
    operations = 2 * ORDER**3 * sum(begin) / len(begin) / 1e9
    way = "less" if drop > 0 else "more"
    lead = (
        f"In its last {part:.0f} seconds the machine did {abs(drop):.1f} % {way} a second than in its first."
        if abs(drop) > _NOT_HEAT_PERCENT
        else f"It kept its speed: the last {part:.0f} seconds differ from the first by {abs(drop):.1f} %."
    )
    began = f"It began at {operations:.0f} billion operations a second."
    return Conclusion(measured=round(drop, 2), verdict=" ".join([lead, began, *_told(samples)]))


def _told(samples: Sequence[Sampled]) -> list[str]:
    clock, heat = column(samples, "cpu_frequency_hz"), column(samples, "cpu_temperature_celsius")
    found = []
    got = column(samples, "got_percent")
    if got and sum(got) / len(got) < _WHOLE_PERCENT:
        found.append(
            f"It got {sum(got) / len(got):.0f} % of the processor's time, other programs the rest; the speed is "
            "that of the time it got."
        )
    if clock:
        found.append(f"The clock went from {clock[0] / 1e9:.2f} to {clock[-1] / 1e9:.2f} GHz.")
    if heat:
        found.append(f"The processor went from {first(samples, 'cpu_temperature_celsius'):.0f} to {max(heat):.0f} °C.")
    if not heat:
        found.append("This machine tells no temperature, so the speed itself is the only sign of heat.")
    return found
