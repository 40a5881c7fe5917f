"""Read what `workstation doctor` judges: versions, Jupyter's folders, exchange, working copy, the machine."""

import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, metadata, requires, version
from pathlib import Path
from typing import TYPE_CHECKING

from workstation.cli._workspace import WorkingCopy
from workstation.errors import MaterialsError

if TYPE_CHECKING:
    from workstation.inventory.model import Inventory

__all__ = ["Setup", "read_setup"]

DISTRIBUTION = "home-ai-workstation"
PATIENCE_SECONDS = 15.0  # somebody who asks a doctor waits: a cold nvidia-smi takes seconds
_OVERRIDES = "lab/settings/overrides.d/home-ai-workstation.json"
_NBGRADER = "labextensions/@jupyter/nbgrader"


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """One package that the course needs."""

    name: str
    wanted: str  # ">=8.1.2,<9"
    installed: str | None
    fits: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    """One folder, as far as this user can use it."""

    path: str
    exists: bool
    readable: bool
    writable: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """Everything that the checks look at; `None` is what could not be read."""

    python: tuple[int, int, int]
    python_wanted: str | None
    python_fits: bool | None
    packages: tuple[Package, ...]
    has_overrides: bool
    has_nbgrader_extension: bool
    kernels: Mapping[str, str] | None  # name: the program that it starts
    nvml_problem: str | None  # NVML's own name of what is wrong, asked for only where an NVIDIA GPU is
    nvml_driver: str | None
    exchange: Folder
    exchange_expected: bool  # nbgrader's exchange works on Linux and macOS only
    working_copy: Folder
    is_copy: bool
    can_be_copy: bool  # it is one, or `workstation lab` would make one there
    inventory: "Inventory"


def read_setup(inventory: "Inventory", working_copy: Path) -> Setup:
    """Look at this installation; *inventory* is of this machine, *working_copy* where the learner's copy should be."""
    has_nvidia = any(gpu.vendor == "nvidia" for gpu in inventory.gpus)
    problem, driver = _nvml() if has_nvidia and not _sleeps(inventory) else (None, None)
    wanted = _of_package(lambda: metadata(DISTRIBUTION)["Requires-Python"])
    return Setup(
        python=sys.version_info[:3],
        python_wanted=wanted,
        python_fits=None if wanted is None else _contains(wanted, ".".join(map(str, sys.version_info[:3]))),
        packages=_packages(),
        has_overrides=_in_jupyter(_OVERRIDES),
        has_nbgrader_extension=_in_jupyter(_NBGRADER),
        kernels=_kernels(),
        nvml_problem=problem,
        nvml_driver=driver,
        exchange=_folder(_exchange_root(working_copy)),
        exchange_expected=os.name != "nt",
        working_copy=_folder(working_copy),
        is_copy=WorkingCopy(working_copy).is_ours,
        can_be_copy=_can_be_copy(working_copy),
        inventory=inventory,
    )


def _can_be_copy(folder: Path) -> bool:
    try:
        WorkingCopy(folder).check()
    except MaterialsError:
        return False
    return True


def _of_package(ask: Callable[[], str | None]) -> str | None:
    try:
        return ask()
    except PackageNotFoundError:
        return None


def _contains(specifier: str, found: str) -> bool:
    from packaging.specifiers import SpecifierSet

    return SpecifierSet(specifier).contains(found, prereleases=True)


def _packages() -> tuple[Package, ...]:
    from packaging.requirements import Requirement

    try:
        lines = requires(DISTRIBUTION) or []
    except PackageNotFoundError:
        return ()
    wanted = [Requirement(line) for line in lines]
    needed = [each for each in wanted if each.marker is None or each.marker.evaluate({"extra": ""})]
    return tuple(_package(each.name, str(each.specifier)) for each in needed)


def _package(name: str, wanted: str) -> Package:
    installed = _of_package(lambda: version(name))
    fits = installed is not None and _contains(wanted, installed)
    return Package(name=name, wanted=wanted, installed=installed, fits=fits)


def _in_jupyter(name: str) -> bool:
    from jupyter_core.paths import jupyter_path

    return any(Path(folder, name).exists() for folder in jupyter_path())


def _kernels() -> Mapping[str, str] | None:
    from jupyter_client.kernelspec import KernelSpecManager

    try:
        found = KernelSpecManager().get_all_specs()
    except (OSError, ValueError):
        return None
    return {name: str((entry["spec"].get("argv") or [""])[0]) for name, entry in found.items()}


def _sleeps(inventory: "Inventory") -> bool:
    from workstation.inventory._gpu_facts import ASLEEP

    return any(each.why == ASLEEP[0] for each in inventory.unknowns)


def _nvml() -> tuple[str | None, str | None]:
    from workstation.inventory._nvml import ask_nvml

    report = ask_nvml()
    return report.problem, report.driver


def _exchange_root(working_copy: Path) -> Path:
    from workstation.cli._exchange import configured_exchange

    return configured_exchange(working_copy)[0]


def _folder(path: Path) -> Folder:
    exists = path.is_dir()
    return Folder(
        path=str(path),
        exists=exists,
        readable=exists and os.access(path, os.R_OK | os.X_OK),
        writable=exists and os.access(path, os.W_OK | os.X_OK),
    )
