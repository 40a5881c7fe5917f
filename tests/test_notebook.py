"""The notebook floor: its look, where it finds answers, its hints, and what it loads."""

import asyncio
import dataclasses
import json
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from notebook_kit import ipython_shell

from workstation import notebook
from workstation.answers.prose import plain
from workstation.catalog import load_catalog
from workstation.errors import CatalogError, NotebookError, UnknownAnswer, WorkstationError
from workstation.notebook import boundary, checking, hints, magics, places, theme
from workstation.notebook.session import Session

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

    told = [plain(text) for text in criterion.hints]
    assert seen == [*told, told[-1]]


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


@pytest.mark.parametrize(
    ("call", "words"),
    [
        ("ws.hint()", ["Say what you want a hint for", 'ws.hint("', "constraint-summary", "workload"]),
        ('ws.hint("Work load")', ["no hints for 'Work load'", 'ws.hint("workload")']),
        ("ws.hint(3)", ["no hints for '3'", "workload"]),
        ('ws.hint("summary.measured", 9)', ["no hint 9", "1 to 3"]),
        ('ws.hint("summary.measured", "two")', ["no hint 'two'", "1 to 3"]),
        ("ws.hint(answer='workload')", ["unexpected keyword argument 'answer'", "hint(criterion_or_answer_id="]),
    ],
)
def test_a_hint_that_is_asked_for_amiss_names_what_can_be_asked_for(shell, call, words):
    shell.run(call)

    assert [word for word in words if word not in shell.text] == []
    assert boundary.OURS not in shell.text


def test_hints_show_commands_as_code_and_no_backticks(shell):
    """The catalogue marks them with backticks, which are nobody's punctuation on a page."""
    criterion = dataclasses.replace(EXERCISE.criteria[0], hints=("read it with `free -h`",))
    hints._show_hint(criterion, 1, ask_again="workload")

    assert "<code>free -h</code>" in shell.html
    assert "`" not in shell.html.replace(theme.STYLE, "") + shell.text


def test_every_hint_has_its_backticks_in_pairs():
    hints_ = [hint for task in load_catalog().tasks.values() for entry in task.criteria for hint in entry.hints]

    assert [hint for hint in hints_ if "`" in plain(hint)] == []


def test_after_a_restart_hints_work_before_anything_is_imported(folder):
    """A new kernel knows the course by the name that lessons use, and reads the saved notebook."""
    cell = nbformat.v4.new_code_cell(ANSWER_LINE + GOOD, metadata={"nbgrader": {"grade_id": "workload"}})
    notebook_ = nbformat.v4.new_notebook(cells=[cell])
    (folder / f"{NAME}.ipynb").write_text(nbformat.writes(notebook_), encoding="utf-8")
    with ipython_shell() as fresh:
        fresh.run('ws.hint("workload")')

        assert fresh.text == hints.NOTHING_LEFT.format(answer="workload")


def test_a_learners_own_ws_is_left_alone():
    with ipython_shell() as fresh:
        fresh.ipython.user_ns["ws"] = "mine"
        magics.load(fresh.ipython)

        assert fresh.ipython.user_ns["ws"] == "mine"


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


def test_a_kernel_gets_ready_for_the_first_answer_once_a_cell_is_done(monkeypatch):
    """The first card would otherwise wait for the judges to load, many times as long as for their judgement."""
    monkeypatch.delitem(sys.modules, magics.CHECKING, raising=False)

    async def run_a_cell() -> list[str]:
        order, ready = [], asyncio.Event()
        monkeypatch.setattr(magics, "_get_ready", lambda: (order.append("ready"), ready.set()))
        magics.get_ready_when_idle()
        order.append("cell done")
        await asyncio.wait_for(ready.wait(), timeout=60)
        return order

    assert asyncio.run(run_a_cell()) == ["cell done", "ready"]


def test_a_kernel_that_is_ready_has_what_the_card_of_a_plan_simulates_with_and_no_numpy():
    """Both were most of the half second that a first plan used to wait."""
    code = (
        "import sys, workstation.notebook.magics as magics; magics._get_ready();"
        "from workstation.planning import histories;"
        "loaded = [name in sys.modules for name in ('workstation.notebook.plan_chart', 'numpy')];"
        "print(histories.cache_info().currsize, *loaded)"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout

    assert found == "1 True False\n"


def test_getting_ready_stays_silent_where_the_catalogue_is_damaged(monkeypatch):
    """The first card tells."""

    def damaged() -> None:
        raise CatalogError("families.toml", "x", "id", "is damaged")

    monkeypatch.setattr(checking, "load_catalog", damaged)

    magics._get_ready()


def test_outside_a_kernel_nothing_is_made_ready(monkeypatch):
    monkeypatch.delitem(sys.modules, magics.CHECKING, raising=False)

    magics.get_ready_when_idle()

    assert magics.CHECKING not in sys.modules


def test_importing_the_floor_loads_nothing_heavy():
    heavy = "{'IPython', 'matplotlib', 'ipywidgets', 'pandas', 'workstation.answers'}"
    code = f"import sys, workstation.notebook, workstation.notebook.magics; print(sorted({heavy} & set(sys.modules)))"

    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout

    assert found == "[]\n"


def test_an_error_of_ours_is_a_sentence_and_no_traceback(shell, tmp_path, capsys):
    """A mistyped file name, for one: what was tried and what to do, without our source code."""
    done = shell.ipython.run_cell(f"import workstation as ws\nws.load_inventory({str(tmp_path / 'nope.json')!r})")

    assert isinstance(done.error_in_exec, WorkstationError)
    assert "nope.json" in shell.text
    assert "Traceback" not in capsys.readouterr().out
