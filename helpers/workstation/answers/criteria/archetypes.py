"""Judge the archetype and the reason for it."""

from functools import cache

from workstation.answers.criteria.phrases import Hit, NameBook, SignalBook, distinct, side_by_side
from workstation.answers.criteria.text import Text, denies, is_list, quote, read
from workstation.answers.criteria.verdict import Verdict, decide, met, not_attempted, not_met, review
from workstation.answers.criteria.words import word_list, word_set
from workstation.catalog import load_catalog

__all__ = ["A_LIST", "archetypes_in", "described_archetypes", "judge_archetype", "judge_reason"]

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
        (
            _joins_hybrid(text),
            review(f"{words} names hybrid as one of several patterns, and not which one is chosen."),
        ),
        (len(found) == 1, met(f"{words} is the pattern {quote(name)}.")),
        (found, review(f"{words} names two patterns.")),
        (refused, not_met(f"{words} chooses none of the five patterns.", _ask_archetype())),
        (_is_show(text), not_met(f"{words} is a machine's looks or rank, and none of the five.", _ask_archetype())),
        otherwise=review(f"{words} may be one of the five patterns in other words."),
    )


def _joins_hybrid(text: Text) -> bool:
    """Tell "laptop-first and cloud-first and hybrid" from "laptop and cloud, so hybrid" and "hybrid: laptop, cloud"."""
    run = side_by_side(text, _names().affirmed(text))
    if len(distinct(run)) < A_LIST or "hybrid" in run[0].ids:
        return False
    linked = text.tokens[run[-2].last + 1 : run[-1].first]
    return not {token.word for token in linked} & {"so", "as", "is", "then"} and "hybrid" in run[-1].ids


def _is_show(text: Text) -> bool:
    """Tell "a water-cooled dream rig" from a pattern in other words: a machine, and how it looks or ranks."""
    machines = {place for hit in _book("machines").find(text) for place in range(hit.first, hit.last + 1)}
    show = {place for hit in _book("show").find(text) for place in range(hit.first, hit.last + 1)}
    content = {p for p, t in enumerate(text.tokens) if t.word not in word_set("function_words") and not t.is_number}
    return bool(show) and content <= machines | show


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


def described_archetypes(text: Text) -> list[str]:
    """List the archetypes that a text describes plainly, the most often described first."""
    return _signals().ids(text)


def judge_reason(answer: str, archetype: str) -> Verdict:
    """Judge that one sentence ties the archetype to the learner's use of the machine."""
    text, words = read(answer), quote(answer)
    meaning = _meaning(text, read(archetype))
    used = _usage().find(text) or _signals().find(text) or _acts_somewhere(text)
    listed = len(text.tokens) > _LONG_FRAGMENT and is_list(text)
    empty = not_met(f"{words} gives no reason from your own use.", _ASK_REASON)
    return decide(
        (not answer.strip(), not_attempted(next_step=_ASK_REASON)),
        (_is_empty_reason(text, meaning) or not meaning, empty),
        (_is_complaint(text), not_met(f"{words} complains, and says nothing of your use.", _ASK_REASON)),
        (_is_taste(text), not_met(f"{words} is a matter of taste or looks, not of your use.", _ASK_REASON)),
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
    if chosen == {"hybrid"} and _refuses_the_cloud(text):
        return True
    if not chosen or not told:
        return False
    return (chosen <= moves and told <= stays) or (chosen <= stays and told <= moves)


def _refuses_the_cloud(text: Text) -> bool:
    """Tell "I never rent anything" from a reason for a hybrid: the cloud is spoken of, and denied each time."""
    spoken = _book("cloud_words").find(text)
    return bool(spoken) and not _book("cloud_words").affirmed(text)


def _is_complaint(text: Text) -> bool:
    """Tell a rant from a reason: it scolds, and holds no place, task or time of the learner's."""
    if not _book("complaints").affirmed(text):
        return False
    return not _tells_of_use(text, "usage_of_anything") and not _signals().find(text)


def _is_taste(text: Text) -> bool:
    """Tell price, looks and what others think from a reason: no place, task or time of the learner's is in it."""
    hits = _book("tastes").affirmed(text)
    after = [{t.word for t in text.tokens[hit.last + 1 : hit.last + 4]} for hit in hits]
    if all(any(map(denies, words)) for words in after):
        return False  # nothing, or "the brand does not matter"
    owned = {token.word for token in text.tokens} & word_set("only_one") or _acts(text)
    return (
        not owned
        and not _says_more(text)
        and not _tells_of_use(text, "usage_of_anything", "onlookers")
        and not _signals().find(text)
    )


def _says_more(text: Text) -> bool:
    """Tell whether more than taste is said: in a clause of its own, or in many words."""
    hits = _book("tastes").find(text)
    taken = {place for hit in hits for place in range(hit.first, hit.last + 1)}
    tasting = {text.tokens[hit.first].clause for hit in hits}
    plain = word_set("function_words") | word_set("grammar_words") | word_set("general_words") | word_set("feelings")
    rest = [t for place, t in enumerate(text.tokens) if place not in taken and t.word not in plain]
    said = {t.word for t in rest} - word_set("onlookers") - word_set("usage_of_anything")
    return len(said) > _FEW_WORDS or any(t.clause not in tasting and t.word in said for t in rest)


def _acts_somewhere(text: Text) -> bool:
    """Tell "I teach in three villages" from "I trust it": an own act, and where, with whom or for what."""
    prepositions = {token.word for token in text.tokens} & word_set("whereabouts")
    return bool(prepositions) and _acts(text)


def _acts(text: Text) -> bool:
    """Tell "I design posters" from "I like the design": what the learner does, and does not merely feel or buy."""
    grammar, tokens = word_set("function_words"), text.tokens
    subjects = (place for place, token in enumerate(tokens) if token.word in {"i", "we"})
    following = (next((t for t in tokens[place + 1 :] if t.word not in grammar), None) for place in subjects)
    return any(token is not None and token.word not in word_set("feelings") for token in following)


def _tells_of_use(text: Text, *without: str) -> bool:
    """Tell whether a place, a task or a time is told, beside the words of the lists *without*."""
    said = {hit.first for name in without for hit in _book(name).find(text)}
    return bool({hit.first for hit in _usage().find(text)} - said)


def _ask_archetype() -> str:
    names = "; ".join(entry.name for entry in load_catalog().archetypes.values())
    return f"Write the one that is closest to what you use today: {names}."


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
def _no_archetype() -> NameBook:
    return NameBook({word: (word,) for word in word_list("no_archetype")})


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
    known = set(archetype.stems)
    return [
        t.stem
        for t in text.tokens
        if t.word not in word_set("function_words") and t.stem not in known and not t.is_number
    ]


def _is_empty_reason(text: Text, meaning: list[str]) -> bool:
    hits: list[Hit] = _empty_reasons().find(text)
    return bool(hits) and len(meaning) <= _MANY_WORDS
