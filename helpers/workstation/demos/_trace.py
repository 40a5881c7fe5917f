"""Keep recorded runs, and read them for a replay: JSON lines beside this file, made by real runs.

First line a header with the plan, then samples and notes, last line how it ended.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from importlib.resources import files
from typing import Any

from workstation.demos._plan_json import plan_from_json, plan_to_json
from workstation.demos.model import Ending, Finished, Noted, Plan, Sampled, Stated
from workstation.demos.model import Event as AnyEvent
from workstation.errors import DemoError

SCHEMA = "workstation.demo-trace/1"
FOLDER = "traces"
MOST_SAMPLES = 150
_DIGITS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """One recorded run."""

    plan: Plan
    source: str  # a sentence: when and on what it was recorded
    events: tuple[Sampled | Noted, ...]
    ending: Ending
    lowest_available_bytes: int | None
    release_seconds: float | None

    @property
    def seconds(self) -> float:
        """How long the run took."""
        return self.events[-1].t_s if self.events else 0.0


def load_trace(name: str) -> Trace:
    """Load the recorded run of a demonstration.

    Raises:
        DemoError: this installation has none.
    """
    try:
        return parse_trace((files(__package__) / FOLDER / f"{name}.jsonl").read_text(encoding="utf-8"))
    except (OSError, ValueError, KeyError, TypeError):
        raise DemoError(
            f"The recorded run of {name!r} is missing from this installation or damaged. Install the course again."
        ) from None


def parse_trace(text: str) -> Trace:
    """Read a recorded run.

    Raises:
        ValueError, KeyError, TypeError: it is none.
    """
    header, *lines = [json.loads(line) for line in text.splitlines()]
    if header["schema"] != SCHEMA:
        raise ValueError(header["schema"])
    end = lines.pop()
    return Trace(
        plan=plan_from_json(header["plan"]),
        source=header["source"],
        events=tuple(map(_event, lines)),
        ending=Ending(by=end["end"], detail=end["detail"], values=end["values"]),
        lowest_available_bytes=end["lowest_available_bytes"],
        release_seconds=end["release_seconds"],
    )


def _event(line: dict[str, Any]) -> Sampled | Noted:
    if "note" in line:
        return Noted(t_s=line["t_s"], text=line["note"])
    return Sampled(t_s=line.pop("t_s"), values=line)


def write_trace(events: Iterable[AnyEvent], ending: Ending, source: str) -> str:
    """Write the events of a whole run as a recorded one, thinned evenly."""
    kept = list(events)
    (plan,) = [event.plan for event in kept if isinstance(event, Stated)]
    (result,) = [event.result for event in kept if isinstance(event, Finished)]
    moments = [event for event in kept if isinstance(event, Sampled | Noted)]
    end = {
        "end": ending.by, "detail": ending.detail, "values": dict(ending.values),
        "lowest_available_bytes": result.lowest_available_bytes, "release_seconds": result.release_seconds,
    }  # fmt: skip
    settings = {key: value for key, value in plan.settings.items() if key != "folder"}  # nobody's paths
    header = {"schema": SCHEMA, "source": source, "plan": plan_to_json(replace(plan, settings=settings))}
    return "".join(f"{json.dumps(line)}\n" for line in (header, *_lines(moments), end))


def _lines(moments: list[Sampled | Noted]) -> Iterator[dict[str, Any]]:
    stride = max(1, -(-len(moments) // MOST_SAMPLES))
    for number, event in enumerate(moments):
        if isinstance(event, Noted):
            yield {"t_s": event.t_s, "note": event.text}
        elif number % stride == 0 or number == len(moments) - 1:
            yield {"t_s": event.t_s, **{key: _short(value) for key, value in event.values.items()}}


def _short(value: float) -> float:
    return value if isinstance(value, int) else float(f"{value:.{_DIGITS}g}")
