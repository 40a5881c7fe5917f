"""Ask Apple's Metal for the GPU's memory budget, through a framework that this process has loaded already.

Loading one only to ask would take seconds and hundreds of MiB, so nothing is imported here.
"""

import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any


def ask_metal() -> int | None:
    """Return the working set that Metal recommends, in bytes; `None` where no loaded framework tells."""
    for name, ask in _FRAMEWORKS.items():
        module = sys.modules.get(name)
        budget = None if module is None else _attempt(module, ask)
        if budget:
            return budget
    return None


def _torch(torch: Any) -> object:
    return torch.mps.recommended_max_memory()


def _mlx(core: Any) -> object:
    return core.metal.device_info()["max_recommended_working_set_size"]


def _attempt(module: ModuleType, ask: Callable[[Any], object]) -> int | None:
    try:
        budget = ask(module)
    except (AttributeError, KeyError, TypeError, RuntimeError, OSError):  # too old, or no Metal device
        return None
    return budget if isinstance(budget, int) and not isinstance(budget, bool) and budget > 0 else None


_FRAMEWORKS: dict[str, Callable[[Any], object]] = {"torch": _torch, "mlx.core": _mlx}
