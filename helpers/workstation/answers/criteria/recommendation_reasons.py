"""Judge why a recommendation is as it is: not to impress, with something that waits, and for a place to run in."""

from functools import cache

from workstation.answers.criteria.constraints import names_in
from workstation.answers.criteria.language import UNREAD, is_unread_language, says_nothing
from workstation.answers.criteria.measurements import sentences_of
from workstation.answers.criteria.parts import parts_in
from workstation.answers.criteria.phrases import Hit, NameBook
from workstation.answers.criteria.recommendation import judge_bottleneck, judge_evidence, judge_workload
from workstation.answers.criteria.recommendation_option import decides
from workstation.answers.criteria.text import Text, denies, quote, read
from workstation.answers.criteria.verdict import Verdict, decide, met, not_attempted, not_met, review
from workstation.answers.criteria.words import word_list, word_set
from workstation.catalog import load_catalog

__all__ = ["judge_local_or_cloud", "judge_no_prestige", "judge_what_waits"]

_NEAR = 12  # tokens between a thing and the words that let it wait
_NO_REACH = 2  # tokens from "no" to what is not bought
_PLACE_REACH = 7  # tokens from "runs" to the place
_FEWEST_GROUNDS = 3  # words that give a ground
_SEEN_REACH = 7  # tokens from "my friends" to "look at"
_BOUND_REACH = 4  # tokens from "best" to "there is"
_REASONS = ("place_reasons", "place_grounds")
_ASK_WAITS = "Name what you leave for later, and the condition that would change that."
_ASK_GROUNDS = "Write what the work is, what comes first, what was measured and what waits; then this can be judged."
_ASK_PLACE = "Say where the work runs, here or on rented machines, and the reason."


def judge_no_prestige(answer: str) -> Verdict:
    """Judge that nothing is chosen in order to impress; whoever argues for nothing has not chosen yet."""
    text = read(answer)
    if not answer.strip() or not text or says_nothing(answer):
        return not_attempted()
    hits = _book("prestige").affirmed(text)
    hits += _boundless(text)
    refused = [hit for hit in hits if _is_refused(text, hit)]
    doubtful = [hit for hit in hits if hit not in refused and _is_set_against(text, hit, hits)]
    blamed = [hit for hit in hits if hit not in refused and hit not in doubtful]
    doubtful += [hit for hit in _looked_at(text) if not _is_refused(text, hit)]
    ask = "Leave out what others will think, and say which figure the choice follows from."
    return decide(
        (blamed, not_met(f"{_clause(text, blamed)} is about impressing, not about the work.", ask)),
        (
            doubtful,
            review(f"{_clause(text, doubtful)} may be about others who look on, or a temptation that is refused"),
        ),
        otherwise=_unblamed(answer),
    )


def _unblamed(answer: str) -> Verdict:
    """Tell a recommendation from silence: "Keep." leaves everything out, what impresses too."""
    if is_unread_language(answer):
        return review(f"{quote(answer)} {UNREAD}")
    grounds = (judge_bottleneck, judge_evidence, judge_what_waits, judge_local_or_cloud, judge_workload)
    outcomes = {judge(answer).outcome for judge in grounds}
    speaks_of_it = _book("prestige").find(read(answer)) or _book("lookers").find(read(answer))
    return decide(
        ("met" in outcomes or speaks_of_it, met("No part of it is chosen to impress.")),
        (
            "needs review" in outcomes,
            review(f"{quote(answer)} may argue for a choice, but not in words that the rules know"),
        ),
        otherwise=not_attempted(
            f"{quote(answer)} says too little of a recommendation to judge what it leaves out.", _ASK_GROUNDS
        ),
    )


def _boundless(text: Text) -> list[Hit]:
    """Find "the best card there is": a superlative without any work that asks for it."""
    tops, ends = _book("superlatives").affirmed(text), _book("boundless").find(text)
    return [
        top
        for top in tops
        if any(0 < end.first - top.last <= _BOUND_REACH and _same_clause(text, top, end) for end in ends)
    ]


def _looked_at(text: Text) -> list[Hit]:
    """Find "so that visitors see it": somebody looks on, and it may be a reason or none."""
    seeing = _book("seeing").affirmed(text)
    return [
        who
        for who in _book("lookers").affirmed(text)
        if any(0 < look.first - who.last <= _SEEN_REACH and _same_clause(text, who, look) for look in seeing)
    ]


def _same_clause(text: Text, one: Hit, other: Hit) -> bool:
    return text.tokens[one.first].clause == text.tokens[other.first].clause


def _is_refused(text: Text, hit: Hit) -> bool:
    """Tell "it would impress my friends, but nothing asks for it" from a reason to buy."""
    sentence = text.tokens[hit.first].sentence
    words = [token.word for token in text.tokens[hit.last + 1 :] if token.sentence == sentence]
    turned = next((place for place, word in enumerate(words) if word in word_set("contrasts")), len(words))
    before = {token.word for token in text.tokens[: hit.first] if token.sentence == sentence}
    clause = [t.word for t in text.tokens[hit.last + 1 :] if t.clause == text.tokens[hit.first].clause]
    waved = any(map(denies, clause)) and bool(set(clause) & word_set("waved_away"))
    waved |= bool(before & word_set("no_lookers")) and bool(before & word_set("not_needed"))
    return waved or any(denies(word) for word in words[turned:]) or bool(before & word_set("resisting"))


def _is_set_against(text: Text, hit: Hit, hits: list[Hit]) -> bool:
    """Tell a reason from words that stand beside a denial; "nobody else has one" is itself a reason."""
    own = {place for each in hits for place in range(each.first, each.last + 1)}
    sentence = text.tokens[hit.first].sentence
    beside = (place for place, token in enumerate(text.tokens) if token.sentence == sentence and place not in own)
    return any(text.tokens[place].word in word_set("against_prestige") for place in beside)


def _clause(text: Text, hits: list[Hit]) -> str:
    clause = text.tokens[hits[0].first].clause if hits else -1
    places = [place for place, token in enumerate(text.tokens) if token.clause == clause]
    return quote(text.between(places[0], places[-1])) if places else ""


def judge_what_waits(answer: str) -> Verdict:
    """Judge that something tempting is named and left for later, or made to depend on a condition."""
    if not answer.strip():
        return not_attempted(next_step=_ASK_WAITS)
    text = read(answer)
    pairs = [
        (wait, thing)
        for waits, things in (("waiting_words", "things_that_wait"), ("conditional_words", "things_to_buy"))
        for wait in _book(waits).find(text)
        for thing in (*_book(things).find(text), *(parts_in(text) if waits == "waiting_words" else ()))
        if _belong(text, wait, thing)
    ]
    pairs += [(thing, thing) for thing in _book("things_that_wait").find(text) if _is_not_yet(text, thing)]
    words = quote(_across(text, *pairs[0])) if pairs else ""
    return decide(
        (pairs, met(f"{words} says what waits.")),
        (_book("waiting_words").find(text), review(f"{quote(answer)} lets something wait, and not clearly what")),
        otherwise=not_met(f"{quote(answer)} does not say what waits.", _ASK_WAITS),
    )


def _is_not_yet(text: Text, thing: Hit) -> bool:
    """Tell "no desktop yet" and "no second disk this year" from "no RAM was left"."""
    before = text.tokens[max(0, thing.first - _NO_REACH) : thing.first]
    after = text.tokens[thing.last + 1 : thing.last + 2]
    refused = any(token.word == "no" and token.sentence == text.tokens[thing.first].sentence for token in before)
    return refused and any(token.word in word_set("waiting_after") for token in after)


def _across(text: Text, one: Hit, other: Hit) -> str:
    return text.between(min(one.first, other.first), max(one.last, other.last))


def _belong(text: Text, wait: Hit, thing: Hit) -> bool:
    one, other = sorted((wait, thing), key=lambda hit: hit.first)
    same = text.tokens[wait.first].sentence == text.tokens[thing.first].sentence or _is_asked(text, one, other)
    now = wait.first > 0 and text.between(wait.first - 1, wait.last).casefold() == "at once"
    return same and not now and other.first - one.last <= _NEAR and one.last < other.first


def _is_asked(text: Text, one: Hit, other: Hit) -> bool:
    """Tell "A new PC? Only if the rule fires" from two sentences that have nothing to do with each other."""
    gap = text.source[text.tokens[one.last].end : text.tokens[other.first].start]
    return gap.count("?") == 1 and "." not in gap and "!" not in gap


def judge_local_or_cloud(answer: str) -> Verdict:
    """Judge that a place is named where the work runs, and a reason for it."""
    if not answer.strip():
        return not_attempted(next_step=_ASK_PLACE)
    placed = [words for words in sentences_of(answer) if _names_a_place(words)]
    reasoned = [words for words in placed if _gives_a_reason(words)]
    if placed and not reasoned:
        reasoned = [words for words in sentences_of(answer) if _book("place_grounds").find(read(words))]
    return decide(
        (reasoned, met(f"{quote(reasoned[0] if reasoned else answer)} says where, and why.")),
        (
            placed,
            not_met(
                f"{quote(placed[0] if placed else answer)} says where the work runs, and not why there.", _ASK_PLACE
            ),
        ),
        otherwise=not_met(
            f"{quote(answer)} does not say whether the work runs here or in the cloud, and why.", _ASK_PLACE
        ),
    )


def _names_a_place(words: str) -> bool:
    text = read(words)
    here = _book("local_places").find(text) or _book("remote_places").find(text)
    return bool(here or _renting().find(text) or _stands_somewhere(text))


def _stands_somewhere(text: Text) -> bool:
    """Tell "it runs in the vestry" from "it runs in ten minutes" and "it runs in memory"."""
    no_place = word_set("hardware") | word_set("units_of_time") | word_set("rhythm_spans") | word_set("unit_names")
    for hit in _book("staying").affirmed(text):
        after = text.tokens[hit.last + 1 : hit.last + 1 + _PLACE_REACH]
        put = next((place for place, token in enumerate(after) if token.word in word_set("place_links")), None)
        named = [token for token in after[(put or 0) + 1 :] if token.word not in word_set("function_words")]
        if put is not None and named and not named[0].is_number and named[0].word not in no_place:
            return bool(_book("place_reasons").find(text))
    return False


def _gives_a_reason(words: str) -> bool:
    """Find words of reason, or a clause beside the place that argues: "at home: it is 300 recipes"."""
    text = read(words)
    if any(_book(name).find(text) for name in _REASONS):
        return True
    spans = text.clauses()
    return len(spans) > 1 and any(_argues(text, first, end) for first, end in spans)


def _argues(text: Text, first: int, end: int) -> bool:
    """Tell a clause that gives a ground from one on what waits, how long it lasts, or what is short."""
    part = read(text.between(first, end - 1))
    books = (
        "waiting_words",
        "bottleneck_cues",
        "bottleneck_nouns",
        "bottleneck_order",
        "local_places",
        "remote_places",
    )
    elsewhere = _renting().find(part) or names_in(part) or parts_in(part) or decides(part.source)
    other = bool(elsewhere) or any(_book(name).find(part) for name in books)
    spans = {token.word for token in part.tokens} & (word_set("span_units") | word_set("months_said"))
    opens = not part or part.tokens[0].word in word_set("suppositions") | word_set("times_leads")
    return not (other or spans or opens or says_nothing(part.source)) and len(part.tokens) >= _FEWEST_GROUNDS


@cache
def _renting() -> NameBook:
    known = load_catalog().decisions
    return NameBook({name: (*known[name].aliases, *known[name].signals) for name in ("cloud", "hybrid")})


@cache
def _book(name: str) -> NameBook:
    return NameBook({phrase: (phrase,) for phrase in word_list(name)})
