"""Find what is done in a next action: verbs that do nothing ("think about it", "see how it goes") lead to no act."""

from collections.abc import Iterator
from functools import cache
from itertools import pairwise

from workstation.answers.criteria.phrases import NameBook
from workstation.answers.criteria.text import Text
from workstation.answers.criteria.words import word_list, word_set

__all__ = ["VERB_LISTS", "consumes", "doing_in"]

VERB_LISTS = ("measuring", "purchase", "renting", "fitting_in", "idle", "acting")
_MEDIA_REACH = 4  # tokens from "watch" to "reviews"


def doing_in(text: Text) -> Text:
    """Leave out the parts of an action that do nothing: "just see how it goes", "think about it", "watch reviews"."""
    idle = {place for first, end in _segments(text) if _is_idle(text, first, end) for place in range(first, end)}
    if not idle:
        return text
    source = list(text.source)
    for place in idle:
        token = text.tokens[place]
        source[token.start : token.end] = " " * (token.end - token.start)
    return Text("".join(source), tuple(token for place, token in enumerate(text.tokens) if place not in idle))


def _segments(text: Text) -> Iterator[tuple[int, int]]:
    """Cut clauses where a new verb is joined: "see how it goes / and log swap"."""
    verbs = {hit.first for name in (*VERB_LISTS, "pondering") for hit in _book(name).find(text)}
    for first, end in text.clauses():
        cuts = [
            p for p in range(first + 1, end - 1) if text.tokens[p].word in word_set("segment_links") and p + 1 in verbs
        ]
        yield from pairwise([first, *cuts, end])


def _is_idle(text: Text, first: int, end: int) -> bool:
    """Tell whether a part of an action begins with a verb that does nothing, and measures nothing after it."""
    leads = word_set("function_words") | word_set("verb_leads") | word_set("segment_links")
    head = next((place for place in range(first, end) if text.tokens[place].word not in leads), None)
    if head is None:
        return False
    begins = [
        hit
        for name in ("idle", "pondering")
        for hit in _book(name).find(text)
        if first <= hit.first <= head <= hit.last
    ]
    last = max((hit.last for hit in begins), default=head)
    measured = any(last < hit.first < end for hit in _book("measuring").find(text))
    return (bool(begins) and not measured) or consumes(text, head, end)


def consumes(text: Text, head: int, end: int) -> bool:
    """Tell "watch YouTube reviews" from "watch the memory"."""
    near = range(head + 1, min(end, head + 1 + _MEDIA_REACH))
    plain = word_set("function_words") | word_set("media")
    heads = (place for place in near if place + 1 == end or text.tokens[place + 1].word in plain)
    consumed = any(text.tokens[place].word in word_set("media") for place in heads)
    return text.tokens[head].word in word_set("consuming") and consumed


@cache
def _book(name: str) -> NameBook:
    return NameBook({phrase: (phrase,) for phrase in word_list(name)})
