"""Find parts that a text picks without a verb of buying: "my choice is a 5090", "goal: two 3090", lists of parts."""

from workstation.answers.criteria.phrases import Hit
from workstation.answers.criteria.text import Text, Token, denies, is_negated
from workstation.answers.criteria.words import word_set

__all__ = ["part_lists", "picked"]

_LIST_REACH = 25  # tokens that a list of parts, or the noun that leads to one, may take
_CHOICE_REACH = 3  # tokens between a part and "is", or "is the plan"
_COPULAS = frozenset({"is", "are", "be"})


def picked(text: Text, things: list[Hit]) -> list[tuple[int, int]]:
    """List the parts that are picked without a verb of buying: "my choice is a 5090", and lists of parts."""
    parts = frozenset(place for thing in things for place in range(thing.first, thing.last + 1))
    chosen = [(max(0, thing.first - 1), thing.last) for thing in things if _is_chosen(text, thing, parts)]
    return [*chosen, *part_lists(text, things, planned=True)]


def _is_chosen(text: Text, thing: Hit, parts: frozenset[int]) -> bool:
    """Tell "my choice for these months is a 5090", "goal: a 5090" and "a 5090 plus a 9950X3D is the plan".

    "My target machine is the laptop I own" chooses none.
    """
    if {t.word for t in text.tokens[thing.last + 1 : thing.last + 1 + _CHOICE_REACH]} & word_set("owned_by"):
        return False
    around = text.tokens[max(0, thing.first - _LIST_REACH) : thing.first]
    before = [t for t in around if t.sentence == text.tokens[thing.first].sentence]
    nouns = [place for place, t in enumerate(before) if t.word in word_set("choice_nouns") or _is_gift(before, place)]
    if nouns and not is_negated(text, thing.first) and _leads_to(text, before[nouns[-1] + 1 :], thing):
        return True
    last = _end_of_list(text, thing, parts)
    said = [
        t.word for t in text.tokens[last + 1 : last + 3 + _CHOICE_REACH] if t.sentence == text.tokens[last].sentence
    ]
    chosen = bool(set(said[1:]) & word_set("choice_nouns"))
    return bool(_COPULAS & set(said[:1])) and chosen and not any(map(denies, said))


def _is_gift(tokens: list[Token], place: int) -> bool:
    """Tell "my birthday present" from "my present machine"."""
    return place > 0 and tokens[place].word == "present" and tokens[place - 1].word in word_set("gift_days")


def _leads_to(text: Text, between: list[Token], thing: Hit) -> bool:
    """Tell "my aim is a 5090" and "aim: a 5090" from "my choice of models runs on a 5090"."""
    words, start = [t.word for t in between], text.tokens[thing.first].start
    near = set(words[-_CHOICE_REACH:])
    if any(map(denies, words)) or near & word_set("owning") - {"the", "this"}:
        return False
    colon = ":" in text.source[max(0, (between[0].start if between else start) - 2) : start]
    bare = all(t.is_number or t.word in word_set("bridging") | _COPULAS for t in between)
    return bool(_COPULAS & near) or (bare and (colon or bool(_COPULAS & set(words))))


def _end_of_list(text: Text, thing: Hit, parts: frozenset[int]) -> int:
    """Find the last word of a part and of the parts listed after it: "RTX 5090 + 9950X3D"."""
    links = word_set("part_links") | word_set("hardware_stems")
    last = thing.last
    for place in range(thing.last + 1, min(thing.last + 1 + _LIST_REACH, len(text.tokens))):
        token = text.tokens[place]
        belongs = token.is_number or len(token.word) == 1 or token.word in links or place in parts
        if token.sentence != text.tokens[last].sentence or token.word in _COPULAS or not belongs:
            break
        last = place
    return last


def part_lists(text: Text, things: list[Hit], *, planned: bool) -> list[tuple[int, int]]:
    """Find verbless lists of parts: *planned* ones ("Plan: 2x 4090, 128 GB RAM"), or those at a sentence's head."""
    found = []
    things = [hit for hit in things if text.tokens[hit.first].word not in word_set("not_listed_parts")]
    for first, end in text.sentences():
        run = _verbless(text, [thing for thing in things if first <= thing.first < end])
        leads = {t.word for t in text.tokens[first : run[0].first] if not t.is_number} if run else set()
        is_plan = bool(leads & word_set("part_list_leads"))
        allowed = word_set("part_list_leads") | {"my", "our"} if is_plan else frozenset()
        bare = leads <= word_set("part_links") | allowed
        if len(run) > 1 and bare and is_plan == planned:
            found.append((run[0].first, run[-1].last))
    return found


def _verbless(text: Text, things: list[Hit]) -> list[Hit]:
    """Take the parts of a sentence, from the first on, between which nothing but sizes and links stands."""
    run = things[:1]
    for thing in things[1:]:
        between = text.tokens[run[-1].last + 1 : thing.first]
        if not all(t.is_number or t.word in word_set("part_links") for t in between):
            break
        run.append(thing)
    sized = [t for hit in run for t in text.tokens[max(0, hit.first - 2) : hit.last + 1] if t.is_number]
    return run if len(sized) > 1 else []
