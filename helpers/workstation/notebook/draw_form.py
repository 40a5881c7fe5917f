"""Ask for a learner's id in the course with a form that works by keyboard."""

import ipywidgets as widgets  # type: ignore[import-untyped]  # it ships none

from workstation.notebook.forms import Form, Save, tell_of_changes

__all__ = ["id_form"]

QUESTION = "What is your id in the course, as your class writes it?"
BUTTON = "Draw my cases"


def id_form(save: Save) -> Form:
    """Make the form; pressing its button hands on what was typed."""
    typed = widgets.Text(
        description="Course id:",
        placeholder="for example ada.l",
        continuous_update=False,
        style={"description_width": "initial"},
        layout=widgets.Layout(width="22em"),
    )
    press = widgets.Button(description=BUTTON)
    form = Form(QUESTION, [typed, press], save)
    press.on_click(lambda _button: form.keep(typed.value))
    tell_of_changes([typed], form.said)
    return form
