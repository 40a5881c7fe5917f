"""Find the months that a text names, and the feasts that stand for one; "may" only where it is no verb."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from workstation.answers.criteria.text import Text
from workstation.answers.criteria.words import word_map, word_set

__all__ = ["Month", "dates_named", "months_apart", "months_in"]

_ANY_DASH = re.compile(r"[-–—/]")  # noqa: RUF001 - the dashes that people type


@dataclass(frozen=True, slots=True)
class Month:
    """A month's name in a text: at which token, which month, and of which year where it says so."""

    place: int
    number: int
    year: int | None


def months_in(text: Text) -> Iterator[Month]:
    """List the months named, in order; "may" and "march" only where they are no verbs."""
    for place, token in enumerate(text.tokens):
        number = _month_numbers().get(token.word)
        if number is not None and (token.word not in word_set("month_verbs") or _is_month_name(text, place)):
            yield Month(place, number, _year_after(text, place))


def dates_named(text: Text) -> list[Month]:
    """List the months and the feasts and seasons that stand for one, in order: "from August to Christmas"."""
    feasts = (
        Month(place, number, _year_after(text, place))
        for place, token in enumerate(text.tokens)
        if (number := _feast_months().get(token.word)) is not None
    )
    return sorted([*months_in(text), *feasts], key=lambda month: month.place)


@cache
def _feast_months() -> dict[str, int]:
    return {name: int(number) for number, names in word_map("feasts").items() for name in names}


def months_apart(left: Month, right: Month) -> int:
    """Count the months from one to the next: October to February is 4, whatever the year."""
    if left.year and right.year:
        return (right.year - left.year) * 12 + right.number - left.number
    return (right.number - left.number) % 12


@cache
def _month_numbers() -> dict[str, int]:
    tables = (word_map("months"), word_map("months_elsewhere"))
    return {name: int(number) for table in tables for number, names in table.items() for name in names}


def _is_month_name(text: Text, place: int) -> bool:
    """Tell the month from the verb: "May" after "until", beside a number or a dash."""
    tokens = text.tokens
    if place and (tokens[place - 1].is_number or tokens[place - 1].word in word_set("month_leads")):
        return True
    around = text.source[max(0, tokens[place].start - 2) : tokens[place].end + 2]
    following = tokens[place + 1] if place + 1 < len(tokens) else None
    linked = following is not None and (following.is_number or following.word in word_set("range_links"))
    return _ANY_DASH.search(around) is not None or (text.source[tokens[place].start].isupper() and linked)


def _year_after(text: Text, place: int) -> int | None:
    following = text.tokens[place + 1].word if place + 1 < len(text.tokens) else ""
    return int(following) if re.fullmatch(r"20\d\d", following) else None
