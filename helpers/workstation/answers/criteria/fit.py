"""Judge whether the first bottleneck fits the work, or is shown by the evidence."""

from workstation.answers.criteria.constraints import A_LIST, constraint_names, named, names_in, signals_in
from workstation.answers.criteria.families import families_in, named_families
from workstation.answers.criteria.measurements import is_measured, leaves_room, pressed, sentences_of
from workstation.answers.criteria.text import quote, read
from workstation.answers.criteria.verdict import Verdict, met, not_attempted, not_met, review
from workstation.catalog import load_catalog

__all__ = ["judge_fit", "shown_by"]

_ASK = "Quote the measurement in which this resource ran out, or name one that your kind of work runs into first."


def judge_fit(bottleneck: str, workloads: tuple[str, ...], evidence: str) -> Verdict:
    """Judge that the bottleneck is the family's primary or secondary one, or that the evidence shows it."""
    found = named(bottleneck)
    if not bottleneck.strip():
        return not_attempted(next_step=_ASK)
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
        return met(f"{quote(bottleneck)} is a bottleneck that work of the kind {quote(name)} meets early.")
    shown, name = shown_by(evidence), constraint_names(chosen)
    words = next((said for entry, said in shown.items() if entry in chosen), "")
    if words:
        return met(f"The evidence shows {name}: {quote(words)}.")
    if not families or (fitting and not shown) or _speaks_of_nothing(evidence):
        return review(f"The rules cannot tell whether {quote(bottleneck)} fits the work and the evidence")
    return not_met(_misfit(bottleneck, families, evidence), _ASK)


def _speaks_of_nothing(evidence: str) -> bool:
    """Tell a measurement that names no resource, and leaves none room, from one of something else."""
    sentences = [words for words in sentences_of(evidence) if is_measured(words)]
    texts = [read(words) for words in sentences]
    return bool(texts) and not any(names_in(text) or signals_in(text) or leaves_room(text) for text in texts)


def _misfit(bottleneck: str, families: list[str], evidence: str) -> str:
    work = " and ".join(quote(load_catalog().families[family].name) for family in families[:2])
    told = f"{quote(evidence)} does not show it" if evidence.strip() else "no evidence shows it"
    return f"{quote(bottleneck)} is no early bottleneck of {work}, and {told}."


def shown_by(evidence: str) -> dict[str, str]:
    """Map the constraints that the evidence shows under pressure to the sentence that does.

    A sentence shows what it speaks of with a measurement or a symptom, and neither waves away nor measures as roomy.
    """
    shown: dict[str, str] = {}
    for words in sentences_of(evidence):
        text = read(words)
        if is_measured(words):
            hits = pressed(text, [*names_in(text), *signals_in(text)])
            shown = {entry: words for hit in hits for entry in sorted(hit.ids)} | shown
    return shown


def _constraints_of(family: str) -> frozenset[str]:
    entry = load_catalog().families[family]
    return frozenset((*entry.primary, *entry.secondary))
