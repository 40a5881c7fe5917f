"""Judge a decision: one way forward is chosen, and an upgrade names its target."""

import re
from functools import cache

from workstation.answers.criteria.constraints import named, names_in, targets_in
from workstation.answers.criteria.parts import affirmed_parts, parts_in
from workstation.answers.criteria.phrases import Hit, NameBook, SignalBook, distinct, side_by_side
from workstation.answers.criteria.text import Text, quote, read, stem, words_of
from workstation.answers.criteria.verdict import Verdict, decide, met, not_attempted, not_met, review
from workstation.answers.criteria.words import word_list, word_set
from workstation.catalog import load_catalog

__all__ = ["decisions_in", "judge_decision"]

A_LIST = 3
_SPENDING = frozenset({"upgrade", "desktop", "server"})
_MANY_TOKENS = 12  # so long a field is never refused for its vocabulary
_OR = re.compile(r"\bor\b|/", re.IGNORECASE)
_ASK = "Write one of keep, upgrade (and what), cloud or hybrid; a condition may follow."


def judge_decision(answer: str, next_action: str = "") -> Verdict:
    """Judge that one decision is taken; *next_action* may name what a bare "upgrade" is to change."""
    text, chosen, words = read(answer), decisions_in(answer), quote(answer)
    bare = chosen == ["upgrade"] and not (_target(answer) or _target(next_action))
    unaimed = review(f"{words} does not say what to upgrade.")
    return decide(
        (not answer.strip(), not_attempted(next_step=_ASK)),
        (not chosen, _unchosen(text)),
        (len(chosen) >= A_LIST, not_met(f"{words} lists the ways forward and takes none.", _ASK)),
        (_joins_all(text), not_met(f"{words} joins all the ways forward and chooses none.", _ASK)),
        (_hesitates(text) or _asks(answer, text), not_met(f"{words} leaves the decision open.", _ASK)),
        (len(chosen) > 1 or _contradicts_itself(text), review(f"{words} names two ways forward.")),
        (_joins_two_bare(text), review(f"{words} names two ways forward, and not which one is taken when.")),
        (bare, unaimed),
        otherwise=met(f"{words} is a decision."),
    )


def _joins_two_bare(text: Text) -> bool:
    """Tell "keep and upgrade" from "keep, and one RAM upgrade if ...": two ways forward, and nothing more is said."""
    hits = _names().affirmed(text)
    taken = {entry for hit in hits for entry in hit.ids}
    named = {place for hit in hits for place in range(hit.first, hit.last + 1)}
    said = {token.word for place, token in enumerate(text.tokens) if place not in named}
    aimed = taken == {"keep", "upgrade"} and _target(text.source)
    return len(taken) > 1 and "hybrid" not in taken and said <= word_set("list_links") and not aimed


def _hesitates(text: Text) -> bool:
    """Tell "keep or not, I do not know" from "keep, then decide again with the log"."""
    hits = _book("hesitations").find(text)
    around = [{t.word for t in text.tokens[max(0, hit.first - 2) : hit.last + 2]} for hit in hits]
    return any(not words & word_set("decided_before") for words in around)


def _joins_all(text: Text) -> bool:
    """Tell "keep it, but upgrade the memory and move to the cloud" from a plan with a condition, or with reasons."""
    hits = _names().affirmed(text)
    taken = {entry for hit in hits for entry in hit.ids} - {"hybrid"}
    if len(taken) < A_LIST or "hybrid" in hits[0].ids:
        return False
    between = {token.word for token in text.tokens[hits[0].first : hits[-1].last + 1]}
    return not between & (word_set("plan_conditions") | word_set("reasons"))


def _contradicts_itself(text: Text) -> bool:
    """Tell "keep. Buy RAM, upgrade it" and "upgrade, no, keep" from a choice with a condition behind it."""
    hits = _names().affirmed(text)
    rest = hits[len(side_by_side(text, hits)) :]
    return any(not hit.ids & hits[0].ids and _overrules(text, hits[0], hit) for hit in rest)


def _overrules(text: Text, first: Hit, other: Hit) -> bool:
    tokens = text.tokens
    if tokens[other.first - 1].word in word_set("corrections"):
        return True
    sentence = {token.word for token in tokens if token.sentence == tokens[other.first].sentence}
    is_new = tokens[other.first].sentence != tokens[first.first].sentence and "keep" in first.ids
    return is_new and bool(other.ids & _SPENDING) and not sentence & (word_set("hedges") | word_set("conditions"))


def _asks(answer: str, text: Text) -> bool:
    """Tell "keep? upgrade?" from a decision."""
    return "?" in answer and len(_names().ids(text)) > 1


def decisions_in(answer: str) -> list[str]:
    """List the decisions that an answer takes: the first, and what stands beside it in a list."""
    text = read(answer)
    hits = _names().affirmed(text)
    if not hits:
        return _signals().ids(text)[:1] or (["upgrade"] if _gets_a_part(text) else [])
    run = side_by_side(text, hits)
    return _merged(text.between(run[0].first, run[-1].last), [entry for ids in distinct(run) for entry in sorted(ids)])


def _gets_a_part(text: Text) -> bool:
    """Read "order a second DIMM" and "a bigger PSU" as an upgrade."""
    verbs = {hit.first for name in ("purchase", "fitting_in") for hit in _book(name).affirmed(text)}
    more = {place for place, token in enumerate(text.tokens) if token.word in word_set("more_of")}
    return any(min(verbs | more, default=part.first) < part.first for part in affirmed_parts(text))


def _target(answer: str) -> bool:
    """Tell whether a resource is named, or a part that lifts one: "upgrade to an RTX 5090", "upgrade: 32 GB"."""
    text = read(answer)
    return bool(names_in(text) or named(answer).chosen or targets_in(text) or parts_in(text))


def _unchosen(text: Text) -> Verdict:
    """Judge a field that names no decision: refused and vague ones are wrong, unusual ones are for a person."""
    words = quote(text.source)
    denied = not text or _names().find(text) or _book("undecided").find(text)
    speaks = names_in(text) or targets_in(text) or _decides_in_own_words(text)
    return decide(
        (denied, not_met(f"{words} takes no decision.", _ASK)),
        (speaks, review(f"{words} may be a decision in other words.")),
        otherwise=not_met(f"{words} takes no decision.", _ASK),
    )


def _decides_in_own_words(text: Text) -> bool:
    """Tell words that may paraphrase a decision from short ones that share nothing with any: "ask me in June"."""
    return len(text.tokens) > _MANY_TOKENS or bool(_vocabulary() & set(text.stems))


@cache
def _vocabulary() -> frozenset[str]:
    """Stem the words of content that name or describe a decision."""
    phrases = (p for entry in load_catalog().decisions.values() for p in (*entry.aliases, *entry.signals))
    plain = word_set("function_words") | word_set("grammar_words") | word_set("signal_skips")
    return frozenset(stem(word) for phrase in phrases for word in words_of(phrase) if word not in plain)


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
