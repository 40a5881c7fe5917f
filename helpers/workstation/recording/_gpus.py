"""What the graphics processors of any vendor are to the recorder."""

from collections.abc import Mapping
from typing import Protocol

from workstation.recording._meter import Told

GPU_SIGNALS = (
    "memory_used_bytes", "memory_total_bytes", "utilization_percent", "power_watts", "power_limit_watts",
    "temperature_celsius", "sm_clock_hz", "throttled_by_heat", "throttled_by_power",
)  # fmt: skip
Readings = list[dict[str, float]]


class Gpus(Protocol):
    """All graphics processors of one vendor."""

    names: list[str]  # known once it has begun

    def begin(self) -> list[Mapping[str, Told]]:
        """Say of each GPU which signals can be told."""

    def read(self) -> tuple[Readings, list[str]]:
        """Return what each GPU says now, and sentences about what has stopped answering."""
