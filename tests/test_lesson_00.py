"""Lesson 00: its diagram in words, its questions to open and what it has to name; its shape is held for all lessons."""

import re
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).resolve().parents[1]
LESSON = ROOT / "course/00-start-here.ipynb"


@pytest.fixture(scope="module")
def lesson():
    """The lesson as it is committed."""
    return nbformat.read(LESSON, as_version=4)


@pytest.fixture(scope="module")
def prose(lesson) -> str:
    """Its Markdown, in order."""
    return "\n\n".join(cell.source for cell in lesson.cells if cell.cell_type == "markdown")


def code_cells(lesson) -> list[str]:
    """Its code."""
    return [cell.source for cell in lesson.cells if cell.cell_type == "code"]


def section(prose: str, heading: str) -> str:
    """The text below a heading, up to the next one."""
    return re.split(r"^#+ ", prose.split(heading, 1)[1], maxsplit=1, flags=re.MULTILINE)[0]


def test_it_shows_the_card_the_surprise_and_where_hints_are(lesson, prose):
    named = set(re.findall(r"\bws\.(\w+)", "\n".join([prose, *code_cells(lesson)])))

    assert {"inventory", "surprise", "hint"} <= named


def test_the_diagrams_steps_are_the_steps_in_words(prose):
    diagram = re.search(r"```mermaid\n(.*?)```", prose, re.DOTALL)[1]

    steps = re.findall(r'\["(.+?)"\]', diagram)
    in_words = re.findall(r"^\d\. \*\*(.+?)\*\*", section(prose, "## The way through the course"), re.MULTILINE)
    assert [step.replace("<br>", " ") for step in steps] == in_words


def test_the_self_check_has_three_questions_with_answers_to_open(prose):
    check = section(prose, "## Check yourself")

    assert re.findall(r"^\*\*(\d)\.\*\*", check, re.MULTILINE) == ["1", "2", "3"]
    assert len(re.findall(r"<details>\n<summary>.+</summary>\n\n.+\n\n</details>", check)) == 3
