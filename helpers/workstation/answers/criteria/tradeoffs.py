"""Judge the choice of one part among three: which one, what was observed, and what waits."""

from functools import cache

from workstation.answers.criteria.constraints import names_in, signals_in
from workstation.answers.criteria.language import says_nothing
from workstation.answers.criteria.measurements import is_hearsay
from workstation.answers.criteria.parts import affirmed_parts, parts_in
from workstation.answers.criteria.phrases import NameBook
from workstation.answers.criteria.text import Text, quote, read
from workstation.answers.criteria.verdict import Verdict, decide, met, not_attempted, not_met, review
from workstation.answers.criteria.words import word_list

__all__ = ["judge_choice", "judge_reason", "judge_waiting"]

# The three parts by the constraint that each lifts; the story is short of the first one.
RIGHT = "ram"
OTHERS = frozenset({"storage", "vram"})
_FEW_TOKENS = 4
_ASK_CHOICE = "Choose the one part that gives room where the story has run out of it."
_ASK_REASON = "Point at what was seen in the story while everything was open."
_ASK_WAITING = "Name at least one of the two parts that you do not buy now."


def judge_choice(answer: str) -> Verdict:
    """Judge that the part which lifts the story's bottleneck is chosen, and only that."""
    text, words = read(answer), quote(answer)
    ids = _parts(text)
    first = ids[0] if ids else ""
    joined = len(set(ids)) > 1 and not _book("tradeoff_ranking").find(text)
    return decide(
        (not answer.strip(), not_attempted(next_step=_ASK_CHOICE)),
        (len(set(ids)) > len(OTHERS) and joined, not_met(f"{words} takes all three.", _ASK_CHOICE)),
        (joined, review(f"{words} names two, and it does not say which one comes first")),
        (first == RIGHT, met(f"{words} chooses memory.")),
        (first, not_met(f"{words} does not lift what the story has run out of.", _ASK_CHOICE)),
        (
            says_nothing(answer) or _book("vague").find(text) or len(text.tokens) <= _FEW_TOKENS,
            not_met(f"{words} names none of the three.", _ASK_CHOICE),
        ),
        otherwise=review(f"{words} may be a choice, but not in words that the rules know"),
    )


def judge_reason(answer: str) -> Verdict:
    """Judge that the reason is an observation of the story: a reading, or a symptom with what it came with."""
    text, words, hearsay = read(answer), quote(answer), is_hearsay(answer)
    happened, placed = _book("tradeoff_symptoms").find(text), _book("tradeoff_circumstances").find(text)
    told = not _book("tradeoff_prestige").find(text)
    return decide(
        (not answer.strip(), not_attempted(next_step=_ASK_REASON)),
        (says_nothing(answer), not_met(f"{words} is no reason.", _ASK_REASON)),
        (
            _book("tradeoff_seen").find(text) or any(hit.ids == {RIGHT} for hit in signals_in(text)),
            met(f"{words} rests on what was seen."),
        ),
        (told and not hearsay and happened and placed, met(f"{words} is a symptom that the story tells.")),
        (
            told and not hearsay and (happened or placed),
            review(f"{words} may be a symptom of the story, and the rules cannot tell which"),
        ),
        (
            _book("tradeoff_prestige").find(text) or not _parts(text) or hearsay,
            not_met(f"{words} would be as true of any machine.", _ASK_REASON),
        ),
        otherwise=review(f"{words} names a part, and the rules cannot tell what was seen"),
    )


def judge_waiting(answer: str, choice: str = "") -> Verdict:
    """Judge that one of the other two parts is named as what waits: other than *choice*, be that right or wrong."""
    text, words = read(answer), quote(answer)
    ids = set(_parts(text))
    chosen = next(iter(_parts(read(choice))), RIGHT)
    others = frozenset({RIGHT, *OTHERS}) - {chosen}
    return decide(
        (not answer.strip(), not_attempted(next_step=_ASK_WAITING)),
        (ids & others or _is_left_out(text, others) or _book("tradeoff_rest").find(text), met(f"{words} can wait.")),
        (ids, not_met(f"{words} is the very part that is chosen.", _ASK_WAITING)),
        (
            says_nothing(answer)
            or _book("case_nothing_done").find(text)
            or _book("case_quiet").find(text)
            or _book("case_answer_keys").find(text),
            not_met(f"{words} names nothing that waits.", _ASK_WAITING),
        ),
        otherwise=review(f"{words} may name what waits, but not in words that the rules know"),
    )


def _is_left_out(text: Text, others: frozenset[str]) -> bool:
    """Read "no GPU for now": where it is asked what waits, a part that is denied waits."""
    return any(hit.ids & others for hit in (*_cards().find(text), *parts_in(text)))


def _parts(text: Text) -> list[str]:
    """List the three parts in the order in which they are named: a bare GPU and its memory are one of them."""
    hits = sorted([*names_in(text), *affirmed_parts(text), *_cards().affirmed(text)], key=lambda hit: hit.first)
    found = [entry for hit in hits for entry in sorted(hit.ids) if entry in {RIGHT, *OTHERS}]
    return list(dict.fromkeys(found))


@cache
def _cards() -> NameBook:
    return NameBook({"vram": (*word_list("graphics"), *word_list("case_card"))})


@cache
def _book(name: str) -> NameBook:
    return NameBook({phrase: (phrase,) for phrase in word_list(name)})
