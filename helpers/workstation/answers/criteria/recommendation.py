"""Judge what a recommendation rests on: the work that it is for, the first bottleneck, and evidence.

The judges of the first exercise read one field each. Here one paragraph holds everything, so each judge first looks
for the sentences that speak of its matter.
"""

from collections.abc import Iterator
from functools import cache, lru_cache

from workstation.answers.criteria.constraints import (
    A_LIST,
    constraint_names,
    measures_in,
    named,
    names_in,
    signals_in,
)
from workstation.answers.criteria.families import families_in, judge_family
from workstation.answers.criteria.fit import shown_by
from workstation.answers.criteria.measurements import judge_measured, sentences_of
from workstation.answers.criteria.phrases import Hit, NameBook, distinct, side_by_side
from workstation.answers.criteria.quantities import sizes, used_shares
from workstation.answers.criteria.recommendation_option import decides
from workstation.answers.criteria.tasks import describes_a_task
from workstation.answers.criteria.text import Text, denies, quote, read
from workstation.answers.criteria.verdict import Verdict, decide, met, not_attempted, not_met, review
from workstation.answers.criteria.words import word_list, word_set
from workstation.catalog import load_catalog

__all__ = [
    "first_bottleneck",
    "judge_bottleneck",
    "judge_evidence",
    "judge_workload",
]

_WEAK = frozenset({"operations", "time", "environment"})  # "money" and "hours" are said of anything
_LATER_REACH = 3  # tokens from "second" to "bottleneck"
_SPAN_REACH = 4  # tokens from "last" to "three weeks"
_CUES = ("bottleneck_nouns", "bottleneck_cues", "bottleneck_order", "bottleneck_hints")
_ASK_BOTTLENECK = "Name the one constraint that comes first, the one that your plan's rule looks at."
_ASK_EVIDENCE = "Add one figure with its unit, or what you saw happen, from a recording or your log."


def judge_workload(answer: str) -> Verdict:
    """Judge that the work is named or plainly described."""
    verdict = judge_family(_without_options(answer)) if answer.strip() else judge_family(answer)
    if verdict.outcome in {"not met", "needs review"} and len(families_in(answer)) <= 1 and describes_a_task(answer):
        return met(f"{quote(answer)} says what the work is.")
    if verdict.outcome == "needs review" and not families_in(answer) and not _names_own_work(answer):
        return not_met(f"{quote(answer)} does not say for which work.", "Name the kind of work that this is for.")
    return verdict


def _without_options(answer: str) -> str:
    """Blank the names of options: "an always-on box later" is one, and no work."""
    text = read(answer)
    return (
        _blanked(text, {place for hit in _options().find(text) for place in range(hit.first, hit.last + 1)}) or answer
    )


def _blanked(text: Text, places: set[int]) -> str:
    source = list(text.source)
    for place in places:
        token = text.tokens[place]
        source[token.start : token.end] = " " * (token.end - token.start)
    return "".join(source)


def _names_own_work(answer: str) -> bool:
    """Tell a paragraph that speaks of work, though of no known kind, from one on a machine alone."""
    text = read(answer)
    machine = word_set("hardware") | word_set("units_of_time") | word_set("count_nouns")
    named_work = {t.stem for t in text.tokens if t.stem in word_set("work_nouns") and t.word not in machine}
    speaks = any(t.word in word_set("speaking_of_work") for t in text.tokens)
    return len(named_work) > 1 or (speaks and bool(named_work))


def judge_bottleneck(answer: str) -> Verdict:
    """Judge that one first bottleneck is named."""
    if not answer.strip():
        return not_attempted(next_step=_ASK_BOTTLENECK)
    found = _pointed_at(answer)
    listed = distinct(found.run)
    return decide(
        (len(listed) >= A_LIST, not_met(f"{quote(found.words)} is a list, and names no first one.", _ASK_BOTTLENECK)),
        (found.ids and len(listed) > 1, review(f"{quote(found.words)} names two bottlenecks")),
        (found.ids and found.certain, met(f"{quote(found.words)} names {constraint_names(found.ids)}.")),
        (found.ids, review(f"{quote(found.words)} may mean {constraint_names(found.ids)}")),
        (found.open, review(f"{quote(answer)} speaks of several resources, and may name one as the first")),
        otherwise=not_met(f"{quote(answer)} names no bottleneck.", _ASK_BOTTLENECK),
    )


@lru_cache(maxsize=64)
def first_bottleneck(answer: str) -> frozenset[str]:
    """Give the bottleneck that a recommendation names; empty where it names none, or a list of them."""
    found = _pointed_at(answer)
    return frozenset() if len(distinct(found.run)) >= A_LIST else found.ids


class _Found:
    """What a paragraph points at as its bottleneck, with the words, and whether that is certain."""

    __slots__ = ("certain", "ids", "open", "run", "words")

    def __init__(
        self, ids: frozenset[str], words: str = "", run: tuple[Hit, ...] = (), *, certain: bool = True
    ) -> None:
        """Note what was found."""
        self.ids, self.words, self.run, self.certain = ids, words, run, certain
        self.open = False


@lru_cache(maxsize=64)
def _pointed_at(answer: str) -> _Found:
    """Look for sentences that say "bottleneck", then "limit", "first" and "full", then at the evidence."""
    sentences = list(sentences_of(answer))
    for cues in _CUES:
        for words in sentences:
            found = _beside_cue(words, cues)
            if found is not None:
                return found
    return _without_cue(answer, sentences)


def _beside_cue(words: str, cues: str) -> _Found | None:
    """Find the constraint nearest to a cue, before or behind it, in its own clause first."""
    text = read(words)
    hits = [hit for hit in names_in(text) if not hit.ids <= _WEAK or cues == "bottleneck_nouns"]
    for cue in _book(cues).find(text):
        if _is_of_another(text, cue):
            continue
        if hits:
            near = min(hits, key=lambda hit: _distance(text, hit, cue))
            run = _run_of(text, hits, near)
            return _Found(near.ids, text.between(run[0].first, run[-1].last), tuple(run))
        told = named(_clause_of(text, cue)) if cues == "bottleneck_nouns" else None
        if told is not None and told.chosen:
            return _Found(told.chosen, told.words)
        described = signals_in(text)
        if described and cues != "bottleneck_hints":
            return _Found(described[0].ids, text.between(described[0].first, described[0].last))
    return None


def _run_of(text: Text, hits: list[Hit], near: Hit) -> list[Hit]:
    """Give the list that a name stands in, whichever of its members is nearest."""
    for place in range(len(hits)):
        run = side_by_side(text, hits[place:])
        if near in run:
            return run
    return [near]


def _distance(text: Text, hit: Hit, cue: Hit) -> tuple[bool, int]:
    gap = cue.first - hit.last if hit.first < cue.first else hit.first - cue.last
    return (text.tokens[hit.first].clause != text.tokens[cue.first].clause, gap)


def _is_of_another(text: Text, cue: Hit) -> bool:
    """Tell "the second bottleneck" and "no longer a limit" from the first one."""
    before = text.tokens[max(0, cue.first - _LATER_REACH) : cue.first]
    return any(t.word in word_set("later_bottlenecks") or denies(t.word) for t in before)


def _clause_of(text: Text, cue: Hit) -> str:
    clause = text.tokens[cue.first].clause
    places = [place for place, token in enumerate(text.tokens) if token.clause == clause]
    return text.between(places[0], places[-1])


def _without_cue(answer: str, sentences: list[str]) -> _Found:
    """Take the only constraint of the paragraph, or the one that its evidence shows to be short."""
    text = read(answer)
    strong = [hit for hit in names_in(text) if not hit.ids <= _WEAK and not _is_plain_power(text, hit)]
    kinds = distinct(strong)
    if len(kinds) == 1:
        return _Found(kinds[0], text.between(strong[0].first, strong[0].last))
    shown = [entry for words in sentences for entry in shown_by(words) if entry not in _WEAK]
    if shown:
        return _Found(frozenset(shown[:1]), load_catalog().constraints[shown[0]].name, certain=len(set(shown)) == 1)
    found = _Found(frozenset())
    found.open = bool(kinds)
    return found


def _is_plain_power(text: Text, hit: Hit) -> bool:
    """Tell "AI needs power" from the power supply."""
    return hit.first == hit.last and text.tokens[hit.first].word == "power"


def judge_evidence(answer: str) -> Verdict:
    """Judge that something measured or seen carries the recommendation: neither its span nor its rule's threshold."""
    if not answer.strip():
        return not_attempted(next_step=_ASK_EVIDENCE)
    telling = [words for each in sentences_of(answer) if _tells_of_machine(words := _without_conditions(each))]
    weighed = [words for words in telling if not decides(words) or _reads_a_figure(words)]
    measured = next((judged for each in weighed if (judged := judge_measured(each)).outcome == "met"), None)
    if measured is not None:
        return measured
    told = " ".join(words for words in telling if not decides(words))  # the size of a part that is chosen is no figure
    return judge_measured(told) if read(told) else not_met(f"{quote(answer)} shows nothing measured.", _ASK_EVIDENCE)


def _reads_a_figure(words: str) -> bool:
    """Tell "I keep it, as 7 of 8 GiB were used" from "one upgrade, 64 GB": the size of a part was not measured."""
    text = read(words)
    reading = word_set("used_figures") - word_set("used_figures_of_sizes")
    return any(used_shares(text.source)) or any(token.word in reading for token in text.tokens)


def _tells_of_machine(words: str) -> bool:
    """Tell an observation from what the work is: "RAG over 9,000 pages" counts pages and measures nothing."""
    text = read(words)
    figures = next(sizes(text.source), None) is not None or any(used_shares(text.source))
    told = figures or names_in(text) or signals_in(text) or measures_in(text)
    symptoms = word_set("symptoms") - word_set("waiting_words")  # "a card waits" hurts nobody
    return bool(told) or any(token.word in symptoms for token in text.tokens)


def _without_conditions(words: str) -> str:
    """Blank "if swap passes 2 GiB" and "for the next 16 weeks": figures in them are still to come."""
    text = read(words)
    gone = {place for first, end in text.clauses() if _supposes(text, first, end) for place in range(first, end)}
    return _blanked(text, gone | set(_spans(text)))


def _supposes(text: Text, first: int, end: int) -> bool:
    return text.tokens[first].word in word_set("suppositions") and end > first


def _spans(text: Text) -> Iterator[int]:
    """Find "for the next 16 weeks" and "14 weeks from 7 September"; "in the last three weeks" was lived."""
    tokens = text.tokens
    for place, token in enumerate(tokens):
        if token.word not in word_set("span_units") or place == 0:
            continue
        before = {each.word for each in tokens[max(0, place - _SPAN_REACH) : place]}
        counted = tokens[place - 1].is_number or tokens[place - 1].word in word_set("count_numbers")
        if counted and not before & word_set("lived_spans"):
            yield from (place - 1, place)


@cache
def _options() -> NameBook:
    known = load_catalog().decisions.values()
    return NameBook({entry.id: entry.aliases for entry in known if entry.id in {"server", "desktop", "upgrade"}})


@cache
def _book(name: str) -> NameBook:
    return NameBook({phrase: (phrase,) for phrase in word_list(name)})
