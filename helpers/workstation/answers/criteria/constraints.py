"""Find which constraints a text names, and judge the first and the second bottleneck."""

import re
from dataclasses import dataclass
from functools import cache

from workstation.answers.criteria.denial import denies_any
from workstation.answers.criteria.language import says_nothing
from workstation.answers.criteria.parts import GRAPHICS_MODEL, affirmed_parts
from workstation.answers.criteria.phrases import Hit, NameBook, SignalBook, distinct, side_by_side
from workstation.answers.criteria.quantities import sizes
from workstation.answers.criteria.text import Text, denies, is_list, quote, read
from workstation.answers.criteria.verdict import Verdict, decide, met, not_attempted, not_met, review
from workstation.answers.criteria.words import word_list, word_map, word_set
from workstation.catalog import load_catalog

__all__ = [
    "A_LIST",
    "Named",
    "constraint_names",
    "judge_first_bottleneck",
    "judge_second_bottleneck",
    "measures_in",
    "mentioned_in",
    "named",
    "names_in",
    "signals_in",
    "targets_in",
]

A_LIST = 3  # so many named side by side are no choice


@dataclass(frozen=True, slots=True)
class Named:
    """What a bottleneck field names: the chosen constraint, and all that stand beside it in a list.

    `chosen` holds two ids for what truly is both ("unified memory"), `listed` each constraint once, with its words.
    """

    chosen: frozenset[str]
    listed: tuple[tuple[frozenset[str], str], ...]
    words: str  # all of the list


_FEW_TOKENS = 5
_VRAM, _RAM = frozenset({"vram"}), frozenset({"ram"})
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
_ASK_EXPECTED = (
    "Name the resource that would come first in this work, even if nothing hurts yet: "
    "the measurement is then evidence for keeping the machine."
)
_ASK_SECOND = "Name another resource that you would watch once the first one is lifted."


def judge_first_bottleneck(answer: str) -> Verdict:
    """Judge that exactly one constraint is named."""
    found, words = named(answer), quote(answer)
    names, text = quote(found.words), read(answer)
    vague = _is_vague(text) and not _names_a_part(text)
    return decide(
        (not answer.strip(), not_attempted(next_step=_ASK_FIRST)),
        (says_nothing(answer), not_met(f"{words} names no resource.", _ASK_FIRST)),
        (len(found.listed) >= A_LIST, not_met(f"{names} is a list; only one can be first.", _ASK_FIRST)),
        (len(found.listed) > 1, review(f"{names} names two, and it does not say which comes first")),
        (found.chosen, met(f"{names} names {constraint_names(found.chosen)} as the first bottleneck.")),
        (
            vague and denies_any(answer),
            not_met(f"{words} says that nothing is short, and not what would come first.", _ASK_EXPECTED),
        ),
        (vague, not_met(f"{words} names no resource.", _ASK_FIRST)),
        otherwise=review(f"{words} may mean a resource, but not in words that the rules know"),
    )


def judge_second_bottleneck(answer: str, first: str) -> Verdict:
    """Judge that a constraint other than the first is named."""
    found, before, words = named(answer), named(first).chosen, quote(answer)
    different = next(((ids, said) for ids, said in found.listed if not ids & before), None)
    other = f"{quote(different[1])} names {constraint_names(different[0])}" if different else ""
    return decide(
        (not answer.strip(), not_attempted(next_step=_ASK_SECOND)),
        (says_nothing(answer), not_met(f"{words} names no second resource.", _ASK_SECOND)),
        (
            len(found.listed) > A_LIST,
            not_met(f"{quote(found.words)} is a list, not the next thing to watch.", _ASK_SECOND),
        ),
        (
            not found.chosen and (_is_vague(read(answer)) or denies_any(answer)) and not _names_a_part(read(answer)),
            not_met(f"{words} names no second resource.", _ASK_SECOND),
        ),
        (not found.chosen, review(f"{words} may mean a resource, but not in words that the rules know")),
        (different and not before, met(f"{other} as the one to watch.")),
        (different, met(f"{other}, and the first one is {constraint_names(before)}.")),
        (found.chosen != before, review(f"{quote(found.words)} shares its memory with the first bottleneck")),
        otherwise=not_met(f"{quote(found.words)} names {constraint_names(before)}, the first one, again.", _ASK_SECOND),
    )


def named(answer: str) -> Named:
    """Read which constraint a bottleneck field chooses: names before descriptions, the head before what explains it."""
    text = read(answer)
    hits = names_in(text)
    few = len(text.tokens) <= _FEW_TOKENS
    if hits and (few or is_list(text)):
        hits = _with_graphics(text, hits)
    if not hits and few:
        hits = _alone().affirmed(text) or _absent(text)
        hits = [] if hits and hits[0].ids == _VRAM and _is_of_speed(text) else hits
    if not hits:
        return _described(text)
    hits = _without_what_is_passed(text, hits)
    run = side_by_side(text, hits)
    if len(distinct(hits)) > A_LIST and is_list(text):
        run = hits
    listed = tuple((ids, _said(text, run, ids)) for ids in distinct(run))
    if len(listed) > 1 and _is_ordered(text, run):
        return Named(run[0].ids, listed[:1], listed[0][1])
    return Named(run[0].ids, listed, text.between(run[0].first, run[-1].last))


def _without_what_is_passed(text: Text, hits: list[Hit]) -> list[Hit]:
    """Leave out what stands before the one that is meant: "after the RAM it is the CPU"."""
    leads = {token.word for token in text.tokens[max(0, hits[0].first - 2) : hits[0].first]}
    return hits[1:] if len(hits) > 1 and leads & word_set("beyond") else hits


def _said(text: Text, run: list[Hit], ids: frozenset[str]) -> str:
    hit = next(hit for hit in run if hit.ids & ids)
    return text.between(hit.first, hit.last)


def _absent(text: Text) -> list[Hit]:
    """Read what is said to be missing as what stops the work: "no GPU", "without internet"; "not RAM" denies it."""
    hits = sorted([*_names().find(text), *_alone().find(text)], key=lambda hit: hit.first)
    return [hit for hit in hits if _lacks(text, hit.first) and "" not in hit.ids]


def _lacks(text: Text, first: int) -> bool:
    before = [token.word for token in text.tokens[max(0, first - 2) : first]]
    return bool(before) and (before[-1] in word_set("lacking") or before[0] in word_set("lacking"))


def _with_graphics(text: Text, hits: list[Hit]) -> list[Hit]:
    """Count a bare "GPU" in a list of resources: "GPU, RAM, CPU"."""
    taken = {place for hit in hits for place in range(hit.first, hit.last + 1)}
    cards = [hit for hit in affirmed_parts(text) if hit.ids == _VRAM and hit.first not in taken]
    return sorted([*hits, *cards], key=lambda hit: hit.first)


def _described(text: Text) -> Named:
    """Read a constraint from its plain description; the most often described one is meant."""
    hits = signals_in(text)
    if not hits:
        return _of_part(text)
    best = frozenset(_signals().ids(text)[:1])
    first = min((hit for hit in hits if hit.ids & best), key=lambda hit: hit.first)
    words = text.between(first.first, first.last)
    return Named(best, ((best, words),), words)


def _of_part(text: Text) -> Named:
    """Read a resource from the part that holds it: "the 8 GB of my RTX" is VRAM, "the old i5" is the CPU."""
    for size in sizes(text.source):
        first = text.first_after(size.start)
        if first is not None and _card_after(text.source, size.end):
            return _one(_VRAM, text.between(first, len(text.tokens) - 1))
    hits = affirmed_parts(text)
    if not hits or (hits[0].ids == _VRAM and (len(text.tokens) > _FEW_TOKENS or _is_of_speed(text))):
        return NOTHING
    return _one(hits[0].ids, text.between(hits[0].first, hits[0].last))


def _names_a_part(text: Text) -> bool:
    return bool(affirmed_parts(text))


def _one(ids: frozenset[str], words: str) -> Named:
    return Named(ids, ((ids, words),), words)


def _is_of_speed(text: Text) -> bool:
    """Tell "the GPU is too slow" from "the GPU": it may be its memory or its speed."""
    return any(token.word in word_set("speed_words") for token in text.tokens)


def names_in(text: Text) -> list[Hit]:
    """List the constraints named and not denied, as places in the text."""
    return [hit for hit in (_on_card(text, hit) for hit in _names().affirmed(text)) if "" not in hit.ids]


def mentioned_in(text: Text) -> set[str]:
    """List the constraints named, denied or not: "storage is no topic, 300 GB are free" speaks of it."""
    return {entry for hit in _names().find(text) for entry in hit.ids if entry}


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
def _alone() -> NameBook:
    """Index what names a constraint where it stands alone: "time" does, "3 times" in a sentence does not."""
    return NameBook({entry: (entry, *word_map("alone").get(entry, ())) for entry in load_catalog().constraints})


@cache
def _signals() -> SignalBook:
    return SignalBook({entry.id: entry.signals for entry in load_catalog().constraints.values()})


@cache
def _machine() -> re.Pattern[str]:
    return re.compile(rf"(?:{'|'.join(word_list('machines'))})\b", re.IGNORECASE)


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
