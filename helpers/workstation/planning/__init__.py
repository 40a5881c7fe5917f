"""Plan rules, simulated weeks, buying or renting, and the decision framework.

    rule = parse_rule("if swap_used_gib above 4 for 3 weeks then upgrade ram")
    plan = parse_plan({"Now": "keep", "After the first repeated bottleneck": "if ...", ...})
    outcome = simulate(plan, histories()["swap-daily"])      # what it did, when, and whether that was right
    print(outcome_text(outcome))

Everything here is pure except `log_store`, which keeps the learner's weeks. README.md beside this file holds the
grammar.
"""

from workstation.errors import PlanningError, RuleError
from workstation.planning._histories import histories, history, variants
from workstation.planning._parse import parse_plan, parse_rule, read_field
from workstation.planning._print import print_condition, print_rule, print_step
from workstation.planning._simulate import simulate
from workstation.planning.costs import BuyOrRent, Price, Usage, buy_or_rent, costs_text, usage_from_weeks
from workstation.planning.log import LogFile, LogRow, history_from_log, iso_week, parse_log
from workstation.planning.log_store import LOG_FILE, append_row, load_log
from workstation.planning.log_week import log_week, of_week, questions
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
from workstation.planning.text import outcome_table, outcome_text, series_text
from workstation.planning.walk import (
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
    "series_text",
    "simulate",
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
