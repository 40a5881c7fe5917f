"""Ask for NVIDIA's GPUs in turn: the management library, then nvidia-smi; never one that sleeps."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from workstation.inventory._facts import Fact, inferred, measured, missing, reported
from workstation.inventory._gpu_facts import ASLEEP, SHARED, GpuFacts
from workstation.inventory._nvml import NvmlDevice, NvmlReport
from workstation.inventory._pci import Display
from workstation.inventory._read import Source
from workstation.probing.nvml_problems import NOT_INSTALLED, SHADOWED, explain

if TYPE_CHECKING:
    from workstation.inventory._nvidia_smi import SmiGpu

_SIGNS = ("/dev/nvidiactl", "/dev/dxg", "/proc/driver/nvidia/version", "/sys/module/nvgpu")
# What keeps the library from us need not keep the tool; of a driver in trouble, the tool knows no more.
_TOOL_MAY_KNOW = frozenset({NOT_INSTALLED, SHADOWED, "LibraryNotFound", "FunctionNotFound"})
_WSL_TOOL = "/usr/lib/wsl/lib/nvidia-smi"  # not on the path of every shell
_SPLIT = (
    "the GPU is split into slices (MIG), and nvidia-smi's table does not state theirs",
    "run nvidia-smi -L, or pip install nvidia-ml-py and take the inventory again",
)
# Drivers other than NVIDIA's that may hold the card.
_OTHER_DRIVERS = {
    "nouveau": (
        "the card is held by the driver nouveau, which states no graphics memory",
        "install NVIDIA's driver, restart, then run nvidia-smi",
    ),
    "nova_core": (
        "the card is held by the driver nova, which states no graphics memory",
        "install NVIDIA's driver, restart, then run nvidia-smi",
    ),
    "vfio-pci": (
        "the card is set aside for a virtual machine (driver vfio-pci)",
        "look inside that virtual machine, or give the card back to this system",
    ),
}
_NO_DRIVER = ("no kernel driver is bound to the device", "install its driver, then run lspci -k")


class Nvidia(NamedTuple):
    """What is known of NVIDIA's GPUs so far; `asked` is false where every one of them sleeps, or none is likely."""

    report: NvmlReport
    asked: bool
    tool: str = "nvidia-smi"
    rows: "tuple[SmiGpu, ...]" = ()
    tool_problem: str | None = None

    @property
    def needs_tool(self) -> bool:
        """Tell whether nvidia-smi may know what the library did not tell."""
        return self.asked and not self.report.devices and self.report.problem in _TOOL_MAY_KNOW

    @property
    def commands(self) -> tuple[tuple[str, ...], ...]:
        """The commands that may know what the library did not tell: a fuller table, and a plain one."""
        if not self.needs_tool:
            return ()
        from workstation.inventory._nvidia_smi import FULL, PLAIN, smi_command  # late: few machines need it

        return tuple(smi_command(fields, self.tool) for fields in (FULL, PLAIN))


def ask_library(source: Source, displays: tuple[Display, ...]) -> Nvidia:
    """Ask the library where an NVIDIA GPU is likely; of several, those that are awake."""
    ours = [display for display in displays if display.vendor == "nvidia"]
    awake = [display.bus_id for display in ours if not display.is_asleep]
    if (ours and not awake) or not (ours or any(map(source.exists, _SIGNS))):
        return Nvidia(report=NvmlReport(), asked=False)
    report = source.nvml(awake if len(awake) < len(ours) else ())
    return Nvidia(report=report, asked=True, tool=_WSL_TOOL if source.exists(_WSL_TOOL) else "nvidia-smi")


def with_answers(nvidia: Nvidia, source: Source, answers: Mapping[tuple[str, ...], str | None]) -> Nvidia:
    """Take in what nvidia-smi printed: the fuller of its tables that has rows."""
    if not nvidia.needs_tool:
        return nvidia
    from workstation.inventory._nvidia_smi import parse_smi

    for command in nvidia.commands:
        rows = parse_smi(answers.get(command) or "")
        if rows:
            return nvidia._replace(rows=rows)
    problem = source.problem(" ".join(nvidia.commands[0]))
    return nvidia._replace(tool_problem=problem or "prints no table of GPUs")


def from_library(report: NvmlReport, device: NvmlDevice) -> GpuFacts:
    """Return the facts of one GPU, or of one slice, that the library told of."""
    shares = not device.total_bytes and device.problems.get("memory") in {None, "NotSupported"}
    lost: Fact[int] = missing(*(SHARED if shares else explain(device.problems.get("memory"))))
    counted = "NVML (older call: what the driver keeps counts as used)" if device.counts_reserved else "NVML"
    used = device.used_bytes if device.total_bytes else None
    return GpuFacts(
        vendor=reported("nvidia", "NVML"),
        name=reported(device.name, "NVML") if device.name else missing(*explain(device.problems.get("name"))),
        vram_total=measured(device.total_bytes, "NVML") if device.total_bytes else lost,
        vram_used=lost if used is None else measured(used, counted),
        unified=_unified(states=bool(device.total_bytes), shares=shares, who="NVML", lost=lost),
        driver=reported(report.driver, "NVML") if report.driver else missing(*explain("NotSupported")),
        source="nvml",
    )


def from_tool(row: "SmiGpu") -> GpuFacts:
    """Return the facts of one row of nvidia-smi's table."""
    shares, who = not row.states_memory and not row.is_split, "nvidia-smi"
    untold = ("nvidia-smi could not tell", "run nvidia-smi in a terminal")
    lost: Fact[int] = missing(*(SHARED if shares else _SPLIT if row.is_split else untold))
    total, used = (None, None) if row.is_split else (row.total_bytes, row.used_bytes)
    return GpuFacts(
        vendor=reported("nvidia", who),
        name=reported(row.name, who) if row.name else missing(*untold),
        vram_total=measured(total, who) if total else lost,
        vram_used=_or_missing(used, who, lost if total is None else missing(*untold)),
        unified=_unified(states=bool(row.total_bytes), shares=shares, who=who, lost=lost),
        driver=reported(row.driver, who) if row.driver else missing(*untold),
        source=who,
    )


def why_mute(display: Display, nvidia: Nvidia) -> tuple[str, str]:
    """Say why nothing but the bus tells of an NVIDIA card, and what to do."""
    if display.driver is None:
        return _NO_DRIVER if nvidia.report.problem is None else explain(nvidia.report.problem)
    if display.driver in _OTHER_DRIVERS:
        return _OTHER_DRIVERS[display.driver]
    if display.is_asleep:
        return ASLEEP
    if nvidia.report.problem is None:
        return "NVML does not list this GPU", "run nvidia-smi"
    why, how = explain(nvidia.report.problem)
    if nvidia.tool_problem is None:
        return why, how
    slow = "did not answer" in nvidia.tool_problem
    return f"{why}, and nvidia-smi {nvidia.tool_problem}", f"run workstation doctor; {how}" if slow else how


def _unified(*, states: bool, shares: bool, who: str, lost: Fact[int]) -> Fact[bool]:
    if states or shares:
        return inferred(shares, f"{who} states no memory of its own" if shares else f"{who} states memory of its own")
    return missing(lost.why, lost.how)


def _or_missing(value: int | None, source: str, lost: Fact[int]) -> Fact[int]:
    return lost if value is None else measured(value, source)
