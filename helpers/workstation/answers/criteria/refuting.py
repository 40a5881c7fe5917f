"""Judge whether a field names an observation that would prove its writer wrong.

An observation is something that an instrument or another run can show, and how it would have to come out. Money, other
people's opinions and "more evidence" could come out any way.
"""

import re
from functools import cache

from workstation.answers.criteria.constraints import measures_in, names_in, signals_in, targets_in
from workstation.answers.criteria.language import says_nothing
from workstation.answers.criteria.measurements import is_hearsay
from workstation.answers.criteria.parts import affirmed_parts
from workstation.answers.criteria.phrases import NameBook
from workstation.answers.criteria.quantities import has_count, has_figure
from workstation.answers.criteria.text import Text, Token, denies, is_negated, quote, read
from workstation.answers.criteria.verdict import Verdict, decide, met, not_attempted, not_met, review
from workstation.answers.criteria.words import word_list, word_set

__all__ = ["judge_refutable"]

_FEW_TOKENS = 4
_COMPARED = re.compile(  # "si/so > 0", "falls to 0"
    r"(?:[<>≤≥=≈~]|[<>]=|\b(?:to|at|under|over|below|above|near|beyond|past)(?: about| around| only)?)\s*\d"
    r"|\d\s*[<>≤≥=]",
    re.IGNORECASE,
)
_RATE = re.compile(
    r"\d\s*[^\W\d_]+\s*(?:per|a|an|every|each|/)\s*(?:s|sec|seconds?|min|minutes?|h|hours?)\b", re.IGNORECASE
)
_A_SPAN = 2  # tokens from "every" to "week"
_ASK = "Say which reading, or which second run, would have to come out how."


def judge_refutable(answer: str, *, story: frozenset[str] = frozenset(), is_rare: bool = False) -> Verdict:
    """Judge that *answer* names an observation and the outcome that would refute what stands above it.

    What the *story* is about, as stems, can be looked at and tried too. Where a job *is_rare*, a price is an
    observation, and so is how often the job comes: whether to rent or to own hangs on both.
    """
    text, words = read(answer), quote(answer)
    money = _is_of_money(text)
    told = bool(story.intersection(text.stems))
    seen, outcome, effect = told or money or _is_observable(text), _has_outcome(text), _is_effect(text, is_tried=told)
    return decide(
        (not answer.strip(), not_attempted(next_step=_ASK)),
        (says_nothing(answer) or not text, not_met(f"{words} names no observation.", _ASK)),
        (
            is_hearsay(answer) and not has_figure(answer),
            not_met(f"{words} is what others say, not what is seen.", _ASK),
        ),
        (money and not is_rare, not_met(f"{words} is about money, not about what happens.", _ASK)),
        (_book("case_answer_keys").find(text), not_met(f"{words} points at an answer and gives none.", _ASK)),
        (
            _book("case_more_of_it").find(text) and len(text.tokens) <= _FEW_TOKENS,
            not_met(f"{words} could come out any way.", _ASK),
        ),
        (_is_only_slow(text), not_met(f"{words} does not say how slow, at what, or when.", _ASK)),
        (effect, met(f"{words} names a trial and how it would come out.")),
        (seen and outcome, met(f"{words} names an observation that would speak against it.")),
        (is_rare and _recurs(text), met(f"{words} says how often the job would have to come.")),
        (_happens_where(text), met(f"{words} names what would have to happen, and when.")),
        (
            _book("case_unfalsifiable").find(text) or _book("case_culprits").find(text),
            not_met(f"{words} could come out any way.", _ASK),
        ),
        (seen and _supposes(text), met(f"{words} names what would have to be seen.")),
        (
            seen and len(text.tokens) <= _FEW_TOKENS,
            not_met(f"{words} names what to look at, and not how it would have to come out.", _ASK),
        ),
        (
            seen or (outcome and len(text.tokens) > _FEW_TOKENS),
            review(f"{words} may name an observation, but the rules cannot tell which outcome is meant"),
        ),
        otherwise=not_met(f"{words} names no observation.", _ASK),
    )


def _is_only_slow(text: Text) -> bool:
    """Tell "if it is slow" from "if it is slow with the tabs closed": nothing says at what, when, or against what."""
    opinions = word_set("case_vague_outcomes")
    plain = word_set("function_words") | word_set("grammar_words") | word_set("vague") | word_set("case_suppositions")
    words = {token.word for token in text.tokens}
    return bool(words & opinions) and words <= plain | opinions


def _is_observable(text: Text) -> bool:
    """Tell whether anything is named that an instrument or a run can show, beyond the bare name of a resource."""
    return bool(
        _is_observed(text)
        or [hit for hit in names_in(text) if not hit.ids <= {"operations"}]
        or affirmed_parts(text)
        or targets_in(text)
        or _book("statement_work").find(text)
        or _book("case_observed").find(text)
    )


def _is_observed(text: Text) -> bool:
    words = {token.word for token in text.tokens}
    observed = measures_in(text) or signals_in(text) or _book("statement_limits").find(text)
    return bool(observed or _has_figure(text) or words & word_set("symptoms") or _book("symptom_phrases").find(text))


def _has_outcome(text: Text) -> bool:
    """Tell whether it is said how it comes out; a denial alone is an outcome of something that is observed."""
    words = {token.word for token in text.tokens}
    said = _book("case_outcomes").find(text) or _book("statement_limits").find(text) or _is_figure(text)
    counted = _book("case_observed").find(text) and any(
        t.is_number or t.word in word_set("count_numbers") for t in text.tokens
    )
    return bool(said or counted) or (_is_observed(text) and any(map(denies, words))) or _is_absent(text)


def _has_figure(text: Text) -> bool:
    return _is_figure(text) or has_count(text.source)


def _is_figure(text: Text) -> bool:
    """Tell a reading: a number with a unit, a rate, or one that something is compared with."""
    return has_figure(text.source) or bool(_COMPARED.search(text.source) or _RATE.search(text.source))


def _is_absent(text: Text) -> bool:
    """Tell "no disk activity in the pauses": what is looked at is not there."""
    seen = [hit for hit in _book("case_observed").find(text) if text.tokens[hit.first].word != "case"]
    return any(is_negated(text, hit.first) for hit in seen)


def _supposes(text: Text) -> bool:
    """Tell "if the clock were untouched" from "the clock": something is said of what is looked at."""
    opens = any(token.word in word_set("case_suppositions") for token in text.tokens)
    plain = word_set("function_words") | word_set("grammar_words") | word_set("vague") | word_set("case_suppositions")
    telling = [token for token in text.tokens if token.word not in plain]
    return opens and len(telling) > 1


def _recurs(text: Text) -> bool:
    """Tell "ten such weekends a year" and "she has to do it each week": the job is not rare."""
    spans = word_set("rhythm_spans")
    every = {"every", "each", "per", "a", "an", "most", "many", "several", "two", "three", "four"}
    rhythm = any(
        token.word in spans and (every & {each.word for each in text.tokens[max(0, place - _A_SPAN) : place]})
        for place, token in enumerate(text.tokens)
    )
    return rhythm or bool(_book("case_rhythm").affirmed(text))


def _happens_where(text: Text) -> bool:
    """Tell "pauses between the saves" from "pauses": an event, and under which circumstance it would come."""
    vague = word_set("case_vague_circumstances") | word_set("function_words")
    return any(
        any(token.word not in vague for token in _circumstance(text, hit.first, hit.last))
        for hit in _book("case_events").find(text)
    )


def _circumstance(text: Text, first: int, last: int) -> list[Token]:
    """Give what stands behind "without", before or after an event, in its sentence."""
    sentence = text.tokens[first].sentence
    for hit in _book("case_circumstances").find(text):
        if text.tokens[hit.first].sentence == sentence and not first <= hit.first <= last:
            return [
                token
                for place, token in enumerate(text.tokens)
                if place > hit.last and token.sentence == sentence and not first <= place <= last
            ]
    return []


def _is_effect(text: Text, *, is_tried: bool) -> bool:
    """Tell "if closing the tabs does not help": a trial, and that it changes nothing, or everything."""
    effects = _book("case_effects").find(text)
    plain = word_set("function_words") | word_set("grammar_words") | word_set("vague")
    before = {token.word for hit in effects for token in text.tokens[: hit.first]}
    tried = is_tried or targets_in(text) or _book("case_trials").find(text) or before - plain
    return bool(effects and tried)


def _is_of_money(text: Text) -> bool:
    return bool(_book("case_money").find(text)) and not (measures_in(text) and has_figure(text.source))


@cache
def _book(name: str) -> NameBook:
    return NameBook({phrase: (phrase,) for phrase in word_list(name)})
