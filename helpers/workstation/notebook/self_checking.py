"""Put a lesson's self-check: three questions, a reason for each choice, and answers that are still there next time."""

from html import escape
from pathlib import Path
from string import ascii_lowercase
from uuid import uuid4

from workstation.answers.prediction_store import SELF_CHECKS_FILE, load
from workstation.catalog import Question, shown_catalog
from workstation.errors import PredictionError, UnknownLesson
from workstation.notebook.boundary import mode, sheltered
from workstation.notebook.lettered import Lettered, letters_path
from workstation.notebook.prediction_card import bad_lines
from workstation.notebook.theme import Fragment, card, show

RIGHT, WRONG, OPEN = "Right.", "Not this one.", "Not answered yet."


@sheltered(otherwise=None)
def self_check(lesson: str, number: int | None = None, choice: str | None = None) -> None:
    """Put a lesson's questions, each with a form; or answer question *number* with the letter of a *choice* at once.

    The last answer to each is kept in the working copy's evidence folder, and shown again the next time.
    """
    if mode() != "work":
        return
    questions, path = _questions(lesson), letters_path()
    if number is not None:
        question = _numbered(questions, number)
        lettered = _lettered(question)
        lettered.keep(path, lettered.read(choice))
        _show_result(question, number, path)
        return
    for place, question in enumerate(questions, 1):
        _put(question, place, path)


def _put(question: Question, number: int, path: Path) -> None:
    from workstation.notebook.forms import choice_form  # widgets are slow to load, and only wanted here

    slot, lettered = uuid4().hex, _lettered(question)

    def save(letter: str) -> str:
        lettered.keep(path, letter)
        _show_result(question, number, path, slot, again=True)
        return RIGHT if letter == lettered.right else WRONG

    asked = f"{number}. {question.question}"
    choice_form(asked, lettered.choices, lettered.kept(load(path)), save).show()
    _show_result(question, number, path, slot)


def _show_result(question: Question, number: int, path: Path, slot: str | None = None, *, again: bool = False) -> None:
    log = load(path)
    found = result_card(question, number, _lettered(question).kept(log), bad_lines(log, SELF_CHECKS_FILE))
    show(*found, slot=slot, again=again)


def result_card(question: Question, number: int, letter: str | None, note: str) -> Fragment:
    """Say whether the chosen letter is right and why; with none chosen, how to answer without a form."""
    if letter is None:
        status, reason = OPEN, ""
    else:
        place = ascii_lowercase.index(letter)
        status = f"{letter}: {RIGHT if place == question.correct else WRONG}"
        reason = question.reasons[place]
    twin = _without_a_form(question, number)
    paragraphs = "".join(f"<p>{escape(text)}</p>\n" for text in (reason, note) if text)
    html = card(f"Question {number}", paragraphs + twin.html, status)
    return Fragment(html, "\n".join(filter(None, [f"Question {number}. {status}", reason, note, twin.text])))


def _without_a_form(question: Question, number: int) -> Fragment:
    choices = _lettered(question).choices.values()
    call = f'ws.self_check("{question.lesson}", {number}, "a")'
    items = "".join(f"<li>{escape(text)}</li>" for text in choices)
    html = (
        f"<details><summary>No form above?</summary>\n<p>{escape(question.question)}</p><ul>{items}</ul>\n"
        f"<p>Answer with a letter: <code>{escape(call)}</code></p></details>"
    )
    indented = [f"    {text}" for text in choices]
    return Fragment(html, "\n".join([question.question, *indented, f"Without a form: {call}"]))


def _questions(lesson: str) -> list[Question]:
    everything = shown_catalog().questions.values()
    own = [question for question in everything if question.lesson == lesson]
    if not own:
        raise UnknownLesson(lesson, known=sorted({question.lesson for question in everything}))
    return own


def _numbered(questions: list[Question], number: int) -> Question:
    if number in range(1, len(questions) + 1):
        return questions[number - 1]
    raise PredictionError(f"There is no question {number!r}; they are numbered from 1 to {len(questions)}.")


def _lettered(question: Question) -> Lettered:
    return Lettered(id=question.id, question=question.question, texts=question.choices, correct=question.correct)
