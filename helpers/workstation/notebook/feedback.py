"""Turn judged criteria into a learner's feedback card.

A criterion that is judged at grading only is named here and its outcome is not shown, except while grading.
"""

import sys
from collections.abc import Sequence
from dataclasses import replace

from workstation.answers.html import criteria_html, criteria_text, summary_sentence
from workstation.answers.model import Criterion
from workstation.answers.prose import plain, with_code
from workstation.catalog import Exercise, shown_criteria
from workstation.notebook.boundary import Mode
from workstation.notebook.theme import NOTHING, Fragment, card, show

OPEN = "Not met yet: {titles}. Run this cell, and its card says why."
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

    What is to be said *beside* the criteria follows them.
    """
    judged = shown_now(criteria, part, mode)
    part = replace(part, criteria=shown_criteria(part.criteria))
    html, text = criteria_html(judged, part) + beside.html, criteria_text(judged, part) + beside.text
    if mode == "work" and any(criterion.outcome != "met" for criterion in judged):
        hint = HINT.format(answer=answer)
        html, text = f"{html}\n<p>{with_code(hint)}</p>", f"{text}\n{plain(hint)}"
    show(card(f"Feedback on {answer}", html), text)


def say_what_is_open(criteria: Sequence[Criterion], part: Exercise) -> None:
    """Tell nbgrader's Validate what is not met yet, where it shows nothing but what stands on stderr.

    Of a cell that says nothing there it claims partial credit, also for 0 points. Never while grading: whatever stands
    on stderr then costs all points.
    """
    judged = shown_now(criteria, part, "validate")
    unmet = {criterion.id for criterion in judged if criterion.outcome != "met"}
    titles = "; ".join(item.title for item in part.criteria if item.id in unmet)
    sys.stderr.write(f"{summary_sentence(judged, part)} {OPEN.format(titles=titles)}\n")
