"""The checks of `workstation doctor`: small rules over what was read, each with one thing to do where it fails."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from workstation.cli._setup import Setup
from workstation.probing.nvml_problems import explain
from workstation.units import GB, GIB, format_disk, format_memory

__all__ = ["CHECKS", "Check", "Finding", "examine"]

Outcome = Literal["ok", "warn", "fail", "unknown"]
LOW_DISK_BYTES, FULL_DISK_BYTES = 20 * GB, 2 * GB
LOW_MEMORY_BYTES = 2 * GIB
# Drivers known to tell wrong figures: first bad, first good again, what is wrong with them.
BAD_DRIVERS = (((535, 43), (535, 87), "tells wrong figures of what each process holds"),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What one check found."""

    outcome: Outcome
    found: str
    advice: str | None = None  # the one thing to do; none where all is well


@dataclass(frozen=True, slots=True)
class Check:
    """One thing to look at."""

    id: str
    title: str
    look: Callable[[Setup], Finding]


def examine(setup: Setup) -> list[tuple[Check, Finding]]:
    """Make every check, in order."""
    return [(check, check.look(setup)) for check in CHECKS]


def _ok(found: str) -> Finding:
    return Finding(outcome="ok", found=found)


def _python(setup: Setup) -> Finding:
    found = ".".join(map(str, setup.python))
    if setup.python_fits is None:
        return Finding(outcome="unknown", found=f"{found}; which versions fit is not recorded", advice="pip install .")
    if setup.python_fits:
        return _ok(f"{found} (wanted {setup.python_wanted})")
    return Finding(
        outcome="fail",
        found=f"{found}, but the course needs {setup.python_wanted}",
        advice="install a Python of that range, then run start.py again",
    )


def _packages(setup: Setup) -> Finding:
    if not setup.packages:
        return Finding(
            outcome="unknown", found="the course is not installed as a package", advice="run python3 start.py setup"
        )
    wrong = [package for package in setup.packages if not package.fits]
    if not wrong:
        return _ok(f"all {len(setup.packages)} that the course needs, in the versions it needs")
    shown = [f"{each.name} {each.installed or 'missing'} (wanted {each.wanted})" for each in wrong]
    words = " ".join(f'"{each.name}{each.wanted}"' for each in wrong)
    return Finding(outcome="fail", found="; ".join(shown), advice=f"python -m pip install {words}")


def _jupyter(setup: Setup) -> Finding:
    if not setup.has_nbgrader_extension:
        return Finding(
            outcome="warn",
            found="nbgrader's part of JupyterLab (Validate, Assignment List) is not where Jupyter looks",
            advice="python -m pip install --force-reinstall nbgrader",
        )
    if not setup.has_overrides:
        return Finding(
            outcome="warn",
            found="the course's settings (wrapped lines in code cells) are not installed, as in a developer's checkout",
            advice="in JupyterLab: Settings, Settings Editor, Notebook, wrap lines; or install without -e",
        )
    return _ok("nbgrader's extension and the course's settings are in place")


def _kernel(setup: Setup) -> Finding:
    if setup.kernels is None or "python3" not in setup.kernels:
        return Finding(
            outcome="fail", found="no kernel named python3 is installed", advice="python -m ipykernel install --user"
        )
    return _ok(f"python3, of {len(setup.kernels)}; workstation lab starts it in this environment")


def _nvml(setup: Setup) -> Finding:
    if not any(gpu.vendor == "nvidia" for gpu in setup.inventory.gpus):
        return _ok("no NVIDIA GPU was found, so none of its tools is needed")
    if setup.nvml_problem is not None:
        why, how = explain(setup.nvml_problem)
        return Finding(outcome="fail", found=why, advice=how)
    if setup.nvml_driver is None:
        return Finding(outcome="unknown", found="the NVIDIA GPU sleeps and was not asked", advice="run nvidia-smi once")
    wrong = _wrong_with(setup.nvml_driver)
    if wrong:
        return Finding(outcome="warn", found=f"driver {setup.nvml_driver} {wrong}", advice="update NVIDIA's driver")
    return _ok(f"NVIDIA's library answers; driver {setup.nvml_driver}")


def _wrong_with(driver: str) -> str | None:
    parts = driver.split(".")
    number = tuple(int(part) for part in parts[:2]) if all(part.isdecimal() for part in parts[:2]) else ()
    return next((wrong for first, good, wrong in BAD_DRIVERS if first <= number < good), None)


def _graphics(setup: Setup) -> Finding:
    sentence = setup.inventory.why_not("vram")
    index = next((i for i, gpu in enumerate(setup.inventory.gpus) if gpu.vram_total_bytes), None)
    if index is not None or (not setup.inventory.gpus and "gpus" in setup.inventory.provenance):
        return _ok(sentence)
    lost = next((each for each in setup.inventory.unknowns if each.what.startswith("gpus")), None)
    return Finding(outcome="unknown", found=sentence, advice=lost.how_to_find_out if lost else "run ws.inventory()")


def _disk(setup: Setup) -> Finding:
    free = setup.inventory.storage.project.free_bytes
    if free is None:
        return Finding(outcome="unknown", found="how much room is left could not be read", advice="run df -h .")
    found = f"{format_disk(free)} free where you are"
    if free < FULL_DISK_BYTES:
        return Finding(outcome="fail", found=found, advice="free some space: notebooks cannot be saved on a full disk")
    if free < LOW_DISK_BYTES:
        return Finding(outcome="warn", found=found, advice="keep 20 GB free: one model file takes several")
    return _ok(found)


def _memory(setup: Setup) -> Finding:
    usable = setup.inventory.memory.usable_bytes
    if usable is None:
        return Finding(outcome="unknown", found="how much memory there is could not be read", advice="run free -h")
    if usable < LOW_MEMORY_BYTES:
        advice = "let the demonstrations replay, or ask for a larger memory limit"
        return Finding(outcome="warn", found=f"{format_memory(usable)} usable", advice=advice)
    return _ok(f"{format_memory(usable)} usable")


def _sensors(setup: Setup) -> Finding:
    sensors = setup.inventory.sensors
    told = {
        "temperatures": sensors.temperatures,
        "the processor's clock": sensors.cpu_frequency,
        "memory pressure": sensors.memory_pressure,
    }
    here = [name for name, present in told.items() if present]
    absent = [name for name, present in told.items() if not present]
    if not here:
        advice = "go by times: the lessons measure how long work takes where nothing else can be read"
        return Finding(outcome="warn", found=f"none of {', '.join(told)} can be read", advice=advice)
    return _ok(f"{', '.join(here)} can be read" + (f"; not {', '.join(absent)}" if absent else ""))


def _exchange(setup: Setup) -> Finding:
    folder = setup.exchange
    if not folder.exists or not setup.exchange_expected:
        return _ok("no class exchange here: hand in with workstation submit NAME")
    if not folder.readable:
        advice = "ask whoever runs the class for the right to enter it"
        return Finding(outcome="fail", found=f"{folder.path} may not be read by this user", advice=advice)
    return _ok(f"{folder.path} can be read")


def _working_copy(setup: Setup) -> Finding:
    folder = setup.working_copy
    if not setup.can_be_copy:
        advice = "choose an empty folder, or one that does not exist yet, with --dir"
        found = f"{folder.path} is no working copy of the course, and cannot become one"
        return Finding(outcome="fail", found=found, advice=advice)
    if not folder.exists or not setup.is_copy:
        advice = "run workstation lab: it makes one"
        return Finding(outcome="warn", found=f"there is no working copy at {folder.path} yet", advice=advice)
    if not folder.writable:
        advice = "give yourself the right to write there, or choose another folder with --dir"
        return Finding(outcome="fail", found=f"{folder.path} may not be written by this user", advice=advice)
    return _ok(folder.path)


CHECKS = (
    Check("python", "Python", _python),
    Check("packages", "Packages", _packages),
    Check("jupyter", "JupyterLab", _jupyter),
    Check("kernel", "Kernel", _kernel),
    Check("nvml", "NVIDIA's library", _nvml),
    Check("graphics", "Graphics memory", _graphics),
    Check("memory", "Memory", _memory),
    Check("disk", "Disk space", _disk),
    Check("sensors", "Sensors", _sensors),
    Check("exchange", "Exchange", _exchange),
    Check("working-copy", "Working copy", _working_copy),
)
