"""Judge the option of a recommendation: one is chosen; what else is named waits, is refused, or only mentioned."""

from functools import cache

from workstation.answers.criteria.choices import A_LIST, decisions_in, judge_decision
from workstation.answers.criteria.constraints import names_in, targets_in
from workstation.answers.criteria.measurements import sentences_of
from workstation.answers.criteria.parts import parts_in
from workstation.answers.criteria.phrases import NameBook
from workstation.answers.criteria.text import quote, read
from workstation.answers.criteria.verdict import Verdict, decide, not_attempted, not_met, review
from workstation.answers.criteria.words import word_list, word_set
from workstation.catalog import load_catalog

__all__ = ["decides", "judge_option"]

_MENTIONED = frozenset({"desktop", "server", "cloud", "hybrid"})  # what may be named without being chosen
_NEAR = 6  # tokens from "move" to "the cloud"
_ASK_OPTION = "Choose one: keep, one targeted upgrade, a desktop, a server, the cloud or hybrid."


def judge_option(answer: str) -> Verdict:
    """Judge that one option is chosen; a condition may follow in any sentence."""
    if not answer.strip():
        return not_attempted(next_step=_ASK_OPTION)
    deciding = [words for words in sentences_of(answer) if decides(words)]
    judged = [judge_decision(words) for words in deciding]
    lists = [words for words in deciding if _is_every_option(words)]
    whole = judge_decision(answer)
    torn = whole.outcome == "needs review" and bool(deciding)
    return decide(
        (lists, not_met(f"{quote(lists[0] if lists else answer)} lists the options and takes none.", _ASK_OPTION)),
        (torn, whole),
        (any(each.outcome == "met" for each in judged), _first(judged, "met")),
        (any(each.outcome == "needs review" for each in judged), _first(judged, "needs review")),
        (judged, judged[0] if judged else whole),
        (
            _is_undecided(answer) or not _speaks_of_machines(answer),
            not_met(f"{quote(answer)} chooses no option.", _ASK_OPTION),
        ),
        otherwise=review(f"{quote(answer)} may choose an option, but not in words that the rules know"),
    )


def decides(words: str) -> bool:
    """Tell "I go to the cloud" and "Hybrid: ..." from a sentence that only mentions "the desktop"."""
    if not set(decisions_in(words)) <= _MENTIONED:
        return True
    text = read(words)
    said = [token.word for token in text.tokens]
    places = [hit.first for hit in _decision_names().affirmed(text)]
    near = {word for place in places for word in said[max(0, place - _NEAR) : place + 1]}
    leads = 0 in places
    return bool(decisions_in(words)) and bool(leads or near & word_set("choosing") or set(said) & word_set("choices"))


def _first(judged: list[Verdict], outcome: str) -> Verdict:
    return next((each for each in judged if each.outcome == outcome), not_attempted())


def _is_every_option(words: str) -> bool:
    if _weighs_all(words):
        return True
    verdict = judge_decision(words)
    return verdict.outcome == "not met" and (len(decisions_in(words)) >= A_LIST or "joins all" in verdict.reason)


def _weighs_all(words: str) -> bool:
    """Tell "one could keep it, upgrade, build a desktop or rent" from a choice with its reasons."""
    text = read(words)
    named = {entry for hit in _decision_names().affirmed(text) for entry in hit.ids}
    might = any(token.word in word_set("weighing") for token in text.tokens)
    return len(named) > A_LIST and might and not any(token.word in word_set("suppositions") for token in text.tokens)


def _is_undecided(answer: str) -> bool:
    return bool(_book("undecided").find(read(answer)))


def _speaks_of_machines(answer: str) -> bool:
    text = read(answer)
    return bool(names_in(text) or parts_in(text) or targets_in(text))


@cache
def _decision_names() -> NameBook:
    known = load_catalog().decisions.values()
    return NameBook({entry.id: (entry.id, *entry.aliases, *entry.signals) for entry in known})


@cache
def _book(name: str) -> NameBook:
    return NameBook({phrase: (phrase,) for phrase in word_list(name)})
