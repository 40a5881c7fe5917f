"""Show owning against renting: where the two lines cross, what would move the answer, and the same in words."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from html import escape

from workstation.notebook.figures import FIGURE_STYLE, Line, Lines, Moment, lines_html, round_top
from workstation.notebook.theme import card
from workstation.notebook.worksheet_card import Printer
from workstation.planning import BuyOrRent, costs_text

TITLE = "Buy or rent"
HEAD = ("If this were different", "Break-even hours a month", "Owning a month", "Renting a month")
VERDICTS = {
    "buy": "Owning costs less",
    "rent": "Renting costs less",
    "either": "Both cost about the same",
    "unknown": "How many hours there are is not known yet",
}
NAMES: Mapping[str, str] = {
    "price": "machine", "resale": "resale at the end", "months": "months", "power_price": "a kWh",
    "idle_watts": "idle W", "busy_watts": "busy W", "rate": "a rented hour", "speed_ratio": "local by rented speed",
    "overhead": "share of rented time lost", "storage_a_month": "rented storage a month",
    "transfer_a_month": "transfer a month",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Rent:
    """What `ws.buy_or_rent()` gives: the result, the prices as they were typed with their day, where it was kept."""

    result: BuyOrRent
    on: date
    typed: Mapping[str, float]
    kept: str = ""

    def _repr_html_(self) -> str:
        return rent_html(self)

    def _repr_pretty_(self, printer: Printer, _cycle: bool) -> None:
        printer.text(rent_text(self))


def rent_html(rent: Rent) -> str:
    """Render the comparison as a card."""
    result = rent.result
    warnings = [f"Caution: {each}." for each in result.warnings]
    words = f"<pre>{escape(costs_text(result))}</pre>"
    parts = [
        f"<p>{escape(result.explanation)}</p>",
        *(f"<p>{escape(warning)}</p>" for warning in warnings),
        FIGURE_STYLE,
        lines_html(figure(result)),
        _table(result),
        f"<p>{escape(typed_line(rent))}</p>",
        f"<details><summary>What was assumed, and the same in words</summary>{words}</details>",
        f"<p>{escape(rent.kept)}</p>" if rent.kept else "",
    ]
    return card(TITLE, "\n".join(filter(None, parts)), verdict_sentence(result))


def verdict_sentence(result: BuyOrRent) -> str:
    """Say in one sentence which costs less; without hours, from how many on owning does."""
    edge = result.break_even_hours
    if result.verdict == "unknown" and edge:
        return f"Owning costs less from {edge:.0f} busy hours a month on; how many there are is not known yet."
    return f"{VERDICTS[result.verdict]}."


def rent_text(rent: Rent) -> str:
    """Write the comparison as plain text."""
    return "\n".join(filter(None, [costs_text(rent.result), typed_line(rent), rent.kept]))


def typed_line(rent: Rent) -> str:
    """Say from which prices, and of which day."""
    told = "; ".join(f"{NAMES.get(name, name)} {value:g}" for name, value in rent.typed.items())
    is_example = rent.result.usage is not None and rent.result.usage.source == "example"
    whose = f"of an example, with the day {rent.on}" if is_example else f"as you looked them up on {rent.on}"
    return f"Prices in {rent.result.currency} {whose}: {told}."


def figure(result: BuyOrRent) -> Lines:
    """Decide what the chart shows: both costs over busy hours, the break-even and the hours that there are."""
    series = result.series
    top = round_top(max([*series.own, *series.rent]))
    moments = tuple(sorted(_moments(result), key=lambda moment: moment.at))
    return Lines(
        description=_description(result, moments),
        title=f"Cost of a month in {result.currency}, over busy hours a month",
        lines=(
            Line(label="own", points=tuple(zip(series.hours, series.own, strict=True))),
            Line(label="rent", points=tuple(zip(series.hours, series.rent, strict=True))),
        ),
        first=0,
        last=series.hours[-1],
        top=top,
        top_label=f"{top:,.0f}" if top >= 1 else f"{top:g}",
        along=[f"{series.hours[-1] * part / 4:.0f} h" for part in range(5)],
        moments=moments,
    )


def rows(result: BuyOrRent) -> Iterator[tuple[str, ...]]:
    """Give the table of what would move the answer."""
    for each in result.sensitivity:
        edge = "never" if each.break_even_hours is None else f"{each.break_even_hours:.0f}"
        yield (f"{each.what}: {each.setting}", edge, _money(each.own_a_month), _money(each.rent_a_month))


def _moments(result: BuyOrRent) -> Iterator[Moment]:
    if result.break_even_hours is not None:
        yield Moment(label=f"break-even at {result.break_even_hours:.0f} h", at=result.break_even_hours)
    if result.usage is not None:
        hours = result.usage.hours_a_month
        yield Moment(label=f"hours there are ({result.usage.source}): {hours:.0f} h", at=hours)


def _description(result: BuyOrRent, moments: tuple[Moment, ...]) -> str:
    series = result.series
    ends = (
        f"Owning costs {series.own[0]:.2f} a month at no hours and {series.own[-1]:.2f} at {series.hours[-1]:.0f}; "
        f"renting {series.rent[0]:.2f} and {series.rent[-1]:.2f} {result.currency}."
    )
    return " ".join([ends, *(f"{moment.label}." for moment in moments)])


def _table(result: BuyOrRent) -> str:
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in HEAD)
    body = "".join(
        f'<tr><th scope="row">{escape(name)}</th>{"".join(f"<td>{escape(cell)}</td>" for cell in cells)}</tr>\n'
        for name, *cells in rows(result)
    )
    caption = f"<caption>How sensitive that is (in {escape(result.currency)})</caption>"
    return f"<table>{caption}<thead><tr>{head}</tr></thead>\n<tbody>{body}</tbody></table>"


def _money(amount: float | None) -> str:
    return "hours unknown" if amount is None else f"{amount:,.2f}"
