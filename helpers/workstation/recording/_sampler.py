"""Put the meters of this system together: what a sample holds, and why it does not hold the rest."""

import os
import sys
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from workstation.recording._gpu import GpuMeter, find_gpus
from workstation.recording._groups import Groups
from workstation.recording._linux_memory import FaultMeter, MemoryMeter, StallMeter, total_bytes
from workstation.recording._linux_processes import ProcessMeter
from workstation.recording._linux_work import CoreMeter, DiskMeter, HeatMeter, HoldMeter, NetworkMeter, SpaceMeter
from workstation.recording._meter import Meter, Sample, Told
from workstation.recording._texts import Texts
from workstation.recording._tree import Tree


class Watched(NamedTuple):
    """What is to be recorded: the process, where to look for what it starts, and what is not part of it."""

    pid: int
    root: int  # the process whose descendants count; the watched process itself, or whoever started it
    without: frozenset[int]
    folder: str  # whose disk is the project's


class Sampler:
    """All meters, read one after the other."""

    def __init__(self, meters: Sequence[Meter], gpus: GpuMeter | None, why_no_gpu: str | None) -> None:
        self._meters, self._gpus, self.why_no_gpu = meters, gpus, why_no_gpu

    def begin(self, now_s: float) -> dict[str, Told]:
        """Read everything once, and say of every signal whether it can be told."""
        found: dict[str, Told] = {"throughput_per_s": Told(source="reported by the watched work")}
        for meter in self._meters:
            found |= meter.begin(now_s)
        if self._gpus is not None:
            found |= self._gpus.begin(now_s)
        return found

    def sample(self, now_s: float) -> Sample:
        """Read everything now."""
        sample: Sample = {"t_s": round(now_s, 3)}
        for meter in self._meters:
            meter.read(now_s, sample)
        if self._gpus is not None:
            self._gpus.read(now_s, sample)
        return sample

    def problems(self) -> list[str]:
        """Say what has stopped answering since the last call."""
        return self._gpus.problems() if self._gpus is not None else []

    @property
    def gpu_names(self) -> list[str]:
        """Name the GPUs, in the order of the samples' lists."""
        return self._gpus.names if self._gpus is not None else []


class LinuxView:
    """What the recorder must know beside samples: of the watched process, its groups and the system's kills."""

    def __init__(self, texts: Texts, watched: Watched) -> None:
        self.groups = Groups(texts, watched.pid, total_bytes(texts))
        self.tree = Tree(texts, watched.root, main=watched.pid, without=watched.without)
        page_bytes, ticks = _figure("SC_PAGE_SIZE", 4096), _figure("SC_CLK_TCK", 100)
        self.faults = FaultMeter(texts, self.groups, page_bytes)
        self.network = NetworkMeter(texts, watched.pid)
        processes = ProcessMeter(texts, self.tree, watched.pid, page_bytes=page_bytes, ticks_per_s=ticks)
        self.processes = processes
        self.meters: tuple[Meter, ...] = (
            MemoryMeter(texts, self.groups),
            self.faults,
            StallMeter(texts, self.groups),
            DiskMeter(texts),
            SpaceMeter(texts, watched.folder),
            CoreMeter(texts),
            HeatMeter(texts),
            HoldMeter(texts, self.groups),
            self.network,
            processes,
        )

    def follow(self, pid: int) -> None:
        """Watch another process from now on: the command, once it has been started."""
        self.groups.follow(pid)
        self.tree.follow(pid)
        self.network.follow(pid)
        self.processes.follow(pid)


def linux_sampler(texts: Texts, view: LinuxView) -> Sampler:
    """Return the sampler for Linux; reads nothing of the system but through *texts* and NVIDIA's library."""
    gpus, why_not = find_gpus(texts)
    return Sampler(view.meters, GpuMeter(gpus) if gpus else None, why_not)


def signals_document(signals: Mapping[str, Told]) -> dict[str, dict[str, object]]:
    """Return what can be told as it stands in a header."""
    return {
        name: {"available": each.source is not None, "source": each.source, "why_not": each.why_not}
        for name, each in signals.items()
    }


def is_linux() -> bool:
    """Tell whether /proc is where things are to be found."""
    return sys.platform == "linux"


def _figure(name: str, usual: int) -> int:
    return os.sysconf(name) if hasattr(os, "sysconf") else usual
