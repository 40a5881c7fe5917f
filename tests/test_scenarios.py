"""`ws.scenario`: a choice first, then the reasons and the full answer; and it is still there next time."""

import json
import subprocess
import sys
from html import escape
from pathlib import Path

import pytest
from notebook_kit import ipython_shell

from workstation.catalog import load_catalog
from workstation.materials import MARKER
from workstation.notebook import forms

ROOT = Path(__file__).resolve().parents[1]
SCENARIOS = load_catalog().scenarios
ONE = SCENARIOS["used-bargain"]
ASK = f'ws.scenario("{ONE.id}")'


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working copy of the course; the learner is in its folder of lessons."""
    root = tmp_path / "copy"
    (root / MARKER).parent.mkdir(parents=True)
    (root / MARKER).write_text("{}", encoding="utf-8")
    (root / "course").mkdir()
    monkeypatch.chdir(root / "course")
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    return root


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[forms.Form]:
    """Every form that is shown, in order."""
    shown: list[forms.Form] = []
    show = forms.Form.show

    def remember(form: forms.Form) -> None:
        shown.append(form)
        show(form)

    monkeypatch.setattr(forms.Form, "show", remember)
    return shown


@pytest.fixture
def shell(course: Path, made: list):
    """A real IPython shell there."""
    del course, made
    with ipython_shell() as started:
        started.run("import workstation as ws")
        yield started


def everything(shell) -> str:
    """All that was shown so far, as HTML and in plain text."""
    return "\n".join(text for card in shell.cards for text in card.values() if isinstance(text, str))


def kept(course: Path) -> list[dict]:
    """Read what is on file."""
    path = course / "evidence" / "self-checks.jsonl"
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()] if path.exists() else []


@pytest.mark.parametrize("scenario", SCENARIOS.values(), ids=list(SCENARIOS))
def test_nothing_is_given_away_before_the_choice(shell, made, scenario):
    shell.run(f'ws.scenario("{scenario.id}")')
    shown = everything(shell)

    assert scenario.situation in shown
    assert all(choice in shown for choice in scenario.choices)
    assert len(made) == 1
    for told in (*scenario.reasons, scenario.model_answer):
        assert told not in shown
        assert escape(told) not in shown


@pytest.mark.parametrize("place", range(len(ONE.choices)))
def test_a_choice_brings_its_reason_the_others_and_the_full_answer(shell, made, place):
    shell.run(ASK)
    made[0].controls[place].click()

    assert ("That is the choice to make." in made[0].said.value) == (place == ONE.correct)
    assert made[0].controls[place].description.startswith("✓ ")
    own = shell.text.partition("The other choices:")[0]
    assert ONE.reasons[place] in own
    assert not [reason for at, reason in enumerate(ONE.reasons) if at != place and reason in own]
    for told in (*ONE.reasons, ONE.model_answer):
        assert told in shell.text
        assert escape(told) in shell.html


def test_a_letter_does_the_same_without_a_form(shell, made, course):
    shell.run(f'ws.scenario("{ONE.id}", "B")')

    assert made == []
    assert "b: There is a better choice." in shell.text
    assert ONE.model_answer in shell.text
    assert [(line["id"], line["predicted"], line["measured"]) for line in kept(course)] == [
        (f"scenario.{ONE.id}", "b", "a")
    ]


def test_the_last_choice_is_there_after_a_reload(shell, made):
    shell.run(f'ws.scenario("{ONE.id}", "b")')
    shell.run(f'ws.scenario("{ONE.id}", "a")')
    shell.run(ASK)

    assert [button.description[:2] == "✓ " for button in made[0].controls] == [True, False, False, False]
    assert "a: That is the choice to make." in shell.text
    assert ONE.model_answer in shell.text


def test_a_choice_is_no_prediction_and_no_answer_to_a_self_check(shell, course):
    shell.run(f'ws.scenario("{ONE.id}", "b")')

    assert not (course / "evidence" / "predictions.jsonl").exists()
    assert {line["id"] for line in kept(course)}.isdisjoint(load_catalog().questions)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        ('ws.scenario("used")', "There is no scenario 'used'. Scenarios, the nearest first: used-bargain"),
        ("ws.scenario()", "There is no scenario ''"),
        (f'ws.scenario("{ONE.id}", "x")', "Choose one of: a, b, c, d"),
        (f'ws.scenario("{ONE.id}", 2)', "Choose one of: a, b, c, d"),
        (f'ws.scenario("{ONE.id}", letters="a")', "was not called in a way that it understands"),
    ],
)
def test_what_cannot_be_played_is_told_in_a_sentence(shell, course, call, said):
    shell.run(call)

    assert said in shell.text
    assert kept(course) == []


def test_a_choice_that_the_course_no_longer_has_counts_as_none(shell, made, course):
    shell.run(f'ws.scenario("{ONE.id}", "a")')
    path = course / "evidence" / "self-checks.jsonl"
    path.write_text(path.read_text("utf-8").replace('"predicted": "a"', '"predicted": "z"'), encoding="utf-8")
    shell.run(ASK)

    assert "Not decided yet." in shell.text
    assert ONE.model_answer not in shell.text
    assert not any(button.description.startswith("✓") for button in made[0].controls)


@pytest.mark.parametrize("running", ["autograde", "validate"])
def test_under_nbgrader_nothing_is_asked_and_nothing_written(shell, course, monkeypatch, running):
    monkeypatch.setenv("NBGRADER_EXECUTION", running)
    before = len(shell.cards)
    shell.run(ASK)
    shell.run(f'ws.scenario("{ONE.id}", "a")')

    assert len(shell.cards) == before
    assert kept(course) == []


def test_a_file_that_cannot_be_written_is_told_of_beside_the_form(shell, made, course):
    shell.run(ASK)
    (course / "evidence").write_text("in the way", encoding="utf-8")
    made[0].controls[0].click()

    assert "failed" in made[0].said.value
    assert ONE.model_answer not in everything(shell)


def test_in_a_bare_python_it_is_printed_with_the_call_that_decides(course):
    done = subprocess.run(
        [sys.executable, "-c", f"import workstation as ws; {ASK}"], capture_output=True, text=True, check=True
    )

    assert done.stderr == ""
    assert ONE.situation in done.stdout
    assert f'Without a form: ws.scenario("{ONE.id}", "a")' in done.stdout
    assert ONE.model_answer not in done.stdout


@pytest.mark.parametrize("scenario", SCENARIOS.values(), ids=list(SCENARIOS))
def test_every_scenario_is_played_by_its_lesson(scenario):
    text = (ROOT / f"course/{scenario.lesson}.ipynb").read_text("utf-8")

    assert scenario.id in text
