"""Lesson 00: its shape, its links, and that what it names exists."""

import ast
import re
from pathlib import Path

import nbformat
import pytest

import workstation

ROOT = Path(__file__).resolve().parents[1]
LESSON = ROOT / "course/00-start-here.ipynb"
MAX_LINES = 8


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


def bullets(text: str) -> list[str]:
    """The items of its lists."""
    return re.findall(r"^- (.+)$", text, re.MULTILINE)


def test_it_is_valid_and_holds_nothing_but_what_is_allowed(lesson):
    nbformat.validate(lesson)
    assert lesson.metadata == {
        "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    assert [cell.metadata for cell in lesson.cells] == [{}] * len(lesson.cells)
    assert not any(cell.get("outputs") or cell.get("execution_count") for cell in lesson.cells)


def test_code_cells_are_short_and_hold_no_logic(lesson):
    """Logic lives in the package; a cell ends in the value to look at, or it is the import."""
    for source in code_cells(lesson):
        tree = ast.parse(source)
        assert len(source.split("\n")) <= MAX_LINES
        assert isinstance(tree.body[-1], ast.Expr | ast.Import)
        assert not [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.For | ast.If | ast.While)]


def test_every_name_that_the_course_offers_here_exists(lesson, prose):
    named = set(re.findall(r"\bws\.(\w+)", "\n".join([prose, *code_cells(lesson)])))

    assert {"inventory", "surprise", "hint"} <= named <= set(workstation.__all__)


def test_every_link_leads_to_a_file_of_the_course(prose):
    targets = re.findall(r"\]\(([^)#]+)\)", prose)

    assert targets
    for target in targets:
        assert (LESSON.parent / target).resolve().is_file(), target


def test_the_recap_mirrors_the_goals(prose):
    goals = bullets(section(prose, "After this lesson you can"))
    recap = bullets(section(prose, "## What you can do now"))

    assert len(goals) == len(recap) == 4


def test_it_says_how_long_it_takes_and_what_it_runs(prose):
    assert re.search(r"\*\*Time:\*\* \d+ minutes to read, \d+ minutes to do\.", prose)
    assert "**What it runs on your machine:**" in prose


def test_the_diagram_has_a_name_a_description_and_a_text_equivalent(prose):
    diagram = re.search(r"```mermaid\n(.*?)```", prose, re.DOTALL)[1]

    assert "accTitle: " in diagram
    assert "accDescr: " in diagram
    steps = re.findall(r'\["(.+?)"\]', diagram)
    in_words = re.findall(r"^\d\. \*\*(.+?)\*\*", section(prose, "## The way through the course"), re.MULTILINE)
    assert [step.replace("<br>", " ") for step in steps] == in_words


def test_the_self_check_has_three_questions_with_answers_to_open(prose):
    check = section(prose, "## Check yourself")

    assert re.findall(r"^\*\*(\d)\.\*\*", check, re.MULTILINE) == ["1", "2", "3"]
    assert len(re.findall(r"<details>\n<summary>.+</summary>\n\n.+\n\n</details>", check)) == 3
