"""Find which constraints a text names, and judge the first and the second bottleneck."""

import re
from dataclasses import dataclass
from functools import cache

from workstation.answers.criteria.hardware import GRAPHICS_MODEL
from workstation.answers.criteria.phrases import Hit, NameBook, SignalBook, distinct, side_by_side
from workstation.answers.criteria.quantities import sizes
from workstation.answers.criteria.text import Text, denies, is_list, quote, read
from workstation.answers.criteria.verdict import Verdict, decide, met, not_attempted, not_met, review
from workstation.answers.criteria.words import word_list, word_set
from workstation.catalog import load_catalog

__all__ = [
    "A_LIST",
    "Named",
    "constraint_names",
    "judge_first_bottleneck",
    "judge_second_bottleneck",
    "measures_in",
    "named",
    "names_in",
    "signals_in",
    "targets_in",
]

A_LIST = 3  # so many named side by side are no choice


@dataclass(frozen=True, slots=True)
class Named:
    """What a bottleneck field names: the chosen constraint, and all that stand beside it in a list.

    `chosen` holds two ids for what truly is both ("unified memory").
    """

    chosen: frozenset[str]
    listed: tuple[frozenset[str], ...]
    words: str


_FEW_TOKENS = 5
_VRAM, _RAM, _CPU = frozenset({"vram"}), frozenset({"ram"}), frozenset({"cpu"})
_OF_THE = re.compile(
    r"\s+(?:of|on|in)\s+(?:(?:the|my|its|our|a|an|one|old|single|nvidia|amd|intel)\s+){0,3}", re.IGNORECASE
)
_CARD = re.compile(
    rf"{GRAPHICS_MODEL.pattern}|(?:rtx|gtx|rx|geforce|radeon|quadro|tesla|arc|gpu|card|graphics)\b", re.IGNORECASE
)
_CARD_BEFORE = re.compile(rf"(?:{GRAPHICS_MODEL.pattern})(?:'s)?\s+$", re.IGNORECASE)
_CARD_REACH = 24  # characters back from "memory" to the card's name

NOTHING = Named(frozenset(), (), "")
_ASK_FIRST = "Name the one resource that runs out first: VRAM, RAM, storage, thermals, power, CPU, network or another."
_ASK_SECOND = "Name another resource that you would watch once the first one is lifted."


def judge_first_bottleneck(answer: str) -> Verdict:
    """Judge that exactly one constraint is named."""
    found, words = named(answer), quote(answer)
    names = quote(found.words)
    return decide(
        (not answer.strip(), not_attempted()),
        (len(found.listed) >= A_LIST, not_met(f"{names} is a list; only one can be first.", _ASK_FIRST)),
        (len(found.listed) > 1, review(f"{names} names two, and it does not say which comes first.")),
        (found.chosen, met(f"{names} names {constraint_names(found.chosen)} as the first bottleneck.")),
        (_is_vague(read(answer)), not_met(f"{words} names no resource.", _ASK_FIRST)),
        otherwise=review(f"{words} may mean a resource, but not in words that the rules know."),
    )


def judge_second_bottleneck(answer: str, first: str) -> Verdict:
    """Judge that a constraint other than the first is named."""
    found, before, words = named(answer), named(first).chosen, quote(answer)
    names, unusual = quote(found.words), f"{words} may mean a resource, but not in words that the rules know."
    different = [ids for ids in (found.chosen, *found.listed) if not ids & before]
    return decide(
        (not answer.strip(), not_attempted()),
        (len(found.listed) > A_LIST, not_met(f"{names} is a list, not the next thing to watch.", _ASK_SECOND)),
        (
            not found.chosen and _is_vague(read(answer)),
            not_met(f"{words} names no second resource.", _ASK_SECOND),
        ),
        (not found.chosen, review(unusual)),
        (different, met(f"{names} is another bottleneck to watch.")),
        (found.chosen != before, review(f"{names} shares its memory with the first bottleneck.")),
        otherwise=not_met(f"{names} is the first bottleneck in other words.", _ASK_SECOND),
    )


def named(answer: str) -> Named:
    """Read which constraint a bottleneck field chooses: names before descriptions, the head before what explains it."""
    text = read(answer)
    hits = names_in(text)
    if not hits and len(text.tokens) <= _FEW_TOKENS:
        hits = _ids().affirmed(text)
    if not hits:
        return _described(text)
    run = side_by_side(text, hits)
    if len(distinct(hits)) > A_LIST and is_list(text):
        run = hits
    listed = distinct(run)
    if len(listed) > 1 and _is_ordered(text, run):
        listed = listed[:1]
    return Named(run[0].ids, tuple(listed), text.between(run[0].first, run[-1].last))


def _described(text: Text) -> Named:
    """Read a constraint from its plain description; the most often described one is meant."""
    hits = signals_in(text)
    if not hits:
        return _of_part(text)
    best = frozenset(_signals().ids(text)[:1])
    first = min((hit for hit in hits if hit.ids & best), key=lambda hit: hit.first)
    return Named(best, (best,), text.between(first.first, first.last))


def _of_part(text: Text) -> Named:
    """Read a resource from the part that holds it: "the 8 GB of my RTX" is VRAM, "the old i5" is the CPU."""
    for size in sizes(text.source):
        if _card_after(text.source, size.end):
            first = next(place for place, token in enumerate(text.tokens) if token.end > size.start)
            return Named(_VRAM, (_VRAM,), text.between(first, len(text.tokens) - 1))
    hits = _processors().affirmed(text)
    return Named(_CPU, (_CPU,), text.between(hits[0].first, hits[0].last)) if hits else NOTHING


def names_in(text: Text) -> list[Hit]:
    """List the constraints named and not denied, as places in the text."""
    return [hit for hit in (_on_card(text, hit) for hit in _names().affirmed(text)) if "" not in hit.ids]


def _on_card(text: Text, hit: Hit) -> Hit:
    """Read "the memory of the 3060" and "the 3060's memory" as graphics memory, "the memory of my PC" as RAM."""
    if hit.ids != _RAM and text.tokens[hit.first].word != "memory":
        return hit
    start, end = text.tokens[hit.first].start, text.tokens[hit.last if hit.ids == _RAM else hit.first].end
    if _card_after(text.source, end) or _CARD_BEFORE.search(text.source[max(0, start - _CARD_REACH) : start]):
        return Hit(_VRAM, hit.first, hit.last)
    link = _OF_THE.match(text.source, end)
    of_machine = link is not None and _machine().match(text.source, link.end()) is not None
    return Hit(_RAM, hit.first, hit.last) if of_machine else hit


def _card_after(source: str, place: int) -> bool:
    link = _OF_THE.match(source, place)
    return link is not None and _CARD.match(source, link.end()) is not None


def signals_in(text: Text) -> list[Hit]:
    """List the places where a constraint is plainly described."""
    return _signals().find(text)


def constraint_names(ids: frozenset[str]) -> str:
    """Write constraint ids by their names."""
    return " and ".join(load_catalog().constraints[entry].name for entry in sorted(ids))


def measures_in(text: Text) -> list[Hit]:
    """List the words of observations, tools among them, as places in the text."""
    return _measures().affirmed(text)


def targets_in(text: Text) -> list[Hit]:
    """List the words of actions that act on a constraint, as places in the text."""
    return _targets().affirmed(text)


@cache
def _targets() -> NameBook:
    return NameBook({entry.id: entry.targets for entry in load_catalog().constraints.values()})


@cache
def _measures() -> NameBook:
    return NameBook({entry.id: entry.measures for entry in load_catalog().constraints.values()})


@cache
def _names() -> NameBook:
    constraints = load_catalog().constraints.values()
    names = {entry.id: (entry.name, *entry.aliases) for entry in constraints}
    return NameBook({**names, "": word_list("not_constraints")}, forgiving=True)


@cache
def _ids() -> NameBook:
    """Index the ids as names: "time" alone names a constraint, "3 times" in a sentence does not."""
    return NameBook({entry: (entry,) for entry in load_catalog().constraints})


@cache
def _signals() -> SignalBook:
    return SignalBook({entry.id: entry.signals for entry in load_catalog().constraints.values()})


@cache
def _machine() -> re.Pattern[str]:
    return re.compile(rf"(?:{'|'.join(word_list('machines'))})\b", re.IGNORECASE)


@cache
def _processors() -> NameBook:
    return NameBook({word: (word,) for word in word_list("processors")})


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
    vague = {place for hit in _vague().find(text) for place in range(hit.first, hit.last + 1)}
    content = [place for place, token in enumerate(text.tokens) if token.word not in word_set("function_words")]
    return 2 * len(vague) >= len(content)
