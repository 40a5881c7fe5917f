"""Play a scenario: a situation, a choice, and only then the reasons and a model answer."""

from html import escape
from pathlib import Path
from string import ascii_lowercase
from uuid import uuid4

from workstation.answers.prediction_store import SELF_CHECKS_FILE, load
from workstation.catalog import Scenario, shown_catalog
from workstation.errors import UnknownScenario
from workstation.notebook.boundary import mode, sheltered
from workstation.notebook.lettered import Lettered, letters_path
from workstation.notebook.places import likeness
from workstation.notebook.prediction_card import bad_lines
from workstation.notebook.theme import Fragment, card, show

RIGHT, WRONG, OPEN = "That is the choice to make.", "There is a better choice.", "Not decided yet."
SEEN = "Read on below."
OTHERS, MODEL = "The other choices", "A full answer"
MOST_NAMED = 12  # of the scenarios there are, when one is asked for that is none


@sheltered(otherwise=None)
def scenario(name: str = "", letter: str | None = None) -> None:
    """Tell a situation and ask for a decision with a form, or decide with the *letter* of a choice at once.

    The reason for the choice, those for the others and a full answer appear only then. The last choice is kept in the
    working copy's evidence folder, and shown again the next time.
    """
    if mode() != "work":
        return
    entry, path = _named(str(name)), letters_path()
    lettered = _lettered(entry)
    if letter is None:
        _put(entry, lettered, path)
    else:
        lettered.keep(path, lettered.read(letter))
        _show_result(entry, lettered, path)


def _put(entry: Scenario, lettered: Lettered, path: Path) -> None:
    from workstation.notebook.forms import choice_form  # widgets are slow to load, and only wanted here

    slot = uuid4().hex

    def save(letter: str) -> str:
        lettered.keep(path, letter)
        _show_result(entry, lettered, path, slot, again=True)
        return f"{RIGHT if letter == lettered.right else WRONG} {SEEN}"

    show(*situation_card(entry))
    choice_form(entry.question, lettered.choices, lettered.kept(load(path)), save).show()
    _show_result(entry, lettered, path, slot)


def _show_result(
    entry: Scenario, lettered: Lettered, path: Path, slot: str | None = None, *, again: bool = False
) -> None:
    log = load(path)
    found = result_card(entry, lettered, lettered.kept(log), bad_lines(log, SELF_CHECKS_FILE))
    show(*found, slot=slot, again=again)


def situation_card(entry: Scenario) -> Fragment:
    """Tell the situation; its question stands with the form."""
    html = card(entry.name, f"<p>{escape(entry.situation)}</p>", f"{entry.name}.")
    return Fragment(html, f"{entry.name}. {entry.situation}")


def result_card(entry: Scenario, lettered: Lettered, letter: str | None, note: str) -> Fragment:
    """Say what speaks for and against each choice once one is made; before that, how to choose without a form."""
    decided = _reasons(entry, lettered, letter) if letter is not None else _without_a_form(entry, lettered)
    status = OPEN if letter is None else f"{letter}: {RIGHT if letter == lettered.right else WRONG}"
    noted = Fragment(f"<p>{escape(note)}</p>\n", note) if note else Fragment("", "")
    html = card(f"Decision: {entry.name}", noted.html + decided.html, status)
    return Fragment(html, "\n".join(filter(None, [f"{entry.name}: {status}", noted.text, decided.text])))


def _reasons(entry: Scenario, lettered: Lettered, letter: str) -> Fragment:
    own = entry.reasons[ascii_lowercase.index(letter)]
    pairs = zip(lettered.choices.items(), entry.reasons, strict=True)
    others = [(shown, reason) for (other, shown), reason in pairs if other != letter]
    items = "".join(f"<li>{escape(shown)}<br>{escape(reason)}</li>\n" for shown, reason in others)
    html = (
        f"<p>{escape(own)}</p>\n<details><summary>{OTHERS}</summary>\n<ul>\n{items}</ul></details>\n"
        f"<p><strong>{MODEL}:</strong> {escape(entry.model_answer)}</p>"
    )
    lines = [own, f"{OTHERS}:", *(f"    {shown}\n        {reason}" for shown, reason in others)]
    return Fragment(html, "\n".join([*lines, f"{MODEL}: {entry.model_answer}"]))


def _without_a_form(entry: Scenario, lettered: Lettered) -> Fragment:
    call = f'ws.scenario("{entry.id}", "a")'
    items = "".join(f"<li>{escape(shown)}</li>" for shown in lettered.choices.values())
    html = (
        f"<details><summary>No form above?</summary>\n<p>{escape(entry.question)}</p><ul>{items}</ul>\n"
        f"<p>Decide with a letter: <code>{escape(call)}</code></p></details>"
    )
    choices = [f"    {shown}" for shown in lettered.choices.values()]
    return Fragment(html, "\n".join([entry.question, *choices, f"Without a form: {call}"]))


def _named(name: str) -> Scenario:
    known = shown_catalog().scenarios
    if name not in known:
        raise UnknownScenario(name, known=sorted(known, key=lambda each: -likeness(name, each))[:MOST_NAMED])
    return known[name]


def _lettered(entry: Scenario) -> Lettered:
    return Lettered(id=f"scenario.{entry.id}", question=entry.question, texts=entry.choices, correct=entry.correct)
