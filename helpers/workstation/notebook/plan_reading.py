"""Read a plan however it is given, and walk histories with it; nothing heavy loads, as the card of an answer waits."""

from collections.abc import Mapping

from workstation.answers.parse import is_blank, parse_fields
from workstation.catalog import load_catalog
from workstation.errors import PlanningError
from workstation.notebook.plan_chart import Simulated
from workstation.planning import History, Plan, parse_plan
from workstation.planning import simulate as walk_weeks

PLAN_EXERCISE, PLAN_ANSWER = "staged-plan", "plan"


def read_plan(plan: object) -> Plan:
    """Read a plan however it is given; a rule without labels, readable or not, is its repeated one.

    Raises:
        PlanningError: a label is none of a plan's.
    """
    if isinstance(plan, Plan):
        return plan
    if isinstance(plan, Mapping):
        return parse_plan({str(label): str(text) for label, text in plan.items()})
    if not isinstance(plan, str):
        raise PlanningError(
            f"A plan is a text or a dictionary of its four fields, and this is neither (type {type(plan).__name__}). "
            'Write ws.simulate("if swap_used_gib above 4 for 3 weeks then upgrade ram").'
        )
    read = parse_plan(plan)
    is_unlabelled = read.now.kind in {"rule", "unparsed"} and read.now.text.strip() == plan.strip()
    return parse_plan({"repeated": plan}) if is_unlabelled else read


def plan_in(body: str) -> Plan | None:
    """Read the plan in the text of an answer; `None` where every field is blank."""
    exercise = load_catalog().exercises[PLAN_EXERCISE]
    form = next(each for each in exercise.answers if each.id == PLAN_ANSWER)
    fields = {name: text for name, text in parse_fields(body, form).items() if not is_blank(text, exercise)}
    return parse_plan(fields) if fields else None


def simulated(plan: Plan, chosen: Mapping[str, History]) -> Simulated:
    """Walk every history with a plan."""
    return Simulated([walk_weeks(plan, each) for each in chosen.values()], plan, chosen)
