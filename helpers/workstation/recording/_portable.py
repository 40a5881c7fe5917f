"""Meters for systems without /proc: what psutil tells on macOS and Windows, each figure alone."""

from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any, TypeVar

from workstation.recording._meter import Rate, Sample, Seldom, Told, Window, percent, put

_T = TypeVar("_T")
_NO_SWAP_RATES = "Windows does not count what goes to its page file and back"
_LINUX_ONLY = "only Linux tells of it"
_NEVER = {
    name: Told(why_not=_LINUX_ONLY)
    for name in (
        "memory_stall_some_percent", "memory_stall_full_percent", "io_stall_some_percent", "io_stall_full_percent",
        "cpu_stall_some_percent", "major_faults_per_s", "refaults_per_s", "cpu_throttled_percent",
        "cpu_temperature_celsius", "thermal_throttle_per_s", "process_proportional_bytes", "process_disk_wait_threads",
        "cpu_frequency_hz", "disk_busy_percent",
    )
}  # fmt: skip
_SLOW = ("process_connections", "disk_free_bytes")


class PortableMeter:
    """Everything that psutil can tell of a machine and of the watched processes."""

    def __init__(self, psutil: ModuleType, pid: int, folder: str, *, system: str, without: frozenset[int]) -> None:
        self._psutil, self._folder, self._system, self._without = psutil, folder, system, without
        self._pid = pid
        self._root = self._attempt(lambda: psutil.Process(pid))
        self._rates: dict[str, Rate] = {}
        self._cores, self._work, self._due = Window(), Window(), Seldom(1.0)

    def begin(self, now_s: float) -> Mapping[str, Told]:
        """Find out what this system tells."""
        self.read(now_s, {})
        self._due = Seldom(1.0)
        known: Sample = {}
        self._read_all(now_s, known, rates_too=True)
        names = (*_GAUGES, *_COUNTERS, *_SHARES, *_SLOW)
        return _NEVER | {
            name: Told(source="psutil") if name in known else Told(why_not=self._why(name)) for name in names
        }

    def read(self, now_s: float, sample: Sample) -> None:
        """Add what psutil tells now."""
        self._read_all(now_s, sample, rates_too=False)

    @property
    def has_ended(self) -> bool:
        """Tell whether the watched process is gone."""
        return self._root is None or not self._attempt(self._root.is_running)

    def _read_all(self, now_s: float, sample: Sample, *, rates_too: bool) -> None:
        memory, swap = self._attempt(self._psutil.virtual_memory), self._attempt(self._psutil.swap_memory)
        put(sample, "ram_available_bytes", getattr(memory, "available", None))
        if memory is not None:
            put(sample, "ram_used_bytes", memory.total - memory.available)
        put(sample, "swap_used_bytes", getattr(swap, "used", None))
        self._counters(now_s, sample, swap, begin=rates_too)
        self._processors(now_s, sample, begin=rates_too)
        self._processes(now_s, sample, begin=rates_too)
        if self._due.is_due(now_s):
            usage = self._attempt(lambda: self._psutil.disk_usage(self._folder))
            put(sample, "disk_free_bytes", getattr(usage, "free", None))
            put(sample, "process_connections", self._connections())
            self._due.done(now_s, 0.0)

    def _counters(self, now_s: float, sample: Sample, swap: Any, *, begin: bool) -> None:
        disk, network = self._attempt(self._psutil.disk_io_counters), self._attempt(self._psutil.net_io_counters)
        swaps = swap if self._system != "Windows" else None  # psutil gives 0 there, which is no measurement
        counts = {
            "swap_in_bytes_per_s": getattr(swaps, "sin", None),
            "swap_out_bytes_per_s": getattr(swaps, "sout", None),
            "disk_read_bytes_per_s": getattr(disk, "read_bytes", None),
            "disk_write_bytes_per_s": getattr(disk, "write_bytes", None),
            "network_received_bytes_per_s": getattr(network, "bytes_recv", None),
            "network_sent_bytes_per_s": getattr(network, "bytes_sent", None),
        }
        self._put_rates(now_s, sample, counts, begin=begin)

    def _put_rates(self, now_s: float, sample: Sample, counts: Mapping[str, int | None], *, begin: bool) -> None:
        for name, count in counts.items():
            rate = self._rates.setdefault(name, Rate()).of(now_s, count)
            put(sample, name, 0 if begin and count is not None else rate)

    def _processors(self, now_s: float, sample: Sample, *, begin: bool) -> None:
        cores = self._attempt(lambda: self._psutil.cpu_times(percpu=True)) or []
        pairs = [(sum(core) - core.idle - getattr(core, "iowait", 0.0), sum(core)) for core in cores]
        grown = self._cores.since(now_s, tuple(float(count) for pair in pairs for count in pair)) if pairs else None
        if grown is not None:
            used, total = grown[1][::2], grown[1][1::2]
            shares = [share for u, t in zip(used, total, strict=True) if (share := percent(u, t)) is not None]
            put(sample, "cpu_used_percent", percent(sum(used), sum(total)), 1)
            put(sample, "cpu_busiest_core_percent", max(shares, default=None), 1)
        elif begin and pairs:
            sample |= dict.fromkeys(_SHARES[:2], 0)

    def _processes(self, now_s: float, sample: Sample, *, begin: bool) -> None:
        sizes, seconds, read, written, counted = 0, 0.0, 0, 0, 0
        for process in self._tree():
            memory, times = self._attempt(process.memory_info), self._attempt(process.cpu_times)
            io = self._attempt(process.io_counters) if hasattr(process, "io_counters") else None  # not on macOS
            sizes += getattr(memory, "rss", 0)
            seconds += getattr(times, "user", 0.0) + getattr(times, "system", 0.0)
            read, written = read + getattr(io, "read_bytes", 0), written + getattr(io, "write_bytes", 0)
            counted += memory is not None
        if not counted:
            return
        put(sample, "process_resident_bytes", sizes)
        put(sample, "process_count", counted)
        grown = self._work.since(now_s, (seconds,))
        if grown is not None or begin:
            put(sample, "process_cpu_percent", max(0.0, 100 * grown[1][0] / grown[0]) if grown else 0, 1)
        if hasattr(self._root, "io_counters"):
            self._put_rates(
                now_s, sample, {"process_read_bytes_per_s": read, "process_write_bytes_per_s": written}, begin=begin
            )

    def _tree(self) -> list[Any]:
        root = self._root
        if root is None:
            return []
        children: list[Any] = self._attempt(lambda: root.children(recursive=True)) or []
        return [each for each in [root, *children] if each.pid not in self._without]

    def _connections(self) -> int | None:
        ask = [getattr(each, "net_connections", None) or getattr(each, "connections", None) for each in self._tree()]
        lists = [self._attempt(question) for question in ask if question is not None]
        known = [each for each in lists if each is not None]
        return sum(bool(link.raddr) for each in known for link in each) if known else None

    def _why(self, name: str) -> str:
        if self._system == "Windows" and name.startswith("swap_") and name.endswith("_per_s"):
            return _NO_SWAP_RATES
        return "psutil does not tell it on this system"

    def _attempt(self, question: Callable[[], _T]) -> _T | None:
        try:
            return question()
        except (self._psutil.Error, OSError, RuntimeError, NotImplementedError):
            return None


_GAUGES = ("ram_available_bytes", "ram_used_bytes", "swap_used_bytes", "process_resident_bytes", "process_count")
_COUNTERS = (
    "swap_in_bytes_per_s", "swap_out_bytes_per_s", "disk_read_bytes_per_s", "disk_write_bytes_per_s",
    "network_received_bytes_per_s", "network_sent_bytes_per_s", "process_read_bytes_per_s", "process_write_bytes_per_s",
)  # fmt: skip
_SHARES = ("cpu_used_percent", "cpu_busiest_core_percent", "process_cpu_percent")
