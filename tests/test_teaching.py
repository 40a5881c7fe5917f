"""The page for teachers: minutes, cells, commands and files that it names are those of the course."""

import re

import pytest
from course_kit import ROOT, workstation
from lesson_lint import minutes, read_pages

from workstation.catalog import load_catalog
from workstation_grader.cli import main

TEXT = (ROOT / "autograder/TEACHING.md").read_text("utf-8")
PAGES = {page.name: page for page in read_pages(ROOT)}
NAME = re.compile(r"`([^`]+)`")


def section(heading: str) -> str:
    """Give the text below a heading."""
    return re.split(r"^## ", TEXT.split(f"## {heading}\n", 1)[1], maxsplit=1, flags=re.MULTILINE)[0]


def table(text: str) -> list[list[str]]:
    """Read the rows of a table."""
    return [line.strip("|").split("|") for line in text.splitlines() if line.startswith("| ")][2:]


def plans() -> dict[str, list[list[str]]]:
    """Read the pacing: the rows of each number of meetings."""
    parts = re.split(r"^\*\*(\w+ meetings?)\.\*\*", section("Pacing"), flags=re.MULTILINE)[1:]
    return {name: table(text) for name, text in zip(parts[::2], parts[1::2], strict=True)}


def test_there_is_a_pace_for_one_two_and_three_meetings():
    assert list(plans()) == ["One meeting", "Two meetings", "Three meetings"]


@pytest.mark.parametrize("plan", plans())
def test_a_pace_holds_every_page_once_and_its_minutes_are_the_printed_ones(plan):
    rows = plans()[plan]

    assert sorted(name for _, pages, _ in rows for name in NAME.findall(pages)) == sorted(PAGES)
    for when, pages, printed in rows:
        assert sum(sum(minutes(PAGES[name])) for name in NAME.findall(pages)) == int(printed), when


def test_each_misunderstanding_is_settled_in_a_cell_that_exists():
    rows = table(section("What learners get wrong, and what to ask"))
    cells = {f"{page.name}#{cell.id}" for page in PAGES.values() for cell in page.cells}

    assert len(rows) >= 12
    for _, question, cell in rows:
        assert "?" in question
        assert NAME.findall(cell)[0] in cells


def test_the_rubric_is_printed_by_the_command_that_the_page_gives(tmp_path, monkeypatch, capsys):
    command = re.search(r"^workstation-cohort (rubric .+)$", section("Marking on paper"), re.MULTILINE)[1]
    monkeypatch.chdir(tmp_path)

    assert main(command.split()) == 0
    exercise = load_catalog().exercises[command.split()[1]]
    page = (tmp_path / command.split()[-1]).read_text("utf-8")
    assert all(f"({entry.id})" in page for entry in exercise.criteria)


def test_every_exercise_is_named():
    assert [name for name in load_catalog().exercises if f"{name}" not in section("Marking on paper")] == []


def test_the_commands_for_other_ways_in_exist():
    for command in re.findall(r"`workstation ([a-z-]+)", section("Other ways in")):
        assert workstation(command, "--help").returncode == 0, command
    assert (ROOT / "tests/machines/documents").is_dir()


def test_every_file_of_evidence_that_the_packages_write_is_told():
    """A new kind of file has to be told to those whom it is about."""
    sources = [path for path in (ROOT / "helpers/workstation").rglob("*.py") if path.parent.name != "catalog"]
    constants = re.compile(r"^_?(?:[A-Z]+_)?FILE(?:, _?[A-Z_]*FILE)* = (.+)$", re.MULTILINE)
    named = {name for path in sources for line in constants.findall(path.read_text("utf-8"))
             for name in re.findall(r'"([a-z-]+\.jsonl?)"', line)}  # fmt: skip

    assert {"inventory.json", "predictions.jsonl", "learner.json"} <= named
    assert {name for name in named if name not in section("Data: what there is, and how it goes away")} == set()
