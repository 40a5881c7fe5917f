"""Read a learner's words: tokens with light stemming, clauses and sentences, negation, and short quotes.

Everything is linear in the length of the text. Quotes are cut from the learner's own text, so tokens keep their places.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from typing import NamedTuple

from workstation.answers.criteria.words import instructions_to_grader, word_list, word_set

__all__ = [
    "AS_ONE",
    "AS_WRITTEN",
    "Text",
    "Token",
    "denies",
    "is_dismissed",
    "is_list",
    "is_negated",
    "quote",
    "read",
    "stem",
    "words_of",
]

QUOTE_MAX_CHARS = 90
_LISTED_SHARE = 0.15  # of words that are grammar: a list has next to none
_NEGATION_REACH = 6  # tokens back within the clause
_DISMISSAL_REACH = 4  # tokens on within the clause: "VRAM was never the limit"

_TAG = re.compile(r"</?[a-zA-Z][^<>\n]{0,200}>")
_SCRIPT = re.compile(r"<(script|style)\b[^<>]{0,200}>[^<]{0,2000}</\1\s*>", re.IGNORECASE)
_QUOTES = str.maketrans({"’": "'", "‘": "'", "`": " ", "´": "'", "“": '"', "½": " 1/2", "”": '"', "­": " "})  # noqa: RUF001 - typed by learners
_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_TOKEN = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+(?:'[^\W\d_]+)*")
_SENTENCE_END = re.compile(r"[.!?;]\s|\n|\.[A-Z]")  # looked for between two words
_CLAUSE_END = re.compile(r"[,:()\[\]{}|]|\s[-–—]+\s|--|->|[“”\"]")  # noqa: RUF001 - the dashes that people type
_ONE_ONLY = re.compile(r"\bno(?:\. ?(?=\d)| (?=1\b))", re.IGNORECASE)  # "bottleneck no. 1" denies nothing
_MAX_WORD_CHARS = 40
_ONE_SPACE = 2  # a space and the first letter of the next word
AS_WRITTEN, AS_ONE = "=", "+"


class Token(NamedTuple):
    """One word or number: what it is reduced to, where it stands, and in which clause and sentence."""

    word: str  # lower case
    stem: str
    start: int
    end: int
    clause: int
    sentence: int

    @property
    def is_number(self) -> bool:
        """Tell whether it is written in digits."""
        return self.word[0].isdigit()


@dataclass(frozen=True)
class Text:
    """A learner's text, read once; what every judge asks of it is worked out once too."""

    source: str  # normalised, for quotes
    tokens: tuple[Token, ...]

    def __bool__(self) -> bool:
        """Tell whether it holds a word at all."""
        return bool(self.tokens)

    def between(self, first: int, last: int) -> str:
        """Cut out what stands from token *first* to token *last*, both included."""
        return self.source[self.tokens[first].start : self.tokens[last].end]

    def first_after(self, offset: int) -> int | None:
        """Find the first token that reaches past *offset* of the source; `None` where all stand before it.

        Words that are no answer, such as instructions to the grader, are left out of the tokens and stay in the source.
        """
        return next((place for place, token in enumerate(self.tokens) if token.end > offset), None)

    def sentences(self) -> list[tuple[int, int]]:
        """List the sentences as (first token, one past the last)."""
        return self._sentences

    @cached_property
    def _sentences(self) -> list[tuple[int, int]]:
        return _runs([token.sentence for token in self.tokens])

    def clauses(self) -> list[tuple[int, int]]:
        """List the clauses likewise."""
        return _runs([token.clause for token in self.tokens])

    @cached_property
    def stems(self) -> tuple[str, ...]:
        """List the stems in order."""
        return tuple(token.stem for token in self.tokens)

    @cached_property
    def places(self) -> Mapping[str, list[int]]:
        """Map what a name can begin with to where it stands: stems, words as written, two words as one.

        Words carry `AS_WRITTEN` before them, two words written as one `AS_ONE`.
        """
        found: dict[str, list[int]] = defaultdict(list)
        previous = ""
        for place, token in enumerate(self.tokens):
            found[token.stem].append(place)
            if token.word in word_set("only_as_written"):
                found[AS_WRITTEN + token.word].append(place)
            if previous:
                found[AS_ONE + stem(previous + token.word)].append(place - 1)
            previous = token.word
        return found


@lru_cache(maxsize=512)
def read(text: str) -> Text:
    """Read *text* into tokens; mark-up tags and instructions to the grader are no words of the answer."""
    source = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text.translate(_QUOTES)))
    plain = _blank(_ONE_ONLY, _without_instructions(_blank(_TAG, _blank(_SCRIPT, source))))
    tokens: list[Token] = []
    sentence = clause = end = 0
    for match in _TOKEN.finditer(plain):
        word = match[0].casefold()[:_MAX_WORD_CHARS]
        gap = plain[end : match.start() + 1]
        if gap[0] == " " and len(gap) <= _ONE_SPACE:
            clause += word in word_set("clause_openers") and bool(tokens)
        elif tokens and _SENTENCE_END.search(gap) and (len(tokens[-1].word) > 1 or "\n" in gap):
            sentence, clause = sentence + 1, clause + 1
        elif tokens and (_CLAUSE_END.search(gap) or word in word_set("clause_openers")):
            clause += 1
        tokens.append(Token(word, stem(word), match.start(), match.end(), clause, sentence))
        end = match.end()
    return Text(source, tuple(tokens))


def words_of(phrase: str) -> list[str]:
    """Split a phrase of our own into its words; learners' texts are read by `read`."""
    return [match.casefold() for match in _TOKEN.findall(phrase)]


@lru_cache(maxsize=16384)
def stem(word: str) -> str:
    """Reduce a word to what its plural, its -ing and its British spelling share.

    >>> stem("swapping"), stem("swaps"), stem("batteries"), stem("quantised") == stem("quantize")
    ('swap', 'swap', 'battery', True)
    """
    word = word.removesuffix("'s").removesuffix("'")
    if word in {"use", "uses", "used", "using"}:  # too short for the rules below
        return "use"
    if word in {"goes", "does"}:
        return word[:2]
    if len(word) <= 3 or not word.isalpha():  # noqa: PLR2004 - short words have no endings
        return word
    return _without_ending(_british(_singular(word)))


def quote(text: str) -> str:
    """Put a short piece of the learner's text between quotation marks."""
    short = " ".join(text.split())
    if len(short) > QUOTE_MAX_CHARS:
        short = short[: QUOTE_MAX_CHARS - 1].rsplit(" ", 1)[0] + "…"
    return f"“{short}”"


def is_negated(text: Text, first: int) -> bool:
    """Tell whether a word of denial governs the token *first*: "no swap", "not RAM", "neither keep nor upgrade"."""
    tokens = text.tokens
    for place in range(first - 1, max(-1, first - 1 - _NEGATION_REACH), -1):
        if tokens[place].clause != tokens[first].clause:
            return False
        following = [token.word for token in tokens[place + 1 : place + 3]]
        if f"{tokens[place].word} {following[0]}" in word_set("negating_pairs"):
            return True
        if denies(tokens[place].word) and (_is_own_choice(tokens, place) or not _is_shortage(following)):
            return True
    return False


def _is_own_choice(tokens: Sequence[Token], place: int) -> bool:
    """Tell "I do not run local models" from "it does not run": an own act is denied, and nothing falls short."""
    subject = {token.word for token in tokens[max(0, place - 2) : place]} & {"i", "we"}
    able = tokens[place].word in word_set("inabilities")
    return bool(subject) and not able and tokens[min(place + 1, len(tokens) - 1)].word in word_set("own_acts")


def is_dismissed(text: Text, last: int) -> bool:
    """Tell whether what follows token *last* waves it away: "VRAM was never the limit", "space is no topic"."""
    tokens = text.tokens
    following = [t.word for t in tokens[last + 1 : last + 2 + _DISMISSAL_REACH] if t.clause == tokens[last].clause]
    for place, word in enumerate(following[:_DISMISSAL_REACH]):
        rest = following[place + 1 :]
        if _is_copula(word) and rest[:1] and rest[0] in word_set("dismissals"):
            return True
        copula_before = place > 0 and _is_copula(following[place - 1])
        if denies(word) and (copula_before or _is_copula(word)):
            return not _is_shortage(rest)
    return False


def denies(word: str) -> bool:
    """Tell whether *word* says no."""
    return word in word_set("denials") or word.endswith("n't")


def is_list(text: Text) -> bool:
    """Tell a list of key words from sentences: it has next to no grammar."""
    known = word_set("function_words") | word_set("grammar_words")
    grammar = sum(token.word in known for token in text.tokens)
    return grammar < _LISTED_SHARE * len(text.tokens)


def _is_copula(word: str) -> bool:
    return word.removesuffix("n't") in word_set("copulas")


def _is_shortage(following: list[str]) -> bool:
    """Tell "not enough" and "cannot be loaded" from "not": they speak of too little, not of something else."""
    rest = [word for word in following if word not in word_set("copulas")]
    return bool(rest) and stem(rest[0]) in _shortage_stems()


@cache
def _shortage_stems() -> frozenset[str]:
    return frozenset(map(stem, word_list("shortages")))


def _blank(pattern: re.Pattern[str], text: str) -> str:
    """Put spaces in place of what *pattern* finds, so that places stay as they are."""
    return pattern.sub(lambda found: " " * len(found[0]), text)


def _without_instructions(text: str) -> str:
    """Blank out what is addressed to the grader: instructions are text, and say nothing about a machine."""
    return _blank(instructions_to_grader(), text)


def _runs(labels: Iterable[int]) -> list[tuple[int, int]]:
    runs: list[tuple[int, int]] = []
    start, previous = 0, None
    place = -1
    for place, label in enumerate(labels):
        if previous is not None and label != previous:
            runs.append((start, place))
            start = place
        previous = label
    if previous is not None:
        runs.append((start, place + 1))
    return runs


def _singular(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:  # noqa: PLR2004 - "ties", "dies"
        return word[:-3] + "y"
    if word.endswith(("ches", "shes", "xes", "sses")):
        return word[:-2]
    if word.endswith("s") and (not word.endswith(("ss", "us", "is")) or word.endswith("pus")):  # "GPUs"
        return word[:-1]
    return word


def _british(word: str) -> str:
    return re.sub(r"is(e|ed|ing|ation|er)$", r"iz\1", word) if len(word) > 5 else word  # noqa: PLR2004 - "noise", "wise"


def _without_ending(word: str) -> str:
    if word.endswith("ization"):
        return word.removesuffix("ation")
    if word.endswith("tion") and len(word) > 6:  # noqa: PLR2004 - "action", "option"
        return word.removesuffix("ion")
    for ending in ("ing", "ed"):
        base = word.removesuffix(ending)
        if base != word and len(base) >= 3 and re.search(r"[aeiouy]", base) and not base.endswith("e"):  # noqa: PLR2004 - "thing", "need"
            word = _verb(base)
            break
    return word.removesuffix("e") if len(word) > 4 else word  # noqa: PLR2004 - "note" is not "not"


def _verb(base: str) -> str:
    """Give "run" for "runn(ing)" and "code" for "cod(ing)"."""
    if base[-1] == base[-2] and base[-1] not in "lsz":
        return base[:-1]
    return base + "e" if re.fullmatch(r"[^aeiou][aeiou][^aeiouwxy]", base) else base
