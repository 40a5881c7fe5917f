"""The printable rubric: whatever the catalogue says, in its order, and nothing else."""

from dataclasses import replace
from html.parser import HTMLParser

import pytest

from workstation.catalog import load_catalog
from workstation_grader.cli import main
from workstation_grader.rubric import rubric_html, rubric_markdown

EXERCISES = load_catalog().exercises


class Table(HTMLParser):
    """Collects the text of every cell."""

    def __init__(self):
        super().__init__()
        self.cells = []

    def handle_starttag(self, tag, _attributes):
        """Begin a cell."""
        if tag == "td":
            self.cells.append("")

    def handle_data(self, data):
        """Take the text of the cell."""
        if self.cells:
            self.cells[-1] += data


@pytest.mark.parametrize("name", sorted(EXERCISES))
def test_every_criterion_stands_in_it_with_its_points_and_when_it_is_judged(name):
    text = rubric_markdown(EXERCISES[name])

    rows = [line for line in text.splitlines() if line.endswith("|  |")]
    assert len(rows) == len(EXERCISES[name].criteria)
    for entry in EXERCISES[name].criteria:
        when = "at grading" if entry.at_grading else "at once"
        assert f"| {entry.title} ({entry.id}) | {entry.points:g} | {when} |  |" in rows


@pytest.mark.parametrize("name", sorted(EXERCISES))
def test_the_page_for_printing_holds_the_same(name):
    page = Table()
    page.feed(rubric_html(EXERCISES[name]))

    assert [cell.strip() for cell in page.cells[::4]] == [
        f"{entry.title} ({entry.id})"
        for form in EXERCISES[name].answers
        for entry in EXERCISES[name].criteria
        if entry.answer == form.id
    ]


def test_a_title_cannot_break_the_table_or_the_page():
    exercise = EXERCISES["constraint-summary"]
    odd = replace(exercise, criteria=(replace(exercise.criteria[0], title="<b>a | b"),))

    assert "| <b>a \\| b (" in rubric_markdown(odd)
    assert "&lt;b&gt;a | b" in rubric_html(odd)


def test_the_command_prints_it(capsys):
    assert main(["rubric", "constraint-summary"]) == 0
    assert capsys.readouterr().out == rubric_markdown(EXERCISES["constraint-summary"])


def test_the_command_writes_the_page_and_replaces_nothing(tmp_path, capsys):
    place = tmp_path / "rubric.html"

    assert main(["rubric", "constraint-summary", "--to", str(place)]) == 0
    assert place.read_text("utf-8") == rubric_html(EXERCISES["constraint-summary"])
    assert main(["rubric", "constraint-summary", "--to", str(place)]) == 2
    assert "rubric.html" in capsys.readouterr().err


def test_an_exercise_that_is_none_is_refused(capsys):
    assert main(["rubric", "no-such"]) == 2
    assert "no-such" in capsys.readouterr().err
