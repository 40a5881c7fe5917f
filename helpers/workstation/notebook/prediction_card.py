"""Show a prediction: before it is made, once it is kept, and beside what was measured."""

from collections.abc import Mapping
from html import escape

from workstation.answers.calibration import calibration, comparison, first_counts, shown
from workstation.answers.predictions import Asked, Log, Prediction, Value
from workstation.notebook.theme import Fragment, card

NONE_YET = "No prediction is kept yet. Make one before you read on; a wrong one is worth more than none."
NOTHING_TO_HOLD = "{found}. You kept no prediction for this one, so there is nothing to hold it against."
ANYWHERE = "Predict the next one first: that is how you find out what you take for granted."
BAD_LINES = "{count} of the file evidence/{file} could not be read and {verb} left as {pronoun} found."


def bad_lines(log: Log, file: str) -> str:
    """Say that a file holds lines that are none of ours, or nothing."""
    if not log.unread:
        return ""
    one = log.unread == 1
    count = "1 line" if one else f"{log.unread} lines"
    return BAD_LINES.format(
        count=count, file=file, verb="was" if one else "were", pronoun="it was" if one else "they were"
    )


def prediction_card(asked: Asked, kept: Prediction | None, note: str = "") -> Fragment:
    """Say which prediction is kept for a question, and how to make one without a form."""
    status = NONE_YET if kept is None else f"Your prediction is kept: {_told(kept, asked.choices)}."
    example = next(iter(asked.choices), "4.5")
    call = (
        f'ws.predict("{asked.id}", ..., value="{example}")'
        if asked.choices
        else f'ws.predict("{asked.id}", ..., value={example})'
    )
    twin = _without_a_form(asked, call)
    notes = f"<p>{escape(note)}</p>\n" if note else ""
    html = card("Your prediction", notes + twin.html, status)
    return Fragment(html, "\n".join(filter(None, [status, note, twin.text])))


def comparison_card(entry: Prediction, log: Log, labels: Mapping[str, str], note: str) -> Fragment:
    """Show a prediction beside what was measured, and how predictions have turned out so far."""
    status = comparison(entry, labels)
    newest = log.latest.get(entry.id, entry)
    sentences = [*filter(None, [note]), *first_counts(entry, newest, labels), *calibration(log.counted.values())]
    cells = [entry.question, shown(entry.predicted, entry.unit, labels)]
    cells.append(shown(entry.measured, entry.unit, labels) if entry.measured is not None else "")
    names = ("Question", "Your prediction", "What it was")
    head = "".join(f'<th scope="col">{name}</th>' for name in names)
    row = "".join(f"<td>{escape(text)}</td>" for text in cells)
    table = f"<table><thead><tr>{head}</tr></thead><tbody><tr>{row}</tr></tbody></table>"
    said = "".join(f"<p>{escape(sentence)}</p>\n" for sentence in sentences)
    return Fragment(card("Prediction and measurement", f"{table}\n{said}", status), "\n".join([status, *sentences]))


def measured_only_card(measured: Value, labels: Mapping[str, str], note: str) -> Fragment:
    """Show what was measured where no prediction was kept."""
    found = f"It is {shown(measured, None, labels)}" if isinstance(measured, str) else f"It was {shown(measured, None)}"
    status = NOTHING_TO_HOLD.format(found=found)
    sentences = [*filter(None, [note]), ANYWHERE]
    said = "".join(f"<p>{escape(sentence)}</p>\n" for sentence in sentences)
    return Fragment(card("Prediction and measurement", said, status), "\n".join([status, *sentences]))


def _told(kept: Prediction, labels: Mapping[str, str]) -> str:
    return f"{shown(kept.predicted, kept.unit, labels)}, {kept.predicted_at[:10]}"


def _without_a_form(asked: Asked, call: str) -> Fragment:
    choices = [f"{choice}: {label}" if choice != label else choice for choice, label in asked.choices.items()]
    items = "".join(f"<li>{escape(choice)}</li>" for choice in choices)
    listed = f"<ul>{items}</ul>" if items else ""
    html = (
        "<details><summary>No form above?</summary>\n"
        f"<p>{escape(asked.question)}</p>{listed}\n<p>Add your answer to the call and run the cell: "
        f"<code>{escape(call)}</code></p></details>"
    )
    text = [asked.question, *(f"    {choice}" for choice in choices), f"Without a form: {call}"]
    return Fragment(html, "\n".join(text))
