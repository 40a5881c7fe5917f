"""The decision walk as a form: the question, a list of evidence, a button for each answer; worked by keyboard alone.

The fields stay the same from question to question and the one for evidence takes the focus again, so that a keyboard
never loses its place. That one is a line of text with suggestions: in a drop-down list JupyterLab takes the arrow keys.
"""

from collections.abc import Callable
from functools import partial
from html import escape

import ipywidgets as widgets  # type: ignore[import-untyped]  # it ships none
from IPython.core.interactiveshell import InteractiveShell
from IPython.display import display

from workstation.notebook.decision_card import headline
from workstation.notebook.decision_flow import Flow
from workstation.notebook.forms import CLASS, STYLE, VIEW
from workstation.planning import collecting, question

NONE_CITED = "nothing yet: type or choose, as the list below names it"
TWIN = "This page cannot show the form. The question stands below as a list, with the call for each answer."
Shown = Callable[[Callable[[], str]], str]  # takes a step, renews the card, gives the sentence to show


class DecisionForm:
    """Where a walk is, and every way to go on."""

    def __init__(self, flow: Flow, shown: Shown) -> None:
        self._flow, self._shown = flow, shown
        wide = {
            "style": {"description_width": "initial"},
            "layout": widgets.Layout(width="auto"),
            "continuous_update": False,  # one message for a whole answer, sent before the press that follows it
        }
        self.asked = widgets.HTML()
        self.workload = widgets.Text(description="Your work, in one sentence:", **wide)
        self.start = widgets.Button(description="Begin")
        self.evidence = widgets.Combobox(
            description="It rests on:", placeholder=NONE_CITED, ensure_option=False, **wide
        )
        self.says = widgets.Text(description="What it shows:", **wide)
        self.choices = widgets.VBox([])
        self.undo = widgets.Button(description="Back one answer")
        self.again = widgets.Button(description="Begin anew (the older walk is kept)")
        self.said = widgets.HTML(value=_said(""))
        self.start.on_click(lambda _button: self._take(lambda: flow.begin(self.workload.value)))
        self.undo.on_click(lambda _button: self._take(flow.undo))
        self.again.on_click(lambda _button: self._take(flow.start_again))
        self.evidence.observe(self._filled, names="value")
        self.whole = widgets.VBox([])
        self.whole.add_class(CLASS)
        self._refresh()

    def show(self) -> None:
        """Show the form where a front end can be there to show it."""
        if not InteractiveShell.initialized():
            return
        view = {"version_major": 2, "version_minor": 0, "model_id": self.whole.model_id}
        twin = {"text/plain": TWIN, "text/html": f"<p>{escape(TWIN)}</p>"}
        display({VIEW: view, **twin}, raw=True)  # type: ignore[no-untyped-call]  # it has no types

    def _take(self, step: Callable[[], str]) -> None:
        said = self._shown(step)
        self._refresh()
        walk = self._flow.walk
        if self.evidence in self.whole.children:
            self.evidence.focus()
        waits = collecting(walk) if walk is not None else None
        self.said.value = _said(f"{said} {waits or ''}".strip())

    def _refresh(self) -> None:
        """Show what belongs to where the walk is now."""
        walk = self._flow.walk
        asked = question(walk) if walk is not None else None
        self.asked.value = f"{STYLE}{self._question()}"
        if walk is None:
            self.whole.children = (self.asked, self.workload, self.start, self.said)
            return
        ways = widgets.HBox([self.undo, self.again])
        if asked is None:
            self.whole.children = (self.asked, ways, self.said)
            return
        self._offer_evidence()
        self.choices.children = tuple(self._button(choice.id, choice.text) for choice in asked.choices)
        self.whole.children = (self.asked, self.evidence, self.says, self.choices, ways, self.said)

    def _question(self) -> str:
        walk = self._flow.walk
        if walk is None:
            return "<p><strong>What will you do in the next 3 to 6 months?</strong></p>"
        asked = question(walk)
        why = f"<p>{escape(asked.why)}</p>" if asked is not None else ""
        return f"<p><strong>{escape(asked.question if asked is not None else headline(walk))}</strong></p>{why}"

    def _offer_evidence(self) -> None:
        self.evidence.options = [item.title for item in self._flow.can_cite()]
        self.evidence.value = ""
        self.says.value = ""

    def _filled(self, _change: object) -> None:
        known = {item.title: item.says for item in self._flow.items}
        self.says.value = known.get(self.evidence.value.strip(), "")

    def _button(self, choice: str, text: str) -> widgets.Button:
        button = widgets.Button(description=text)
        button.on_click(partial(self._chosen, choice))
        return button

    def _chosen(self, choice: str, _button: object) -> None:
        cited = [self.evidence.value] if self.evidence.value.strip() else []
        says = self.says.value.strip() or None
        self._take(lambda: self._flow.answer(choice, cited, says))


def _said(sentence: str) -> str:
    return f'<p role="status" aria-live="polite">{escape(sentence)}</p>'
