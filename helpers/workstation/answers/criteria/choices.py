"""Judge a decision: one way forward is chosen, and an upgrade names its target."""

import re
from functools import cache

from workstation.answers.criteria.constraints import named, names_in, targets_in
from workstation.answers.criteria.phrases import NameBook, SignalBook, distinct, side_by_side
from workstation.answers.criteria.text import Text, quote, read
from workstation.answers.criteria.verdict import Verdict, decide, met, not_attempted, not_met, review
from workstation.answers.criteria.words import word_list
from workstation.catalog import load_catalog

__all__ = ["decisions_in", "judge_decision"]

A_LIST = 3
_FEW_TOKENS = 2
_OR = re.compile(r"\bor\b|/", re.IGNORECASE)
_ASK = "Write one of keep, upgrade (and what), cloud or hybrid; a condition may follow."


def judge_decision(answer: str, next_action: str = "") -> Verdict:
    """Judge that one decision is taken; *next_action* may name what a bare "upgrade" is to change."""
    text, chosen, words = read(answer), decisions_in(answer), quote(answer)
    bare = chosen == ["upgrade"] and not (_target(answer) or _target(next_action))
    unaimed = review(f"{words} does not say what to upgrade.", "Name the one resource that the upgrade is for.")
    return decide(
        (not answer.strip(), not_attempted()),
        (not chosen, _unchosen(text)),
        (len(chosen) >= A_LIST, not_met(f"{words} lists the ways forward and takes none.", _ASK)),
        (_book("hesitations").find(text) or _asks(answer, text), not_met(f"{words} leaves the decision open.", _ASK)),
        (len(chosen) > 1, review(f"{words} names two ways forward.", _ASK)),
        (bare, unaimed),
        otherwise=met(f"{words} is a decision."),
    )


def _asks(answer: str, text: Text) -> bool:
    """Tell "keep? upgrade?" from a decision."""
    return "?" in answer and len(_names().ids(text)) > 1


def decisions_in(answer: str) -> list[str]:
    """List the decisions that an answer takes: the first, and what stands beside it in a list."""
    text = read(answer)
    hits = _names().affirmed(text)
    if not hits:
        return _signals().ids(text)[:1]
    run = side_by_side(text, hits)
    return _merged(text.between(run[0].first, run[-1].last), [entry for ids in distinct(run) for entry in sorted(ids)])


def _target(answer: str) -> bool:
    return bool(names_in(read(answer))) or bool(named(answer).chosen) or bool(targets_in(read(answer)))


def _unchosen(text: Text) -> Verdict:
    """Judge a field that names no decision: refused and vague ones are wrong, unusual ones are for a person."""
    words = quote(text.source)
    denied = not text or _names().find(text) or _book("undecided").find(text)
    speaks = names_in(text) or targets_in(text) or len(text.tokens) > _FEW_TOKENS
    return decide(
        (denied, not_met(f"{words} takes no decision.", _ASK)),
        (speaks, review(f"{words} may be a decision in other words.", _ASK)),
        otherwise=not_met(f"{words} takes no decision.", _ASK),
    )


def _merged(words: str, found: list[str]) -> list[str]:
    """Read "keep the laptop" as keeping, "upgrade the desktop" as upgrading, "local and cloud" as hybrid."""
    if _OR.search(words):
        return found
    if "hybrid" in found or set(found) == {"keep", "cloud"}:
        return ["hybrid"] if len(found) <= A_LIST else found
    return found[:1] if len(found) < A_LIST else found  # "keep, and one RAM upgrade if ..."


@cache
def _names() -> NameBook:
    return NameBook(
        {entry.id: (entry.id, *entry.aliases) for entry in load_catalog().decisions.values()}, forgiving=True
    )


@cache
def _signals() -> SignalBook:
    return SignalBook({entry.id: entry.signals for entry in load_catalog().decisions.values()})


@cache
def _book(name: str) -> NameBook:
    return NameBook({word: (word,) for word in word_list(name)})
