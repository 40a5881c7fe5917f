"""Word how predictions stand to what was measured, one by one and over all of them.

Pure: records in, sentences out.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from statistics import median

from workstation.answers.predictions import Prediction, Value, brief
from workstation.errors import PredictionError

__all__ = ["calibration", "comparison", "first_counts", "shown"]

NEAR = 1.1  # up to a tenth off is as good as right
WHOLE_FACTOR = 10  # from here on "times" needs no decimals
MANY_DIGITS = 1000  # from here on %g would write 1e+03
FEWEST = 2  # one guess is no habit
FIRST = "This is the first of your predictions; from the second on you will read here how they tend to turn out."
NO_TRUE_ZERO = frozenset({"°C", "°F", "celsius", "fahrenheit"})  # 60 °C is not twice 30 °C


def shown(value: Value, unit: str | None, labels: Mapping[str, str] | None = None) -> str:
    """Write a value as people do: a number with its unit, or a choice by its label.

    >>> shown(4.0, "GiB"), shown(1.2345, "GiB"), shown("vram", None, {"vram": "VRAM"})
    ('4 GiB', '1.23 GiB', 'VRAM')
    """
    if isinstance(value, str):
        return (labels or {}).get(value, value)
    digits = f"{value:,.0f}" if abs(value) >= MANY_DIGITS else f"{value:.3g}"
    return f"{digits} {unit}" if unit else digits


def comparison(entry: Prediction, labels: Mapping[str, str] | None = None) -> str:
    """Say in one sentence how a prediction stands to what was measured.

    >>> kept = {"id": "x", "question": "?", "predicted_at": "", "measured_at": ""}
    >>> comparison(Prediction(**kept, unit="GiB", predicted=4.0, measured=1.0))
    'You predicted 4 GiB and it was 1 GiB: 3 GiB too high, 4 times what it was.'
    >>> comparison(Prediction(**kept, unit=None, predicted="ram", measured="vram"))
    'You predicted ram; it is vram.'

    Raises:
        PredictionError: one is a number and the other is not, so there is no gap between them.
    """
    predicted, measured = entry.predicted, entry.measured
    if isinstance(predicted, str) and isinstance(measured, str):
        end = ", and it is." if _is_right(entry) else f"; it is {shown(measured, None, labels)}."
        return f"You predicted {shown(predicted, None, labels)}{end}"
    if isinstance(predicted, str) or isinstance(measured, str) or measured is None:
        kind = "choice" if isinstance(predicted, str) else "number"
        raise PredictionError(
            f"The prediction {entry.id!r} is the {kind} {brief(predicted)}, and {brief(measured)} is none. "
            f"Give ws.compare({entry.id!r}, ...) a {kind}."
        )
    gap = _gap(predicted, measured, entry.unit)
    return f"You predicted {shown(predicted, entry.unit)} and it was {shown(measured, entry.unit)}: {gap}."


def first_counts(counted: Prediction, newest: Prediction, labels: Mapping[str, str] | None = None) -> tuple[str, ...]:
    """Say that an earlier prediction counts where a later one was made with the answer known; else nothing."""
    if counted.predicted == newest.predicted:
        return ()
    return (f"Your first prediction, {shown(counted.predicted, counted.unit, labels)}, is what counts.",)


def calibration(entries: Iterable[Prediction]) -> list[str]:
    """Say how predictions have turned out so far: choices together, numbers by their unit.

    A unit's figure is the median of predicted by measured, so that one wild guess does not speak for the rest.
    """
    done = [entry for entry in entries if entry.measured is not None]
    if len(done) < FEWEST:
        return [FIRST] * len(done)
    choices = [entry for entry in done if entry.unit is None]
    sentences = []
    if len(choices) >= FEWEST:
        right = sum(map(_is_right, choices))
        verb = "was" if right == 1 else "were"
        sentences.append(f"Of your {len(choices)} choices so far, {right} {verb} right.")
    for unit in dict.fromkeys(entry.unit for entry in done if entry.unit is not None):
        sentences.extend(_usual(unit, [entry for entry in done if entry.unit == unit]))
    return sentences


def _usual(unit: str, entries: Sequence[Prediction]) -> Iterator[str]:
    ratios = [ratio for entry in entries if (ratio := _ratio(entry.predicted, entry.measured, unit)) is not None]
    if len(ratios) < FEWEST:
        return
    usual = median(ratios)
    count = f"{len(ratios)} predictions in {unit}"
    if 1 / NEAR <= usual <= NEAR:
        yield f"Over {count} you are usually about right."
    else:
        factor, way = (usual, "high") if usual > 1 else (1 / usual, "low")
        yield f"Over {count} you are usually {_times(factor)} too {way}."


def _gap(predicted: float, measured: float, unit: str | None) -> str:
    ratio, gap = _ratio(predicted, measured, unit), predicted - measured
    if gap == 0 or (ratio is not None and 1 / NEAR <= ratio <= NEAR):
        return "as good as right" if gap else "exactly right"
    way = f"{shown(abs(gap), unit)} too {'high' if gap > 0 else 'low'}"
    if ratio is None:
        return way
    return f"{way}, {_times(ratio)} what it was" if ratio > 1 else f"{way}; it was {_times(1 / ratio)} your figure"


def _ratio(predicted: Value, measured: Value | None, unit: str | None) -> float | None:
    """Give predicted by measured where a ratio means something: both above zero, on a scale with a true zero."""
    if isinstance(predicted, str) or isinstance(measured, str) or measured is None:
        return None
    return predicted / measured if unit not in NO_TRUE_ZERO and predicted > 0 and measured > 0 else None


def _times(factor: float) -> str:
    return f"{factor:,.0f} times" if factor >= WHOLE_FACTOR else f"{factor:.2g} times"


def _is_right(entry: Prediction) -> bool:
    return str(entry.predicted).casefold() == str(entry.measured).casefold()
