"""Tell of battery and mains, of what the machine can sense, and of its fastest network link."""

from workstation.inventory._cgroup import Cgroup
from workstation.inventory._facts import Fact, Ledger, inferred, measured, missing, reported
from workstation.inventory._parse import CpuInfo, parse_count
from workstation.inventory._read import Source
from workstation.inventory.model import Network, Power, Sensors, Virtualization

SUPPLIES = "/sys/class/power_supply"
_LINKS = "/sys/class/net"
MAX_ENTRIES = 256
_HIDDEN = {
    "container": ("a container sees its host's power supply, not its own", "look at the machine"),
    "wsl2": ("WSL2 need not show the battery of its host", "look at the machine"),
}


def has_battery(source: Source) -> bool | None:
    """Tell whether a battery feeds the machine; those of mice and headsets do not count."""
    names = source.names(SUPPLIES)
    return None if names is None else any(_kind(source, name) == "Battery" for name in names[:MAX_ENTRIES])


def read_power(source: Source, virtualization: Virtualization, ledger: Ledger) -> Power:
    """Read battery and mains; without a battery, being on it is no question."""
    present = _present(source, virtualization)
    ledger.take("power.battery_present", present)
    if present.value is False:
        return Power(battery_present=False, on_battery=None)
    on_battery: Fact[bool] = _on_battery(source) if present.value else missing(present.why, present.how)
    return Power(battery_present=present.value, on_battery=ledger.take("power.on_battery", on_battery))


def read_sensors(
    source: Source, cpu: CpuInfo, cgroup: Cgroup, virtualization: Virtualization, ledger: Ledger
) -> Sensors:
    """Tell what can be watched here: temperatures, the processor's clock, and memory pressure."""
    pressure = cgroup.has_pressure or source.read("/proc/pressure/memory") is not None
    clock = source.exists("/sys/devices/system/cpu/cpu0/cpufreq/scaling_cur_freq")
    # A virtual machine's /proc/cpuinfo repeats one constant clock.
    steady = cpu.has_clock and virtualization in {"none", "container"}
    return Sensors(
        temperatures=ledger.take("sensors.temperatures", _temperatures(source)),
        cpu_frequency=ledger.take("sensors.cpu_frequency", _clock(clock=clock, steady=steady)),
        memory_pressure=ledger.take("sensors.memory_pressure", measured(pressure, "/proc/pressure and control group")),
    )


def read_network(source: Source, ledger: Ledger) -> Network:
    """Find the fastest link that is up; no interface's name is kept, some hold a hardware address."""
    names = source.names(_LINKS)
    if names is None:
        link: Fact[int] = missing("/sys/class/net could not be listed", "copy a file of known size and time it")
        return Network(link_mbps=ledger.take("network.link_mbps", link))
    real = [name for name in names[:MAX_ENTRIES] if "/virtual/" not in (source.link(f"{_LINKS}/{name}") or "/virtual/")]
    up = [name for name in real if (source.read(f"{_LINKS}/{name}/operstate") or "").strip() == "up"]
    speeds = [speed for name in up if (speed := parse_count(source.read(f"{_LINKS}/{name}/speed")))]
    return Network(link_mbps=ledger.take("network.link_mbps", _fastest(speeds, up)))


def _kind(source: Source, name: str) -> str | None:
    scope = (source.read(f"{SUPPLIES}/{name}/scope") or "").strip()
    return None if scope == "Device" else (source.read(f"{SUPPLIES}/{name}/type") or "").strip()


def _present(source: Source, virtualization: Virtualization) -> Fact[bool]:
    found = has_battery(source)
    if virtualization == "container" or (virtualization == "wsl2" and not found):
        return missing(*_HIDDEN[virtualization])
    if found is None:
        return missing(f"{SUPPLIES} could not be listed", "look at the machine")
    return measured(found, SUPPLIES)


def _on_battery(source: Source) -> Fact[bool]:
    names = (source.names(SUPPLIES) or ())[:MAX_ENTRIES]
    mains = [
        parse_count(source.read(f"{SUPPLIES}/{name}/online")) for name in names if _kind(source, name) != "Battery"
    ]
    known = [online for online in mains if online is not None]
    if known:
        return measured(not any(known), f"{SUPPLIES}/*/online")
    states = {(source.read(f"{SUPPLIES}/{name}/status") or "").strip() for name in names}
    if states & {"Discharging", "Charging", "Full", "Not charging"}:
        return inferred("Discharging" in states, f"{SUPPLIES}/*/status")
    return missing("neither mains nor battery tells whether it feeds the machine", "look at the plug")


def _temperatures(source: Source) -> Fact[bool]:
    for folder, prefix in (("/sys/class/hwmon", "temp"), ("/sys/class/thermal", "thermal_zone")):
        for name in (source.names(folder) or ())[:MAX_ENTRIES]:
            inside = (name,) if prefix == "thermal_zone" else source.names(f"{folder}/{name}") or ()
            if any(entry.startswith(prefix) for entry in inside):
                return measured(True, folder)
    return measured(False, "/sys/class/hwmon and /sys/class/thermal show no sensor")


def _clock(*, clock: bool, steady: bool) -> Fact[bool]:
    if clock:
        return measured(True, "/sys/devices/system/cpu/*/cpufreq")
    return inferred(steady, "cpu MHz in /proc/cpuinfo" if steady else "no cpufreq driver")


def _fastest(speeds: list[int], up: list[str]) -> Fact[int]:
    if speeds:
        return reported(max(speeds), "/sys/class/net/*/speed")
    why = (
        "the link that is up states no speed, as wireless and virtual ones do not"
        if up
        else "no link of real hardware is up"
    )
    return missing(why, "copy a file of known size and time it")
