"""`ws.decide` in a real shell: by form and by call, evidence or "collect it first", kept and there after a reload."""

import json
from pathlib import Path

import pytest
from inventory_kit import small
from notebook_kit import ipython_shell
from planning_notebook_kit import HOSTILE, Page, log_weeks, recorded, working_copy
from worksheet_kit import DESKTOP, sheet

from workstation.notebook import decision_form

WORK = "For the next 4 months I will run local models and a small RAG system."
BEGIN = f"ws.decide(workload={WORK!r})"


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
    """Every decision form that is shown."""
    made = []

    def remember(form):
        made.append(form)

    monkeypatch.setattr(decision_form.DecisionForm, "show", remember)
    return made


@pytest.fixture
def equipped(course, monkeypatch):
    """A working copy with a recording, logged weeks, an inventory and a worksheet."""
    recorded(course, "rag-index", monkeypatch)
    log_weeks(course, 4, swap_used_gib=6.0)
    small().save(course / "evidence" / "inventory.json")
    sheet(DESKTOP).save(course / "evidence" / "platform.json")
    return course


def kept(course):
    return json.loads((course / "evidence" / "decision.json").read_text("utf-8"))


def walk_to_upgrade(shell):
    shell.run(BEGIN)
    shell.run('ws.decide(answer="no", evidence="recording rag-index")')
    shell.run('ws.decide(answer="ram", evidence=["log 2026-W04", "recording rag-index"])')
    shell.run('ws.decide(answer="yes", evidence="worksheet memory_slots_free")')


def test_a_walk_starts_from_the_work(shell):
    shell.run("ws.decide(answer='yes')")
    assert "Say your work first" in shell.text

    shell.run(BEGIN)
    assert shell.text.startswith("Question 1: ")
    assert WORK in shell.text


def test_the_open_question_is_also_a_plain_list_with_calls(shell, equipped):
    shell.run(BEGIN)

    assert 'ws.decide(answer="no", evidence="recording rag-index")' in shell.text
    assert "Can rest on: recording, log" in shell.text
    assert "<details>" in shell.html


def test_an_answer_without_evidence_waits_and_says_what_to_collect(shell, course):
    shell.run(BEGIN)
    shell.run('ws.decide(answer="no")')

    assert "no evidence yet" in shell.text
    assert "Collect it first" in shell.text
    assert "ws.watch" in shell.text
    assert kept(course)["answers"] == [{"question": "teaches", "choice": "no", "evidence": []}]
    assert kept(course)["ending"] is None


def test_evidence_that_is_not_on_file_is_refused(shell, equipped):
    shell.run(BEGIN)
    shell.run('ws.decide(answer="no", evidence="recording invented")')

    assert "no evidence 'recording invented' on file" in shell.text
    assert "recording rag-index" in shell.text
    assert kept(equipped)["answers"] == []


def test_a_walk_with_evidence_ends_in_a_decision_and_what_waits(shell, equipped):
    walk_to_upgrade(shell)

    assert "(upgrade ram)" in shell.text
    assert "What should wait:" in shell.text
    assert "recording rag-index: python index.py ran from swap for 30 s." in shell.text
    document = kept(equipped)
    assert document["schema"] == "workstation.decision/1"
    assert (document["ending"]["decision"], document["ending"]["target"]) == ("upgrade", "ram")
    assert len(document["ending"]["path"]) == 3
    assert [cited["kind"] for cited in document["answers"][1]["evidence"]] == ["log", "recording"]


def test_the_walk_is_there_after_a_reload(shell, equipped, forms):
    walk_to_upgrade(shell)
    with ipython_shell() as again:
        again.run("import workstation as ws\nws.decide()")

        assert "(upgrade ram)" in again.text
    assert "(upgrade ram)" in forms[-1].asked.value


def test_an_answer_can_be_taken_back(shell, equipped):
    walk_to_upgrade(shell)
    shell.run("ws.decide(undo=True)")

    assert shell.text.startswith("Question 3: ")
    assert kept(equipped)["ending"] is None


def test_beginning_anew_keeps_the_older_walk(shell, equipped):
    walk_to_upgrade(shell)
    shell.run(f"ws.decide(again=True, workload={WORK!r})")

    older = json.loads((equipped / "evidence" / "decision-older-1.json").read_text("utf-8"))
    assert older["ending"]["decision"] == "upgrade"
    assert kept(equipped)["answers"] == []


def test_a_better_sentence_for_the_work_keeps_the_answers(shell, equipped):
    walk_to_upgrade(shell)
    shell.run("ws.decide(workload='For 5 months: RAG.')")

    assert kept(equipped)["workload"] == "For 5 months: RAG."
    assert kept(equipped)["ending"]["decision"] == "upgrade"


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        '{"schema": "other/1"}',
        '{"schema": "workstation.decision/1", "workload": 4, "answers": []}',
        '{"schema": "workstation.decision/1", "workload": "x", "answers": {}}',
        '{"schema": "workstation.decision/1", "workload": "x", "answers": [{"question": "cloud", "choice": "no"}]}',
        '{"schema": "workstation.decision/1", "workload": "x", "answers": [{"choice": "maybe", "evidence": []}]}',
        '{"schema": "workstation.decision/1", "workload": "x", "answers": [{"choice": "no", "evidence": [4]}]}',
    ],
)
def test_a_damaged_file_is_kept_aside_and_said(shell, course, text):
    path = course / "evidence" / "decision.json"
    path.write_text(text, encoding="utf-8")

    shell.run("ws.decide()")

    assert "decision-damaged-1.json" in shell.text
    assert (course / "evidence" / "decision-damaged-1.json").read_text("utf-8") == text
    shell.run(BEGIN)
    assert kept(course)["workload"] == WORK


# The form


def test_the_form_walks_from_the_work_to_the_end(shell, equipped, forms):
    shell.run("ws.decide()")
    form = forms[0]
    form.workload.value = WORK
    form.start.click()
    answers = [("recording rag-index", 1), ("log 2026-W04", 1), ("worksheet memory_slots_free", 0)]
    for cited, place in answers:
        form.evidence.value = cited
        assert form.says.value
        form.choices.children[place].click()

    assert "(upgrade ram)" in form.asked.value
    assert kept(equipped)["ending"]["decision"] == "upgrade"
    assert shell.published.outputs[-1]["update"]
    assert "(upgrade ram)" in shell.text


def test_the_form_offers_only_what_could_carry_an_answer(shell, equipped, forms):
    shell.run(BEGIN + "\nws.decide()")
    offered = {title.split()[0] for title in forms[0].evidence.options}

    assert offered == {"inventory", "recording", "log"}


def test_the_form_says_what_to_collect_where_nothing_is_cited(shell, course, forms):
    shell.run(BEGIN + "\nws.decide()")
    forms[0].choices.children[1].click()

    assert "Collect it first" in forms[0].said.value
    assert 'role="status"' in forms[0].said.value


def test_every_control_of_the_form_has_words(shell, equipped, forms):
    shell.run(BEGIN + "\nws.decide()")
    form = forms[0]

    controls = [form.workload, form.start, form.evidence, form.says, form.undo, form.again, *form.choices.children]
    assert all(control.description.strip() for control in controls)


def test_the_form_keeps_its_fields_from_question_to_question(shell, equipped, forms):
    """A keyboard would lose its place if the list of evidence were made anew."""
    shell.run(BEGIN + "\nws.decide()")
    before = forms[0].whole.children[1]
    forms[0].evidence.value = "recording rag-index"
    forms[0].choices.children[1].click()

    assert forms[0].whole.children[1] is before is forms[0].evidence


# Private names, hostile words, grading


def test_no_private_name_gets_into_the_file(shell, equipped, monkeypatch):
    monkeypatch.setattr("socket.gethostname", lambda: "amelias-tower")
    monkeypatch.setattr("getpass.getuser", lambda: "amelia")
    secret = f"on amelias-tower as amelia in {Path.home()}/x, /home/bob/y and C:\\Users\\bob at 10.1.2.3"
    shell.run(f"ws.decide(workload={'For 4 months ' + secret!r})")
    shell.run(f"ws.decide(answer='no', evidence='recording rag-index', says={secret!r})")
    text = (equipped / "evidence" / "decision.json").read_text("utf-8")

    for private in ("amelia", "bob", str(Path.home()), "10.1.2.3"):
        assert private not in text
    assert "For 4 months" in text


def test_hostile_words_stay_text(shell, equipped):
    shell.run(f"ws.decide(workload={HOSTILE!r})")
    shell.run(f"ws.decide(answer='no', evidence='recording rag-index', says={HOSTILE!r})")

    assert Page(shell.html).is_harmless()
    assert "<script>" in Page(shell.html).words


@pytest.mark.parametrize("running", ["autograde", "validate"])
def test_under_nbgrader_the_walk_is_shown_and_nothing_is_written(shell, equipped, monkeypatch, running):
    walk_to_upgrade(shell)
    before = (equipped / "evidence" / "decision.json").read_bytes()
    monkeypatch.setenv("NBGRADER_EXECUTION", running)
    shell.run("ws.decide(undo=True)")

    assert "(upgrade ram)" in shell.text
    assert (equipped / "evidence" / "decision.json").read_bytes() == before
