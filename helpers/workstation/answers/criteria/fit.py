"""Judge whether the first bottleneck fits the work, or is shown by the evidence."""

from workstation.answers.criteria.constraints import A_LIST, constraint_names, named, names_in, signals_in
from workstation.answers.criteria.families import families_in, named_families
from workstation.answers.criteria.measurements import is_measured
from workstation.answers.criteria.text import quote, read
from workstation.answers.criteria.verdict import Verdict, met, not_attempted, not_met, review
from workstation.catalog import load_catalog

__all__ = ["judge_fit", "shown_by"]

_ASK = "Either name a bottleneck from your row of the workload table, or quote the measurement in which it ran out."


def judge_fit(bottleneck: str, workloads: tuple[str, ...], evidence: str) -> Verdict:
    """Judge that the bottleneck is the family's primary or secondary one, or that the evidence shows it."""
    found = named(bottleneck)
    if not bottleneck.strip():
        return not_attempted()
    if len(found.listed) >= A_LIST:
        return not_met(f"{quote(bottleneck)} is a list; only one bottleneck can be compared with the work.", _ASK)
    if not found.chosen:
        return review(f"{quote(bottleneck)} names no resource that could be compared with the work.")
    return _compare(bottleneck, found.chosen, workloads, evidence)


def _compare(bottleneck: str, chosen: frozenset[str], workloads: tuple[str, ...], evidence: str) -> Verdict:
    named_ones, families = named_families(*workloads), families_in(*workloads)
    fitting = [family for family in families if chosen & _constraints_of(family)]
    if fitting and (fitting[0] in named_ones or not named_ones):
        name = load_catalog().families[fitting[0]].name
        return met(f"{quote(bottleneck)} is a bottleneck that work of the kind {name} meets early.")
    shown = shown_by(evidence)
    if chosen & shown:
        return met(f"The evidence shows {constraint_names(chosen)}: {quote(evidence)}.")
    if not families or (fitting and not shown):
        return review(f"The rules cannot tell whether {quote(bottleneck)} fits work that is described more than named.")
    names = " and ".join(load_catalog().families[family].name for family in families[:2])
    return not_met(
        f"{quote(bottleneck)} is no early bottleneck of {names}, and the evidence shows something else.", _ASK
    )


def shown_by(evidence: str) -> frozenset[str]:
    """List the constraints that the evidence speaks of with a measurement or a symptom, and does not wave away."""
    text = read(evidence)
    if not is_measured(evidence):
        return frozenset()
    return frozenset(entry for hit in [*names_in(text), *signals_in(text)] for entry in hit.ids)


def _constraints_of(family: str) -> frozenset[str]:
    entry = load_catalog().families[family]
    return frozenset((*entry.primary, *entry.secondary))
