"""Compare buying with renting, from prices that a person typed with their date and hours that were recorded.

    own   a month = (price - resale) / months + kWh price x (idle W x (730 - h) + busy W x h) / 1000
    rent  a month = rate x h x speed ratio x (1 + overhead) + storage + transfer
    break-even h  = (fixed of own - fixed of rent) / (rent of an hour - power of an hour)

where h are hours of the local machine a month, and the speed ratio is local speed by rented speed: 0.5 means that what
takes two hours here takes one there. The library ships no prices.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from workstation.errors import PlanningError
from workstation.planning._prices import HOURS_A_MONTH, BuyOrRent, CostSeries, Price, Sensitivity, Usage, is_number

__all__ = ["HOW_TO_GET_HOURS", "buy_or_rent"]

ENOUGH_WEEKS = 4
HOW_TO_GET_HOURS = (
    "How many hours the card is busy is not known yet. Record your runs with ws.watch(...), keep a row a week with "
    "ws.log_week(), and take the hours from there after four weeks; or try the labelled example learner's hours."
)
_MOST_WATTS = 20_000.0
_MOST_MONTHS = 240
_EVEN = 0.1  # costs this close to each other decide nothing
_STALE_DAYS = 183


@dataclass(frozen=True, slots=True, kw_only=True)
class _Terms:
    """The two straight lines: what a month costs without and with each busy hour."""

    price: float
    resale: float
    months: int
    kwh: float
    idle_watts: float
    busy_watts: float
    rate: float
    speed_ratio: float
    overhead: float
    rent_fixed: float

    @property
    def own_fixed(self) -> float:
        return (self.price - self.resale) / self.months + self.kwh * self.idle_watts * HOURS_A_MONTH / 1000

    @property
    def own_hour(self) -> float:
        return self.kwh * (self.busy_watts - self.idle_watts) / 1000

    @property
    def rent_hour(self) -> float:
        return self.rate * self.speed_ratio * (1 + self.overhead)

    def own(self, hours: float) -> float:
        return self.own_fixed + self.own_hour * hours

    def rent(self, hours: float) -> float:
        return self.rent_fixed + self.rent_hour * hours

    def break_even(self) -> float | None:
        """Hours from which owning costs no more: 0 where it never costs more, `None` where no month has so many."""
        if self.own_fixed <= self.rent_fixed and self.own_hour <= self.rent_hour:
            return 0.0
        gain = self.rent_hour - self.own_hour
        if gain <= 0:
            return None
        hours = (self.own_fixed - self.rent_fixed) / gain
        return hours if hours <= HOURS_A_MONTH else None


def buy_or_rent(
    *,
    price: Price,
    resale: Price,
    months: int,
    power_price: Price,
    idle_watts: float,
    busy_watts: float,
    rate: Price,
    usage: Usage | None = None,
    speed_ratio: float = 1.0,
    overhead: float = 0.0,
    storage_a_month: Price | None = None,
    transfer_a_month: Price | None = None,
) -> BuyOrRent:
    """Compare owning a machine for *months* with renting one by the hour.

    Prices: the machine, what it will fetch at the end, a kWh, an hour of the rented machine, its storage and transfer
    a month. *overhead* is the share of rented time that sets up and tears down; *speed_ratio* is local by rented
    speed. Without *usage* the break-even hours are given, and how to get the hours.

    Raises:
        PlanningError: a figure cannot be, or the currencies differ.
    """
    prices = [
        each for each in (price, resale, power_price, rate, storage_a_month, transfer_a_month) if each is not None
    ]
    currency = _one_currency(prices)
    terms = _Terms(
        price=price.amount,
        resale=resale.amount,
        months=months,
        kwh=power_price.amount,
        idle_watts=idle_watts,
        busy_watts=busy_watts,
        rate=rate.amount,
        speed_ratio=speed_ratio,
        overhead=overhead,
        rent_fixed=sum(each.amount for each in (storage_a_month, transfer_a_month) if each is not None),
    )
    _check(terms)
    return _compared(prices, terms, usage, currency)


def _compared(prices: Sequence[Price], terms: _Terms, usage: Usage | None, currency: str) -> BuyOrRent:
    hours = usage.hours_a_month if usage is not None else None
    verdict, explanation = _verdict(terms, usage, currency)
    return BuyOrRent(
        verdict=verdict,
        explanation=explanation,
        currency=currency,
        break_even_hours=terms.break_even(),
        usage=usage,
        own_a_month=terms.own(hours) if hours is not None else None,
        rent_a_month=terms.rent(hours) if hours is not None else None,
        sensitivity=tuple(_sensitivity(terms, hours)),
        series=_series(terms, hours),
        warnings=tuple(_warnings(prices, terms, usage)),
        assumptions=_ASSUMPTIONS,
    )


_ASSUMPTIONS = (
    "the machine stays on all month, idle when it is not busy",
    "the price falls evenly to the resale over the months",
    "your own hours for upkeep, drivers and repairs cost nothing",
)


def _one_currency(prices: Sequence[Price]) -> str:
    found = sorted({each.currency.strip().upper() for each in prices})
    if len(found) > 1:
        raise PlanningError(f"The prices are in {' and '.join(found)}. Type them all in one currency.")
    return found[0]


def _check(terms: _Terms) -> None:
    """Refuse figures that cannot be, with the figure and its range."""
    months, idle, busy = terms.months, terms.idle_watts, terms.busy_watts
    ratio, overhead = terms.speed_ratio, terms.overhead
    checks = (
        (terms.resale <= terms.price, f"a resale of {terms.resale:g} is above the price of {terms.price:g}"),
        (type(months) is int and 1 <= months <= _MOST_MONTHS, f"{months!r} months: type 1 to {_MOST_MONTHS}"),
        (_within(idle, 0, _MOST_WATTS), f"{idle!r} W idle: type 0 to {_MOST_WATTS:.0f}"),
        (
            _within(busy, 0, _MOST_WATTS) and busy >= idle,
            f"{busy!r} W busy: type at least the idle watts, up to {_MOST_WATTS:.0f}",
        ),
        (_within(ratio, 0.001, 1000), f"a speed ratio of {ratio!r}: local by rented speed lies between 0.001 and 1000"),
        (_within(overhead, 0, 10), f"an overhead of {overhead!r}: it is a share of the rented time, 0 to 10"),
    )
    for holds, what in checks:
        if not holds:
            raise PlanningError(f"Buying and renting cannot be compared: {what}.")


def _within(value: float, low: float, high: float) -> bool:
    return is_number(value) and low <= value <= high


def _verdict(
    terms: _Terms, usage: Usage | None, currency: str
) -> tuple[Literal["buy", "rent", "either", "unknown"], str]:
    edge = _edge(terms)
    if usage is None:
        return "unknown", f"{edge} {HOW_TO_GET_HOURS}"
    own, rent = terms.own(usage.hours_a_month), terms.rent(usage.hours_a_month)
    whose = {"recorded": "your", "example": "the example learner's", "typed": "the typed"}[usage.source]
    hours = f"{usage.hours_a_month:.0f} hours a month"
    costs = f"At {whose} {hours}, owning costs {own:.2f} {currency} a month and renting {rent:.2f} {currency}."
    if abs(own - rent) <= _EVEN * max(own, rent):
        return "either", f"{costs} That is too close for a decision by cost. {edge}"
    return ("buy" if own < rent else "rent"), f"{costs} {edge}"


def _edge(terms: _Terms) -> str:
    hours = terms.break_even()
    if hours is None and terms.own_fixed < terms.rent_fixed:
        turn = (terms.rent_fixed - terms.own_fixed) / (terms.own_hour - terms.rent_hour)
        return f"Owning is cheaper only below {turn:.0f} busy hours a month: its power costs more than an hour's rent."
    if hours is None:
        return "Owning does not become cheaper at any number of hours in a month."
    if hours == 0 and (terms.own_fixed, terms.own_hour) == (terms.rent_fixed, terms.rent_hour):
        return "Both cost the same at any number of hours."
    if hours == 0:
        return "Owning is cheaper from the first hour."
    return f"Owning becomes cheaper from {hours:.0f} busy hours a month on."


def _sensitivity(terms: _Terms, hours: float | None) -> Iterable[Sensitivity]:
    """Change one figure at a time: hours, resale, the price of power, the speed ratio."""
    for share in (0.05, 0.25, 0.5, 1.0):
        busy = HOURS_A_MONTH * share
        yield _row_of("utilisation", f"{share:.0%} of the month ({busy:.0f} h)", terms, busy)
    for factor, name in ((0.0, "nothing"), (0.5, "half"), (1.5, "half as much again")):
        changed = min(terms.price, terms.resale * factor)
        yield _row_of("resale", name, _with(terms, resale=changed), hours)
    for factor, name in ((0.5, "half"), (2.0, "double")):
        yield _row_of("power price", name, _with(terms, kwh=terms.kwh * factor), hours)
        yield _row_of("local/cloud speed", name, _with(terms, speed_ratio=terms.speed_ratio * factor), hours)


def _with(terms: _Terms, **changed: float) -> _Terms:
    values = {name: getattr(terms, name) for name in _Terms.__dataclass_fields__}
    return _Terms(**{**values, **changed})


def _row_of(what: str, setting: str, terms: _Terms, hours: float | None) -> Sensitivity:
    return Sensitivity(
        what=what,
        setting=setting,
        break_even_hours=terms.break_even(),
        own_a_month=None if hours is None else terms.own(hours),
        rent_a_month=None if hours is None else terms.rent(hours),
    )


def _series(terms: _Terms, hours: float | None) -> CostSeries:
    """Take 25 points that hold the break-even and the usage in view."""
    edge = terms.break_even() or 0.0
    last = min(HOURS_A_MONTH, max(60.0, 1.5 * edge, 1.5 * (hours or 0.0)))
    grid = tuple(last * step / 24 for step in range(25))
    return CostSeries(hours=grid, own=tuple(map(terms.own, grid)), rent=tuple(map(terms.rent, grid)))


def _warnings(prices: Sequence[Price], terms: _Terms, usage: Usage | None) -> Iterable[str]:
    days = [each.on for each in prices]
    if (max(days) - min(days)).days > _STALE_DAYS:
        yield f"the prices are from {min(days)} to {max(days)}: more than half a year apart"
    if terms.price == 0:
        yield "the machine costs nothing: then only power and upkeep speak against it"
    if terms.rate == 0:
        yield "renting costs nothing an hour: check what a free offer is limited to"
    if terms.kwh == 0:
        yield "power costs nothing: that is so under your own solar roof by day, and hardly anywhere else"
    if usage is not None and usage.source == "example":
        yield "the hours are an example learner's, not yours"
    if usage is not None and usage.source == "recorded" and usage.weeks < ENOUGH_WEEKS:
        yield f"the hours come from {usage.weeks} logged week{'s' if usage.weeks != 1 else ''}; four are wanted"
