"""Which demonstrations there are, and where each of them lives."""

from collections.abc import Sequence
from importlib import import_module
from typing import Protocol

from workstation.demos._guard import Guard
from workstation.demos.model import Conclusion, Ending, Plan, Request, Sampled, Snapshot
from workstation.errors import DemoError

NAMES = ("ram", "ram_crash", "kv_cache", "vram", "storage", "thermals")


class Demo(Protocol):
    """One demonstration: a plan and a conclusion, which are pure, and the work between them."""

    def plan(self, snapshot: Snapshot, request: Request) -> Plan:
        """Decide what will be done."""

    def work(self, plan: Plan, guard: Guard) -> Ending:
        """Do it; runs in the child process."""

    def conclude(self, plan: Plan, samples: Sequence[Sampled], ending: Ending) -> Conclusion:
        """Say what it came to."""


def demo_module(name: str) -> Demo:
    """Give a demonstration by its name, with '-' for '_' where somebody writes so.

    Raises:
        DemoError: there is none of that name.
    """
    known = name.replace("-", "_")
    if known not in NAMES:
        raise DemoError(f"There is no demonstration {name!r}. Choose one of: {', '.join(NAMES)}.")
    module: Demo = import_module(f"workstation.demos._{known}")
    return module
