"""Put a Windows machine's inventory together from one CIM query, psutil and NVML."""

from dataclasses import dataclass, replace

from workstation.inventory._facts import Fact, Ledger, inferred, measured, missing, reported
from workstation.inventory._parse import parse_chassis
from workstation.inventory._parse_windows import Letter, WindowsReport, parse_letter, parse_report
from workstation.inventory._psutil import PsutilReport
from workstation.inventory._read import Platform, Source
from workstation.inventory._virtual import Traces, decide_virtualization
from workstation.inventory._windows_gpu import read_gpus
from workstation.inventory._windows_query import COMMAND
from workstation.inventory.model import (
    Chassis,
    Cpu,
    Inventory,
    Medium,
    Memory,
    Network,
    Power,
    Sensors,
    Storage,
    StorageDevice,
    SwapKind,
    System,
    Virtualization,
    Volume,
)

DEADLINE_SECONDS = 15.0  # PowerShell takes half a second to start, and slow disks take seconds to answer CIM
_TASK_MANAGER = "open Task Manager and choose Performance"
_SETTINGS = "open Settings, System, About"
_NO_QUERY = "PowerShell did not answer the query, or is not allowed here"
# Win32_ComputerSystem.PCSystemType
_SYSTEM_TYPES: dict[int, Chassis] = {1: "desktop", 2: "laptop", 3: "desktop", 4: "server", 5: "server", 7: "server"}
# Win32_Battery.BatteryStatus: 1 discharges, 2 has mains, 6 to 9 charge, 11 waits; 3 to 5 tell the charge only.
_FED_BY_BATTERY = {1: True, 2: False, 6: False, 7: False, 8: False, 9: False, 11: False}


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """What the query and psutil told, and what kind of machine that makes it."""

    cim: WindowsReport
    psutil: PsutilReport
    answered: bool
    virtualization: Virtualization

    def lost(self, what: str) -> str:
        """Say why a fact of the query's is missing."""
        return f"Windows does not tell {what}" if self.answered else _NO_QUERY


def read_windows(source: Source, project: str) -> Inventory:
    """Read everything; what cannot be read becomes an unknown with its reason."""
    ledger = Ledger()
    basis = _read_basis(source, ledger)
    told = source.platform()
    return Inventory(
        captured_at=source.now(),
        system=_system(told, basis, ledger),
        cpu=_cpu(basis, ledger),
        memory=_memory(basis, ledger),
        storage=_storage(source, basis, source.real(project), ledger),
        gpus=read_gpus(source, basis.cim, answered=basis.answered, ledger=ledger),
        power=_power(basis, ledger),
        sensors=_sensors(ledger),
        network=Network(link_mbps=ledger.take("network.link_mbps", _link(basis))),
        provenance=ledger.provenance,
        unknowns=tuple(ledger.unknowns),
    )


def _read_basis(source: Source, ledger: Ledger) -> Basis:
    text = source.run(COMMAND, DEADLINE_SECONDS)
    cim = parse_report(text or "")
    answered = bool(cim.maker_and_model or cim.processor or cim.adapters)
    virtual = ledger.take("system.virtualization", _virtualization(cim))
    return Basis(cim=cim, psutil=source.psutil(), answered=answered, virtualization=virtual or "unknown")


def _virtualization(cim: WindowsReport) -> Fact[Virtualization]:
    """Go by the model's name: Windows on real hardware runs on a hypervisor too, for its own protection."""
    traces = Traces(
        kernel="", pid_namespace=None, groups="", container_variable=False, kubernetes=False, containerenv=False,
        dockerenv=False, root_filesystem=None, hypervisor_flag=None, product=cim.maker_and_model,
    )  # fmt: skip
    decided = decide_virtualization(traces).value
    if decided is None:
        return missing("the maker and the model of the machine could not be read", _SETTINGS)
    return inferred(decided, "Win32_ComputerSystem maker and model")


def _system(told: Platform, basis: Basis, ledger: Ledger) -> System:
    cim = basis.cim
    caption = (cim.caption or "").removeprefix("Microsoft ")
    named: Fact[str] = missing(basis.lost("its edition"), "run winver")
    return System(
        os=ledger.take("system.os", measured(told.system, "platform")),
        os_version=ledger.take("system.os_version", reported(caption, "Win32_OperatingSystem") if caption else named),
        kernel=ledger.take("system.kernel", measured(cim.version or told.version, "Windows' version number")),
        machine=ledger.take("system.machine", _machine(told.machine, is_arm=cim.is_arm)),
        chassis=ledger.take("system.chassis", _chassis(basis)) or "unknown",
        virtualization=basis.virtualization,
        python=ledger.take("system.python", measured(told.python, "sys.version_info")),
    )


def _machine(told: str, *, is_arm: bool) -> Fact[str]:
    """Name the real processor: a Python for Intel runs translated on Arm, and is told that it is on Intel's."""
    if is_arm and told.upper() != "ARM64":
        return inferred("ARM64", f"Win32_Processor (this Python is made for {told} and runs translated)")
    return measured(told, "platform")


def _chassis(basis: Basis) -> Fact[Chassis]:
    if basis.virtualization == "vm":
        return missing("from inside, the firmware tells nothing of the case around the machine", "look at the machine")
    kind = parse_chassis(basis.cim.chassis_type or "")
    if kind:
        return reported(kind, "Win32_SystemEnclosure")
    by_type = _SYSTEM_TYPES.get(basis.cim.system_type or 0)
    if by_type:
        return reported(by_type, "Win32_ComputerSystem.PCSystemType")
    return missing(basis.lost("the kind of case"), "look at the machine")


def _cpu(basis: Basis, ledger: Ledger) -> Cpu:
    cim, told = basis.cim, basis.psutil
    model: Fact[str] = missing(basis.lost("the processor's name"), _TASK_MANAGER)
    return Cpu(
        model=ledger.take("cpu.model", reported(cim.processor, "Win32_Processor") if cim.processor else model),
        physical_cores=ledger.take("cpu.physical_cores", _cores(basis, cim.cores, told.physical_cores)),
        logical_cores=ledger.take("cpu.logical_cores", _cores(basis, cim.threads, told.logical_cores)),
        max_mhz=ledger.take("cpu.max_mhz", _clock(basis)),
    )


def _clock(basis: Basis) -> Fact[float]:
    """Windows names it MaxClockSpeed and means the clock that the maker guarantees, not the highest one."""
    base = basis.cim.max_mhz
    why = f"Windows tells the base clock alone, {base:,} MHz" if base else basis.lost("the processor's clock")
    return missing(why, "read the processor's data sheet")


def _cores(basis: Basis, cim: int | None, psutil: int | None) -> Fact[int]:
    if cim:
        return measured(cim, "Win32_Processor")
    return measured(psutil, "psutil") if psutil else missing(basis.lost("the number of cores"), _TASK_MANAGER)


def _memory(basis: Basis, ledger: Ledger) -> Memory:
    cim, told = basis.cim, basis.psutil
    total = _bytes(basis, told.memory_total_bytes, cim.total_bytes)
    available = _bytes(basis, told.memory_available_bytes, cim.free_bytes)
    if available.value is not None and total.value is not None and available.value > total.value:
        available = available._replace(value=total.value)
    swap_total, swap_used, kind = _swap(basis)
    return Memory(
        total_bytes=ledger.take("memory.total_bytes", total),
        available_bytes=ledger.take("memory.available_bytes", available),
        limit_bytes=None,
        usable_bytes=ledger.take("memory.usable_bytes", total),
        swap_total_bytes=ledger.take("memory.swap_total_bytes", swap_total),
        swap_used_bytes=ledger.take("memory.swap_used_bytes", swap_used),
        swap_kind=ledger.take("memory.swap_kind", kind) or "unknown",
    )


def _bytes(basis: Basis, psutil: int | None, cim: int | None) -> Fact[int]:
    if psutil is not None:
        return measured(psutil, "psutil")
    if cim is not None:
        return measured(cim, "Win32_OperatingSystem")
    return missing(basis.lost("it, and neither does psutil"), _TASK_MANAGER)


def _swap(basis: Basis) -> tuple[Fact[int], Fact[int], Fact[SwapKind]]:
    """Take the page files' own figures: psutil derives its total from the commit limit, which may be lower."""
    total, used, source = basis.cim.pagefile_total_bytes, basis.cim.pagefile_used_bytes, "Win32_PageFileUsage"
    if total is None:
        total, used, source = basis.psutil.swap_total_bytes, basis.psutil.swap_used_bytes, "psutil"
    if total is None:
        lost: Fact[int] = missing(basis.lost("of its page file, and neither does psutil"), _TASK_MANAGER)
        return lost, lost, missing(lost.why, lost.how)
    in_use: Fact[int] = missing("the page file's use was not told", _TASK_MANAGER)
    if used is not None:
        in_use = measured(min(used, total), source)
    kind: Fact[SwapKind] = measured("disk", source) if total else measured("none", f"{source}: no page file")
    return measured(total, source), in_use, kind


def _storage(source: Source, basis: Basis, project: str, ledger: Ledger) -> Storage:
    system_letter = basis.cim.system_letter or parse_letter(source.variable("SystemDrive"))
    letter = parse_letter(project)
    at_project = _volume(source, basis, (project, letter), "storage.project", ledger)
    shared: Fact[bool] = missing("a folder is on no drive letter", "compare both drives by hand")
    if letter and system_letter:
        shared = inferred(letter == system_letter, "drive letters")
    return Storage(
        project=replace(at_project, shared_with_system=ledger.take("storage.project.shared_with_system", shared)),
        system=_volume(source, basis, (f"{system_letter or ''}:\\", system_letter), "storage.system", ledger),
        devices=_devices(basis, ledger),
    )


def _volume(source: Source, basis: Basis, place: tuple[str, str | None], where: str, ledger: Ledger) -> Volume:
    path, letter = place
    space, told = source.space(path), basis.cim.letters.get(letter or "")
    lost: Fact[int] = missing("the drive did not answer how big it is", "open This PC")
    named: Fact[str] = missing(basis.lost("the file system"), "open This PC and the drive's properties")
    if told and told.filesystem:
        named = measured(told.filesystem, "Win32_LogicalDisk")
    return Volume(
        total_bytes=ledger.take(f"{where}.total_bytes", measured(space.total_bytes, "disk_usage") if space else lost),
        free_bytes=ledger.take(f"{where}.free_bytes", measured(space.free_bytes, "disk_usage") if space else lost),
        filesystem=ledger.take(f"{where}.filesystem", named),
        medium=ledger.take(f"{where}.medium", _medium(basis, path, told)) or "unknown",
    )


def _medium(basis: Basis, path: str, told: Letter | None) -> Fact[Medium]:
    how = "open Task Manager, Performance: the disk's kind stands under its number"
    if path.startswith("\\\\") or (told and told.is_network):
        return missing("the folder is served over a network", "ask whoever runs the server")
    if told and told.spans:
        return missing(f"{told.spans} joins several drives into this one", how)
    drive = next((each for each in basis.cim.drives if told and each.number == told.disk_number), None)
    if drive is None or drive.medium == "unknown":
        return missing(basis.lost("what kind of drive this is"), how)
    return inferred(drive.medium, "MSFT_Partition and MSFT_PhysicalDisk")


def _devices(basis: Basis, ledger: Ledger) -> tuple[StorageDevice, ...]:
    how = "open Task Manager and choose Performance"
    if not basis.cim.drives:
        ledger.take("storage.devices", missing(basis.lost("its drives"), how))
    found = []
    for index, drive in enumerate(basis.cim.drives):
        where, name = f"storage.devices.{index}", f"PhysicalDrive{drive.number}"
        size: Fact[int] = missing("Windows gives no size", how)
        kind: Fact[Medium] = missing("Windows does not tell its kind, as through some adapters", how)
        ledger.take(f"{where}.name", measured(name, "MSFT_PhysicalDisk"))
        if drive.size_bytes:
            size = measured(drive.size_bytes, "MSFT_PhysicalDisk")
        if drive.medium != "unknown":
            kind = reported(drive.medium, "MSFT_PhysicalDisk")
        size_bytes = ledger.take(f"{where}.size_bytes", size)
        medium = ledger.take(f"{where}.medium", kind) or "unknown"
        found.append(StorageDevice(name=name, size_bytes=size_bytes, medium=medium))
    return tuple(found)


def _power(basis: Basis, ledger: Ledger) -> Power:
    status, told = basis.cim.battery_status, basis.psutil
    present = told.battery_present if told.battery_present is not None else (status is not None or None)
    lost: Fact[bool] = missing("neither psutil nor Windows tells of a battery", "look at the machine")
    ledger.take("power.battery_present", lost if present is None else measured(present, "psutil and Win32_Battery"))
    if present is False:
        return Power(battery_present=False, on_battery=None)
    fed = None if told.plugged_in is None else not told.plugged_in
    if fed is None:
        fed = _FED_BY_BATTERY.get(status or 0)
    on_battery = lost if fed is None else measured(fed, "psutil and Win32_Battery")
    return Power(battery_present=present, on_battery=ledger.take("power.on_battery", on_battery))


def _sensors(ledger: Ledger) -> Sensors:
    return Sensors(
        temperatures=ledger.take("sensors.temperatures", inferred(False, "Windows has no common place for them")),
        cpu_frequency=ledger.take("sensors.cpu_frequency", inferred(False, "Windows gives the base clock, unmoved")),
        memory_pressure=ledger.take("sensors.memory_pressure", inferred(False, "Windows counts paging, not waiting")),
    )


def _link(basis: Basis) -> Fact[int]:
    if basis.cim.link_mbps:
        return reported(basis.cim.link_mbps, "Win32_NetworkAdapter")
    if basis.psutil.link_mbps:
        return reported(basis.psutil.link_mbps, "psutil")
    return missing("no link that is up states its speed", _TASK_MANAGER)
