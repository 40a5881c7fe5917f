"""The table of course/README.md: everything that the module's plan asks for, with cells and criteria that exist."""

import re
from collections import Counter
from fnmatch import fnmatch

import pytest
from course_kit import ROOT
from lesson_lint import read_pages

from workstation.catalog import load_catalog

# How many of each kind the module's plan has. Kinds that it does not count are listed under `text`.
COUNTED = {
    "outcome": 5, "table": 7, "diagram": 4, "prompt": 3, "commands": 4, "worked example": 6, "did you know": 4,
    "mistake": 8, "scenario": 8, "exercise": 7, "checklist": 27, "success": 6, "next module": 3, "source": 6,
}  # fmt: skip
CHECKLIST = {1: 3, 2: 3, 3: 4, 4: 4, 5: 4, 6: 4, 7: 5}
PRACTISED = set(COUNTED) - {"next module", "source"} | {"text"}
GRADED = {"outcome", "exercise", "checklist", "success", "scenario", "mistake", "prompt", "worked example"}
NAME = re.compile(r"`([^`]+)`")

CELLS = {f"{page.name}#{cell.id}" for page in read_pages(ROOT) for cell in page.cells}
CRITERIA = {entry.id for exercise in load_catalog().exercises.values() for entry in exercise.criteria}


def rows() -> list[tuple[str, ...]]:
    """Read the table: kind, what, taught, practised, graded."""
    text = (ROOT / "course/README.md").read_text("utf-8")
    lines = [line for line in text.splitlines() if line.startswith("| ")][2:]
    return [tuple(cell.strip() for cell in line.strip("|").split("|")) for line in lines]


ROWS = rows()


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row[0]}: {row[1]}")
def test_the_cells_and_the_criteria_of_a_row_exist(row):
    kind, _, taught, practised, graded = row
    criteria = NAME.findall(graded)

    assert set(NAME.findall(taught) + NAME.findall(practised)) <= CELLS
    assert [name for name in criteria if not any(fnmatch(known, name) for known in CRITERIA)] == []
    assert NAME.findall(taught)
    assert NAME.findall(practised) or kind not in PRACTISED
    assert criteria or kind not in GRADED


def test_nothing_of_the_plan_is_missing_or_stands_twice():
    assert Counter(row[0] for row in ROWS if row[0] != "text") == COUNTED
    assert len({row[:2] for row in ROWS}) == len(ROWS)


@pytest.mark.parametrize(("step", "items"), CHECKLIST.items())
def test_each_step_of_the_exercise_has_all_its_checklist_items(step, items):
    assert len([row for row in ROWS if row[0] == "checklist" and row[1].startswith(f"step {step}:")]) == items


def test_every_criterion_stands_in_some_row():
    """A criterion that nothing asks for would grade what nobody taught."""
    named = {name for row in ROWS for name in NAME.findall(row[4])}

    assert {known for known in CRITERIA if not any(fnmatch(known, name) for name in named)} == set()


def test_every_lesson_is_in_the_table():
    taught = {name.partition("#")[0] for row in ROWS for name in NAME.findall(row[2] + row[3])}

    assert {page.name for page in read_pages(ROOT) if page.path.startswith("course/")} <= taught


def test_the_mistakes_and_scenarios_of_the_catalogue_are_as_many_as_the_table_has():
    review = [entry for entry in load_catalog().scenarios.values() if entry.lesson == "10-review"]

    assert (len(load_catalog().mistakes), len(review)) == (COUNTED["mistake"], COUNTED["scenario"])


def test_every_scenario_of_the_review_is_put_in_the_cell_that_its_row_names():
    sources = {f"{page.name}#{cell.id}": cell.source for page in read_pages(ROOT) for cell in page.cells}
    put = [sources[name] for row in ROWS if row[0] == "scenario" for name in NAME.findall(row[3])[:1]]

    for entry in load_catalog().scenarios.values():
        assert entry.lesson != "10-review" or any(f'"{entry.id}"' in source for source in put), entry.id
