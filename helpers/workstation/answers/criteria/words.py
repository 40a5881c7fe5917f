"""Load the everyday English that judging needs: denials, months, verbs of buying and measuring.

Course vocabulary (families, constraints, ...) lives in the catalogue; `words.toml` beside this module holds only what
any reader of English knows.
"""

import re
import tomllib
from functools import cache
from importlib import resources

__all__ = ["all_words", "instructions_to_grader", "word_list", "word_map", "word_set"]

FILE = "words.toml"


@cache
def _document() -> dict[str, dict[str, object]]:
    text = (resources.files(__package__) / FILE).read_text(encoding="utf-8")
    return tomllib.loads(text)


@cache
def word_list(name: str) -> tuple[str, ...]:
    """Give the words of the list *name* in order; an unknown name is a `KeyError`."""
    entries = _document()["lists"][name]
    if not isinstance(entries, list):
        raise TypeError(f"{FILE}: lists.{name} is no list")
    return tuple(str(entry) for entry in entries)


@cache
def word_set(name: str) -> frozenset[str]:
    """Give the words of the list *name* as a set."""
    return frozenset(word_list(name))


@cache
def word_map(name: str) -> dict[str, tuple[str, ...]]:
    """Give the table *name*: words by the id that they stand for."""
    return {key: tuple(entries) for key, entries in _document()[name].items() if isinstance(entries, list)}


def all_words(*, without: tuple[str, ...]) -> list[str]:
    """Give the words of all lists and tables but those *without*; a table's own keys are words too."""
    tables = [table for name, table in _document().items() if name not in without]
    lists = [(name, entries) for table in tables for name, entries in table.items() if name not in without]
    return [word for name, entries in lists if isinstance(entries, list) for word in (name, *entries)]


@cache
def instructions_to_grader() -> re.Pattern[str]:
    """Compile what is addressed to the grader and not about a machine."""
    return re.compile("|".join(f"(?:{pattern})" for pattern in word_list("instructions")), re.IGNORECASE)
