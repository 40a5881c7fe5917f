"""Write rules as their grammar has them: what is written reads as the same rule again."""

from workstation.catalog import load_catalog
from workstation.catalog._planning import load_planning_words
from workstation.planning.model import Comparison, Condition, Rule, Step

__all__ = ["print_condition", "print_rule", "print_step"]


def print_rule(rule: Rule) -> str:
    """Write a rule in one line that `parse_rule` reads as the same rule.

    >>> from workstation.planning import parse_rule
    >>> print_rule(parse_rule("If swap use stays over 4 GiB three weeks in a row, add RAM."))
    'if swap_used_gib > 4 for 3 weeks then upgrade ram'
    """
    weeks = f" for {rule.weeks} weeks" if rule.weeks > 1 else ""
    otherwise = f" otherwise {print_step(rule.otherwise)}" if rule.otherwise else ""
    return f"if {print_condition(rule.condition)}{weeks} then {print_step(rule.then)}{otherwise}"


def print_condition(condition: Condition) -> str:
    """Write a condition, with parentheses where they are needed."""
    if isinstance(condition, Comparison):
        return f"{condition.metric} {condition.sign} {_number(condition.number)}{_unit(condition)}"
    parts = [
        print_condition(part) if isinstance(part, Comparison) or (condition.joint, part.joint) == ("or", "and")
        else f"({print_condition(part)})"
        for part in condition.parts
    ]  # fmt: skip
    return f" {condition.joint} ".join(parts)


def print_step(step: Step) -> str:
    """Write a step: "upgrade ram", "desktop", "upgrade ram + upgrade vram"."""
    return " + ".join(f"{each.decision} {each.target}" if each.target else each.decision for each in step.parts)


def _number(value: float) -> str:
    """Write a number; one with three decimals gets a fourth, or it would look like thousands."""
    if value == int(value):
        return str(int(value))
    written = repr(value)
    three = "e" not in written and len(written.rpartition(".")[2]) == 3  # noqa: PLR2004 - as many as a thousands mark cuts off
    return f"{written}0" if three else written


def _unit(comparison: Comparison) -> str:
    if comparison.unit is None:
        share = load_catalog().metrics[comparison.metric].unit == "percent" and 0 < comparison.number < 1
        return " %" if share else ""
    return f" {next(unit.suffix for unit in load_planning_words().units if unit.id == comparison.unit)}"
