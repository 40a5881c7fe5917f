"""Read predictions: what a learner types or chooses, and the lines in which it is kept.

Pure: text in, frozen records out. A prediction is a number in a unit, or one of some choices. How predictions compare
with measurements is worded in `calibration`.
"""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import SupportsFloat, TypeGuard

from workstation.errors import PredictionError
from workstation.units import parse_size, reads_two_ways

__all__ = ["Asked", "Log", "Prediction", "Value", "as_value", "brief", "parse_log", "to_line"]

Value = float | str
Seen = tuple[str, Value]  # an id and an answer

MAX_TEXT_CHARS = 1_000  # of a question or a choice
LARGEST = 1e300  # what a float can hold, with room

_ID = re.compile(r"[a-z0-9][a-z0-9.-]{0,79}")
_NUMBER = re.compile(r"([+-]?\d+(?:[.,]\d+)?)\s*(\D*)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """One line of ``predictions.jsonl``."""

    id: str
    question: str
    unit: str | None  # None: one of some choices
    predicted: Value
    predicted_at: str  # ISO 8601, UTC
    measured: Value | None = None
    measured_at: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question as it is put: for a number in a unit, or for one of some choices (value: how it is shown)."""

    id: str
    question: str
    unit: str | None
    choices: Mapping[str, str]

    def __post_init__(self) -> None:
        """Refuse what could not be stored or answered."""
        if not _is_id(self.id):
            raise PredictionError(
                f"A prediction needs a short id such as 'kv-8k' (small letters, digits, '-' and '.'), "
                f"found {brief(self.id)}."
            )
        if (self.unit is None) == (not self.choices):
            raise PredictionError(
                f"The prediction {self.id!r} needs either a unit, for a number, or choices. "
                'Write unit="GiB", or choices=("vram", "ram").'
            )

    def read(self, value: object) -> Value:
        """Understand what was typed or passed as an answer.

        Raises:
            PredictionError: it is no number in this unit, or none of the choices.
        """
        return self._choice(value) if self.unit is None else _number(value, self.unit)

    def _choice(self, value: object) -> str:
        wanted = str(value).strip().casefold()
        for choice, label in self.choices.items():
            if wanted in {choice.casefold(), label.casefold()}:
                return choice
        raise PredictionError(f"{brief(value)} is none of the choices. Choose one of: {', '.join(self.choices)}.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    """What a file of predictions holds: the last entry of each id in order of the file, and how many lines are bad.

    `counted` is what scores rest on. A prediction that was made after its very answer was seen counts for nothing:
    for each answer the one that was held against it first stays. Another answer is another run, and counts anew.
    """

    latest: Mapping[str, Prediction]
    unread: int = 0
    counted: Mapping[str, Prediction] = field(default_factory=dict)
    first: Mapping[Seen, Prediction] = field(default_factory=dict)  # of each answer that was seen

    def with_entry(self, entry: Prediction) -> "Log":
        """Give the log as it is once an entry was added."""
        latest, counted, first = dict(self.latest), dict(self.counted), dict(self.first)
        _add(entry, latest, counted, first)
        return replace(self, latest=latest, counted=counted, first=first)


def parse_log(text: str) -> Log:
    """Read the lines of a predictions file; a line that is none of ours is counted and left alone."""
    latest: dict[str, Prediction] = {}
    counted: dict[str, Prediction] = {}
    first: dict[Seen, Prediction] = {}
    unread = 0
    for line in filter(str.strip, text.split("\n")):
        entry = _entry(line)
        if entry is None:
            unread += 1
            continue
        _add(entry, latest, counted, first)
    return Log(latest=latest, unread=unread, counted=counted, first=first)


def _add(
    entry: Prediction, latest: dict[str, Prediction], counted: dict[str, Prediction], first: dict[Seen, Prediction]
) -> None:
    latest[entry.id] = entry
    if entry.measured is not None:
        counted[entry.id] = first.setdefault((entry.id, _folded(entry.measured)), entry)
    elif entry.id not in counted or counted[entry.id].measured is None:
        counted[entry.id] = entry


def _folded(measured: Value) -> Value:
    return measured.casefold() if isinstance(measured, str) else float(measured)


def to_line(entry: Prediction) -> str:
    """Write a prediction as its line, without the line's end."""
    return json.dumps(asdict(entry), ensure_ascii=False, allow_nan=False)


def as_value(measured: object) -> Value:
    """Take what was measured as a number or a choice.

    Raises:
        PredictionError: it is neither.
    """
    if isinstance(measured, str):
        return measured[:MAX_TEXT_CHARS]
    if isinstance(measured, bool) or not isinstance(measured, SupportsFloat):
        raise PredictionError(f"{brief(measured)} is no measurement. Give a number, or the choice that is right.")
    return _finite(measured, "the prediction's unit")


def _number(value: object, unit: str) -> float:
    """Read a number that may carry its unit, or, for sizes, another one: "4,5", "4.5 GiB", "500 MiB"."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _finite(value, unit)
    text = str(value).strip()
    if not text:
        raise PredictionError(f"Nothing is kept yet: type a number in {unit} first.")
    if reads_two_ways(text):
        raise PredictionError(f"{brief(value)} can be read in two ways. Write it without a thousands mark, in {unit}.")
    match = _NUMBER.fullmatch(text)
    if match is None:
        raise PredictionError(f"{brief(value)} is no number. Write digits alone, such as 4.5 or 1200, in {unit}.")
    if match[2].strip().casefold() in {"", unit.casefold()}:
        return _finite(float(match[1].replace(",", ".")), unit)
    size, one = parse_size(text), parse_size(f"1 {unit}")
    if size is None or one is None:
        raise PredictionError(f"{brief(value)} is in another unit. Write the number alone, in {unit}.")
    return size / one


def _finite(value: SupportsFloat, unit: str) -> float:
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise PredictionError(f"{brief(value)} is no number to hold a measurement against. Write one in {unit}.")
    return number


def _entry(line: str) -> Prediction | None:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return _from_document(found) if isinstance(found, dict) else None


def _from_document(found: Mapping[str, object]) -> Prediction | None:
    names, (question, predicted_at) = found.get("id"), (found.get("question"), found.get("predicted_at"))
    unit, measured_at = found.get("unit"), found.get("measured_at")
    predicted, measured = found.get("predicted"), found.get("measured")
    if not (_is_id(names) and _is_text(question) and _is_text(predicted_at) and _is_value(predicted)):
        return None
    if not ((unit is None or _is_text(unit)) and (measured_at is None or _is_text(measured_at))):
        return None
    if not (measured is None or _is_value(measured)) or (unit is None) != isinstance(predicted, str):
        return None
    return Prediction(
        id=names, question=question, unit=unit,
        predicted=predicted, predicted_at=predicted_at, measured=measured, measured_at=measured_at,
    )  # fmt: skip


def _is_id(value: object) -> TypeGuard[str]:
    return isinstance(value, str) and _ID.fullmatch(value) is not None


def _is_text(value: object) -> TypeGuard[str]:
    return isinstance(value, str) and len(value) <= MAX_TEXT_CHARS


def _is_value(value: object) -> TypeGuard[Value]:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return abs(value) <= LARGEST  # never true of NaN
    return _is_text(value)


def brief(value: object) -> str:
    """Quote a value in a message that stays on one line."""
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."  # noqa: PLR2004 - a message stays on one line
