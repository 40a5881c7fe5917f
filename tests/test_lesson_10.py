"""Lesson 10: what it covers, and the success check that reads the learner's own files."""

import re
from pathlib import Path

import nbformat
import pytest
from inventory_kit import small
from notebook_kit import ipython_shell
from planning_notebook_kit import HOSTILE, Page, exercise, working_copy
from report_kit import decide, recorded

from workstation import catalog
from workstation.catalog import load_catalog
from workstation.catalog._success import load_success, load_success_from
from workstation.errors import CatalogError
from workstation.notebook.success_checking import SAVED_ONLY, success_card
from workstation.notebook.success_facts import Success, Told, gather_success

ROOT = Path(__file__).resolve().parents[1]
NAME = "10-review"
LESSON = ROOT / f"course/{NAME}.ipynb"
SIX = (
    "work-and-set-up", "facts-on-record", "first-bottleneck", "what-waits", "one-next-step", "evidence-decides",
)  # fmt: skip
SUMMARY = """Workload: RAG over recipes
Archetype: laptop-first
Likely first bottleneck: RAM
Evidence: swap rose to 3 GiB while indexing
Second likely bottleneck: storage
Keep, upgrade, cloud, or hybrid: keep
Next action: log RAM every week"""


@pytest.fixture(scope="module")
def lesson():
    return nbformat.read(LESSON, as_version=4)


@pytest.fixture(scope="module")
def prose(lesson):
    return "\n\n".join(cell.source for cell in lesson.cells if cell.cell_type == "markdown")


@pytest.fixture(scope="module")
def order(lesson):
    return [cell.id for cell in lesson.cells]


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


def rows(root):
    return {row.id: row for row in gather_success(root).told}


def shown(root):
    return [row.id for row in gather_success(root).told if row.state == "shown"]


# The lesson


def test_it_plays_each_of_the_eight_scenarios_once(lesson):
    played = re.findall(r'ws\.scenario\("([\w-]+)"\)', "\n".join(cell.source for cell in lesson.cells))

    assert sorted(played) == sorted(entry.id for entry in load_catalog().scenarios.values() if entry.lesson == NAME)
    assert len(played) == 8


def test_two_scenarios_count_in_its_minutes_and_the_others_are_marked_optional(lesson, order):
    optional = order.index("more-scenarios")

    assert "(optional)" in lesson.cells[optional].source
    assert [name for name in order[:optional] if name.startswith("scenario-")] == ["scenario-context", "scenario-flat"]
    assert sum(name.startswith("scenario-") for name in order[optional:]) == 6


def test_it_predicts_before_it_checks(order):
    assert order.index("mistakes") < order.index("match") < order.index("success") < order.index("success-check")


def test_every_surprise_says_where_to_read_or_look_on(prose):
    told = prose.split("## Four things")[1].split("\n## ")[0]
    surprises = re.findall(r"^- (.+)$", told, re.MULTILINE)

    assert len(surprises) == 4
    assert all("](" in each for each in surprises)


def test_every_outside_source_is_further_reading_and_none_is_needed(prose):
    outside = set(re.findall(r"\]\((https://[^)]+)\)", prose))

    assert len(outside) == 6
    assert "Nothing in the course needs them." in prose


def test_the_next_subjects_and_both_exercises_are_named(prose):
    for words in ("CUDA and ROCm", "notebook to project", "help you write code", "symptom-mapping", "staged-plan"):
        assert words in prose


# The success criteria


def test_there_are_six_and_each_says_where_it_comes_from():
    found = load_success()

    assert tuple(found) == SIX
    assert all("exercises/" in entry.how or "ws." in entry.how for entry in found.values())


def test_every_way_is_one_of_the_three_exercises_or_the_walk():
    ways = [way for entry in load_success().values() for way in entry.ways]

    assert {way.exercise for way in ways} <= {None, "constraint-summary", "symptom-mapping", "staged-plan"}


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('criteria = ["summary.first-bottleneck"]', 'criteria = ["summary.no-such"]', "no criterion"),
        ('criteria = ["summary.first-bottleneck"]', 'criteria = ["summary.next-action"]', "judged at work"),
        ('criteria = ["summary.first-bottleneck"]', "criteria = []", "needs criteria"),
        ("walk = true", 'exercise = "staged-plan"\nwalk = true', "one of the two"),
        ("shown_by", "shown_buy", "unknown key"),
    ],
)
def test_a_broken_criterion_is_refused_by_its_entry(tmp_path, old, new, problem):
    text = (Path(catalog.__file__).parent / "success.toml").read_text("utf-8")
    assert old in text
    (tmp_path / "success.toml").write_text(text.replace(old, new), encoding="utf-8")

    with pytest.raises(CatalogError, match=rf"success\.toml.*{problem}"):
        load_success_from(tmp_path)


def test_an_empty_copy_shows_nothing_and_says_where_each_comes_from(course):
    found = rows(course)

    assert shown(course) == []
    assert all(row.missing and row.how for row in found.values())
    assert "nothing of it is saved yet" in found["first-bottleneck"].missing[0]


def test_an_inventory_on_file_shows_the_facts(course):
    small().save(course / "evidence" / "inventory.json")

    assert shown(course) == ["facts-on-record"]


def test_a_damaged_inventory_shows_nothing(course):
    (course / "evidence" / "inventory.json").write_bytes(b'{"schema": ')

    assert shown(course) == []


def test_a_saved_constraint_summary_shows_what_it_says_and_no_more(course):
    exercise(
        course,
        "constraint-summary",
        workload="For the next four months I will build RAG over my recipes, with embeddings.",
        archetype="Archetype: laptop-first\nBecause: I carry one laptop between home and school every day",
        constraint_summary=SUMMARY,
    )

    assert shown(course) == ["work-and-set-up", "first-bottleneck", "one-next-step", "evidence-decides"]
    assert "constraint summary" in rows(course)["first-bottleneck"].by


def test_what_is_half_there_is_told_with_what_is_missing(course):
    exercise(
        course,
        "constraint-summary",
        workload="I will build RAG over my recipes, with embeddings.",
        archetype="Archetype: laptop-first\nBecause: I carry one laptop between home and school every day",
    )
    row = rows(course)["work-and-set-up"]
    horizon = next(
        entry.title
        for entry in load_catalog().exercises["constraint-summary"].criteria
        if entry.id == "workload.horizon"
    )

    assert row.state == "not yet"
    assert [words.startswith(horizon) for words in row.missing] == [True]


def test_a_walk_at_its_end_shows_a_decision_that_rests_on_evidence(shell, course, monkeypatch):
    recorded(course, "rag-index", monkeypatch)
    decide(shell)

    assert shown(course) == ["one-next-step", "evidence-decides"]
    assert "Keep the current machine" in rows(course)["one-next-step"].by


def test_a_damaged_walk_and_a_damaged_notebook_are_said(course):
    (course / "evidence" / "decision.json").write_bytes(b"[[[")
    exercise(course, "constraint-summary", workload="x").write_bytes(b"{")
    found = gather_success(course)

    assert any("decision.json" in problem for problem in found.problems)
    assert any("constraint-summary.ipynb" in problem for problem in found.problems)
    assert [row.id for row in found.told if row.state == "shown"] == []


def test_the_card_and_its_twin_tell_the_same(shell, course):
    small().save(course / "evidence" / "inventory.json")
    shell.run("ws.success_check()")

    assert shell.text.startswith("1 of 6 show in what you have on file.")
    for entry in load_success().values():
        assert entry.says in Page(shell.html).words
        assert entry.says in shell.text
    assert SAVED_ONLY in shell.text


def test_hostile_words_stay_text(course):
    row = Told(id="x", says="I can", state="not yet", missing=(HOSTILE,), how="Here.")

    assert Page(success_card(Success(told=(row,), problems=(HOSTILE,))).html).is_harmless()


def test_all_six_are_said_in_a_sentence_of_their_own():
    told = tuple(Told(id=name, says=name, state="shown", by="it") for name in SIX)

    assert success_card(Success(told=told)).text.startswith("All 6 show")


def test_under_nbgrader_nothing_is_shown(shell, monkeypatch):
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    shell.run("ws.success_check()")

    assert shell.cards == []
