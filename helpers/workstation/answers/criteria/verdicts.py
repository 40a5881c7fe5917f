"""Judge that the machine as a whole is called neither good nor bad; a constraint may be."""

from functools import cache

from workstation.answers.criteria.phrases import Hit, NameBook
from workstation.answers.criteria.text import Text, quote, read
from workstation.answers.criteria.verdict import Verdict, met, not_attempted, not_met, review
from workstation.answers.criteria.words import word_list, word_set

__all__ = ["judge_no_verdict"]

_PREDICATE_REACH = 7  # tokens from "the laptop" over "is" to "rubbish"
_ATTRIBUTE_REACH = 2  # tokens from "rubbish" to "laptop"
_ASK = "Say which resource reaches its limit under which work, instead of judging the machine."


def judge_no_verdict(answers: tuple[str, ...]) -> Verdict:
    """Judge all texts of a summary together; silence earns nothing."""
    if not any(answer.strip() for answer in answers):
        return not_attempted()
    doubtful = ""
    for answer in answers:
        text = read(answer)
        for first, last, mild in _verdicts(text):
            words = text.between(first, last)
            if not mild:
                return not_met(f"{quote(words)} judges the machine as a whole.", _ASK)
            doubtful = words
    if doubtful:
        return review(f"{quote(doubtful)} may judge the machine as a whole.", _ASK)
    return met("No sentence calls the machine as a whole good or bad.")


def _verdicts(text: Text) -> list[tuple[int, int, bool]]:
    machines = _machines().find(text)
    found = []
    for judged in _good_or_bad().find(text):
        place = next((p for machine in machines if (p := _meets(text, machine, judged)) is not None), None)
        if place is not None and not _is_excused(text, judged):
            found.append((*place, text.tokens[judged.first].word in word_set("mild_verdicts")))
    return found


def _meets(text: Text, machine: Hit, judged: Hit) -> tuple[int, int] | None:
    tokens = text.tokens
    if tokens[machine.first].sentence != tokens[judged.first].sentence or _overlap(machine, judged):
        return None
    if judged.last < machine.first:
        between = tokens[judged.last + 1 : machine.first]
        near = len(between) <= _ATTRIBUTE_REACH and all(t.word in {"old", "of", "a", "little", "gaming", "single"} or t.is_number for t in between)
        return (judged.first, machine.last) if near and _is_attribute(text, judged, machine) else None
    between = tokens[machine.last + 1 : judged.first]
    linked = any(t.word in word_set("verdict_links") for t in between) and len(between) <= _PREDICATE_REACH
    about_part = any(t.word in word_set("excused") for t in between)
    return (machine.first, judged.last) if linked and not about_part else None


def _is_attribute(text: Text, judged: Hit, machine: Hit) -> bool:
    """Tell "a bad laptop" from "a good laptop stand" and from "good PC cooling"."""
    tokens = text.tokens
    following = tokens[machine.last + 1] if machine.last + 1 < len(tokens) else None
    return following is None or following.clause != tokens[machine.last].clause or following.word in word_set("function_words") | {"which", "anyway", "really"}


def _is_excused(text: Text, judged: Hit) -> bool:
    """Tell "good enough for" and "bad at": they speak of a task, not of the machine."""
    tokens = text.tokens
    following = tokens[judged.last + 1] if judged.last + 1 < len(tokens) else None
    return following is not None and following.clause == tokens[judged.last].clause and following.word in word_set("excused")


def _overlap(left: Hit, right: Hit) -> bool:
    return left.first <= right.last and right.first <= left.last


@cache
def _machines() -> NameBook:
    return NameBook({word: (word,) for word in (*word_list("machines"), *word_list("machine_pronouns"))})


@cache
def _good_or_bad() -> NameBook:
    return NameBook({word: (word,) for word in word_list("good_or_bad")})
