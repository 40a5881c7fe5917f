"""Judge whether a paragraph looks about 3 to 6 months ahead: spans, month names, terms, quarters.

DESIGN 6 counts 10 to 30 weeks, named any way people name them. A span that is about the past or about data is none.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache

from workstation.answers.criteria.text import Text, Token, quote, read
from workstation.answers.criteria.verdict import Verdict, met, not_attempted, not_met, review
from workstation.answers.criteria.words import word_list, word_map, word_set

__all__ = ["judge_horizon"]

SHORTEST_WEEKS, LONGEST_WEEKS = 9.5, 31.0
WEEKS_A_MONTH = 4.35
_SHORTEST_MONTHS, _LONGEST_MONTHS = 2, 6  # from one month's name to another's: October to February is 4
_MARGIN_MONTHS = 1
_LINK_REACH = 9  # tokens between two month names of one span
_HALF_YEAR = re.compile(r"\bh[12]\b(?=\W+(?:of\s+)?(?:20\d\d|this|next|is|\W|$))|\b(?:first|second|1st|2nd|other) half of (?:20\d\d|(?:the|this|next) year)\b", re.IGNORECASE)
_ISO_DATE = re.compile(r"\b(20\d\d)-(\d{1,2})-(\d{1,2})\b")
_DOTTED_DATE = re.compile(r"\b(\d{1,2})[./](\d{1,2})[./](20\d\d)\b")


@dataclass(frozen=True, slots=True)
class _Span:
    low_weeks: float
    high_weeks: float
    words: str

    @property
    def fits(self) -> bool:
        return SHORTEST_WEEKS <= self.low_weeks and self.high_weeks <= LONGEST_WEEKS

    @property
    def overlaps(self) -> bool:
        return self.low_weeks <= LONGEST_WEEKS and self.high_weeks >= SHORTEST_WEEKS


@dataclass(frozen=True, slots=True)
class _Month:
    place: int
    number: int
    year: int | None


def judge_horizon(answer: str, *, captured_at: str | None = None) -> Verdict:
    """Judge the time box of a workload paragraph; *captured_at* (ISO 8601) tells how far "until June" is."""
    text = read(answer)
    if not text:
        return not_attempted()
    spans = [*_spans(text), *_month_spans(text), *_dates(text), *_quarters(text), *_halves_of_year(text)]
    fitting = next((span for span in spans if span.fits), None)
    if fitting is not None:
        return _beside_longer(fitting, spans)
    ending = _ending(text, captured_at)
    if ending is not None:
        return ending
    near = next((span for span in spans if span.overlaps), None) or _half_named(text, spans)
    if near is not None or (not spans and _vague(text)):
        words = near.words if near else _vague(text)
        return review(f"{quote(words)} may or may not mean 3 to 6 months.", _ASK)
    if spans:
        longest = max(spans, key=lambda span: span.high_weeks)
        kind = "longer than half a year" if longest.high_weeks > LONGEST_WEEKS else "too short to plan with"
        return not_met(f"{quote(longest.words)} is {kind}.", _ASK)
    return not_met(f"No time span is named in {quote(answer)}.", _ASK)


_ASK = "Say when this work begins and when it ends, about 3 to 6 months apart."


def _beside_longer(fitting: _Span, spans: list[_Span]) -> Verdict:
    longer = next((span for span in spans if span.low_weeks > LONGEST_WEEKS), None)
    if longer is not None and longer is spans[0]:
        return review(f"{quote(longer.words)} and {quote(fitting.words)} name two different horizons.", _ASK)
    return met(f"{quote(fitting.words)} is a bounded horizon of about 3 to 6 months.")


def _spans(text: Text) -> Iterator[_Span]:
    """Find "4 months", "10 to 30 weeks", "a semester", "half a year"."""
    tokens = text.tokens
    for place, token in enumerate(tokens):
        weeks = _unit_weeks(token)
        if weeks is None or _is_past_or_thing(tokens, place):
            continue
        first, low, high = _amount(tokens, place)
        if first is not None:
            yield _Span(low * weeks, high * weeks, text.between(first, place))


def _unit_weeks(token: Token) -> float | None:
    return _unit_table().get(token.stem)


@cache
def _unit_table() -> dict[str, float]:
    return {read(word).tokens[0].stem: float(key) / 100 for key, words in word_map("spans").items() for word in words}


def _number(token: Token) -> float | None:
    if token.is_number:
        try:
            return float(token.word.replace(",", "."))
        except ValueError:
            return None
    return next((float(key) for key, words in word_map("numbers").items() if token.word in words), None)


def _amount(tokens: tuple[Token, ...], unit: int) -> tuple[int | None, float, float]:
    """Read the number before a unit: one, a range, "half a", "a couple of"; else a term after "this" counts as one."""
    fraction = _fraction(tokens, unit)
    if fraction is not None:
        return fraction
    before = unit - 1
    while before >= 0 and tokens[before].word in word_set("span_fillers"):
        if tokens[before].word == "half":
            return _halves(tokens, before, unit)
        if tokens[before].word == "a" and not (before and tokens[before - 1].word in {"half", "and"}):
            break
        before -= 1
    if before < 0:
        return None, 0, 0
    high = _number(tokens[before])
    if high is None or (tokens[before].word in {"a", "an"} and tokens[max(0, before - 1)].word in {"once", "twice", "times", "runs"}):
        return _bare_term(tokens, unit)
    if tokens[before].word in {"a", "an"} and tokens[unit].stem in {"day", "week", "month", "year", "weekend"}:
        previous = tokens[before - 1].stem if before else ""
        if before and (_number(tokens[before - 1]) is None) and previous not in {"for", "next", "within", "about", "in", "half", "over", "than", "and"}:
            return None, 0, 0  # "two runs a week" is a rate
    low, first = high, before
    link = tokens[before - 1].word if before >= 1 else ""
    if before >= 2 and link in word_set("range_links"):  # noqa: PLR2004 - "3 to 6"
        low_number = _number(tokens[before - 2])
    else:
        low_number = _number(tokens[before - 1]) if before >= 1 and tokens[before - 1].is_number else None
    if low_number is not None and low_number < high:
        low, first = low_number, before - (2 if link in word_set("range_links") else 1)
    return first, low, high


def _fraction(tokens: tuple[Token, ...], unit: int) -> tuple[int, float, float] | None:
    """Read "a third of the year"."""
    leads = [token.word for token in tokens[max(0, unit - 3) : unit]]
    for word, share in (("third", 1 / 3), ("quarter", 1 / 4), ("half", 1 / 2)):
        if leads in ([word, "of", "the"], [word, "of", "a"], [word, "of", "this"]):
            return unit - 3, share, share
    return None


def _halves(tokens: tuple[Token, ...], half: int, unit: int) -> tuple[int | None, float, float]:
    """Read "half a year", "four and a half months" and "half of Q2"."""
    if half >= 3 and tokens[half - 1].word == "a" and tokens[half - 2].word == "and":  # noqa: PLR2004 - "and a half"
        whole = _number(tokens[half - 3])
        return (half - 3, whole + 0.5, whole + 0.5) if whole is not None else (half, 0.5, 0.5)
    return (half, 0.5, 0.5) if unit - half <= 2 else (None, 0, 0)  # noqa: PLR2004 - "half a year"


def _bare_term(tokens: tuple[Token, ...], unit: int) -> tuple[int | None, float, float]:
    """Read "this semester", "the winter term", "next quarter": one of them."""
    lead = tokens[unit - 1].word
    if tokens[unit].stem in {"semester", "term", "trimester", "quarter", "half-year", "halfyear"} and lead in word_set("term_leads"):
        return unit - 1, 1.0, 1.0
    if tokens[unit].stem == "year" and lead == "half":
        return unit - 1, 0.5, 0.5
    return None, 0, 0


def _is_past_or_thing(tokens: tuple[Token, ...], unit: int) -> bool:
    ahead = [token.word for token in tokens[unit + 1 : unit + 4]]
    behind = [token.word for token in tokens[max(0, unit - 4) : unit]]
    if ahead and ahead[0] in word_set("past_after"):
        return True
    if _is_amount_of_things([token.word for token in tokens[unit + 1 : unit + 5]]):
        return True
    return any(word in word_set("past_before") for word in behind)


def _is_amount_of_things(ahead: list[str]) -> bool:
    """Tell "six months of sensor data" from "six months of data science"."""
    if not ahead or ahead[0] not in {"of", "worth"}:
        return False
    things = [place for place, word in enumerate(ahead[:3]) if word in word_set("of_things")]
    return bool(things) and (things[0] + 1 >= len(ahead) or ahead[things[0] + 1] not in word_set("activities"))


def _month_spans(text: Text) -> Iterator[_Span]:
    months = list(_months(text))
    for left, right in zip(months, months[1:], strict=False):
        between = text.tokens[left.place + 1 : right.place]
        gap = text.source[text.tokens[left.place].end : text.tokens[right.place].start]
        linked = any(t.word in word_set("range_links") for t in between) or re.search(r"[-–—/]", gap)  # noqa: RUF001 - dashes
        if not linked or len(between) > _LINK_REACH:
            continue
        count = _months_apart(left, right)
        words = text.between(left.place, right.place)
        if _SHORTEST_MONTHS <= count <= _LONGEST_MONTHS:
            yield _Span(SHORTEST_WEEKS, LONGEST_WEEKS, words)
        elif count in {_SHORTEST_MONTHS - _MARGIN_MONTHS, _LONGEST_MONTHS + _MARGIN_MONTHS}:
            yield _Span(0, LONGEST_WEEKS + 1, words)
        else:
            yield _Span(count * WEEKS_A_MONTH, (count + 1) * WEEKS_A_MONTH, words)


def _months_apart(left: _Month, right: _Month) -> int:
    if left.year and right.year:
        return (right.year - left.year) * 12 + right.number - left.number
    if right.year and not left.year and right.number < left.number:
        return (right.number - left.number) % 12
    return (right.number - left.number) % 12


def _months(text: Text) -> Iterator[_Month]:
    tokens = text.tokens
    numbers = {name: int(number) for number, names in word_map("months").items() for name in names}
    for place, token in enumerate(tokens):
        number = numbers.get(token.word)
        if number is not None and (token.word not in {"may", "march", "mar", "dec", "sep"} or _is_month_name(text, place)):
            yield _Month(place, number, _year_after(tokens, place))


def _is_month_name(text: Text, place: int) -> bool:
    """Tell the month from the verb: "May" after "until", beside a number or a dash."""
    tokens = text.tokens
    if place and tokens[place - 1].word in word_set("month_leads"):
        return True
    around = text.source[max(0, tokens[place].start - 2) : tokens[place].end + 2]
    neighbours = [tokens[p] for p in (place - 1, place + 1) if 0 <= p < len(tokens)]
    linked = any(token.is_number or token.word in {"to", "until", "till", "through"} for token in neighbours[-1:])
    return bool(re.search(r"[-–—/]", around)) or (text.source[tokens[place].start].isupper() and linked)  # noqa: RUF001 - dashes


def _year_after(tokens: tuple[Token, ...], place: int) -> int | None:
    following = tokens[place + 1].word if place + 1 < len(tokens) else ""
    return int(following) if re.fullmatch(r"20\d\d", following) else None


def _quarters(text: Text) -> Iterator[_Span]:
    """Read "Q1 and half of Q2"."""
    found = [
        (place, int(tokens[1].word))
        for place, tokens in enumerate(zip(text.tokens, text.tokens[1:], strict=False))
        if tokens[0].word == "q" and tokens[1].word in {"1", "2", "3", "4"} and tokens[1].start == tokens[0].end
    ]
    if found:
        count = len({number for _, number in found})
        span = (found[-1][1] - found[0][1]) % 4 + 1
        weeks = max(count, span) * 13
        yield _Span(13, weeks, text.between(found[0][0], found[-1][0] + 1))


def _dates(text: Text) -> Iterator[_Span]:
    found = [(m, (int(m[1]), int(m[2]), int(m[3]))) for m in _ISO_DATE.finditer(text.source)]
    found += [(m, (int(m[3]), int(m[2]), int(m[1]))) for m in _DOTTED_DATE.finditer(text.source)]
    days = [(match, _date(*parts)) for match, parts in found]
    for (left, start), (right, end) in zip(days, days[1:], strict=False):
        if start and end and end > start:
            weeks = (end - start).days / 7
            yield _Span(weeks, weeks, text.source[left.start() : right.end()])


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _ending(text: Text, captured_at: str | None) -> Verdict | None:
    """Judge "until June" and "by Easter": bounded, and as long as the calendar says where it is known."""
    tokens = text.tokens
    for month in _months(text):
        if any(token.word in word_set("end_links") for token in tokens[max(0, month.place - 5) : month.place]):
            months_ahead = _months_ahead(month, captured_at)
            words = text.between(max(0, month.place - 1), month.place)
            if months_ahead is None or _SHORTEST_MONTHS <= months_ahead <= _LONGEST_MONTHS + _MARGIN_MONTHS:
                return met(f"The work ends {quote(words)}, a bounded horizon.")
            return review(f"Whether {quote(words)} is 3 to 6 months away depends on when this was written.", _ASK)
    for link, token in enumerate(tokens):
        if token.word in {"until", "till", "through", "by", "before", "over", "during", "this", "throughout"}:
            rest = " ".join(t.word for t in tokens[link + 1 : link + 7])
            anchor = next((a for a in word_list("anchors") if re.match(rf"(?:the |next |coming |whole |end of |this |early |late |mid |beginning of |start of |middle of )*{re.escape(a)}\b", rest)), None)
            if anchor is not None:
                return met(f"The work is bounded: {quote(f'{token.word} {rest}')}.")
    return None


def _months_ahead(month: _Month, captured_at: str | None) -> int | None:
    match = re.match(r"(\d{4})-(\d{2})", captured_at or "")
    if match is None:
        return None
    start = _Month(0, int(match[2]), int(match[1]))
    return _months_apart(start, month)


def _half_named(text: Text, spans: list[_Span]) -> _Span | None:
    """Find a month or a feast that bounds the work on one side only."""
    if spans:
        return None
    for place, token in enumerate(text.tokens):
        if token.word in word_set("anchors") or any(month.place == place for month in _months(text)):
            return _Span(0, LONGEST_WEEKS + 1, text.between(max(0, place - 2), min(place + 2, len(text.tokens) - 1)))
    return None


def _halves_of_year(text: Text) -> Iterator[_Span]:
    """Read "H1 2026" and "the second half of the year"."""
    for match in _HALF_YEAR.finditer(text.source):
        yield _Span(26, 26, match[0])


def _vague(text: Text) -> str:
    """Find a span that is bounded but unmeasured: "the next few months", "until my thesis is due"."""
    tokens = text.tokens
    for place, token in enumerate(tokens):
        leads = {t.word for t in tokens[max(0, place - 3) : place]}
        if token.word == "months" and leads & (word_set("few") | {"next", "coming"}) and not leads & word_set("past_before"):
            return text.between(max(0, place - 3), place)
        if token.word in {"until", "till"} and place + 2 < len(tokens):
            return text.between(place, min(place + 4, len(tokens) - 1))
    return ""
