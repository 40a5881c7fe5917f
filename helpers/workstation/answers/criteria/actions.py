"""Judge a next action: it acts on the named bottleneck or collects evidence on it."""

from functools import cache

from workstation.answers.criteria.choices import decisions_in
from workstation.answers.criteria.constraints import constraint_names, named, names_in, signals_in
from workstation.answers.criteria.hardware import GRAPHICS_MODEL, buys
from workstation.answers.criteria.phrases import NameBook
from workstation.answers.criteria.text import Text, quote, read
from workstation.answers.criteria.verdict import Verdict, met, not_attempted, not_met, review
from workstation.answers.criteria.words import word_list, word_set
from workstation.catalog import load_catalog

__all__ = ["buys_graphics", "judge_next_action"]

_GPU_HELPS = frozenset({"vram", "workload-scale", "time", "cpu"})  # constraints that a graphics card can lift
_ALL_VERBS = 5  # "monitor, upgrade, close, move, rent, buy" is no action
_ASK = "Do one thing to the resource you named, or write down one figure of it before and after."


def judge_next_action(action: str, bottleneck: str, second: str, decision: str) -> Verdict:
    """Judge the next action against the first bottleneck and the decision."""
    text = read(action)
    if not action.strip():
        return not_attempted()
    chosen = named(bottleneck).chosen
    if _is_heap(text):
        return not_met(f"{quote(action)} is a list of verbs, not one action.", _ASK)
    if chosen and not chosen & _GPU_HELPS and buys_graphics(text):
        return not_met(f"{quote(action)} buys a graphics card, and the bottleneck is {constraint_names(chosen)}.", _ASK)
    if decisions_in(decision) == ["keep"] and _spends(text):
        return not_met(f"{quote(action)} spends money right after the decision to keep.", _ASK)
    return _weigh(text, chosen, named(second).chosen, decisions_in(decision))


def buys_graphics(text: Text) -> bool:
    """Tell whether a graphics card is bought in *text*."""
    return any(_is_graphics(text, first, last) for first, last in buys(text))


def _weigh(text: Text, chosen: frozenset[str], second: frozenset[str], decisions: list[str]) -> Verdict:
    action = text.source
    touched, measured = _touched(text), bool(_book("measuring").affirmed(text))
    named_here = _resources_named(text)
    if not chosen:
        return review(f"{quote(action)} cannot be compared: no single bottleneck is named.", _ASK) if measured or touched else _idle(text)
    if chosen & touched or (measured and not (named_here - chosen)):
        return met(f"{quote(action)} acts on {constraint_names(chosen)} or measures it.")
    if (chosen & _GPU_HELPS and buys_graphics(text)) or ("upgrade" in decisions and _spends(text) and not named_here):
        return met(f"{quote(action)} gets the part that lifts {constraint_names(chosen)}.")
    if set(decisions) & {"cloud", "hybrid"} and (measured or _moves_out(text) or _book("renting").affirmed(text)):
        return met(f"{quote(action)} moves the work to where {constraint_names(chosen)} is no limit.")
    if "upgrade" in decisions and measured and "power-expansion" in touched:
        return met(f"{quote(action)} checks whether the platform takes the part.")
    if measured and named_here and not touched & (chosen | second):
        return not_met(f"{quote(action)} measures something other than {constraint_names(chosen)}.", _ASK)
    if measured or touched & second:
        return review(f"{quote(action)} measures something, but not clearly {constraint_names(chosen)}.", _ASK)
    if any(load_catalog().constraints[entry].has_instrument for entry in touched):
        return not_met(f"{quote(action)} acts on something other than {constraint_names(chosen)}.", _ASK)
    return _idle(text)


def _idle(text: Text) -> Verdict:
    if _book("idle").find(text) or len(text.tokens) <= 1:
        return not_met(f"{quote(text.source)} neither changes nor measures anything.", _ASK)
    if not text:
        return not_met("There is an instruction to the grader here, and no action.", _ASK)
    return review(f"{quote(text.source)} may act on the bottleneck, but not in words that the rules know.", _ASK)


def _touched(text: Text) -> set[str]:
    """List the constraints that the words of *text* act on or observe."""
    hits = [*_targets().affirmed(text), *names_in(text), *signals_in(text), *_measures().affirmed(text)]
    return {entry for hit in hits for entry in hit.ids}


def _resources_named(text: Text) -> set[str]:
    """List the constraints named that an instrument can observe; "time" and "cost" are words of any measurement."""
    known = load_catalog().constraints
    return {entry for hit in names_in(text) for entry in hit.ids if known[entry].has_instrument}


def _moves_out(text: Text) -> bool:
    return bool({"cloud", "hybrid"} & set(_decision_words().ids(text)))


def _spends(text: Text) -> bool:
    """Tell whether money is spent: something is bought now, not if and when a measurement says so."""
    for hit in _book("purchase").affirmed(text):
        sentence = text.tokens[hit.first].sentence
        words = [t.word for t in text.tokens if t.sentence == sentence]
        ahead = {t.word for t in text.tokens[hit.last + 1 : hit.last + 5]}
        if text.tokens[hit.first].stem in {"get", "spend"} and not _buys_at(text, hit.first):
            continue
        if not ahead & word_set("not_to_buy") and not set(words[: words.index(text.tokens[hit.first].word)]) & word_set("hedges"):
            return True
    return False


def _buys_at(text: Text, first: int) -> bool:
    return any(place[0] == first for place in buys(text))


def _is_graphics(text: Text, first: int, last: int) -> bool:
    words = text.between(first, min(last + 2, len(text.tokens) - 1))
    return bool(_book("graphics").find(read(words))) or GRAPHICS_MODEL.search(words) is not None


def _is_heap(text: Text) -> bool:
    """Tell verbs in a row from an action: nearly every word is a verb of its own clause."""
    clauses = text.clauses()
    single = sum(end - start <= 1 for start, end in clauses)
    return single >= _ALL_VERBS and single >= len(clauses) - 1


@cache
def _targets() -> NameBook:
    return NameBook({entry.id: entry.targets for entry in load_catalog().constraints.values()})


@cache
def _measures() -> NameBook:
    return NameBook({entry.id: entry.measures for entry in load_catalog().constraints.values()})


@cache
def _decision_words() -> NameBook:
    return NameBook({entry.id: (*entry.aliases, *entry.signals) for entry in load_catalog().decisions.values()})


@cache
def _book(name: str) -> NameBook:
    return NameBook({phrase: (phrase,) for phrase in word_list(name)})

