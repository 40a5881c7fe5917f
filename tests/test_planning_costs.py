"""Buying or renting: the formulas by hand, the break-even, and figures that cannot be."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workstation.errors import PlanningError
from workstation.planning import (
    Price,
    Usage,
    Week,
    buy_or_rent,
    costs_text,
    example_usage,
    history,
    usage_from_weeks,
)

DAY = date(2026, 11, 1)


def eur(amount, on=DAY, currency="EUR"):
    return Price(amount=amount, currency=currency, on=on)


def compare(**changed):
    """Compare a machine for 1,800, worth 600 after 36 months, with one for 0.50 an hour."""
    figures = {
        "price": eur(1800), "resale": eur(600), "months": 36, "power_price": eur(0.30), "idle_watts": 50,
        "busy_watts": 400, "rate": eur(0.50), "usage": Usage(hours_a_month=100, source="typed"),
    }  # fmt: skip
    return buy_or_rent(**{**figures, **changed})


def test_the_costs_are_those_of_the_formulas():
    """Worked by hand: (1800-600)/36 + 0.3*(50*630 + 400*100)/1000 = 33.333 + 21.45."""
    result = compare()

    assert result.own_a_month == pytest.approx(1200 / 36 + 0.3 * (50 * 630 + 400 * 100) / 1000)
    assert result.rent_a_month == pytest.approx(50.0)


def test_the_break_even_is_where_both_cost_the_same():
    result = compare()
    hours = result.break_even_hours

    at_edge = compare(usage=Usage(hours_a_month=hours, source="typed"))

    assert hours == pytest.approx((1200 / 36 + 0.3 * 50 * 730 / 1000) / (0.5 - 0.3 * 0.35))
    assert at_edge.own_a_month == pytest.approx(at_edge.rent_a_month)
    assert at_edge.verdict == "either"


def test_a_rented_machine_that_is_twice_as_fast_is_rented_for_half_the_hours():
    assert compare(speed_ratio=0.5).rent_a_month == pytest.approx(25.0)


def test_set_up_storage_and_transfer_are_paid_for_too():
    result = compare(overhead=0.2, storage_a_month=eur(7), transfer_a_month=eur(3))

    assert result.rent_a_month == pytest.approx(100 * 0.5 * 1.2 + 10)


@pytest.mark.parametrize(("hours", "verdict"), [(10, "rent"), (600, "buy")])
def test_few_hours_say_rent_and_many_say_buy(hours, verdict):
    assert compare(usage=Usage(hours_a_month=hours, source="typed")).verdict == verdict


def test_without_hours_it_gives_the_edge_and_says_how_to_get_them():
    result = compare(usage=None)

    assert result.verdict == "unknown"
    assert result.own_a_month is None
    assert result.break_even_hours is not None
    assert "ws.log_week()" in result.explanation


def test_hours_come_from_the_weeks_that_have_them():
    weeks = [Week(number=n, metrics={"gpu_busy_hours": value}) for n, value in enumerate([10.0, None, 20.0], 1)]
    usage = usage_from_weeks(weeks)

    assert (usage.weeks, usage.source) == (2, "recorded")
    assert usage.hours_a_month == pytest.approx(15 * 730 / 168)
    assert usage_from_weeks([Week(number=1, metrics={})]) is None
    assert any("four are wanted" in each for each in compare(usage=usage).warnings)


def test_the_example_learners_hours_are_labelled():
    result = compare(usage=example_usage())

    assert "example learner" in result.explanation
    assert any("not yours" in each for each in result.warnings)
    assert example_usage().weeks == len(history("local-inference-weekly").weeks)


def test_prices_of_zero_are_taken_and_said():
    gift = compare(price=eur(0), resale=eur(0))
    free = compare(rate=eur(0))

    assert any("costs nothing" in each for each in gift.warnings)
    assert free.break_even_hours is None
    assert free.verdict == "rent"
    assert compare(price=eur(0), resale=eur(0), power_price=eur(0)).break_even_hours == 0


def test_power_that_costs_more_than_rent_turns_the_edge_round():
    result = compare(price=eur(0), resale=eur(0), rate=eur(0.01), storage_a_month=eur(40))

    assert result.break_even_hours is None
    assert "only below" in result.explanation


@pytest.mark.parametrize("amount", [-1, float("nan"), float("inf"), 1e12, True])
def test_what_is_no_price_is_refused(amount):
    with pytest.raises(PlanningError, match="is no price"):
        eur(amount)


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"resale": eur(1801)}, "resale"),
        ({"months": 0}, "months"),
        ({"months": 2.5}, "months"),
        ({"idle_watts": -1}, "idle"),
        ({"busy_watts": 10}, "busy"),
        ({"busy_watts": 1e9}, "busy"),
        ({"speed_ratio": 0}, "speed"),
        ({"speed_ratio": float("nan")}, "speed"),
        ({"overhead": -0.1}, "overhead"),
        ({"rate": eur(1, currency="USD")}, "one currency"),
    ],
)
def test_figures_that_cannot_be_are_refused_by_name(changed, named):
    with pytest.raises(PlanningError, match=named):
        compare(**changed)


def test_a_price_without_a_day_or_a_currency_is_refused():
    with pytest.raises(PlanningError, match="day"):
        Price(amount=1, currency="EUR", on="yesterday")
    with pytest.raises(PlanningError, match="currency"):
        Price(amount=1, currency=" ", on=DAY)
    with pytest.raises(PlanningError, match="hours"):
        Usage(hours_a_month=731, source="typed")


def test_old_prices_beside_new_ones_are_told():
    assert any("half a year" in each for each in compare(rate=eur(0.5, on=date(2026, 1, 1))).warnings)


def test_sensitivity_changes_one_figure_at_a_time():
    result = compare()
    by_name = {(each.what, each.setting): each for each in result.sensitivity}

    assert {what for what, _ in by_name} == {"utilisation", "resale", "power price", "local/cloud speed"}
    assert by_name["resale", "nothing"].break_even_hours > result.break_even_hours
    assert by_name["power price", "half"].break_even_hours < result.break_even_hours
    assert by_name["local/cloud speed", "double"].break_even_hours < result.break_even_hours


def test_the_text_twin_has_every_row_and_point():
    result = compare()
    text = costs_text(result)

    assert text.count("h a month: own") == len(result.series.hours)
    assert all(each.what in text for each in result.sensitivity)
    assert "EUR" in text


@settings(max_examples=200, deadline=None)
@given(
    price=st.floats(0, 1e5),
    share=st.floats(0, 1),
    months=st.integers(1, 120),
    kwh=st.floats(0, 2),
    idle=st.floats(0, 500),
    more=st.floats(0, 1500),
    rate=st.floats(0, 50),
    ratio=st.floats(0.01, 20),
    hours=st.floats(0, 730),
)
def test_the_verdict_agrees_with_the_edge_for_any_figures(price, share, months, kwh, idle, more, rate, ratio, hours):
    result = buy_or_rent(
        price=eur(price), resale=eur(price * share), months=months, power_price=eur(kwh), idle_watts=idle,
        busy_watts=idle + more, rate=eur(rate), speed_ratio=ratio, usage=Usage(hours_a_month=hours, source="typed"),
    )  # fmt: skip
    edge = result.break_even_hours

    assert edge is None or 0 <= edge <= 730
    if result.verdict == "buy":
        assert edge is not None
        assert hours >= edge
    if result.verdict == "rent":
        assert edge is None or hours <= edge


def test_where_both_cost_nothing_neither_is_called_cheaper():
    free = compare(price=eur(0), resale=eur(0), power_price=eur(0), rate=eur(0))

    assert free.verdict == "either"
    assert "Both cost the same at any number of hours." in free.explanation
    assert "cheaper" not in free.explanation
