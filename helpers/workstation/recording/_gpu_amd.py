"""Read AMD's GPUs from the files of their driver."""

from collections.abc import Mapping

from workstation.recording._gpus import GPU_SIGNALS, Readings
from workstation.recording._meter import Told
from workstation.recording._parse import parse_count
from workstation.recording._texts import Texts


class Amd:
    """AMD's GPUs, as the driver's files tell of them."""

    def __init__(self, texts: Texts) -> None:
        self._texts = texts
        cards = [name for name in texts.names("/sys/class/drm") if name.startswith("card") and name[4:].isdigit()]
        places = [f"/sys/class/drm/{card}/device" for card in cards]
        self._files = [files for place in places if (files := self._of(place))]
        self.names = [self._name(place) for place in places if self._of(place)]

    def begin(self) -> list[Mapping[str, Told]]:
        """Say which files the driver offers."""
        return [
            {name: Told("amdgpu's files") if name in files else Told(why_not="the driver amdgpu offers no file for it")
             for name in GPU_SIGNALS}
            for files in self._files
        ]  # fmt: skip

    def read(self) -> tuple[Readings, list[str]]:
        """Read each file."""
        readings: Readings = []
        for files in self._files:
            counts = {name: (parse_count(self._texts.read(path)), factor) for name, (path, factor) in files.items()}
            readings.append({name: count * factor for name, (count, factor) in counts.items() if count is not None})
        return readings, []

    def _name(self, place: str) -> str:
        product = (self._texts.read(f"{place}/product_name", once=True) or b"").decode("utf-8", "replace").strip()
        return product[:80] or "AMD GPU"

    def _of(self, place: str) -> dict[str, tuple[str, float]]:
        if parse_count(self._texts.read(f"{place}/mem_info_vram_total")) is None:
            return {}
        sensors = [f"{place}/hwmon/{name}" for name in self._texts.names(f"{place}/hwmon")][:1]
        wanted: dict[str, tuple[str, float]] = {
            "memory_used_bytes": (f"{place}/mem_info_vram_used", 1),
            "memory_total_bytes": (f"{place}/mem_info_vram_total", 1),
            "utilization_percent": (f"{place}/gpu_busy_percent", 1),
        }
        for sensor in sensors:
            wanted |= {
                "power_watts": (f"{sensor}/power1_average", 1e-6),
                "power_limit_watts": (f"{sensor}/power1_cap", 1e-6),
                "temperature_celsius": (f"{sensor}/temp1_input", 1e-3),
                "sm_clock_hz": (f"{sensor}/freq1_input", 1),
            }
        return {name: row for name, row in wanted.items() if parse_count(self._texts.read(row[0])) is not None}
