"""Turn judged criteria into a learner's feedback card.

A criterion that is judged at grading only is named here and its outcome is not shown, except while grading.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from workstation.answers.html import criteria_html, criteria_text
from workstation.answers.model import Criterion
from workstation.catalog import Exercise, RubricCriterion
from workstation.notebook.boundary import Mode
from workstation.notebook.theme import card, show

AT_GRADING = "Looked at when your work is graded:"
HINT = 'Stuck? Run ws.hint("{answer}") in a cell of its own.'


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What one card is about: the criteria it judges, and those it only names."""

    judged: tuple[Criterion, ...]
    named: tuple[RubricCriterion, ...]


def choose(criteria: Sequence[Criterion], exercise: Exercise, answer: str, group: int | None, mode: Mode) -> Shown:
    """Pick the criteria of an answer, or of one of its groups, and part the judged from the named."""
    own = [item for item in exercise.criteria if item.answer == answer and group in {None, item.group}]
    hidden = {item.id for item in own if item.at_grading and mode != "autograde"}
    visible = {item.id for item in own} - hidden
    return Shown(
        judged=tuple(criterion for criterion in criteria if criterion.id in visible),
        named=tuple(item for item in own if item.id in hidden),
    )


def sentence(judged: Sequence[Criterion]) -> str:
    """Sum a card up in one plain sentence.

    Points are named only where some are pending: at work a card is for the reasons, not for the count.
    """
    if not judged:
        return "Nothing here can be judged before your work is graded."
    met = sum(criterion.outcome == "met" for criterion in judged)
    if met == len(judged):
        return "Every criterion that can be judged now is met." if met > 1 else "The criterion is met."
    if all(criterion.outcome == "not attempted" for criterion in judged):
        return "Nothing to judge here yet."
    pending = sum(criterion.points for criterion in judged if criterion.outcome == "needs review")
    review = f", and {_points(pending)} pending until a person has read it" if pending else ""
    return f"{met} of {len(judged)} criteria met so far{review}."


def show_feedback(shown: Shown, *, exercise: Exercise, answer: str, mode: Mode) -> None:
    """Show the card of an answer."""
    status = sentence(shown.judged)
    show(card(f"Feedback on {answer}", _html(shown, exercise, answer, mode), status), _text(status, shown, exercise))


def _html(shown: Shown, exercise: Exercise, answer: str, mode: Mode) -> str:
    parts = [criteria_html(shown.judged, exercise.id)] if shown.judged else []
    if shown.named:
        items = "".join(f"<li>{escape(item.title)}</li>" for item in shown.named)
        parts.append(f"<p>{AT_GRADING}</p>\n<ul>{items}</ul>")
    if mode == "work" and any(criterion.outcome != "met" for criterion in shown.judged):
        parts.append(f"<p>{escape(HINT.format(answer=answer), quote=False)}</p>")
    return "\n".join(parts)


def _text(status: str, shown: Shown, exercise: Exercise) -> str:
    parts = [status]
    if shown.judged:
        parts.append(criteria_text(shown.judged, exercise.id))
    if shown.named:
        parts += [AT_GRADING, *(f"  - {item.title}" for item in shown.named)]
    return "\n".join(parts)


def _points(points: float) -> str:
    return f"{points:g} point is" if points == 1 else f"{points:g} points are"
