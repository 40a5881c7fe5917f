"""Turn judged criteria into a learner's feedback card.

A criterion that is judged at grading only is named here and its outcome is not shown, except while grading.
"""

from collections.abc import Sequence
from dataclasses import replace

from workstation.answers.html import criteria_html, criteria_text
from workstation.answers.model import Criterion
from workstation.answers.prose import plain, with_code
from workstation.catalog import Exercise
from workstation.notebook.boundary import Mode
from workstation.notebook.theme import NOTHING, Fragment, card, show

HINT = 'Stuck? Run `ws.hint("{answer}")` in a cell of its own.'


def part_of(exercise: Exercise, answer: str, group: int | None) -> Exercise:
    """Narrow an exercise to the criteria of one answer, or of one of its test cells."""
    own = (item for item in exercise.criteria if item.answer == answer and group in {None, item.group})
    return replace(exercise, criteria=tuple(own))


def shown_now(criteria: Sequence[Criterion], part: Exercise, mode: Mode) -> list[Criterion]:
    """Keep the criteria of a part whose outcome the learner may see now."""
    open_now = {item.id for item in part.criteria if mode == "autograde" or not item.at_grading}
    return [criterion for criterion in criteria if criterion.id in open_now]


def show_feedback(
    criteria: Sequence[Criterion], part: Exercise, *, answer: str, mode: Mode, beside: Fragment = NOTHING
) -> None:
    """Show the card of an answer, or of one of its test cells; its fragment opens with the plain sentence.

    What a practice shows *beside* its criteria follows them.
    """
    judged = shown_now(criteria, part, mode)
    html, text = criteria_html(judged, part) + beside.html, criteria_text(judged, part) + beside.text
    if mode == "work" and any(criterion.outcome != "met" for criterion in judged):
        hint = HINT.format(answer=answer)
        html, text = f"{html}\n<p>{with_code(hint)}</p>", f"{text}\n{plain(hint)}"
    show(card(f"Feedback on {answer}", html), text)
