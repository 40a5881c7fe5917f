"""Judge whether a workload is of a kind: named, aliased or plainly described, but not "AI work"."""

from functools import cache, lru_cache

from workstation.answers.criteria.language import says_nothing
from workstation.answers.criteria.phrases import Hit, NameBook, SignalBook, distinct
from workstation.answers.criteria.text import Text, is_list, quote, read, stem
from workstation.answers.criteria.verdict import Verdict, decide, met, not_attempted, not_met, review
from workstation.answers.criteria.words import word_list, word_map, word_set
from workstation.catalog import load_catalog

__all__ = ["described_families", "families_in", "judge_family", "named_families"]

TOO_MANY_FAMILIES = 5  # a list of every option is no choice
_SEVERAL_FAMILIES = 3  # nor is one of several, by whoever is open to all of them
_LISTED_REACH = 4  # tokens between two kinds of work in one list
_SPECIFIC_WORDS = 2  # words of computing work that no family names
_TELLING_WORDS = 3  # or one of them, beside so many words that say more than "AI"
_MANY_TELLING_WORDS = 5  # or so many of those alone
_EXAMPLES = ("api-first", "embeddings-rag", "quantized-inference")  # named where a learner is asked for a kind


def judge_family(answer: str) -> Verdict:
    """Judge whether a workload paragraph names or describes a family of the catalogue."""
    text = read(answer)
    if not answer.strip():
        return not_attempted(next_step=_ask())
    families = families_in(answer)
    denied = _names().find(text)
    listed, is_open = _longest_list(text), bool(_book("open_to_all").find(text))
    return decide(
        (says_nothing(answer), not_met(f"{quote(answer)} says nothing about any work.", _ask())),
        (
            len(families) >= TOO_MANY_FAMILIES and (is_list(text) or (listed >= TOO_MANY_FAMILIES and is_open)),
            not_met(f"{quote(answer)} lists the kinds of work and chooses none.", _ask()),
        ),
        (
            listed >= TOO_MANY_FAMILIES or (listed >= _SEVERAL_FAMILIES and is_open),
            review(f"{quote(answer)} names several kinds of work, and may leave open which it is"),
        ),
        (
            families == ["quantized-inference"] and _runs_no_language_model(text),
            review(f"{quote(answer)} runs a model that is no language model, and may be any kind of work"),
        ),
        (
            families == ["embeddings-rag"] and _may_be_cloth(text),
            review(f"{quote(answer)} says “rag”, and may not mean retrieval"),
        ),
        (families, met(f"{_evidence(text, families[:2])}.")),
        (
            _is_specific(text) and not denied,
            review(f"{quote(answer)} is concrete, but the rules know no kind of work in it"),
        ),
        (denied, not_met(f"{_denied(text, denied)} says what you will not do, and no kind of work is left.", _ask())),
        otherwise=not_met(f"{quote(answer)} could be any kind of work.", _ask()),
    )


def _runs_no_language_model(text: Text) -> bool:
    """Tell speech and pictures from language models: they run locally too, and are of no kind of the course."""
    return bool(_book("other_models").find(text)) and not _book("language_models").find(text)


def _may_be_cloth(text: Text) -> bool:
    """Tell "I sew rag dolls" from "rag over my notes": the word in small letters, and no word of work beside it."""
    named = _names().affirmed(text)
    said = {text.between(hit.first, hit.last) for hit in named}
    work = word_set("work_nouns") | word_set("work_words") | word_set("tie_words")
    rest = {t.stem for t in text.tokens if not t.is_number and t.word != "rag"} - _general_stems()
    beside = any(t.word in work or t.stem in work for t in text.tokens) or _signals().find(text)
    return said == {"rag"} and len(rest) > 1 and not beside and not _leads_to_documents(text)


def _leads_to_documents(text: Text) -> bool:
    """Tell "rag over recipes": what is searched follows it."""
    words = [token.word for token in text.tokens]
    return any(
        word == "rag" and {"over", "on", "with", "for", "from", "of", "in"} & set(words[place + 1 : place + 3])
        for place, word in enumerate(words)
    )


def _longest_list(text: Text) -> int:
    """Count the kinds of work that stand in one list, whatever else the paragraph says."""
    longest, run = 0, list[Hit]()
    for hit in _names().affirmed(text):
        run = [*run, hit] if run and hit.first - run[-1].last <= _LISTED_REACH else [hit]
        longest = max(longest, len(distinct(run)))
    return longest


def _denied(text: Text, hits: list[Hit]) -> str:
    """Quote the clauses that deny a kind of work."""
    clauses = {text.tokens[hit.first].clause for hit in hits}
    places = [place for place, token in enumerate(text.tokens) if token.clause in clauses]
    return quote(text.between(places[0], places[-1])) if places else ""


@cache
def _ask() -> str:
    names = [load_catalog().families[family].name for family in _EXAMPLES]
    return f"Name the kind of work, such as {', '.join(names[:-1])} or {names[-1]}, or say what you will do with what."


def families_in(*answers: str) -> list[str]:
    """List the families that the answers name or describe: named ones first."""
    return list(dict.fromkeys([*named_families(*answers), *described_families(*answers)]))


def named_families(*answers: str) -> list[str]:
    """List the families that the answers name."""
    return list(dict.fromkeys(entry for answer in answers for entry in _named_in(answer)))


def described_families(*answers: str) -> list[str]:
    """List the families that the answers describe plainly, the most often described first."""
    return list(dict.fromkeys(entry for answer in answers for entry in _described_in(answer)))


@lru_cache(maxsize=64)
def _named_in(answer: str) -> tuple[str, ...]:
    return tuple(_names().ids(read(answer)))


@lru_cache(maxsize=64)
def _described_in(answer: str) -> tuple[str, ...]:
    return tuple(_signals().ids(read(answer)))


@cache
def _names() -> NameBook:
    return NameBook(
        {family.id: (family.name, *family.aliases) for family in load_catalog().families.values()}, forgiving=True
    )


@cache
def _signals() -> SignalBook:
    return SignalBook({family.id: family.signals for family in load_catalog().families.values()})


@cache
def _work_nouns() -> NameBook:
    return _book("work_nouns")


@cache
def _book(name: str) -> NameBook:
    return NameBook({phrase: (phrase,) for phrase in word_list(name)})


def _evidence(text: Text, families: list[str]) -> str:
    """Quote, for each kind of work, the words that name or describe it."""
    hits = [*_names().affirmed(text), *_signals().find(text)]
    found = {family: next(hit for hit in hits if family in hit.ids) for family in families}
    kinds = load_catalog().families
    apart = [(family, hit) for family, hit in found.items() if not _is_inside_another(hit, list(found.values()))]
    told = [f"{quote(_words_of(text, hit))} is {quote(kinds[family].name)}" for family, hit in apart]
    return " and ".join(told)


def _is_inside_another(hit: Hit, found: list[Hit]) -> bool:
    """Tell whether the same words already stand for the kind of work before it."""
    first = found[0]
    return hit is not first and first.first <= hit.last and hit.first <= first.last


def _words_of(text: Text, hit: Hit) -> str:
    """Cut out what names a kind of work, with the whole of "70B" where its letter stands for the model."""
    before = hit.first - 1
    is_size = (
        hit.first > 0 and text.tokens[before].is_number and text.tokens[before].end == text.tokens[hit.first].start
    )
    return text.between(before if is_size else hit.first, hit.last)


def _is_specific(text: Text) -> bool:
    nouns = _work_nouns().ids(text)
    telling = {t.stem for t in text.tokens if not t.is_number} - _general_stems()
    few = _TELLING_WORDS if nouns else _MANY_TELLING_WORDS
    return len(nouns) >= _SPECIFIC_WORDS or len(telling) >= few


@cache
def _general_stems() -> frozenset[str]:
    """Stem the words that anybody uses about AI, and grammar."""
    months = (name for names in word_map("months").values() for name in names)
    words = (*word_list("function_words"), *word_list("grammar_words"), *word_list("general_words"), *months)
    return frozenset(map(stem, words))
