"""Ask for a number or a choice with a form that works by keyboard, and say beside it what came of it.

A form is shown with its question in words, for pages that can show no form. What it says changes in place, in a polite
live region, and nothing is lost with it: what was kept stands in a file.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from html import escape

import ipywidgets as widgets  # type: ignore[import-untyped]  # it ships none
from IPython.core.interactiveshell import InteractiveShell
from IPython.display import display

from workstation.notebook.boundary import attempted

__all__ = ["Form", "choice_form", "number_form", "tell_of_changes"]

VIEW = "application/vnd.jupyter.widget-view+json"
CLASS = "ws-form"
# ipywidgets gives a button one line of fixed height; a sentence needs more.
STYLE = f"""<style>
.{CLASS} {{ max-width: 60em; padding: 0.25em 0; }}
.{CLASS} .jupyter-button {{ width: auto; height: auto; line-height: 1.5; white-space: normal; text-align: start;
  padding: 0.25em 0.75em; font-size: var(--jp-content-font-size1, inherit); }}
.{CLASS} .widget-html, .{CLASS} .widget-html-content {{ height: auto; }}
.{CLASS} .widget-html-content {{ font-size: var(--jp-content-font-size1, inherit); line-height: 1.5;
  color: var(--jp-content-font-color1, inherit); overflow-wrap: anywhere; white-space: normal; }}
.{CLASS} .widget-html-content p {{ margin: 0.2em 0; }}
.{CLASS} .widget-html-content .ws-aside {{ margin-bottom: 0.6em; color: var(--jp-content-font-color2, inherit); }}
.{CLASS} :focus-visible {{ outline: 2px solid var(--jp-brand-color1, currentColor); outline-offset: 2px; }}
</style>"""
CHOSEN = "✓ "
CHANGED = "Changed since the button was pressed: press it again to keep what stands there now."
Save = Callable[[str], str]  # takes what was typed or chosen, gives the sentence to show


class Form:
    """A question, what answers it, and a line that says what came of it."""

    def __init__(self, question: str, controls: Sequence[widgets.Widget], save: Save) -> None:
        self.question = question
        self.controls = list(controls)
        self.said = widgets.HTML(value=_said(""))
        self._save = save
        asked = widgets.HTML(value=f"{STYLE}<p><strong>{escape(question)}</strong></p>")
        self.whole = widgets.VBox([asked, *self.controls, self.said])
        self.whole.add_class(CLASS)

    def show(self) -> None:
        """Show the form where a front end can be there to show it, with its question as the text twin."""
        if not InteractiveShell.initialized():
            return
        view = {"version_major": 2, "version_minor": 0, "model_id": self.whole.model_id}
        twin = {"text/plain": self.question, "text/html": f"<p>{escape(self.question)}</p>"}
        display({VIEW: view, **twin}, raw=True)  # type: ignore[no-untyped-call]  # it has no types

    def keep(self, answer: str) -> bool:
        """Hand an answer on and show what comes of it; tell whether it was kept."""
        done = attempted(self._save)(answer)
        self.said.value = _said(done.sentence)
        return done.well


def number_form(question: str, unit: str, value: str, *, button: str, save: Save) -> Form:
    """Ask for a number, typed as text: what is empty or no number can then be told apart from 0."""
    typed = widgets.Text(
        value=value,
        description=f"In {unit}:",
        placeholder="a number",
        continuous_update=False,
        style={"description_width": "initial"},
        layout=widgets.Layout(width="16em"),
    )
    press = widgets.Button(description=button)
    form = Form(question, [typed, press], save)
    press.on_click(lambda _button: form.keep(typed.value))
    tell_of_changes([typed], form.said)
    return form


def choice_form(question: str, choices: Mapping[str, str], chosen: str | None, save: Save) -> Form:
    """Ask for one of *choices* (value: how it is shown) with a button for each; pressing one keeps it.

    Buttons, as JupyterLab takes the arrow keys that a list or a group of radio buttons would need.
    """
    buttons = {choice: widgets.Button() for choice in choices}
    form = Form(question, list(buttons.values()), save)

    def label(chosen: str | None) -> None:
        for choice, button in buttons.items():
            button.description = f"{CHOSEN if choice == chosen else ''}{choices[choice]}"

    def on_click(choice: str) -> Callable[[object], None]:
        return lambda _button: label(choice) if form.keep(choice) else None

    for choice, button in buttons.items():
        button.on_click(on_click(choice))
    label(chosen)
    return form


def tell_of_changes(fields: Iterable[widgets.DOMWidget], said: widgets.HTML) -> None:
    """Say so where a field changes after a button was pressed.

    A page sends what was typed only once the kernel is idle, and a press at once: with a busy kernel the press comes
    first, and what it kept is not what stands in the field.
    """
    nothing = said.value

    def tell(_change: object) -> None:
        if said.value != nothing:
            said.value = _said(CHANGED)

    for field in fields:
        field.observe(tell, names="value")


def _said(sentence: str) -> str:
    return f'<p role="status" aria-live="polite">{escape(sentence)}</p>'
