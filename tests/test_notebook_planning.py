"""`ws.simulate` and `ws.buy_or_rent` in a real shell: cards with a twin, and what is kept."""

import json

import pytest
from notebook_kit import ipython_shell
from planning_notebook_kit import HOSTILE, Page, log_weeks, working_copy

from workstation.planning import histories

RULE = "if swap_used_gib above 4 for 3 weeks then upgrade ram"
PLAN = {"Now": "keep", "After one month": "keep", "After the first repeated bottleneck": RULE, "Cloud": "never"}
PRICES = (
    "price=2000, resale=600, months=36, power_price=0.30, idle_watts=40, busy_watts=400, rate=1.2, "
    "currency='EUR', on='2026-11-20'"
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


def formats(shell, source):
    """Run a cell and give what its value looks like."""
    return shell.ipython.display_formatter.format(shell.run(source))[0]


# Simulating


def test_a_plan_is_simulated_on_every_history_with_chart_and_words(shell):
    bundle = formats(shell, f"ws.simulate({PLAN!r})")

    for history in histories().values():
        assert history.name in bundle["text/plain"]
        assert history.name in Page(bundle["text/html"]).words
    assert bundle["text/html"].count('role="img"') > len(histories())
    assert "upgrade ram (week" in bundle["text/html"]


def test_each_chart_says_in_words_what_it_draws(shell):
    bundle = formats(shell, f"ws.simulate({RULE!r}, 'swap-daily')")
    labels = [value for name, value in Page(bundle["text/html"]).attributes if name == "aria-label" and value]

    assert any(
        "rules at 4" in label and "shaded: weeks that hurt" in label and "upgrade ram" in label for label in labels
    )


def test_a_rule_alone_counts_as_the_repeated_one(shell):
    found = shell.run(f"ws.simulate({RULE!r}, 'swap-daily')")

    assert found.plan.now.kind == "blank"
    assert found.plan.repeated.kind == "rule"
    assert [taken.checkpoint for taken in found[0].taken] == ["repeated"]


def test_a_labelled_text_is_a_plan(shell):
    found = shell.run("ws.simulate('Now: keep\\nCloud: if large_jobs at least 1 then cloud', 'monthly-finetune')")

    assert (found.plan.now.kind, found.plan.cloud.kind) == ("decision", "rule")


def test_own_weeks_come_first_and_are_not_judged(shell, course):
    log_weeks(course, 5, swap_used_gib=5.0)

    found = shell.run(f"ws.simulate({RULE!r})")

    assert (found[0].history, found[0].verdict) == ("own-weeks", "not judged")
    assert len(found) == 1 + len(histories())


def test_words_that_cannot_be_read_are_pointed_at(shell):
    bundle = formats(shell, "ws.simulate('if swapp_used above 4 then upgrade ram', 'swap-daily')")

    assert "<mark>" in bundle["text/html"]
    assert "Did you mean" in bundle["text/plain"]


def test_code_in_a_plan_is_text(shell, course):
    bundle = formats(shell, "ws.simulate('__import__(\"pathlib\").Path(\"../owned\").touch()', 'swap-daily')")

    assert not (course / "owned").exists()
    assert Page(bundle["text/html"]).is_harmless()


@pytest.mark.parametrize("plan", [f"if {HOSTILE} above 4 then upgrade", {"Now": HOSTILE, "Cloud": HOSTILE}])
def test_a_hostile_plan_stays_text(shell, plan):
    bundle = formats(shell, f"ws.simulate({plan!r}, ['swap-daily', 'api-first'])")

    assert Page(bundle["text/html"]).is_harmless()
    assert "<script>" in Page(bundle["text/html"]).words


@pytest.mark.parametrize(
    ("call", "words"),
    [
        ("ws.simulate('keep', 'no-such-history')", "There is no history"),
        ("ws.simulate(42)", "A plan is a text"),
        ("ws.simulate({'Someday': 'keep'})", "is no field of a plan"),
        ("ws.simulate('keep', [])", "Name 1 to"),
        ("ws.simulate('keep', 'own-weeks')", "No week has been logged yet"),
    ],
)
def test_what_cannot_be_simulated_is_said_in_a_card(shell, call, words):
    assert shell.run(call) is None
    assert words in shell.text


# Buying or renting


def test_without_hours_the_card_gives_the_break_even_and_how_to_get_hours(shell):
    bundle = formats(shell, f"ws.buy_or_rent({PRICES})")

    for shown in (Page(bundle["text/html"]).words, bundle["text/plain"]):
        assert "Owning becomes cheaper from" in shown
        assert "ws.log_week()" in shown
        assert "2026-11-20" in shown
    assert 'role="img"' in bundle["text/html"]


def test_logged_hours_are_used_and_the_answer_is_kept_for_the_decision(shell, course):
    log_weeks(course, 4, gpu_busy_hours=20.0)

    found = shell.run(f"ws.buy_or_rent({PRICES})")
    kept = json.loads((course / "evidence" / "prices.json").read_text("utf-8"))

    assert found.result.usage.source == "recorded"
    assert kept["schema"] == "workstation.prices/1"
    assert kept["typed"]["price"] == 2000
    assert kept["hours_a_month"] == pytest.approx(20 * 730 / 168)


def test_the_example_learner_is_labelled(shell):
    bundle = formats(shell, f"ws.buy_or_rent({PRICES}, example=True)")

    assert "the hours are an example learner's, not yours" in bundle["text/plain"]


def test_the_table_says_what_would_move_the_answer(shell):
    html = formats(shell, f"ws.buy_or_rent({PRICES}, hours_a_month=100)")["text/html"]

    for what in ("utilisation", "resale", "power price", "local/cloud speed"):
        assert what in html


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("price=-1", "is no price"),
        ("price='2000'", "without quotes"),
        ("power_price='0,3'", "without quotes"),
        ("rate=10**400", "is no price"),
        ("currency=5", "needs its currency"),
        ("on='2126-11-20'", "has not come yet"),
        ("hours_a_month='40'", "type a number from 0 to 730"),
        ("busy_watts='400'", "W busy"),
        ("on='soon'", "is no date"),
        ("resale=9000", "above the price"),
        ("months=0", "0 months"),
        ("currency=''", "needs its currency"),
        ("hours_a_month=800", "are not in a month"),
    ],
)
def test_prices_that_cannot_be_are_refused_in_a_card(shell, change, words):
    name = change.partition("=")[0]
    others = ", ".join(part for part in PRICES.split(", ") if not part.startswith(name))

    assert shell.run(f"ws.buy_or_rent({others}, {change})") is None
    assert words in shell.text


def test_prices_of_nothing_warn_and_divide_by_nothing(shell):
    free = PRICES.replace("price=2000", "price=0").replace("resale=600", "resale=0").replace("rate=1.2", "rate=0")

    bundle = formats(shell, f"ws.buy_or_rent({free})")

    assert "the machine costs nothing" in bundle["text/plain"]


def test_a_hostile_currency_stays_text(shell):
    bundle = formats(shell, f"ws.buy_or_rent({PRICES.replace('EUR', '<b>&')})")

    assert "<b>" not in bundle["text/html"]


@pytest.mark.parametrize("running", ["autograde", "validate"])
def test_under_nbgrader_a_comparison_is_shown_and_not_kept(shell, course, monkeypatch, running):
    monkeypatch.setenv("NBGRADER_EXECUTION", running)

    assert shell.run(f"ws.buy_or_rent({PRICES})").kept == ""
    assert list((course / "evidence").iterdir()) == []


def test_a_rule_alone_that_cannot_be_read_is_still_the_repeated_one(shell):
    text = formats(shell, "ws.simulate('if swap_usd_gib above 4 for 3 weeks then upgrade ram', 'swap-daily')")[
        "text/plain"
    ]

    assert "Now: blank" in text
    assert "After the first repeated bottleneck: a threshold was found, but no rule that can be read" in text


# The plan in the exercise's own cell


def test_without_a_plan_the_answer_cell_is_simulated(shell, tmp_path, monkeypatch):
    """As it was last run, or as it is saved; both count."""
    folder = tmp_path / "staged-plan"
    folder.mkdir()
    monkeypatch.chdir(folder)
    body = "\n".join(f"{label}: {text}" for label, text in PLAN.items())
    cell = {"cell_type": "code", "id": "a", "metadata": {"nbgrader": {"grade_id": "plan", "solution": True}}}
    cell |= {"outputs": [], "execution_count": None, "source": f"%%answer plan\n{body}"}
    saved = {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    (folder / "staged-plan.ipynb").write_text(json.dumps(saved), encoding="utf-8")

    found = shell.run("ws.simulate(history='swap-daily')")

    assert found.plan.repeated.kind == "rule"
    assert [taken.checkpoint for taken in found[0].purchases] == ["repeated"]


def test_a_blank_plan_is_told_so_without_a_traceback(shell, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    cell = {"cell_type": "code", "id": "a", "metadata": {"nbgrader": {"grade_id": "plan", "solution": True}}}
    cell |= {"outputs": [], "execution_count": None, "source": "%%answer plan\nNow:\nCloud:\n"}
    saved = {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    (tmp_path / "staged-plan.ipynb").write_text(json.dumps(saved), encoding="utf-8")

    assert shell.run("ws.simulate()") is None
    assert "is blank, so there is no plan to try yet" in shell.text


def test_the_plan_s_card_tries_it_on_the_open_half_years(shell):
    body = "\n".join(f"{label}: {text}" for label, text in PLAN.items())
    shell.run(f"get_ipython().run_cell_magic('answer', 'plan', {body!r})")

    assert "Over 15 histories the plan was" in shell.text
    assert histories()["swap-daily"].name in shell.text
