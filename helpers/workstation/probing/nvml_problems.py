"""Say what each of NVML's errors means and what to do about it: one row for each name that the library gives."""

NOT_INSTALLED = "NotInstalled"
SHADOWED = "Shadowed"
NO_ANSWER = "NoAnswer"

# NVML's error without its prefix: (what it means, what to do).
NVML_PROBLEMS: dict[str, tuple[str, str]] = {
    NOT_INSTALLED: ("the Python package nvidia-ml-py is not installed", "pip install nvidia-ml-py"),
    SHADOWED: (
        "another Python package hides nvidia-ml-py, which carries the module pynvml",
        "pip uninstall pynvml nvidia-ml-py3, then pip install --force-reinstall nvidia-ml-py",
    ),
    NO_ANSWER: ("NVIDIA's driver does not answer", "restart the machine, then run nvidia-smi"),
    "LibraryNotFound": ("NVIDIA's driver library is not on this system", "install the driver, then run nvidia-smi"),
    "DriverNotLoaded": ("NVIDIA's driver is installed but not loaded", "run sudo modprobe nvidia, or restart"),
    "LibRmVersionMismatch": ("the driver was updated while the older one still runs", "restart the machine"),
    "NoPermission": (
        "NVIDIA's driver refuses this user, as it does for a GPU whose slices were lent out",
        "run nvidia-smi -L, or ask whoever runs the machine",
    ),
    "NotSupported": ("the driver does not report this for this GPU", "look up the GPU's data sheet"),
    "FunctionNotFound": ("the driver is too old to answer this", "update the driver, then run nvidia-smi"),
    "ArgumentVersionMismatch": ("the driver is too old to answer this", "update the driver, then run nvidia-smi"),
    "GpuIsLost": ("the GPU has dropped off the bus", "restart, and check its seat, its power and its heat"),
    "ResetRequired": ("the GPU waits to be reset after an error", "restart the machine"),
    "InsufficientPower": ("the GPU's power cables are not all plugged in", "switch off, and plug in each one"),
    "IrqIssue": ("the GPU's interrupts do not arrive", "restart; if it stays so, update the firmware"),
    "CorruptedInforom": ("the GPU's own records are damaged", "ask the seller, or go by the data sheet"),
    "Timeout": ("NVIDIA's driver does not answer", "restart the machine, then run nvidia-smi"),
    "OperatingSystem": (
        "the operating system keeps this process from NVIDIA's driver",
        "run nvidia-smi in a terminal, outside the container or sandbox",
    ),
    "Uninitialized": ("NVIDIA's management library lost its connection", "take the inventory again"),
    "Unknown": ("NVIDIA's driver answered with an unknown error", "run nvidia-smi, then restart if it fails too"),
}


def explain(problem: str | None) -> tuple[str, str]:
    """Return what an error means and what to do; an unheard-of one is quoted."""
    known = NVML_PROBLEMS.get(problem or "NotSupported")
    return known or (f"NVIDIA's management library answered {problem}", "run nvidia-smi")
