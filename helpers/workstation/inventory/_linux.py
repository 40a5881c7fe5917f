"""Put a Linux machine's inventory together from /proc, /sys and NVML, without starting a command."""

from typing import NamedTuple

from workstation.inventory._cgroup import Cgroup, read_cgroup
from workstation.inventory._facts import Fact, Ledger, inferred, measured, missing, reported
from workstation.inventory._gpu import read_gpus
from workstation.inventory._memory import read_memory
from workstation.inventory._parse import (
    CpuInfo,
    Mount,
    find_mount,
    parse_chassis,
    parse_count,
    parse_cpuinfo,
    parse_meminfo,
    parse_mountinfo,
    parse_os_release,
)
from workstation.inventory._power import has_battery, read_network, read_power, read_sensors
from workstation.inventory._read import Source, because
from workstation.inventory._storage import Setting, read_storage
from workstation.inventory._virtual import decide_virtualization, read_traces
from workstation.inventory.model import Chassis, Cpu, Inventory, System, Virtualization

CPUINFO_LIMIT_BYTES = 4 * 1024 * 1024  # a server with 256 threads writes about 400 KiB
MAX_CPUS = 1024
_CPU_FOLDER = "/sys/devices/system/cpu"
_HOW_CPU = "run lscpu, or read the processor's data sheet"
_NAME_MIN = 3  # shorter host or user names would hit ordinary words


class Basis(NamedTuple):
    """What several parts of the inventory are judged by."""

    cpu: CpuInfo
    mounts: tuple[Mount, ...]
    meminfo: dict[str, int]
    cgroup: Cgroup
    virtualization: Virtualization


def read_linux(source: Source, project: str) -> Inventory:
    """Read everything; what cannot be read becomes an unknown with its reason."""
    ledger = Ledger()
    basis = _read_basis(source, ledger)
    setting = Setting(mounts=basis.mounts, virtualization=basis.virtualization)
    return Inventory(
        captured_at=source.now(),
        system=_system(source, basis.virtualization, ledger),
        cpu=_cpu(source, basis, ledger),
        memory=read_memory(source, basis.meminfo, basis.cgroup, basis.virtualization, ledger),
        storage=read_storage(source, setting, project, ledger),
        gpus=read_gpus(source, basis.virtualization, ledger),
        power=read_power(source, basis.virtualization, ledger),
        sensors=read_sensors(source, basis.cpu, basis.cgroup, basis.virtualization, ledger),
        network=read_network(source, ledger),
        provenance=ledger.provenance,
        unknowns=tuple(ledger.unknowns),
    )


def _read_basis(source: Source, ledger: Ledger) -> Basis:
    cpu = parse_cpuinfo(source.read("/proc/cpuinfo", CPUINFO_LIMIT_BYTES) or "")
    mounts = parse_mountinfo(source.read("/proc/self/mountinfo") or "")
    meminfo = parse_meminfo(source.read("/proc/meminfo") or "")
    root = find_mount(mounts, "/")
    traces = read_traces(source, root_filesystem=root.filesystem if root else None, hypervisor_flag=cpu.hypervisor)
    virtualization = ledger.take("system.virtualization", decide_virtualization(traces)) or "unknown"
    return Basis(
        cpu=cpu,
        mounts=mounts,
        meminfo=meminfo,
        cgroup=read_cgroup(source, mounts, meminfo.get("MemTotal")),
        virtualization=virtualization,
    )


def _system(source: Source, virtualization: Virtualization, ledger: Ledger) -> System:
    told = source.platform()
    release = source.read("/etc/os-release") or source.read("/usr/lib/os-release") or ""
    version = parse_os_release(release)
    unnamed: Fact[str] = missing(because(source, "/etc/os-release", "gives no name"), "run cat /etc/os-release")
    return System(
        os=ledger.take("system.os", measured(told.system, "uname")),
        os_version=ledger.take("system.os_version", reported(version, "/etc/os-release") if version else unnamed),
        kernel=ledger.take("system.kernel", measured(_without_names(source, told.release), "uname")),
        machine=ledger.take("system.machine", measured(told.machine, "uname")),
        chassis=ledger.take("system.chassis", _chassis(source, virtualization)) or "unknown",
        virtualization=virtualization,
        python=ledger.take("system.python", measured(told.python, "sys.version_info")),
    )


def _without_names(source: Source, release: str) -> str:
    """Drop the host's or the user's name from the kernel's: home-made kernels are often named after them."""
    names = [source.read("/proc/sys/kernel/hostname"), source.variable("USER"), source.variable("LOGNAME")]
    for name in (text.strip() for text in names if text):
        if len(name) >= _NAME_MIN:
            release = release.replace(name, "")
    return release


def _chassis(source: Source, virtualization: Virtualization) -> Fact[Chassis]:
    if virtualization in {"vm", "wsl2", "container"}:
        return missing("from inside, the firmware tells nothing of the case around the machine", "look at the machine")
    kind = parse_chassis(source.read("/sys/class/dmi/id/chassis_type") or "")
    if kind is not None:
        return reported(kind, "DMI chassis type")
    if has_battery(source):
        return inferred("laptop", "a battery in /sys/class/power_supply")
    return missing("the firmware gives no chassis type", "look at the machine")


def _cpu(source: Source, basis: Basis, ledger: Ledger) -> Cpu:
    info = basis.cpu
    quota = f" (a quota allows this process {basis.cgroup.cpus:g} of them)" if basis.cgroup.cpus else ""
    model: Fact[str] = missing(because(source, "/proc/cpuinfo", "gives no model name"), _HOW_CPU)
    logical: Fact[int] = missing(because(source, "/proc/cpuinfo", "lists no processor"), _HOW_CPU)
    return Cpu(
        model=ledger.take("cpu.model", reported(info.model, "/proc/cpuinfo") if info.model else model),
        physical_cores=ledger.take("cpu.physical_cores", _physical_cores(source, info)),
        logical_cores=ledger.take(
            "cpu.logical_cores",
            measured(info.logical_cores, f"/proc/cpuinfo{quota}") if info.logical_cores else logical,
        ),
        max_mhz=ledger.take("cpu.max_mhz", _max_mhz(source)),
    )


def _physical_cores(source: Source, info: CpuInfo) -> Fact[int]:
    if info.physical_cores:
        return reported(info.physical_cores, "/proc/cpuinfo")
    pairs = set()
    for index in range(min(info.logical_cores or 0, MAX_CPUS)):
        topology = f"{_CPU_FOLDER}/cpu{index}/topology"
        core = parse_count(source.read(f"{topology}/core_id"))
        if core is not None:
            pairs.add((source.read(f"{topology}/physical_package_id"), core))
    if pairs:
        return reported(len(pairs), f"{_CPU_FOLDER}/*/topology")
    return missing("only logical processors are visible", _HOW_CPU)


def _max_mhz(source: Source) -> Fact[float]:
    """Take the highest over all cores: those of one chip may differ."""
    folder = f"{_CPU_FOLDER}/cpufreq"
    policies = (source.names(folder) or ())[:MAX_CPUS]
    speeds = [parse_count(source.read(f"{folder}/{policy}/cpuinfo_max_freq")) for policy in policies]
    known = [speed for speed in speeds if speed]
    if known:
        return reported(max(known) / 1000, f"{folder}/*/cpuinfo_max_freq")
    return missing("no driver for the processor's clock is loaded here", _HOW_CPU)
