"""Lesson 05: what it says of its example is what the sums give, no example becomes evidence, cases have reasons."""

import re
from pathlib import Path

import nbformat
import pytest
from notebook_kit import ipython_shell
from planning_notebook_kit import working_copy

import workstation
from workstation.catalog import load_catalog

ROOT = Path(__file__).resolve().parents[1]
NAME = "05-local-cloud-hybrid"
LESSON = ROOT / f"course/{NAME}.ipynb"
CATALOG = load_catalog()
OWN = [scenario.id for scenario in CATALOG.scenarios.values() if scenario.lesson == NAME]


@pytest.fixture(scope="module")
def lesson():
    """The lesson as it is committed."""
    return nbformat.read(LESSON, as_version=4)


@pytest.fixture(scope="module")
def prose(lesson) -> str:
    """Its Markdown, in order."""
    return "\n\n".join(cell.source for cell in lesson.cells if cell.cell_type == "markdown")


@pytest.fixture(scope="module")
def code(lesson) -> dict[str, str]:
    """Its code by cell id."""
    return {cell.id: cell.source for cell in lesson.cells if cell.cell_type == "code"}


@pytest.fixture
def course(tmp_path, monkeypatch):
    """A working copy with nothing on file."""
    root = working_copy(tmp_path / "copy")
    monkeypatch.chdir(root / "course")
    return root


@pytest.fixture
def shell(course):
    """A real IPython shell in it."""
    del course
    with ipython_shell() as started:
        started.run("import workstation as ws")
        yield started


@pytest.fixture
def example(shell, code):
    """The comparison of the lesson's example."""
    return shell.run(code["example"])


def test_it_is_valid_and_committed_without_outputs(lesson):
    nbformat.validate(lesson)
    assert not any(cell.get("outputs") or cell.get("execution_count") for cell in lesson.cells)
    assert [cell.metadata for cell in lesson.cells] == [{}] * len(lesson.cells)


def test_every_name_that_it_uses_exists(prose, code):
    named = set(re.findall(r"\bws\.(\w+)", "\n".join([prose, *code.values()])))

    assert {"buy_or_rent", "table", "scenario", "log_week"} <= named <= set(workstation.__all__)


def test_the_prediction_comes_before_the_figures(lesson):
    order = [cell.id for cell in lesson.cells]

    assert order.index("predict-hours") < order.index("example") < order.index("compare-hours") < order.index("look")


def test_the_examples_figures_are_those_that_the_text_tells(prose, code):
    told = prose.split("Leyla's figures", 1)[1].split("### Run")[0]
    figures = re.findall(r"(\w+)=([\d.]+)", code["example"])

    assert len(figures) == 9
    for name, value in figures:
        if name in {"months", "overhead"}:
            continue
        assert (f"{float(value):,.0f}" if float(value) >= 1 else value) in told, name
    assert "three years" in told
    assert "15 %" in told


def test_what_it_says_of_the_example_is_so(prose, example):
    result = example.result
    rows = {(each.what, each.setting): each for each in result.sensitivity}
    half = result.usage.hours_a_month / 2

    assert result.verdict == "buy"
    assert f"At the example's {result.usage.hours_a_month:.0f} hours the desktop wins" in prose
    assert half < result.break_even_hours
    assert f"work for me {result.break_even_hours:.0f} hours every month" in prose
    for turned in (("power price", "double"), ("local/cloud speed", "half")):
        assert rows[turned].rent_a_month < 0.9 * rows[turned].own_a_month


def test_the_example_is_labelled_and_never_becomes_evidence(shell, example, course):
    text = shell.ipython.display_formatter.format(example)[0]["text/plain"]

    assert "the hours are an example learner's, not yours" in text
    assert "of an example" in text
    assert not list((course / "evidence").glob("prices*"))


def test_a_prediction_is_held_against_the_break_even(shell, code, example):
    shell.run('ws.predict("break-even", "From how many hours?", unit="hours", value=40)')
    shell.run(code["compare-hours"])

    assert f"{example.result.break_even_hours:.0f}" in shell.text
    assert "kept no prediction" not in shell.text


def test_own_figures_are_asked_for_and_no_price_is_shipped(shell, code):
    assert code["my-figures"] == "ws.buy_or_rent()"
    shell.run(code["my-figures"])

    assert shell.text.startswith("Nothing compared yet")


def test_its_table_is_the_catalogues(shell, code, prose):
    shell.run(code["decisions"])

    for decision in CATALOG.decisions.values():
        assert decision.risk in shell.text
        assert decision.risk not in prose


def test_its_scenarios_are_all_played(code):
    played = re.findall(r'ws\.scenario\("([\w-]+)"\)', "\n".join(code.values()))

    assert sorted(played) == sorted(OWN)
    assert len(OWN) == 2


@pytest.mark.parametrize("name", OWN)
def test_a_scenario_gives_reasons_for_every_choice_once_one_was_made(shell, name):
    scenario = CATALOG.scenarios[name]
    shell.run(f'ws.scenario("{name}")')
    assert scenario.model_answer not in " ".join(card.get("text/plain", "") for card in shell.cards)
    shell.run(f'ws.scenario("{name}", "a")')

    for words in (*scenario.reasons, scenario.model_answer):
        assert words in shell.text


def test_the_self_check_asks_of_three_things_with_the_right_choice_in_different_places():
    own = [question for question in CATALOG.questions.values() if question.lesson == NAME]

    assert len(own) == 3
    assert len({question.correct for question in own}) == 3
