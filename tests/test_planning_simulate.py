"""Walking the weeks: when each field is looked at, what a row of weeks is, and what a gap is not."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workstation.planning import (
    Act,
    History,
    Label,
    Step,
    Week,
    history,
    outcome_table,
    outcome_text,
    parse_plan,
    parse_rule,
    simulate,
)
from workstation.planning._evaluate import holds, state


def weeks(**metrics):
    """Make a history from one list a metric; `None` is a figure that was not measured."""
    length = max(map(len, metrics.values()))
    return History(
        id="made",
        name="made",
        story="",
        weeks=tuple(
            Week(number=number, metrics={metric: values[number - 1] for metric, values in metrics.items()})
            for number in range(1, length + 1)
        ),
    )


def plan(**fields):
    return parse_plan({label.replace("_", "-"): text for label, text in fields.items()})


def steps(outcome):
    return [(each.week, each.checkpoint, each.step.decision, each.step.target) for each in outcome.taken]


def test_now_is_taken_before_the_first_week():
    assert steps(simulate(plan(now="Buy a desktop"), history("nothing-at-all"))) == [(0, "now", "desktop", None)]


def test_a_rule_in_now_sees_the_first_week_only():
    high = weeks(swap_used_gib=[1, 9, 9, 9])

    assert steps(simulate(plan(now="if swap > 4 then upgrade ram"), high)) == []


def test_the_one_month_rule_is_looked_at_in_week_four_only():
    early = weeks(swap_used_gib=[9, 9, 9, 0, 9, 9])
    fourth = weeks(swap_used_gib=[0, 0, 0, 9, 0, 0])
    rule = plan(one_month="if swap > 4 then upgrade ram")

    assert steps(simulate(rule, early)) == []
    assert steps(simulate(rule, fourth)) == [(4, "one-month", "upgrade", "ram")]


def test_the_repeated_rule_is_looked_at_from_week_four_on():
    rule = plan(repeated="if swap > 4 for 2 weeks then upgrade ram")

    assert steps(simulate(rule, weeks(swap_used_gib=[9, 9, 0, 0, 0, 0]))) == []
    assert steps(simulate(rule, weeks(swap_used_gib=[9, 9, 9, 9, 0, 0]))) == [(4, "repeated", "upgrade", "ram")]
    assert steps(simulate(rule, weeks(swap_used_gib=[0, 0, 0, 0, 9, 9]))) == [(6, "repeated", "upgrade", "ram")]


def test_the_cloud_rule_rents_in_every_week_that_asks_for_it():
    jobs = weeks(large_jobs=[0, 1, 0, 0, 1])

    assert steps(simulate(plan(cloud="if large_jobs >= 1 then cloud"), jobs)) == [
        (2, "cloud", "cloud", None),
        (5, "cloud", "cloud", None),
    ]


def test_a_row_is_broken_by_one_calm_week():
    rule = plan(repeated="if swap > 4 for 3 weeks then upgrade ram")

    assert steps(simulate(rule, weeks(swap_used_gib=[0, 0, 0, 9, 9, 0, 9, 9, 0]))) == []


def test_nothing_more_is_bought_after_a_purchase():
    """The weeks were lived on the old machine: they say nothing of the new one."""
    rule = plan(repeated="if swap > 4 then upgrade ram; if vram > 90 then desktop")
    both = weeks(swap_used_gib=[9] * 8, vram_used_percent=[99] * 8)

    assert steps(simulate(rule, both)) == [(4, "repeated", "upgrade", "ram")]


def test_the_first_rule_that_fires_wins_and_an_otherwise_waits_for_the_others():
    rule = plan(one_month="if vram > 90 then desktop otherwise keep. If swap > 4 then upgrade ram")

    assert steps(simulate(rule, weeks(vram_used_percent=[10] * 4, swap_used_gib=[9] * 4)))[0][2] == "upgrade"
    assert steps(simulate(rule, weeks(vram_used_percent=[10] * 4, swap_used_gib=[0] * 4)))[0][2] == "keep"


@pytest.mark.parametrize(
    "text", ["if swap < 4 for 2 weeks then upgrade ram", "if swap > 4 for 2 weeks then upgrade ram"]
)
def test_a_missing_figure_is_neither_zero_nor_quiet(text):
    """A rule that needs it does not fire either way, and the outcome says what is not known."""
    outcome = simulate(plan(repeated=text), weeks(swap_used_gib=[None] * 6))

    assert outcome.taken == ()
    assert not outcome.is_certain
    assert any("Week 4 has no swap_used_gib" in gap for gap in outcome.gaps)


def test_a_missing_figure_that_decides_nothing_is_no_gap():
    rule = plan(repeated="if swap > 4 or ram > 90 then upgrade ram")
    outcome = simulate(rule, weeks(swap_used_gib=[None] * 4, ram_used_percent=[99] * 4))

    assert steps(outcome) == [(4, "repeated", "upgrade", "ram")]
    assert outcome.gaps == ()


def test_an_otherwise_is_not_taken_on_a_missing_figure():
    outcome = simulate(plan(one_month="if swap > 4 then upgrade ram otherwise hybrid"), weeks(swap_used_gib=[None] * 4))

    assert outcome.taken == ()
    assert outcome.gaps


def test_a_week_that_was_not_logged_makes_no_row():
    logged = History(
        id="own", name="own", story="", weeks=tuple(Week(number=n, metrics={"swap_used_gib": 9.0}) for n in (4, 6))
    )
    outcome = simulate(plan(repeated="if swap > 4 for 2 weeks then upgrade ram"), logged)

    assert outcome.taken == ()
    assert any("Week 5 has no swap_used_gib" in gap for gap in outcome.gaps)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from([0.0, 9.0, None]), min_size=1, max_size=30), st.integers(1, 6))
def test_a_row_of_n_weeks_is_n_weeks_that_hold(values, length):
    rule = parse_rule(f"if swap > 4 for {length} weeks then upgrade ram")
    lived = weeks(swap_used_gib=values)
    for number in range(1, len(values) + 1):
        row = values[max(0, number - length) : number]
        expected = None if None in row else True
        if len(row) < length or 0.0 in row:
            expected = False
        assert state(rule, lived, number) is expected


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from([0.0, 9.0, None]), min_size=3, max_size=3))
def test_and_binds_tighter_than_or_in_what_holds(values):
    swap, ram, oom = values
    week = Week(number=1, metrics={"swap_used_gib": swap, "ram_used_percent": ram, "oom_events": oom})
    rule = parse_rule("if swap > 4 or ram > 4 and oom events > 4 then keep")
    high = [None if value is None else value > 4 for value in values]
    both = False if False in high[1:] else (None if None in high[1:] else True)
    expected = True if True in (high[0], both) else (None if None in (high[0], both) else False)

    assert holds(rule.condition, week) is expected


def test_a_plan_that_cannot_be_read_does_nothing_and_says_so():
    outcome = simulate(plan(now="we will see", repeated="when it is over 90 % I upgrade"), history("swap-daily"))

    assert outcome.verdict == "underbought"
    assert any("Now" in note and "no threshold" in note for note in outcome.notes)
    assert any("repeated" in note and "no rule" in note for note in outcome.notes)


def test_a_one_month_rule_that_waits_longer_than_a_month_is_told():
    outcome = simulate(plan(one_month="if swap > 4 for 6 weeks then upgrade ram"), history("swap-daily"))

    assert any("never met" in note for note in outcome.notes)


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("if swap > 4 then upgrade ram", "early"),
        ("if swap > 4 for 2 weeks then upgrade ram", "right in time"),
        ("if swap > 4 for 9 weeks then upgrade ram", "late"),
        ("if swap > 4 for 2 weeks then upgrade storage", "wrong step"),
        ("if swap > 4 for 2 weeks then upgrade", "wrong step"),
        ("if swap > 4 for 2 weeks then desktop", "wrong step"),
        ("if swap > 4 for 2 weeks then hybrid", "right in time"),
        ("if swap > 100 then upgrade ram", "underbought"),
    ],
)
def test_the_verdict_compares_step_and_time_with_the_label(text, verdict):
    assert simulate(plan(repeated=text), history("swap-daily")).verdict == verdict


def test_your_own_weeks_are_not_judged():
    assert simulate(plan(now="keep"), weeks(swap_used_gib=[1])).verdict == "not judged"


def test_buying_the_right_thing_and_another_is_too_much():
    label = Label(acts=(Act(step=Step(decision="upgrade", target="ram"), first_week=5, last_week=8),))
    lived = weeks(swap_used_gib=[9] * 8)
    judged = History(id="made", name="", story="", weeks=lived.weeks, label=label)
    outcome = simulate(plan(now="Buy a desktop", repeated="if swap > 4 then upgrade ram"), judged)

    assert outcome.verdict == "wrong step"


def test_renting_every_week_whatever_happens_is_no_plan():
    outcome = simulate(plan(now="keep", cloud="if ram > 0 then cloud"), history("nothing-at-all"))

    assert outcome.verdict == "overbought"
    assert any("nothing hurt" in note for note in outcome.notes)


def test_a_step_spares_the_weeks_after_it():
    outcome = simulate(plan(repeated="if swap > 4 for 2 weeks then upgrade ram"), history("swap-daily"))

    assert outcome.suffered_weeks == (6, 7)
    assert len(outcome.painful_weeks) > 15


def test_the_text_twin_says_all_that_a_chart_shows():
    outcome = simulate(plan(now="keep", repeated="if swap > 4 for 2 weeks then upgrade ram"), history("swap-daily"))
    text = outcome_text(outcome)

    for part in ("right in time", "upgrade ram", "weeks 6 to 7", "weeks that hurt: 6 to", "rules at 4", "█"):
        assert part in text
    assert "swap-daily" in outcome_table([outcome])
    assert outcome.series[0].weeks[-1] == len(outcome.series[0].values) == 26


def test_a_missing_figure_shows_in_the_series():
    outcome = simulate(plan(repeated="if swap > 4 then upgrade ram"), weeks(swap_used_gib=[1.0, None, 2.0]))

    assert outcome.series[0].values == (1.0, None, 2.0)
    assert "·" in outcome_text(outcome)


def test_a_cloud_sentence_that_says_when_in_words_waits_for_a_job_too_large():
    plan = parse_plan({"now": "keep", "cloud": "Rent a GPU by the hour whenever a job does not fit on this machine."})
    outcome = simulate(plan, history("monthly-finetune"))

    assert outcome.verdict == "right in time"
    assert any("Cloud names no threshold" in note for note in outcome.notes)
    assert not any("nothing was done by it" in note and "Cloud" in note for note in outcome.notes)


def test_an_upgrade_that_names_no_part_is_told():
    plan = parse_plan({"now": "keep", "repeated": "if swap_used_gib > 4 for 3 weeks then upgrade the roof"})

    assert any("names no part" in note for note in simulate(plan, history("swap-daily")).notes)
