"""Put a Mac's inventory together from sysctl, vm_stat, system_profiler and diskutil."""

from collections.abc import Mapping
from dataclasses import dataclass

from workstation.inventory._facts import Fact, Ledger, inferred, measured, missing, reported
from workstation.inventory._macos_gpu import GpuSetting, read_gpus
from workstation.inventory._macos_storage import Disks, find_place, read_storage
from workstation.inventory._parse import parse_count
from workstation.inventory._parse_macos import (
    MacProfile,
    parse_disks,
    parse_mounts,
    parse_power,
    parse_profile,
    parse_swap_usage,
    parse_sysctl,
    parse_vm_stat,
)
from workstation.inventory._read import Source
from workstation.inventory.model import (
    Chassis,
    Cpu,
    Inventory,
    Memory,
    Network,
    Power,
    Sensors,
    System,
    Virtualization,
)

DEADLINE_SECONDS = 10.0  # for all commands together: system_profiler takes seconds, the others answer at once
_SECTIONS = ("SPHardwareDataType", "SPDisplaysDataType", "SPStorageDataType", "SPNVMeDataType")
_BASE = ("hw.memsize", "hw.physicalcpu", "hw.logicalcpu", "hw.model", "machdep.cpu.brand_string", "vm.swapusage")
_MORE = (
    "hw.cpufrequency_max",
    "hw.optional.arm64",
    "iogpu.wired_limit_mb",
    "kern.hv_vmm_present",
    "kern.memorystatus_vm_pressure_level",
    "sysctl.proc_translated",
)
_TRANSLATED = "VirtualApple"  # the processor's name as Rosetta gives it to translated programs
_HOW_MAC = "choose About This Mac in the Apple menu"


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """What the Mac's commands told, parsed once."""

    sysctl: Mapping[str, str]
    profile: MacProfile
    texts: Mapping[str, str | None]
    virtualization: Virtualization

    def count(self, name: str) -> int | None:
        """Return a number of sysctl's."""
        return parse_count(self.sysctl.get(name))


def read_macos(source: Source, project: str) -> Inventory:
    """Read everything; what cannot be read becomes an unknown with its reason."""
    ledger = Ledger()
    basis = _read_basis(source, project, ledger)
    return Inventory(
        captured_at=source.now(),
        system=_system(source, basis, ledger),
        cpu=_cpu(basis, ledger),
        memory=_memory(basis, ledger),
        storage=read_storage(source, _disks(basis), project, ledger),
        gpus=read_gpus(basis.profile, _gpu_setting(source, basis), ledger),
        power=_power(basis, ledger),
        sensors=_sensors(basis, ledger),
        network=Network(link_mbps=ledger.take("network.link_mbps", _link(source))),
        provenance=ledger.provenance,
        unknowns=tuple(ledger.unknowns),
    )


def commands(project: str) -> dict[str, tuple[str, ...]]:
    """List what is asked; `sysctl -i` passes over names that this macOS does not know."""
    return {
        "sysctl": ("sysctl", *_BASE),
        "sysctl more": ("sysctl", "-i", *_MORE),
        "vm_stat": ("vm_stat",),
        "profile": ("system_profiler", "-json", "-detailLevel", "mini", *_SECTIONS),
        "disks": ("diskutil", "list", "-plist"),
        "physical": ("diskutil", "list", "-plist", "physical"),
        "mounts": ("mount",),
        "df system": ("df", "-P", "/"),
        "df project": ("df", "-P", project),
        "power": ("pmset", "-g", "batt"),
        "version": ("sw_vers", "-productVersion"),
    }


def _read_basis(source: Source, project: str, ledger: Ledger) -> Basis:
    asked = commands(source.real(project))
    printed = source.run_all(tuple(dict.fromkeys(asked.values())), DEADLINE_SECONDS)
    texts = {name: printed[words] for name, words in asked.items()}
    sysctl = parse_sysctl(texts["sysctl"] or "") | parse_sysctl(texts["sysctl more"] or "")
    profile = parse_profile(texts["profile"] or "")
    virtual = ledger.take("system.virtualization", _virtualization(sysctl, profile))
    return Basis(
        sysctl=sysctl,
        profile=profile,
        texts=texts,
        virtualization=virtual or "unknown",
    )


def _virtualization(sysctl: Mapping[str, str], profile: MacProfile) -> Fact[Virtualization]:
    model = sysctl.get("hw.model") or profile.model or ""
    if model.startswith(("VirtualMac", "VMware", "Parallels")):
        return reported("vm", "sysctl hw.model")
    present = sysctl.get("kern.hv_vmm_present")
    if present in {"0", "1"}:
        return measured("vm" if present == "1" else "none", "sysctl kern.hv_vmm_present")
    if model:
        return inferred("none", "sysctl hw.model names a Mac")
    return missing("sysctl names neither a Mac nor a virtual one", _HOW_MAC)


def _system(source: Source, basis: Basis, ledger: Ledger) -> System:
    told = source.platform()
    version = (basis.texts["version"] or "").strip()
    named: Fact[str] = reported(f"macOS {version}", "sw_vers") if version else missing("sw_vers gave nothing", _HOW_MAC)
    return System(
        os=ledger.take("system.os", measured(told.system, "uname")),
        os_version=ledger.take("system.os_version", named),
        kernel=ledger.take("system.kernel", measured(told.release, "uname")),
        machine=ledger.take("system.machine", _machine(told.machine, basis)),
        chassis=ledger.take("system.chassis", _chassis(basis)) or "unknown",
        virtualization=basis.virtualization,
        python=ledger.take("system.python", measured(told.python, "sys.version_info")),
    )


def _machine(told: str, basis: Basis) -> Fact[str]:
    """Name the real processor: a Python for Intel runs translated on Apple's, and is told that it is on Intel's."""
    translated = basis.sysctl.get("sysctl.proc_translated") == "1" or basis.sysctl.get("hw.optional.arm64") == "1"
    if translated and told != "arm64":
        return inferred("arm64", f"sysctl hw.optional.arm64 (this Python is made for {told} and runs translated)")
    return measured(told, "uname")


def _chassis(basis: Basis) -> Fact[Chassis]:
    if basis.virtualization == "vm":
        return missing("a virtual Mac has no case of its own", "look at the machine")
    name = basis.profile.machine_name or basis.sysctl.get("hw.model") or ""
    if name.startswith("MacBook"):
        return reported("laptop", "the Mac's model name")
    if name.startswith(("iMac", "Mac mini", "Macmini", "Mac Pro", "MacPro", "Mac Studio")):
        return reported("desktop", "the Mac's model name")
    if parse_power(basis.texts["power"] or "")[0]:
        return inferred("laptop", "pmset lists a battery")
    return missing("the Mac's model name was not to be read", _HOW_MAC)


def _cpu(basis: Basis, ledger: Ledger) -> Cpu:
    brand = basis.sysctl.get("machdep.cpu.brand_string", "")
    chip = basis.profile.chip
    stand_in = "sysctl gives Rosetta's stand-in for it, and system_profiler gave nothing"
    model: Fact[str] = missing(stand_in if brand else "sysctl names no processor", _HOW_MAC)
    if brand and not brand.startswith(_TRANSLATED):
        model = reported(brand, "sysctl machdep.cpu.brand_string")
    elif chip:
        model = reported(chip, "system_profiler SPHardwareDataType")
    return Cpu(
        model=ledger.take("cpu.model", model),
        physical_cores=ledger.take("cpu.physical_cores", _sysctl_count(basis, "hw.physicalcpu")),
        logical_cores=ledger.take("cpu.logical_cores", _sysctl_count(basis, "hw.logicalcpu")),
        max_mhz=ledger.take("cpu.max_mhz", _clock(basis)),
    )


def _clock(basis: Basis) -> Fact[float]:
    """Of Intel's processors macOS tells the clock that the maker guarantees, of Apple's none; never the highest."""
    hertz = basis.count("hw.cpufrequency_max")
    told = f"macOS tells the base clock alone, {hertz // 10**6:,} MHz" if hertz else "macOS states no clock"
    return missing(told, "read the processor's data sheet")


def _sysctl_count(basis: Basis, name: str) -> Fact[int]:
    found = basis.count(name)
    return measured(found, f"sysctl {name}") if found else missing(f"sysctl does not give {name}", _HOW_MAC)


def _memory(basis: Basis, ledger: Ledger) -> Memory:
    total = _sysctl_count(basis, "hw.memsize")
    swap = parse_swap_usage(basis.sysctl.get("vm.swapusage", ""))
    told = "sysctl vm.swapusage"
    lost: Fact[int] = missing(f"{told} was not to be read", "open Activity Monitor and choose Memory")
    # macOS makes swap files when it needs them: none now is not none ever.
    none_yet = f"{told}: no swap file exists at the moment; macOS makes some on demand"
    kind = measured("disk" if swap and swap[0] else "none", told if swap and swap[0] else none_yet)
    return Memory(
        total_bytes=ledger.take("memory.total_bytes", total),
        available_bytes=ledger.take("memory.available_bytes", _available(basis, total.value)),
        limit_bytes=None,
        usable_bytes=ledger.take("memory.usable_bytes", total),
        swap_total_bytes=ledger.take("memory.swap_total_bytes", measured(swap[0], told) if swap else lost),
        swap_used_bytes=ledger.take("memory.swap_used_bytes", measured(swap[1], told) if swap else lost),
        swap_kind=ledger.take("memory.swap_kind", kind if swap else missing(lost.why, lost.how)) or "unknown",  # type: ignore[arg-type]  # "disk" or "none"
    )


def _available(basis: Basis, total: int | None) -> Fact[int]:
    """Add up what macOS can hand out without putting anything away; it states no such figure itself."""
    room = parse_vm_stat(basis.texts["vm_stat"] or "").bytes_of("Pages free", "Pages inactive", "Pages speculative")
    if room is None:
        return missing("vm_stat gave no pages or no page size", "open Activity Monitor and choose Memory")
    return inferred(room if total is None else min(room, total), "vm_stat: free, inactive and speculative pages")


def _disks(basis: Basis) -> Disks:
    texts = basis.texts
    mounts = parse_mounts(texts["mounts"] or "")
    return Disks(
        profile=basis.profile,
        listed=parse_disks(texts["disks"] or "", texts["physical"] or ""),
        project=find_place(texts["df project"], mounts),
        system=find_place(texts["df system"], mounts),
        are_virtual=basis.virtualization == "vm",
    )


def _gpu_setting(source: Source, basis: Basis) -> GpuSetting:
    profiler = " ".join(commands("")["profile"])
    problem = source.problem(profiler) if basis.texts["profile"] is None else None
    return GpuSetting(
        memory_bytes=basis.count("hw.memsize"),
        metal_bytes=source.metal(),
        wired_limit_mib=basis.count("iogpu.wired_limit_mb"),
        problem=f"system_profiler {problem or 'lists no graphics unit'}",
    )


def _power(basis: Basis, ledger: Ledger) -> Power:
    present, on_battery = parse_power(basis.texts["power"] or "")
    lost: Fact[bool] = missing("pmset gave nothing", "look at the machine")
    ledger.take("power.battery_present", lost if present is None else measured(present, "pmset"))
    if present is False:
        return Power(battery_present=False, on_battery=None)
    fed = lost if on_battery is None else measured(on_battery, "pmset")
    return Power(battery_present=present, on_battery=ledger.take("power.on_battery", fed))


def _sensors(basis: Basis, ledger: Ledger) -> Sensors:
    pressure = "kern.memorystatus_vm_pressure_level" in basis.sysctl
    told = measured(pressure, "sysctl kern.memorystatus_vm_pressure_level")
    without = "macOS shows it to administrators only"
    return Sensors(
        temperatures=ledger.take("sensors.temperatures", inferred(False, without)),
        cpu_frequency=ledger.take("sensors.cpu_frequency", inferred(False, without)),
        memory_pressure=ledger.take("sensors.memory_pressure", told),
    )


def _link(source: Source) -> Fact[int]:
    speed = source.psutil().link_mbps
    why = "no link that is up states its speed, as wireless ones do not"
    return reported(speed, "psutil") if speed else missing(why, "hold Option and click the Wi-Fi symbol")
