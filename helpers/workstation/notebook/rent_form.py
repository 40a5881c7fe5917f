"""Ask for the figures of buying and renting, each with its own line, and show the comparison below them.

What was typed is read as a person writes it: a decimal comma is a point, a blank stands for its usual value.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any
from uuid import uuid4

from workstation.errors import PlanningError
from workstation.notebook.boundary import in_words
from workstation.notebook.fields_form import FieldsForm
from workstation.notebook.rent_chart import TITLE, Rent, rent_html, rent_text, verdict_sentence
from workstation.notebook.theme import card, show
from workstation.units import reads_two_ways

BUTTON = "Compare"
HEADING = "What does owning cost, and what renting? Type prices that you looked up yourself."
CALL = (
    "ws.buy_or_rent(price=..., resale=..., months=36, power_price=..., idle_watts=..., busy_watts=..., rate=..., "
    'currency="EUR", on="2026-11-23")'
)
OPEN = "Nothing compared yet: the figures are yours to look up."
WITHOUT = "Without a form, type the same figures into a call:"
TWIN = f"This page cannot show the form. {WITHOUT} {CALL}"
LABELS: Mapping[str, str] = {
    "currency": "Currency of every price:",
    "on": "Day on which you looked them up (2026-11-23):",
    "price": "Price of the machine or part:",
    "resale": "What it may sell for at the end:",
    "months": "Months until then:",
    "power_price": "Price of a kWh:",
    "idle_watts": "Watts while it idles:",
    "busy_watts": "Watts while it works:",
    "rate": "Price of a rented hour:",
    "storage_a_month": "Rented storage a month (blank is 0):",
    "transfer_a_month": "Data transfer a month (blank is 0):",
    "overhead": "Share of rented time lost to setting up, such as 0.15 (blank is 0):",
    "speed_ratio": "Local speed by rented speed (blank is 1):",
    "hours_a_month": "Busy hours a month (blank: from your log):",
}
USUAL: Mapping[str, float] = {"storage_a_month": 0.0, "transfer_a_month": 0.0, "overhead": 0.0, "speed_ratio": 1.0}
WORDS = ("currency", "on", "hours_a_month")
LONGEST = 24
_NUMBER = re.compile(r"\d{1,9}(?:[.,]\d{1,6})?", re.ASCII)
Compare = Callable[[Mapping[str, Any], str, str, float | None], Rent]


def show_form(before: Mapping[str, Any], compare: Compare) -> None:
    """Show the form as it was filled in *before*, and a card that the button replaces."""
    slot = uuid4().hex

    def pressed(fields: Mapping[str, str]) -> str:
        rent = compare(*read_fields(fields))
        show(rent_html(rent), rent_text(rent), slot=slot, again=True)
        return f"{verdict_sentence(rent.result)} {rent.kept}".strip()

    FieldsForm(HEADING, LABELS, filled(before), {BUTTON: in_words(pressed)}, TWIN).show()
    show(card(TITLE, f"<p>{WITHOUT} <code>{CALL}</code></p>", OPEN), f"{OPEN}\n{WITHOUT}\n{CALL}", slot=slot)


def filled(before: Mapping[str, Any]) -> Mapping[str, str]:
    """Give each field as it was kept; a document of other people's making fills in nothing that is no number."""
    typed = before.get("typed")
    numbers = typed if isinstance(typed, Mapping) else {}
    found = {
        name: f"{value:g}"
        for name, value in numbers.items()
        if name in LABELS and isinstance(value, int | float) and not isinstance(value, bool)
    }
    words = {"currency": before.get("currency"), "on": before.get("prices_of")}
    return found | {name: text[:LONGEST] for name, text in words.items() if isinstance(text, str)}


def read_fields(fields: Mapping[str, str]) -> tuple[dict[str, Any], str, str, float | None]:
    """Read the form: the figures by name, the currency, the day, and the hours where some were typed.

    Raises:
        PlanningError: a field is empty or holds no number; the first such field is named.
    """
    numbers = {name: _number(name, fields.get(name, "")) for name in LABELS if name not in WORDS}
    months = numbers["months"]
    typed: dict[str, Any] = {**numbers, "months": int(months) if float(months).is_integer() else months}
    hours = fields.get("hours_a_month", "").strip()
    at_work = _number("hours_a_month", hours) if hours else None
    return typed, fields.get("currency", "").strip(), fields.get("on", "").strip(), at_work


def _number(name: str, text: str) -> float:
    given = text.strip()
    if not given and name in USUAL:
        return USUAL[name]
    label, found = LABELS[name].rstrip(":"), repr(given[:LONGEST]) if given else "nothing"
    if reads_two_ways(given):
        raise PlanningError(f"“{label}”: {found} can be read in two ways. Write it without a thousands mark.")
    if _NUMBER.fullmatch(given) is None:
        raise PlanningError(f"“{label}” needs a number such as 0.30, found {found}.")
    return float(given.replace(",", "."))
