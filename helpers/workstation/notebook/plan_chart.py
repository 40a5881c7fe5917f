"""Show what a plan would have done over weeks: how it was read, a verdict for each history, charts and words."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from typing import Self

from workstation.catalog._planning import load_planning_words
from workstation.notebook.figures import FIGURE_STYLE, Line, Lines, Moment, lines_html, round_top
from workstation.notebook.theme import card
from workstation.notebook.worksheet_card import Printer
from workstation.planning import (
    History,
    Outcome,
    Plan,
    Reading,
    Series,
    Taken,
    outcome_text,
    print_rule,
    print_step,
    rents_for_large_jobs,
    series_text,
)

TITLE = "Your plan, simulated"
MOST_SERIES = 4  # drawn of one history; all are in the words
SIGNS: Mapping[str, str] = {
    "right in time": "\N{CHECK MARK}",
    "early": "\N{BLACK LEFT-POINTING TRIANGLE}",
    "late": "\N{BLACK RIGHT-POINTING TRIANGLE}",
    "overbought": "\N{BLACK UP-POINTING TRIANGLE}",
    "underbought": "\N{BLACK DOWN-POINTING TRIANGLE}",
    "wrong step": "\N{BALLOT X}",
    "not judged": "\N{BULLET}",
}
READ_AS: Mapping[str, str] = {
    "rule": "read as",
    "decision": "a plain decision:",
    "prose": "no threshold was found, so nothing is done by it",
    "unparsed": "a threshold was found, but no rule that can be read",
    "blank": "blank",
}
FOR_LARGE_JOBS = "no threshold was found, so it is taken to mean a week with a job larger than this machine: then"
HEAD = ("History", "Verdict", "What the plan did, and when", "Weeks that hurt", "Left with this plan")


class Simulated(tuple[Outcome, ...]):
    """What `ws.simulate()` gives: an outcome for each history, shown by a cell as one card."""

    plan: Plan
    histories: Mapping[str, History]

    def __new__(cls, outcomes: Iterable[Outcome], plan: Plan, histories: Mapping[str, History]) -> Self:
        """Keep the outcomes together with what they are outcomes of."""
        made = super().__new__(cls, outcomes)
        made.plan, made.histories = plan, histories
        return made

    def _repr_html_(self) -> str:
        return simulated_html(self)

    def _repr_pretty_(self, printer: Printer, _cycle: bool) -> None:
        printer.text(simulated_text(self))


def simulated_html(found: Simulated) -> str:
    """Render a simulation as a card: verdicts, the plan as it was read, each history behind a line that opens."""
    details = "\n".join(_history_html(outcome, found, is_open=len(found) == 1) for outcome in found)
    parts = [FIGURE_STYLE, _plan_html(found.plan), table_html(found) if len(found) > 1 else "", details]
    return card(TITLE, "\n".join(filter(None, parts)), sentence(found))


def simulated_text(found: Simulated) -> str:
    """Write a simulation as plain text."""
    lines = [sentence(found), *plan_lines(found.plan)]
    for outcome in found:
        lines += ["", f"{name_of(outcome, found)} ({outcome.history})", outcome_text(outcome)]
    return "\n".join(lines)


def sentence(found: Sequence[Outcome]) -> str:
    """Say in one sentence how a plan did."""
    if len(found) == 1:
        return f"{found[0].verdict.capitalize()}: {found[0].explanation}"
    counts = Counter[str](outcome.verdict for outcome in found)
    parts = [f"{verdict} in {counts[verdict]}" for verdict in SIGNS if verdict in counts]
    return f"Over {len(found)} histories the plan was {', '.join(parts)}."


def plan_lines(plan: Plan) -> Iterator[str]:
    """Write how each field of a plan was read, with a mark under the words that could not be."""
    for checkpoint in load_planning_words().checkpoints.values():
        reading = plan.at(checkpoint.id)
        yield f"{checkpoint.label}: {read_as(checkpoint.id, reading)}"
        for problem in reading.problems:
            yield f"    {problem.message}"


def read_as(checkpoint: str, reading: Reading) -> str:
    """Say in words how a field was read, as the simulation acts on it."""
    if reading.step is not None and rents_for_large_jobs(checkpoint, reading):
        return f"{FOR_LARGE_JOBS} {print_step(reading.step)}"
    said = READ_AS[reading.kind]
    if reading.kind == "rule":
        return f"{said} {'; '.join(print_rule(rule) for rule in reading.rules)}"
    return f"{said} {print_step(reading.step)}" if reading.kind == "decision" and reading.step is not None else said


def name_of(outcome: Outcome, found: Simulated) -> str:
    """Name a history as people do."""
    known = found.histories.get(outcome.history)
    return known.name if known is not None else outcome.history


def rows(found: Simulated) -> Iterator[tuple[str, ...]]:
    """Give a row of the table for each history."""
    for outcome in found:
        yield (
            name_of(outcome, found),
            f"{SIGNS[outcome.verdict]} {outcome.verdict}",
            did(outcome),
            str(len(outcome.painful_weeks)),
            str(len(outcome.suffered_weeks)),
        )


def table_html(found: Simulated) -> str:
    """Draw the table of verdicts."""
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in HEAD)
    body = "".join(
        f'<tr><th scope="row">{escape(name)}</th>{"".join(f"<td>{escape(cell)}</td>" for cell in cells)}</tr>\n'
        for name, *cells in rows(found)
    )
    caption = "<caption>What the plan would have done</caption>"
    return f'<table class="ws-words">{caption}<thead><tr>{head}</tr></thead>\n<tbody>{body}</tbody></table>'


def table_text(found: Simulated) -> str:
    """Write the table of verdicts as lines."""
    return "\n".join(f"  {name}: {verdict}; {steps}" for name, verdict, steps, *_ in rows(found))


def did(outcome: Outcome) -> str:
    """Say what the plan did and when, each step once."""
    weeks: dict[str, list[int]] = {}
    for taken in outcome.taken:
        weeks.setdefault(print_step(taken.step), []).append(taken.week)
    return "; ".join(f"{step} ({_when(when)})" for step, when in weeks.items()) or "nothing"


def figures_html(outcome: Outcome) -> str:
    """Draw the series of an outcome."""
    return "\n".join(lines_html(figure) for figure in figures(outcome))


def figures(outcome: Outcome) -> Iterator[Lines]:
    """Decide what the charts of an outcome show: a metric's weeks, thresholds, painful weeks and steps."""
    for series in outcome.series[:MOST_SERIES]:
        known = [value for value in series.values if value is not None]
        if known:
            yield _figure(series, known, outcome)


def _figure(series: Series, known: Sequence[float], outcome: Outcome) -> Lines:
    top = 100.0 if series.unit == "percent" else round_top(max([*known, *series.thresholds]))
    moments = tuple(Moment(label=_step(taken), at=max(taken.week, 1)) for taken in _first_of_each(outcome.taken))
    runs = _runs(outcome.painful_weeks)
    told = ", ".join(f"{first} to {last}" if last > first else f"{first}" for first, last in runs)
    hurt = f"shaded: weeks that hurt ({told})"
    said = [series_text(series), f"{hurt}." if outcome.painful_weeks else "No week hurt."]
    return Lines(
        description=" ".join([*said, *(f"{moment.label}." for moment in moments)]),
        title=f"{series.name} ({series.unit})",
        lines=(Line(label="measured", points=tuple(zip(series.weeks, series.values, strict=True))),),
        first=1,
        last=outcome.weeks,
        top=top,
        top_label=f"{top:g}",
        along=[f"week {week}" for week in _ticks(outcome.weeks)],
        limits=[(f"your rule: {threshold:g}", threshold) for threshold in series.thresholds],
        bands=[(week_from - 0.5, week_to + 0.5) for week_from, week_to in runs],
        band_label=hurt,
        moments=moments,
    )


def _runs(weeks: Iterable[int]) -> list[tuple[int, int]]:
    """Join weeks in a row."""
    runs: list[tuple[int, int]] = []
    for week in weeks:
        if runs and week == runs[-1][1] + 1:
            runs[-1] = (runs[-1][0], week)
        else:
            runs.append((week, week))
    return runs


def _ticks(weeks: int) -> list[int]:
    """Give up to five week numbers, evenly spread."""
    parts = min(4, weeks - 1)
    return [1 + round((weeks - 1) * part / parts) for part in range(parts + 1)] if parts > 0 else [1]


def _first_of_each(taken: Iterable[Taken]) -> list[Taken]:
    first: dict[str, Taken] = {}
    for each in taken:
        first.setdefault(print_step(each.step), each)
    return list(first.values())


def _step(taken: Taken) -> str:
    return f"{_when([taken.week])} {print_step(taken.step)}"


def _when(weeks: Sequence[int]) -> str:
    later = [str(week) for week in weeks if week > 0]
    said = [f"week{'s' if len(later) > 1 else ''} {', '.join(later)}"] if later else []
    return ", ".join([*(["at once"] if 0 in weeks else []), *said])


def _history_html(outcome: Outcome, found: Simulated, *, is_open: bool) -> str:
    known = found.histories.get(outcome.history)
    story = f"<p>{escape(known.story)}</p>" if known is not None else ""
    summary = f"{name_of(outcome, found)}: {SIGNS[outcome.verdict]} {outcome.verdict}"
    words = f"<details><summary>The same in words</summary><pre>{escape(outcome_text(outcome))}</pre></details>"
    return (
        f"<details{' open' if is_open else ''}><summary>{escape(summary)}</summary>\n{story}"
        f"<p>{escape(outcome.explanation)} The plan did: {escape(did(outcome))}.</p>\n{figures_html(outcome)}\n"
        f"{words}</details>"
    )


def _plan_html(plan: Plan) -> str:
    items = []
    for checkpoint in load_planning_words().checkpoints.values():
        reading = plan.at(checkpoint.id)
        problems = "".join(
            f"<p>{_pointed(reading.text, each.start, each.end)} {escape(each.message)}</p>" for each in reading.problems
        )
        items.append(
            f"<li><strong>{escape(checkpoint.label)}:</strong> {escape(read_as(checkpoint.id, reading))}{problems}</li>"
        )
    return f"<details open><summary>The plan, as it was read</summary><ul>{''.join(items)}</ul></details>"


def _pointed(text: str, start: int, end: int) -> str:
    """Quote the words around a place, with those that were stumbled over marked."""
    before, marked, after = text[max(0, start - 40) : start], text[start:end], text[end : end + 20]
    return f"<q>{escape(before)}<mark>{escape(marked) or '…'}</mark>{escape(after)}</q>"
