"""A form of labelled text fields and a few buttons, worked by keyboard alone; the card beside it is its twin."""

from collections.abc import Callable, Mapping
from html import escape

import ipywidgets as widgets  # type: ignore[import-untyped]  # it ships none
from IPython.core.interactiveshell import InteractiveShell
from IPython.display import display

from workstation.notebook.forms import CLASS, STYLE, VIEW, tell_of_changes

FIELDS = "ws-fields"
# One column of questions and one of fields: ipywidgets cuts a long label off and lets each field end where it likes.
FIELDS_STYLE = f"""<style>
.{FIELDS} .widget-text {{ display: grid; grid-template-columns: minmax(0, 38em) minmax(6em, 14em); gap: 0.75em;
  align-items: center; width: auto; height: auto; margin: 0.15em 2px; }}
.{FIELDS} .widget-text .widget-label {{ width: auto; max-width: none; height: auto; margin: 0; text-align: start;
  white-space: normal; line-height: 1.4; font-size: var(--jp-content-font-size1, inherit);
  color: var(--jp-content-font-color1, inherit); }}
.{FIELDS} .widget-text input {{ font-size: var(--jp-content-font-size1, inherit); }}
</style>"""
Press = Callable[[Mapping[str, str]], str]  # takes what stands in every field, gives the sentence to show


class FieldsForm:
    """Fields by name with their labels, buttons by their words, and a line that says what came of pressing one."""

    def __init__(
        self, title: str, labels: Mapping[str, str], values: Mapping[str, str], buttons: Mapping[str, Press], twin: str
    ) -> None:
        self.fields = {
            name: widgets.Text(
                value=values.get(name, ""),
                description=label,
                placeholder="not answered",
                continuous_update=False,
                style={"description_width": "initial"},
            )
            for name, label in labels.items()
        }
        self.buttons = {words: widgets.Button(description=words) for words in buttons}
        self.said = widgets.HTML(value=_said(""))
        self._twin = twin
        for words, press in buttons.items():
            self.buttons[words].on_click(self._pressed(press))
        tell_of_changes(self.fields.values(), self.said)
        head = widgets.HTML(value=f"{STYLE}{FIELDS_STYLE}<p><strong>{escape(title)}</strong></p>")
        self.whole = widgets.VBox([head, *self.fields.values(), widgets.HBox(list(self.buttons.values())), self.said])
        self.whole.add_class(CLASS)
        self.whole.add_class(FIELDS)

    def show(self) -> None:
        """Show the form where a front end can be there to show it."""
        if not InteractiveShell.initialized():
            return
        view = {"version_major": 2, "version_minor": 0, "model_id": self.whole.model_id}
        twin = {"text/plain": self._twin, "text/html": f"<p>{escape(self._twin)}</p>"}
        display({VIEW: view, **twin}, raw=True)  # type: ignore[no-untyped-call]  # it has no types

    def _pressed(self, press: Press) -> Callable[[object], None]:
        def call(_button: object) -> None:
            self.said.value = _said(press({name: field.value for name, field in self.fields.items()}))

        return call


def _said(sentence: str) -> str:
    return f'<p role="status" aria-live="polite">{escape(sentence)}</p>'
