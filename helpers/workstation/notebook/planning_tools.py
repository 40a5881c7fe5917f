"""Simulate a plan, and compare buying with renting, in a notebook: pure work on what was typed and what is on file."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from workstation.answers.parse import strip_magic
from workstation.catalog import load_catalog
from workstation.errors import DocumentError, PlanningError
from workstation.inventory._store import write_document
from workstation.notebook.boundary import mode, sheltered
from workstation.notebook.capture import EVIDENCE
from workstation.notebook.on_file import PRICES_FILE, read_store, working_copy
from workstation.notebook.places import answers_now
from workstation.notebook.plan_chart import Simulated
from workstation.notebook.plan_reading import PLAN_ANSWER, PLAN_EXERCISE, plan_in, read_plan, simulated
from workstation.notebook.rent_chart import Rent
from workstation.notebook.session import SESSION
from workstation.planning import (
    LOG_FILE,
    BuyOrRent,
    History,
    LogRow,
    Plan,
    Price,
    Usage,
    Week,
    example_usage,
    histories,
    history_from_log,
    load_log,
    usage_from_weeks,
)
from workstation.planning import buy_or_rent as compare_costs
from workstation.planning import history as history_named

OWN = "own-weeks"  # the id of the learner's own log among the histories
PRICES_SCHEMA = "workstation.prices/1"
MOST_HISTORIES = 40
NOT_KEPT = "Not kept as evidence: the hours are an example learner's."
PRICED = frozenset({"price", "resale", "power_price", "rate", "storage_a_month", "transfer_a_month"})
NOT_SIMULATED: Simulated | None = None
NOT_COMPARED: Rent | None = None
PlanText = str | Mapping[str, str] | Plan
Choice = str | History | Iterable[str | History] | None


@sheltered(otherwise=NOT_SIMULATED)
def simulate(plan: PlanText | None = None, history: Choice = None) -> Simulated | None:
    """Say what a staged plan would have done, week by week, before any money moves.

    *plan* is the text of the plan with its labels (Now, After one month, After the first repeated bottleneck, Cloud),
    a dictionary of them, or one rule alone, which counts as the repeated one; by default, in the exercise, the plan in
    its answer cell, as it was saved or last run. *history* is the name of a history,
    ``"own-weeks"`` for your log, or several of them; by default all of the course's, with your own weeks if you logged
    any.
    """
    read = answered_plan() if plan is None else read_plan(plan)
    chosen = {each.id: each for each in _histories(history)}
    return simulated(read, chosen)


@sheltered(otherwise=NOT_COMPARED)
def buy_or_rent(
    *,
    price: float | None = None,
    resale: float | None = None,
    months: int | None = None,
    power_price: float | None = None,
    idle_watts: float | None = None,
    busy_watts: float | None = None,
    rate: float | None = None,
    currency: str | None = None,
    on: str | None = None,
    hours_a_month: float | None = None,
    example: bool = False,
    speed_ratio: float = 1.0,
    overhead: float = 0.0,
    storage_a_month: float = 0.0,
    transfer_a_month: float = 0.0,
) -> Rent | None:
    """Compare owning a machine with renting one, from prices that you looked up, and their date.

    *price* and *resale* of the machine over *months*; *power_price* of a kWh; *rate* of a rented hour; *currency* and
    *on*, the day on which you looked (``"2026-11-23"``), for all of them. *speed_ratio* is local speed by rented speed.
    Hours come from your log (``gpu_busy_hours``), else from *hours_a_month*, else, with *example*, from the labelled
    example learner's. Without any figure a form asks for them. Kept in the evidence folder, so that a decision can cite
    it; an example is not.
    """
    needed = {
        "price": price, "resale": resale, "months": months, "power_price": power_price, "idle_watts": idle_watts,
        "busy_watts": busy_watts, "rate": rate,
    }  # fmt: skip
    absent = [name for name, value in {**needed, "currency": currency, "on": on}.items() if value is None]
    if len(absent) == len(needed) + 2 and not example and hours_a_month is None:
        _ask()
        return None
    if absent:
        raise PlanningError(
            f"Still to be typed: {', '.join(absent)}. Or run ws.buy_or_rent() alone: a form asks for everything."
        )
    typed = {
        **needed, "speed_ratio": speed_ratio, "overhead": overhead, "storage_a_month": storage_a_month,
        "transfer_a_month": transfer_a_month,
    }  # fmt: skip
    return compared(typed, currency, on, hours_a_month, example=example)


def compared(typed: Mapping[str, Any], currency: Any, on: object, hours: float | None, *, example: bool) -> Rent:
    """Compare what was typed, and keep it where a learner is at work and the hours are no example's.

    Raises:
        PlanningError: a figure cannot be, or the day is none.
    """
    day = _day(on)
    priced: dict[str, Any] = {
        name: Price(amount=value, currency=currency, on=day) if name in PRICED else value
        for name, value in typed.items()
    }
    result = compare_costs(**priced, usage=_usage(hours, example=example))
    kept = NOT_KEPT if example else _keep(result, typed, day) if mode() == "work" else ""
    return Rent(result=result, on=day, typed=dict(typed), kept=kept)


def _ask() -> None:
    """Show a form for the figures, filled in as they were kept the last time."""
    if mode() != "work":
        return
    from workstation.notebook.rent_form import show_form  # widgets are slow to load, and only wanted here

    before = read_store(working_copy()).prices or {}
    show_form(before, lambda typed, currency, on, hours: compared(typed, currency, on, hours, example=False))


def answered_plan() -> Plan:
    """Read the plan in the answer cell of the exercise that this notebook is.

    Raises:
        PlanningError: the cell is blank.
        NotebookError: this is not the exercise's folder.
    """
    exercise = load_catalog().exercises[PLAN_EXERCISE]
    body = answers_now(exercise, mode=mode(), folder=Path.cwd(), session=SESSION).get(PLAN_ANSWER, "")
    plan = plan_in(strip_magic(body))
    if plan is None:
        raise PlanningError(
            f"The cell %%answer {PLAN_ANSWER} of {PLAN_EXERCISE} is blank, so there is no plan to try yet. Write it, "
            "run the cell, and run this one again."
        )
    return plan


def own_weeks(root: Path) -> tuple[LogRow, ...]:
    """Read the learner's logged weeks."""
    return load_log(root / EVIDENCE / LOG_FILE).rows


def _histories(asked: Choice) -> Iterator[History]:
    rows = own_weeks(working_copy())
    if asked is None:
        yield from (history_from_log(rows),) if rows else ()
        yield from histories().values()
        return
    several = [asked] if isinstance(asked, str | History) else list(asked)
    if not several or len(several) > MOST_HISTORIES:
        raise PlanningError(f"Name 1 to {MOST_HISTORIES} histories, or none for all: {', '.join([OWN, *histories()])}.")
    for each in several:
        if isinstance(each, History):
            yield each
        else:
            yield history_from_log(rows) if each == OWN else history_named(str(each))


def _usage(hours: float | None, *, example: bool) -> Usage | None:
    rows = own_weeks(working_copy())
    recorded = usage_from_weeks([Week(number=place, metrics=row.metrics) for place, row in enumerate(rows, 1)])
    if recorded is not None and hours is None and not example:
        return recorded
    if hours is not None:
        return Usage(hours_a_month=hours, source="typed")
    return example_usage() if example else None


def _day(on: object) -> date:
    try:
        day = on if isinstance(on, date) else date.fromisoformat(str(on))
    except ValueError:
        raise PlanningError(
            f"{str(on)[:20]!r} is no date. Write the day on which you looked the prices up, such as 2026-11-23."
        ) from None
    if day > datetime.now(UTC).date() + timedelta(days=1):  # east of Greenwich the day begins earlier
        raise PlanningError(f"{day} has not come yet. Write the day on which you looked the prices up.")
    return day


def _keep(result: BuyOrRent, typed: Mapping[str, float], day: date) -> str:
    """Write what was typed and found to the evidence folder; say where, or why not."""
    path = working_copy() / EVIDENCE / PRICES_FILE
    document = {
        "schema": PRICES_SCHEMA,
        "saved_at": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "prices_of": day.isoformat(),
        "currency": result.currency,
        "typed": dict(typed),
        "hours_a_month": None if result.usage is None else result.usage.hours_a_month,
        "hours_from": None if result.usage is None else result.usage.source,
        "break_even_hours": result.break_even_hours,
        "verdict": result.verdict,
        "explanation": result.explanation,
    }
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_document(document, path)
    except (OSError, DocumentError) as error:
        return f"It could not be kept in {EVIDENCE}/{PRICES_FILE}: {getattr(error, 'strerror', None) or error}"
    return f"Kept in {EVIDENCE}/{PRICES_FILE}."
