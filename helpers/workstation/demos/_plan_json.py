"""Write a plan as JSON and read it again: for the child process, and for recorded runs."""

from dataclasses import asdict
from types import MappingProxyType
from typing import Any

from workstation.demos.model import Json, Line, Plan, Question

_LISTS = ("stops", "notes")


def plan_to_json(plan: Plan) -> dict[str, Json]:
    """Give a plan as plain data."""
    settings = dict(plan.settings)
    fields: dict[str, Any] = {name: getattr(plan, name) for name in Plan.__slots__}
    return fields | {
        "stops": list(plan.stops),
        "notes": list(plan.notes),
        "question": asdict(plan.question),
        "lines": [asdict(line) for line in plan.lines],
        "settings": settings,
    }


def plan_from_json(found: Any) -> Plan:
    """Build a plan from plain data of our own.

    Raises:
        KeyError, TypeError: it is none.
    """
    fields = dict(found)
    fields |= {name: tuple(fields[name]) for name in _LISTS}
    fields["question"] = Question(**fields["question"])
    fields["lines"] = tuple(Line(**line) for line in fields["lines"])
    fields["settings"] = MappingProxyType(dict(fields["settings"]))
    return Plan(**fields)
