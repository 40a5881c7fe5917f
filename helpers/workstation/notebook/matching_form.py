"""The matching exercise as a form: two fields a mistake and a button, worked by keyboard alone.

A field is a line of text with suggestions: in a drop-down list JupyterLab takes arrow keys, and letters as commands.
"""

from collections.abc import Callable, Mapping, Sequence
from html import escape

import ipywidgets as widgets  # type: ignore[import-untyped]  # it ships none
from IPython.core.interactiveshell import InteractiveShell
from IPython.display import display

from workstation.notebook.boundary import attempted
from workstation.notebook.forms import CLASS, STYLE, VIEW
from workstation.notebook.matching_model import NAMES, Row, choices

BUTTON = "Check my matches"
HOW = "a letter, or choose from the list"
Save = Callable[[Mapping[str, Mapping[str, str]]], str]  # takes what stands in every field, gives the sentence to show


class MatchingForm:
    """A row for each mistake, a button, and a line that says what came of pressing it."""

    def __init__(self, asked: str, read: Callable[[], Sequence[Row]], save: Save) -> None:
        self._asked, self._read, self._save = asked, read, save
        found = read()
        self.fields = {row.mistake.id: {part: _field(row, part) for part in NAMES} for row in found}
        self.told = {row.mistake.id: widgets.HTML(value=_told(row)) for row in found}
        self.button = widgets.Button(description=BUTTON)
        self.button.on_click(self._pressed)
        self.said = widgets.HTML(value=_said(""))
        head = widgets.HTML(value=f"{STYLE}<p><strong>{escape(asked)}</strong></p>")
        blocks = [self._block(row) for row in found]
        self.whole = widgets.VBox([head, *blocks, self.button, self.said])
        self.whole.add_class(CLASS)

    def show(self) -> None:
        """Show the form where a front end can be there to show it."""
        if not InteractiveShell.initialized():
            return
        view = {"version_major": 2, "version_minor": 0, "model_id": self.whole.model_id}
        twin = {"text/plain": self._asked, "text/html": f"<p>{escape(self._asked)}</p>"}
        display({VIEW: view, **twin}, raw=True)  # type: ignore[no-untyped-call]  # it has no types

    def _block(self, row: Row) -> widgets.VBox:
        name = widgets.HTML(value=f"<p>{row.number}. {escape(row.mistake.name)}</p>")
        return widgets.VBox([name, *self.fields[row.mistake.id].values(), self.told[row.mistake.id]])

    def _pressed(self, _button: object) -> None:
        typed = {name: {part: field.value for part, field in pair.items()} for name, pair in self.fields.items()}
        done = attempted(self._save)(typed)
        for row in self._read() if done.well else ():
            self.told[row.mistake.id].value = _told(row)
        self.said.value = _said(done.sentence)


def _field(row: Row, part: str) -> widgets.Combobox:
    listed = choices(part)
    chosen = row.chosen(part)
    return widgets.Combobox(
        description=f"{row.number}. {NAMES[part].capitalize()}:",
        placeholder=HOW,
        options=list(listed.values()),
        value=listed[chosen] if chosen is not None else "",
        ensure_option=False,
        continuous_update=False,
        style={"description_width": "9em"},
        layout=widgets.Layout(width="auto"),
    )


def _told(row: Row) -> str:
    """Say under a row what came of it; nothing while nothing was chosen."""
    if not row.letters:
        return ""
    return f'<p class="ws-aside">{row.symbol} {escape(row.outcome.capitalize())}. {escape(row.reason)}</p>'


def _said(sentence: str) -> str:
    return f'<p role="status" aria-live="polite">{escape(sentence)}</p>'
