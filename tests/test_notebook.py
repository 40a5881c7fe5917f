"""The notebook floor: answer cells, checks, hints and cards, in a real IPython shell."""

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest
from notebook_kit import ipython_shell

from workstation import notebook
from workstation.answers.html import PENDING_AT_GRADING
from workstation.catalog import load_catalog
from workstation.errors import NotebookError, UnknownAnswer
from workstation.notebook import boundary, checking, hints, places, theme
from workstation.notebook.session import SESSION, Session

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


# Cards


def test_a_card_opens_with_its_sentence_in_a_polite_live_region():
    html = theme.card("Title", "<p>body</p>", "One plain sentence.")

    first = re.sub(r"<style>.*?</style>", "", html, flags=re.DOTALL).split("<p", 2)[1]
    assert first == ' role="status" aria-live="polite">One plain sentence.</p>\n'


def test_a_card_escapes_its_sentence_and_its_title():
    html = theme.card('"><script>', "", "<img onerror=x>")

    assert "<script" not in html
    assert "<img" not in html


def test_the_look_never_names_a_colour_of_its_own():
    """A colour that we chose would be wrong in one of the two themes."""
    assert not re.search(r"#[0-9a-f]{3,8}\b|rgba?\(|hsl", theme.STYLE)


def test_without_ipython_the_plain_twin_is_written(capsys):
    theme.show("<p>html</p>", "plain")

    assert capsys.readouterr().out == "plain\n"


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
    def broken(*_args: object) -> None:
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


# Places


def test_an_answer_that_two_exercises_share_belongs_to_the_folders_exercise():
    import dataclasses

    catalog = load_catalog()
    twin = dataclasses.replace(EXERCISE, id="staged-plan")
    both = dataclasses.replace(catalog, exercises={NAME: EXERCISE, "staged-plan": twin})

    assert places.exercise_of("workload", folder=Path("/x/staged-plan"), catalog=both) is twin
    assert places.exercise_of("workload", folder=Path("/x/elsewhere"), catalog=both) is EXERCISE


def test_an_unknown_answer_is_refused_with_the_nearest_first():
    with pytest.raises(UnknownAnswer, match="Known answers: archetype"):
        places.exercise_of("archtype", folder=Path())


def test_a_folder_without_a_notebook_says_which_one_was_looked_for(folder):
    (folder / "unrelated.ipynb").write_text(json.dumps({"cells": []}), encoding="utf-8")

    with pytest.raises(NotebookError, match=r"constraint-summary\.ipynb"):
        places.notebook_in(folder, EXERCISE)


# Hints


def test_hints_come_in_steps_and_the_last_one_repeats(shell):
    shell.run(ANSWER_LINE + "I will buy an RTX 4090. For four months I build API-first applications.")
    criterion = next(item for item in EXERCISE.criteria if item.id == "workload.before-hardware")

    seen = []
    for _ in range(len(criterion.hints) + 1):
        shell.run('ws.hint("workload")')
        seen.append(shell.text.split("\n")[1])

    assert seen == [*criterion.hints, criterion.hints[-1]]


def test_the_first_criterion_that_is_not_met_is_hinted_at_first(shell):
    shell.run(ANSWER_LINE + "I do AI work.")
    shell.run('ws.hint("workload")')

    assert EXERCISE.criteria[5].id == "workload.horizon"
    assert EXERCISE.criteria[5].hints[0] in shell.text


def test_a_criterion_and_a_step_can_be_asked_for(shell):
    shell.run('ws.hint("summary.measured", step=3)')

    assert "Hint 3 of 3" in shell.text


def test_there_is_no_hint_where_everything_is_met(shell):
    shell.run(ANSWER_LINE + GOOD)
    shell.run('ws.hint("workload")')

    assert shell.text == hints.NOTHING_LEFT.format(answer="workload")


def test_when_a_criterions_hints_are_used_up_the_next_ones_follow():
    session = Session()
    first, second = EXERCISE.criteria[5:7]
    session.hints_seen[first.id] = len(first.hints)

    assert hints.pick([first, second], session) is second
    assert hints.pick([first], session) is first
    assert hints.pick([], session) is None


def test_under_nbgrader_hints_stay_silent(shell, monkeypatch):
    monkeypatch.setenv("NBGRADER_EXECUTION", "validate")
    shell.run('ws.hint("workload")')

    assert shell.cards == []


# The package


def test_the_public_names_are_functions_and_stay_so_after_every_module_is_loaded():
    """A module of the same name would take the function's place on import."""
    for module in Path(notebook.__file__).parent.glob("*.py"):
        if not module.stem.startswith("_"):
            __import__(f"workstation.notebook.{module.stem}")

    for name in notebook.__all__:
        assert callable(getattr(notebook, name))


def test_importing_the_floor_loads_nothing_heavy():
    heavy = "{'IPython', 'matplotlib', 'ipywidgets', 'pandas', 'workstation.answers'}"
    code = f"import sys, workstation.notebook, workstation.notebook.magics; print(sorted({heavy} & set(sys.modules)))"

    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout

    assert found == "[]\n"
