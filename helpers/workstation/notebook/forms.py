"""Ask for a number or a choice with a form that works by keyboard, and say beside it what came of it.

A form is shown with its question in words, for pages that can show no form. What it says changes in place, in a polite
live region, and nothing is lost with it: what was kept stands in a file.
"""

from collections.abc import Callable, Mapping
from html import escape

import ipywidgets as widgets  # type: ignore[import-untyped]  # it ships none
from IPython.core.interactiveshell import InteractiveShell
from IPython.display import display

__all__ = ["Form", "choice_form", "number_form"]

VIEW = "application/vnd.jupyter.widget-view+json"
CLASS = "ws-form"
# ipywidgets gives a choice one line of fixed height; a sentence needs more.
STYLE = f"""<style>
.{CLASS} {{ max-width: 60em; padding: 0.25em 0; }}
.{CLASS} .widget-radio {{ width: auto; align-items: flex-start; }}
.{CLASS} .widget-radio-box label {{ height: auto; line-height: 1.5; white-space: normal; align-items: flex-start;
  padding: 0.2em 0; font-size: var(--jp-content-font-size1, inherit); color: var(--jp-content-font-color1, inherit); }}
.{CLASS} .widget-radio-box input {{ flex: none; margin-block: 0.3em; }}
.{CLASS} .widget-html-content {{ font-size: var(--jp-content-font-size1, inherit); line-height: 1.5;
  color: var(--jp-content-font-color1, inherit); overflow-wrap: anywhere; white-space: normal; }}
.{CLASS} .widget-html, .{CLASS} .widget-html-content {{ height: auto; }}
.{CLASS} .widget-html-content p {{ margin: 0.2em 0; }}
.{CLASS} :focus-visible {{ outline: 2px solid var(--jp-brand-color1, currentColor); outline-offset: 2px; }}
</style>"""
Save = Callable[[object], str]  # takes what stands in the form, gives the sentence to show


class Form:
    """A control, a button and a line of text: pressing the button hands the value on and shows what comes back."""

    def __init__(self, question: str, control: widgets.DOMWidget, button: str, save: Save) -> None:
        self.question = question
        self.control = control
        self.button = widgets.Button(description=button, layout=widgets.Layout(width="auto"))
        self.said = widgets.HTML(value=_said(""))
        self._save = save
        self.button.on_click(self._pressed)
        asked = widgets.HTML(value=f"{STYLE}<p><strong>{escape(question)}</strong></p>")
        self.whole = widgets.VBox([asked, control, widgets.HBox([self.button]), self.said])
        self.whole.add_class(CLASS)

    def show(self) -> None:
        """Show the form where a front end can be there to show it, with its question as the text twin."""
        if not InteractiveShell.initialized():
            return
        view = {"version_major": 2, "version_minor": 0, "model_id": self.whole.model_id}
        twin = {"text/plain": self.question, "text/html": f"<p>{escape(self.question)}</p>"}
        display({VIEW: view, **twin}, raw=True)  # type: ignore[no-untyped-call]  # it has no types

    def _pressed(self, _button: object) -> None:
        self.said.value = _said(self._save(self.control.value))


def number_form(question: str, unit: str, value: str, *, button: str, save: Save) -> Form:
    """Ask for a number, typed as text: what is empty or no number can then be told apart from 0."""
    control = widgets.Text(
        value=value,
        description=f"In {unit}:",
        placeholder="a number",
        style={"description_width": "initial"},
        layout=widgets.Layout(width="16em"),
    )
    return Form(question, control, button, save)


def choice_form(question: str, choices: Mapping[str, str], value: str | None, *, button: str, save: Save) -> Form:
    """Ask for one of *choices* (value: how it is shown); none is chosen until somebody does."""
    options = [(label, choice) for choice, label in choices.items()]
    control = widgets.RadioButtons(
        options=options, value=value if value in choices else None, layout=widgets.Layout(width="auto")
    )
    return Form(question, control, button, save)


def _said(sentence: str) -> str:
    return f'<p role="status" aria-live="polite">{escape(sentence)}</p>'
