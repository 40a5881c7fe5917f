"""Say what psutil and Python tell on any system; the rest is unknown, with its reason.

Used where no reader is written for the operating system.
"""

from dataclasses import replace

from workstation.inventory._facts import Fact, Ledger, inferred, measured, missing, reported
from workstation.inventory._psutil import PsutilReport
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

_WHY = "no reader is written for this operating system"
_HOW = "open the system's own information page, or run lshw"


def read_generic(source: Source, project: str) -> Inventory:
    """Read what every system tells the same way."""
    ledger, told = Ledger(), source.psutil()
    ledger.take("gpus", missing(_WHY, _HOW))
    return Inventory(
        captured_at=source.now(),
        system=_system(source.platform(), ledger),
        cpu=_cpu(told, ledger),
        memory=_memory(told, ledger),
        storage=_storage(source, project, ledger),
        gpus=(),
        power=_power(told, ledger),
        sensors=_sensors(told, ledger),
        network=Network(link_mbps=ledger.take("network.link_mbps", _link(told))),
        provenance=ledger.provenance,
        unknowns=tuple(ledger.unknowns),
    )


def _link(told: PsutilReport) -> Fact[int]:
    """Return the fastest link that is up and states its speed."""
    if told.link_mbps:
        return reported(told.link_mbps, "psutil")
    return missing("no link that is up states its speed", "copy a file of known size and time it")


def _system(told: Platform, ledger: Ledger) -> System:
    ledger.take("system.chassis", missing(_WHY, _HOW))
    ledger.take("system.virtualization", missing(_WHY, _HOW))
    return System(
        os=ledger.take("system.os", measured(told.system, "platform")),
        os_version=ledger.take("system.os_version", measured(told.version, "platform")),
        kernel=ledger.take("system.kernel", measured(told.release, "platform")),
        machine=ledger.take("system.machine", measured(told.machine, "platform")),
        chassis="unknown",
        virtualization="unknown",
        python=ledger.take("system.python", measured(told.python, "sys.version_info")),
    )


def _cpu(told: PsutilReport, ledger: Ledger) -> Cpu:
    return Cpu(
        model=ledger.take("cpu.model", missing(_WHY, _HOW)),
        physical_cores=ledger.take("cpu.physical_cores", _by_psutil(told.physical_cores)),
        logical_cores=ledger.take("cpu.logical_cores", _by_psutil(told.logical_cores)),
        max_mhz=ledger.take("cpu.max_mhz", missing(_WHY, _HOW)),
    )


def _by_psutil(value: int | None) -> Fact[int]:
    return missing("psutil cannot tell on this system", _HOW) if value is None else measured(value, "psutil")


def _memory(told: PsutilReport, ledger: Ledger) -> Memory:
    no_swap: Fact[str] = measured("none", "psutil")
    ledger.take("memory.swap_kind", no_swap if told.swap_total_bytes == 0 else missing(_WHY, _HOW))
    return Memory(
        total_bytes=ledger.take("memory.total_bytes", _by_psutil(told.memory_total_bytes)),
        available_bytes=ledger.take("memory.available_bytes", _by_psutil(told.memory_available_bytes)),
        limit_bytes=None,
        usable_bytes=ledger.take("memory.usable_bytes", _by_psutil(told.memory_total_bytes)),
        swap_total_bytes=ledger.take("memory.swap_total_bytes", _by_psutil(told.swap_total_bytes)),
        swap_used_bytes=ledger.take("memory.swap_used_bytes", _by_psutil(told.swap_used_bytes)),
        swap_kind="none" if told.swap_total_bytes == 0 else "unknown",
    )


def _storage(source: Source, project: str, ledger: Ledger) -> Storage:
    here, system = source.space(project), source.space("/")
    shared: Fact[bool] = missing(_WHY, _HOW)
    if here is not None and here == system:
        shared = inferred(True, "both folders have the same size and free space")
    ledger.take("storage.devices", missing(_WHY, _HOW))
    at_project = _volume("storage.project", here, ledger)
    return Storage(
        project=replace(at_project, shared_with_system=ledger.take("storage.project.shared_with_system", shared)),
        system=_volume("storage.system", system, ledger),
        devices=(),
    )


def _volume(where: str, space: Space | None, ledger: Ledger) -> Volume:
    lost: Fact[int] = missing("the file system did not answer how big it is", _HOW)
    ledger.take(f"{where}.filesystem", missing(_WHY, _HOW))
    ledger.take(f"{where}.medium", missing(_WHY, _HOW))
    return Volume(
        total_bytes=ledger.take(f"{where}.total_bytes", measured(space.total_bytes, "statvfs") if space else lost),
        free_bytes=ledger.take(f"{where}.free_bytes", measured(space.free_bytes, "statvfs") if space else lost),
        filesystem=None,
        medium="unknown",
    )


def _power(told: PsutilReport, ledger: Ledger) -> Power:
    lost: Fact[bool] = missing("psutil cannot tell on this system", "look at the machine")
    ledger.take(
        "power.battery_present", lost if told.battery_present is None else measured(told.battery_present, "psutil")
    )
    if told.battery_present is False:
        return Power(battery_present=False, on_battery=None)
    on_battery = lost if told.plugged_in is None else measured(not told.plugged_in, "psutil")
    return Power(battery_present=told.battery_present, on_battery=ledger.take("power.on_battery", on_battery))


def _sensors(told: PsutilReport, ledger: Ledger) -> Sensors:
    heat: Fact[bool] = missing(_WHY, _HOW) if told.temperatures is None else measured(told.temperatures, "psutil")
    return Sensors(
        temperatures=ledger.take("sensors.temperatures", heat),
        cpu_frequency=ledger.take("sensors.cpu_frequency", missing(_WHY, _HOW)),
        memory_pressure=ledger.take("sensors.memory_pressure", missing(_WHY, _HOW)),
    )
