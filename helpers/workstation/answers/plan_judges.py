"""The judges of staged-plan: four fields of rules, what they do over hidden weeks, and the paragraph that defends them.

What reads and simulates plans is loaded when the first plan is judged: the other exercises' cards do not wait for it.
"""

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Protocol

from workstation.answers.criteria.verdict import Verdict
from workstation.answers.parse import PARAGRAPH

__all__ = ["PLAN_JUDGES"]

PLAN, RECOMMENDATION = "plan", "recommendation"
_OPTION = "recommendation_option"
_CRITERIA = "workstation.answers.criteria"
FIELDS = ("now", "one-month", "repeated", "cloud")
_CHECKPOINTS, _TRIED, _NAMED, _ARGUED = "plan_checkpoints", "plan_trials", "recommendation", "recommendation_reasons"


class Fields(Protocol):
    """What a judge asks a submission for: the text of a field, and the seed of the weeks that a plan is tried on."""

    @property
    def fields(self) -> Mapping[tuple[str, str], str]:
        """The texts of all fields, by answer and field."""

    @property
    def seed(self) -> str | None:
        """The instructor's seed; `None` for the open histories."""

    def get(self, answer: str, name: str = ...) -> str:
        """Give a field's text; ``""`` where it is blank or missing."""


Judge = Callable[[Fields], Verdict]


def _function(module: str, name: str) -> Callable[..., Verdict]:
    found: Callable[..., Verdict] = getattr(import_module(f"{_CRITERIA}.{module}"), name)
    return found


def _checkpoint(field: str, name: str) -> Judge:
    return lambda sub: _function(_CHECKPOINTS, name)(sub.get(PLAN, field))


def _tried(name: str) -> Judge:
    """Judge what the plan does over the weeks of the seed; only the fields that decided count as looked at."""

    def judge(sub: Fields) -> Verdict:
        fields = tuple(sub.fields.get((PLAN, field), "") for field in FIELDS)
        verdict, deciding = getattr(import_module(f"{_CRITERIA}.{_TRIED}"), name)(
            fields, sub.fields.get((RECOMMENDATION, PARAGRAPH), ""), sub.seed
        )
        for field in deciding:
            sub.get(PLAN, field)
        return verdict  # type: ignore[no-any-return]  # a judge of criteria/plan_trials.py

    return judge


def _paragraph(module: str, name: str) -> Judge:
    return lambda sub: _function(module, name)(sub.get(RECOMMENDATION))


PLAN_JUDGES: Mapping[str, Judge] = {
    "plan.now": _checkpoint("now", "judge_now"),
    "plan.one-month": _checkpoint("one-month", "judge_rule"),
    "plan.repeated": _checkpoint("repeated", "judge_rule"),
    "plan.cloud": _checkpoint("cloud", "judge_cloud"),
    "plan.on-quiet": _tried("judge_quiet"),
    "plan.on-spike": _tried("judge_spike"),
    "plan.on-repeated": _tried("judge_repeated"),
    "plan.on-rare-large-job": _tried("judge_rare"),
    "plan.on-other-constraint": _tried("judge_other"),
    "recommendation.option": _paragraph(_OPTION, "judge_option"),
    "recommendation.workload": _paragraph(_NAMED, "judge_workload"),
    "recommendation.bottleneck": _paragraph(_NAMED, "judge_bottleneck"),
    "recommendation.evidence": _paragraph(_NAMED, "judge_evidence"),
    "recommendation.no-prestige": _paragraph(_ARGUED, "judge_no_prestige"),
    "recommendation.what-waits": _paragraph(_ARGUED, "judge_what_waits"),
    "recommendation.local-or-cloud": _paragraph(_ARGUED, "judge_local_or_cloud"),
}
