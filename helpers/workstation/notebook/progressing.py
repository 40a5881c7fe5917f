"""Show how far the module is answered, lesson by lesson: a card with one line a page, and the same in plain text."""

from html import escape

from workstation.notebook.boundary import mode, sheltered
from workstation.notebook.on_file import working_copy
from workstation.notebook.progress_facts import gather_progress
from workstation.notebook.progress_model import Progress, Unit, sentence
from workstation.notebook.theme import Fragment, card, show

__all__ = ["progress", "progress_card"]

TITLE = "Your way through the course"
HEAD = ("Page", "Stands at", "Answered so far")
NOT_KNOWN = (
    "Counted is what you answered and saved, optional parts too. What you have read, and how well you know it, nobody "
    "records."
)


@sheltered(otherwise=None)
def progress() -> None:
    """Show what of each lesson and exercise is answered, from the evidence folder and the saved notebooks."""
    if mode() != "work":
        return
    show(*progress_card(gather_progress(working_copy())))


def progress_card(found: Progress) -> Fragment:
    """Draw a row for each lesson and each exercise."""
    head = "".join(f'<th scope="col">{name}</th>' for name in HEAD)
    rows = "".join(map(_row_html, found.units))
    notes = [*found.problems, NOT_KNOWN]
    said = "".join(f"<p>{escape(note)}</p>\n" for note in notes)
    table = f"<table><thead><tr>{head}</tr></thead>\n<tbody>{rows}</tbody></table>"
    text = [sentence(found), *map(_row_text, found.units), *notes]
    return Fragment(card(TITLE, f"{table}\n{said}", sentence(found)), "\n".join(text))


def _name(unit: Unit) -> str:
    return f"{'Exercise' if unit.is_exercise else unit.id[:2]}: {unit.title}"


def _answered(unit: Unit) -> str:
    return ", ".join(part.words for part in unit.parts)


def _row_html(unit: Unit) -> str:
    cells = "".join(f"<td>{escape(text)}</td>" for text in (unit.state, _answered(unit)))
    return f'<tr><th scope="row">{escape(_name(unit))}</th>{cells}</tr>\n'


def _row_text(unit: Unit) -> str:
    answered = _answered(unit)
    return f"  {_name(unit)}: {unit.state}{f' ({answered})' if answered else ''}"
