"""Hold the success criteria against what is on file: shown by what, or what is missing and where it comes from."""

from html import escape

from workstation.answers.prose import plain, with_code
from workstation.notebook.boundary import mode, sheltered
from workstation.notebook.on_file import working_copy
from workstation.notebook.success_facts import State, Success, Told, gather_success
from workstation.notebook.theme import Fragment, card, show

TITLE = "What your own evidence shows"
SAVED_ONLY = (
    "This reads what is saved: the exercises' notebooks and the evidence folder. What you only know, it cannot see."
)
LOOKS: dict[State, tuple[str, str, str]] = {
    "shown": ("ws-met", "✓", "shown"),
    "open": ("ws-review", "?", "the rules cannot tell"),
    "not yet": ("ws-not-attempted", "○", "not shown yet"),
}


@sheltered(otherwise=None)
def success_check() -> None:
    """Show which of the course's success criteria your saved work shows, by what, and how to get the others."""
    if mode() != "work":
        return
    show(*success_card(gather_success(working_copy())))


def success_card(found: Success) -> Fragment:
    """List each criterion with what shows it, or with what is missing and where it comes from."""
    items = "".join(map(_row_html, found.told))
    notes = [*found.problems, SAVED_ONLY]
    said = "".join(f"<p>{escape(note)}</p>\n" for note in notes)
    html = card(TITLE, f'<ul class="ws-criteria-list">{items}</ul>\n{said}', sentence(found))
    return Fragment(html, "\n".join([sentence(found), *map(_row_text, found.told), *notes]))


def sentence(found: Success) -> str:
    """Say how many of the criteria show."""
    shown = sum(row.state == "shown" for row in found.told)
    if shown == len(found.told):
        return f"All {shown} show in what you have on file."
    return f"{shown} of {len(found.told)} show in what you have on file."


def _lines(row: Told) -> list[str]:
    """Give the sentences below a row."""
    if row.state == "shown":
        return [f"Shown by {row.by}."]
    missing = [f"Missing: {plain(words).rstrip('.')}." for words in row.missing]
    return [*missing, f"Where it comes from: {row.how}"]


def _row_html(row: Told) -> str:
    css, symbol, words = LOOKS[row.state]
    lines = "".join(f"<p>{with_code(line)}</p>" for line in _lines(row))
    return (
        f'<li class="{css}"><p><span class="ws-symbol" aria-hidden="true">{symbol}</span> '
        f"<strong>{escape(row.says)}</strong> {escape(words.capitalize())}.</p>{lines}</li>\n"
    )


def _row_text(row: Told) -> str:
    _css, symbol, words = LOOKS[row.state]
    return "\n".join([f"{symbol} {row.says} {words.capitalize()}.", *(f"    {line}" for line in _lines(row))])
