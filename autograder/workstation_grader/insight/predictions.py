"""Say by question how far predictions were off, and to which side.

A learner may ask questions of their own; a question that fewer than five of the cohort measured is counted, not shown.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from statistics import median, quantiles

from workstation.answers.calibration import NEAR, NO_TRUE_ZERO, shown
from workstation.answers.predictions import Prediction
from workstation_grader.insight.model import Bar, Cell, Entry, Section, Table
from workstation_grader.insight.svg import key
from workstation_grader.insight.words import count, percent, shortened

__all__ = ["FEWEST", "predictions"]

FEWEST = 5
KEY = key([("not-met", "too low, or the wrong choice"), ("met", "about right"), ("review", "too high")])
_NOTE = (
    f"About right is within {100 * (NEAR - 1):.0f} %. Predicted by measured is a median, so that one wild guess does "
    "not speak for the rest; the middle half of the learners lies between the two figures behind it."
)


def predictions(entries: Iterable[Entry]) -> Section:
    """Tell how predictions turned out, question by question, the ones furthest off first."""
    made: dict[tuple[str, str | None], list[Prediction]] = defaultdict(list)
    open_ones: Counter[tuple[str, str | None]] = Counter()
    for entry in entries:
        for prediction in entry.predictions:
            key = (prediction.id, prediction.unit)
            if _is_done(prediction):
                made[key].append(prediction)
            else:
                open_ones[key] += 1
    enough = {key: found for key, found in made.items() if len(found) >= FEWEST}
    rows = sorted((_row(found, open_ones[key]) for key, found in enough.items()), key=lambda row: -_off(row))
    columns = (
        "Question", "Measured", "Not measured", "Usually predicted", "Usually measured", "Predicted by measured",
        "Too low", "About right", "Too high", "Direction",
    )  # fmt: skip
    table = Table(
        name="predictions",
        caption="Predictions against measurements",
        columns=columns,
        rows=tuple(rows),
        words=frozenset({"Question"}),
    )
    total = sum(map(len, made.values()))
    lead = [f"{count(total, 'prediction')} with a measurement, to {count(len(made), 'question')}."]
    if len(made) > len(enough):
        few = len(made) - len(enough)
        verb = "is" if few == 1 else "are"
        lead.append(f"{count(few, 'question')} that fewer than {FEWEST} learners measured {verb} not shown.")
    return Section(
        id="predictions",
        title="Predictions",
        lead=tuple(lead),
        drawing=KEY if rows else "",
        tables=(table,),
        notes=(_NOTE,),
    )


def _is_done(entry: Prediction) -> bool:
    return entry.measured is not None and isinstance(entry.predicted, str) == isinstance(entry.measured, str)


def _row(found: Sequence[Prediction], still_open: int) -> tuple[Cell, ...]:
    question = shortened(Counter(entry.question for entry in found).most_common(1)[0][0])
    return (question, len(found), still_open, *(_chosen(found) if found[0].unit is None else _measured(found)))


def _chosen(found: Sequence[Prediction]) -> tuple[Cell, ...]:
    """Tell of choices: there is right and wrong, and no direction."""
    right = sum(str(entry.predicted).casefold() == str(entry.measured).casefold() for entry in found)
    guessed = Counter(shortened(str(entry.predicted), 40) for entry in found).most_common(1)[0][0]
    truth = Counter(shortened(str(entry.measured), 40) for entry in found).most_common(1)[0][0]
    said = f"{right} of {len(found)} right"
    bar = Bar(parts=(("met", right), ("not-met", len(found) - right)), said=said)
    return (guessed, truth, f"{percent(right, len(found))} right", "", right, "", bar)


def _measured(found: Sequence[Prediction]) -> tuple[Cell, ...]:
    unit = found[0].unit
    pairs = [(float(entry.predicted), float(entry.measured or 0.0)) for entry in found]
    sides = Counter(_side(predicted, measured, unit) for predicted, measured in pairs)
    numbers = (sides["low"], sides["near"], sides["high"])
    said = f"{numbers[0]} too low, {numbers[1]} about right, {numbers[2]} too high"
    bar = Bar(parts=(("not-met", numbers[0]), ("met", numbers[1]), ("review", numbers[2])), said=said)
    usual = [shown(median(side), shortened(unit or "", 20)) for side in zip(*pairs, strict=True)]
    return (*usual, _ratio([p / m for p, m in pairs if p > 0 and m > 0], unit), *numbers, bar)


def _side(predicted: float, measured: float, unit: str | None) -> str:
    if predicted == measured or (
        unit not in NO_TRUE_ZERO and measured > 0 and predicted > 0 and 1 / NEAR <= predicted / measured <= NEAR
    ):
        return "near"
    return "high" if predicted > measured else "low"


def _ratio(ratios: Sequence[float], unit: str | None) -> str:
    if len(ratios) < FEWEST or unit in NO_TRUE_ZERO:
        return ""
    low, middle, high = quantiles(ratios, n=4)
    return f"{middle:.2g} times ({low:.2g} to {high:.2g})"


def _off(row: tuple[Cell, ...]) -> float:
    """Order by how many were not about right."""
    measured, right = row[1], row[7]
    return 1 - right / measured if isinstance(measured, int) and isinstance(right, int) else 0.0
