"""Judge a next action: it acts on the named bottleneck or collects evidence on it."""

from functools import cache

from workstation.answers.criteria.choices import decisions_in
from workstation.answers.criteria.constraints import (
    constraint_names,
    measures_in,
    named,
    names_in,
    signals_in,
    targets_in,
)
from workstation.answers.criteria.doing import VERB_LISTS, consumes, doing_in
from workstation.answers.criteria.hardware import buys
from workstation.answers.criteria.parts import GRAPHICS_MODEL, affirmed_parts, gets_a_card
from workstation.answers.criteria.phrases import NameBook
from workstation.answers.criteria.quantities import has_count, has_figure
from workstation.answers.criteria.text import Text, quote, read
from workstation.answers.criteria.verdict import Verdict, decide, met, not_attempted, not_met, review
from workstation.answers.criteria.words import word_list, word_set
from workstation.catalog import load_catalog

__all__ = ["buys_graphics", "does_anything", "judge_next_action", "measures_something", "spends"]

_GPU_HELPS = frozenset({"vram", "workload-scale", "time", "cpu"})  # constraints that a graphics card can lift
_LIFTED_BY_NO_RENTED_CARD = frozenset({"ram", "storage", "network"})
_SHOWN_BY_TOOLS_OF_THEIR_OWN = frozenset({"ram", "vram", "storage", "network", "thermals"})
_OBJECT_FIRST_REACH = 7  # tokens from the card back to a verb that follows it
_CONDITION_REACH = 25  # tokens from "if" to what is bought then
_ALL_VERBS = 5  # "monitor, upgrade, close, move, rent, buy" is no action
_ROW_OF_VERBS = 4
_ASK = "Do one thing to the resource you named, or write down one figure of it before and after."


def judge_next_action(action: str, bottleneck: str, second: str, decision: str) -> Verdict:
    """Judge the next action against the first bottleneck and the decision."""
    text, chosen, decisions = read(action), named(bottleneck).chosen, decisions_in(decision)
    words, name = quote(action), constraint_names(chosen)
    doing = doing_in(text)
    wrong_part = chosen and not chosen & _GPU_HELPS and (buys_graphics(text) or gets_a_card(text))
    return decide(
        (not action.strip(), not_attempted(next_step=_ASK)),
        (_is_heap(text), not_met(f"{words} is a list of verbs, not one action.", _ASK)),
        (wrong_part, not_met(f"{words} buys a graphics card, and the bottleneck is {name}.", _ASK)),
        (decisions == ["keep"] and spends(text), not_met(f"{words} spends money right after choosing to keep.", _ASK)),
        (doing.tokens != text.tokens and not does_anything(doing), _undone(text, chosen)),
        otherwise=_weigh(doing, words, chosen, named(second).chosen, set(decisions))
        if chosen
        else _unaimed(doing, words),
    )


def does_anything(text: Text) -> bool:
    """Tell whether *text* acts on anything, measures it or buys it."""
    return bool(_touched(text)) or measures_something(text) or spends(text) or bool(affirmed_parts(text))


def _undone(text: Text, chosen: frozenset[str]) -> Verdict:
    """Judge what is only hoped or thought of: an act on the bottleneck that is weighed is for a person."""
    words, weighed = quote(text.source), _book("pondering").find(text) and _touched(text) & chosen
    if weighed and not any(consumes(text, *place) for place in text.clauses()):
        return review(f"{words} weighs an act, and does not say that it is done.")
    return not_met(f"{words} neither changes nor measures anything.", _ASK)


def buys_graphics(text: Text) -> bool:
    """Tell whether a graphics card is bought in *text*: "buy a GPU", "an RTX 5060 is what I'll buy"."""
    return any(_is_graphics(text, first, last) for first, last in buys(text)) or any(
        _is_graphics(text, max(0, hit.first - _OBJECT_FIRST_REACH), hit.first - 1)
        for hit in _book("purchase").affirmed(text)
        if hit.first and _ends_sentence(text, hit.last)
    )


def _ends_sentence(text: Text, last: int) -> bool:
    return last + 1 == len(text.tokens) or text.tokens[last + 1].sentence != text.tokens[last].sentence


def _weigh(text: Text, words: str, chosen: frozenset[str], second: frozenset[str], decisions: set[str]) -> Verdict:
    measured, meant = measures_something(text), _memory_meant(text, chosen)
    touched = _touched(text) | meant
    shown = _told_by_tools(text) if chosen <= _SHOWN_BY_TOOLS_OF_THEIR_OWN else set[str]()
    others = (_resources_named(text) | shown) - ({"ram", "vram"} if meant else set())
    name = constraint_names(chosen)
    moved = _moves_out(text) or _book("renting").affirmed(text)
    lifted = _lifted_by_parts(text)
    fits = "upgrade" in decisions and _fits_in(text) and not others and (not lifted or lifted & chosen)
    part = (chosen & _GPU_HELPS and (buys_graphics(text) or gets_a_card(text))) or fits
    return decide(
        (
            chosen & touched or (measured and not others - chosen),
            met(f"{words} acts on {name} or measures it."),
        ),
        (part, met(f"{words} gets the part that lifts {name}.")),
        (
            chosen <= _LIFTED_BY_NO_RENTED_CARD and _rents_a_card(text),
            not_met(f"{words} rents a graphics card, and the bottleneck is {name}.", _ASK),
        ),
        (decisions & {"cloud", "hybrid"} and moved, met(f"{words} moves the work to where {name} is no limit.")),
        (decisions & {"cloud", "hybrid"} and measured, met(f"{words} measures the work that is to move.")),
        (
            "upgrade" in decisions and measured and "power-expansion" in touched,
            met(f"{words} checks whether the platform takes the part."),
        ),
        (
            measured and others and not touched & (chosen | second),
            not_met(f"{words} measures something other than {name}.", _ASK),
        ),
        (measured, review(f"{words} measures something, but not clearly {name}.")),
        (touched & second, review(f"{words} acts on the second bottleneck, and not clearly on {name}.")),
        (touched & _with_instruments(), not_met(f"{words} acts on something other than {name}.", _ASK)),
        otherwise=_idle(text, words),
    )


def _unaimed(text: Text, words: str) -> Verdict:
    """Judge an action beside a first bottleneck that names nothing."""
    if measures_something(text) or _touched(text):
        return review(f"{words} cannot be compared: no single bottleneck is named.")
    return _idle(text, words)


def _idle(text: Text, words: str) -> Verdict:
    if _book("idle").find(text) or len(text.tokens) <= 1:
        return not_met(f"{words} neither changes nor measures anything.", _ASK)
    if not text:
        return not_met("There is an instruction to the grader here, and no action.", _ASK)
    return review(f"{words} may act on the bottleneck, but not in words that the rules know.")


def _lifted_by_parts(text: Text) -> set[str]:
    """List the constraints that the parts named lift; a bare size may be any part's."""
    named_parts = (hit for hit in affirmed_parts(text) if not text.tokens[hit.first].is_number)
    return {entry for hit in named_parts for entry in hit.ids}


def _touched(text: Text) -> set[str]:
    """List the constraints that the words of *text* act on or observe."""
    hits = [*targets_in(text), *names_in(text), *signals_in(text)]
    return {entry for hit in hits for entry in hit.ids} | _observed(text)


def _observed(text: Text) -> set[str]:
    """List the constraints that are observed; of a tool that shows several, the one that stands beside it.

    "Watch the CPU bars of htop" observes the processor, and "watch htop" the memory or the processor.
    """
    beside = _resources_named(text)
    return {entry for hit in measures_in(text) for entry in (hit.ids & beside or hit.ids)}


def _told_by_tools(text: Text) -> set[str]:
    """List what an instrument shows where its name stands for a resource: "free -h" is RAM, "nvidia-smi" the card."""
    told = [
        hit for hit in measures_in(text) if _book("resource_programs").find(read(text.between(hit.first, hit.last)))
    ]
    return {entry for hit in told for entry in hit.ids if entry in _with_instruments()}


def _rents_a_card(text: Text) -> bool:
    """Tell "rent a GPU" from "rent a GPU machine" and "rent a server"."""
    rented = _book("renting").affirmed(text)
    machines = _book("machines").find(text) or any(t.word in word_set("rented_machines") for t in text.tokens)
    return bool(rented) and not machines and bool(_book("graphics").find(text))


def _resources_named(text: Text) -> set[str]:
    """List the constraints named that an instrument can observe; "time" and "cost" are words of any measurement."""
    return {entry for hit in names_in(text) for entry in hit.ids} & _with_instruments()


def _memory_meant(text: Text, chosen: frozenset[str]) -> set[str]:
    """Read a bare "memory" as the one that is the bottleneck: whoever compares models on a card means the card's."""
    bare = any(hit.first == hit.last and text.tokens[hit.first].word == "memory" for hit in names_in(text))
    return set(chosen & {"ram", "vram"}) if bare else set()


def measures_something(text: Text) -> bool:
    """Tell a measurement: a verb that says so, or one that may, with something of the machine or work to look at."""
    measuring = _book("measuring").affirmed(text)
    loose = {hit.first for hit in _book("loose_measuring").find(text)}
    return any(hit.first not in loose for hit in measuring) or (bool(measuring) and _has_object(text))


def _has_object(text: Text) -> bool:
    """Tell whether anything of a machine, its work or a reading is named."""
    words = {token.word for token in text.tokens} | {token.stem for token in text.tokens}
    named_work = words & (
        word_set("tie_words") | word_set("work_nouns") | word_set("work_words") | word_set("hardware")
    )
    return (
        bool(named_work or _touched(text) or affirmed_parts(text)) or has_figure(text.source) or has_count(text.source)
    )


@cache
def _with_instruments() -> frozenset[str]:
    return frozenset(entry.id for entry in load_catalog().constraints.values() if entry.has_instrument)


def _moves_out(text: Text) -> bool:
    return bool({"cloud", "hybrid"} & set(_decision_words().ids(text)))


def spends(text: Text) -> bool:
    """Tell whether money is spent: something is bought now, not if and when a measurement says so."""
    verbs = {
        hit.first: hit.last for hit in (*_book("purchase").affirmed(text), *_book("purchase_verbs").affirmed(text))
    }
    bought = [(first, last) for first, last in buys(text) if text.tokens[first].word not in word_set("not_spending")]
    return any(_spends_at(text, first, last) for first, last in (*verbs.items(), *bought))


def _spends_at(text: Text, first: int, last: int) -> bool:
    tokens = text.tokens
    before = {t.word for t in tokens[max(0, first - _CONDITION_REACH) : first] if t.sentence == tokens[first].sentence}
    after = {t.word for t in tokens[last + 1 : last + 5]}
    if first and tokens[first - 1].word == "in" and after & {"to", "that"}:
        return False  # "in order to"
    is_purchase = tokens[first].stem not in {"get", "spend", "pick"} or _buys_at(text, first)
    return is_purchase and not after & word_set("not_to_buy") and not before & word_set("hedges")


def _fits_in(text: Text) -> bool:
    return bool(_book("fitting_in").affirmed(text)) or spends(text)


def _buys_at(text: Text, first: int) -> bool:
    return any(place[0] == first for place in buys(text))


def _is_graphics(text: Text, first: int, last: int) -> bool:
    """Tell whether a span of tokens names a graphics card."""
    words = text.between(first, min(last + 2, len(text.tokens) - 1))
    return bool(_book("graphics").find(read(words))) or GRAPHICS_MODEL.search(words) is not None


def _is_heap(text: Text) -> bool:
    """Tell verbs in a row from an action: nearly every word is a verb of its own clause."""
    clauses = text.clauses()
    single = sum(end - start <= 1 for start, end in clauses)
    verbs = {hit.first for name in VERB_LISTS for hit in _book(name).find(text)}
    in_a_row = any(_is_row(text, verbs, first, end) for first, end in clauses)
    return (single >= _ALL_VERBS and single >= len(clauses) - 1) or in_a_row


def _is_row(text: Text, verbs: set[int], first: int, end: int) -> bool:
    """Tell "log measure buy rent close" from a clause: verbs in one row, and no grammar between them."""
    grammar = word_set("function_words") | word_set("grammar_words")
    if any(token.word in grammar for token in text.tokens[first:end]):
        return False
    return sum(place in verbs for place in range(first, end)) >= _ROW_OF_VERBS


@cache
def _decision_words() -> NameBook:
    return NameBook({entry.id: (*entry.aliases, *entry.signals) for entry in load_catalog().decisions.values()})


@cache
def _book(name: str) -> NameBook:
    return NameBook({phrase: (phrase,) for phrase in word_list(name)})
