"""Decide how a learner matched the mistakes: pure, from the catalogue and the letters that were kept."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from string import ascii_lowercase

from workstation.answers.predictions import Log
from workstation.catalog import Mistake, load_catalog
from workstation.errors import PredictionError
from workstation.notebook.lettered import Lettered

__all__ = ["HARM", "MOVE", "Row", "choices", "row_of", "rows", "rows_from", "sentence"]

HARM, MOVE = "harm", "move"
MATCHED, OPEN, WRONG, HALF = "matched", "not matched yet", "not this one", "half of it is right"
ELSEWHERE = "The {part} that you chose belongs to “{name}”."
NAMES: Mapping[str, str] = {HARM: "harm", MOVE: "better move"}
_TEXT: Mapping[str, Callable[[Mistake], str]] = {HARM: lambda each: each.harm, MOVE: lambda each: each.better_move}
_LOOKS: Mapping[str, tuple[str, str]] = {
    MATCHED: ("✓", "ws-met"),
    WRONG: ("✗", "ws-not-met"),
    HALF: ("✗", "ws-not-met"),
    OPEN: ("○", "ws-not-attempted"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A mistake with its number, and the letters that were chosen for it."""

    number: int
    mistake: Mistake
    letters: Mapping[str, str]

    def part(self, part: str) -> Lettered:
        """Give the question for this mistake's harm or better move."""
        return _lettered(self.mistake.id, part)

    def chosen(self, part: str) -> str | None:
        """Give the letter chosen for its harm or better move."""
        return self.letters.get(part)

    @property
    def is_matched(self) -> bool:
        """Whether both letters are right."""
        return all(self.chosen(part) == self.part(part).right for part in NAMES)

    @property
    def outcome(self) -> str:
        """Say in a few words how this row stands."""
        right = [self.chosen(part) == self.part(part).right for part in NAMES]
        if all(right):
            return MATCHED
        if len(self.letters) < len(NAMES):
            return OPEN
        return HALF if any(right) else WRONG

    @property
    def reason(self) -> str:
        """Say why, without giving away what is still to be found."""
        if self.is_matched:
            return self.mistake.why
        return " ".join(self._about(part) for part in NAMES if self.chosen(part) is not None)

    @property
    def symbol(self) -> str:
        """The sign that goes with the outcome's words."""
        return _LOOKS[self.outcome][0]

    @property
    def css_class(self) -> str:
        """The look that goes with the outcome's words."""
        return _LOOKS[self.outcome][1]

    def _about(self, part: str) -> str:
        if self.chosen(part) == self.part(part).right:
            return f"The {NAMES[part]} is right."
        belongs = _in_order(part)[ascii_lowercase.index(str(self.chosen(part)))]
        return ELSEWHERE.format(part=NAMES[part], name=belongs.name)


def rows() -> list[Row]:
    """List the mistakes in the catalogue's order, with nothing chosen."""
    known = load_catalog().mistakes.values()
    return [Row(number=number, mistake=mistake, letters={}) for number, mistake in enumerate(known, 1)]


def rows_from(log: Log) -> list[Row]:
    """List the mistakes with the letters that were kept; one that is no choice any more counts as none."""
    return [replace(row, letters=_kept(row, log)) for row in rows()]


def row_of(number: int) -> Row:
    """Find a mistake by its number.

    Raises:
        PredictionError: no mistake has that number.
    """
    known = rows()
    if number in range(1, len(known) + 1):
        return known[number - 1]
    raise PredictionError(f"There is no mistake {number!r}; they are numbered from 1 to {len(known)}.")


def choices(part: str) -> Mapping[str, str]:
    """Give the harms or the better moves by letter, in the order of the alphabet: it gives no match away."""
    return _lettered(next(iter(load_catalog().mistakes)), part).choices


def sentence(found: Sequence[Row]) -> str:
    """Say how many rows are matched, and how many were tried."""
    matched = sum(row.is_matched for row in found)
    wrong = [str(row.number) for row in found if row.outcome in {WRONG, HALF}]
    again = f" Look again at {', '.join(wrong)}." if wrong else ""
    return f"{matched} of {len(found)} matched.{again}"


@cache
def _lettered(mistake: str, part: str) -> Lettered:
    ordered = _in_order(part)
    return Lettered(
        id=f"mistake.{mistake}.{part}",
        question=f"{load_catalog().mistakes[mistake].name}: which {NAMES[part]}?",
        texts=tuple(_TEXT[part](each) for each in ordered),
        correct=[each.id for each in ordered].index(mistake),
    )


@cache
def _in_order(part: str) -> tuple[Mistake, ...]:
    return tuple(sorted(load_catalog().mistakes.values(), key=_TEXT[part]))


def _kept(row: Row, log: Log) -> Mapping[str, str]:
    found = {part: row.part(part).kept(log) for part in NAMES}
    return {part: letter for part, letter in found.items() if letter is not None}
