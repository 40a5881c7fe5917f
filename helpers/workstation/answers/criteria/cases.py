"""Judge a case of symptom-mapping: the constraint that it points to, a first fix, and what would prove that wrong.

A case says which constraints are right (`accepts`), or that nothing is short; for the learner's own machine the
constraint that they name takes its place.

More than 300 lines: the judges of one case look at each other's words, and share its vocabulary below.
"""

import re
from collections.abc import Iterable
from functools import cache

from workstation.answers.criteria.actions import (
    buys_graphics,
    does_anything,
    judge_next_action,
    measures_something,
    spends,
)
from workstation.answers.criteria.constraints import (
    A_LIST,
    Named,
    constraint_names,
    judge_first_bottleneck,
    named,
    names_in,
    targets_in,
)
from workstation.answers.criteria.denial import denies_any
from workstation.answers.criteria.doing import doing_in
from workstation.answers.criteria.language import says_nothing
from workstation.answers.criteria.measurements import is_hearsay
from workstation.answers.criteria.phrases import NameBook, SignalBook
from workstation.answers.criteria.portions import takes_portions
from workstation.answers.criteria.text import Text, denies, quote, read, stem, words_of
from workstation.answers.criteria.verdict import Verdict, decide, met, not_attempted, not_met, review
from workstation.answers.criteria.verdicts import judge_no_verdict
from workstation.answers.criteria.words import word_list, word_map, word_set
from workstation.catalog import load_catalog

__all__ = [
    "Looked",
    "judge_case_constraint",
    "judge_case_target",
    "judge_first_fix",
    "judge_own_constraint",
    "judge_own_target",
    "says_quiet",
    "stems_of_story",
]

Looked = frozenset[str]  # constraint ids
_OPENING_TOKENS = 4  # in which "none" and "nothing is short" answer
_SCALE = frozenset({"workload-scale"})
_EXPANSION = frozenset({"power-expansion"})
_FILLED = {"ram": "portioned_on_card", "vram": "portioned_in_memory"}  # what is filled, by what fills the other
_MANY_TOKENS = 20  # so long a field is no plain act
_HEAD = re.compile(r"[:;,(–—]|\s-\s|\bbecause\b|\bsince\b|\bas\b", re.IGNORECASE)  # noqa: RUF001 - the dashes that people type
_FEW_TOKENS = 4
_A_HEAP = 4  # fixes for so many constraints are no first fix
_ASK_CONSTRAINT = "Name the one resource that the case is short of, or say that nothing is short."
_ASK_FIX = "Name one act that changes or measures something, the cheapest one first."
_ASK_TARGET = "Choose an act that frees, relieves or measures the resource that is short."
_ASTRAY = "is not what this case points to."  # one sentence for all cases: another would give the quiet ones away
_ASK_QUIET = "Where nothing is short, keep the machine and collect evidence: which figure, how often?"


def judge_case_constraint(answer: str, accepts: Looked, near: Looked) -> Verdict:
    """Judge that the constraint behind a case is named; with nothing in *accepts*, that nothing is short."""
    found, words = named(answer), quote(answer)
    if not answer.strip():
        return not_attempted(next_step=_ASK_CONSTRAINT)
    if not accepts:
        return _judge_quiet(answer, found)
    return decide(
        (len(found.listed) >= A_LIST, not_met(f"{quote(found.words)} is a list, and no choice.", _ASK_CONSTRAINT)),
        (
            found.listed and all(ids & accepts for ids, _ in found.listed),
            met(f"{quote(found.words)} names {constraint_names(found.chosen & accepts or found.chosen)}."),
        ),
        (
            len(found.listed) > 1 and any(ids & accepts for ids, _ in found.listed),
            review(f"{quote(found.words)} names two, and it does not say which one is meant"),
        ),
        (_is_plainly(answer, accepts), met(f"{words} describes {constraint_names(accepts)}.")),
        (found.chosen & near, review(f"{quote(found.words)} may be defended from what the case tells")),
        (found.chosen, not_met(f"{quote(found.words)} {_ASTRAY}", _ASK_CONSTRAINT)),
        (says_quiet(answer), not_met(f"{words} finds nothing short, and something is.", _ASK_CONSTRAINT)),
        otherwise=_unnamed(answer),
    )


def _is_plainly(answer: str, accepts: Looked) -> bool:
    """Tell "the card does not fit" and "larger than the machine", which elsewhere may be anything, from other names."""
    text = read(answer)
    hits = [hit for entry in accepts for hit in _plain_names(entry).find(text)]
    return bool(hits) and not any(not hit.ids & accepts for hit in names_in(text))


def _judge_quiet(answer: str, found: Named) -> Verdict:
    words, quiet = quote(answer), says_quiet(answer)
    begins = quiet and says_quiet(_opening(answer))
    return decide(
        (begins or (quiet and not names_in(read(answer))), met(f"{words} says that nothing is short.")),
        (quiet, review(f"{words} names a resource and finds nothing short")),
        (found.chosen, not_met(f"{quote(found.words)} {_ASTRAY}", _ASK_CONSTRAINT)),
        otherwise=_unnamed(answer),
    )


def _unnamed(answer: str) -> Verdict:
    """Judge a field that names nothing: what is vague or blames a machine is wrong, other words are for a person."""
    verdict, words = judge_first_bottleneck(answer), quote(answer)
    return decide(
        (verdict.outcome == "not met", verdict),
        (
            judge_no_verdict((answer,)).outcome == "not met",
            not_met(f"{words} judges a machine, and names no resource.", _ASK_CONSTRAINT),
        ),
        (
            _book("case_answer_keys").find(read(answer)),
            not_met(f"{words} points at an answer and gives none.", _ASK_CONSTRAINT),
        ),
        otherwise=review(f"{words} is in words that the rules do not know"),
    )


def judge_own_constraint(answer: str) -> Verdict:
    """Judge what is said of the learner's own machine: one constraint, or that nothing is short."""
    if answer.strip() and says_quiet(_opening(answer)):
        return met(f"{quote(answer)} says that nothing is short.")
    verdict = _judge_head(answer)
    quiet = verdict.outcome in {"not met", "needs review"} and not named(answer).chosen and says_quiet(answer)
    return met(f"{quote(answer)} says that nothing is short.") if quiet else verdict


def _judge_head(answer: str) -> Verdict:
    """Judge the first bottleneck; where the whole names none, "time: my runs need 9 hours" names one at its head."""
    whole, head = judge_first_bottleneck(answer), _head(answer)
    return judge_first_bottleneck(head) if whole.outcome == "needs review" and named(head).chosen else whole


def _head(answer: str) -> str:
    return _HEAD.split(answer.strip(), maxsplit=1)[0]


def _chosen(constraint: str) -> frozenset[str]:
    return named(constraint).chosen or named(_head(constraint)).chosen


def judge_first_fix(answer: str, fixes: tuple[str, ...] = (), story: str = "") -> Verdict:
    """Judge that one thing to do is named, whatever it acts on; keeping the machine on purpose is one.

    In the *story* of a case stand the things that something may be done to, whatever the verb.
    """
    text, words = read(answer), quote(answer)
    doing = doing_in(text)
    lists = _constraints_acted_on(text)
    return decide(
        (not answer.strip(), not_attempted(next_step=_ASK_FIX)),
        (len(lists) >= _A_HEAP, not_met(f"{words} lists fixes for {len(lists)} constraints and takes none.", _ASK_FIX)),
        (_keeps(text), met(f"{words} keeps the machine as it is.")),
        (_buys_a_machine(text), not_met(f"{words} replaces the machine, and fixes nothing first.", _ASK_FIX)),
        (_is_refrained(text), met(f"{words} stops before anything is bought.")),
        (
            _is_vague(text),
            not_met(f"{words} neither changes nor measures anything.", _ASK_FIX),
        ),
        (
            does_anything(doing) or _acts_plainly(doing) or _does(text, fixes) or takes_portions(text),
            met(f"{words} is one thing to do."),
        ),
        (
            _book("case_answer_keys").find(text),
            not_met(f"{words} points at an answer and gives none.", _ASK_FIX),
        ),
        (
            says_nothing(answer) or not doing or _book("case_vague_fixes").find(text) or _does_nothing(text),
            not_met(f"{words} neither changes nor measures anything.", _ASK_FIX),
        ),
        (_is_done_to(doing, story), met(f"{words} is one thing to do.")),
        otherwise=review(f"{words} may be a fix, but not in words that the rules know"),
    )


def _is_done_to(text: Text, story: str) -> bool:
    """Tell "a board under the laptop" from "the laptop is old" and from "the laptop": something new is said of it."""
    plain = word_set("function_words") | word_set("grammar_words")
    content = {token.stem for token in text.tokens if token.word not in plain and not token.is_number}
    known = stems_of_story(story)
    stated = any(token.word in word_set("copulas") for token in text.tokens)
    short = len(text.tokens) <= _MANY_TOKENS
    said = _book("beliefs").find(text) or is_hearsay(text.source)
    return short and not stated and not said and bool(content & known) and bool(content - known)


@cache
def stems_of_story(story: str) -> frozenset[str]:
    """Stem what a case is about: the words of its text that are neither grammar nor said of any machine."""
    plain = word_set("function_words") | word_set("grammar_words") | word_set("general_words") | word_set("vague")
    return frozenset(stem(word) for word in words_of(story) if word not in plain and not word[0].isdigit())


def judge_case_target(
    answer: str, accepts: Looked, fixes: tuple[str, ...] = (), astray: tuple[str, ...] = ()
) -> Verdict:
    """Judge that a fix acts on what is behind the case; where nothing is short, that the machine is kept.

    *fixes* are words of acts that count in this very case, beside those that act on the constraint; *astray* those
    that count in cases which look alike, and not here.
    """
    if not answer.strip():
        return not_attempted(next_step=_ASK_TARGET)
    if not accepts:
        return _leaves_alone(answer)
    verdict = _acts_on(answer, accepts, fixes)
    if verdict.outcome == "needs review" and _does(read(answer), astray):
        return not_met(f"{quote(answer)} would help where something else is short.", _ASK_TARGET)
    return verdict


def judge_own_target(answer: str, constraint: str) -> Verdict:
    """Judge that a fix acts on the constraint that the learner named for their own machine."""
    chosen = _chosen(constraint)
    if not answer.strip():
        return not_attempted(next_step=_ASK_TARGET)
    if says_quiet(_opening(constraint)) or (not chosen and says_quiet(constraint)):
        alone = _leaves_alone(answer)
        return _acts_on(answer, chosen) if chosen and not _gets_something(answer) and alone.outcome != "met" else alone
    if not chosen:
        return review(f"{quote(answer)} cannot be compared: no single constraint is named")
    return _acts_on(answer, chosen)


def _acts_on(answer: str, accepts: Looked, fixes: tuple[str, ...] = ()) -> Verdict:
    text, words, name = read(answer), quote(answer), constraint_names(accepts)
    verdicts = [judge_next_action(answer, load_catalog().constraints[entry].name, "", "") for entry in sorted(accepts)]
    best = next((v for wanted in ("met", "needs review") for v in verdicts if v.outcome == wanted), verdicts[0])
    lists = _constraints_acted_on(text)
    card = buys_graphics(text)
    return decide(
        (len(lists) >= _A_HEAP, not_met(f"{words} acts on {len(lists)} constraints at once.", _ASK_TARGET)),
        (_buys_a_machine(text), not_met(f"{words} replaces the machine, whatever it is short of.", _ASK_TARGET)),
        (_is_vague(text), not_met(f"{words} neither changes nor measures anything.", _ASK_TARGET)),
        (
            card and accepts <= _SCALE,
            not_met(f"{words} buys a graphics card for a job that comes now and then.", _ASK_TARGET),
        ),
        (accepts <= _EXPANSION and _is_refrained(text), met(f"{words} stops before anything is bought.")),
        (
            accepts <= _SCALE and (_book("renting").affirmed(text) or _book("cloud_words").affirmed(text)),
            met(f"{words} moves the job to where it fits."),
        ),
        (
            _does(text, fixes) and not card and not _book("case_vague_fixes").find(text),
            met(f"{words} acts on {name} in this case."),
        ),
        (
            any(takes_portions(text, other) for entry, other in _FILLED.items() if entry in accepts)
            and not _gets_something(answer),
            met(f"{words} takes less at a time, and that relieves {name}."),
        ),
        (
            best.outcome == "needs review" and any(_aims(entry).find(text) for entry in accepts),
            met(f"{words} acts on {name}."),
        ),
        (
            _book("case_answer_keys").find(text),
            not_met(f"{words} points at an answer and gives none.", _ASK_TARGET),
        ),
        (
            card and accepts <= _EXPANSION and _book("case_fitting").find(text),
            review(f"{words} buys a card, and one that may fit"),
        ),
        (
            _keeps(text) and not _keeps_a_part(text) and best.outcome != "met",
            not_met(f"{words} leaves {name} as it is.", _ASK_TARGET),
        ),
        otherwise=best,
    )


def _leaves_alone(answer: str) -> Verdict:
    """Judge what is done where nothing is short: keep the machine, collect evidence, buy nothing."""
    text, words = read(answer), quote(answer)
    doing = doing_in(text)
    return decide(
        (_gets_something(answer), not_met(f"{words} buys something, and nothing is short.", _ASK_QUIET)),
        (_keeps(text) or measures_something(doing), met(f"{words} keeps the machine and looks on.")),
        (_is_refrained(text) or _does_nothing(text), met(f"{words} buys nothing where nothing is short.")),
        (does_anything(doing), not_met(f"{words} mends what does not hurt.", _ASK_QUIET)),
        otherwise=review(f"{words} may leave the machine as it is, but not in words that the rules know"),
    )


def _gets_something(answer: str) -> bool:
    text = read(answer)
    return spends(text) or buys_graphics(text) or _buys_a_machine(text)


def says_quiet(answer: str) -> bool:
    """Tell whether *answer* says that nothing is short: "none", "no bottleneck yet", "keep and collect evidence"."""
    text = read(answer)
    denied = any(denies(token.word) for token in text.tokens) and any(
        token.word in word_set("case_shortage_nouns") for token in text.tokens
    )
    quiet = bool(_book("case_quiet").find(text)) or _keeps(text) or denies_any(answer)
    return quiet or (denied and not names_in(text))


def _opening(answer: str) -> str:
    text = read(answer)
    return text.between(0, min(_OPENING_TOKENS, len(text.tokens)) - 1) if text else ""


def _is_vague(text: Text) -> bool:
    """Tell "everything" and "read more about AI" from "close everything else"."""
    return len(text.tokens) <= _FEW_TOKENS and bool(_book("case_vague_fixes").find(text)) and not targets_in(text)


def _keeps(text: Text) -> bool:
    return bool(_book("case_keeping").affirmed(text))


def _keeps_a_part(text: Text) -> bool:
    """Tell "keep talks short" from "keep", "keep it" and "keep the laptop"."""
    whole = word_set("machines") | word_set("hardware") | word_set("function_words") | word_set("grammar_words")
    after = [text.tokens[hit.last + 1 : hit.last + 3] for hit in _book("case_keeping").affirmed(text)]
    return all(tokens and not {token.word for token in tokens} & whole for tokens in after)


def _does_nothing(text: Text) -> bool:
    return bool(_book("case_nothing_done").find(text))


def _is_refrained(text: Text) -> bool:
    return bool(_book("case_refraining").find(text))


def _acts_plainly(text: Text) -> bool:
    """Tell acts that no constraint owns: "restart it", "try the same with a short prompt"."""
    return bool(targets_in(text) or _book("case_acts").affirmed(text))


def _buys_a_machine(text: Text) -> bool:
    """Tell "get a new computer" from "rent a machine" and "add memory to the computer"."""
    return bool(_book("case_new_machine").affirmed(text)) and not targets_in(text)


def _constraints_acted_on(text: Text) -> set[str]:
    """List the constraints that words of *text* act on and that no other constraint shares."""
    hits: Iterable[frozenset[str]] = (hit.ids for hit in (*targets_in(text), *names_in(text)))
    return {next(iter(ids)) for ids in hits if len(ids) == 1}


@cache
def _book(name: str) -> NameBook:
    return NameBook({phrase: (phrase,) for phrase in word_list(name)})


def _does(text: Text, fixes: tuple[str, ...]) -> bool:
    """Tell whether an act of the case is done, its words in any order: "open the shelf's door"."""
    return bool(_phrases(fixes).affirmed(text) or _loosely(fixes).find(text))


@cache
def _phrases(phrases: tuple[str, ...]) -> NameBook:
    return NameBook({phrase: (phrase,) for phrase in phrases})


@cache
def _loosely(phrases: tuple[str, ...]) -> SignalBook:
    return SignalBook({phrase: (phrase,) for phrase in phrases if len(words_of(phrase)) > 1})


@cache
def _aims(constraint: str) -> SignalBook:
    """Index the acts on a constraint with their words in any order: "empty the old model cache"."""
    targets = load_catalog().constraints[constraint].targets
    return SignalBook({constraint: [phrase for phrase in targets if len(words_of(phrase)) > 1]})


@cache
def _plain_names(constraint: str) -> NameBook:
    return NameBook({constraint: word_map("case_names").get(constraint, ())})
