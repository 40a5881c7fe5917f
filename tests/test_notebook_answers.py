"""Answer cells and checks: what a learner runs, and what nbgrader runs, in a real IPython shell."""

import os
import sys
import time
from pathlib import Path

import nbformat
import pytest
from notebook_kit import ipython_shell

from workstation.answers.html import PENDING_AT_GRADING
from workstation.catalog import load_catalog
from workstation.notebook import boundary, checking, theme
from workstation.notebook.session import SESSION

NAME = "constraint-summary"
EXERCISE = load_catalog().exercises[NAME]
GOOD = "For the next four months I build API-first applications: scripts that call hosted models, and a lot of Git."
ANSWER_LINE = "%%answer workload\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An exercise folder without a notebook, and a learner at work."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    monkeypatch.delenv("NBGRADER_EXECUTION", raising=False)
    return tmp_path


@pytest.fixture
def shell(folder: Path):
    """A real IPython shell there, with the course's magics."""
    del folder
    with ipython_shell() as started:
        started.run("import workstation as ws")
        yield started


def save(path: Path, text: str, *, answer: str = "workload", age_seconds: float = 0) -> None:
    """Save a notebook that holds one answer, as long ago as asked."""
    cell = nbformat.v4.new_code_cell(f"%%answer {answer}\n{text}", metadata={"nbgrader": {"grade_id": answer}})
    path.write_text(nbformat.writes(nbformat.v4.new_notebook(cells=[cell])), encoding="utf-8")
    os.utime(path, (time.time() - age_seconds,) * 2)


# Answer cells


def test_a_good_answer_gets_its_card_at_once(shell):
    shell.run(ANSWER_LINE + GOOD)

    assert shell.text.startswith("3 of 3 met.")
    assert 'aria-live="polite"' in shell.html


def test_a_flawed_answer_is_told_what_to_do_next(shell):
    shell.run(ANSWER_LINE + "AI work.")

    assert 'ws.hint("workload")' in shell.html.replace("&quot;", '"')
    assert "not met" in shell.text.casefold()


def test_an_answer_is_never_run_as_code(shell, folder):
    shell.run(ANSWER_LINE + "open('canary', 'w')\nimport os; os.abort()")

    assert list(folder.iterdir()) == []


def test_learners_text_cannot_bring_markup_into_the_card(shell):
    shell.run(
        "%%answer constraint-summary\nLikely first bottleneck: <script>alert(1)</script>\n"
        "Evidence: <img src=x onerror=alert(1)> belief\nKeep, upgrade, cloud, or hybrid: <b onclick=x>all</b>"
    )

    body = shell.html.replace(theme.STYLE, "")
    assert "<script" not in body
    assert "<img" not in body
    assert "<b " not in body


@pytest.mark.parametrize(
    "cell",
    [
        "# my notes\n%%answer workload\n" + GOOD,
        "\n\n%%answer workload\n" + GOOD,
        "  %%answer workload  \n" + GOOD,
        '%%answer "workload"\n' + GOOD,
        "\n\n    %%answer workload\n    " + GOOD,
        "\t%%answer workload\n" + GOOD,
        "%%answer workload\n### BEGIN SOLUTION\n" + GOOD + "\n### END SOLUTION",
        GOOD + "\n%%answer workload\n",
    ],
)
def test_an_answer_is_read_like_the_grader_reads_it(shell, cell):
    """Lines above the magic, blanks and solution marks do not change what is judged."""
    shell.run(cell)

    assert SESSION.all_of(NAME) == {"workload": GOOD}


@pytest.mark.parametrize("cell", ["%%answer workload", "%%answer workload\n", "%%answer workload\n\n"])
def test_an_empty_answer_is_not_attempted_and_no_error(shell, cell):
    shell.run(cell)

    assert shell.text.startswith("0 of 3 met.")
    assert shell.text.count("not attempted") == 3


def test_other_cells_are_left_alone(shell):
    assert shell.run("text = '''\n%answer\n'''\ntext") == "\n%answer\n"
    shell.run("%%writefile note.txt\n%%answer workload\nmine")
    assert Path("note.txt").read_text(encoding="utf-8") == "%%answer workload\nmine\n"


def test_an_unknown_answer_gets_the_nearest_names(shell):
    shell.run("%%answer worklaod\ntext")

    assert "no answer called 'worklaod'" in shell.text
    assert "Write %%answer workload in" in shell.text


def test_a_first_line_without_a_name_says_so(shell):
    shell.run("%%answer\ntext")

    assert shell.text.startswith("The first line names no answer.")


def test_a_bug_of_ours_is_owned_up_to_and_no_traceback_is_shown(shell, monkeypatch):
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError(f"in {Path.home()}/secret <b>")

    monkeypatch.setattr(checking, "score", broken)
    shell.run(ANSWER_LINE + GOOD)

    assert boundary.OURS in shell.text
    assert str(Path.home()) not in shell.html
    assert "&lt;b&gt;" in shell.html


def test_loading_the_magics_again_changes_nothing(shell):
    before = list(shell.ipython.input_transformers_cleanup)

    shell.run("%load_ext workstation\n%reload_ext workstation")

    assert shell.ipython.input_transformers_cleanup == before


# Checks


def test_what_was_run_counts_before_the_notebook_is_saved(shell, folder):
    save(folder / f"{NAME}.ipynb", "AI work", age_seconds=60)
    shell.run(ANSWER_LINE + GOOD)

    assert shell.run('ws.check("workload", group=1)') == 6.0


def test_a_notebook_saved_after_the_run_counts(shell, folder):
    shell.run(ANSWER_LINE + "AI work")
    save(folder / f"{NAME}.ipynb", GOOD, age_seconds=-60)

    assert shell.run('ws.check("workload", group=1)') == 6.0


def test_after_a_kernel_restart_the_saved_notebook_counts(shell, folder):
    save(folder / f"{NAME}.ipynb", GOOD)

    assert shell.run('ws.check("workload", group=1)') == 6.0


def test_jupyterlab_names_the_notebook(shell, folder, monkeypatch):
    """A copy under another name is what the learner works in."""
    save(folder / f"{NAME}.ipynb", "AI work")
    save(folder / "my-copy.ipynb", GOOD, age_seconds=60)
    monkeypatch.setenv("JPY_SESSION_NAME", str(folder / "my-copy.ipynb"))

    assert shell.run('ws.check("workload", group=1)') == 6.0


def test_a_renamed_notebook_is_found_in_the_folder(shell, folder, monkeypatch):
    save(folder / "renamed.ipynb", GOOD)
    monkeypatch.setenv("JPY_SESSION_NAME", str(folder / "old-name.ipynb"))

    assert shell.run('ws.check("workload", group=1)') == 6.0


def test_the_points_are_a_plain_float(shell, folder):
    save(folder / f"{NAME}.ipynb", GOOD)

    assert type(shell.run('ws.check("workload")')) is float


def test_criteria_of_grading_are_named_and_not_judged_at_work(shell, folder):
    save(folder / f"{NAME}.ipynb", GOOD)
    shell.run('ws.check("constraint-summary", group=1)')

    waiting = [line for line in shell.text.split("\n") if line.endswith("points)") and PENDING_AT_GRADING in line]
    assert len(waiting) == 2
    for item in EXERCISE.criteria:
        if item.at_grading and item.group == 1:
            assert f"{item.title}: {PENDING_AT_GRADING} ({item.points:g} points)" in shell.text


@pytest.mark.parametrize("mode", ["validate", "autograde"])
def test_under_nbgrader_only_the_notebook_on_disk_counts(shell, folder, monkeypatch, mode):
    """Neither what was run nor a notebook that the environment names."""
    save(folder / f"{NAME}.ipynb", "AI work", age_seconds=60)
    save(folder / "other.ipynb", GOOD)
    monkeypatch.setenv("NBGRADER_EXECUTION", mode)
    monkeypatch.setenv("JPY_SESSION_NAME", str(folder / "other.ipynb"))
    SESSION.remember(NAME, "workload", GOOD)

    assert shell.run('ws.check("workload", group=1)') < 6.0


@pytest.mark.parametrize("mode", ["validate", "autograde", "something new"])
@pytest.mark.parametrize("content", [None, b"", b"{", b'{"cells": 3}', b"\xff\xfe\x00"])
def test_an_unreadable_notebook_gives_a_card_and_no_points(shell, folder, monkeypatch, mode, content):
    if content is not None:
        (folder / f"{NAME}.ipynb").write_bytes(content)
    monkeypatch.setenv("NBGRADER_EXECUTION", mode)

    assert shell.run('ws.check("workload", group=1)') == 0.0
    assert "notebook" in shell.text.casefold()


def test_a_bug_while_grading_gives_no_points(shell, folder, monkeypatch):
    save(folder / f"{NAME}.ipynb", GOOD)
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    monkeypatch.setattr(checking, "cell_points", None)

    assert shell.run('ws.check("workload", group=1)') == 0.0
    assert boundary.OURS in shell.text


def test_nothing_reaches_stdout_or_stderr_of_a_test_cell(shell, folder, monkeypatch, capsys):
    """Nbgrader takes anything on stderr for a failure."""
    save(folder / f"{NAME}.ipynb", GOOD)
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    judge = checking.judge

    def noisy(exercise):
        sys.stderr.write("a library warns")
        sys.stdout.write("and prints")
        return judge(exercise)

    monkeypatch.setattr(checking, "judge", noisy)
    shell.run('points = ws.check("workload", group=1)')

    assert capsys.readouterr() == ("", "")
    assert shell.ipython.user_ns["points"] == 6.0


def test_an_unknown_answer_scores_nothing_and_says_why(shell):
    assert shell.run('ws.check("wrkload")') == 0.0
    assert "Known answers: workload" in shell.text


@pytest.mark.parametrize("group", [0, 3, -1, "1", 1.5, [1]])
def test_a_group_that_is_none_is_named_with_those_there_are(shell, folder, group):
    save(folder / f"{NAME}.ipynb", GOOD)
    shell.ipython.user_ns["group"] = group

    points = shell.run('ws.check("constraint-summary", group=group)')

    assert type(points) is float
    assert points == 0.0
    assert "Its groups: 1 to 2." in shell.text
    assert "0 of 0" not in shell.text


@pytest.mark.parametrize(
    ("call", "words"),
    [
        ('ws.check("constraint-sumary")', ["no answer 'constraint-sumary'", "Known answers: constraint-summary"]),
        ("ws.check(5)", ["no answer '5'", "Known answers"]),
        ("ws.check()", ["missing a required argument: 'answer'", "ws.check(answer, group=None)"]),
        ('ws.check("workload", groups=1)', ["unexpected keyword argument 'groups'", "ws.check(answer, group=None)"]),
    ],
)
def test_a_check_that_is_called_amiss_says_how_to_call_it(shell, call, words):
    assert shell.run(call) == 0.0
    assert [word for word in words if word not in shell.text] == []
    assert boundary.OURS not in shell.text


def test_a_bug_of_ours_that_looks_like_a_wrong_call_is_still_ours(shell, monkeypatch):
    """Only a call that does not fit the function is the learner's to change."""
    monkeypatch.setattr(checking, "score", lambda: None)
    shell.run(ANSWER_LINE + GOOD)

    assert boundary.OURS in shell.text
