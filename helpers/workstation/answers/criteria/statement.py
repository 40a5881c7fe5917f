"""Judge a testable statement: which resource, under which work, and what would show whether it is so.

A statement is a claim that the next run may refute, so it need not be measured yet; what it must not be is a verdict on
the machine (see `verdicts`).
"""

import re
from functools import cache

from workstation.answers.criteria.constraints import A_LIST, constraint_names, mentioned_in, named, names_in
from workstation.answers.criteria.families import families_in
from workstation.answers.criteria.language import known_words, says_nothing
from workstation.answers.criteria.measurements import is_measured, is_soup, judge_measured
from workstation.answers.criteria.parts import affirmed_parts
from workstation.answers.criteria.phrases import Hit, NameBook, distinct
from workstation.answers.criteria.quantities import has_count, has_figure, sizes
from workstation.answers.criteria.text import Text, quote, read
from workstation.answers.criteria.verdict import Verdict, decide, met, not_attempted, not_met, review
from workstation.answers.criteria.words import word_list, word_set

__all__ = ["judge_limit", "judge_observation", "judge_work"]

_TIMING_REACH = 8  # tokens from "when" to "grows"
_DURATION = re.compile(r"\d+(?:[.,]\d+)?\s?(?:s|sec|secs|seconds?|min|mins|minutes?|h|hours?)\b", re.IGNORECASE)
_ASK_LIMIT = "Name the one resource: VRAM, RAM, storage, heat, power, CPU, network or another."
_ASK_WORK = "Say what was running: which program did what with what?"
_ASK_OBSERVATION = "Add what an instrument can show: a figure with its unit, a limit reached, or when it begins."


def judge_limit(statement: str) -> Verdict:
    """Judge that one constraint is said to reach its limit."""
    text, found = read(statement), named(statement)
    listed = distinct(names_in(text))
    names, below = quote(found.words), frozenset(mentioned_in(text))  # "VRAM never passes 5 GB" names it, too
    level = has_figure(_DURATION.sub("", statement))
    return decide(
        (not statement.strip(), not_attempted(next_step=_ASK_LIMIT)),
        (says_nothing(statement), not_met(f"{quote(statement)} names no resource.", _ASK_LIMIT)),
        (
            len(found.listed) >= A_LIST or (len(listed) > A_LIST and is_soup(text)),
            not_met(f"{names} is a list; no single observation could refute it.", _ASK_LIMIT),
        ),
        (len(found.listed) > 1, review(f"{names} names two, and a test needs to know which one is meant")),
        (
            _is_only_slower(text, found.chosen),
            review(f"{names} may be heat, but it may as well be something else that grows with time"),
        ),
        (found.chosen, met(f"{names} names {constraint_names(found.chosen)}.")),
        (
            level and len(below) == 1,
            met(f"{quote(statement)} says how far {constraint_names(below)} goes."),
        ),
        (
            level or affirmed_parts(text),
            review(f"{quote(statement)} may mean a resource, but not in words that the rules know"),
        ),
        otherwise=not_met(f"{quote(statement)} names no resource.", _ASK_LIMIT),
    )


def judge_work(statement: str) -> Verdict:
    """Judge that the statement says under which work it happens."""
    text = read(statement)
    works = _book("statement_work").find(text)  # "without the browser" names a work, too
    return decide(
        (not statement.strip(), not_attempted(next_step=_ASK_WORK)),
        (says_nothing(statement), not_met(f"{quote(statement)} names no work.", _ASK_WORK)),
        (works, met(f"{_said(text, works)} is the work.")),
        (families_in(statement), met(f"{quote(statement)} describes the work.")),
        (
            _may_name_work(text),
            review(f"{quote(statement)} may name a work, but not in words that the rules know"),
        ),
        otherwise=not_met(f"{quote(statement)} could be any work.", _ASK_WORK),
    )


def judge_observation(statement: str) -> Verdict:
    """Judge that the statement holds a threshold, a number or a timing that a run can confirm or refute."""
    text, only_sizes = read(statement), _holds_only_sizes(statement)
    limits, timing = _book("statement_limits").find(text), _timing(text)
    measured = judge_measured(statement)
    return decide(
        (not statement.strip(), not_attempted(next_step=_ASK_OBSERVATION)),
        (says_nothing(statement), not_met(f"{quote(statement)} can be observed by nobody.", _ASK_OBSERVATION)),
        (
            is_measured(statement) and (only_sizes or has_figure(statement)),
            met(f"{quote(statement)} holds a figure that a run can check."),
        ),
        (limits, met(f"{_said(text, limits)} is a limit that a run either reaches or does not.")),
        (timing, met(f"{quote(timing)} says when to look.")),
        (only_sizes and measured.outcome == "not met", not_met(measured.reason, _ASK_OBSERVATION)),
        (
            only_sizes and _book("statement_takes").find(text),
            met(f"{quote(statement)} holds a figure that a run can check."),
        ),
        (only_sizes, review(f"{quote(statement)} holds a size, which may be the machine's or a task's")),
        (
            has_figure(statement) or (has_count(statement) and any(token.is_number for token in text.tokens)),
            met(f"{quote(statement)} holds a figure that a run can check."),
        ),
        (
            _book("statement_timing").find(text),
            review(f"{quote(statement)} says when, but perhaps not clearly enough to look then"),
        ),
        otherwise=not_met(f"{quote(statement)} says nothing that a run could refute.", _ASK_OBSERVATION),
    )


def _is_only_slower(text: Text, chosen: frozenset[str]) -> bool:
    """Tell "slow after 20 minutes" from "at 96 °C after 20 minutes": memory that leaks is slower later, too."""
    return chosen == {"thermals"} and not names_in(text) and not _book("statement_heat").find(text)


def _said(text: Text, hits: list[Hit]) -> str:
    return quote(text.between(hits[0].first, hits[0].last)) if hits else ""


def _holds_only_sizes(statement: str) -> bool:
    """Tell "16 GB", which may be what is built in, from "95 %" and "after 12 minutes"."""
    found = list(sizes(statement))
    rest = statement
    for size in reversed(found):
        rest = rest[: size.start] + rest[size.end :]
    return bool(found) and not has_figure(rest) and not has_count(rest)


def _timing(text: Text) -> str:
    """Cut out "when the context grows" and "after the second epoch"; "when I work" tells no moment."""
    moments = _book("statement_moments").affirmed(text)
    for opener in _book("statement_timing").find(text):
        sentence = text.tokens[opener.first].sentence
        for moment in moments:
            near = opener.last < moment.first <= opener.last + _TIMING_REACH
            if near and text.tokens[moment.first].sentence == sentence:
                return text.between(opener.first, moment.last)
    return ""


def _may_name_work(text: Text) -> bool:
    """Tell "the annotation tool" and "my beekeeping macro" from "everything" and "when I work"."""
    named = word_set("work_words") - word_set("general_words")
    return any(
        token.word in named or (not token.is_number and token.stem not in known_words()) for token in text.tokens
    )


@cache
def _book(name: str) -> NameBook:
    return NameBook({phrase: (phrase,) for phrase in word_list(name)})
