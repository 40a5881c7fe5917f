"""Turn a recording's columns into measures: smoothed, related to the machine, each worked out once.

A measure is a column as long as the recording, NaN where nothing can tell, or `None` where nothing ever could.
"""

from dataclasses import dataclass, field

import numpy as np

from workstation.catalog._diagnosis import GPU, DiagnosisRules
from workstation.catalog._signals import Signal, load_signals
from workstation.diagnosis._derived import DERIVED, IMPOSSIBLE_PERCENT, Maybe, usable
from workstation.diagnosis._episodes import held, rolling_mean, typical_step, weights
from workstation.recording.model import Availability, Column, Recording

__all__ = ["Readings"]


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
        whole = usable(self)
        if whole is None or isinstance(whole, float | int):
            return whole
        known = whole[~np.isnan(whole)]
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
        wrong |= column > IMPOSSIBLE_PERCENT
    return np.where(wrong, np.nan, column) if wrong.any() else column
