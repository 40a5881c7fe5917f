"""The child process that does a demonstration's work: ``python -m workstation.demos._child``.

It reads its plan as one line of JSON, writes one line of JSON for each sample, and ends when its standard input does.
"""

import json
import os
import sys
import threading
from typing import Any

from workstation.demos import _leash
from workstation.demos._guard import Guard
from workstation.demos._lock import take_lock
from workstation.demos._plan_json import plan_from_json
from workstation.demos._read import memory_reader
from workstation.demos._registry import demo_module
from workstation.demos.model import Ending, Json

_HARD_SLACK_SECONDS = 2.0
_ORDER_LIMIT_BYTES = 1_000_000
_saying = threading.Lock()


def main() -> int:
    """Do what the order on standard input says."""
    order = json.loads(_first_line())
    chosen_first = _leash.be_chosen_first()
    _leash.be_modest()
    plan = plan_from_json(order["plan"])
    leash = _leash.Leash(parent=order["parent"], seconds=plan.seconds + _HARD_SLACK_SECONDS)
    leash.arm(by_kernel=order["main_thread"])
    if not take_lock():
        say_end(Ending(by="busy"))
        return 0
    say({"ready": os.getpid(), "chosen_first": chosen_first})
    guard = Guard(plan, say=say, cut=leash.cut, read=memory_reader())
    ending = demo_module(plan.name).work(plan, guard)
    say_end(ending, lowest=guard.lowest_available_bytes)
    return 0


def say(line: dict[str, Json]) -> None:
    """Write one line; a parent that is gone ends us through the leash."""
    raw = json.dumps(line, allow_nan=False).encode() + b"\n"
    with _saying:
        while raw:
            raw = raw[os.write(1, raw) :]


def say_end(ending: Ending, *, lowest: int | None = None) -> None:
    """Write the last line."""
    values: dict[str, Any] = dict(ending.values)
    say({"end": ending.by, "detail": ending.detail, "values": values, "lowest_available_bytes": lowest})


def _first_line() -> bytes:
    line = b""
    while not line.endswith(b"\n") and len(line) < _ORDER_LIMIT_BYTES:
        part = os.read(0, 65536)
        if not part:
            sys.exit(_leash.GONE)
        line += part
    return line


if __name__ == "__main__":
    sys.exit(main())
