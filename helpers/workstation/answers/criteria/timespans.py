"""Read spans of time out of a text: durations, month names, terms, quarters, dates; each as a range of weeks.

A span of the past ("in the last five months") or of data ("six months of logs") is none. Durations are read from the
words joined by single spaces, so that one pattern covers "3-6 months", "three to six months" and "3 or 6 full months".
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import accumulate, pairwise

from workstation.answers.criteria.months import Month, dates_named, months_apart
from workstation.answers.criteria.text import Text
from workstation.answers.criteria.words import word_list, word_map, word_set

__all__ = ["LONGEST_WEEKS", "Span", "spans_in"]

SHORTEST_WEEKS, LONGEST_WEEKS = 9.5, 31.0
WEEKS_A_MONTH, WEEKS_A_QUARTER, WEEKS_HALF_A_YEAR, WEEKS_A_YEAR = 4.35, 13, 26, 52
SEVEN_MONTHS_WEEKS = 7 * WEEKS_A_MONTH
SHORTEST_MONTHS, LONGEST_MONTHS = 2, 6  # from one month's name to another's: October to February is 4
MARGIN_MONTHS = 1
_PERFECT_REACH = 7  # words from "been" to the span that has passed
_END_REACH = 7  # tokens from "start" or "end" to the month
_LINK_REACH = 9  # tokens between two month names of one span
_SHARES = {"third": 1 / 3, "quarter": 1 / 4, "half": 1 / 2}
_SHARE = re.compile(r"\b(third|quarter|half) of (?:the|a|this|next) year\b")
_HALF = re.compile(r"(?<!and a )\bhalf (?:an? )?(year|semester|term)\b")
_HALF_NAMED = re.compile(r"\bh [12]\b|\b(?:first|second|1st|2nd|other) half of (?:20\d\d|(?:the|this|next) year)\b")
_CALENDAR_WEEKS = re.compile(
    r"\bweeks? (\d{1,2}) (?:(?:to|until|till|through|and) )?(?:(?:calendar )?week )?(\d{1,2})\b"
)
_QUARTER = re.compile(r"\bq ([1-4])\b")
_DATES = (
    re.compile(r"\b(?P<year>20\d\d)-(?P<month>\d{1,2})-(?P<day>\d{1,2})\b"),
    re.compile(r"\b(?P<day>\d{1,2})[./](?P<month>\d{1,2})[./](?P<year>20\d\d)\b"),
)
_FRACTION_BARS = frozenset({"/", "\u2044"})
_DASH = re.compile(r"(?<!\w)[-–—/]|[-–—/](?!\w)")  # noqa: RUF001 - the dashes that people type


@dataclass(frozen=True, slots=True)
class Span:
    """A span as a range of weeks, and the words that name it."""

    low_weeks: float
    high_weeks: float
    words: str

    @property
    def fits(self) -> bool:
        """Tell whether it is about 3 to 6 months."""
        return self.low_weeks >= SHORTEST_WEEKS and (self.high_weeks <= LONGEST_WEEKS and not self.is_seven_months)

    @property
    def is_seven_months(self) -> bool:
        """Tell what is a little more than half a year and just below the limit: a person looks at it."""
        return self.low_weeks == self.high_weeks == SEVEN_MONTHS_WEEKS

    @property
    def overlaps(self) -> bool:
        """Tell whether it may be."""
        return self.low_weeks <= LONGEST_WEEKS and self.high_weeks >= SHORTEST_WEEKS


class _Words:
    """A text's words joined by single spaces, and the way back to the learner's own words; "1/2" reads as "half"."""

    def __init__(self, text: Text) -> None:
        self.text = text
        words = list(_spelled(text))
        self.joined = " ".join(words)
        self._starts = list(accumulate((len(word) + 1 for word in words), initial=0))

    def original(self, match: re.Match[str]) -> str:
        first = bisect_right(self._starts, match.start()) - 1
        return self.text.between(first, bisect_right(self._starts, match.end() - 1) - 1)


def _spelled(text: Text) -> Iterator[str]:
    """Give a word for each token: "4 1/2 months" and "4½ months" are four and a half, "1/2 year" is half of one."""
    tokens, halves = text.tokens, {place for place in range(len(text.tokens) - 1) if _is_half(text, place)}
    for place, token in enumerate(tokens):
        if place in halves:
            yield "and a" if place and tokens[place - 1].is_number else "about"
        else:
            yield "half" if place - 1 in halves else token.word


def _is_half(text: Text, place: int) -> bool:
    one, two = text.tokens[place : place + 2]
    return one.word == "1" and two.word == "2" and text.source[one.end : two.start] in _FRACTION_BARS


def spans_in(text: Text) -> list[Span]:
    """List the spans of time that a text names."""
    words = _Words(text)
    return [
        *_durations(words),
        *_terms(words),
        *_month_spans(text),
        *_dates(text),
        *_quarters(words),
        *_calendar_weeks(words),
    ]


@cache
def _duration() -> re.Pattern[str]:
    spelled = [word for words in word_map("numbers").values() for word in words]
    number = rf"\d+(?:[.,]\d+)?|{_any(spelled)}"
    low = rf"\d+(?:[.,]\d+)?|{_any(word for word in spelled if word not in {'a', 'an'})}"
    links, fillers = _any(word_list("range_links")), _any(word_list("span_fillers"))
    return re.compile(
        rf"\b(?:(?P<low>{low}) (?:(?:{links}) )?)?(?P<high>{number}) (?P<half>and (?:a|one) half )?"
        rf"(?:(?:{fillers}) ){{0,3}}(?P<unit>{_any(_unit_weeks())})\b"
    )


def _any(words: Iterator[str] | list[str] | tuple[str, ...] | dict[str, float]) -> str:
    return "|".join(sorted(map(re.escape, words), key=len, reverse=True))


@cache
def _unit_weeks() -> dict[str, float]:
    table = {word: float(key) / 100 for key, words in word_map("spans").items() for word in words}
    return table | {f"{word}s": weeks for word, weeks in table.items()}


@cache
def _number_words() -> dict[str, float]:
    return {word: float(key) for key, words in word_map("numbers").items() for word in words}


def _number(word: str) -> float:
    return _number_words()[word] if word in _number_words() else float(word.replace(",", "."))


def _durations(words: _Words) -> Iterator[Span]:
    """Find "4 months", "10 to 30 weeks", "four and a half months", "a couple of weeks"."""
    for match in _duration().finditer(words.joined):
        if _is_rate(words, match) or _is_past(words, match) or _is_amount_of_things(words, match):
            continue
        if _before(words, match, 2) == ["not", "for"]:
            continue
        high = _number(match["high"]) + (0.5 if match["half"] else 0)
        low = _number(match["low"]) if match["low"] else high
        weeks = _unit_weeks()[match["unit"]]
        yield Span(min(low, high) * weeks, high * weeks, words.original(match))


def _before(words: _Words, match: re.Match[str], count: int) -> list[str]:
    return words.joined[: match.start()].split(" ")[-count - 1 : -1]


def _is_rate(words: _Words, match: re.Match[str]) -> bool:
    """Tell "two runs a week" from "for a week"."""
    before = _before(words, match, 1)
    return match["high"] in {"a", "an"} and bool(before and before[0]) and before[0] not in word_set("span_leads")


def _is_past(words: _Words, match: re.Match[str]) -> bool:
    after, before = words.joined[match.end() + 1 :].split(" ", 1)[0], _before(words, match, _PERFECT_REACH)
    has_lasted = before[-1:] == ["for"] and "been" in before  # "this has been my hobby for four months"
    return has_lasted or after in word_set("past_after") or bool(set(before[-3:]) & word_set("past_before"))


def _is_amount_of_things(words: _Words, match: re.Match[str]) -> bool:
    """Tell "six months of sensor data" from "six months of data science"."""
    return _of_things().match(words.joined, match.end()) is not None


@cache
def _of_things() -> re.Pattern[str]:
    things, activities = _any(word_list("of_things")), _any(word_list("activities"))
    return re.compile(rf" (?:of|worth) (?:of )?(?!\w+ing\b)(?:\w+ ){{0,2}}(?:{things})\b(?! (?:{activities})\b)")


def _terms(words: _Words) -> Iterator[Span]:
    """Find "this semester", "half a year", "a third of the year", "H1 2026"."""
    for match in _term().finditer(words.joined):
        weeks = _unit_weeks()[match[1]]
        yield Span(weeks, weeks, words.original(match))
    for match in _HALF.finditer(words.joined):
        weeks = _unit_weeks()[match[1]] / 2
        yield Span(weeks, weeks, words.original(match))
    for match in _SHARE.finditer(words.joined):
        weeks = _SHARES[match[1]] * WEEKS_A_YEAR
        yield Span(weeks, weeks, words.original(match))
    for match in _HALF_NAMED.finditer(words.joined):
        yield Span(WEEKS_HALF_A_YEAR, WEEKS_HALF_A_YEAR, words.original(match))


@cache
def _term() -> re.Pattern[str]:
    leads = _any(word_list("term_leads"))
    return re.compile(rf"\b(?:{leads}) (semester|term|trimester|quarter)\b(?! of)")


def _calendar_weeks(words: _Words) -> Iterator[Span]:
    """Read "week 3 to week 20" and "weeks 40 to 5"."""
    for match in _CALENDAR_WEEKS.finditer(words.joined):
        weeks = (int(match[2]) - int(match[1])) % WEEKS_A_YEAR
        yield Span(weeks, weeks, words.original(match))


def _quarters(words: _Words) -> Iterator[Span]:
    """Read "Q1 and half of Q2": from the first one named to the last."""
    found = list(_QUARTER.finditer(words.joined))
    if found:
        count = (int(found[-1][1]) - int(found[0][1])) % 4 + 1
        yield Span(WEEKS_A_QUARTER, count * WEEKS_A_QUARTER, words.original(found[0]))


def _month_spans(text: Text) -> Iterator[Span]:
    for left, right in (*_month_ends(text), *_month_ranges(text)):
        count, words = months_apart(left, right), text.between(*sorted((left.place, right.place)))
        if SHORTEST_MONTHS <= count <= LONGEST_MONTHS:
            yield Span(SHORTEST_WEEKS, LONGEST_WEEKS, words)
        elif SHORTEST_MONTHS - MARGIN_MONTHS <= count <= LONGEST_MONTHS + MARGIN_MONTHS:
            yield Span(0, LONGEST_WEEKS + 1, words)
        else:
            yield Span(count * WEEKS_A_MONTH, (count + 1) * WEEKS_A_MONTH, words)


def _month_ends(text: Text) -> Iterator[tuple[Month, Month]]:
    """Join months that are said to be start and end, in either order: "End: 30 June. Start: 1 March"."""
    named = dates_named(text)
    starts = [month for month in named if _is_led_by(text, month, "starting") or _is_now(text, month)]
    ends = [month for month in named if _is_led_by(text, month, "ending") and not _is_now(text, month)]
    if len(starts) == len(ends) == 1 and starts[0].place != ends[0].place:
        yield starts[0], ends[0]


def _is_now(text: Text, month: Month) -> bool:
    """Tell "it is the end of June now" from any other month."""
    near = text.tokens[max(0, month.place - _END_REACH) : month.place + 2]
    words = [token.word for token in near if token.clause == text.tokens[month.place].clause]
    return bool({"now", "today", "presently"} & set(words)) and bool({"is", "it's"} & set(words))


def _is_led_by(text: Text, month: Month, name: str) -> bool:
    """Tell whether the last word of a start or an end before a month is of the list *name*."""
    known = word_set("starting") | word_set("ending")
    words = [t.word for t in text.tokens[max(0, month.place - _END_REACH) : month.place] if t.word in known]
    before = text.tokens[max(0, month.place - 1) : month.place]
    by = name == "ending" and any(token.word == "by" for token in before)
    return by or (bool(words) and words[-1] in word_set(name))


def _month_ranges(text: Text) -> Iterator[tuple[Month, Month]]:
    """Join months that stand in one range or row: "Feb to May", "Feb/March/April/May"."""
    first = last = None
    for month in dates_named(text):
        if last is not None and _are_linked(text, last, month):
            last = month
            continue
        if first is not None and last is not None and last is not first:
            yield first, last
        first = last = month
    if first is not None and last is not None and last is not first:
        yield first, last


def _are_linked(text: Text, left: Month, right: Month) -> bool:
    between = text.tokens[left.place + 1 : right.place]
    gap = text.source[text.tokens[left.place].end : text.tokens[right.place].start]
    linked = any(token.word in word_set("month_links") for token in between) or _DASH.search(gap) is not None
    return linked and len(between) <= _LINK_REACH


def _dates(text: Text) -> Iterator[Span]:
    for pattern in _DATES:
        for left, right in pairwise(pattern.finditer(text.source)):
            start, end = _date(left), _date(right)
            if start and end and end > start:
                weeks = (end - start).days / 7
                yield Span(weeks, weeks, text.source[left.start() : right.end()])


def _date(match: re.Match[str]) -> date | None:
    try:
        return date(int(match["year"]), int(match["month"]), int(match["day"]))
    except ValueError:
        return None
