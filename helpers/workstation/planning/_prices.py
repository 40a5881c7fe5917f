"""What a comparison of costs is made of: prices with their day, hours with their source, and the result."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from workstation.errors import PlanningError
from workstation.planning.model import Week

__all__ = [
    "HOURS_A_MONTH",
    "BuyOrRent",
    "CostSeries",
    "Price",
    "Sensitivity",
    "Usage",
    "costs_text",
    "usage_from_weeks",
]

HOURS_A_MONTH = 730.0
WEEKS_A_MONTH = HOURS_A_MONTH / 168
_MOST = 1e7  # of a price: more is a slip of the keyboard


def is_number(value: object) -> bool:
    """Tell whether a figure that a person typed is a finite number; a text such as "0,3" is none."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < math.inf


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """An amount that somebody read somewhere on a day."""

    amount: float
    currency: str
    on: date

    def __post_init__(self) -> None:
        """Refuse what is no price; zero is one."""
        if not is_number(self.amount) or not 0 <= self.amount <= _MOST:
            raise PlanningError(
                f"{self.amount!r} is no price. Type a number from 0 to {_MOST:.0f} without quotes, "
                "with a decimal point; 0 is free."
            )
        if type(self.on) is not date:
            raise PlanningError(f"{self.on!r} is no day. Give the day on which you read the price: date(2026, 11, 23).")
        given: object = self.currency  # a notebook passes on whatever was typed
        if not isinstance(given, str) or not given.strip() or len(given) > 8:  # noqa: PLR2004 - "EUR", "zł"
            raise PlanningError("A price needs its currency, such as EUR.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Hours a month in which the local card would be busy, and where they come from."""

    hours_a_month: float
    source: Literal["recorded", "example", "typed"]
    weeks: int = 0

    def __post_init__(self) -> None:
        """Refuse hours that no month has."""
        if not is_number(self.hours_a_month) or not 0 <= self.hours_a_month <= HOURS_A_MONTH:
            raise PlanningError(
                f"{self.hours_a_month!r} hours are not in a month: type a number from 0 to {HOURS_A_MONTH:.0f}."
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Sensitivity:
    """What becomes of the answer when one figure is another."""

    what: str
    setting: str
    break_even_hours: float | None
    own_a_month: float | None  # at the usage, where it is known
    rent_a_month: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CostSeries:
    """Costs a month over busy hours a month, for a chart."""

    hours: tuple[float, ...]
    own: tuple[float, ...]
    rent: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BuyOrRent:
    """The comparison. `break_even_hours` is `None` where no number of hours in a month makes both cost the same."""

    verdict: Literal["buy", "rent", "either", "unknown"]
    explanation: str
    currency: str
    break_even_hours: float | None
    usage: Usage | None
    own_a_month: float | None
    rent_a_month: float | None
    sensitivity: tuple[Sensitivity, ...]
    series: CostSeries
    warnings: tuple[str, ...]
    assumptions: tuple[str, ...]


def usage_from_weeks(weeks: Sequence[Week], *, source: Literal["recorded", "example"] = "recorded") -> Usage | None:
    """Work out hours a month from logged weeks; weeks without `gpu_busy_hours` are left out, never taken as 0."""
    known = [value for week in weeks if (value := week.value("gpu_busy_hours")) is not None]
    if not known:
        return None
    hours = min(HOURS_A_MONTH, sum(known) / len(known) * WEEKS_A_MONTH)
    return Usage(hours_a_month=hours, source=source, weeks=len(known))


def costs_text(result: BuyOrRent) -> str:
    """Write the comparison: the text twin of its chart."""
    lines = [f"{result.verdict}: {result.explanation}"]
    lines += [_row(each, result.currency) for each in result.sensitivity]
    points = zip(result.series.hours, result.series.own, result.series.rent, strict=True)
    lines += [
        f"  {hours:4.0f} h a month: own {own:.2f}, rent {rent:.2f} {result.currency}" for hours, own, rent in points
    ]
    lines += [f"  caution: {each}" for each in result.warnings]
    lines += [f"  assumed: {each}" for each in result.assumptions]
    return "\n".join(lines)


def _row(each: Sensitivity, currency: str) -> str:
    edge = "never" if each.break_even_hours is None else f"{each.break_even_hours:.0f} h"
    costs = "" if each.own_a_month is None else f"; own {each.own_a_month:.2f}, rent {each.rent_a_month:.2f} {currency}"
    return f"  {each.what} {each.setting}: break-even {edge}{costs}"
