"""Work out the measures that signals do not give by themselves: shares of what there is, growth, falls since the start.

Each is a function of a recording's readings and the number of a GPU; `None` where nothing could ever tell.
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import numpy as np

from workstation.recording.model import Column

if TYPE_CHECKING:
    from workstation.diagnosis._readings import Readings

__all__ = ["DERIVED", "IMPOSSIBLE_PERCENT", "Maybe", "usable"]

Maybe = Column | None
IMPOSSIBLE_PERCENT = 110.0  # a share beyond this is no reading; process_cpu_percent may have 100 a core
_BELOW = 0.9  # less than this of the machine's memory: the work had a limit of its own


def _percent_of(part: Maybe, whole: Maybe | float) -> Maybe:
    if part is None or whole is None:
        return None
    with np.errstate(all="ignore"):
        share = 100.0 * part / whole
    return np.where(np.isfinite(share), share, np.nan)


def _plus(*columns: Maybe) -> Maybe:
    there = [column for column in columns if column is not None]
    return np.sum(np.nan_to_num(there), axis=0) + (0 * there[0]) if there else None


def _smoothed(readings: "Readings", *signals: str) -> Maybe:
    return _plus(*(readings.smooth(readings.raw(signal)) for signal in signals))


def _available(readings: "Readings", _gpu: int | None) -> Maybe:
    share = _percent_of(readings.raw("ram_available_bytes"), usable(readings))
    return None if share is None else np.minimum(share, 100.0)


def usable(readings: "Readings") -> Maybe | float:
    """Give the memory that was there to be used: what samples add up to, as the work may have a limit of its own."""
    both = (readings.raw("ram_available_bytes"), readings.raw("ram_used_bytes"))
    if both[0] is not None and both[1] is not None:
        return both[0] + both[1]
    return readings.recording.header.machine.ram_usable_bytes


def _process_memory(readings: "Readings", _gpu: int | None) -> Maybe:
    return _percent_of(readings.raw("process_resident_bytes"), usable(readings))


def _late_growth(readings: "Readings", _gpu: int | None) -> Maybe:
    """Say by how much the watched processes grew in the last fifth of the run, of the largest they ever were."""
    resident, t_s = readings.raw("process_resident_bytes"), readings.recording.t_s
    known = np.zeros(0, dtype=bool) if resident is None else ~np.isnan(resident) & (resident > 0)
    if resident is None or not known.any():
        return None
    values, times = resident[known], t_s[known]
    before = float(np.interp(times[0] + 0.8 * (times[-1] - times[0]), times, values))
    return readings.constant(100.0 * (values[-3:].max() - before) / values.max())


def _limit_set(readings: "Readings", _gpu: int | None) -> Column:
    machine = readings.recording.header.machine
    usable, whole = readings.usable_bytes, machine.ram_usable_bytes
    below = usable is not None and whole is not None and usable < _BELOW * whole
    return np.full(readings.recording.t_s.size, float(machine.ram_limit_bytes is not None or below))


def _runway(readings: "Readings", _gpu: int | None) -> Maybe:
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


def _swap_used(readings: "Readings", _gpu: int | None) -> Maybe:
    return _percent_of(readings.raw("swap_used_bytes"), readings.recording.header.machine.swap_total_bytes or None)


def _grown(column: Maybe) -> Maybe:
    """Say how far a column stands above the lowest it has been so far."""
    return None if column is None else column - np.fmin.accumulate(column)


def _swap_growth(readings: "Readings", _gpu: int | None) -> Maybe:
    return _grown(readings.raw("swap_used_bytes"))


def _swap_traffic(readings: "Readings", _gpu: int | None) -> Maybe:
    return _smoothed(readings, "swap_in_bytes_per_s", "swap_out_bytes_per_s")


def _disk_traffic(readings: "Readings", _gpu: int | None) -> Maybe:
    return _smoothed(readings, "disk_read_bytes_per_s", "disk_write_bytes_per_s")


def _process_disk(readings: "Readings", _gpu: int | None) -> Maybe:
    return _smoothed(readings, "process_read_bytes_per_s", "process_write_bytes_per_s")


def _swap_of_disk(readings: "Readings", _gpu: int | None) -> Maybe:
    return _percent_of(_swap_traffic(readings, None), _disk_traffic(readings, None))


def _refaults_of_disk(readings: "Readings", _gpu: int | None) -> Maybe:
    """Relate pages read again to the disk's traffic; with plenty of memory, want of it is not why they were dropped."""
    refaults = _smoothed(readings, "refaults_per_s")
    fetched = None if refaults is None else refaults * readings.rules.settings.page_bytes
    share = _percent_of(fetched, _disk_traffic(readings, None))
    return None if share is None else np.where(_scarce(readings), share, 0.0)


def _scarce(readings: "Readings") -> Column:
    """Say with 1 or 0 where memory was short: little of it available, a limit set, or work waiting for it."""
    settings = readings.rules.settings
    available, stall = readings.get("ram_available_percent"), readings.get("memory_stall_some_percent")
    short = np.full(readings.recording.t_s.size, bool(_limit_set(readings, None).any()))
    if available is not None:
        short |= available <= settings.scarce_percent
    if stall is not None:
        short |= stall >= settings.scarce_stall_percent
    return short.astype(np.float64)


def _disk_free(readings: "Readings", _gpu: int | None) -> Maybe:
    return _percent_of(readings.raw("disk_free_bytes"), readings.recording.header.machine.disk_total_bytes or None)


def _disk_used_up(readings: "Readings", _gpu: int | None) -> Maybe:
    free = readings.raw("disk_free_bytes")
    known = None if free is None else free[~np.isnan(free)]
    return None if free is None or known is None or not known.size else _percent_of(known[0] - free, float(known[0]))


def _process_cores(readings: "Readings", _gpu: int | None) -> Maybe:
    used = _smoothed(readings, "process_cpu_percent")
    if used is None or np.isnan(used).all():
        return None
    seen = max(1.0, np.ceil(float(np.nanmax(used)) / 100))  # where nobody tells, there are as many as were used
    return used / (readings.recording.header.machine.logical_cores or seen)


def _cpu_clock(readings: "Readings", _gpu: int | None) -> Maybe:
    highest = readings.recording.header.machine.cpu_max_hz
    return _percent_of(_smoothed(readings, "cpu_frequency_hz"), highest or None)


def _fallen(readings: "Readings", column: Maybe, busy: Maybe) -> Maybe:
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


def _cpu_clock_drop(readings: "Readings", _gpu: int | None) -> Maybe:
    return _fallen(readings, readings.raw("cpu_frequency_hz"), _smoothed(readings, "cpu_used_percent"))


def _throughput_drop(readings: "Readings", _gpu: int | None) -> Maybe:
    return _fallen(readings, readings.raw("throughput_per_s"), None)


def _gpu_clock_drop(readings: "Readings", gpu: int | None) -> Maybe:
    return _fallen(
        readings, readings.raw("sm_clock_hz", gpu), readings.smooth(readings.raw("utilization_percent", gpu))
    )


def _gpu_memory(readings: "Readings", gpu: int | None) -> Maybe:
    share = _percent_of(readings.raw("memory_used_bytes", gpu), readings.raw("memory_total_bytes", gpu))
    return None if share is None else np.where(share <= IMPOSSIBLE_PERCENT, share, np.nan)


def _gpu_memory_growth(readings: "Readings", gpu: int | None) -> Maybe:
    """Say by how much GPU memory grew after the first tenth of the run, of what the GPU has: loading is no growth."""
    share = _gpu_memory(readings, gpu)
    if share is None:
        return None
    t_s = readings.recording.t_s
    later = t_s >= t_s[-1] / 10
    return _grown(np.where(later, share, np.nan))


def _gpu_power(readings: "Readings", gpu: int | None) -> Maybe:
    drawn = readings.smooth(readings.raw("power_watts", gpu), readings.rules.settings.trend_seconds)
    return _percent_of(drawn, readings.raw("power_limit_watts", gpu))


def _gpu_busiest(readings: "Readings", _gpu: int | None) -> Maybe:
    columns = [readings.smooth(readings.raw("utilization_percent", gpu)) for gpu in readings.gpus]
    there = [column for column in columns if column is not None]
    return np.fmax.reduce(there) if there else None


def _network(readings: "Readings", _gpu: int | None) -> Maybe:
    return _smoothed(readings, "network_received_bytes_per_s", "network_sent_bytes_per_s")


def _network_lately(readings: "Readings", _gpu: int | None) -> Maybe:
    raw = _plus(readings.raw("network_received_bytes_per_s"), readings.raw("network_sent_bytes_per_s"))
    return readings.smooth(raw, readings.rules.settings.trend_seconds)


def _network_of_link(readings: "Readings", _gpu: int | None) -> Maybe:
    link = readings.recording.header.machine.link_mbps
    directions = [
        readings.smooth(readings.raw(f"network_{way}_bytes_per_s"), readings.rules.settings.bridge_seconds)
        for way in ("received", "sent")
    ]
    there = [column for column in directions if column is not None]
    return _percent_of(np.fmax.reduce(there), link * 1e6 / 8) if there and link else None


def _failed(readings: "Readings", _gpu: int | None) -> Maybe:
    """Say with 1 or 0 whether the work ended by an error of its own."""
    end = readings.recording.end
    if end is None:
        return readings.constant(0.0)
    gave_up = end.how == "exit" and end.exit_code not in {None, 0}
    aborted = end.how == "killed" and end.signal == "SIGABRT"
    return readings.constant(float(end.how == "error" or gave_up or aborted))


def _killed(readings: "Readings", _gpu: int | None) -> Maybe:
    """Say with 1 or 0 whether the work was killed while nobody could tell by whom."""
    end = readings.recording.end
    if end is None:
        return readings.constant(0.0)
    return readings.constant(float(end.how == "killed" and end.oom_killer is None and end.signal in {"SIGKILL", None}))


def _to_the_end(readings: "Readings", _gpu: int | None) -> Maybe:
    t_s = readings.recording.t_s
    return t_s[-1] - t_s if t_s.size else None


def _running(readings: "Readings", _gpu: int | None) -> Maybe:
    return readings.recording.t_s


DERIVED: Mapping[str, Callable[["Readings", int | None], Maybe]] = {
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
