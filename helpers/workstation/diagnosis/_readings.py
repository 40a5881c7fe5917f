"""Turn a recording's columns into measures: smoothed, related to the machine, each worked out once.

A measure is a column as long as the recording, NaN where nothing can tell, or `None` where nothing ever could.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from workstation.catalog._diagnosis import GPU, DiagnosisRules
from workstation.catalog._signals import Signal, load_signals
from workstation.diagnosis._episodes import held, rolling_mean, typical_step, weights
from workstation.recording.model import Availability, Column, Recording

__all__ = ["Readings"]

Maybe = Column | None
_BELOW = 0.9  # less than this of the machine's memory: the work had a limit of its own
_IMPOSSIBLE_PERCENT = 110.0  # a share beyond this is no reading; process_cpu_percent may have 100 a core


@dataclass(frozen=True, slots=True, eq=False)
class Readings:
    """One recording's measures by id; `gpu` numbers the GPU that a GPU's measure is of."""

    recording: Recording
    rules: DiagnosisRules
    step: float = field(init=False)
    weights: Column = field(init=False)
    _raw: dict[str, Maybe] = field(init=False, default_factory=dict)
    _done: dict[tuple[str, int | None], Maybe] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        step = typical_step(self.recording.t_s)
        object.__setattr__(self, "step", step)
        object.__setattr__(self, "weights", weights(self.recording.t_s, step))

    @property
    def seconds(self) -> float:
        """How long was recorded, without the gaps in which nobody looked."""
        return float(self.weights.sum()) if self.recording.t_s.size else 0.0

    @property
    def gpus(self) -> tuple[int, ...]:
        """The numbers of the GPUs that the machine has or the samples tell of; none where it was found to have none."""
        sampled = {int(key.split(".")[1]) for key in self.recording.columns if key.startswith("gpus.")}
        named = set(range(len(self.recording.header.machine.gpus)))
        signals = self.recording.header.signals.items()
        told = {int(key.split(".")[1]) for key, each in signals if key.startswith("gpus.") and not self._is_none(each)}
        return tuple(sorted(sampled | named | told))

    def _is_none(self, told: Availability) -> bool:
        """Say whether a signal is missing because there is no such part at all."""
        none = self.rules.settings.no_such_part
        return not told.available and none in (told.why_not or "")

    @property
    def usable_bytes(self) -> float | None:
        """How much memory the work could use: less than the machine's where it had a limit of its own."""
        usable = _usable(self)
        if usable is None or isinstance(usable, float | int):
            return usable
        known = usable[~np.isnan(usable)]
        return float(np.median(known)) if known.size else self.recording.header.machine.ram_usable_bytes

    def window(self, seconds: float) -> int:
        """Give the number of samples in so many seconds."""
        return max(1, round(seconds / self.step)) if self.step else 1

    def get(self, measure: str, gpu: int | None = None) -> Maybe:
        """Give a measure's column, smoothed; None where no sample has it."""
        key = (measure, gpu if self._is_of_gpu(measure) else None)
        if key not in self._done:
            column = self._work_out(*key)
            self._done[key] = None if column is None or np.isnan(column).all() else column
        return self._done[key]

    def raw(self, signal: str, gpu: int | None = None) -> Maybe:
        """Give a signal's column as it was recorded, without what cannot be; None where no sample has it."""
        key = signal if gpu is None else f"gpus.{gpu}.{signal}"
        if key not in self._raw:
            column = self.recording.columns.get(key)
            self._raw[key] = None if column is None else held(_without_nonsense(column, load_signals().get(signal)))
        return self._raw[key]

    def smooth(self, column: Maybe, seconds: float | None = None) -> Maybe:
        """Average over the settings' smoothing time, or over *seconds*."""
        span = self.rules.settings.smoothing_seconds if seconds is None else seconds
        return None if column is None else rolling_mean(column, self.window(span))

    def constant(self, value: float | None) -> Maybe:
        """Give one value for every sample."""
        return None if value is None else np.full(self.recording.t_s.size, value)

    def _is_of_gpu(self, measure: str) -> bool:
        entry = self.rules.measures.get(measure)
        return entry.scope == "gpu" if entry else measure.startswith(GPU)

    def _work_out(self, measure: str, gpu: int | None) -> Maybe:
        derive = DERIVED.get(measure)
        if derive is not None:
            return derive(self, gpu)
        signal = measure.removeprefix(GPU) if gpu is not None else measure
        kind = load_signals()[signal].kind
        raw = self.raw(signal, gpu)
        if signal in _JUMPY:
            return self.smooth(raw, self.rules.settings.smoothing_seconds * _JUMPY_SPANS)
        return raw if kind == "gauge" else self.smooth(raw)


_JUMPY = {"throttled_by_heat", "throttled_by_power", "process_disk_wait_threads", "process_connections"}
_JUMPY_SPANS = 3  # gauges that jump between two readings, and are read seldom, are averaged over longer


def _without_nonsense(column: Column, signal: Signal | None) -> Column:
    """Blank what cannot be: negative sizes, shares over 100; an honest gap is better than a false number."""
    if signal is None or signal.unit == "celsius":
        return column
    wrong = column < 0
    if signal.unit == "percent" and signal.id != "process_cpu_percent":
        wrong |= column > _IMPOSSIBLE_PERCENT
    return np.where(wrong, np.nan, column) if wrong.any() else column


def _percent_of(part: Maybe, whole: Maybe | float) -> Maybe:
    if part is None or whole is None:
        return None
    with np.errstate(all="ignore"):
        share = 100.0 * part / whole
    return np.where(np.isfinite(share), share, np.nan)


def _plus(*columns: Maybe) -> Maybe:
    there = [column for column in columns if column is not None]
    return np.sum(np.nan_to_num(there), axis=0) + (0 * there[0]) if there else None


def _smoothed(readings: Readings, *signals: str) -> Maybe:
    return _plus(*(readings.smooth(readings.raw(signal)) for signal in signals))


def _available(readings: Readings, _gpu: int | None) -> Maybe:
    share = _percent_of(readings.raw("ram_available_bytes"), _usable(readings))
    return None if share is None else np.minimum(share, 100.0)


def _usable(readings: Readings) -> Maybe | float:
    """Give the memory that was there to be used: what samples add up to, as the work may have a limit of its own."""
    both = (readings.raw("ram_available_bytes"), readings.raw("ram_used_bytes"))
    if both[0] is not None and both[1] is not None:
        return both[0] + both[1]
    return readings.recording.header.machine.ram_usable_bytes


def _process_memory(readings: Readings, _gpu: int | None) -> Maybe:
    return _percent_of(readings.raw("process_resident_bytes"), _usable(readings))


def _late_growth(readings: Readings, _gpu: int | None) -> Maybe:
    """Say by how much the watched processes grew in the last fifth of the run, of the largest they ever were."""
    resident, t_s = readings.raw("process_resident_bytes"), readings.recording.t_s
    known = np.zeros(0, dtype=bool) if resident is None else ~np.isnan(resident) & (resident > 0)
    if resident is None or not known.any():
        return None
    values, times = resident[known], t_s[known]
    before = float(np.interp(times[0] + 0.8 * (times[-1] - times[0]), times, values))
    return readings.constant(100.0 * (values[-3:].max() - before) / values.max())


def _limit_set(readings: Readings, _gpu: int | None) -> Maybe:
    machine = readings.recording.header.machine
    usable, whole = readings.usable_bytes, machine.ram_usable_bytes
    below = usable is not None and whole is not None and usable < _BELOW * whole
    return readings.constant(float(machine.ram_limit_bytes is not None or below))


def _runway(readings: Readings, _gpu: int | None) -> Maybe:
    """Say how much longer the memory would last at the recent rate, of the time recorded so far, in per cent."""
    available, t_s = readings.raw("ram_available_bytes"), readings.recording.t_s
    if available is None or t_s.size < readings.rules.settings.fewest_samples:
        return None
    recent = (t_s >= t_s[-1] / 2) & ~np.isnan(available)
    if recent.sum() < readings.rules.settings.fewest_samples or t_s[-1] <= 0:
        return None
    slope, _ = np.polyfit(t_s[recent], available[recent], 1)
    left = available[recent][-1]
    return readings.constant(100.0 * (left / -slope) / t_s[-1]) if slope < -1 else None


def _swap_used(readings: Readings, _gpu: int | None) -> Maybe:
    return _percent_of(readings.raw("swap_used_bytes"), readings.recording.header.machine.swap_total_bytes or None)


def _grown(column: Maybe) -> Maybe:
    """Say how far a column stands above the lowest it has been so far."""
    return None if column is None else column - np.fmin.accumulate(column)


def _swap_growth(readings: Readings, _gpu: int | None) -> Maybe:
    return _grown(readings.raw("swap_used_bytes"))


def _swap_traffic(readings: Readings, _gpu: int | None) -> Maybe:
    return _smoothed(readings, "swap_in_bytes_per_s", "swap_out_bytes_per_s")


def _disk_traffic(readings: Readings, _gpu: int | None) -> Maybe:
    return _smoothed(readings, "disk_read_bytes_per_s", "disk_write_bytes_per_s")


def _process_disk(readings: Readings, _gpu: int | None) -> Maybe:
    return _smoothed(readings, "process_read_bytes_per_s", "process_write_bytes_per_s")


def _swap_of_disk(readings: Readings, _gpu: int | None) -> Maybe:
    return _percent_of(_swap_traffic(readings, None), _disk_traffic(readings, None))


def _refaults_of_disk(readings: Readings, _gpu: int | None) -> Maybe:
    refaults = _smoothed(readings, "refaults_per_s")
    fetched = None if refaults is None else refaults * readings.rules.settings.page_bytes
    return _percent_of(fetched, _disk_traffic(readings, None))


def _disk_free(readings: Readings, _gpu: int | None) -> Maybe:
    return _percent_of(readings.raw("disk_free_bytes"), readings.recording.header.machine.disk_total_bytes or None)


def _disk_used_up(readings: Readings, _gpu: int | None) -> Maybe:
    free = readings.raw("disk_free_bytes")
    known = None if free is None else free[~np.isnan(free)]
    return None if free is None or known is None or not known.size else _percent_of(known[0] - free, float(known[0]))


def _process_cores(readings: Readings, _gpu: int | None) -> Maybe:
    used = _smoothed(readings, "process_cpu_percent")
    if used is None or np.isnan(used).all():
        return None
    seen = max(1.0, np.ceil(float(np.nanmax(used)) / 100))  # where nobody tells, there are as many as were used
    return used / (readings.recording.header.machine.logical_cores or seen)


def _cpu_clock(readings: Readings, _gpu: int | None) -> Maybe:
    highest = readings.recording.header.machine.cpu_max_hz
    return _percent_of(_smoothed(readings, "cpu_frequency_hz"), highest or None)


def _fallen(readings: Readings, column: Maybe, busy: Maybe) -> Maybe:
    """Say how far a column lies below what it was in the first seconds of load, in per cent of that."""
    settings, t_s = readings.rules.settings, readings.recording.t_s
    if column is None:
        return None
    at_work = ~np.isnan(column) & (column > 0)
    if busy is not None:
        at_work &= np.nan_to_num(busy) >= settings.load_percent
    if not at_work.any():
        return None
    began = t_s[at_work][0]
    early = at_work & (t_s <= began + settings.baseline_seconds)
    baseline = float(np.quantile(column[early], 0.75))
    recent = readings.smooth(np.where(at_work, column, np.nan), settings.trend_seconds)
    return None if recent is None else np.where(at_work, 100.0 * (1 - recent / baseline), np.nan)


def _cpu_clock_drop(readings: Readings, _gpu: int | None) -> Maybe:
    return _fallen(readings, readings.raw("cpu_frequency_hz"), _smoothed(readings, "cpu_used_percent"))


def _throughput_drop(readings: Readings, _gpu: int | None) -> Maybe:
    return _fallen(readings, readings.raw("throughput_per_s"), None)


def _gpu_clock_drop(readings: Readings, gpu: int | None) -> Maybe:
    return _fallen(
        readings, readings.raw("sm_clock_hz", gpu), readings.smooth(readings.raw("utilization_percent", gpu))
    )


def _gpu_memory(readings: Readings, gpu: int | None) -> Maybe:
    share = _percent_of(readings.raw("memory_used_bytes", gpu), readings.raw("memory_total_bytes", gpu))
    return None if share is None else np.where(share <= _IMPOSSIBLE_PERCENT, share, np.nan)


def _gpu_memory_growth(readings: Readings, gpu: int | None) -> Maybe:
    """Say by how much GPU memory grew after the first tenth of the run, of what the GPU has: loading is no growth."""
    share = _gpu_memory(readings, gpu)
    if share is None:
        return None
    t_s = readings.recording.t_s
    later = t_s >= t_s[-1] / 10
    return _grown(np.where(later, share, np.nan))


def _gpu_power(readings: Readings, gpu: int | None) -> Maybe:
    drawn = readings.smooth(readings.raw("power_watts", gpu), readings.rules.settings.trend_seconds)
    return _percent_of(drawn, readings.raw("power_limit_watts", gpu))


def _gpu_busiest(readings: Readings, _gpu: int | None) -> Maybe:
    columns = [readings.smooth(readings.raw("utilization_percent", gpu)) for gpu in readings.gpus]
    there = [column for column in columns if column is not None]
    return np.fmax.reduce(there) if there else None


def _network(readings: Readings, _gpu: int | None) -> Maybe:
    return _smoothed(readings, "network_received_bytes_per_s", "network_sent_bytes_per_s")


def _network_lately(readings: Readings, _gpu: int | None) -> Maybe:
    raw = _plus(readings.raw("network_received_bytes_per_s"), readings.raw("network_sent_bytes_per_s"))
    return readings.smooth(raw, readings.rules.settings.trend_seconds)


def _network_of_link(readings: Readings, _gpu: int | None) -> Maybe:
    link = readings.recording.header.machine.link_mbps
    directions = [
        readings.smooth(readings.raw(f"network_{way}_bytes_per_s"), readings.rules.settings.bridge_seconds)
        for way in ("received", "sent")
    ]
    there = [column for column in directions if column is not None]
    return _percent_of(np.fmax.reduce(there), link * 1e6 / 8) if there and link else None


def _failed(readings: Readings, _gpu: int | None) -> Maybe:
    """Say with 1 or 0 whether the work ended by an error of its own."""
    end = readings.recording.end
    if end is None:
        return readings.constant(0.0)
    gave_up = end.how == "exit" and end.exit_code not in {None, 0}
    aborted = end.how == "killed" and end.signal == "SIGABRT"
    return readings.constant(float(end.how == "error" or gave_up or aborted))


def _killed(readings: Readings, _gpu: int | None) -> Maybe:
    """Say with 1 or 0 whether the work was killed while nobody could tell by whom."""
    end = readings.recording.end
    if end is None:
        return readings.constant(0.0)
    return readings.constant(float(end.how == "killed" and end.oom_killer is None and end.signal in {"SIGKILL", None}))


def _to_the_end(readings: Readings, _gpu: int | None) -> Maybe:
    t_s = readings.recording.t_s
    return t_s[-1] - t_s if t_s.size else None


def _running(readings: Readings, _gpu: int | None) -> Maybe:
    return readings.recording.t_s


DERIVED: Mapping[str, Callable[[Readings, int | None], Maybe]] = {
    "ram_available_percent": _available,
    "process_memory_percent": _process_memory,
    "process_late_growth_percent": _late_growth,
    "ram_limit_set": _limit_set,
    "ram_runway_percent": _runway,
    "swap_used_percent": _swap_used,
    "swap_growth_bytes": _swap_growth,
    "swap_traffic_bytes_per_s": _swap_traffic,
    "swap_of_disk_percent": _swap_of_disk,
    "refaults_of_disk_percent": _refaults_of_disk,
    "disk_traffic_bytes_per_s": _disk_traffic,
    "process_disk_bytes_per_s": _process_disk,
    "disk_free_percent": _disk_free,
    "disk_used_up_percent": _disk_used_up,
    "process_cores_percent": _process_cores,
    "cpu_clock_percent": _cpu_clock,
    "cpu_clock_drop_percent": _cpu_clock_drop,
    "throughput_drop_percent": _throughput_drop,
    "gpu_clock_drop_percent": _gpu_clock_drop,
    "gpu_memory_percent": _gpu_memory,
    "gpu_memory_growth_percent": _gpu_memory_growth,
    "gpu_power_percent": _gpu_power,
    "gpu_busiest_percent": _gpu_busiest,
    "network_bytes_per_s": _network,
    "network_lately_bytes_per_s": _network_lately,
    "network_of_link_percent": _network_of_link,
    "failed": _failed,
    "killed_by_nobody_known": _killed,
    "seconds_to_the_end": _to_the_end,
    "seconds_running": _running,
}
