"""Judge whether a workload paragraph names the work before any part: nothing is bought, ordered or picked in it.

A machine that is already owned may be mentioned; a purchase that is denied or only weighed is none.
"""

from bisect import bisect_right
from functools import cache

from workstation.answers.criteria.families import families_in
from workstation.answers.criteria.language import UNREAD, is_unread_language, says_nothing
from workstation.answers.criteria.months import months_in
from workstation.answers.criteria.parts import hardware_hits
from workstation.answers.criteria.phrases import Hit, NameBook
from workstation.answers.criteria.picks import part_lists, picked
from workstation.answers.criteria.text import Text, Token, denies, is_dismissed, is_negated, quote, read, stem
from workstation.answers.criteria.timespans import spans_in
from workstation.answers.criteria.verdict import Verdict, met, not_attempted, not_met, review
from workstation.answers.criteria.words import word_list, word_set

__all__ = ["buys", "judge_before_hardware"]

_BASKET_REACH = 25  # tokens from "in the basket" to the part
_LEAD_REACH = 12  # tokens from "whether" to the purchase
_TIME_REACH = 4  # tokens from "until" to the month: "until the end of June"
_OBJECT_REACH = 9  # tokens from a verb of buying to what is bought
_CHANGING = frozenset(map(stem, ("upgrade", "replace")))  # these take the learner's own machine as object
_REFUSAL_TOKENS = 4  # "but I will not"
_FEWEST_WORDS = 5  # fewer different ones are no paragraph, unless they name a kind of work or a time
_ASK = "Describe the work alone here; parts come later, if the evidence asks for them."


def judge_before_hardware(answer: str) -> Verdict:
    """Judge that a workload paragraph chooses no part."""
    text = read(answer)
    if not answer.strip():
        return not_attempted(next_step=_ASK)
    if is_unread_language(answer):
        return review(f"{quote(answer)} {UNREAD}")
    if says_nothing(answer) or _is_too_short(text):
        return not_attempted(f"{quote(answer)} says too little of any work to judge what it leaves out.", _ASK)
    return _weigh(text, hardware_hits(text))


def _weigh(text: Text, things: list[Hit]) -> Verdict:
    denied = _last_disclaimer(text)
    bought = [place for place in (*_buys(text, things), *picked(text, things)) if place[0] > denied]
    unsaid = next(iter(part_lists(text, things, planned=False)), None)
    chosen = next((place for place in bought if not _is_hedged(text, place[0])), None)
    weighed = next((place for place in bought if not _is_open(text, place[0])), None)
    if chosen is not None:
        return not_met(f"{quote(text.between(*chosen))} chooses a part before the work is known.", _ASK)
    if weighed is not None:
        return review(f"{quote(text.between(*weighed))} may already be a choice of hardware")
    if unsaid is not None:
        return review(f"{quote(text.between(*unsaid))} may be what you own, or what you mean to buy")
    if not _speaks_of_work(text):
        return review(f"{quote(text.source)} chooses no part, but the rules find no work in it either")
    return met(f"{quote(text.source)} speaks of the work and chooses no part.")


def _is_too_short(text: Text) -> bool:
    """Tell one word, or a few that name no work, from a paragraph: "AI" leaves everything out."""
    words = {token.stem for token in text.tokens if not token.is_number}
    if len(words) >= _FEWEST_WORDS:
        return False
    return len(words) == 1 or not (families_in(text.source) or spans_in(text))


def _speaks_of_work(text: Text) -> bool:
    return bool(families_in(text.source) or spans_in(text) or _book("work_words").find(text) or hardware_hits(text))


def _last_disclaimer(text: Text) -> int:
    """Find where a purchase is denied in as many words, which takes back what was wished for before it; else -1.

    "I need a GPU but I will not buy one" chooses none; "I will not buy one used, I order a new one" does.
    """
    verbs = _purchases().find(text)
    denied = [hit.first for hit in verbs if is_negated(text, hit.first) and _stands_for_a_part(text, hit.last)]
    waved_away = [hit.first for hit in verbs if is_dismissed(text, hit.last)]
    return max((*denied, *waved_away, *_refusals(text)), default=-1)


def _refusals(text: Text) -> list[int]:
    """Find "but I won't" and "and I will not": a clause that denies what stood before it, and says no more."""
    short = [(first, end) for first, end in text.clauses() if end - first <= _REFUSAL_TOKENS]
    words = [(first, [token.word for token in text.tokens[first:end]]) for first, end in short]
    return [first for first, said in words if {"i", "we"} & set(said) and denies(said[-1])]


def _stands_for_a_part(text: Text, last: int) -> bool:
    """Tell "not buy one", "won't buy it", "not buy anything" and "I will not buy" from "not buy the cheap one"."""
    following = text.tokens[last + 1] if last + 1 < len(text.tokens) else None
    if following is None or following.clause != text.tokens[last].clause:
        return True
    return following.word in word_set("any_part")


def buys(text: Text) -> list[tuple[int, int]]:
    """List the places where hardware is bought or picked, as (first token, last token); denied ones are left out."""
    return _buys(text, hardware_hits(text))


def _buys(text: Text, things: list[Hit]) -> list[tuple[int, int]]:
    purchases = _purchases().find(text)
    firsts = [thing.first for thing in things]
    places = [
        *(_bought(text, verb, _between(things, firsts, verb.last, _OBJECT_REACH)) for verb in _buying().find(text)),
        *(_in_basket(text, hit, _between(things, firsts, hit.first, _BASKET_REACH)) for hit in _acquired().find(text)),
        *(_new(text, thing) for thing in things),
        *(_to_be_bought(text, verb, _between(things, firsts, verb.first, _LEAD_REACH)) for verb in purchases),
    ]
    return [place for place in places if place is not None and not is_negated(text, place[0])]


@cache
def _buying() -> NameBook:
    return NameBook({word: (word,) for word in word_list("buying")})


@cache
def _acquired() -> NameBook:
    return NameBook({word: (word,) for word in word_list("acquired")})


def _between(things: list[Hit], firsts: list[int], place: int, reach: int) -> list[Hit]:
    """Take the parts named around a place; an object follows its verb, so what stands before is sorted out later."""
    return things[bisect_right(firsts, place - reach) : bisect_right(firsts, place + reach)]


def _bought(text: Text, verb: Hit, things: list[Hit]) -> tuple[int, int] | None:
    """Find what a verb of buying takes as its object: nothing but an adjective or a number may stand between."""
    tokens = text.tokens
    changes_own = tokens[verb.first].stem in _CHANGING
    bridge = word_set("bridging") | {"to"} | (word_set("owning") if changes_own else frozenset())
    for thing in things:
        if thing.first <= verb.last or tokens[thing.first].sentence != tokens[verb.last].sentence:
            continue
        between = tokens[verb.last + 1 : thing.first]
        bridged = all(t.is_number or t.word in bridge for t in between)
        if bridged and not _is_use(text, verb, thing) and not _is_expected(text, verb, thing):
            return None if _is_for_others(text, verb.first) else (verb.first, thing.last)
    return None


def _is_for_others(text: Text, first: int) -> bool:
    """Tell "a bot that helps people choose a laptop" from a choice of one's own."""
    tokens = text.tokens
    before = {t.word for t in tokens[max(0, first - 3) : first] if t.clause == tokens[first].clause}
    for_me = {t.word for t in tokens[first + 1 : first + 4]} & {"me", "us"}
    others = before & (word_set("others_who_buy") | (frozenset() if for_me else word_set("other_buyers")))
    return bool(others) and not before & word_set("buyers_self")


def _to_be_bought(text: Text, verb: Hit, things: list[Hit]) -> tuple[int, int] | None:
    """Find a purchase whose object stands before it: "a card that I will buy", "which still has to be bought"."""
    tokens = text.tokens
    if not _ends_here(text, verb.last):
        return None
    for thing in reversed(things):
        between = tokens[thing.last + 1 : verb.first]
        words = {t.word for t in (*between, tokens[verb.first])}
        if thing.last >= verb.first or tokens[thing.first].sentence != tokens[verb.first].sentence:
            continue
        own = {t.word for t in tokens[max(0, thing.first - 2) : thing.first]} & word_set("buyers_own")
        linked = all(t.is_number or t.word in _links_to_purchase() for t in between)
        to_come = words & word_set("purchase_to_come") or tokens[max(0, thing.first - 1)].word == "new"
        if linked and to_come and not words & word_set("purchase_past") and not own:
            return thing.first, verb.last
    return None


def _ends_here(text: Text, last: int) -> bool:
    """Tell "that I will buy" from "and will get data": what follows is no object."""
    following = text.tokens[last + 1] if last + 1 < len(text.tokens) else None
    if following is None or following.clause != text.tokens[last].clause:
        return True
    return following.word in word_set("function_words") | word_set("grammar_words")


@cache
def _links_to_purchase() -> frozenset[str]:
    return word_set("function_words") | word_set("grammar_words") | word_set("purchase_to_come") | {"gb", "gib", "tb"}


@cache
def _purchases() -> NameBook:
    return NameBook({word: (word,) for word in word_list("purchase_verbs")})


def _is_use(text: Text, verb: Hit, thing: Hit) -> bool:
    """Tell "the notebook needs memory", "add a memory feature" and "get the GPU to work" from choosing a part."""
    tokens = text.tokens
    after = tokens[thing.last + 1] if thing.last + 1 < len(tokens) else None
    if _is_raised(text, verb, thing):
        return False
    if after is not None and after.clause == tokens[thing.last].clause and not _ends_object(after, thing, text):
        return True
    if _is_service(text, verb, thing):
        return True
    if tokens[verb.first].stem == "need":
        return bool(verb.first) and tokens[verb.first - 1].word not in word_set("buyers")
    return False


def _is_raised(text: Text, verb: Hit, thing: Hit) -> bool:
    """Tell "upgrade the RAM to 64 GB" from "upgrade the laptop to Ubuntu"."""
    words = [token.word for token in text.tokens[thing.last + 1 : thing.last + 3]]
    return text.tokens[verb.first].stem in _CHANGING and words[:1] == ["to"] and words[-1][0].isdigit()


def _is_expected(text: Text, verb: Hit, thing: Hit) -> bool:
    """Tell "it will be a server" and "waiting for the GPU" from "it will be a Mac Studio" and "waiting for a 5090"."""
    said = " ".join(token.word for token in text.tokens[verb.first : verb.last + 1])
    between = {token.word for token in text.tokens[verb.last + 1 : thing.first]}
    words = text.between(thing.first, thing.last).casefold()
    last = text.tokens[thing.last]
    is_general = not {words, last.word, last.stem}.isdisjoint(
        word_set("machines") - word_set("product_machines") | word_set("any_machine") | word_set("not_listed_parts")
    )
    is_named = "product" in thing.ids or bool(between & word_set("one_of_many"))
    awaited = said in word_set("awaiting") and (is_general or bool(between & word_set("owning")))
    return awaited or (said in word_set("announcing") and (is_general or not is_named))


def _is_service(text: Text, verb: Hit, thing: Hit) -> bool:
    """Tell "I want a box in the flat that never sleeps" from "I want a big box": it says what the box does."""
    tokens = text.tokens
    plain = thing.first - verb.last == 2 and tokens[thing.first].word in word_set("any_machine")  # noqa: PLR2004 - "a"
    after = tokens[thing.last + 1].word if thing.last + 1 < len(tokens) else ""
    wished = tokens[verb.first].word in word_set("wish_verbs")
    return plain and wished and after in word_set("described_by")


def _ends_object(after: Token, thing: Hit, text: Text) -> bool:
    """Tell "buy a GPU first" from "build a server dashboard": only grammar and adverbs end the object."""
    if after.word == "to":
        return text.tokens[thing.first - 1].word not in word_set("owning")
    return (
        after.is_number
        or after.word in word_set("function_words") | word_set("grammar_words") | word_set("hardware_stems")
        or after.sentence != text.tokens[thing.last].sentence
    )


def _new(text: Text, thing: Hit) -> tuple[int, int] | None:
    """Find "new SSD" as an item of its own: neither "my new laptop" nor "I have a new one"."""
    tokens = text.tokens
    if thing.first == 0 or tokens[thing.first - 1].word not in {"new", "bigger", "larger"}:
        return None
    leads = [t for t in tokens[max(0, thing.first - 4) : thing.first - 1] if t.clause == tokens[thing.first].clause]
    owned = {t.word for t in leads} & word_set("having")
    is_item = not leads or leads[-1].word in {"and", "or", "a", "one"}
    return (thing.first - 1, thing.last) if is_item and not owned else None


def _in_basket(text: Text, hit: Hit, things: list[Hit]) -> tuple[int, int] | None:
    """Find a part in a sentence that says it is ordered, or in a basket."""
    sentence = text.tokens[hit.first].sentence
    if " ".join(t.word for t in text.tokens[hit.first : hit.last + 1]) not in word_set("acquired"):
        return None  # "order" is not "ordered"
    if _is_for_others(text, hit.first):
        return None
    for thing in things:
        if text.tokens[thing.first].sentence == sentence:
            return min(thing.first, hit.first), max(thing.last, hit.last)
    return None


def _is_hedged(text: Text, first: int) -> bool:
    """Tell what is weighed from what is chosen."""
    return bool(_leads(text, first) & word_set("hedges"))


def _is_open(text: Text, first: int) -> bool:
    """Tell "before I buy a card" and "whether to buy": the purchase is the open question, and nothing is chosen."""
    return bool(_leads(text, first) & word_set("open_questions"))


def _leads(text: Text, first: int) -> set[str]:
    """List the words that lead to a purchase; "until June" and "before Easter" are times, and weigh nothing."""
    tokens, sentence = text.tokens, text.tokens[first].sentence
    months = {month.place for month in months_in(text)}
    places = [place for place in range(max(0, first - _LEAD_REACH), first) if tokens[place].sentence == sentence]
    return {tokens[place].word for place in places if not _opens_a_time(text, place, months)}


def _opens_a_time(text: Text, place: int, months: set[int]) -> bool:
    """Tell "until the end of June" from "until I know more"."""
    if text.tokens[place].word not in word_set("end_links"):
        return False
    following = range(place + 1, min(place + 1 + _TIME_REACH, len(text.tokens)))
    return any(p in months or text.tokens[p].is_number or text.tokens[p].word in word_set("times") for p in following)


@cache
def _book(name: str) -> NameBook:
    return NameBook({phrase: (phrase,) for phrase in word_list(name)})
