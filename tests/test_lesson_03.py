"""Lesson 03: its table, its stages, the set-ups of others, and the learner's own in three states."""

import re
from pathlib import Path

import nbformat
import pytest
from notebook_kit import ipython_shell

from workstation.catalog import load_catalog

ROOT = Path(__file__).resolve().parents[1]
NAME = "03-archetypes"
CATALOG = load_catalog()
PRACTICE = CATALOG.practice[NAME]
LESSON = nbformat.read(ROOT / f"course/{NAME}.ipynb", as_version=4)
PROSE = "\n\n".join(cell.source for cell in LESSON.cells if cell.cell_type == "markdown")
CODE = {cell.id: cell.source for cell in LESSON.cells if cell.cell_type == "code"}
FIRST = "%%answer my-archetype\n"
GOOD = (
    "Archetype: hybrid\n"
    "Because: My laptop does the daily notebooks at the kitchen table, and once a month I rent a GPU for a night.\n"
    "Matters most: portability"
)


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A real IPython shell in an empty folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    with ipython_shell() as started:
        started.run("import workstation as ws")
        yield started


# The lesson


def test_its_table_is_the_catalogues_and_is_not_typed_a_second_time(shell):
    shell.run(CODE["table"])

    for entry in CATALOG.archetypes.values():
        assert entry.best_for in shell.text
        assert entry.best_for not in PROSE
    assert "|" not in PROSE


def test_the_three_questions_end_at_every_archetype():
    asked = next(cell.source for cell in LESSON.cells if cell.id == "reading")
    ends = set(re.findall(r"(?<!\*)\*([\w -]+)\*(?!\*)", asked))

    assert ends == {"laptop-first", "single-GPU desktop", "cloud-first", "hybrid", "home server"}
    assert len(re.findall(r"^\d\. \*\*.+\?\*\*", asked, re.MULTILINE)) == 3


def test_others_set_ups_are_classified_before_the_own_one():
    played = re.findall(r'ws\.scenario\("([^"]+)"\)', "\n".join(CODE.values()))

    assert played == [scenario.id for scenario in CATALOG.scenarios.values() if scenario.lesson == NAME]
    assert len(played) >= 3
    assert list(CODE).index("my-archetype") > max(list(CODE).index(name) for name in CODE if "classify" in name)


def test_the_stages_stand_in_the_diagram_and_in_words():
    stages = next(cell.source for cell in LESSON.cells if cell.id == "stages")
    drawn, told = stages.split("The same in words")

    for words in (("laptop", "desktop", "home server"), ("API apps", "local inference", "vector store")):
        for part in (drawn, told):
            places = [part.index(word) for word in words]
            assert places == sorted(places)


def test_it_tells_of_the_laptop_that_stays_the_server_that_waits_and_the_cloud():
    for lead in (
        "**The laptop stays valuable.**",
        "**The server comes later.**",
        "**Cloud bursts go with any stage.**",
    ):
        assert lead in PROSE


# The own set-up: untouched, good, flawed


def test_the_untouched_lines_are_not_attempted(shell):
    shell.run(CODE["my-archetype"])

    assert shell.text.startswith("0 of 3 met.")
    assert shell.text.count("not attempted") == 3
    assert "<table" not in shell.html


def test_a_good_answer_gets_its_row_of_the_archetypes(shell):
    shell.run(FIRST + GOOD)
    entry = CATALOG.archetypes["hybrid"]

    assert shell.text.startswith("3 of 3 met.")
    for words in (entry.name, entry.best_for, entry.strengths, entry.limits):
        assert words in shell.text
        assert words in shell.html


@pytest.mark.parametrize("archetype", CATALOG.archetypes.values(), ids=list(CATALOG.archetypes))
def test_the_row_beside_an_answer_is_that_of_the_line_archetype(shell, archetype):
    """The reason may speak of other machines."""
    because = "the tower stands in the hall, and in the cloud I rent a GPU on Sundays."
    shell.run(f"{FIRST}Archetype: {archetype.id}\nBecause: {because}\nMatters most: sustained load")

    assert shell.html.count('<th scope="row">') == 1
    assert archetype.best_for in shell.text


@pytest.mark.parametrize(
    ("line", "flaw", "missed"),
    [
        ("Archetype: hybrid", "Archetype: laptop or desktop or server", "setup.known"),
        ("Archetype: hybrid", "Archetype: a powerful dream rig", "setup.known"),
        (r"Because: .+", "Because: it is great", "setup.because"),
        ("Matters most: portability", "Matters most: a low price", "setup.priority"),
    ],
)
def test_a_flawed_line_is_told_what_is_missing_and_hinted_at_in_steps(shell, line, flaw, missed):
    shell.run(FIRST + re.sub(line, flaw, GOOD))
    criterion = next(entry for entry in PRACTICE.criteria if entry.id == missed)

    assert shell.text.startswith("2 of 3 met.")
    assert f"{criterion.title}: not met" in shell.text
    assert "Next step:" in shell.text
    for hint in criterion.hints:
        shell.run('ws.hint("my-archetype")')
        assert hint in shell.text


def test_practice_speaks_of_no_points(shell):
    shell.run(FIRST + GOOD)

    assert "point" not in shell.text


def test_a_hostile_answer_is_escaped(shell):
    shell.run(f"{FIRST}Archetype: <img src=x onerror=alert(1)>\nBecause: <b>\nMatters most: portability")

    assert "<img" not in shell.html


def test_the_same_words_are_judged_alike_here_and_in_the_exercise(shell):
    """One judge for both: what is practised is what will be graded."""
    shell.run(FIRST + GOOD)
    practised = shell.text.count(": met")
    shell.run(f"%%answer archetype\n{GOOD}")

    assert practised == shell.text.count(": met") == 3
