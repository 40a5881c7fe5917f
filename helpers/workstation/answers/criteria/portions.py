"""Find work that is taken in smaller portions: "250 pages a run", "month by month", "in three sections".

Whatever the work is made of, less of it at a time needs less memory; so no list has to name pages and pictures.
"""

import re
from functools import cache

from workstation.answers.criteria.text import Text, is_negated, stem
from workstation.answers.criteria.words import word_list, word_set

__all__ = ["takes_portions"]

_BY_TURNS = re.compile(r"\b(\w{3,}) (?:by|after|for) (?:the |an)?(?:\1|other|next)s?\b", re.IGNORECASE)
_NOT_AT_ONCE = re.compile(
    r"\bnot (?:all|everything|every \w+|so many|that many)\b[^.!?]{0,40}?\b(?:at once|together|at a time|same time)\b",
    re.IGNORECASE,
)
_PART_REACH = 4  # tokens from "half" to what is halved


def takes_portions(text: Text, other: str = "") -> bool:
    """Tell whether work is cut into parts, done in turns, or made smaller; none that *other* memory alone holds.

    *other* names the list of what fills it: rows of a table never fill a card, nor a prompt the main memory.
    """
    if other and any(token.stem in _stems(other) for token in text.tokens):
        return False
    if _BY_TURNS.search(text.source) or _NOT_AT_ONCE.search(text.source):
        return True
    return bool(_per_turn().search(text.source) or _in_parts().search(text.source)) or _is_cut(text)


def _is_cut(text: Text) -> bool:
    """Tell "split the chapter" and "half the pages" from "half of the money is gone"."""
    leads = word_set("portion_verbs") | word_set("portion_amounts")
    for place, token in enumerate(text.tokens):
        following = [each for each in text.tokens[place + 1 : place + 1 + _PART_REACH] if each.clause == token.clause]
        told = {each.stem for each in following} & _stems("portioned")
        if (token.word in leads or token.stem in leads) and told and not is_negated(text, place):
            return True
    return False


@cache
def _stems(name: str) -> frozenset[str]:
    return frozenset(map(stem, word_list(name)))


@cache
def _per_turn() -> re.Pattern[str]:
    counts, turns = _any("portion_counts"), _any("portion_turns")
    return re.compile(
        rf"\b(?:\d+|{counts})\s+(?:\w+\s+){{0,3}}?(?:per|a|each|every|at a|at one|in one|in each|in a)\s+(?:{turns})\b",
        re.IGNORECASE,
    )


@cache
def _in_parts() -> re.Pattern[str]:
    counts, parts = _any("portion_counts"), _any("portion_parts")
    kinds = _any("portioned")
    sizes = r"small|smaller|short|shorter|several|separate|different|equal|more|many"
    return re.compile(
        rf"\b(?:in|into|as|over|across)\s+(?:(?:\d+|{counts}|{sizes})\s+){{0,2}}(?:{parts})\b"
        rf"|\bby (?:the )?(?:{kinds})\b",
        re.IGNORECASE,
    )


def _any(name: str) -> str:
    return "|".join(map(re.escape, word_list(name)))
