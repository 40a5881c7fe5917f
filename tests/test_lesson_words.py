"""What the course's pages say of themselves: every name that a card may use is there, and how to stop and go back."""

import json
import re
from pathlib import Path

import pytest

from workstation.answers.html import IN_REVIEW, PENDING_AT_GRADING
from workstation.answers.prose import plain
from workstation.catalog import load_catalog

ROOT = Path(__file__).resolve().parent.parent
EXERCISE = ROOT / "exercises/constraint-summary/constraint-summary.ipynb"
CATALOG = load_catalog()


def cells(path):
    return {cell["id"]: "".join(cell["source"]) for cell in json.loads(path.read_text("utf-8"))["cells"]}


def words(path):
    return " ".join("\n".join(cells(path).values()).split())


@pytest.mark.parametrize(
    ("step", "kind"),
    [("step-1", "families"), ("step-2", "archetypes"), ("step-2", "priorities"), ("step-4", "constraints")],
)
def test_the_exercise_names_everything_that_its_cards_choose_from(step, kind):
    """A learner who has only the exercise can answer it; the names are the catalogue's."""
    text = cells(EXERCISE)[step].casefold()

    assert [entry.name for entry in getattr(CATALOG, kind).values() if entry.name.casefold() not in text] == []


def test_the_exercise_shows_the_workload_table_before_it_asks_for_the_work():
    """Generated from the catalogue, not typed a second time; step 4 sends back to it."""
    found = cells(EXERCISE)

    assert list(found.values()).index("ws.families()") < list(found).index("answer-workload")
    assert "workload table in step 1" in found["step-4"]
    assert [family.primary_text for family in CATALOG.families.values() if family.primary_text in found["step-1"]] == []


@pytest.mark.parametrize(
    "told",
    [
        "a number below it",
        "*Validate*",
        PENDING_AT_GRADING.partition(" ")[2],
        "File → Shut Down",
        "`ws` is not defined",
    ],
)
def test_the_exercise_explains_what_a_newcomer_stumbles_over(told):
    assert told in words(EXERCISE)


@pytest.mark.parametrize("told", ["*Validate*", "File → Shut Down", ".kept-", "`ws` is not defined", IN_REVIEW])
def test_the_first_lesson_explains_what_a_newcomer_stumbles_over(told):
    assert told in words(ROOT / "course/00-start-here.ipynb")


@pytest.mark.parametrize("path", [*sorted((ROOT / "course").glob("*.ipynb")), EXERCISE], ids=lambda path: path.stem)
def test_what_waits_for_a_person_has_one_name_everywhere(path):
    assert "needs review" not in words(path).casefold()


@pytest.mark.parametrize("path", [*sorted((ROOT / "course").glob("*.ipynb")), EXERCISE], ids=lambda path: path.stem)
def test_each_backtick_in_a_page_has_its_partner(path):
    prose = re.sub(r"```.*?```", "", "\n".join(cells(path).values()), flags=re.DOTALL)

    assert "`" not in plain(prose)
