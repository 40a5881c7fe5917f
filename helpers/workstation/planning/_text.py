"""Write what planning found for a terminal or a page without pictures: the text twin of every chart."""

from collections.abc import Iterable, Sequence

from workstation.planning._print import print_step
from workstation.planning.outcome import Outcome, Series, Taken

__all__ = ["outcome_table", "outcome_text", "series_text"]

_BARS = "▁▂▃▄▅▆▇█"
_MISSING = "·"


def outcome_text(outcome: Outcome) -> str:
    """Write one outcome: verdict, steps with their reasons, painful weeks, series, gaps and notes."""
    lines = [
        f"{outcome.history}: {outcome.verdict}. {outcome.explanation}",
        *(_step_line(taken) for taken in _without_repeats(outcome.taken)),
        *([] if outcome.taken else ["  no step was taken"]),
        f"  weeks that hurt: {_ranges(outcome.painful_weeks)}; with this plan: {_ranges(outcome.suffered_weeks)}",
        *(f"  {series_text(series)}" for series in outcome.series),
        *(f"  not told: {gap}" for gap in outcome.gaps),
        *(f"  note: {note}" for note in outcome.notes),
    ]
    return "\n".join(lines)


def outcome_table(outcomes: Iterable[Outcome]) -> str:
    """Write many outcomes, a line each: history, verdict, first step and when, weeks that hurt."""
    rows = [("history", "verdict", "first step", "hurt", "left")]
    for outcome in outcomes:
        moves = [each for each in outcome.taken if each.step.decision != "keep"]
        first = f"{print_step(moves[0].step)} (week {moves[0].week})" if moves else "keep"
        rows.append(
            (outcome.history, outcome.verdict, first, str(len(outcome.painful_weeks)), str(len(outcome.suffered_weeks)))
        )
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )


def series_text(series: Series) -> str:
    """Write a series as a row of bars with its ends: "VRAM in use (percent): ▁▁▇█ 12 to 99, rules at 90"."""
    known = [value for value in series.values if value is not None]
    if not known:
        return f"{series.name} ({series.unit}): not logged"
    low, high = min(known), max(known)
    bars = "".join(_bar(value, low, high) for value in series.values)
    rules = f", rules at {', '.join(f'{threshold:g}' for threshold in series.thresholds)}" if series.thresholds else ""
    return f"{series.name} ({series.unit}): {bars} {low:g} to {high:g}{rules}"


def _bar(value: float | None, low: float, high: float) -> str:
    if value is None:
        return _MISSING
    share = (value - low) / (high - low) if high > low else 0.0
    return _BARS[min(len(_BARS) - 1, int(share * len(_BARS)))]


def _step_line(entry: tuple[Taken, Sequence[int]]) -> str:
    taken, weeks = entry
    when = "at once" if taken.week == 0 else f"week{'s' if len(weeks) > 1 else ''} {', '.join(map(str, weeks))}"
    rule = f" [{taken.rule}]" if taken.rule else ""
    return f"  {when}: {print_step(taken.step)} - {taken.because}{rule}"


def _without_repeats(taken: Sequence[Taken]) -> list[tuple[Taken, list[int]]]:
    """Fold the weeks in which the same checkpoint took the same step into one line."""
    found: dict[tuple[str, str], tuple[Taken, list[int]]] = {}
    for each in taken:
        found.setdefault((each.checkpoint, print_step(each.step)), (each, []))[1].append(each.week)
    return list(found.values())


def _ranges(weeks: Sequence[int]) -> str:
    """Write week numbers as ranges: "6 to 9, 12"."""
    runs: list[list[int]] = []
    for week in weeks:
        if runs and week == runs[-1][1] + 1:
            runs[-1][1] = week
        else:
            runs.append([week, week])
    return ", ".join(f"{a} to {b}" if a != b else str(a) for a, b in runs) or "none"
