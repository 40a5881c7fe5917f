"""The watched process on systems without /proc, through psutil."""

import os
import platform
from importlib import import_module

from workstation.probing.nvml import load_library
from workstation.probing.nvml_problems import explain
from workstation.recording._child import ending
from workstation.recording._ending import Kills
from workstation.recording._gpu import GpuMeter
from workstation.recording._gpu_nvidia import Nvidia
from workstation.recording._gpus import Gpus
from workstation.recording._meter import Sample
from workstation.recording._portable import PortableMeter
from workstation.recording._recorder import Message
from workstation.recording._sampler import Sampler, Watched, signals_document


class PortableSubject:
    """The watched process on macOS or Windows: neither tells who killed it."""

    def __init__(self, watched: Watched) -> None:
        self.pid, self._parent, self._watched = watched.pid, os.getppid(), watched
        self._meter = self._meter_of(watched.root)
        library, problem = load_library()
        gpus: list[Gpus] = [Nvidia(library)] if library is not None else []
        asked = GpuMeter(gpus) if gpus else None
        self._sampler = Sampler([self._meter], asked, explain(problem)[0] if problem else None)

    @property
    def gpu_names(self) -> list[str]:
        """Name the GPUs that are recorded."""
        return self._sampler.gpu_names

    @property
    def why_no_gpu(self) -> str | None:
        """Say why no GPU is recorded, where none is."""
        return self._sampler.why_no_gpu

    def begin(self, now_s: float) -> dict[str, dict[str, object]]:
        """Say what can be told."""
        return signals_document(self._sampler.begin(now_s))

    def sample(self, now_s: float) -> Sample:
        """Read everything now."""
        return self._sampler.sample(now_s)

    def problems(self) -> list[str]:
        """Say what has stopped answering."""
        return self._sampler.problems()

    def follow(self, pid: int) -> None:
        """Watch the command; what it starts is found from whoever started it."""
        self.pid = pid

    def has_ended(self) -> bool:
        """Tell whether the process is gone."""
        return not import_module("psutil").pid_exists(self.pid)

    def end(self, t_s: float, told: Message | None) -> dict[str, object]:
        """Say how it ended, as far as the parent knows."""
        return ending(told, Kills(), t_s, status=None, expected=self.pid != self._parent)

    def _meter_of(self, pid: int) -> PortableMeter:
        watched = self._watched
        return PortableMeter(
            import_module("psutil"), pid, watched.folder, system=platform.system(), without=watched.without
        )
