"""Show beside a practice's criteria what the catalogue knows about the words that the learner chose."""

from collections.abc import Callable, Mapping
from html import escape

from workstation.answers.criteria.archetypes import archetypes_in
from workstation.answers.criteria.families import families_in
from workstation.answers.parse import parse_fields
from workstation.catalog import load_catalog, shown_catalog
from workstation.notebook.tables import TABLES, family_rows, rows_of
from workstation.notebook.theme import NOTHING, Fragment

TRY_IT = "ws.simulate() shows each half-year week by week. Grading draws its own half-years, with figures like these."
MOST_ROWS = 3  # more kinds of work than these are no longer one sentence's
YOUR_ROW = {1: "Your row of the workload table"}
YOUR_ROWS = "Your rows of the workload table"
YOUR_ARCHETYPE = "Your row of the archetypes"
MY_ARCHETYPE = "my-archetype"


def beside(answer_id: str, text: str) -> Fragment:
    """Give what follows the criteria on the card of an answer; nothing for most of them."""
    return BESIDE[answer_id](text) if answer_id in BESIDE else NOTHING


def rows_of_the_work(text: str) -> Fragment:
    """Draw the rows of the families that *text* names or describes, those named first."""
    known = shown_catalog().families
    found = [known[family] for family in families_in(text)[:MOST_ROWS]]
    if not found:
        return NOTHING
    table = family_rows(found, YOUR_ROW.get(len(found), YOUR_ROWS))
    return Fragment(f"\n{table.html}", f"\n{table.text}")


def row_of_the_archetype(text: str) -> Fragment:
    """Draw the row of the archetype that the answer *text* chooses, if it chooses one."""
    form = next(form for task in load_catalog().practice.values() for form in task.answers if form.id == MY_ARCHETYPE)
    found = archetypes_in(parse_fields(text, form)["archetype"])
    if len(found) != 1:
        return NOTHING
    table = rows_of(TABLES["archetypes"].columns, [shown_catalog().archetypes[found[0]]], YOUR_ARCHETYPE)
    return Fragment(f"\n{table.html}", f"\n{table.text}")


def plan_over_open_histories(text: str) -> Fragment:
    """Draw what a plan does over the course's own half-years; those of the grading are drawn anew from them."""
    from workstation.notebook.plan_chart import sentence, table_html, table_text  # late: most cards need no simulation
    from workstation.notebook.plan_reading import plan_in, simulated
    from workstation.planning import histories

    plan = plan_in(text)
    if plan is None:
        return NOTHING
    found = simulated(plan, histories())
    said = f"{sentence(found)} {TRY_IT}"
    return Fragment(f"\n<p>{escape(said)}</p>\n{table_html(found)}", f"\n{said}\n{table_text(found)}")


BESIDE: Mapping[str, Callable[[str], Fragment]] = {
    "plan": plan_over_open_histories,
    "workload-sentence": rows_of_the_work,
    MY_ARCHETYPE: row_of_the_archetype,
}
