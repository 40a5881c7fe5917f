"""Meters of processors, disks, heat and network on Linux."""

import time
from collections.abc import Iterable, Mapping

from workstation.recording._groups import Groups
from workstation.recording._meter import Rate, Sample, Seldom, Told, Window, percent, put, told, untold
from workstation.recording._parse import (
    Disk,
    disk_names,
    parse_cores,
    parse_count,
    parse_disks,
    parse_interfaces,
    parse_pairs,
)
from workstation.recording._texts import Texts

STAT, DISKSTATS = "/proc/stat", "/proc/diskstats"
CPUS, HWMON, ZONES = "/sys/devices/system/cpu", "/sys/class/hwmon", "/sys/class/thermal"
MAX_CLOCKS = 64
_CORES = ("cpu_used_percent", "cpu_busiest_core_percent")
_DISKS = ("disk_read_bytes_per_s", "disk_write_bytes_per_s", "disk_busy_percent")
_NETWORK = ("network_received_bytes_per_s", "network_sent_bytes_per_s")
_NOT_WHOLE = ("loop", "ram", "zram", "dm-", "md", "sr", "fd", "nbd")
_NOT_REAL = ("lo", "docker", "veth", "br-", "virbr", "tun", "tap", "wg", "ifb", "dummy")
# Sensors that stand on the processor, by the names of their drivers; the firmware's own are the last resort.
_CPU_SENSORS = ("coretemp", "k10temp", "zenpower", "cpu_thermal", "cpu-thermal", "soc_thermal", "x86_pkg_temp")
_LAST_RESORT = ("acpitz",)
_MILLI = 1000
_NO_CLOCK = "this kernel tells of no clock, as is usual in virtual machines"
_NO_SENSOR = "no sensor of the processor is to be seen"


class CoreMeter:
    """Use of all processor cores together and of the busiest, over the last second."""

    def __init__(self, texts: Texts) -> None:
        self._texts, self._window = texts, Window()

    def begin(self, now_s: float) -> Mapping[str, Told]:
        """Say whether the kernel tells of its processors."""
        cores = self._cores()
        self.read(now_s, {})
        lacks = "does not tell of processors" if self._texts.read(STAT) else self._texts.why(STAT)
        return told(_CORES, f"{STAT}, over a second") if cores else untold(_CORES, f"{STAT} {lacks}")

    def read(self, now_s: float, sample: Sample) -> None:
        """Add the shares of the time that has passed."""
        cores = self._cores()
        grown = self._window.since(now_s, tuple(float(count) for pair in cores for count in pair)) if cores else None
        if grown is None:
            return
        shares = [percent(used, total) for used, total in zip(grown[1][::2], grown[1][1::2], strict=True)]
        put(sample, "cpu_used_percent", shares[0], 1)
        put(sample, "cpu_busiest_core_percent", max((s for s in shares[1:] if s is not None), default=None), 1)

    def _cores(self) -> tuple[tuple[int, int], ...]:
        return parse_cores(self._texts.read(STAT) or b"")


class HoldMeter:
    """How often a container's processor limit held it back."""

    NAME = "cpu_throttled_percent"

    def __init__(self, texts: Texts, groups: Groups) -> None:
        self._texts, self._groups, self._window = texts, groups, Window()

    def begin(self, now_s: float) -> Mapping[str, Told]:
        """Say whether there is such a limit."""
        self._groups.look(now_s)
        self.read(now_s, {})
        found = told((self.NAME,), "cgroup cpu.stat")
        return (
            found if self._groups.cpu_stat else untold((self.NAME,), "no processor limit is set on the control group")
        )

    def read(self, now_s: float, sample: Sample) -> None:
        """Add the share of the scheduler's periods in which the limit was met."""
        path = self._groups.cpu_stat
        counts = parse_pairs(self._texts.read(path) or b"") if path else {}
        periods, held = counts.get(b"nr_periods"), counts.get(b"nr_throttled")
        if periods is None or held is None:
            return
        grown = self._window.since(now_s, (float(periods), float(held)))
        if grown is not None:
            put(sample, self.NAME, percent(grown[1][1], grown[1][0]) or 0.0, 1)


class HeatMeter:
    """The processor's clock, temperature and brake, once a second at most: sensors can be slow."""

    CLOCK, HEAT, BRAKE = "cpu_frequency_hz", "cpu_temperature_celsius", "thermal_throttle_per_s"

    def __init__(self, texts: Texts) -> None:
        self._texts, self._due, self._rate = texts, Seldom(1.0), Rate()
        cpus = [name for name in texts.names(CPUS) if name.startswith("cpu") and name[3:].isdigit()]
        spread = cpus[:: max(1, -(-len(cpus) // MAX_CLOCKS))]
        self._clocks = self._readable(f"{CPUS}/{cpu}/cpufreq/scaling_cur_freq" for cpu in spread)
        self._brakes = self._readable(f"{CPUS}/{cpu}/thermal_throttle/package_throttle_count" for cpu in cpus[:1])
        self._sensors = self._readable(_sensor_paths(texts))

    def begin(self, now_s: float) -> Mapping[str, Told]:
        """Say which of them this machine has."""
        self.read(now_s, {})
        self._due = Seldom(1.0)  # the first sample has them, too
        return {
            self.CLOCK: _told_if(self._clocks, "cpufreq", _NO_CLOCK),
            self.HEAT: _told_if(self._sensors, "the processor's own sensor", _NO_SENSOR),
            self.BRAKE: _told_if(self._brakes, "the processor's own count", "this processor does not count it"),
        }

    def read(self, now_s: float, sample: Sample) -> None:
        """Add the mean clock, the hottest reading, and how often the brake was pulled."""
        if not self._due.is_due(now_s):
            return
        started = time.perf_counter()
        clocks, heat = self._counts(self._clocks), self._counts(self._sensors)
        put(sample, self.CLOCK, sum(clocks) * _MILLI / len(clocks) if clocks else None)
        put(sample, self.HEAT, max(heat) / _MILLI if heat else None, 1)
        brakes = self._counts(self._brakes)
        put(sample, self.BRAKE, self._rate.of(now_s, max(brakes) if brakes else None), 2)
        self._due.done(now_s, time.perf_counter() - started)

    def _readable(self, paths: Iterable[str]) -> list[str]:
        return [path for path in paths if parse_count(self._texts.read(path)) is not None]

    def _counts(self, paths: list[str]) -> list[int]:
        return [count for path in paths if (count := parse_count(self._texts.read(path))) is not None]


class DiskMeter:
    """What whole disks read and write, and the share of the last second in which the busiest was busy."""

    def __init__(self, texts: Texts) -> None:
        self._texts, self._busy = texts, Window()
        self._read, self._written = Rate(), Rate()
        seen = texts.names("/sys/block") or [each.decode("utf-8", "replace") for each in self._listed()]
        whole = (name for name in seen if _looks_whole(name) or texts.names(f"/sys/block/{name}/device"))
        self._whole = frozenset(name.encode() for name in whole)

    def begin(self, now_s: float) -> Mapping[str, Told]:
        """Say whether a disk is to be seen."""
        disks = self._disks()
        self.read(now_s, {})
        lacks = "names no whole disk" if self._texts.read(DISKSTATS) is not None else self._texts.why(DISKSTATS)
        return told(_DISKS, DISKSTATS) if disks else untold(_DISKS, f"{DISKSTATS} {lacks}")

    def read(self, now_s: float, sample: Sample) -> None:
        """Add the rates of all disks together, and the busiest disk's share."""
        disks = self._disks()
        if not disks:
            return
        put(sample, _DISKS[0], self._read.of(now_s, sum(read for read, _, _ in disks)))
        put(sample, _DISKS[1], self._written.of(now_s, sum(written for _, written, _ in disks)))
        grown = self._busy.since(now_s, tuple(float(busy) for _, _, busy in disks))
        if grown is not None:
            put(sample, _DISKS[2], percent(max(grown[1]), grown[0] * _MILLI), 1)

    def _listed(self) -> list[bytes]:
        return disk_names(self._texts.read(DISKSTATS) or b"")

    def _disks(self) -> list[Disk]:
        return list(parse_disks(self._texts.read(DISKSTATS) or b"", self._whole).values())


class SpaceMeter:
    """Free space on the project's disk, once a second."""

    NAME = "disk_free_bytes"

    def __init__(self, texts: Texts, folder: str) -> None:
        self._texts, self._folder, self._due = texts, folder, Seldom(1.0)

    def begin(self, now_s: float) -> Mapping[str, Told]:
        """Say whether the file system tells."""
        _ = now_s
        known = self._texts.free_bytes(self._folder) is not None
        return told((self.NAME,), "statvfs") if known else untold((self.NAME,), "the file system does not tell")

    def read(self, now_s: float, sample: Sample) -> None:
        """Add what is free."""
        if self._due.is_due(now_s):
            started = time.perf_counter()
            put(sample, self.NAME, self._texts.free_bytes(self._folder))
            self._due.done(now_s, time.perf_counter() - started)


class NetworkMeter:
    """Bytes through the network interfaces that the watched process sees; through loopback only where that is all."""

    def __init__(self, texts: Texts, pid: int) -> None:
        self._texts = texts
        self.follow(pid)
        self._received, self._sent, self._names = Rate(), Rate(), set[str]()
        self._physical = frozenset(
            name for name in texts.names("/sys/class/net") if texts.link(f"/sys/class/net/{name}/device")
        )

    def follow(self, pid: int) -> None:
        """See the network as *pid* sees it: a process may have one of its own."""
        self._path, self._due = f"/proc/{pid}/net/dev", Seldom(1.0)

    def begin(self, now_s: float) -> Mapping[str, Told]:
        """Say which interfaces count."""
        self.read(now_s, {})
        names = self._names
        if not names:
            lacks = "names no interface" if self._texts.read(self._path, once=True) else self._texts.why(self._path)
            return untold(_NETWORK, f"/proc/net/dev {lacks}")
        return told(_NETWORK, "/proc/net/dev (loopback, as there is no other)" if names == {"lo"} else "/proc/net/dev")

    def read(self, now_s: float, sample: Sample) -> None:
        """Add the rates of all of them together."""
        if self._due.is_due(now_s):
            self._texts.forget(self._path)  # what is open shows the network that the process was in then
            self._due.done(now_s, 0.0)
        found = parse_interfaces(self._texts.read(self._path) or b"")
        names = self._counted(found)
        if names != self._names:  # it has gone to another network: counters of different interfaces do not compare
            self._names, self._received, self._sent = names, Rate(), Rate()
        if names:
            put(sample, _NETWORK[0], self._received.of(now_s, sum(found[name][0] for name in names)))
            put(sample, _NETWORK[1], self._sent.of(now_s, sum(found[name][1] for name in names)))

    def _counted(self, found: Mapping[str, tuple[int, int]]) -> set[str]:
        real = {name for name in found if name in self._physical}
        return real or {name for name in found if not name.startswith(_NOT_REAL)} or {"lo"} & set(found)


def _told_if(paths: list[str], source: str, why_not: str) -> Told:
    return Told(source=source) if paths else Told(why_not=why_not)


def _looks_whole(name: str) -> bool:
    """Tell a whole disk by its name, where /sys does not help: nvme0n1, sda, vda, mmcblk0."""
    if name.startswith(_NOT_WHOLE):
        return False
    if name.startswith(("nvme", "mmcblk")):
        return "p" not in name.removeprefix("mmcblk")
    return name.startswith(("sd", "vd", "xvd", "hd")) and name.isalpha()


def _sensor_paths(texts: Texts) -> list[str]:
    """List the sensors on the processor, else those of the firmware."""
    named = [(f"{HWMON}/{each}", f"{HWMON}/{each}/name") for each in texts.names(HWMON)]
    zone_names = [each for each in texts.names(ZONES) if each.startswith("thermal_zone")]
    zones = [(f"{ZONES}/{each}", f"{ZONES}/{each}/type") for each in zone_names]
    for wanted in (_CPU_SENSORS, _LAST_RESORT):
        found: list[str] = []
        for folder, name in (*named, *zones):
            if (texts.read(name, once=True) or b"").decode("ascii", "replace").strip() in wanted:
                inputs = [each for each in texts.names(folder) if each.startswith("temp") and each.endswith("_input")]
                found += [f"{folder}/{each}" for each in inputs] or [f"{folder}/temp"]
        if found:
            return found
    return []
