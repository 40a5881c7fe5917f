"""Find the parts of a machine that a text names, and the constraint that each of them lifts."""

import re
from collections.abc import Iterator
from functools import cache

from workstation.answers.criteria.phrases import Hit, NameBook
from workstation.answers.criteria.quantities import sizes
from workstation.answers.criteria.text import Text, Token, is_dismissed, is_negated
from workstation.answers.criteria.words import word_list, word_set
from workstation.catalog._platform import load_platform_rules

__all__ = ["GRAPHICS_MODEL", "affirmed_parts", "gets_a_card", "hardware_hits", "parts_in"]

# Product names of graphics cards, processors and small machines: "RTX 5090", "RX 7900 XT", "Ryzen 9", "M4 Max".
GRAPHICS_MODEL = re.compile(
    r"\b(?:(?:rtx|gtx|geforce|quadro|tesla|titan|radeon|arc|rx)\s+(?:(?:rtx|gtx|pro|rx)\s+)?[a-z]?\d{3,4}\b"
    r"(?:\s?(?:ti|super|xtx|xt|gre|ada)\b)*"
    r"|[5-9]\d\d0\s?(?:xtx|xt|gre)\b|[pv](?:40|100)s?\b|[345]0[5-9]0(?:\s?ti\b)?(?![.,]?\d)"
    r"|(?:a|h|b|l)(?:100|200|40|40s|30|10|6000|5000|4000)\b|mi\d{3}x?\b)",
    re.IGNORECASE,
)
_DRIVE_BYTES = 500e9  # a size from here on is a drive's
_KIT = re.compile(r"\b\d\s?x\s?(?:8|16|24|32|48|64)\b", re.IGNORECASE)
_VRAM, _RAM, _STORAGE = frozenset({"vram"}), frozenset({"ram"}), frozenset({"storage"})


def hardware_hits(text: Text) -> list[Hit]:
    """List parts and machines named, product names included."""
    hits = _hardware().find(text)
    starts = {token.start: place for place, token in enumerate(text.tokens)}
    for match in GRAPHICS_MODEL.finditer(text.source):
        first = starts.get(match.start())
        if first is not None:
            inside = [p for p in range(first, min(first + 6, len(text.tokens))) if text.tokens[p].start < match.end()]
            last = inside[-1]
            hits.append(Hit(frozenset({"product"}), first, last))
    return sorted(hits, key=lambda hit: hit.first)


def parts_in(text: Text) -> list[Hit]:
    """List the parts of a machine, each with the constraint that it lifts: a graphics card is VRAM, a DIMM is RAM."""
    hits = [*_parts().find(text), *(_modules(text))]
    starts = {token.start: place for place, token in enumerate(text.tokens)}
    cards = (starts.get(match.start()) for match in GRAPHICS_MODEL.finditer(text.source))
    return sorted(
        [*hits, *(Hit(_VRAM, place, place) for place in cards if place is not None)], key=lambda hit: hit.first
    )


def affirmed_parts(text: Text) -> list[Hit]:
    """List the parts that are neither denied nor waved away."""
    return [hit for hit in parts_in(text) if not is_negated(text, hit.first) and not is_dismissed(text, hit.last)]


def gets_a_card(text: Text) -> bool:
    """Tell "replace the card by a bigger one" and "put in a stronger GPU" from "repaste the GPU" and "add a fan"."""
    cards = [hit for hit in affirmed_parts(text) if "vram" in hit.ids]
    taken = {hit.first for hit in cards}
    words = text.tokens
    cards += [
        Hit(frozenset({"vram"}), place, place)
        for place, token in enumerate(words)
        if token.stem == "card"
        and place not in taken
        and not (place and words[place - 1].word in word_set("other_cards"))
    ]
    if any(_leads(text, card) for card in cards):
        return True
    return any(_is_object(text, verb, card) for verb in _replacing().affirmed(text) for card in cards)


def _leads(text: Text, card: Hit) -> bool:
    """Tell "an RTX 5070 for the slow disk": a card, and no verb before it, is meant to be got."""
    before = [token.word for token in text.tokens[: card.first]]
    rest = (token for token in text.tokens[card.last + 1 :] if not _names_the_card(token))
    after = next(rest, None)
    ends = after is None or after.word in word_set("function_words") or after.clause > 0
    return bool(before) and ends and before[0] in word_set("one_of_many") and set(before) <= word_set("bridging")


def _names_the_card(token: Token) -> bool:
    return token.is_number or token.word in word_set("hardware_stems")


def _is_object(text: Text, verb: Hit, card: Hit) -> bool:
    tokens, between = text.tokens, text.tokens[verb.last + 1 : card.first]
    if card.first <= verb.last or tokens[card.first].sentence != tokens[verb.last].sentence:
        return False
    said = " ".join(token.word for token in text.tokens[verb.first : verb.last + 1])
    if said in word_set("placing") and {token.word for token in between} & word_set("owning"):
        return False  # "put the card into the lower slot" gets none
    bridge = word_set("bridging") | word_set("owning") | {"to"}
    after = tokens[card.last + 1] if card.last + 1 < len(tokens) else None
    plain = word_set("function_words") | word_set("grammar_words") | word_set("hardware_stems")
    ends = after is None or after.clause != tokens[card.last].clause or after.is_number or after.word in plain
    whole = not tokens[card.last].word.endswith("'s")
    return all(token.is_number or token.word in bridge for token in between) and ends and whole


def _modules(text: Text) -> Iterator[Hit]:
    """Read "32 GB" and "2x16" as memory, "2 TB" as a drive."""
    found = [(size.start, _STORAGE if size.size_bytes >= _DRIVE_BYTES else _RAM) for size in sizes(text.source)]
    found += [(match.start(), _RAM) for match in _KIT.finditer(text.source)]
    for offset, ids in found:
        place = text.first_after(offset)
        if place is not None:
            yield Hit(ids, place, place)


@cache
def _hardware() -> NameBook:
    return NameBook({word: (word,) for word in word_list("hardware")})


@cache
def _parts() -> NameBook:
    """Index the parts that the platform rules know, and graphics cards and processors, by what they lift."""
    upgrades = load_platform_rules().upgrades.values()
    parts = {entry.constraint: (entry.id, entry.name, *entry.aliases) for entry in upgrades}
    more = {"vram": word_list("graphics"), "cpu": word_list("processors")}
    return NameBook({entry: (*parts.get(entry, ()), *more.get(entry, ())) for entry in {*parts, *more}})


@cache
def _replacing() -> NameBook:
    return NameBook({phrase: (phrase,) for phrase in word_list("replacing")})
