"""Find which constraints a text names, and judge the first and the second bottleneck."""

from dataclasses import dataclass
from functools import cache

from workstation.answers.criteria.phrases import Hit, NameBook, SignalBook, distinct, side_by_side
from workstation.answers.criteria.text import Text, denies, quote, read
from workstation.answers.criteria.verdict import Verdict, met, not_attempted, not_met, review
from workstation.answers.criteria.words import word_list, word_set
from workstation.catalog import load_catalog

__all__ = ["Named", "constraint_names", "judge_first_bottleneck", "judge_second_bottleneck", "named", "names_in", "signals_in"]

A_LIST = 3  # so many named side by side are no choice


@dataclass(frozen=True, slots=True)
class Named:
    """What a bottleneck field names: the chosen constraint, and all that stand beside it in a list.

    `chosen` holds two ids for what truly is both ("unified memory").
    """

    chosen: frozenset[str]
    listed: tuple[frozenset[str], ...]
    others: frozenset[str]  # named elsewhere in the field
    words: str


_FEW_TOKENS = 5

NOTHING = Named(frozenset(), (), frozenset(), "")
_ASK_FIRST = "Name the one resource that runs out first: VRAM, RAM, storage, thermals, power, CPU, network or another."
_ASK_SECOND = "Name another resource that you would watch once the first one is lifted."


def judge_first_bottleneck(answer: str) -> Verdict:
    """Judge that exactly one constraint is named."""
    if not answer.strip():
        return not_attempted()
    found = named(answer)
    if len(found.listed) >= A_LIST:
        return not_met(f"{quote(found.words)} is a list; only one can be first.", _ASK_FIRST)
    if len(found.listed) > 1:
        return review(f"{quote(found.words)} names two, and it does not say which comes first.", _ASK_FIRST)
    if found.chosen:
        return met(f"{quote(found.words)} names {constraint_names(found.chosen)} as the first bottleneck.")
    if _is_vague(read(answer)):
        return not_met(f"{quote(answer)} names no resource.", _ASK_FIRST)
    return review(f"{quote(answer)} may mean a resource, but not in words that the rules know.", _ASK_FIRST)


def judge_second_bottleneck(answer: str, first: str) -> Verdict:
    """Judge that a constraint other than the first is named."""
    if not answer.strip():
        return not_attempted()
    found, before = named(answer), named(first)
    if len(found.listed) > A_LIST:
        return not_met(f"{quote(found.words)} is a list, not the next thing to watch.", _ASK_SECOND)
    if not found.chosen:
        if _is_vague(read(answer)):
            return not_met(f"{quote(answer)} names no second resource.", _ASK_SECOND)
        return review(f"{quote(answer)} may mean a resource, but not in words that the rules know.", _ASK_SECOND)
    different = [ids for ids in (found.chosen, *found.listed) if not ids & before.chosen]
    if different or (before.chosen and not found.chosen & before.chosen):
        return met(f"{quote(found.words)} is another bottleneck to watch.")
    if found.others - before.chosen and not found.chosen <= before.chosen:
        return review(f"{quote(answer)} names the first bottleneck again, beside others.", _ASK_SECOND)
    if len(found.chosen | before.chosen) > 1:
        return review(f"{quote(found.words)} shares its memory with the first bottleneck.", _ASK_SECOND)
    return not_met(f"{quote(found.words)} is the first bottleneck in other words.", _ASK_SECOND)


def named(answer: str) -> Named:
    """Read which constraint a bottleneck field chooses: names before descriptions, the head before what explains it."""
    text = read(answer)
    hits = names_in(text)
    if not hits:
        described = [hit for hit in signals_in(text)]
        if not described:
            return NOTHING
        first = min(described, key=lambda hit: hit.first)
        best = _signals().ids(text)[0]
        return Named(frozenset({best}), (frozenset({best}),), frozenset(_signals().ids(text)), text.between(first.first, first.last))
    run = side_by_side(text, hits)
    listed = distinct(run)
    if len(listed) > 1 and _is_ordered(text, run):
        listed = listed[:1]
    others = frozenset(entry for hit in hits for entry in hit.ids)
    return Named(run[0].ids, tuple(listed), others, text.between(run[0].first, run[-1].last))


def names_in(text: Text) -> list[Hit]:
    """List the constraints named and not denied, as places in the text."""
    return [hit for hit in _names().affirmed(text) if "" not in hit.ids]


def signals_in(text: Text) -> list[Hit]:
    """List the places where a constraint is plainly described."""
    return _signals().find(text)


def constraint_names(ids: frozenset[str]) -> str:
    """Write constraint ids by their names."""
    return " and ".join(load_catalog().constraints[entry].name for entry in sorted(ids))


@cache
def _names() -> NameBook:
    constraints = load_catalog().constraints.values()
    names = {entry.id: (entry.id, entry.name, *entry.aliases) for entry in constraints}
    return NameBook({**names, "": word_list("not_constraints")}, forgiving=True)


@cache
def _signals() -> SignalBook:
    return SignalBook({entry.id: entry.signals for entry in load_catalog().constraints.values()})


@cache
def _vague() -> NameBook:
    return NameBook({word: (word,) for word in word_list("vague")})


def _is_ordered(text: Text, run: list[Hit]) -> bool:
    words = {token.word for token in text.tokens[run[0].last + 1 : run[-1].first]}
    return bool(words & word_set("orderings"))


def _is_vague(text: Text) -> bool:
    """Tell "everything a bit, hard to say" and denials from words that may name something."""
    if _names().find(text) or not text.tokens:
        return True  # named, but every one of them denied
    if len(text.tokens) <= _FEW_TOKENS and any(denies(token.word) for token in text.tokens):
        return True
    return bool(_vague().find(text))
