"""Judge whether a paragraph looks about 3 to 6 months ahead; DESIGN 6 counts 10 to 30 weeks, named any way."""

import re
from functools import cache

from workstation.answers.criteria.months import Month, months_apart, months_in
from workstation.answers.criteria.text import Text, quote, read
from workstation.answers.criteria.timespans import (
    LONGEST_MONTHS,
    LONGEST_WEEKS,
    MARGIN_MONTHS,
    SHORTEST_MONTHS,
    Span,
    spans_in,
)
from workstation.answers.criteria.verdict import Verdict, decide, met, not_attempted, not_met, review
from workstation.answers.criteria.words import word_list, word_set

__all__ = ["judge_horizon"]

_END_REACH = 5  # tokens from "until" to the month
_ASK = "Say when this work begins and when it ends, about 3 to 6 months apart."


def judge_horizon(answer: str, *, captured_at: str | None = None) -> Verdict:
    """Judge the time box of a workload paragraph; *captured_at* (ISO 8601) tells how far "until June" is."""
    text = read(answer)
    if not answer.strip():
        return not_attempted(next_step=_ASK)
    spans = spans_in(text)
    fitting = next((span for span in spans if span.fits), None)
    if fitting is not None:
        return _fitting(fitting, spans)
    ending = _ending(text, captured_at)
    return ending if ending is not None else _unfitting(answer, text, spans)


def _fitting(fitting: Span, spans: list[Span]) -> Verdict:
    longer = next((span for span in spans if span.low_weeks > LONGEST_WEEKS), None)
    if longer is not None and longer is spans[0]:
        return review(f"{quote(longer.words)} and {quote(fitting.words)} name two different horizons.")
    return met(f"{quote(fitting.words)} is a bounded horizon of about 3 to 6 months.")


def _unfitting(answer: str, text: Text, spans: list[Span]) -> Verdict:
    near = next((span.words for span in spans if span.overlaps), "")
    unclear = near or ("" if spans else _half_named(text) or _vague(text))
    longest = max(spans, key=lambda span: span.high_weeks) if spans else Span(0, 0, "")
    kind = "longer than half a year" if longest.high_weeks > LONGEST_WEEKS else "too short to plan with"
    return decide(
        (unclear, review(f"{quote(unclear)} may or may not mean 3 to 6 months.")),
        (spans, not_met(f"{quote(longest.words)} is {kind}.", _ASK)),
        otherwise=not_met(f"No time span is named in {quote(answer)}.", _ASK),
    )


def _ending(text: Text, captured_at: str | None) -> Verdict | None:
    """Judge "until June" and "by Easter": bounded, and as long as the calendar says where it is known."""
    for month in months_in(text):
        reach = range(max(0, month.place - _END_REACH), month.place)
        link = next((place for place in reach if text.tokens[place].word in word_set("end_links")), None)
        if link is not None:
            last = month.place + (month.year is not None)
            return _until(text.between(link, last), _months_ahead(month, captured_at), dated=month.year is not None)
    dated = _until_date().search(text.source)
    if dated is not None and 1 <= int(dated["month"]) <= 12:  # noqa: PLR2004 - the months of a year
        end = Month(0, int(dated["month"]), int(dated["year"]))
        return _until(dated[0], _months_ahead(end, captured_at), dated=True)
    anchored = _anchored().search(" ".join(token.word for token in text.tokens))
    return met(f"{quote(anchored[0])} bounds the work.") if anchored else None


def _until(words: str, months_ahead: int | None, *, dated: bool) -> Verdict:
    """Judge an end: one with its year is as far away as it is, a bare month may be meant otherwise."""
    unclear = review(f"Whether {quote(words)} is 3 to 6 months away depends on when this was written")
    if months_ahead is None:
        return unclear if dated else met(f"{quote(words)} bounds the work.")
    if SHORTEST_MONTHS <= months_ahead <= LONGEST_MONTHS + MARGIN_MONTHS:
        return met(f"{quote(words)} bounds the work.")
    if not dated or SHORTEST_MONTHS - MARGIN_MONTHS <= months_ahead <= LONGEST_MONTHS + 2 * MARGIN_MONTHS:
        return unclear
    where = "lies before your inventory was taken" if months_ahead < 0 else "is not 3 to 6 months away"
    return not_met(f"{quote(words)} {where}.", _ASK)


@cache
def _until_date() -> re.Pattern[str]:
    links = "|".join(word_list("end_links"))
    return re.compile(rf"\b(?:{links}) (?:the )?(?P<year>20\d\d)-(?P<month>\d{{1,2}})-\d{{1,2}}\b", re.IGNORECASE)


@cache
def _anchored() -> re.Pattern[str]:
    links = "|".join(word_list("anchor_links"))
    anchors = "|".join(sorted(map(re.escape, word_list("anchors")), key=len, reverse=True))
    fillers = "|".join(word_list("anchor_fillers"))
    return re.compile(rf"\b(?:{links}) (?:(?:{fillers}) ){{0,4}}(?:{anchors})\b")


def _months_ahead(month: Month, captured_at: str | None) -> int | None:
    match = re.match(r"(\d{4})-(\d{2})", captured_at or "")
    return months_apart(Month(0, int(match[2]), int(match[1])), month) if match else None


def _half_named(text: Text) -> str:
    """Find a month or a feast that bounds the work on one side only."""
    places = {month.place for month in months_in(text)}
    places |= {place for place, token in enumerate(text.tokens) if token.word in word_set("anchors")}
    first = min(places, default=None)
    return "" if first is None else text.between(max(0, first - 2), min(first + 2, len(text.tokens) - 1))


def _vague(text: Text) -> str:
    """Find a span that is bounded but unmeasured: "the next few months", "until my thesis is due"."""
    tokens = text.tokens
    for place, token in enumerate(tokens):
        leads = {t.word for t in tokens[max(0, place - 3) : place]}
        ahead = leads & word_set("vague_leads") and not leads & word_set("past_before")
        if token.word == "months" and ahead:
            return text.between(max(0, place - 3), place)
        if token.word in {"until", "till"} and place + 2 < len(tokens):
            return text.between(place, min(place + 4, len(tokens) - 1))
    return ""
