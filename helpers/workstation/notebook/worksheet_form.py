"""The worksheet as a form: one labelled field for each item, worked by keyboard alone, with a table as its twin."""

from collections.abc import Callable, Mapping
from html import escape
from itertools import groupby

import ipywidgets as widgets  # type: ignore[import-untyped]  # it ships none
from IPython.core.interactiveshell import InteractiveShell
from IPython.display import display

from workstation.catalog._platform import WorksheetItem, load_platform_rules
from workstation.inventory import Platform
from workstation.notebook.forms import CLASS, STYLE, VIEW, tell_of_changes
from workstation.notebook.worksheet_card import typed

BUTTON = "Save the worksheet"
TWIN = (
    "This page cannot show the form. The worksheet stands below as a table; fill it in with "
    "ws.platform_worksheet(psu_watts=650), by the names that the table gives."
)
_NOT_KNOWN = "not known yet"
SHEET = "ws-sheet"
# On a narrow page a field goes below its question; ipywidgets would push it out of sight instead.
SHEET_STYLE = f"""<style>
.{SHEET} .widget-inline-hbox {{ height: auto; flex-wrap: wrap; }}
.{SHEET} .widget-inline-hbox > .widget-label {{ max-width: 100%; height: auto; white-space: normal; }}
.{SHEET} .widget-inline-hbox > input {{ flex: 1 1 8em; }}
</style>"""
# Takes what stands in every field, gives the sentence to show.
Save = Callable[[Mapping[str, str]], str]


class WorksheetForm:
    """Every item with its field, a button, and a line that says what came of pressing it."""

    def __init__(self, platform: Platform, save: Save) -> None:
        items = load_platform_rules().items
        self.fields = {name: _field(item, typed(platform, name)) for name, item in items.items()}
        self.button = widgets.Button(description=BUTTON, layout=widgets.Layout(width="auto"))
        self.said = widgets.HTML(value=_said(""))
        self._save = save
        self.button.on_click(self._pressed)
        tell_of_changes(self.fields.values(), self.said)
        parts = [widgets.HTML(value=STYLE + SHEET_STYLE)]
        for section, inside in groupby(items.values(), key=lambda item: item.section):
            parts.append(widgets.HTML(value=f"<p><strong>{escape(section)}</strong></p>"))
            for item in inside:
                parts += [self.fields[item.id], widgets.HTML(value=_aside(item.where_to_look))]
        self.whole = widgets.VBox([*parts, widgets.HBox([self.button]), self.said])
        self.whole.add_class(CLASS)
        self.whole.add_class(SHEET)

    def show(self) -> None:
        """Show the form where a front end can be there to show it."""
        if not InteractiveShell.initialized():
            return
        view = {"version_major": 2, "version_minor": 0, "model_id": self.whole.model_id}
        twin = {"text/plain": TWIN, "text/html": f"<p>{escape(TWIN)}</p>"}
        display({VIEW: view, **twin}, raw=True)  # type: ignore[no-untyped-call]  # it has no types

    def _pressed(self, _button: object) -> None:
        self.said.value = _said(self._save({name: field.value for name, field in self.fields.items()}))


def _field(item: WorksheetItem, shown: str) -> widgets.DOMWidget:
    """Make a field to type into; one with few answers offers them.

    No list to choose from: JupyterLab takes the arrow keys and letters that a list would need.
    """
    look = {
        "description": item.label,
        "style": {"description_width": "initial"},
        "layout": widgets.Layout(width="auto"),
        "continuous_update": False,
    }
    if item.kind in {"flag", "choice"}:
        choices = item.choices or ("yes", "no")
        return widgets.Combobox(options=choices, value=shown, placeholder=" or ".join(choices), **look)
    return widgets.Text(value=shown, placeholder=_NOT_KNOWN, **look)


def _aside(where_to_look: str) -> str:
    return f'<p class="ws-aside">To find out: {escape(where_to_look)}.</p>'


def _said(sentence: str) -> str:
    return f'<p role="status" aria-live="polite">{escape(sentence)}</p>'
