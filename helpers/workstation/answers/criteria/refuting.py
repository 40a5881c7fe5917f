"""Judge whether a field names an observation that would prove its writer wrong.

An observation is something that an instrument or another run can show, and how it would have to come out. Money, other
people's opinions and "more evidence" could come out any way.
"""

from functools import cache

from workstation.answers.criteria.constraints import measures_in, names_in, signals_in, targets_in
from workstation.answers.criteria.language import says_nothing
from workstation.answers.criteria.measurements import is_hearsay
from workstation.answers.criteria.parts import affirmed_parts
from workstation.answers.criteria.phrases import NameBook
from workstation.answers.criteria.quantities import has_count, has_figure
from workstation.answers.criteria.text import Text, denies, quote, read
from workstation.answers.criteria.verdict import Verdict, decide, met, not_attempted, not_met, review
from workstation.answers.criteria.words import word_list, word_set

__all__ = ["judge_refutable"]

_FEW_TOKENS = 4
_ASK = "Say which reading, or which second run, would have to come out how."


def judge_refutable(answer: str, *, counts_money: bool = False) -> Verdict:
    """Judge that *answer* names an observation and the outcome that would refute what stands above it.

    With *counts_money* a price is an observation, too: whether to rent or to own hangs on it.
    """
    text, words = read(answer), quote(answer)
    money = _is_of_money(text)
    seen, outcome, effect = _is_observable(text) or money, _has_outcome(text), _is_effect(text)
    return decide(
        (not answer.strip(), not_attempted(next_step=_ASK)),
        (says_nothing(answer) or not text, not_met(f"{words} names no observation.", _ASK)),
        (
            is_hearsay(answer) and not has_figure(answer),
            not_met(f"{words} is what others say, not what is seen.", _ASK),
        ),
        (money and not counts_money, not_met(f"{words} is about money, not about what happens.", _ASK)),
        (effect, met(f"{words} names a trial and how it would come out.")),
        (seen and outcome, met(f"{words} names an observation that would speak against it.")),
        (_book("case_unfalsifiable").find(text), not_met(f"{words} could come out any way.", _ASK)),
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


def _is_observable(text: Text) -> bool:
    """Tell whether anything is named that an instrument or a run can show, beyond the bare name of a resource."""
    return bool(
        _is_observed(text)
        or [hit for hit in names_in(text) if not hit.ids <= {"operations"}]
        or affirmed_parts(text)
        or _book("statement_work").find(text)
        or _book("case_observed").find(text)
    )


def _is_observed(text: Text) -> bool:
    words = {token.word for token in text.tokens}
    observed = measures_in(text) or signals_in(text) or _book("statement_limits").find(text)
    figure = has_figure(text.source) or has_count(text.source)
    return bool(observed or figure or words & word_set("symptoms") or _book("symptom_phrases").find(text))


def _has_outcome(text: Text) -> bool:
    """Tell whether it is said how it comes out; a denial alone is an outcome of something that is observed."""
    words = {token.word for token in text.tokens}
    said = _book("case_outcomes").find(text) or _book("statement_limits").find(text) or has_figure(text.source)
    counted = _book("case_observed").find(text) and any(
        t.is_number or t.word in word_set("count_numbers") for t in text.tokens
    )
    return bool(said or counted) or (_is_observed(text) and any(map(denies, words)))


def _is_effect(text: Text) -> bool:
    """Tell "if closing the tabs does not help": a trial, and that it changes nothing, or everything."""
    effects = _book("case_effects").find(text)
    tried = targets_in(text) or _book("case_trials").find(text)
    return bool(effects and tried)


def _is_of_money(text: Text) -> bool:
    return bool(_book("case_money").find(text)) and not (measures_in(text) and has_figure(text.source))


@cache
def _book(name: str) -> NameBook:
    return NameBook({phrase: (phrase,) for phrase in word_list(name)})
