"""`ws.progress` and `workstation progress`: what is answered, page by page, and nothing that nobody can know."""

import json

import pytest
from notebook_kit import ipython_shell
from planning_notebook_kit import HOSTILE, Page, exercise, working_copy

from workstation import materials
from workstation.answers.prediction_store import PREDICTIONS_FILE, SELF_CHECKS_FILE, append
from workstation.answers.predictions import Prediction
from workstation.catalog import load_catalog
from workstation.cli import main
from workstation.notebook.progress_facts import UNMARKED, gather_progress
from workstation.notebook.progress_model import PARTS, Progress, Unit, parts_of, sentence, steps_of
from workstation.notebook.progressing import NOT_KNOWN, progress_card

CATALOG = load_catalog()
FIRST = "01-workload-first"


@pytest.fixture
def course(tmp_path, monkeypatch):
    root = working_copy(tmp_path / "my copy")
    monkeypatch.chdir(root / "course")
    return root


@pytest.fixture
def shell(course):
    del course
    with ipython_shell() as started:
        started.run("import workstation as ws")
        yield started


def units(root):
    return {unit.id: unit for unit in gather_progress(root).units}


def parts(unit):
    return {part.kind: (part.done, part.asked) for part in unit.parts}


def keep(root, file, name):
    entry = Prediction(id=name, question="?", unit=None, predicted="ram", predicted_at="2026-01-01T00:00:00Z")
    append(root / "evidence" / file, entry)


# What a page asks for


@pytest.mark.parametrize(
    ("source", "kind", "count"),
    [
        ('ws.predict("kv", "How many?", unit="GiB")', "prediction", 1),
        ('ws.self_check("01-workload-first")', "self-check", 3),
        ('ws.scenario("used-bargain")', "scenario", 1),
        ("ws.match_mistakes()", "match", len(CATALOG.mistakes)),
        ("%%answer workload-sentence\nFor the next ...", "own-words", 1),
        ("ws.decide()", "walk", 1),
        ('ws.demo.ram(limit="1GiB")', "prediction", 1),
    ],
)
def test_a_cell_asks_for_what_its_call_asks_for(source, kind, count):
    assert [step.kind for step in steps_of([source], CATALOG)] == [kind] * count


@pytest.mark.parametrize(
    "source", ["import workstation as ws", "ws.inventory()", "other.predict('a')", "((", "ws.predict(name)"]
)
def test_other_cells_ask_for_nothing(source):
    assert steps_of([source], CATALOG) == []


def test_what_is_asked_twice_is_counted_once():
    steps = steps_of(['ws.predict("kv", "?", unit="GiB")'] * 2, CATALOG)

    assert [(part.done, part.asked) for part in parts_of(steps, frozenset())] == [(0, 1)]


def test_a_match_counts_once_both_of_its_letters_are_there():
    steps = steps_of(["ws.match_mistakes()"], CATALOG)
    name = next(iter(CATALOG.mistakes))

    assert parts_of(steps, frozenset({f"mistake.{name}.harm"}))[0].done == 0
    assert parts_of(steps, frozenset({f"mistake.{name}.harm", f"mistake.{name}.move"}))[0].done == 1


# A working copy


def test_without_evidence_everything_stands_at_nothing(course):
    found = units(course)

    assert list(found) == [*materials.lesson_names(), *CATALOG.exercises]
    assert sum(unit.done for unit in found.values()) == 0
    assert found[FIRST].state == "not begun"


def test_each_answer_is_counted_where_it_was_asked_for(shell, course):
    shell.run('ws.predict("first-to-diverge", "?", choices=("cpu", "ram", "vram"), value="ram")')
    shell.run('ws.self_check("01-workload-first", 2, "a")')
    shell.run('ws.scenario("used-bargain", "b")')
    shell.run('ws.match_mistakes(1, harm="a", move="b")')
    found = units(course)

    assert parts(found[FIRST]) == {"prediction": (1, 1), "self-check": (1, 3), "own-words": (0, 1)}
    assert parts(found["10-review"])["scenario"] == (1, 8)
    assert parts(found["10-review"])["match"] == (1, 8)
    assert found[FIRST].state == "begun"


def test_a_recorded_demonstration_answers_the_same_question(course):
    keep(course, PREDICTIONS_FILE, "demo-ram-recorded")

    assert parts(units(course)["02-five-constraints"])["prediction"][0] == 1


def test_a_lessons_own_words_count_once_they_are_more_than_the_template(course):
    path = course / "course" / f"{FIRST}.ipynb"
    for text, done in (("For the next ... months I will ...", 0), ("For four months I will search my notes.", 1)):
        written = exercise(course, "constraint-summary", workload_sentence=text)
        path.write_bytes(written.read_bytes())
        assert parts(units(course)[FIRST])["own-words"] == (done, 1)


def test_an_exercise_counts_its_filled_fields_and_its_inventory(course):
    exercise(course, "constraint-summary", workload="RAG for four months.", archetype="Archetype: hybrid\nBecause:")
    (course / "exercises/constraint-summary/evidence").mkdir()
    (course / "exercises/constraint-summary/evidence/inventory.json").write_text("{}", encoding="utf-8")

    assert parts(units(course)["constraint-summary"]) == {"field": (2, 11), "evidence": (1, 1)}


def test_an_exercise_that_the_class_handed_out_is_found(course):
    path = exercise(course, "constraint-summary", workload="RAG for four months.")
    fetched = course / "class" / "constraint-summary" / path.name
    fetched.parent.mkdir(parents=True)
    path.rename(fetched)

    assert units(course)["constraint-summary"].done == 1


def test_a_copy_that_was_moved_is_read_where_it_is_now(course, tmp_path, monkeypatch):
    keep(course, SELF_CHECKS_FILE, "what-comes-first")
    monkeypatch.chdir(tmp_path)
    moved = course.rename(tmp_path / "elsewhere")
    monkeypatch.chdir(moved / "course")

    with ipython_shell() as started:
        started.run("import workstation as ws\nws.progress()")
        assert "1 of 3 self-check questions" in started.text


@pytest.mark.parametrize("file", [PREDICTIONS_FILE, SELF_CHECKS_FILE, "decision.json"])
@pytest.mark.parametrize("content", [b"\xff\xfe{", b"[[[[", b"null\n" * 10])
def test_a_damaged_file_is_said_and_costs_no_other(course, file, content):
    exercise(course, "constraint-summary", workload="RAG for four months.")
    (course / "evidence" / file).write_bytes(content)
    found = gather_progress(course)

    assert any(file in problem for problem in found.problems)
    assert any(unit.done for unit in found.units)
    assert (course / "evidence" / file).read_bytes() == content


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"cells": 4}'])
def test_a_damaged_notebook_is_said(course, content):
    exercise(course, "constraint-summary", workload="x").write_bytes(content)

    assert any("constraint-summary.ipynb" in problem for problem in gather_progress(course).problems)


def test_a_link_in_the_files_place_is_not_followed(course, tmp_path):
    (tmp_path / "mine.jsonl").write_text("{}", encoding="utf-8")
    (course / "evidence" / SELF_CHECKS_FILE).symlink_to(tmp_path / "mine.jsonl")

    assert any(SELF_CHECKS_FILE in problem for problem in gather_progress(course).problems)


# How it is said


def test_the_card_and_its_twin_tell_the_same(shell, course):
    shell.run("ws.progress()")
    found = gather_progress(course)

    for unit in found.units:
        assert unit.title in Page(shell.html).words
        assert unit.title in shell.text
    assert NOT_KNOWN in shell.text
    assert 'scope="row"' in shell.html


def test_a_page_without_questions_is_called_neither_done_nor_open():
    unit = Unit(id="00", title="Start", is_exercise=False, parts=())

    assert unit.state == "nothing to answer"
    assert "0 of 0" in sentence(Progress(units=(unit,)))


def test_every_kind_has_its_words():
    assert all(one and several for one, several in PARTS.values())


def test_a_hostile_title_stays_text():
    found = Progress(units=(Unit(id="00", title=HOSTILE, is_exercise=False, parts=()),), problems=(HOSTILE,))

    assert Page(progress_card(found).html).is_harmless()


def test_under_nbgrader_nothing_is_shown(shell, monkeypatch):
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    shell.run("ws.progress()")

    assert shell.cards == []


def test_the_terminal_says_it_in_words_and_as_json(course, capsys):
    keep(course, SELF_CHECKS_FILE, "what-comes-first")

    assert main(["progress", "--dir", str(course)]) == 0
    assert "1 of 3 self-check questions" in capsys.readouterr().out
    assert main(["progress", "--json", "--dir", str(course)]) == 0
    document = json.loads(capsys.readouterr().out)
    first = next(unit for unit in document["units"] if unit["id"] == FIRST)
    assert document["schema"] == "workstation.progress/1"
    assert first["parts"]["self-check"] == {"answered": 1, "asked": 3}


def test_a_folder_without_the_mark_of_a_working_copy_is_told_so(course, tmp_path, capsys):
    assert UNMARKED not in gather_progress(course).problems
    assert main(["progress", "--dir", str(tmp_path)]) == 0
    assert UNMARKED in capsys.readouterr().out


def test_a_folder_that_is_not_there_is_refused_in_a_sentence(tmp_path, capsys):
    assert main(["progress", "--dir", str(tmp_path / "none")]) == 2
    assert "--dir" in capsys.readouterr().err
