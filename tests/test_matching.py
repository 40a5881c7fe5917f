"""`ws.match_mistakes`: mistake, harm, better move; a reason for each row, kept, by form and without one."""

import pytest
from notebook_kit import ipython_shell
from planning_notebook_kit import Page, working_copy

from workstation.answers.prediction_store import SELF_CHECKS_FILE
from workstation.catalog import load_catalog
from workstation.notebook import matching
from workstation.notebook.matching_form import MatchingForm
from workstation.notebook.matching_model import HARM, MOVE, choices, row_of, rows, rows_from

MISTAKES = list(load_catalog().mistakes.values())


@pytest.fixture
def store(tmp_path, monkeypatch):
    root = working_copy(tmp_path / "copy")
    monkeypatch.chdir(root / "course")
    return root / "evidence" / SELF_CHECKS_FILE


@pytest.fixture
def shell(store):
    del store
    with ipython_shell() as started:
        started.run("import workstation as ws")
        yield started


def right(number, part):
    return row_of(number).part(part).right


def wrong(number, part):
    return next(letter for letter in choices(part) if letter != right(number, part))


def test_every_harm_and_every_move_is_offered_once_and_none_by_its_number():
    """In the order of the alphabet: the letters give no match away."""
    for part, texts in ((HARM, [each.harm for each in MISTAKES]), (MOVE, [each.better_move for each in MISTAKES])):
        offered = [text[3:] for text in choices(part).values()]
        assert sorted(offered) == sorted(texts)
        assert offered != texts


def test_a_matched_row_says_why(shell):
    shell.run(f"ws.match_mistakes(1, harm={right(1, HARM)!r}, move={right(1, MOVE)!r})")

    assert shell.text.startswith(f"1 of {len(MISTAKES)} matched.")
    assert MISTAKES[0].why in shell.text


def test_a_wrong_letter_is_told_where_it_belongs_and_not_what_is_right(shell):
    letter = wrong(1, HARM)
    owner = next(row.mistake for row in rows() if row.part(HARM).right == letter)
    shell.run(f"ws.match_mistakes(1, harm={letter!r}, move={right(1, MOVE)!r})")

    assert "half of it is right" in shell.text
    assert f"The harm that you chose belongs to “{owner.name}”." in shell.text
    assert "The better move is right." in shell.text
    assert "Look again at 1." in shell.text
    assert MISTAKES[0].harm not in shell.text


def test_one_letter_alone_leaves_the_row_open(shell):
    shell.run(f"ws.match_mistakes(2, harm={right(2, HARM)!r})")

    assert f"2. {MISTAKES[1].name}: not matched yet" in shell.text
    assert "Look again" not in shell.text


def test_the_last_choice_is_there_after_a_reload(shell, store):
    shell.run(f"ws.match_mistakes(3, harm={wrong(3, HARM)!r})")
    shell.run(f"ws.match_mistakes(3, harm={right(3, HARM)!r}, move={right(3, MOVE)!r})")
    with ipython_shell() as later:
        later.run("import workstation as ws\nws.match_mistakes()")

        assert later.text.startswith(f"1 of {len(MISTAKES)} matched.")
    assert store.read_text("utf-8").count("\n") == 3


@pytest.mark.parametrize(
    ("call", "said"),
    [
        ("ws.match_mistakes(0, harm='a')", "numbered from 1 to"),
        ("ws.match_mistakes('<b>', harm='a')", "numbered from 1 to"),
        ("ws.match_mistakes(1, harm='z')", "none of the choices"),
        ("ws.match_mistakes(1)", "Say which letters"),
        ("ws.match_mistakes(1, harms='a')", "not called in a way"),
    ],
)
def test_a_call_that_makes_no_sense_is_told_so_and_keeps_nothing(shell, store, call, said):
    shell.run(call)

    assert said in shell.text
    assert not store.exists()


def test_both_lists_and_the_result_are_shown_with_their_text_twins(shell):
    shell.run("ws.match_mistakes()")
    lists, result = shell.cards[0], shell.cards[-1]

    for mistake in MISTAKES:
        assert mistake.harm in Page(lists["text/html"]).words
        assert mistake.better_move in lists["text/plain"]
        assert mistake.name in result["text/plain"]
    assert matching.CALL in result["text/plain"]


def test_a_damaged_store_is_said_and_left_alone(shell, store):
    store.write_bytes(b"\xff{[\n")
    shell.run(f"ws.match_mistakes(1, harm={right(1, HARM)!r})")

    assert "could not be read and was left as it was found" in shell.text
    assert store.read_bytes().startswith(b"\xff{[\n")


def test_under_nbgrader_nothing_is_asked_or_kept(shell, store, monkeypatch):
    monkeypatch.setenv("NBGRADER_EXECUTION", "validate")
    shell.run("ws.match_mistakes()")

    assert shell.cards == []
    assert not store.exists()


# The form


def catch_forms(monkeypatch):
    """Keep the forms that would be shown."""
    made = []

    def keep(form):
        made.append(form)

    monkeypatch.setattr(MatchingForm, "show", keep)
    return made


@pytest.fixture
def form(shell, store, monkeypatch):
    made = catch_forms(monkeypatch)
    shell.run("ws.match_mistakes()")
    return made[0]


def test_each_field_has_a_label_of_its_own(form):
    labels = [field.description for pair in form.fields.values() for field in pair.values()]

    assert len(set(labels)) == 2 * len(MISTAKES)
    assert labels[:2] == ["1. Harm:", "1. Better move:"]


def test_letters_and_suggestions_are_both_taken_and_each_row_answers(form, store):
    first, second = (form.fields[mistake.id] for mistake in MISTAKES[:2])
    first[HARM].value, first[MOVE].value = right(1, HARM).upper(), choices(MOVE)[right(1, MOVE)]
    second[HARM].value, second[MOVE].value = wrong(2, HARM), wrong(2, MOVE)
    form.button.click()

    assert f"1 of {len(MISTAKES)} matched. Look again at 2." in form.said.value
    assert "Matched" in form.told[MISTAKES[0].id].value
    assert "belongs to" in form.told[MISTAKES[1].id].value
    assert form.told[MISTAKES[2].id].value == ""
    assert store.read_text("utf-8").count("\n") == 4


def test_pressing_twice_keeps_nothing_twice(form, store):
    form.fields[MISTAKES[0].id][HARM].value = "a"
    form.button.click()
    form.button.click()

    assert store.read_text("utf-8").count("\n") == 1


def test_what_is_no_letter_is_told_with_its_row_and_the_others_are_kept(form, store):
    form.fields[MISTAKES[0].id][HARM].value = "<img src=x>"
    form.fields[MISTAKES[1].id][HARM].value = "b"
    form.button.click()

    assert "Row 1:" in form.said.value
    assert "<img" not in form.said.value
    assert store.read_text("utf-8").count("\n") == 1


def test_a_store_that_cannot_be_written_is_told_beside_the_button(form, store):
    store.mkdir()
    form.fields[MISTAKES[0].id][HARM].value = "a"
    form.button.click()

    assert SELF_CHECKS_FILE in form.said.value


def test_the_form_begins_with_what_was_kept(shell, monkeypatch):
    shell.run("ws.match_mistakes(1, harm='c')")
    made = catch_forms(monkeypatch)
    shell.run("ws.match_mistakes()")

    assert made[0].fields[MISTAKES[0].id][HARM].value == choices(HARM)["c"]


def test_a_letter_that_is_no_choice_any_more_counts_as_none():
    from types import SimpleNamespace

    entry = SimpleNamespace(predicted="z")
    log = SimpleNamespace(latest={f"mistake.{MISTAKES[0].id}.{HARM}": entry})

    assert rows_from(log)[0].letters == {}
