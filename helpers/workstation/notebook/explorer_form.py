"""The sizing explorer's fields: a model, how it is stored, how long its context is; worked by keyboard alone.

Every field is a line of text, some with suggestions: in a drop-down list JupyterLab takes the arrow keys. An answer
comes when a field is left, when Enter is pressed in it, or by a button; not at every letter, since half a name is none.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from html import escape

import ipywidgets as widgets  # type: ignore[import-untyped]  # it ships none
from IPython.core.interactiveshell import InteractiveShell
from IPython.display import display

from workstation.catalog._sizing import load_sizing_facts
from workstation.errors import SizingError
from workstation.notebook.explorer_model import Setting, read_tokens
from workstation.notebook.forms import CLASS, STYLE, VIEW
from workstation.sizing import known_models

TITLE = "What would you like to run?"
TWIN = "This page cannot show the form. The card below says the same, and names the call that asks for another setting."
LABELS: Mapping[str, str] = {
    "model": "Model, or a count such as 7B:",
    "quantization": "Quantisation:",
    "context_tokens": "Context in tokens, or as 32k:",
    "sequences": "Sequences at once (batch):",
    "cache_type": "KV cache kept as:",
}
WORK_OUT, HALVE, DOUBLE = "Work it out", "Half the context", "Twice the context"
Typed = Callable[[Mapping[str, str]], str]  # takes what stands in every field, gives the sentence to show


class ExplorerForm:
    """The fields by name, three buttons, and a line that says what came of the last change."""

    def __init__(self, setting: Setting, typed: Typed, said: str) -> None:
        self._typed = typed
        self._quiet = False
        offers = {
            "model": known_models(),
            "quantization": tuple(load_sizing_facts().quantizations),
            "cache_type": tuple(load_sizing_facts().caches),
        }
        self.fields = {name: _field(name, str(getattr(setting, name)), offers.get(name, ())) for name in LABELS}
        for field in self.fields.values():
            field.observe(self._changed, names="value")
        self.buttons = {
            WORK_OUT: self._button(WORK_OUT, self.ask),
            HALVE: self._button(HALVE, lambda: self._scale(0.5)),
            DOUBLE: self._button(DOUBLE, lambda: self._scale(2)),
        }
        self.said = widgets.HTML(value=_said(said))
        head = widgets.HTML(value=f"{STYLE}<p><strong>{escape(TITLE)}</strong></p>")
        row = widgets.HBox(list(self.buttons.values()), layout=widgets.Layout(flex_flow="row wrap"))
        self.whole = widgets.VBox([head, *self.fields.values(), row, self.said])
        self.whole.add_class(CLASS)

    def show(self) -> None:
        """Show the form where a front end can be there to show it."""
        if not InteractiveShell.initialized():
            return
        view = {"version_major": 2, "version_minor": 0, "model_id": self.whole.model_id}
        twin = {"text/plain": TWIN, "text/html": f"<p>{escape(TWIN)}</p>"}
        display({VIEW: view, **twin}, raw=True)  # type: ignore[no-untyped-call]  # it has no types

    def ask(self) -> None:
        """Work out what stands in the fields, and say what comes of it."""
        self.said.value = _said(self._typed({name: field.value for name, field in self.fields.items()}))

    def _changed(self, _change: object) -> None:
        if not self._quiet:
            self.ask()

    def _scale(self, factor: float) -> None:
        """Move the context and ask once; what is no number is left to the sentence about it."""
        field = self.fields["context_tokens"]
        with suppress(SizingError):
            self._quiet = True
            field.value = str(max(1, round(read_tokens(field.value) * factor)))
        self._quiet = False
        self.ask()

    def _button(self, words: str, press: Callable[[], None]) -> widgets.Button:
        button = widgets.Button(description=words)
        button.on_click(lambda _button: press())
        return button


def _field(name: str, value: str, offers: tuple[str, ...]) -> widgets.DOMWidget:
    look = {
        "description": LABELS[name],
        "continuous_update": False,
        "style": {"description_width": "17em"},
        "layout": widgets.Layout(width="36em", max_width="100%"),
    }
    if offers:
        return widgets.Combobox(value=value, options=offers, ensure_option=False, **look)
    return widgets.Text(value=value, **look)


def _said(sentence: str) -> str:
    return f'<p role="status" aria-live="polite">{escape(sentence)}</p>'
