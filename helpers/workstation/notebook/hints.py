"""Give hints in steps, from a nudge to nearly the answer, and remember which were seen."""

from collections.abc import Sequence
from pathlib import Path

from workstation.answers.prose import plain, with_code
from workstation.catalog import Exercise, RubricCriterion, load_catalog, shown_criteria
from workstation.errors import UnknownAnswer
from workstation.notebook.boundary import mode, sheltered, show_refusal
from workstation.notebook.checking import judge
from workstation.notebook.places import exercise_of, nearest_ids
from workstation.notebook.session import SESSION, Session
from workstation.notebook.theme import card, show

NOTHING_LEFT = "Every criterion that can be judged now is met for {answer!r}; there is nothing left to hint at."
WHICH = 'Say what you want a hint for, for example `ws.hint("{first}")`. There are hints for: {names}.'
NOT_ONE = "There are no hints for {asked!r}. "
NO_STEP = "There is no hint {step!r} for {asked!r}; its hints are numbered from 1 to {last}."


@sheltered(otherwise=None)
def hint(criterion_or_answer_id: str = "", step: int | None = None) -> None:
    """Show the next hint for an answer, or for one criterion; hints cost no points.

    An answer's hints follow its criteria that are not met yet, in order. With *step*, that one is shown (from 1).
    """
    if mode() != "work":
        return
    asked, folder = str(criterion_or_answer_id), Path.cwd()
    named, exercise = _named(asked), _exercise_of(asked, folder)
    if named is None and exercise is None:
        show_refusal(_which(asked, folder))
        return
    criterion = named
    if criterion is None and exercise is not None:
        criterion = _first_unmet(asked, exercise)
    if criterion is None:
        message = NOTHING_LEFT.format(answer=asked)
        show(card("Hint", "", message), message)
    elif step is not None and step not in range(1, len(criterion.hints) + 1):
        show_refusal(NO_STEP.format(step=step, asked=asked, last=len(criterion.hints)))
    else:
        number = SESSION.next_hint(criterion.id, len(criterion.hints)) if step is None else int(step)
        _show_hint(criterion, number, ask_again=asked)


def pick(unmet: Sequence[RubricCriterion], session: Session) -> RubricCriterion | None:
    """Choose the first criterion that still has an unseen hint; when all were seen, the last one repeats."""
    unseen = (item for item in unmet if session.hints_seen.get(item.id, 0) < len(item.hints))
    return next(unseen, unmet[-1] if unmet else None)


def _named(criterion_id: str) -> RubricCriterion | None:
    everything = (item for exercise in load_catalog().tasks.values() for item in exercise.criteria)
    return next((item for item in everything if item.id == criterion_id), None)


def _exercise_of(answer_id: str, folder: Path) -> Exercise | None:
    try:
        return exercise_of(answer_id, folder=folder)
    except UnknownAnswer:
        return None


def _which(asked: str, folder: Path) -> str:
    """Name what there are hints for, the likeliest first."""
    names = nearest_ids(asked, load_catalog().tasks, folder=folder)
    lead = NOT_ONE.format(asked=asked) if asked else ""
    return lead + WHICH.format(first=names[0], names=", ".join(names))


def _first_unmet(answer_id: str, exercise: Exercise) -> RubricCriterion | None:
    met = {criterion.id for criterion in judge(exercise) if criterion.outcome == "met"}
    own = (item for item in exercise.criteria if item.answer == answer_id and not item.at_grading)
    return pick([item for item in own if item.hints and item.id not in met], SESSION)


def _show_hint(criterion: RubricCriterion, number: int, *, ask_again: str) -> None:
    criterion = shown_criteria([criterion])[0]
    status = f"Hint {number} of {len(criterion.hints)}, towards: {criterion.title}."
    text = criterion.hints[number - 1]
    again = f'Run `ws.hint("{ask_again}")` again for the next one.'
    after = again if number < len(criterion.hints) else "That was the last hint for it."
    body = f"<p>{with_code(text)}</p>\n<p>{with_code(after)}</p>"
    show(card("Hint", body, status), f"{status}\n{plain(text)}\n{plain(after)}")
