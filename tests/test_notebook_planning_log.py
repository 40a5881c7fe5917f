"""`ws.log_week` in a real shell: questions and recordings make a row, shown before it is kept."""

import json

import pytest
from notebook_kit import ipython_shell
from planning_notebook_kit import HOSTILE, Page, recorded, working_copy

from workstation.notebook import fields_form, on_file, week_log


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


@pytest.fixture
def forms(monkeypatch):
    """Every form of fields that is shown."""
    made = []

    def remember(form):
        made.append(form)

    monkeypatch.setattr(fields_form.FieldsForm, "show", remember)
    return made


def rows(course):
    path = course / "evidence" / "log.jsonl"
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()] if path.exists() else []


def test_the_form_asks_and_the_row_is_shown_before_it_is_kept(shell, course, forms):
    shell.run("ws.log_week(week='2026-W02')")
    form = forms[0]
    form.fields["local_inference_days"].value = "3"
    form.buttons[week_log.SHOW].click()

    assert rows(course) == []
    assert "Days with local inference" in shell.text
    assert "3 days (your answer)" in shell.text
    assert shell.published.outputs[-1]["update"]

    form.buttons[week_log.KEEP].click()

    assert [(row["week"], row["local_inference_days"], row["rag_days"]) for row in rows(course)] == [
        ("2026-W02", 3.0, None)
    ]
    assert "Kept in evidence/log.jsonl" in form.said.value


def test_a_call_shows_and_a_call_with_keep_keeps(shell, course):
    shell.run("ws.log_week(week='2026-W02', rag_days=2)")
    assert rows(course) == []
    assert "Not kept yet" in shell.text

    shell.run("ws.log_week(week='2026-W02', rag_days=2, keep=True)")
    assert rows(course)[0]["rag_days"] == 2.0


def test_recordings_of_the_week_give_their_figures(shell, course, monkeypatch):
    recorded(course, "rag-index", monkeypatch)

    shell.run("ws.log_week(week='2026-W02', rag_days=1, keep=True)")

    assert rows(course)[0]["ram_used_percent"] == pytest.approx(93.75)
    assert "1 recording of that week" in shell.text
    assert "93.75 percent (recorded)" in shell.text


def test_a_recording_that_cannot_be_read_is_said_and_costs_nothing(shell, course, monkeypatch):
    (course / "evidence" / "old.recording.jsonl").write_text("{}", encoding="utf-8")
    monkeypatch.setattr(on_file, "import_module", lambda _name: None)

    shell.run("ws.log_week(week='2026-W02', rag_days=1, keep=True)")

    assert "The recording old was left out" in shell.text
    assert len(rows(course)) == 1


def test_the_disk_is_read_from_the_machine_in_this_week_only(shell, course):
    shell.run("ws.log_week(rag_days=1, keep=True)")
    shell.run("ws.log_week(week='2020-W02', rag_days=1, keep=True)")
    this, old = rows(course)

    assert this["disk_free_gib"] > 0
    assert old["disk_free_gib"] is None


def test_what_is_not_known_is_folded_away_by_its_reason(shell):
    """A week without a recording would else be a page of unknowns."""
    shell.run("ws.log_week(week='2026-W02', rag_days=2)")
    table, folded = shell.html.split("<details>")

    assert table.count("<tr>") == 2
    assert "<code>rag_days</code></th><td>2 days</td><td>your answer</td>" in table
    assert "Not known yet (19)" in folded
    assert folded.count("<li>") == 2
    assert "RAM in use" in folded
    assert "RAM in use (ram_used_percent): not known" in shell.text


def test_what_was_answered_before_stands_in_the_form_again(shell, forms):
    shell.run("ws.log_week(week='2026-W02', rag_days=2, keep=True)\nws.log_week(week='2026-W02')")

    assert forms[0].fields["rag_days"].value == "2"


@pytest.mark.parametrize(
    ("call", "words"),
    [
        ("ws.log_week(week='2026-W02', rag_days=9, keep=True)", "Nothing was logged yet"),
        ("ws.log_week(week='2026-W02', rag_days='many', keep=True)", "Nothing was logged yet"),
        ("ws.log_week(week='2026-W99', rag_days=1, keep=True)", "is no ISO week"),
        ("ws.log_week(luck=1, keep=True)", "is no weekly metric"),
        ("ws.log_week(week='2999-W02', rag_days=1, keep=True)", "has not begun yet"),
        ("ws.log_week(week='2026-W02', keep=True)", "nothing was kept"),
    ],
)
def test_an_answer_that_cannot_be_is_refused_and_nothing_is_kept(shell, course, call, words):
    shell.run(call)

    assert words in shell.text
    assert rows(course) == []


def test_a_wrong_answer_in_the_form_is_said_beside_it(shell, course, forms):
    shell.run("ws.log_week(week='2026-W02')")
    forms[0].fields["rag_days"].value = HOSTILE
    forms[0].buttons[week_log.KEEP].click()

    assert "Nothing was logged yet" in forms[0].said.value
    assert Page(forms[0].said.value).is_harmless()
    assert rows(course) == []


@pytest.mark.parametrize("running", ["autograde", "validate"])
def test_under_nbgrader_nothing_is_logged_or_kept(shell, course, monkeypatch, running):
    monkeypatch.setenv("NBGRADER_EXECUTION", running)
    shell.run("ws.log_week(rag_days=1, keep=True)")

    assert list((course / "evidence").iterdir()) == []
