"""Tell whether a text names a threshold at all: what has one and is no rule is for a person, what has none is prose."""

from collections.abc import Sequence

from workstation.catalog._planning import load_planning_words
from workstation.planning import _lexicon as lexicon
from workstation.planning._cursor import Cursor
from workstation.planning._tokens import Token

__all__ = ["has_metric_with_number", "has_threshold"]

_SIGN_REACH = 3  # tokens from a comparison to its number
_NUMBER_REACH = 8  # tokens from a metric to its number


def has_threshold(tokens: Sequence[Token]) -> bool:
    """Tell whether a number is compared: beside a comparison, a share in %, or the name of a metric."""
    return any(_is_threshold(tokens, place) for place in range(len(tokens)))


def has_metric_with_number(tokens: Sequence[Token]) -> bool:
    """Tell whether a number follows a metric's name closely: in a condition, that was meant as a threshold."""
    for place in range(len(tokens)):
        if lexicon.metrics().at(tokens, place) is None:
            continue
        for near in range(place + 1, min(len(tokens), place + _NUMBER_REACH)):
            after = Cursor("", tokens, near + 1)
            if tokens[near].kind == "number" and not after.comes(lexicon.phrases("week"), lexicon.phrases("month")):
                return True
    return False


def _is_threshold(tokens: Sequence[Token], place: int) -> bool:
    cursor = Cursor("", tokens, place)
    token = tokens[place]
    known = {*load_planning_words().numbers, *load_planning_words().words["not_numbers"]}
    is_number = token.kind == "number" or (token.kind == "word" and token.word in known)
    if not is_number:
        return False
    cursor.place += 1
    if cursor.comes(lexicon.phrases("week"), lexicon.phrases("month")):
        return False
    if cursor.comes(lexicon.units("percent"), lexicon.signs_after(), lexicon.signs()) or _metric_follows(cursor):
        return True
    return any(
        (sign := lexicon.signs().at(tokens, before)) is not None and before + sign[1] <= place
        for before in range(max(0, place - _SIGN_REACH - 2), place)
    )


def _metric_follows(cursor: Cursor) -> bool:
    place = cursor.place
    cursor.skip(lexicon.phrases("filler"))
    follows = cursor.comes(lexicon.metrics())
    cursor.place = place
    return follows
