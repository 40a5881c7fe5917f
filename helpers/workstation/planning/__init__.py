"""Plan rules, simulated weeks, buying or renting, and the decision framework.

    rule = parse_rule("if swap_used_gib above 4 for 3 weeks then upgrade ram")
    plan = parse_plan({"Now": "keep", "After the first repeated bottleneck": "if ...", ...})
    outcome = simulate(plan, histories()["swap-daily"])      # what it did, when, and whether that was right
    print(outcome_text(outcome))

Everything here is pure but for the log file, which keeps the learner's weeks. README.md beside this file holds the
grammar.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from workstation.errors import PlanningError, RuleError
from workstation.planning._costs import buy_or_rent
from workstation.planning._histories import histories, history, variants
from workstation.planning._log import LogFile, LogRow, history_from_log, iso_week, parse_log
from workstation.planning._log_store import LOG_FILE, append_row, load_log
from workstation.planning._parse import parse_plan, parse_rule, read_field
from workstation.planning._prices import BuyOrRent, Price, Usage, costs_text, usage_from_weeks
from workstation.planning._print import print_condition, print_rule, print_step
from workstation.planning._simulate import rents_for_large_jobs, simulate, steps_over
from workstation.planning._text import outcome_table, outcome_text, series_text
from workstation.planning._trials import Trials, trials
from workstation.planning._walk import (
    Ending,
    Evidence,
    Walk,
    answer,
    back,
    begin,
    collecting,
    ending,
    question,
    walk_text,
)
from workstation.planning.model import (
    Act,
    Comparison,
    Condition,
    Group,
    History,
    Label,
    Plan,
    Problem,
    Reading,
    Rule,
    Step,
    Week,
)
from workstation.planning.outcome import Outcome, Series, Taken

if TYPE_CHECKING:  # the names of _HOME, for type checkers
    from workstation.planning._log_week import log_week as log_week
    from workstation.planning._log_week import of_week as of_week
    from workstation.planning._log_week import questions as questions

# Recordings need numpy, and a plan that is judged does not.
_HOME = {"log_week": "_log_week", "of_week": "_log_week", "questions": "_log_week"}

__all__ = [
    "LOG_FILE",
    "Act",
    "BuyOrRent",
    "Comparison",
    "Condition",
    "Ending",
    "Evidence",
    "Group",
    "History",
    "Label",
    "LogFile",
    "LogRow",
    "Outcome",
    "Plan",
    "PlanningError",
    "Price",
    "Problem",
    "Reading",
    "Rule",
    "RuleError",
    "Series",
    "Step",
    "Taken",
    "Trials",
    "Usage",
    "Walk",
    "Week",
    "answer",
    "append_row",
    "back",
    "begin",
    "buy_or_rent",
    "collecting",
    "costs_text",
    "ending",
    "example_usage",
    "histories",
    "history",
    "history_from_log",
    "iso_week",
    "load_log",
    "log_week",
    "of_week",
    "outcome_table",
    "outcome_text",
    "parse_log",
    "parse_plan",
    "parse_rule",
    "print_condition",
    "print_rule",
    "print_step",
    "question",
    "questions",
    "read_field",
    "rents_for_large_jobs",
    "series_text",
    "simulate",
    "steps_over",
    "trials",
    "usage_from_weeks",
    "variants",
    "walk_text",
]


def example_usage() -> Usage:
    """Give the labelled example learner's hours: those of the history `local-inference-weekly`."""
    usage = usage_from_weeks(history("local-inference-weekly").weeks, source="example")
    if usage is None:
        raise PlanningError("The example learner's history holds no hours; the course's files are damaged.")
    return usage


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
