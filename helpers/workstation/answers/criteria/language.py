"""Tell whether an answer is written in a language that the rules read; if not, a person has to look."""

from workstation.answers.criteria.text import read
from workstation.answers.criteria.words import word_set

__all__ = ["is_unread_language"]

_FOREIGN_SHARE = 0.12  # of the words: grammar of another language
_FOREIGN_SCRIPT_SHARE = 0.4  # of the letters: outside Latin script
_FEWEST_WORDS = 6


def is_unread_language(answer: str) -> bool:
    """Tell whether *answer* speaks another language than English, by its script or its grammar.

    >>> is_unread_language("Ich habe den Speicher gemessen und er ist nicht groß genug")
    True
    >>> is_unread_language("I measured memory while the notebook ran, and it was full")
    False
    """
    letters = [character for character in answer if character.isalpha()]
    if letters and sum(character > "\u024f" for character in letters) > _FOREIGN_SCRIPT_SHARE * len(letters):
        return True
    words = [token.word for token in read(answer).tokens]
    foreign = sum(word in word_set("foreign_grammar") for word in words)
    english = sum(word in word_set("function_words") for word in words)
    return len(words) >= _FEWEST_WORDS and foreign > _FOREIGN_SHARE * len(words) and foreign > english
