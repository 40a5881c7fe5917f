"""The form for buying and renting: figures as people type them, a sentence where one is none, kept for next time."""

import json

import pytest
from notebook_kit import ipython_shell
from planning_notebook_kit import HOSTILE, Page, log_weeks, working_copy

from workstation.errors import PlanningError
from workstation.notebook.fields_form import FieldsForm
from workstation.notebook.rent_form import BUTTON, LABELS, filled, read_fields

TYPED = {
    "currency": "EUR", "on": "2026-01-12", "price": "1600", "resale": "500", "months": "36", "power_price": "0,30",
    "idle_watts": "60", "busy_watts": "350", "rate": "0.60", "storage_a_month": "4", "transfer_a_month": "",
    "overhead": "0.15", "speed_ratio": "", "hours_a_month": "",
}  # fmt: skip
CALL = (
    "price=1600, resale=500, months=36, power_price=0.30, idle_watts=60, busy_watts=350, rate=0.60, overhead=0.15, "
    "storage_a_month=4, currency='EUR', on='2026-01-12'"
)


@pytest.fixture
def course(tmp_path, monkeypatch):
    root = working_copy(tmp_path / "copy")
    monkeypatch.chdir(root / "course")
    return root


@pytest.fixture
def shell(course):
    del course
    with ipython_shell() as started:
        started.run("import workstation as ws")
        yield started


@pytest.fixture
def open_form(shell, monkeypatch):
    """Give a function that asks for the form, and catches it before a page would show it."""
    caught: list[FieldsForm] = []

    def catch(self: FieldsForm) -> None:
        caught.append(self)

    def ask() -> FieldsForm:
        shell.run("ws.buy_or_rent()")
        return caught[-1]

    monkeypatch.setattr(FieldsForm, "show", catch)
    return ask


def compare(form: FieldsForm, typed: dict[str, str]) -> str:
    """Fill the form in, press the button, and give what is said."""
    for name, text in typed.items():
        form.fields[name].value = text
    form.buttons[BUTTON].click()
    return Page(form.said.value).words


def test_what_is_typed_gives_the_same_as_the_call_and_is_kept(open_form, shell, course):
    said = compare(open_form(), TYPED | {"hours_a_month": "100"})
    kept = json.loads((course / "evidence" / "prices.json").read_text("utf-8"))
    found = shell.run(f"ws.buy_or_rent({CALL}, hours_a_month=100)")

    assert said == "Owning costs less. Kept in evidence/prices.json."
    assert kept["break_even_hours"] == found.result.break_even_hours
    assert kept["typed"] == found.typed
    assert kept["prices_of"] == "2026-01-12"


def test_blank_hours_come_from_the_log(open_form, course):
    log_weeks(course, 4, gpu_busy_hours=2.0)

    assert compare(open_form(), TYPED).startswith("Renting costs less.")


def test_without_any_hours_the_break_even_is_said(open_form, shell):
    assert compare(open_form(), TYPED).startswith("Owning costs less from 66 busy hours a month on; how many there are")
    assert "hours unknown" in shell.html


def test_the_form_comes_back_as_it_was_filled_in(open_form):
    compare(open_form(), TYPED)
    again = open_form()

    assert again.fields["price"].value == "1600"
    assert again.fields["power_price"].value == "0.3"
    assert again.fields["currency"].value == "EUR"
    assert again.fields["on"].value == "2026-01-12"


@pytest.mark.parametrize(
    ("field", "typed", "words"),
    [
        ("price", "", "Price of the machine or part” needs a number such as 0.30, found nothing"),
        ("price", "cheap", "found 'cheap'"),
        ("price", "1,600", "can be read in two ways"),
        ("months", "2.5", "2.5 months"),
        ("rate", "1e9999", "needs a number"),
        ("busy_watts", "12", "W busy"),
        ("resale", "9000", "above the price"),
        ("on", "soon", "is no date"),
        ("currency", "", "needs its currency"),
        ("hours_a_month", "900", "are not in a month"),
        ("overhead", HOSTILE, "needs a number"),
    ],
)
def test_a_figure_that_is_none_is_a_sentence_and_nothing_is_kept(open_form, course, field, typed, words):
    form = open_form()

    assert words in compare(form, TYPED | {field: typed})
    assert Page(form.said.value).tags == ["p"]
    assert not (course / "evidence" / "prices.json").exists()


def test_every_field_is_a_figure_of_the_call():
    typed, currency, day, hours = read_fields(TYPED | {"hours_a_month": "12,5"})

    assert {*typed, "currency", "on", "hours_a_month"} == LABELS.keys()
    assert (currency, day, hours) == ("EUR", "2026-01-12", 12.5)
    assert typed["power_price"] == 0.30
    assert typed["speed_ratio"] == 1.0


def test_a_document_of_other_peoples_making_fills_in_nothing_odd():
    before = {"typed": {"price": "x", "rate": True, "idle_watts": 50, HOSTILE: 3}, "currency": 5, "prices_of": "y" * 99}

    assert filled(before) == {"idle_watts": "50", "on": "y" * 24}
    assert filled({"typed": [1]}) == {}


def test_a_form_without_its_figures_is_refused_by_name():
    with pytest.raises(PlanningError, match="Price of the machine"):
        read_fields({})


def test_without_a_front_end_a_sentence_and_the_call_are_shown(shell):
    shell.run("ws.buy_or_rent()")

    assert "This page cannot show the form" in shell.cards[-2]["text/plain"]
    assert shell.text.startswith("Nothing compared yet")
    assert "ws.buy_or_rent(price=..., resale=..." in shell.text


def test_half_of_the_figures_say_what_is_missing(shell):
    shell.run("ws.buy_or_rent(price=1600, resale=500)")

    assert "Still to be typed: months, power_price" in shell.text


def test_an_example_is_shown_and_never_kept_as_evidence(shell, course):
    found = shell.run(f"ws.buy_or_rent({CALL}, example=True)")

    assert found.kept == "Not kept as evidence: the hours are an example learner's."
    assert "of an example, with the day 2026-01-12" in shell.ipython.display_formatter.format(found)[0]["text/plain"]
    assert not (course / "evidence" / "prices.json").exists()
