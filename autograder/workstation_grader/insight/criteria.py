"""Say of each criterion how it went, and how well it tells those who did well elsewhere from those who did not.

Discrimination is the item-rest point-biserial correlation: between meeting a criterion and the share of points earned
on all others. An answer in review has no outcome yet and is left out of both sides; not attempted counts as not met.
Who attempted nothing at all is left out: a handful of empty notebooks would make every criterion look sharp.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from workstation.answers.model import Outcome
from workstation.catalog import RubricCriterion, load_catalog
from workstation_grader.insight.model import Bar, Cohort, Entry, Section, Table
from workstation_grader.insight.words import count, percent

__all__ = ["FEWEST", "Item", "criteria", "items_of"]

FEWEST = 30  # submissions, below which a correlation is mostly chance
OUTCOMES: tuple[Outcome, ...] = ("met", "not met", "not attempted", "needs review")
_MOST_NAMED = 5
_LOW = 0.1  # below this a criterion hardly tells learners apart, or the wrong way round
_READING = (
    "Discrimination is the item-rest point-biserial correlation: how far those who met the criterion also earned more "
    "on all the others. From 0.3 a criterion tells learners apart well; near 0 it hardly does; below 0 look at its "
    "wording and at how it is judged. A criterion that all or none met has none."
)
_COUNTING = (
    "In review counts on neither side, not attempted counts as not met, and who attempted nothing is left out. The "
    "outcomes are the rubric's; points that a person gave by hand are not in them."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One criterion over the cohort: counts by outcome, and its discrimination or why there is none."""

    id: str
    title: str
    counts: Counter[str]
    decided: int  # submissions that its discrimination rests on
    discrimination: float | None
    why_not: str


def items_of(cohort: Cohort) -> tuple[Item, ...]:
    """Count outcomes and compute the discrimination of every criterion of the exercise, in the rubric's order."""
    entries = [entry for entry in cohort.entries if entry.criteria]
    rubric = load_catalog().exercises[cohort.exercise].criteria
    met, points = _matrices(entries, rubric)
    counts = [Counter[str]() for _ in rubric]
    places = {entry.id: place for place, entry in enumerate(rubric)}
    for entry in entries:
        for criterion in entry.criteria:
            if criterion.id in places:
                counts[places[criterion.id]][criterion.outcome] += 1
    return tuple(
        _item(entry, counts[place], met, points, place) for place, entry in enumerate(rubric)
    )  # fmt: skip


def _matrices(entries: Sequence[Entry], rubric: Sequence[RubricCriterion]) -> tuple[np.ndarray, np.ndarray]:
    """Give (1 met, 0 not, NaN open) by submission and criterion for those who attempted something, and the points."""
    places = {entry.id: place for place, entry in enumerate(rubric)}
    tried = [entry for entry in entries if any(each.outcome != "not attempted" for each in entry.criteria)]
    met = np.full((len(tried), len(rubric)), np.nan)
    for row, entry in enumerate(tried):
        for criterion in entry.criteria:
            if criterion.outcome != "needs review" and criterion.id in places:
                met[row, places[criterion.id]] = float(criterion.outcome == "met")
    return met, np.array([entry.points for entry in rubric])


def _item(entry: RubricCriterion, counts: Counter[str], met: np.ndarray, points: np.ndarray, place: int) -> Item:
    here = ~np.isnan(met[:, place])
    number, why_not = int(here.sum()), ""
    figure = None
    if number < FEWEST:
        why_not = f"{FEWEST - number} decided submissions are missing"
    else:
        figure = _correlation(met[here], points, place)
        why_not = "" if figure is not None else _no_spread(met[here, place])
    title = entry.title
    return Item(id=entry.id, title=title, counts=counts, decided=number, discrimination=figure, why_not=why_not)


def _correlation(met: np.ndarray, points: np.ndarray, place: int) -> float | None:
    others = np.delete(np.arange(met.shape[1]), place)
    rest, weights = met[:, others], points[others]
    possible = (~np.isnan(rest) * weights).sum(axis=1)
    known = possible > 0
    share = np.nansum(rest * weights, axis=1)[known] / possible[known]
    item = met[known, place]
    if len(item) < FEWEST or np.ptp(item) == 0 or np.ptp(share) == 0:
        return None
    return float(np.corrcoef(item, share)[0, 1])


def _no_spread(item: np.ndarray) -> str:
    return "all met it" if item.all() else "none met it" if not item.any() else "the other points are the same for all"


def criteria(cohort: Cohort) -> Section:
    """Tell how each criterion went."""
    items = items_of(cohort)
    scored = sum(1 for entry in cohort.entries if entry.criteria)
    rows = tuple((item.title, item.id, *_counted(item), _figure(item), _bar(item)) for item in items)
    table = Table(
        name="criteria",
        caption="Each criterion over the cohort",
        columns=("Criterion", "Id", "Met", "Not met", "Not attempted", "In review", "Met, share",
                 "Discrimination", "Outcomes"),
        rows=rows,
    )  # fmt: skip
    return Section(
        id="criteria", title="Criteria", lead=tuple(_lead(items, scored)), tables=(table,), notes=(_READING, _COUNTING),
    )  # fmt: skip


def _counted(item: Item) -> tuple[int | str, ...]:
    numbers = [item.counts[outcome] for outcome in OUTCOMES]
    return (*numbers, percent(item.counts["met"], sum(numbers)))


def _figure(item: Item) -> str:
    return item.why_not if item.discrimination is None else f"{item.discrimination:.2f}"


def _bar(item: Item) -> Bar:
    names = {"met": "met", "not met": "not-met", "not attempted": "none", "needs review": "review"}
    words = {"needs review": "in review"}
    parts = tuple((names[outcome], item.counts[outcome]) for outcome in OUTCOMES)
    said = ", ".join(
        f"{item.counts[outcome]} {words.get(outcome, outcome)}" for outcome in OUTCOMES if item.counts[outcome]
    )
    return Bar(parts=parts, said=said or "nothing yet")


def _lead(items: Sequence[Item], scored: int) -> list[str]:
    said = [f"{count(scored, 'submission')} could be scored."]
    if scored:
        hardest = min(items, key=lambda item: item.counts["met"])
        said.append(f"Met least often: {hardest.title} ({hardest.counts['met']} of {scored}).")
    if scored < FEWEST:
        said.append(f"Discrimination is shown from {FEWEST} submissions on: {FEWEST - scored} are missing.")
    dull = [item.title for item in items if item.discrimination is not None and item.discrimination < _LOW]
    if dull:
        more = " and others" if len(dull) > _MOST_NAMED else ""
        said.append(f"Hardly tells learners apart: {'; '.join(dull[:_MOST_NAMED])}{more}.")
    return said
