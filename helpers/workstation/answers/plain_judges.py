"""The judges that any field can be given to by name: a criterion that uses one is an entry in `rubric.toml` alone.

``judge = "measured"`` with ``field = "because"`` asks that field for a measurement; without ``field``, the paragraph.
What only one exercise asks has a line of its own in `score.JUDGES`.
"""

from collections.abc import Callable, Mapping
from typing import Protocol

from workstation.answers.criteria import (
    archetypes,
    constraints,
    families,
    hardware,
    horizon,
    measurements,
    priorities,
    verdicts,
)
from workstation.answers.criteria.verdict import Verdict
from workstation.answers.parse import PARAGRAPH
from workstation.catalog import RubricCriterion
from workstation.errors import CatalogError

__all__ = ["PLAIN_JUDGES", "named_judge"]


class Fields(Protocol):
    """What a judge asks a submission for: the text of a field."""

    def get(self, answer: str, name: str = ...) -> str:
        """Give a field's text; ``""`` where it is blank or missing."""


PLAIN_JUDGES: Mapping[str, Callable[[str], Verdict]] = {
    "archetype": archetypes.judge_archetype,
    "before-hardware": hardware.judge_before_hardware,
    "constraint": constraints.judge_first_bottleneck,
    "family": families.judge_family,
    "horizon": horizon.judge_horizon,
    "measured": measurements.judge_measured,
    "no-verdict": lambda text: verdicts.judge_no_verdict((text,)),
    "priority": priorities.judge_priority,
}


def named_judge(entry: RubricCriterion) -> Callable[[Fields], Verdict]:
    """Give the judge that a criterion names, bound to its field.

    Raises:
        CatalogError: no judge has that name.
    """
    name, field = entry.judge or "", entry.field or PARAGRAPH
    if name not in PLAIN_JUDGES:
        known = ", ".join(PLAIN_JUDGES)
        raise CatalogError("rubric.toml", entry.id, "judge", f"no judge is called {name!r}; there are {known}")
    return lambda sub: PLAIN_JUDGES[name](sub.get(entry.answer, field))
