"""A place in the tokens of a text: what stands there, stepping over it, and errors that point at it."""

from collections.abc import Sequence
from dataclasses import dataclass

from workstation.catalog._planning import load_planning_words
from workstation.errors import RuleError
from workstation.planning import _lexicon as lexicon
from workstation.planning._tokens import Token

__all__ = ["Cursor", "number_at"]


@dataclass(slots=True)
class Cursor:
    """A place in the tokens of a text, and how deep and how long the condition has become."""

    text: str
    tokens: Sequence[Token]
    place: int = 0
    depth: int = 0
    comparisons: int = 0
    of_hundred: bool = False  # "the disk is 90 % full": counted as what is free
    weeks: int | None = None  # of "for N weeks", wherever it stood

    @property
    def token(self) -> Token | None:
        """The token here, `None` at the end."""
        return self.tokens[self.place] if self.place < len(self.tokens) else None

    def take(self, names: lexicon.Names) -> str | None:
        """Step over a name that stands here and give what it means."""
        found = names.at(self.tokens, self.place)
        if found is None:
            return None
        self.place += found[1]
        return found[0]

    def skip(self, *names: lexicon.Names) -> None:
        """Step over all words of these kinds."""
        while any(self.take(each) is not None for each in names):
            pass

    def skip_filler(self) -> None:
        """Step over words that mean nothing here, up to a metric or a comparison."""
        while not self.comes(lexicon.metrics(), lexicon.signs()) and self.take(lexicon.phrases("filler")) is not None:
            pass

    def skip_commas(self) -> None:
        """Step over commas and colons."""
        while self.token is not None and self.token.kind == "comma":
            self.place += 1

    def comes(self, *names: lexicon.Names) -> bool:
        """Tell whether a name of one of these kinds stands here."""
        return any(each.at(self.tokens, self.place) is not None for each in names)

    def wrong(self, message: str, *, at: int | None = None) -> RuleError:
        """Make the error that points at a token, this one unless told."""
        place = self.place if at is None else at
        if place < len(self.tokens):
            return RuleError(message, start=self.tokens[place].start, end=self.tokens[place].end)
        return RuleError(message, start=len(self.text), end=len(self.text))

    def seen(self) -> str:
        """Quote what stands here, in the learner's own spelling."""
        token = self.token
        return f"“{self.text[token.start : token.end]}”" if token is not None else "the end"


def number_at(cursor: Cursor) -> float | None:
    """Give the number that stands here, in digits or as a word up to twelve; `None` where none does."""
    token = cursor.token
    if token is None:
        return None
    if token.kind == "word":
        found = load_planning_words().numbers.get(token.word)
        return None if found is None else float(found)
    return _digits(cursor, token) if token.kind == "number" else None


def _digits(cursor: Cursor, token: Token) -> float:
    plain = token.word.replace(",", ".")
    whole, _, decimals = plain.rpartition(".")
    three = bool(whole) and len(decimals) == 3  # noqa: PLR2004 - as many as a thousands mark cuts off
    grouped = plain.count(".") > 1 or (three and ("," in token.word or whole.strip("+-0") != ""))
    if grouped:
        raise cursor.wrong(f"{cursor.seen()} can be read in two ways. Write it without a thousands mark.")
    return float(plain)
