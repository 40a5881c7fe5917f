"""Judge what matters most: exactly one of portability, sustained load and always-on service."""

from functools import cache

from workstation.answers.criteria.archetypes import A_LIST, described_archetypes
from workstation.answers.criteria.phrases import Hit, NameBook, SignalBook
from workstation.answers.criteria.text import Text, is_list, quote, read, stem, words_of
from workstation.answers.criteria.verdict import Verdict, decide, met, not_attempted, not_met, review
from workstation.answers.criteria.words import word_list, word_map, word_set
from workstation.catalog import load_catalog

__all__ = ["judge_priority"]

_FEW_WORDS = 5  # of which "everything" is the answer, not a word of one


def judge_priority(answer: str) -> Verdict:
    """Judge that one of portability, sustained load and always-on operation is chosen."""
    text, words = read(answer), quote(answer)
    hits = _not_outweighed(text, _priorities().affirmed(text))
    chosen = {entry for hit in hits for entry in hit.ids}
    listed = chosen | set(_priority_signals().ids(text)) if _clauses(text) >= A_LIST else chosen
    unclear = len(chosen) > 1 and _side_by_side(text, hits) and not _is_ranked(text, hits)
    other = _priorities().find(text) or _is_other(text) or not text
    return decide(
        (not answer.strip(), not_attempted(next_step=_ask_priority())),
        (
            len(listed) >= A_LIST,
            not_met(f"{words} names all three; what matters most is one of them.", _ask_priority()),
        ),
        (
            not chosen and _book("everything").find(text) and len(text.tokens) <= _FEW_WORDS,
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


def _described_priority(text: Text) -> bool:
    """Read a priority from the plain words for the archetype that stands for it."""
    return bool(_priority_signals().find(text)) or any(
        entry in _archetypes_with_priority() for entry in described_archetypes(text)
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


def _is_ranked(text: Text, hits: list[Hit]) -> bool:
    """Tell "sustained load first, then portability" from two that count alike."""
    return any(token.word in word_set("orderings") for token in text.tokens[hits[0].last + 1 : hits[-1].first])


def _side_by_side(text: Text, hits: list[Hit]) -> bool:
    """Tell a list of two from one choice that is explained with the other's words."""
    gap = text.source[text.tokens[hits[0].last].end : text.tokens[hits[1].first].start]
    return len(gap.split()) <= 2 or hits[0].first == 0  # noqa: PLR2004 - "and", "and also"


def _ask_priority() -> str:
    return f"Write one of these: {'; '.join(entry.name for entry in load_catalog().priorities.values())}."


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
def _others() -> NameBook:
    return NameBook({word: (word,) for word in word_list("other_priorities")})


@cache
def _book(name: str) -> NameBook:
    return NameBook({phrase: (phrase,) for phrase in word_list(name)})
