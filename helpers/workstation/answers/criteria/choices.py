"""Judge a decision: one way forward is chosen, and an upgrade names its target."""

import re
from functools import cache

from workstation.answers.criteria.constraints import named, names_in
from workstation.answers.criteria.phrases import NameBook, SignalBook, distinct, side_by_side
from workstation.answers.criteria.text import quote, read
from workstation.answers.criteria.verdict import Verdict, met, not_attempted, not_met, review
from workstation.answers.criteria.words import word_list
from workstation.catalog import load_catalog

__all__ = ["decisions_in", "judge_decision"]

A_LIST = 3
_OR = re.compile(r"\bor\b|/", re.IGNORECASE)
_ASK = "Write one of keep, upgrade (and what), cloud or hybrid; a condition may follow."


def judge_decision(answer: str, next_action: str = "") -> Verdict:
    """Judge that one decision is taken; *next_action* may name what a bare "upgrade" is to change."""
    if not answer.strip():
        return not_attempted()
    chosen = decisions_in(answer)
    if len(chosen) >= A_LIST:
        return not_met(f"{quote(answer)} lists the ways forward and takes none.", _ASK)
    if not chosen:
        return _unchosen(answer)
    if len(chosen) > 1 and re.search(r"\beither\b", answer, re.IGNORECASE):
        return not_met(f"{quote(answer)} leaves the decision open.", _ASK)
    if len(chosen) > 1:
        return review(f"{quote(answer)} names two ways forward.", _ASK)
    if _undecided().find(read(answer)) and _hesitates(answer):
        return not_met(f"{quote(answer)} leaves the decision open.", _ASK)
    if chosen == ["upgrade"]:
        return _upgrade(answer, next_action)
    return met(f"{quote(answer)} is a decision.")


def decisions_in(answer: str) -> list[str]:
    """List the decisions that an answer takes: the first, and what stands beside it in a list."""
    text = read(answer)
    hits = _names().affirmed(text)
    if not hits:
        return _signals().ids(text)[:1]
    run = side_by_side(text, hits)
    return _merged(text.between(run[0].first, run[-1].last), [entry for ids in distinct(run) for entry in sorted(ids)])


def _upgrade(answer: str, next_action: str) -> Verdict:
    target = _target(answer) or _target(next_action)
    if target:
        return met(f"{quote(answer)} is a decision, and it says what to upgrade.")
    return review(f"{quote(answer)} does not say what to upgrade.", "Name the one resource that the upgrade is for.")


def _target(answer: str) -> bool:
    return bool(names_in(read(answer))) or bool(named(answer).chosen) or bool(_targets().find(read(answer)))


def _unchosen(answer: str) -> Verdict:
    text = read(answer)
    if _names().find(text) or _undecided().find(text) or not text:
        return not_met(f"{quote(answer)} takes no decision.", _ASK)
    if names_in(text) or _targets().find(text):
        return review(f"{quote(answer)} may be a decision in other words.", _ASK)
    return not_met(f"{quote(answer)} takes no decision.", _ASK) if len(text.tokens) <= 2 else review(  # noqa: PLR2004 - a word or two
        f"{quote(answer)} may be a decision in other words.", _ASK
    )


def _merged(words: str, found: list[str]) -> list[str]:
    """Read "keep the laptop" as keeping, "upgrade the desktop" as upgrading, "local and cloud" as hybrid."""
    if "hybrid" in found and len(found) <= A_LIST and not _OR.search(words):
        return ["hybrid"]
    if "keep" in found and "cloud" in found and len(found) == 2 and not _OR.search(words):  # noqa: PLR2004 - the two make a hybrid
        return ["hybrid"]
    if found[0] in {"keep", "upgrade"} and set(found[1:]) <= {"desktop", "server"}:
        return found[:1]
    if len(found) == 2 and not _OR.search(words):  # noqa: PLR2004 - "keep, and one RAM upgrade if ..."
        return found[:1]
    return found


def _hesitates(answer: str) -> bool:
    return re.search(r"\b(?:not sure|unsure|undecided|don'?t know|do not know|will decide|decides|depends|no decision|either|neither)\b", answer, re.IGNORECASE) is not None


@cache
def _names() -> NameBook:
    return NameBook({entry.id: (entry.id, *entry.aliases) for entry in load_catalog().decisions.values()}, forgiving=True)


@cache
def _signals() -> SignalBook:
    return SignalBook({entry.id: entry.signals for entry in load_catalog().decisions.values()})


@cache
def _targets() -> NameBook:
    return NameBook({entry.id: entry.targets for entry in load_catalog().constraints.values()})


@cache
def _undecided() -> NameBook:
    return NameBook({word: (word,) for word in word_list("undecided")})
