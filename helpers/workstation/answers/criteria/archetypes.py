"""Judge the archetype, the reason for it, and what matters most."""

from functools import cache

from workstation.answers.criteria.phrases import Hit, NameBook, SignalBook, distinct, side_by_side
from workstation.answers.criteria.text import Text, is_list, quote, read, stem, words_of
from workstation.answers.criteria.verdict import Verdict, decide, met, not_attempted, not_met, review
from workstation.answers.criteria.words import word_list, word_map, word_set
from workstation.catalog import load_catalog

__all__ = ["archetypes_in", "judge_archetype", "judge_priority", "judge_reason"]

A_LIST = 3
_FEW_WORDS = 3  # a reason of fewer words that carry meaning is none
_MANY_WORDS = 5
_LONG_FRAGMENT = 6  # so many words without grammar are a list
_LONG_REASON = 25  # so many words without "I" or "my" are nobody's own
_DEFINITION_TOKENS = 5  # in which a definition has said "a laptop is"
_ASK_REASON = "Say where the machine stands or travels, what runs on it, and when."


def judge_archetype(answer: str) -> Verdict:
    """Judge that exactly one archetype is chosen."""
    text, found, words = read(answer), archetypes_in(answer), quote(answer)
    name = load_catalog().archetypes[found[0]].name if found else ""
    refused = _names().find(text) or _no_archetype().find(text) or not text
    undecided = len(found) > 1 and _book("undecided_between").find(text)
    return decide(
        (not answer.strip(), not_attempted(next_step=_ask_archetype())),
        (len(found) >= A_LIST, not_met(f"{words} lists the patterns and chooses none.", _ask_archetype())),
        (undecided, not_met(f"{words} leaves open which pattern it is.", _ask_archetype())),
        (len(found) == 1, met(f"{words} is the pattern {quote(name)}.")),
        (found, review(f"{words} names two patterns.")),
        (refused, not_met(f"{words} chooses none of the five patterns.", _ask_archetype())),
        otherwise=review(f"{words} may be one of the five patterns in other words."),
    )


def archetypes_in(answer: str) -> list[str]:
    """List the archetypes that an answer chooses: the first, and what stands beside it in a list."""
    text = read(answer)
    hits = _names().affirmed(text)
    if not hits:
        return _signals().ids(text)[:1]
    run = side_by_side(text, hits)
    listed = [entry for ids in distinct(run) for entry in sorted(ids)]
    return listed if _are_alternatives(text, run) else _merged(listed)


def _are_alternatives(text: Text, run: list[Hit]) -> bool:
    """Tell "laptop or cloud" from "laptop and cloud", which is hybrid by another name."""
    between = text.tokens[run[0].last + 1 : run[-1].first]
    return "hybrid" not in run[0].ids and any(token.word == "or" for token in between)


def judge_reason(answer: str, archetype: str) -> Verdict:
    """Judge that one sentence ties the archetype to the learner's use of the machine."""
    text, words = read(answer), quote(answer)
    meaning = _meaning(text, read(archetype))
    used = _usage().find(text) or _signals().find(text)
    listed = len(text.tokens) > _LONG_FRAGMENT and is_list(text)
    empty = not_met(f"{words} gives no reason from your own use.", _ASK_REASON)
    return decide(
        (not answer.strip(), not_attempted(next_step=_ASK_REASON)),
        (_is_empty_reason(text, meaning) or not meaning, empty),
        (_is_complaint(text), not_met(f"{words} complains, and says nothing of your use.", _ASK_REASON)),
        (listed or _lists_archetypes(text), not_met(f"{words} is a list of words, not a reason.", _ASK_REASON)),
        (
            _is_definition(text),
            not_met(f"{words} explains what such a machine is, not your use of it.", _ASK_REASON),
        ),
        (_is_impersonal(text), review(f"{words} may be copied, as it says nothing of you")),
        (
            _contradicts(text, archetype),
            review(f"{words} speaks of another pattern than {quote(archetype)}"),
        ),
        (used and len(meaning) > 1, met(f"{words} ties the pattern to your use.")),
        (
            used or len(meaning) >= _FEW_WORDS,
            review(f"{words} may be a reason, but not clearly of a place, a task or a time"),
        ),
        otherwise=empty,
    )


def _contradicts(text: Text, archetype: str) -> bool:
    """Tell "desktop, because I take it on every train": all that is told is of a machine that travels."""
    chosen = set(archetypes_in(archetype))
    told = set(_names().ids(text)) | set(_signals().ids(text))
    moves, stays = {"laptop-first"}, {"single-gpu-desktop", "home-server"}
    if not chosen or not told:
        return False
    return (chosen <= moves and told <= stays) or (chosen <= stays and told <= moves)


def _is_complaint(text: Text) -> bool:
    """Tell a rant from a reason: it scolds, and holds no place, task or time of the learner's."""
    if not _book("complaints").affirmed(text):
        return False
    told = {hit.first for hit in _usage().find(text)} - {hit.first for hit in _book("usage_of_anything").find(text)}
    return not told and not _signals().find(text)


def _ask_archetype() -> str:
    names = "; ".join(entry.name for entry in load_catalog().archetypes.values())
    return f"Write the one that is closest to what you use today: {names}."


def _ask_priority() -> str:
    return f"Write one of these: {'; '.join(entry.name for entry in load_catalog().priorities.values())}."


def _is_definition(text: Text) -> bool:
    """Tell "A laptop is a portable computer that ..." from a sentence about one's own."""
    opening = [token.word for token in text.tokens[:_DEFINITION_TOKENS]]
    general = bool(opening) and (opening[0] in {"a", "an"} or opening[0].endswith("s"))
    named = bool(_names().find(text) or _usage().find(text))
    return general and named and bool({"is", "are"} & set(opening)) and not _speaks_of_self(text)


def _is_impersonal(text: Text) -> bool:
    """Tell a long text of nobody's: neither the learner nor anybody around is in it."""
    return len(text.tokens) >= _LONG_REASON and not _speaks_of_self(text)


def _speaks_of_self(text: Text) -> bool:
    return any(token.word in word_set("first_person") for token in text.tokens)


def judge_priority(answer: str) -> Verdict:
    """Judge that one of portability, sustained load and always-on operation is chosen."""
    text, words = read(answer), quote(answer)
    hits = _not_outweighed(text, _priorities().affirmed(text))
    chosen = {entry for hit in hits for entry in hit.ids}
    listed = chosen | set(_priority_signals().ids(text)) if _clauses(text) >= A_LIST else chosen
    unclear = len(chosen) > 1 and _side_by_side(text, hits)
    other = _priorities().find(text) or _is_other(text) or not text
    return decide(
        (not answer.strip(), not_attempted(next_step=_ask_priority())),
        (
            len(listed) >= A_LIST,
            not_met(f"{words} names all three; what matters most is one of them.", _ask_priority()),
        ),
        (
            not chosen and _book("everything").find(text) and len(text.tokens) <= _MANY_WORDS,
            not_met(f"{words} chooses nothing; what matters most is one thing.", _ask_priority()),
        ),
        (unclear, review(f"{words} names two of the three")),
        (
            chosen and _is_shopping_list(text, hits),
            review(f"{words} lists several wishes, and only one can matter most"),
        ),
        (chosen or _described_priority(text), met(f"{words} says what matters most.")),
        (other, not_met(f"{words} is none of the three.", _ask_priority())),
        otherwise=review(f"{words} may be one of the three in other words"),
    )


def _clauses(text: Text) -> int:
    return len(text.clauses())


def _is_shopping_list(text: Text, hits: list[Hit]) -> bool:
    """Tell "portability, silence, price, looks" from a choice with a reason: a list without grammar."""
    places = {place for hit in hits for place in range(hit.first, hit.last + 1)}
    other = [hit for hit in _others().affirmed(text) if hit.first not in places]
    return len(other) > 1 and _clauses(text) >= A_LIST and is_list(text)


def _is_other(text: Text) -> bool:
    """Tell "a low price" and "five years of warranty" from words that may paraphrase one of the three."""
    meaning = {t.stem for t in text.tokens if t.word not in word_set("function_words") and not t.is_number}
    said = meaning - _measures_of_anything()
    named = len(_others().affirmed(text))
    if 2 * named >= max(1, len(said)):
        return True
    return named > 0 and not said & _vocabulary()


@cache
def _measures_of_anything() -> frozenset[str]:
    """Stem number words and units of time: "five years" of something tell nothing of what it is."""
    spelled = [word for table in ("numbers", "spans") for words in word_map(table).values() for word in words]
    return frozenset(stem(word) for word in (*spelled, *word_list("general_words"), *word_list("grammar_words")))


@cache
def _vocabulary() -> frozenset[str]:
    """Stem the words of content that name or describe a priority, or tell of how a machine is used."""
    priorities = load_catalog().priorities.values()
    phrases = (phrase for entry in priorities for phrase in (*entry.aliases, *entry.signals))
    words = (word for phrase in (*phrases, *word_list("usage")) for word in words_of(phrase))
    plain = word_set("function_words") | word_set("grammar_words") | word_set("plain_in_priorities")
    return frozenset(stem(word) for word in words if word not in plain) - _measures_of_anything()


def _lists_archetypes(text: Text) -> bool:
    return len(distinct(side_by_side(text, _names().affirmed(text)))) >= A_LIST


@cache
def _names() -> NameBook:
    return NameBook(
        {entry.id: (entry.id, entry.name, *entry.aliases) for entry in load_catalog().archetypes.values()},
        forgiving=True,
    )


@cache
def _signals() -> SignalBook:
    return SignalBook({entry.id: entry.signals for entry in load_catalog().archetypes.values()})


@cache
def _usage() -> NameBook:
    return NameBook({word: (word,) for word in word_list("usage")})


@cache
def _priorities() -> NameBook:
    priorities = load_catalog().priorities.values()
    return NameBook({entry.id: (entry.id, entry.name, *entry.aliases) for entry in priorities}, forgiving=True)


@cache
def _priority_signals() -> SignalBook:
    return SignalBook({entry.id: entry.signals for entry in load_catalog().priorities.values()})


@cache
def _archetypes_with_priority() -> frozenset[str]:
    """List the archetypes whose plain descriptions also describe a priority."""
    return frozenset(name for entry in load_catalog().priorities.values() for name in entry.archetypes)


@cache
def _no_archetype() -> NameBook:
    return NameBook({word: (word,) for word in word_list("no_archetype")})


@cache
def _others() -> NameBook:
    return NameBook({word: (word,) for word in word_list("other_priorities")})


@cache
def _empty_reasons() -> NameBook:
    return NameBook({word: (word,) for word in word_list("empty_reasons")})


@cache
def _book(name: str) -> NameBook:
    return NameBook({phrase: (phrase,) for phrase in word_list(name)})


def _merged(named: list[str]) -> list[str]:
    """Read a laptop or desktop together with the cloud as the hybrid that it is."""
    if "hybrid" in named and len(named) <= A_LIST:
        return ["hybrid"]
    if "cloud-first" in named and len(named) == 2:  # noqa: PLR2004 - one machine and the cloud
        return ["hybrid"]
    return named


def _meaning(text: Text, archetype: Text) -> list[str]:
    """List the words that carry meaning beyond the archetype's own name."""
    known = set(archetype.stems())
    return [
        t.stem
        for t in text.tokens
        if t.word not in word_set("function_words") and t.stem not in known and not t.is_number
    ]


def _is_empty_reason(text: Text, meaning: list[str]) -> bool:
    hits: list[Hit] = _empty_reasons().find(text)
    return bool(hits) and len(meaning) <= _MANY_WORDS


def _described_priority(text: Text) -> bool:
    """Read a priority from the plain words for the archetype that stands for it."""
    return bool(_priority_signals().find(text)) or any(
        entry in _archetypes_with_priority() for entry in _signals().ids(text)
    )


def _not_outweighed(text: Text, hits: list[Hit]) -> list[Hit]:
    """Leave out what the learner puts second: "sustained load over portability"."""
    if not hits:
        return hits
    between = [text.tokens[hits[0].last + 1 : hit.first] for hit in hits]
    return [
        hit
        for hit, words in zip(hits, between, strict=True)
        if not any(t.word in word_set("outweighing") for t in words)
    ]


def _side_by_side(text: Text, hits: list[Hit]) -> bool:
    """Tell a list of two from one choice that is explained with the other's words."""
    gap = text.source[text.tokens[hits[0].last].end : text.tokens[hits[1].first].start]
    return len(gap.split()) <= 2 or hits[0].first == 0  # noqa: PLR2004 - "and", "and also"
