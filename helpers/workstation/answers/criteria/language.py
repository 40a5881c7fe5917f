"""Tell whether an answer says something, and whether it is in a language that the rules read.

Keyboard mash, filler and one emoji say nothing: they earn nothing. What is in another language or script says
something that the rules cannot weigh: a person has to look. English is known by its words, those of the catalogue and
of `words.toml`: of any answer in English they cover more than half, of one in another language next to none.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from functools import cache, lru_cache

from workstation.answers.criteria.text import Token, read, stem, words_of
from workstation.answers.criteria.words import all_words, word_list, word_set
from workstation.catalog import load_catalog

__all__ = ["UNREAD", "is_unread_language", "known_words", "says_nothing", "unread_among"]

UNREAD = "is not in English that the rules can read"
_FOREIGN_SHARE = 0.12  # of the words: grammar of another language
_FOREIGN_SCRIPT_SHARE = 0.4  # of the letters: outside Latin script
_KNOWN_SHARE = 0.35  # of the words: below it the text is no English
_ENGLISH_SHARE = 0.65  # of the words: from here on it is, whatever grammar it seems to hold
_MASHED_SHARE = 0.5  # of the words: from here on the text is keyboard mash
_FEWEST_WORDS = 4
_LAST_LATIN_LETTER = "\u024f"
_RUN_KEYS = 4  # neighbours on the keyboard, or one key held down
_KEY_ROWS = (
    "qwertyuiop",
    "qwertzuiop",
    "asdfghjkl",
    "zxcvbnm",
    "yxcvbnm",
    "azertyuiop",
    "qsdfghjklm",
    "wxcvbn",
    "1234567890",
)
_VOWEL = re.compile(r"[aeiouyäöüáéíóúàèìòùâêîôûåøæœãõěůąęăů]")
_SAME_AGAIN = re.compile(r"(.{1,3})\1{2,}|^(.{2,4})\2$")  # "aaaa", "hahaha", "asasas", "blabla"
_FEWEST_LETTERS = 3  # a word without a vowel is mash from here on


def says_nothing(*answers: str) -> bool:
    """Tell whether all that is written is keyboard mash, filler, numbers or signs.

    >>> says_nothing("asdf jkl;"), says_nothing("🙂", "lorem ipsum dolor"), says_nothing("keep the laptop")
    (True, True, False)
    """
    return all(_says_nothing(answer) for answer in answers)


@lru_cache(maxsize=256)
def is_unread_language(answer: str) -> bool:
    """Tell whether *answer* speaks another language than English, by its script, its grammar or its words.

    >>> is_unread_language("Ich habe den Speicher gemessen und er ist nicht groß genug")
    True
    >>> is_unread_language("I measured memory while the notebook ran, and it was full")
    False
    """
    if _is_in_another_script(answer):
        return True
    words = _words(answer)
    known = sum(map(_is_known, words))
    return not _says_nothing(answer) and (_has_foreign_grammar(words, known) or _is_unknown(words, known))


def unread_among(answers: Iterable[str]) -> str:
    """Give the first answer in another language, a sentence at least: one odd word among others is none; else ""."""
    return next((answer for answer in answers if _is_sentence(answer) and is_unread_language(answer)), "")


def _is_sentence(answer: str) -> bool:
    """Tell a sentence from a word; other scripts may write one without a space."""
    return len(answer.split()) >= _FEWEST_WORDS or _is_in_another_script(answer)


def _is_in_another_script(answer: str) -> bool:
    if answer.isascii():
        return False
    letters = [character for character in answer if character.isalpha()]
    other = sum(character > _LAST_LATIN_LETTER for character in letters)
    return other > _FOREIGN_SCRIPT_SHARE * len(letters)


@lru_cache(maxsize=256)
def _says_nothing(answer: str) -> bool:
    words = _words(answer)
    if any(token.word[0] > _LAST_LATIN_LETTER for token in words):
        return False
    empty = sum(token.word in word_set("fillers") or _is_mash(token) for token in words)
    mashed = empty >= _MASHED_SHARE * len(words)
    return not words or empty == len(words) or (mashed and _is_unknown(words, sum(map(_is_known, words))))


def _words(answer: str) -> list[Token]:
    return [token for token in read(answer).tokens if not token.is_number]


def _has_foreign_grammar(words: list[Token], known: int) -> bool:
    foreign = sum(token.word in word_set("foreign_grammar") for token in words)
    english = sum(token.word in word_set("function_words") for token in words)
    if len(words) < _FEWEST_WORDS or known >= _ENGLISH_SHARE * len(words):
        return False
    return foreign > _FOREIGN_SHARE * len(words) and foreign > english


def _is_unknown(words: list[Token], known: int) -> bool:
    return bool(words) and known < (_KNOWN_SHARE * len(words) if len(words) >= _FEWEST_WORDS else 1)


def _is_known(token: Token) -> bool:
    return token.stem in known_words() or token.word.endswith(("n't", "'s", "'d", "'re"))


def _is_mash(token: Token) -> bool:
    """Tell keys struck at random from a word: neighbours on the keyboard, no vowel, the same over and over."""
    word = token.word
    if len(word) < _FEWEST_LETTERS or _is_known(token):
        return False
    runs = {word[place : place + _RUN_KEYS] for place in range(len(word) - _RUN_KEYS + 1)}
    on_keys = any(run in row or run[::-1] in row for run in runs for row in _KEY_ROWS)
    return on_keys or _VOWEL.search(word) is None or _SAME_AGAIN.search(word) is not None


@cache
def known_words() -> frozenset[str]:
    """Stem the English that the course knows: every word of the catalogue and of `words.toml`."""
    phrases = (
        *_strings(load_catalog()),
        *all_words(without=("foreign_grammar", "fillers", "instructions", "months_elsewhere")),
    )
    known = {stem(word) for phrase in phrases for word in words_of(phrase)}
    return frozenset(known - set(map(stem, word_list("fillers"))))


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        yield from (text for entry in value.values() for text in _strings(entry))
    elif isinstance(value, tuple):
        yield from (text for entry in value for text in _strings(entry))
    elif is_dataclass(value):
        yield from (text for field in fields(value) for text in _strings(getattr(value, field.name)))
