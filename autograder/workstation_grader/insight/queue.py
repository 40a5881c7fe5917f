"""Order what waits for a person by doubt: first where nobody could guess the outcome and most points hang on it.

The guess is the mean of two shares: of the cohort's decided answers that met the criterion, and of the learner's own
points elsewhere. Near a half nobody knows, so a person's look is worth most there; the doubt is scaled by the points.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from workstation.answers.model import Criterion
from workstation.catalog import load_catalog
from workstation_grader.insight.model import Cohort, Entry, Section, Table
from workstation_grader.insight.words import count, shortened

__all__ = ["Waiting", "queue", "waiting_of"]

UNREADABLE = "Nothing of this submission could be read."
MOVED = "The automatic score beside a person's moved, or a person asked for another look."
_NOTE = (
    "Doubt is the points pending, times how open the outcome is: 1 where the cohort's share of met and the learner's "
    "own points elsewhere speak for even odds, 0 where they leave no doubt. A submission that could not be read comes "
    "first."
)

_PATH = "Formgrader shows a submission at /formgrader/submissions/ and its key; the CSV file has the whole path."


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """One thing for a person to decide."""

    student: str
    submission: str
    what: str  # the criterion's id, or the test cell's
    title: str
    words: str  # the judge's sentence, which quotes the words that decided
    points: float
    doubt: float


def waiting_of(cohort: Cohort) -> list[Waiting]:
    """List what waits for a person, the greatest doubt first."""
    rubric = load_catalog().exercises[cohort.exercise].criteria
    cells = {entry.id: f"check-{entry.answer}-{entry.group}" for entry in rubric}
    titles = {entry.id: entry.title for entry in rubric}
    rates = _rates(cohort.entries)
    found = [each for entry in cohort.entries for each in _of(entry, cells, titles, rates)]
    return sorted(found, key=lambda each: (-each.doubt, each.student, each.what))


def _rates(entries: Sequence[Entry]) -> Mapping[str, float]:
    met: Counter[str] = Counter()
    decided: Counter[str] = Counter()
    for entry in entries:
        for criterion in entry.criteria:
            decided[criterion.id] += criterion.outcome in {"met", "not met"}
            met[criterion.id] += criterion.outcome == "met"
    return {
        name: (met[name] + 1) / (number + 2) for name, number in decided.items()
    }  # even odds where nothing is known


def _of(
    entry: Entry, cells: Mapping[str, str], titles: Mapping[str, str], rates: Mapping[str, float]
) -> Iterator[Waiting]:
    own = {"student": entry.student, "submission": entry.submission}
    if not entry.waiting:
        return
    if not entry.criteria:
        points = sum(entry.pending.values())
        yield Waiting(**own, what="the whole submission", title="", words=UNREADABLE, points=points, doubt=points)
        return
    open_cells = set(entry.waiting)
    for criterion in entry.criteria:
        cell = cells.get(criterion.id, "")
        if criterion.outcome == "needs review" and cell in entry.waiting:
            open_cells.discard(cell)
            doubt = _openness((rates[criterion.id] + _elsewhere(entry, criterion)) / 2) * criterion.points
            title = titles[criterion.id]
            yield Waiting(
                **own, what=criterion.id, title=title, words=criterion.reason, points=criterion.points, doubt=doubt
            )
    for cell in sorted(open_cells):
        points = entry.pending.get(cell, 0.0)
        yield Waiting(**own, what=cell, title="", words=MOVED, points=points, doubt=points / 2)


def _elsewhere(entry: Entry, but: Criterion) -> float:
    """Give the share of points that a learner earned on the other decided criteria; a half where there are none."""
    others = [each for each in entry.criteria if each.id != but.id and each.outcome != "needs review"]
    possible = sum(each.points for each in others)
    return sum(each.earned for each in others) / possible if possible else 0.5


def _openness(chance: float) -> float:
    return 4 * chance * (1 - chance)


def queue(cohort: Cohort) -> Section:
    """Tell a person where to look first."""
    found = waiting_of(cohort)
    rows = tuple(
        (
            place, each.student, f"{each.title} ({each.what})" if each.title else each.what, shortened(each.words),
            f"{each.points:g}", f"{each.doubt:.2f}", f"/formgrader/submissions/{each.submission}/",
        )
        for place, each in enumerate(found, start=1)
    )  # fmt: skip
    learners = len({each.student for each in found})
    points = sum(each.points for each in found)
    lead = (
        f"{count(len(found), 'decision')} for a person to make, on {count(learners, 'learner')}, {points:g} points."
        if found else "Nothing waits for a person."
    )  # fmt: skip
    table = Table(
        name="review-queue", caption="What waits for a person, by doubt",
        columns=("Place", "Learner", "Criterion", "What decided", "Points pending", "Doubt", "In Formgrader"),
        rows=rows,
        words=frozenset({"What decided"}),
    )  # fmt: skip
    return Section(
        id="review",
        title="Review queue",
        lead=(lead,),
        tables=(table,) if rows else (),
        notes=(_NOTE, _PATH) if rows else (),
    )
