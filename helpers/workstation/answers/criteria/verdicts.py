"""Judge that the machine as a whole is called neither good nor bad; a constraint may be."""

from bisect import bisect_left
from functools import cache

from workstation.answers.criteria.language import UNREAD, says_nothing, unread_among
from workstation.answers.criteria.phrases import Hit, NameBook
from workstation.answers.criteria.text import Text, quote, read
from workstation.answers.criteria.verdict import Verdict, met, not_attempted, not_met, review
from workstation.answers.criteria.words import word_list, word_set

__all__ = ["judge_no_verdict"]

_REACH = 12  # tokens from one to the other at all
_PREDICATE_REACH = 7  # tokens from "the laptop" over "is" to "rubbish"
_ATTRIBUTE_REACH = 2  # tokens from "rubbish" to "laptop"
_ASK = "Say which resource reaches its limit under which work, instead of judging the machine."


def judge_no_verdict(answers: tuple[str, ...]) -> Verdict:
    """Judge all texts of a summary together; silence earns nothing."""
    if says_nothing(*answers):
        return not_attempted(
            next_step=_ASK
        )  # silence earns nothing, and an instruction to the grader says nothing either
    doubtful = ""
    for answer in answers:
        text = read(answer)
        for first, last, mild in _verdicts(text):
            words = text.between(first, last)
            if not mild:
                return not_met(f"{quote(words)} judges the machine as a whole.", _ASK)
            doubtful = words
    if doubtful:
        return review(f"{quote(doubtful)} may judge the machine as a whole.")
    unread = unread_among(answers)
    if unread:
        return review(f"{quote(unread)} {UNREAD}")
    return met("No sentence calls the machine as a whole good or bad.")


def _verdicts(text: Text) -> list[tuple[int, int, bool]]:
    """List the verdicts as (first token, last token, is it doubtful)."""
    machines = _machines().find(text)
    firsts = [machine.first for machine in machines]
    found = []
    for judged in _good_or_bad().find(text):
        near = machines[bisect_left(firsts, judged.first - _REACH) : bisect_left(firsts, judged.last + _REACH)]
        place = next((p for machine in near if (p := _meets(text, machine, judged)) is not None), None)
        if place is None:
            continue
        mild = text.tokens[judged.first].word in word_set("mild_verdicts") and not _praises(text, judged, machines)
        if _is_about_task(text, judged):
            if not mild:
                found.append((*place, True))
        else:
            found.append((*place, mild))
    return found


def _praises(text: Text, judged: Hit, machines: list[Hit]) -> bool:
    """Tell "the best machine" from "the best": a judgement right before a machine is no mild one."""
    return any(machine.first == judged.last + 1 and _is_attribute(text, machine) for machine in machines)


def _meets(text: Text, machine: Hit, judged: Hit) -> tuple[int, int] | None:
    """Join a machine and a judgement where grammar joins them."""
    tokens = text.tokens
    if tokens[machine.first].sentence != tokens[judged.first].sentence or _overlap(machine, judged):
        return None
    if judged.last < machine.first:
        between = [token.word for token in tokens[judged.last + 1 : machine.first]]
        if len(between) > _ATTRIBUTE_REACH or any(word not in word_set("attribute_bridges") for word in between):
            return None
        return (judged.first, machine.last) if _is_attribute(text, machine) else None
    between = [token.word for token in tokens[machine.last + 1 : judged.first]]
    linked = any(word in word_set("verdict_links") for word in between) and len(between) <= _PREDICATE_REACH
    linked = linked or (tokens[judged.first].word in word_set("judging_verbs") and len(between) <= _ATTRIBUTE_REACH)
    return (machine.first, judged.last) if linked and not set(between) & word_set("excused") else None


def _is_attribute(text: Text, machine: Hit) -> bool:
    """Tell "a bad laptop" from "a good laptop stand" and "good PC cooling"."""
    tokens = text.tokens
    following = tokens[machine.last + 1] if machine.last + 1 < len(tokens) else None
    if following is None or following.clause != tokens[machine.last].clause:
        return True
    return following.word in word_set("function_words") | word_set("grammar_words")


def _is_about_task(text: Text, judged: Hit) -> bool:
    """Tell "good enough for notebooks" and "bad at long runs" from a verdict: they speak of a task."""
    tokens = text.tokens
    following = [t.word for t in tokens[judged.last + 1 : judged.last + 3] if t.clause == tokens[judged.last].clause]
    return bool(following) and following[0] in word_set("excused") and not set(following[1:]) & word_set("no_task")


def _overlap(left: Hit, right: Hit) -> bool:
    return left.first <= right.last and right.first <= left.last


@cache
def _machines() -> NameBook:
    return NameBook({word: (word,) for word in (*word_list("machines"), *word_list("machine_pronouns"))})


@cache
def _good_or_bad() -> NameBook:
    return NameBook({word: (word,) for word in word_list("good_or_bad")})
