"""Find the commonest wrong constraint: by the symptom of a drawn case, or by the kind of work that it was named for."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from workstation.answers.criteria.cases import says_quiet
from workstation.answers.criteria.constraints import constraint_names, named
from workstation.answers.criteria.families import families_in
from workstation.answers.parse import PARAGRAPH
from workstation.catalog import load_catalog
from workstation.catalog._cases import load_cases
from workstation_grader.insight.model import Bar, Cell, Cohort, Entry, Section, Table
from workstation_grader.insight.words import count, percent

__all__ = ["confusion", "named_in"]

SUMMARY, FIRST, FITS = "constraint-summary", "first-bottleneck", "summary.bottleneck-fits"
CONSTRAINT = "constraint"
QUIET, NAMELESS = "nothing is short", "no constraint that the rules know"
_MOST_SHOWN = 4
_TITLE = "Wrong constraints"


def named_in(exercise: str, fields: Mapping[tuple[str, str], str]) -> dict[str, Any]:
    """Read which constraint each answer names, and of what kind the work is: facts for an `Entry`."""
    asked = {answer: text for (answer, field), text in fields.items() if field in {CONSTRAINT, FIRST}}
    work = [fields.get(("workload", PARAGRAPH), ""), fields.get((SUMMARY, "workload"), "")]
    kinds = families_in(*work) if exercise == SUMMARY else []
    return {
        "named": {answer: _named(text) for answer, text in asked.items()},
        "family": load_catalog().families[kinds[0]].name if kinds else "",
    }


def _named(text: str) -> str:
    chosen = named(text).chosen
    if chosen:
        return constraint_names(chosen)
    return QUIET if says_quiet(text) else NAMELESS


def confusion(cohort: Cohort) -> Section | None:
    """Tell what was named wrongly; `None` for an exercise that asks for no constraint."""
    if any(entry.cases for entry in cohort.entries):
        return _by_symptom(cohort.entries)
    answers = {form.id for form in load_catalog().exercises[cohort.exercise].answers}
    return _by_family(cohort.entries) if SUMMARY in answers else None


def _by_symptom(entries: Iterable[Entry]) -> Section:
    outcomes: dict[str, Counter[str]] = defaultdict(Counter)
    wrong: dict[str, Counter[str]] = defaultdict(Counter)
    for entry in entries:
        judged = {criterion.id: criterion.outcome for criterion in entry.criteria}
        for answer, case in entry.cases.items():
            outcome = judged.get(f"{answer}.{CONSTRAINT}")
            if outcome is None or case not in load_cases():
                continue
            outcomes[_symptom(case)][outcome] += 1
            if outcome == "not met":
                wrong[_symptom(case)][entry.named.get(answer, NAMELESS)] += 1
    ordered = sorted(outcomes, key=lambda symptom: (-outcomes[symptom]["not met"], symptom))
    rows = tuple(_symptom_row(symptom, outcomes[symptom], wrong[symptom]) for symptom in ordered)
    columns = (
        "Symptom of the case",
        "Answers",
        "Wrong",
        "Wrong, share",
        "Commonest wrong constraint",
        "Named wrongly",
        "Outcomes",
    )
    table = Table(
        name="wrong-constraints",
        caption="What was named wrongly, by the symptom of the drawn case",
        columns=columns,
        rows=rows,
    )
    said = [f"Most often wrong: {ordered[0]}."] if ordered and outcomes[ordered[0]]["not met"] else []
    return Section(
        id="constraints",
        title=_TITLE,
        lead=("By the symptom of the case that each learner drew.", *said),
        tables=(table,),
    )


def _symptom(case_id: str) -> str:
    """Name what a case shows: its row of the symptom table, else what is right to find in it."""
    case = load_cases()[case_id]
    if case.symptom is not None:
        return load_catalog().symptoms[case.symptom].name
    return f"No row of the table; right is {constraint_names(frozenset(case.accepts)) if case.accepts else QUIET}"


def _symptom_row(symptom: str, outcomes: Counter[str], wrong: Counter[str]) -> tuple[Cell, ...]:
    total, missed = outcomes.total(), outcomes["not met"]
    return (
        symptom, total, missed, percent(missed, total),
        wrong.most_common(1)[0][0] if wrong else "", _listed(wrong), _bar(missed, outcomes["met"], total),
    )  # fmt: skip


def _by_family(entries: Iterable[Entry]) -> Section:
    called: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    totals: Counter[str] = Counter()
    for entry in entries:
        if SUMMARY not in entry.named:
            continue
        family = entry.family or "work of no kind that the rules know"
        fits = next((criterion.outcome for criterion in entry.criteria if criterion.id == FITS), "")
        called[family, entry.named[SUMMARY]][fits] += 1
        totals[family] += 1
    ordered = sorted(called, key=lambda pair: (-totals[pair[0]], pair[0], -called[pair].total(), pair[1]))
    rows = tuple(_family_row(pair, called[pair], totals[pair[0]]) for pair in ordered)
    misfits: Counter[tuple[str, str]] = Counter({pair: found["not met"] for pair, found in called.items()})
    worst = [(pair, number) for pair, number in misfits.most_common(1) if number]
    lead = [f"{count(totals.total(), 'submission')} named a first bottleneck."]
    lead += [f"The commonest that does not fit: {pair[1]} for {pair[0]} ({number})." for pair, number in worst]
    columns = (
        "Kind of work",
        "Named as first bottleneck",
        "Submissions",
        "Share of this work",
        "Judged not to fit",
        "Fit",
    )
    table = Table(
        name="wrong-constraints",
        caption="The named first bottleneck against the kind of work",
        columns=columns,
        rows=rows,
    )
    note = "A bottleneck fits where that kind of work meets it early, or where the learner's evidence shows it."
    return Section(id="constraints", title=_TITLE, lead=tuple(lead), tables=(table,), notes=(note,))


def _family_row(pair: tuple[str, str], fits: Counter[str], total: int) -> tuple[Cell, ...]:
    number, wrong = fits.total(), fits["not met"]
    return (*pair, number, percent(number, total), wrong, _bar(wrong, fits["met"], number))


def _bar(wrong: int, met: int, total: int) -> Bar:
    parts = (("met", met), ("not-met", wrong), ("review", total - met - wrong))
    return Bar(parts=parts, said=f"{met} met, {wrong} not met, {total - met - wrong} open or blank")


def _listed(found: Counter[str]) -> str:
    return ", ".join(f"{name} {number}" for name, number in found.most_common(_MOST_SHOWN))
