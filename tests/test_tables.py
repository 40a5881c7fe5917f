"""`ws.table`: every table of the catalogue as a card, with the same in plain text."""

import subprocess
import sys
from dataclasses import fields
from html import escape, unescape

import pytest
from notebook_kit import ipython_shell

from workstation.catalog import load_catalog
from workstation.notebook.tables import TABLES, rows_of

CATALOG = load_catalog()
# What the tables hold, by the source's columns: the entry's fields in order, the first of them what the row is called.
HOLDS = {
    "families": ("name", "primary_text", "secondary_text", "local_fit"),
    "constraints": ("name", "controls", "healthy_question", "symptom_when_undersized"),
    "archetypes": ("name", "best_for", "strengths", "limits"),
    "decisions": ("name", "choose_when", "avoid_when", "risk"),
    "bands": ("name", "entry", "comfortable", "heavy"),
    "symptoms": ("name", "constraint_text", "first_fixes"),
    "mistakes": ("name", "harm", "better_move"),
    "metrics": ("id", "name", "unit", "week"),
}


@pytest.fixture
def shell(tmp_path, monkeypatch: pytest.MonkeyPatch):
    """A real IPython shell in an empty folder."""
    monkeypatch.chdir(tmp_path)
    with ipython_shell() as started:
        started.run("import workstation as ws")
        yield started


def entries(name: str) -> list:
    """The rows that a table has to show."""
    every = getattr(CATALOG, name).values()
    return [entry for entry in every if name != "constraints" or entry.has_instrument]


def test_every_table_of_the_design_can_be_drawn_and_no_other():
    assert list(TABLES) == list(HOLDS)


@pytest.mark.parametrize("name", HOLDS)
def test_a_table_holds_every_cell_of_every_row_in_both_forms(shell, name):
    shell.run(f'ws.table("{name}")')
    rows = entries(name)

    assert shell.html.count('<th scope="row">') == len(rows) > 0
    assert shell.html.count('<th scope="col">') == len(HOLDS[name]) == len(TABLES[name].columns)
    for entry in rows:
        for field in HOLDS[name]:
            value = getattr(entry, field)
            for words in [value] if isinstance(value, str) else value:
                assert escape(words) in shell.html
                assert words in shell.text


@pytest.mark.parametrize("name", HOLDS)
def test_a_caption_names_the_table_and_opens_its_twin(shell, name):
    shell.run(f'ws.table("{name}")')
    caption = unescape(shell.html.partition("<caption>")[2].partition("</caption>")[0])

    assert shell.text.startswith(f"{caption}:")
    assert f"{len(entries(name))}" in caption


def test_the_constraints_are_the_sources_seven_in_its_order():
    """The others can be named in an answer, but nothing measures them."""
    assert [entry.id for entry in entries("constraints")] == [
        "vram", "ram", "storage", "thermals", "power-expansion", "cpu", "network",
    ]  # fmt: skip


def test_the_workload_table_has_two_names(shell):
    shell.run("ws.families()")
    shell.run('ws.table("families")')

    assert shell.cards[-1] == shell.cards[-2]


@pytest.mark.parametrize(("asked", "nearest"), [("constraint", "constraints"), ("Archetype", "archetypes"), ("", "")])
def test_a_table_that_is_none_names_those_there_are_the_nearest_first(shell, asked, nearest):
    shell.run(f'ws.table("{asked}")')

    assert f"There is no table {asked!r}. Tables, the nearest first: {nearest}" in shell.text
    assert all(name in shell.text for name in HOLDS)


def test_a_table_is_shown_while_it_is_graded_too(shell, monkeypatch):
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    shell.run('ws.table("bands")')

    assert CATALOG.bands["ram"].comfortable in shell.text


def test_what_the_catalogue_says_is_escaped():
    entry = CATALOG.mistakes["model-hype"]
    changed = type(entry)(**{field.name: "<b>&" for field in fields(entry)} | {"id": "x"})

    drawn = rows_of(TABLES["mistakes"].columns, [changed], "<caption>")

    assert "<b>" not in drawn.html
    assert "<b>&" in drawn.text


def test_in_a_bare_python_the_table_is_printed(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", 'import workstation as ws; ws.table("symptoms")'],
        capture_output=True, text=True, check=True, cwd=tmp_path,
    )  # fmt: skip

    assert done.stderr == ""
    assert CATALOG.symptoms["part-does-not-fit"].name in done.stdout
