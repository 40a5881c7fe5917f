"""Match each common mistake with the harm that it does and with the better move: by form, or by call.

What was chosen is kept like a self-check's answers, and shown again the next time.
"""

from collections.abc import Mapping
from html import escape
from pathlib import Path
from uuid import uuid4

from workstation.answers.prediction_store import SELF_CHECKS_FILE, load
from workstation.errors import PredictionError
from workstation.notebook.boundary import mode, sheltered
from workstation.notebook.lettered import letters_path
from workstation.notebook.matching_model import HARM, MOVE, Row, choices, row_of, rows, rows_from, sentence
from workstation.notebook.prediction_card import bad_lines
from workstation.notebook.theme import Fragment, card, show

TITLE = "Mistakes, harms, better moves"
HEADINGS: Mapping[str, str] = {HARM: "What it does to you", MOVE: "The better move"}
ASKED = "Give each mistake the letter of the harm that comes of it and the letter of the better move."
CALL = 'ws.match_mistakes(1, harm="a", move="b")'


@sheltered(otherwise=None)
def match_mistakes(number: int | None = None, *, harm: str | None = None, move: str | None = None) -> None:
    """Put the common mistakes with a form, or match mistake *number* at once with the letters of *harm* and *move*.

    Each row is checked with a reason. The last choice is kept in the working copy's evidence folder.
    """
    if mode() != "work":
        return
    path = letters_path()
    if number is not None:
        chosen = {part: letter for part, letter in ((HARM, harm), (MOVE, move)) if letter is not None}
        row = row_of(number)
        if not chosen:
            raise PredictionError(f"Say which letters belong to mistake {number}: {CALL}.")
        keep(path, row, {part: row.part(part).read(letter) for part, letter in chosen.items()})
        show(*result_card(path))
        return
    _put(path)


def _put(path: Path) -> None:
    from workstation.notebook.matching_form import MatchingForm  # widgets are slow to load, and only wanted here

    slot = uuid4().hex

    def save(typed: Mapping[str, Mapping[str, str]]) -> str:
        before = {row.mistake.id: row for row in rows_from(load(path))}
        said = [take(path, row, typed[row.mistake.id]) for row in before.values()]
        show(*result_card(path), slot=slot, again=True)
        return " ".join([*filter(None, said), sentence(rows_from(load(path)))])

    show(*lists_card())
    MatchingForm(ASKED, lambda: rows_from(load(path)), save).show()
    show(*result_card(path), slot=slot)


def take(path: Path, row: Row, typed: Mapping[str, str]) -> str:
    """Keep what was typed into one row where it changed something; give a sentence on what could not be read."""
    changed: dict[str, str] = {}
    for part, text in typed.items():
        try:
            letter = row.part(part).read(text[:1] if text[1:2] == "." else text) if text.strip() else None
        except PredictionError:
            return f"Row {row.number}: {text.strip()[:40]!r} is no letter of the list, and was not kept."
        if letter is not None and letter != row.chosen(part):
            changed[part] = letter
    keep(path, row, changed)
    return ""


def keep(path: Path, row: Row, letters: Mapping[str, str]) -> None:
    """Add the letters chosen for a row to the file."""
    for part, letter in letters.items():
        row.part(part).keep(path, letter)


def lists_card() -> Fragment:
    """List the harms and the better moves, a letter each."""
    status = f"Each harm and each better move belongs to one of the {len(rows())} mistakes below."
    html = [f"<p>{escape(ASKED)}</p>"]
    text = [status, ASKED]
    for part, heading in HEADINGS.items():
        listed = list(choices(part).values())
        items = "".join(f"<li>{escape(line)}</li>" for line in listed)
        html.append(f'<p><strong>{heading}</strong></p>\n<ul class="ws-criteria-list">{items}</ul>')
        text += [f"{heading}:", *(f"    {line}" for line in listed)]
    return Fragment(card(TITLE, "\n".join(html), status), "\n".join(text))


def result_card(path: Path) -> Fragment:
    """Say of each row whether it is matched, with the reason, and how to match without a form."""
    log = load(path)
    found, note = rows_from(log), bad_lines(log, SELF_CHECKS_FILE)
    items = "".join(_row_html(row) for row in found)
    noted = f"<p>{escape(note)}</p>\n" if note else ""
    twin = f"<p>Without a form: <code>{escape(CALL)}</code>, with the number of the mistake and two letters.</p>"
    html = card("Your matches", f'{noted}<ul class="ws-criteria-list">{items}</ul>\n{twin}', sentence(found))
    text = [sentence(found), *filter(None, [note]), *map(_row_text, found), f"Without a form: {CALL}"]
    return Fragment(html, "\n".join(text))


def _row_html(row: Row) -> str:
    reason = f"<p>{escape(row.reason)}</p>" if row.reason else ""
    return (
        f'<li class="{row.css_class}"><p><span class="ws-symbol" aria-hidden="true">{row.symbol}</span> '
        f"<strong>{row.number}. {escape(row.mistake.name)}</strong>: {escape(row.outcome)}</p>{reason}</li>\n"
    )


def _row_text(row: Row) -> str:
    lines = [f"{row.symbol} {row.number}. {row.mistake.name}: {row.outcome}"]
    return "\n".join([*lines, *([f"    {row.reason}"] if row.reason else [])])
