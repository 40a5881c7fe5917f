"""Live demonstrations that cannot hurt the machine: six of them on one small engine.

`NAMES` lists them; `plan` says what one would do here, `run` does it or plays a recorded run. What is real, a stand-in
or a recorded run on which system stands in SUPPORT.md beside this file.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # the same names as in _HOME, for type checkers; a test compares the two
    from workstation.demos._registry import NAMES as NAMES
    from workstation.demos.engine import Run as Run
    from workstation.demos.engine import plan as plan
    from workstation.demos.engine import run as run
    from workstation.demos.model import ANSWER as ANSWER
    from workstation.demos.model import Event as Event
    from workstation.demos.model import Finished as Finished
    from workstation.demos.model import Line as Line
    from workstation.demos.model import Noted as Noted
    from workstation.demos.model import Plan as Plan
    from workstation.demos.model import Request as Request
    from workstation.demos.model import Result as Result
    from workstation.demos.model import Sampled as Sampled
    from workstation.demos.model import Snapshot as Snapshot
    from workstation.demos.model import Stated as Stated

_HOME = {
    "ANSWER": "model",
    "Event": "model",
    "Finished": "model",
    "Line": "model",
    "NAMES": "_registry",
    "Noted": "model",
    "Plan": "model",
    "Request": "model",
    "Result": "model",
    "Run": "engine",
    "Sampled": "model",
    "Snapshot": "model",
    "Stated": "model",
    "plan": "engine",
    "run": "engine",
}
__all__ = [*_HOME]  # noqa: PLE0604 - the keys are strings


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
