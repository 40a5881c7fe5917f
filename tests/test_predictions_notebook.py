"""`ws.predict`, `ws.compare` and `ws.self_check` in a real shell: forms, cards, and what is kept.

A little over 300 lines: the three share their store, their forms and these fixtures.
"""

import json
import subprocess
import sys
from pathlib import Path

import ipywidgets as widgets
import pytest
from notebook_kit import ipython_shell

from workstation.catalog import load_catalog
from workstation.materials import MARKER
from workstation.notebook import forms, predicting

LESSON = "01-workload-first"
ASK = 'ws.predict("first", "Which first?", choices=("vram", "ram"))'
ASK_NUMBER = 'ws.predict("kv", "How much?", unit="GiB")'
QUESTIONS = [question for question in load_catalog().questions.values() if question.lesson == LESSON]


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


def lines(course: Path, file: str = "predictions.jsonl") -> list[dict]:
    """Read what the working copy's store holds."""
    path = course / "evidence" / file
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()] if path.exists() else []


def buttons(form: forms.Form) -> list[widgets.Button]:
    return [control for control in form.controls if isinstance(control, widgets.Button)]


# Choices


def test_a_choice_is_kept_at_the_press_of_its_button(shell, made, course):
    shell.run(ASK)
    buttons(made[0])[1].click()

    assert [(line["id"], line["predicted"], line["unit"], line["measured"]) for line in lines(course)] == [
        ("first", "ram", None, None)
    ]
    assert predicting.KEPT in made[0].said.value
    assert [button.description for button in buttons(made[0])] == ["VRAM", "✓ System RAM"]


def test_the_card_changes_in_its_place_and_nothing_new_is_shown(shell, made):
    shell.run(ASK)
    before = shell.published.outputs[-1]
    buttons(made[0])[0].click()
    after = shell.published.outputs[-1]

    assert after["update"]
    assert after["transient"] == before["transient"]
    assert after["data"]["text/plain"].startswith("Your prediction is kept: VRAM")


def test_after_a_reload_the_form_shows_what_was_kept(shell, made):
    shell.run(f'{ASK[:-1]}, value="ram")')
    shell.run(ASK)

    assert buttons(made[0])[1].description == "✓ System RAM"
    assert shell.text.startswith("Your prediction is kept: System RAM")


def test_a_mind_that_changes_adds_a_line_and_the_last_one_counts(shell, made, course):
    shell.run(ASK)
    for button in buttons(made[0]):
        button.click()
    shell.run('ws.compare("first", "vram")')

    assert [line["predicted"] for line in lines(course)] == ["vram", "ram", "ram"]
    assert shell.text.startswith("You predicted System RAM; it is VRAM.")


# Numbers


def test_a_number_is_typed_and_kept_by_the_button(shell, made, course):
    shell.run(ASK_NUMBER)
    made[0].controls[0].value = "4,5"
    buttons(made[0])[0].click()

    assert lines(course)[0]["predicted"] == 4.5
    assert "4.5 GiB" in shell.text
    assert made[0].controls[0].description == "In GiB:"


def test_typing_that_arrives_after_the_press_is_told_of(shell, made, course):
    """A busy kernel gets the press before the last of the typing: what was kept is then not what stands there."""
    shell.run(ASK_NUMBER)
    assert made[0].controls[0].continuous_update is False
    made[0].controls[0].value = "0"
    assert forms.CHANGED not in made[0].said.value
    buttons(made[0])[0].click()
    made[0].controls[0].value = "0.5"

    assert forms.CHANGED in made[0].said.value
    buttons(made[0])[0].click()
    assert [line["predicted"] for line in lines(course)] == [0, 0.5]


@pytest.mark.parametrize(("typed", "said"), [("", "type a number in GiB"), ("lots", "no number"), ("<b>", "&lt;b&gt;")])
def test_a_form_says_what_is_wrong_and_keeps_nothing(shell, made, course, typed, said):
    shell.run(ASK_NUMBER)
    made[0].controls[0].value = typed
    buttons(made[0])[0].click()

    assert said in made[0].said.value
    assert 'aria-live="polite"' in made[0].said.value
    assert lines(course) == []


def test_a_fault_behind_a_button_is_said_in_the_form(shell, made, monkeypatch):
    monkeypatch.setattr(predicting, "append", lambda *_: 1 / 0)
    shell.run(ASK)
    buttons(made[0])[0].click()

    assert "not your mistake" in made[0].said.value
    assert buttons(made[0])[0].description == "VRAM"


def test_a_value_is_kept_without_a_form(shell, made, course):
    shell.run(f"{ASK_NUMBER[:-1]}, value=4)")

    assert lines(course)[0]["predicted"] == 4.0
    assert made == []


# Comparing


def test_comparing_adds_the_measurement_once(shell, course):
    shell.run(f"{ASK_NUMBER[:-1]}, value=4)")
    for _ in range(3):
        shell.run('ws.compare("kv", 1)')

    first, last = lines(course)
    assert (first["measured"], last["measured"], last["predicted_at"]) == (None, 1.0, first["predicted_at"])
    assert last["measured_at"] is not None
    assert shell.text.startswith("You predicted 4 GiB and it was 1 GiB: 3 GiB too high, 4 times what it was.")


def test_predicting_again_with_the_answer_known_changes_nothing_that_counts(shell):
    for predicted in ("ram", "vram"):
        shell.run(f"{ASK[:-1]}, value='{predicted}')")
        shell.run('ws.compare("first", "vram")')

    assert "You predicted System RAM; it is VRAM." in shell.text
    assert "Your first prediction, System RAM, is what counts." in shell.text


def test_without_a_prediction_the_answer_is_shown_and_nothing_written(shell, course):
    shell.run('ws.compare("first", "vram")')

    assert shell.text.startswith("It is VRAM. You kept no prediction")
    assert not (course / "evidence").exists()


def test_the_calibration_runs_over_all_that_was_kept(shell):
    for name, predicted in (("a", 1), ("b", 2)):
        shell.run(f'ws.predict("{name}", "How much?", unit="GiB", value={predicted})')
        shell.run(f'ws.compare("{name}", {3 * predicted})')

    assert "Over 2 predictions in GiB you are usually 3 times too low." in shell.text


def test_a_wrong_kind_of_measurement_is_told_and_not_kept(shell, course):
    shell.run(f"{ASK_NUMBER[:-1]}, value=4)")
    shell.run('ws.compare("kv", "vram")')

    assert "Give ws.compare('kv', ...) a number." in shell.text
    assert len(lines(course)) == 1


# Files that something happened to


def test_bad_lines_are_told_and_left_alone(shell, course):
    path = course / "evidence" / "predictions.jsonl"
    path.parent.mkdir()
    path.write_text("<script>alert(1)</script>\n", encoding="utf-8")
    shell.run(f'{ASK[:-1]}, value="ram")')

    assert "1 line of the file evidence/predictions.jsonl could not be read and was left as it was found." in shell.text
    assert "<script" not in shell.html
    assert path.read_text("utf-8").startswith("<script>")


@pytest.mark.parametrize("call", [ASK, 'ws.compare("first", "vram")', f'ws.self_check("{LESSON}")'])
def test_a_folder_in_the_files_place_becomes_a_card(shell, course, call):
    for file in ("predictions.jsonl", "self-checks.jsonl"):
        (course / "evidence" / file).mkdir(parents=True)
    shell.run(call)

    assert "failed: " in shell.text
    assert "Nothing in it was changed." in shell.text


def test_hostile_questions_and_choices_are_escaped(shell):
    shell.run('ws.predict("x", "<img src=x>", choices=("<i>", "b"), value="<i>")')
    shell.run('ws.compare("x", "<u>")')

    shown = "".join(card["text/html"] for card in shell.cards)
    assert not [tag for tag in ("<img", "<i>", "<u>") if tag in shown]


# Under nbgrader, and where there is no notebook


@pytest.mark.parametrize("running", ["autograde", "validate"])
def test_under_nbgrader_nothing_is_asked_and_nothing_written(shell, course, monkeypatch, running):
    monkeypatch.setenv("NBGRADER_EXECUTION", running)
    for call in (ASK, f'{ASK[:-1]}, value="ram")', f'ws.self_check("{LESSON}")', f'ws.self_check("{LESSON}", 1, "a")'):
        shell.run(call)

    assert shell.cards == []
    assert not (course / "evidence").exists()


def test_under_nbgrader_a_kept_prediction_is_compared_and_nothing_added(shell, course, monkeypatch):
    shell.run(f'{ASK[:-1]}, value="ram")')
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    shell.run('ws.compare("first", "vram")')

    assert shell.text.startswith("You predicted System RAM; it is VRAM.")
    assert len(lines(course)) == 1


def test_in_a_bare_python_the_question_is_printed_with_the_call_that_answers_it(course):
    done = subprocess.run(
        [sys.executable, "-c", f"import workstation as ws; {ASK}"], capture_output=True, text=True, check=True
    )

    assert done.stderr == ""
    assert 'Without a form: ws.predict("first", ..., value="vram")' in done.stdout


# Self-checks


def test_each_choice_of_a_self_check_gives_its_reason(shell, made):
    shell.run(f'ws.self_check("{LESSON}")')

    assert len(made) == len(QUESTIONS) == 3
    for form, question in zip(made, QUESTIONS, strict=True):
        for place, button in enumerate(buttons(form)):
            button.click()
            assert question.reasons[place] in shell.text
            assert ("Right." in form.said.value) == (place == question.correct)


def test_answers_to_a_self_check_are_there_after_a_reload_and_are_no_predictions(shell, made, course):
    shell.run(f'ws.self_check("{LESSON}", 2, "B")')
    shell.run(f'ws.self_check("{LESSON}")')

    assert buttons(made[1])[1].description.startswith("✓ b. ")
    assert any(QUESTIONS[1].reasons[1] in card["text/plain"] for card in shell.cards[-5:])
    assert lines(course) == []
    assert [line["predicted"] for line in lines(course, "self-checks.jsonl")] == ["b"]


def test_a_choice_that_the_course_no_longer_has_counts_as_none(shell, made, course):
    shell.run(f'ws.self_check("{LESSON}", 1, "a")')
    path = course / "evidence" / "self-checks.jsonl"
    path.write_text(path.read_text("utf-8").replace('"predicted": "a"', '"predicted": "z"'), encoding="utf-8")
    shell.run(f'ws.self_check("{LESSON}")')

    assert not any(button.description.startswith("✓") for button in buttons(made[0]))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [('"09-nothing"', LESSON), (f'"{LESSON}", 9, "a"', "1 to 3"), (f'"{LESSON}", 1, "x"', "Choose one of: a, b, c, d")],
)
def test_a_self_check_that_is_none_says_what_there_is(shell, arguments, said):
    shell.run(f"ws.self_check({arguments})")

    assert said in shell.text
