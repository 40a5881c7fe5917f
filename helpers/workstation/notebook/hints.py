"""Give hints in steps, from a nudge to nearly the answer, and remember which were seen."""

from collections.abc import Sequence
from html import escape
from pathlib import Path

from workstation.catalog import RubricCriterion, load_catalog
from workstation.notebook.boundary import mode, sheltered
from workstation.notebook.checking import judge
from workstation.notebook.places import exercise_of
from workstation.notebook.session import SESSION, Session
from workstation.notebook.theme import card, show

NOTHING_LEFT = "Every criterion that can be judged now is met for {answer!r}; there is nothing left to hint at."


@sheltered(otherwise=None)
def hint(criterion_or_answer_id: str, step: int | None = None) -> None:
    """Show the next hint for an answer, or for one criterion; hints cost no points.

    An answer's hints follow its criteria that are not met yet, in order. With *step*, that one is shown (from 1).
    """
    if mode() != "work":
        return
    criterion = _named(criterion_or_answer_id) or _first_unmet(criterion_or_answer_id)
    if criterion is None:
        message = NOTHING_LEFT.format(answer=criterion_or_answer_id)
        show(card("Hint", "", message), message)
        return
    available = len(criterion.hints)
    number = SESSION.next_hint(criterion.id, available) if step is None else max(1, min(step, available))
    _show_hint(criterion, number, ask_again=criterion_or_answer_id)


def pick(unmet: Sequence[RubricCriterion], session: Session) -> RubricCriterion | None:
    """Choose the first criterion that still has an unseen hint; when all were seen, the last one repeats."""
    unseen = (item for item in unmet if session.hints_seen.get(item.id, 0) < len(item.hints))
    return next(unseen, unmet[-1] if unmet else None)


def _named(criterion_id: str) -> RubricCriterion | None:
    everything = (item for exercise in load_catalog().tasks.values() for item in exercise.criteria)
    return next((item for item in everything if item.id == criterion_id), None)


def _first_unmet(answer_id: str) -> RubricCriterion | None:
    exercise = exercise_of(answer_id, folder=Path.cwd())
    met = {criterion.id for criterion in judge(exercise) if criterion.outcome == "met"}
    own = (item for item in exercise.criteria if item.answer == answer_id and not item.at_grading)
    return pick([item for item in own if item.hints and item.id not in met], SESSION)


def _show_hint(criterion: RubricCriterion, number: int, *, ask_again: str) -> None:
    status = f"Hint {number} of {len(criterion.hints)}, towards: {criterion.title}."
    text = criterion.hints[number - 1]
    call = f'ws.hint("{ask_again}")'
    after = f"Run {call} again for the next one." if number < len(criterion.hints) else "That was the last hint for it."
    body = f"<p>{escape(text)}</p>\n<p>{escape(after)}</p>"
    show(card("Hint", body, status), f"{status}\n{text}\n{after}")
