"""Say what psutil and Python tell on any system; the rest is unknown, with its reason.

Used where no reader is written for the operating system.
"""

from dataclasses import replace
from types import ModuleType

from workstation.inventory._facts import Fact, Ledger, inferred, measured, missing, reported
from workstation.inventory._read import Platform, Source, Space
from workstation.inventory.model import (
    Cpu,
    Inventory,
    Memory,
    Network,
    Power,
    Sensors,
    Storage,
    System,
    Volume,
)

_WHY = "this release reads it on Linux only"
_HOW = "open the system's own information page, such as About This Mac, Task Manager or lshw"


def read_generic(source: Source, project: str) -> Inventory:
    """Read what every system tells the same way."""
    import psutil

    ledger = Ledger()
    told = source.platform()
    return Inventory(
        captured_at=source.now(),
        system=_system(told, ledger),
        cpu=_cpu(source, psutil, told.system, ledger),
        memory=_memory(psutil, ledger),
        storage=_storage(source, project, ledger),
        gpus=_no_gpus(ledger),
        power=_power(psutil, ledger),
        sensors=_sensors(psutil, ledger),
        network=Network(link_mbps=ledger.take("network.link_mbps", _link(psutil))),
        provenance=ledger.provenance,
        unknowns=tuple(ledger.unknowns),
    )


def _unread() -> tuple[str, str]:
    return _WHY, _HOW


def _no_gpus(ledger: Ledger) -> tuple[()]:
    ledger.take("gpus", missing(*_unread()))
    return ()


def _system(told: Platform, ledger: Ledger) -> System:
    ledger.take("system.chassis", missing(*_unread()))
    ledger.take("system.virtualization", missing(*_unread()))
    return System(
        os=ledger.take("system.os", measured(told.system, "platform")),
        os_version=ledger.take("system.os_version", measured(told.version, "platform")),
        kernel=ledger.take("system.kernel", measured(told.release, "platform")),
        machine=ledger.take("system.machine", measured(told.machine, "platform")),
        chassis="unknown",
        virtualization="unknown",
        python=ledger.take("system.python", measured(told.python, "sys.version_info")),
    )


def _cpu(source: Source, psutil: ModuleType, system: str, ledger: Ledger) -> Cpu:
    brand = source.run(["sysctl", "-n", "machdep.cpu.brand_string"]) if system == "Darwin" else None
    model = (brand or "").strip()
    cores: dict[str, int | None] = {
        "cpu.physical_cores": psutil.cpu_count(logical=False),
        "cpu.logical_cores": psutil.cpu_count(),
    }
    found = {path: ledger.take(path, measured(n, "psutil") if n else missing(*_unread())) for path, n in cores.items()}
    return Cpu(
        model=ledger.take("cpu.model", reported(model, "sysctl machdep.cpu") if model else missing(*_unread())),
        physical_cores=found["cpu.physical_cores"],
        logical_cores=found["cpu.logical_cores"],
        max_mhz=ledger.take("cpu.max_mhz", missing(*_unread())),
    )


def _memory(psutil: ModuleType, ledger: Ledger) -> Memory:
    memory, swap = psutil.virtual_memory(), psutil.swap_memory()
    total = measured(memory.total, "psutil")
    no_swap: Fact[str] = measured("none", "psutil")
    ledger.take("memory.swap_kind", missing(*_unread()) if swap.total else no_swap)
    return Memory(
        total_bytes=ledger.take("memory.total_bytes", total),
        available_bytes=ledger.take("memory.available_bytes", measured(memory.available, "psutil")),
        limit_bytes=None,
        usable_bytes=ledger.take("memory.usable_bytes", total),
        swap_total_bytes=ledger.take("memory.swap_total_bytes", measured(swap.total, "psutil")),
        swap_used_bytes=ledger.take("memory.swap_used_bytes", measured(swap.used, "psutil")),
        swap_kind="unknown" if swap.total else "none",
    )


def _storage(source: Source, project: str, ledger: Ledger) -> Storage:
    here, system = source.space(project), source.space("/")
    shared: Fact[bool] = missing(*_unread())
    if here is not None and here == system:
        shared = inferred(True, "both folders have the same size and free space")
    ledger.take("storage.devices", missing(*_unread()))
    at_project = _volume("storage.project", here, ledger)
    return Storage(
        project=replace(at_project, shared_with_system=ledger.take("storage.project.shared_with_system", shared)),
        system=_volume("storage.system", system, ledger),
        devices=(),
    )


def _volume(where: str, space: Space | None, ledger: Ledger) -> Volume:
    lost: Fact[int] = missing("the file system did not answer how big it is", _HOW)
    ledger.take(f"{where}.filesystem", missing(*_unread()))
    ledger.take(f"{where}.medium", missing(*_unread()))
    return Volume(
        total_bytes=ledger.take(f"{where}.total_bytes", measured(space.total_bytes, "statvfs") if space else lost),
        free_bytes=ledger.take(f"{where}.free_bytes", measured(space.free_bytes, "statvfs") if space else lost),
        filesystem=None,
        medium="unknown",
    )


def _power(psutil: ModuleType, ledger: Ledger) -> Power:
    ask = getattr(psutil, "sensors_battery", None)  # not on every system
    if ask is None:
        lost: Fact[bool] = missing("psutil cannot tell on this system", "look at the machine")
        ledger.take("power.battery_present", lost)
        return Power(battery_present=None, on_battery=ledger.take("power.on_battery", lost))
    battery = ask()
    ledger.take("power.battery_present", measured(battery is not None, "psutil"))
    if battery is None:
        return Power(battery_present=False, on_battery=None)
    plugged: bool | None = battery.power_plugged
    unplugged: Fact[bool] = missing("the battery does not tell", "look at the plug")
    on_battery = unplugged if plugged is None else measured(not plugged, "psutil")
    return Power(battery_present=True, on_battery=ledger.take("power.on_battery", on_battery))


def _sensors(psutil: ModuleType, ledger: Ledger) -> Sensors:
    has_temperatures = hasattr(psutil, "sensors_temperatures")
    return Sensors(
        temperatures=ledger.take("sensors.temperatures", measured(has_temperatures, "psutil")),
        cpu_frequency=ledger.take("sensors.cpu_frequency", missing(*_unread())),
        memory_pressure=ledger.take("sensors.memory_pressure", missing(*_unread())),
    )


def _link(psutil: ModuleType) -> Fact[int]:
    speeds = [int(link.speed) for link in psutil.net_if_stats().values() if link.isup and link.speed > 0]
    if speeds:
        return reported(max(speeds), "psutil")
    return missing("no link that is up states its speed", "copy a file of known size and time it")
