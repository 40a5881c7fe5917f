"""Cut a text into words, numbers and signs that know their places in it, whatever characters it holds."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

__all__ = ["Token", "fold", "tokens_of", "words_of"]

_INVISIBLE = {"Cf", "Cc", "Cs", "Co", "Cn"}  # NUL, bidi marks, zero-width joiners, half characters
_SAME = {"’": "'", "‘": "'", "`": "'", "−": "-", "–": "-", "—": "-", "≦": "≤", "≧": "≥", "⩾": "≥", "⩽": "≤"}  # noqa: RUF001 - typed by people
_KIND = re.compile(
    r"(?P<number>(?<![\w.])[-+]?\d+(?:[.,]\d+)*(?:e[-+]?\d+)?)"
    r"|(?P<word>[^\W\d_]+(?:'[^\W\d_]+)*)"
    r"|(?P<sign>>=|=>|<=|=<|==|->|&&|\|\||[<>=≥≤→⇒()%+&|/€$£¥₴])"
    r"|(?P<stop>[.!?](?=\s|$)|;|\n(?=[ \t]{0,8}(?:\n|[-*•]|\d{1,2}[.)])))"
    r"|(?P<comma>,|:)"
    r"|(?P<other>[^\s\w\-*])"
)
_LONGEST_WORD = 40

Kind = Literal["number", "word", "sign", "stop", "comma", "other"]


@dataclass(frozen=True, slots=True)
class Token:
    """One piece of a text: its kind, its folded word and where it stands."""

    kind: Kind
    word: str
    start: int
    end: int


def tokens_of(text: str) -> list[Token]:
    """Cut *text* into tokens; linear in its length, and every token's place is one of *text*'s own."""
    plain, places = _plain(text)
    found = []
    for match in _KIND.finditer(plain):
        kind: Kind = match.lastgroup  # type: ignore[assignment]  # one of the groups above matched
        word = fold_word(match[0][:_LONGEST_WORD]) if kind == "word" else match[0]
        found.append(Token(kind, word, places[match.start()], places[match.end() - 1] + 1))
    return found


def words_of(phrase: str) -> tuple[str, ...]:
    """Cut a phrase of the catalogue as a learner's text is cut."""
    return tuple(token.word for token in tokens_of(phrase) if token.kind != "other")


def fold(phrase: str) -> str:
    """Give what two spellings of a phrase share.

    >>> fold("Single-GPU desktops"), fold("ram_used_percent")
    ('single gpu desktop', 'ram used percent')
    """
    return " ".join(words_of(phrase))


def fold_word(word: str) -> str:
    """Fold one word: lower case, British endings, and no plural's s."""
    lower = word.casefold()
    if len(lower) > 3 and lower.endswith("s") and not lower.endswith(("ss", "us", "is")):  # noqa: PLR2004 - "gas", "its"
        lower = lower[:-1]
    return lower.replace("isation", "ization")


def _plain(text: str) -> tuple[str, list[int]]:
    """Replace what cannot be seen or has another spelling; give the place in *text* of each character kept."""
    kept: list[str] = []
    places: list[int] = []
    for place, character in enumerate(text):
        for part in _spelling(character):
            kept.append(part)
            places.append(place)
    return "".join(kept), places


def _spelling(character: str) -> str:
    if character in _SAME:
        return _SAME[character]
    if character.isascii():
        return character.lower() if character >= " " else ("\n" if character in "\n\r" else " ")
    if unicodedata.category(character) in _INVISIBLE:
        return " " if character in "\u2028\u2029\x85" else ""
    return unicodedata.normalize("NFKC", character).lower()
