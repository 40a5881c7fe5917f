"""Show judged criteria: a semantic HTML fragment for the notebook and the feedback page, and the same in plain text.

The fragment carries no script and no style, and everything from the learner is escaped. An outcome is told in words and
by a symbol, never by colour alone.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape

from workstation.answers.criteria.language import UNREAD
from workstation.answers.criteria.verdict import A_PERSON
from workstation.answers.model import Criterion, Outcome
from workstation.answers.prose import plain, with_code
from workstation.catalog import Exercise, RubricCriterion

__all__ = ["IN_REVIEW", "PENDING_AT_GRADING", "criteria_html", "criteria_text", "summary_sentence"]

PENDING_AT_GRADING = "checked at grading"
IN_REVIEW = "a person will look at this"
UNTOLD = "the rules cannot tell"
_NEXT = "Next step:"
_IN_ENGLISH = (
    "The rules read English only, and nobody else reads a practice: say it in English, or go by `ws.hint` alone."
)


@dataclass(frozen=True, slots=True)
class _Look:
    css_class: str
    symbol: str
    words: str


_LOOKS: Mapping[Outcome, _Look] = {
    "met": _Look("ws-met", "✓", "met"),
    "not met": _Look("ws-not-met", "✗", "not met"),
    "not attempted": _Look("ws-not-attempted", "○", "not attempted"),
    "needs review": _Look("ws-review", "?", IN_REVIEW),
}
_UNTOLD = _Look("ws-review", "?", UNTOLD)  # in a practice, which no person looks at
_PENDING = _Look("ws-pending", "…", PENDING_AT_GRADING)


@dataclass(frozen=True, slots=True)
class _Item:
    look: _Look
    title: str
    points: str
    reason: str
    next_step: str


def criteria_html(criteria: list[Criterion], exercise: Exercise, *, answer: str | None = None) -> str:
    """Render *criteria* as one fragment: a plain sentence first, then the list.

    Criteria of the rubric that are missing from *criteria* and marked for grading are named, their judgement not shown;
    *answer* narrows the fragment to one answer's criteria.
    """
    items = "".join(_item_html(item) for item in _items(criteria, exercise, answer))
    sentence = escape(summary_sentence(criteria, exercise, answer=answer))
    return (
        '<section class="ws-criteria">'
        f'<p role="status" aria-live="polite">{sentence}</p><ul class="ws-criteria-list">{items}</ul></section>'
    )


def criteria_text(criteria: list[Criterion], exercise: Exercise, *, answer: str | None = None) -> str:
    """Write the same as plain text."""
    lines = [summary_sentence(criteria, exercise, answer=answer)]
    for item in _items(criteria, exercise, answer):
        points = f" ({item.points})" if item.points else ""
        lines.append(f"{item.look.symbol} {item.title}: {item.look.words}{points}")
        step = item.next_step and f"{_NEXT} {item.next_step}"
        lines += [f"    {plain(part)}" for part in (item.reason, step) if part]
    return "\n".join(lines)


def summary_sentence(criteria: list[Criterion], exercise: Exercise, *, answer: str | None = None) -> str:
    """Say in one plain sentence how it stands: "2 of 3 met; 1 is checked at grading."."""
    judged = [entry for entry in _judged(criteria, exercise, answer) if entry is not None]
    waiting = len(_judged(criteria, exercise, answer)) - len(judged)
    if waiting and not judged:
        return f"{'One criterion' if waiting == 1 else f'{waiting} criteria, all'} {PENDING_AT_GRADING}."
    parts = [f"{sum(entry.outcome == 'met' for entry in judged)} of {len(judged)} met"]
    pending = sum(entry.points for entry in judged if entry.outcome == "needs review")
    if pending:
        parts.append(f"{_points(pending)} pending: {IN_REVIEW}")
    untold = sum(_is_untold(entry) for entry in judged)
    if untold:
        parts.append(f"{UNTOLD} about {untold}")
    if waiting:
        parts.append(f"{waiting} {'is' if waiting == 1 else 'are'} {PENDING_AT_GRADING}")
    return "; ".join(parts) + "."


def _judged(criteria: list[Criterion], exercise: Exercise, answer: str | None) -> list[Criterion | None]:
    """Line the judged criteria up with the rubric; `None` stands for one that waits for grading."""
    by_id = {criterion.id: criterion for criterion in criteria}
    return [
        by_id.get(entry.id)
        for entry in exercise.criteria
        if answer in {None, entry.answer} and (entry.id in by_id or entry.at_grading)
    ]


def _items(criteria: list[Criterion], exercise: Exercise, answer: str | None) -> Iterator[_Item]:
    by_id = {criterion.id: criterion for criterion in criteria}
    for entry in exercise.criteria:
        criterion = by_id.get(entry.id)
        if answer not in {None, entry.answer}:
            continue
        if criterion is not None:
            yield _untold_item(criterion, entry) if _is_untold(criterion) else _judged_item(criterion, entry.title)
        elif entry.at_grading:
            yield _Item(_PENDING, entry.title, _points(entry.points), "", "")


def _is_untold(criterion: Criterion) -> bool:
    return criterion.outcome == "needs review" and not criterion.points


def _untold_item(criterion: Criterion, entry: RubricCriterion) -> _Item:
    """Say of a practice what the rules could not tell and how to make it clear: nobody else will look at it."""
    reason = criterion.reason.replace(f"; {A_PERSON}", "")
    clearer = entry.hints[-1] if entry.hints else ""
    return _Item(_UNTOLD, entry.title, "", reason, _IN_ENGLISH if UNREAD in reason else clearer)


def _judged_item(criterion: Criterion, title: str) -> _Item:
    if not criterion.points:  # practice
        points = ""
    elif criterion.outcome == "needs review":
        points = f"{_points(criterion.points)} pending"
    else:
        points = f"{_number(criterion.earned)} of {_points(criterion.points)}"
    step = "" if criterion.outcome == "needs review" else criterion.next_step  # there is nothing left to do
    return _Item(_LOOKS[criterion.outcome], title, points, criterion.reason, step)


def _item_html(item: _Item) -> str:
    reason = f'<p class="ws-reason">{with_code(item.reason)}</p>' if item.reason else ""
    points = f' <span class="ws-points">({escape(item.points)})</span>' if item.points else ""
    step = f'<p class="ws-next-step"><strong>{_NEXT}</strong> {with_code(item.next_step)}</p>' if item.next_step else ""
    return (
        f'<li class="{item.look.css_class}"><p><span class="ws-symbol" aria-hidden="true">{item.look.symbol}</span> '
        f'<strong class="ws-title">{escape(item.title)}</strong>: <span class="ws-outcome">{item.look.words}</span>'
        f"{points}</p>{reason}{step}</li>"
    )


def _points(points: float) -> str:
    return f"{_number(points)} point{'' if points == 1 else 's'}"


def _number(points: float) -> str:
    return f"{points:g}"
