"""Judge whether evidence was measured or observed: a figure, a count or a symptom under a workload; not hearsay.

Each sentence is weighed on its own, so one belief beside a measurement does no harm.

It is longer than 300 lines because all that a sentence may weigh stands in one order, to be read as one.
"""

import re
from bisect import bisect_left
from enum import Enum, auto
from functools import cache
from itertools import dropwhile

from workstation.answers.criteria.constraints import names_in, signals_in
from workstation.answers.criteria.families import families_in
from workstation.answers.criteria.phrases import Hit, NameBook
from workstation.answers.criteria.quantities import Share, has_count, has_figure, sizes, used_shares
from workstation.answers.criteria.text import Text, Token, denies, is_negated, quote, read, stem
from workstation.answers.criteria.verdict import Verdict, met, not_attempted, not_met, review
from workstation.answers.criteria.words import word_list, word_set
from workstation.catalog import load_catalog

__all__ = ["is_hearsay", "is_measured", "is_soup", "judge_measured", "leaves_room", "pressed", "sentences_of"]

_SAYING_REACH = 4  # tokens from "benchmarks" to "show"
_ROOMY = 0.75  # used of a resource: up to here it leaves room
_OF_ANYTHING = frozenset({"time", "operations"})  # constraints that any hour and any euro tell of
_INTENTION_REACH = 3  # tokens from "I will" to "measure"
_SOUP_TOKENS = 6
_SOUP_SHARE = 0.1  # of the tokens: grammar or a sign that relates
_RELATING_SIGN = re.compile(r"[=@/:<>→≈~]|->|\bx\b", re.IGNORECASE)
_AT_SIZE = re.compile(r"\bat \d[\d.,]*\s?[kmgt]i?b\b", re.IGNORECASE)  # "the card is at 23.1 GB"
_ASK = "Run the task, read one figure while it runs, and write down what showed it."


class _Weight(Enum):
    MEASURED = auto()
    DOUBTFUL = auto()
    HEARSAY = auto()
    BELIEF = auto()
    INTENTION = auto()
    INVENTORY = auto()
    NOTHING = auto()


def judge_measured(answer: str) -> Verdict:
    """Judge that a field of evidence rests on a measurement or an observed symptom."""
    text = read(answer)
    if not answer.strip():
        return not_attempted(next_step=_ASK)
    by_weight = _by_weight(text)
    words = {weight: quote(said) for weight, said in by_weight.items()}
    weight = next((weight for weight in _Weight if weight in by_weight), _Weight.NOTHING)
    if weight is _Weight.MEASURED:
        return met(f"{words[weight]} is something that you measured or saw.")
    if weight is _Weight.DOUBTFUL:
        return review(f"{words[weight]} may be a measurement, but not clearly of a task of yours.")
    return not_met(f"{words.get(weight, quote(answer))} {_REFUSED[weight]}", _ASK)


_REFUSED = {
    _Weight.HEARSAY: "is what others say, not what you saw.",
    _Weight.BELIEF: "is a belief, not an observation.",
    _Weight.INTENTION: "is a plan, and nothing is measured yet.",
    _Weight.INVENTORY: "is what the machine has, not what a task took.",
    _Weight.NOTHING: "shows no measurement of your work.",
}


def _by_weight(text: Text) -> dict[_Weight, str]:
    """Give the first sentence of each weight, up to the first that was measured: no other can outweigh it."""
    found: dict[_Weight, str] = {}
    for words in _sentences(text):
        found.setdefault(_weigh(read(words)), words)
        if _Weight.MEASURED in found:
            break
    return found


def is_measured(answer: str) -> bool:
    """Tell whether any sentence of *answer* is a measurement or an observation."""
    return any(_weigh(read(words)) is _Weight.MEASURED for words in _sentences(read(answer)))


def is_hearsay(answer: str) -> bool:
    """Tell whether *answer* rests on what others say."""
    return _is_hearsay(read(answer))


def sentences_of(answer: str) -> list[str]:
    """Cut a field of evidence into its sentences."""
    return _sentences(read(answer))


def pressed(text: Text, hits: list[Hit]) -> list[Hit]:
    """Keep the resources that run short: "80 GB free of 271 GB" leaves room for the name nearest to it.

    A symptom in the same clause weighs more: "it crashed with 60 % of RAM used".
    """
    shares = list(used_shares(text.source))
    places = [share.place for share in shares]
    hurt = {token.clause for token in text.tokens if token.word in word_set("symptoms")}
    return [hit for hit in hits if text.tokens[hit.first].clause in hurt or not _is_roomy(text, hit, shares, places)]


def leaves_room(text: Text) -> bool:
    """Tell whether *text* gives a share of something, and every one of them is roomy."""
    shares = list(used_shares(text.source))
    return bool(shares) and all(share.used <= _ROOMY for share in shares)


def _is_roomy(text: Text, hit: Hit, shares: list[Share], places: list[int]) -> bool:
    start = text.tokens[hit.first].start
    near = shares[max(0, bisect_left(places, start) - 1) : bisect_left(places, start) + 1]
    nearest = min(near, key=lambda share: abs(share.place - start), default=None)
    return nearest is not None and nearest.used <= _ROOMY


def _sentences(text: Text) -> list[str]:
    return [text.source[text.tokens[first].start : _end(text, end)] for first, end in text.sentences()]


def _end(text: Text, end: int) -> int:
    """Include the unit that follows a sentence's last word: "100 %"."""
    return text.tokens[end].start if end < len(text.tokens) else len(text.source)


def _weigh(text: Text) -> _Weight:
    apart = _weigh_apart(text)
    if apart is not None:
        return apart
    figure = _has_any_figure(text)
    if _is_hearsay(text):
        own = _names_a_program(text) or _speaks_of_own(text)
        return _Weight.DOUBTFUL if figure and own else _Weight.HEARSAY
    belief, symptom = bool(_book("beliefs").find(text)), _symptom(text)
    weigh = _weigh_figure if figure else _weigh_words
    return weigh(text, symptom=symptom, belief=belief)


def _has_any_figure(text: Text) -> bool:
    return has_figure(text.source) or has_count(text.source) or _is_reading(text)


def _weigh_apart(text: Text) -> _Weight | None:
    """Weigh what looks like a measurement and is none, whatever figure it holds; `None` for the rest."""
    intended = _intention(text)
    if intended is not None and not _book("unmeasured").find(text):
        before = read(text.source[: text.tokens[intended].start]) if intended else read("")
        return _weigh(before) if has_figure(before.source) or _symptom(before) else _Weight.INTENTION
    soup = _Weight.DOUBTFUL if _names_a_tool(text) else _Weight.NOTHING
    rungs = (
        (_book("unmeasured").find(text), _Weight.NOTHING),
        (_is_built_in(text), _Weight.INVENTORY),
        (is_soup(text), soup),
        (_has_any_figure(text) and not _is_of_computing(text), _Weight.NOTHING),
    )
    return next((weight for holds, weight in rungs if holds), None)


def _intention(text: Text) -> int | None:
    """Find where "I will measure" and "I plan to log" begin: a measurement that is still to come."""
    tokens = text.tokens
    verbs = [hit.first for name in ("measuring", "trying_out") for hit in _book(name).find(text)]
    for hit in _book("intentions").affirmed(text):
        if any(hit.last < verb <= hit.last + _INTENTION_REACH for verb in verbs):
            return next(place for place, token in enumerate(tokens) if token.clause == tokens[hit.first].clause)
    return None


def _is_built_in(text: Text) -> bool:
    """Tell "24 GB of RAM are built in" from a reading: a size that is owned, in a sentence that tells no more."""
    figures = list(sizes(text.source))
    words = {token.word for token in text.tokens}
    reads = words & (word_set("used_figures") - word_set("used_figures_of_sizes")) or any(used_shares(text.source))
    told = reads or _symptom(text) or _names_a_tool(text)
    return len(figures) == 1 and not told and bool(_book("built_in").affirmed(text))


def _weigh_words(text: Text, *, symptom: bool, belief: bool) -> _Weight:
    if symptom and not belief:
        return _Weight.MEASURED if _is_tied(text) else _Weight.DOUBTFUL
    if belief:
        return _Weight.BELIEF
    return _Weight.DOUBTFUL if _names_a_tool(text) and _is_tied(text) else _Weight.NOTHING


def is_soup(text: Text) -> bool:
    """Tell words and figures thrown together from an observation: nothing relates one of them to another.

    An observation relates by grammar ("at 16k it fails") or by a sign ("7.8/8 GB", "peak: 14 GiB").
    """
    relating = word_set("observing") | word_set("function_words") | word_set("grammar_words")
    related = sum(token.word in relating for token in text.tokens) + len(_RELATING_SIGN.findall(text.source))
    return len(text.tokens) >= _SOUP_TOKENS and related < _SOUP_SHARE * len(text.tokens)


def _is_reading(text: Text) -> bool:
    """Tell a bare number that a tool showed or that the learner counted."""
    counted = any(token.word in word_set("counting") for token in text.tokens)
    return (counted or _names_a_tool(text)) and any(token.is_number for token in text.tokens)


def _is_hearsay(text: Text) -> bool:
    """Tell what others say from what they merely appear in: "while embedding 3,000 articles" is no hearsay."""
    said = _book("sources").affirmed(text) and _book("speaking").find(text)
    heard = [hit for hit in _book("hearsay").affirmed(text) if not _is_read_off(text, hit)]
    return bool(heard or said or _is_published(text) or _is_of_others(text))


def _is_of_others(text: Text) -> bool:
    """Tell "a colleague measured 30 GB on his machine" from "I measured it while my colleague uploaded"."""
    words = {token.word for token in text.tokens}
    counted = words & word_set("counting") and words & word_set("others_own")
    return bool(counted and _book("sources").affirmed(text) and not words & word_set("first_person"))


def _is_read_off(text: Text, hit: Hit) -> bool:
    """Tell "I read 14.8 of 15.4 GB" from "I read that 16 GB are never enough"."""
    after = text.tokens[hit.last + 1 : hit.last + 1 + _SAYING_REACH]
    reads = text.tokens[hit.last].stem == "read" and text.tokens[hit.first].word in word_set("first_person")
    opines = any(t.word in word_set("sufficiency") | {"that", "about"} for t in text.tokens[hit.last + 1 :])
    return reads and not opines and any(token.is_number for token in after)


def _is_published(text: Text) -> bool:
    """Tell "benchmarks show" and "reviewers agree" from "my benchmark shows": nobody says whose they are."""
    tokens = text.tokens
    for hit in _book("publications").find(text):
        before = {token.word for token in tokens[max(0, hit.first - 3) : hit.first]}
        after = dropwhile(_is_about_a_medium, tokens[hit.last + 1 : hit.last + 2 + _SAYING_REACH])
        said = next(after, None)
        if not before & word_set("first_person") and said is not None and said.stem in _saying_stems():
            return True
    return False


def _is_about_a_medium(token: Token) -> bool:
    """Tell "reviews on the web" from "the blog index"."""
    return token.word in word_set("function_words") | word_set("public_places")


@cache
def _saying_stems() -> frozenset[str]:
    return frozenset(map(stem, word_list("publishing")))


def _speaks_of_own(text: Text) -> bool:
    """Tell "my card" from "my teacher"."""
    owners = (place for place, token in enumerate(text.tokens) if token.word in {"my", "mine", "our"})
    owned = (text.tokens[place + 1].stem if place + 1 < len(text.tokens) else "" for place in owners)
    return any(word not in _source_stems() for word in owned)


@cache
def _source_stems() -> frozenset[str]:
    return frozenset(map(stem, word_list("sources")))


def _weigh_figure(text: Text, *, symptom: bool, belief: bool) -> _Weight:
    words = {token.word for token in text.tokens}
    observed = symptom or bool(words & word_set("observing")) or _names_a_tool(text)
    if _is_assertion(text) and not symptom:
        return _Weight.BELIEF
    if _book("guesses").find(text) and not _names_a_tool(text):
        return _Weight.BELIEF if _book("to_come").find(text) and not symptom else _Weight.DOUBTFUL
    if belief and not (symptom or _names_a_tool(text) or words & word_set("used_figures")):
        return _Weight.DOUBTFUL
    if _is_listed(text) or not observed or (not symptom and _is_specification(text, words)):
        return _Weight.DOUBTFUL
    return _Weight.MEASURED


def _is_of_computing(text: Text) -> bool:
    """Tell "3 of 5 runs" from "3 bananas in 20 minutes": a size, or any word of a machine or its work."""
    if next(sizes(text.source), None) is not None or any(used_shares(text.source)):
        return True
    named = [hit for hit in (*names_in(text), *signals_in(text)) if not hit.ids <= _OF_ANYTHING]
    symptoms = word_set("symptoms") - word_set("units_of_time")
    hurt = _book("symptom_phrases").affirmed(text) or any(t.word in symptoms for t in text.tokens)
    return bool(named or hurt) or _names_a_tool(text) or _is_tied(text) or _names_work(text)


def _names_work(text: Text) -> bool:
    known = word_set("work_nouns") | word_set("work_words") | word_set("hardware") | word_set("count_nouns")
    machine = known - word_set("units_of_time")
    return any(token.word in machine or token.stem in machine for token in text.tokens)


def _is_assertion(text: Text) -> bool:
    """Tell "it is obvious that 12 GB can't be enough" from a reading: a size is too little, and none was read."""
    words = {token.word for token in text.tokens}
    read_off = words & (word_set("used_figures") - word_set("used_figures_of_sizes"))
    shown = any(used_shares(text.source)) or has_count(text.source) or _names_a_tool(text)
    weighed = words & word_set("sufficiency") or any(map(denies, words))
    return bool(_book("certainties").find(text) and weighed) and not read_off and not shown


def _is_specification(text: Text, words: set[str]) -> bool:
    """Tell "my laptop has 16 GB of RAM" from a reading: a size that is owned, and nothing that happens."""
    return (
        next(sizes(text.source), None) is not None
        and bool(words & word_set("owned_figures"))
        and not words & (word_set("used_figures") - word_set("used_figures_of_sizes"))
        and not has_count(text.source)
        and not _AT_SIZE.search(text.source)
    )


def _is_listed(text: Text) -> bool:
    """Tell a heap of figures from an observation: many commas, no grammar."""
    parts, relating = text.source.count(",") + 1, word_set("observing") | word_set("function_words")
    grammar = sum(token.word in relating for token in text.tokens)
    return parts >= 6 and grammar < parts / 2  # noqa: PLR2004 - a pasted line of output has fewer


def _symptom(text: Text) -> bool:
    signals = signals_in(text) or _book("symptom_phrases").affirmed(text)
    words = [
        place for place, t in enumerate(text.tokens) if t.word in word_set("symptoms") and not is_negated(text, place)
    ]
    return bool(signals or words)


def _is_tied(text: Text) -> bool:
    words = {token.word for token in text.tokens}
    return bool(words & word_set("tie_words")) or bool(families_in(text.source))


def _names_a_tool(text: Text) -> bool:
    return bool(_tools().find(text))


def _names_a_program(text: Text) -> bool:
    """Tell a tool from a unit: "tok/s" is said by whoever repeats a figure."""
    rates = {hit.first for hit in _book("rates").find(text)}
    return any(hit.first not in rates for hit in _tools().find(text))


@cache
def _tools() -> NameBook:
    measures = {entry.id: set(entry.measures) - word_set("no_tools") for entry in load_catalog().constraints.values()}
    return NameBook(
        {entry: [phrase for phrase in phrases if "memory" not in phrase] for entry, phrases in measures.items()}
    )


@cache
def _book(name: str) -> NameBook:
    return NameBook({phrase: (phrase,) for phrase in word_list(name)})
