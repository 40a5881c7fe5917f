"""An answer cell whose first line is lost or misspelt: a sentence instead of a SyntaxError; programs are left alone."""

from pathlib import Path

import nbformat
import pytest
from IPython.core.error import UsageError
from notebook_kit import ipython_shell

from workstation.catalog import load_catalog
from workstation.notebook import first_line, magics
from workstation.notebook.session import SESSION

SUMMARY = """Workload: retrieval over my own notes
Archetype: laptop-first
Likely first bottleneck: it's the RAM
Evidence: 14 of 15 GiB, don't ask
"""
PROSE = "For the next four months I'll build a search over my notes.\n"


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A real shell in an empty folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    monkeypatch.delenv("NBGRADER_EXECUTION", raising=False)
    with ipython_shell() as started:
        yield started


def in_cell(shell, cell_id):
    """Say that JupyterLab runs the cell of that id."""
    shell.ipython.parent_header = {"metadata": {"cellId": cell_id}}


@pytest.mark.parametrize(
    ("cell", "wanted"),
    [
        (SUMMARY, "constraint-summary"),
        (f"\n\n{SUMMARY}", "constraint-summary"),
        (f"# my notes\n{SUMMARY}", "constraint-summary"),
        ("Archetype: hybrid\nBecause: travel\nMatters most: portability\n", "archetype"),
        ("Archetype: hybrid\nBecause: travel\n", "archetype"),
        ("Archetype:\nhybrid\nBecause:\nI travel\n", "archetype"),
    ],
)
def test_labels_without_a_first_line_are_told_which_line_is_missing(shell, cell, wanted):
    """Some such cells are even valid Python, which would say that a name is not defined."""
    shell.run(cell)

    assert shell.text.startswith(first_line.GONE)
    assert f"Write %%answer {wanted} as the first line" in shell.text
    assert SESSION.ran == {}


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("%%anwser workload", "workload"),
        ("%%answers archetype", "archetype"),
        ("%% answer workload", "workload"),
        ("%answer workload", "workload"),
        ("  %%Answer workload", "workload"),
        ("%%ansewr constraint-sumary", "constraint-summary"),
        ("answer workload", "workload"),
    ],
)
def test_a_misspelt_first_line_is_answered_with_the_right_one(shell, line, wanted):
    shell.run(f"{line}\n{SUMMARY if wanted == 'constraint-summary' else PROSE}")

    assert line.strip() in shell.text
    assert f"Write %%answer {wanted} as" in shell.text


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("%%answer constraint-sumary", "constraint-summary"),
        ("%%answer constraint summary", "constraint-summary"),
        ("%%answer Summary", "constraint-summary"),
        ("%%answer WORKLOAD", "workload"),
        ("%%answer work_load", "workload"),
        ("%%answer", "constraint-summary"),
        ("%%answer q7", "constraint-summary"),
    ],
)
def test_a_wrong_id_suggests_the_nearest_answer_that_can_be_written(shell, line, wanted):
    """Where the line names nothing like any, the labels below it do; evidence is files, and no answer to write."""
    shell.run(f"{line}\n{SUMMARY}")

    assert f"Write %%answer {wanted} in" in shell.text


@pytest.mark.parametrize("kept", ["grade id", "saved line"])
def test_a_paragraph_is_known_by_its_cell_in_the_saved_notebook(shell, kept):
    """It has no labels; JupyterLab says which cell it runs."""
    metadata = {"nbgrader": {"grade_id": "workload"}} if kept == "grade id" else {}
    cell = nbformat.v4.new_code_cell(f"%%answer workload\n{PROSE}", metadata=metadata, id="my-cell")
    Path("mine.ipynb").write_text(nbformat.writes(nbformat.v4.new_notebook(cells=[cell])), encoding="utf-8")
    in_cell(shell, "my-cell")

    shell.run(PROSE)

    assert "Write %%answer workload as the first line" in shell.text


@pytest.mark.parametrize(
    "cell",
    [
        "x: int = 1\nx",
        "Workload: str = 'a'\nConfig: int = 3\nConfig",
        "class Summary:\n    Workload: str\n    Archetype: str\nSummary",
        "text = '''\nWorkload: a\n%answer\n'''\ntext",
        "text = '''\nArchetype: hybrid\nBecause: travel\n'''\ntext",
        "import workstation as ws\nws.simulate('''Now: keep\nAfter one month: keep\nCloud: no cloud''', 'api-first')",
        "answer = 3\nanswer",
        "%lsmagic",
        "await_me = 1  # an answer\nawait_me",
        "import asyncio\nawait asyncio.sleep(0)",
        "!echo 1",
    ],
)
def test_programs_are_left_alone(shell, cell):
    lines = cell.splitlines(keepends=True)

    assert magics._answer_line_first(list(lines)) == lines
    shell.run(cell)
    assert not any(first_line.GONE in card.get("text/plain", "") for card in shell.cards)


@pytest.mark.parametrize(
    ("cell", "error"),
    [
        ("def broken(:\n    pass\n", SyntaxError),
        ("For i in range(3) print(i)\n", SyntaxError),
        ("%%tiem\n1\n", UsageError),
    ],
)
def test_a_programs_own_mistake_stays_pythons_to_tell(shell, cell, error):
    in_cell(shell, "no-such-cell")

    with pytest.raises(error):
        shell.run(cell)


def test_the_sentence_escapes_what_was_typed(shell):
    shell.run(f"%%anwser <b>\n{SUMMARY}")

    assert "<b>" not in shell.html


def test_every_answer_with_labels_is_known_by_them(shell):
    """Whatever exercise comes next; those of one exercise's cases are the same."""
    forms = [form for task in load_catalog().tasks.values() for form in task.answers if len(form.fields) > 1]
    labels = {form.id: [field.label for field in form.fields] for form in forms}

    for form in forms:
        text = "\n".join(f"{field.label}: x y" for field in form.fields)
        assert labels[first_line.diagnose(text.splitlines(keepends=True), "", {})] == labels[form.id]
    assert forms


@pytest.mark.parametrize("wanted", ["case-1", "case-5", "my-machine"])
def test_among_answers_with_the_same_labels_the_cell_decides(shell, wanted):
    """Else the words on case 5 would be sent to case 1."""
    form = next(
        form for task in load_catalog().tasks.values() for form in task.answers if form.id == wanted and form.fields
    )
    text = "".join(f"{field.label}: x y\n" for field in form.fields)
    cell = nbformat.v4.new_code_cell(f"%%answer {wanted}\n{text}", id="my-cell")
    Path("mine.ipynb").write_text(nbformat.writes(nbformat.v4.new_notebook(cells=[cell])), encoding="utf-8")
    in_cell(shell, "my-cell")

    shell.run(text)

    assert f"Write %%answer {wanted} as the first line" in shell.text
