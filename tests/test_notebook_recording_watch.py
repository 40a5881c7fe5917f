"""`ws.watch` and `%%watch` in a real shell, on real recordings."""

import re
from pathlib import Path

import pytest
from notebook_kit import ipython_shell

from workstation.materials import MARKER
from workstation.notebook import watching
from workstation.recording import SUFFIX, load_recording


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working copy of the course; the learner is in its folder of lessons."""
    root = tmp_path / "copy"
    (root / MARKER).parent.mkdir(parents=True)
    (root / MARKER).write_text("{}", encoding="utf-8")
    (root / "course").mkdir()
    monkeypatch.chdir(root / "course")
    return root


@pytest.fixture
def shell(course: Path):
    del course
    with ipython_shell() as started:
        started.run("import workstation as ws")
        yield started


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pretend that a page is there to follow."""
    monkeypatch.setattr(watching, "has_page", lambda: True)


def recorded(course: Path, name: str = "x"):
    return load_recording(course / "evidence" / f"{name}{SUFFIX}")


# %%watch


def test_a_watched_cell_runs_as_it_would_without(shell, course):
    """Its names live on, its last value is given, and the recording says that it came to its end."""
    value = shell.run("%%watch x\nnumber = 20\nnumber + 1")

    assert value == 21
    assert shell.ipython.user_ns["number"] == 20
    assert recorded(course).end.how == "exit"


def test_an_error_passes_through_and_is_noted(shell, course):
    with pytest.raises(MemoryError):
        shell.run("%%watch x\nraise MemoryError")

    end = recorded(course).end
    assert (end.how, end.error) == ("error", "MemoryError")


def test_an_interrupt_ends_the_recording_too(shell, course):
    with pytest.raises(KeyboardInterrupt):
        shell.run("%%watch x\nraise KeyboardInterrupt")

    assert recorded(course).end.error == "KeyboardInterrupt"
    assert watching._Cell.rec is None


def test_the_traceback_shows_the_cells_own_line(shell, capsys):
    done = shell.ipython.run_cell("%%watch x\nhere = 1\nhere / 0")

    assert isinstance(done.error_in_exec, ZeroDivisionError)
    shown = re.sub(r"\x1b\[[\d;]*m", "", capsys.readouterr().out)
    assert "----> 3 here / 0" in shown
    assert "watching.py" not in shown


def test_a_cell_that_is_no_python_is_not_recorded(shell, course):
    done = shell.ipython.run_cell("%%watch x\nif True")

    assert isinstance(done.error_before_exec, SyntaxError)
    assert not (course / "evidence").exists()


@pytest.mark.parametrize(
    ("above", "body"),
    [
        ("", "%%capture out\nprint(3)"),
        ("# first\n\n", "out = 3"),
        ("", "!true\nout = 3"),
        ("", "await nothing()\nout = 3"),
    ],
)
def test_other_magics_comments_commands_and_await_work_in_it(shell, course, above, body):
    shell.run("async def nothing(): pass")
    shell.run(f"{above}%%watch x\n{body}")

    assert "out" in shell.ipython.user_ns
    assert recorded(course).end.how == "exit"


def test_the_next_cell_is_not_recorded(shell, course):
    shell.run("%%watch x\npass")
    before = (course / "evidence" / f"x{SUFFIX}").read_bytes()
    shell.run("1 + 1")

    assert (course / "evidence" / f"x{SUFFIX}").read_bytes() == before


def test_a_second_recording_of_a_name_keeps_the_first(shell, course):
    shell.run("%%watch x\npass")
    shell.run("%%watch x\npass")

    assert len(list((course / "evidence").glob(f"*{SUFFIX}"))) == 2


@pytest.mark.parametrize("line", ["%%watch ../../etc", "%%watch <script>", "%%watch " + "x" * 200])
def test_a_name_that_cannot_be_is_told_and_the_work_is_done(shell, line):
    shell.run(f"{line}\ndone = 1")

    assert shell.ipython.user_ns["done"] == 1
    assert "cannot be called" in shell.text
    assert watching.UNRECORDED in shell.text
    assert "<script" not in shell.html


def test_a_folder_that_cannot_be_written_is_told_and_the_work_is_done(shell, course):
    (course / "evidence").write_text("in the way", encoding="utf-8")
    shell.run("%%watch x\ndone = 1")
    shell.run("with ws.watch('x'):\n    again = 1")

    assert (shell.ipython.user_ns["done"], shell.ipython.user_ns["again"]) == (1, 1)
    assert watching.UNRECORDED in shell.text


def test_without_a_page_nothing_is_shown(shell):
    shell.run("%%watch x\npass")

    assert shell.cards == []


# with ws.watch


def test_a_block_is_recorded_and_can_be_plotted_and_diagnosed(shell, course):
    shell.run("with ws.watch('x') as rec:\n    rec.mark('load')")
    shell.run("rec.plot()")
    findings = shell.run("rec.diagnose()")

    assert "Recording 'x'" in shell.text
    assert {finding.constraint for finding in findings} >= {"ram", "storage", "cpu"}
    assert [mark.label for mark in recorded(course).marks] == ["load"]
    assert shell.run("rec.why_not('vram')").startswith("It is not named")


def test_an_error_in_the_block_passes_through(shell, course):
    with pytest.raises(ZeroDivisionError):
        shell.run("with ws.watch('x') as rec:\n    1 / 0")

    assert recorded(course).end.error == "ZeroDivisionError"


def test_what_a_cell_ends_in_is_a_card(shell):
    """The watch, its recording, and its findings, each with a twin in words."""
    shell.run("with ws.watch('x') as rec:\n    pass")
    for value in ("rec", "rec.recording", "rec.diagnose()", "ws.watched('x')"):
        bundle, _ = shell.ipython.display_formatter.format(shell.ipython.ev(value))
        assert 'class="ws-card"' in bundle["text/html"], value
        assert bundle["text/plain"].strip(), value
        assert "object at 0x" not in bundle["text/plain"], value


def test_a_live_view_is_shown_and_replaced(shell, page, course):
    shell.run("with ws.watch('x') as rec:\n    pass")

    places = [output["transient"]["display_id"] for output in shell.published.outputs]
    assert len(set(places)) == 2
    assert "It is kept in evidence/x.recording.jsonl." in shell.cards[-2]["text/plain"]
    assert "The same in words and as a table" in shell.html
    assert "aria-live" not in shell.html


def test_what_is_kept_in_the_notebook_names_nobody(shell, page, course, home):
    """No home folder, no host, no absolute path: the notebook is handed in."""
    import platform

    shell.run("with ws.watch('x') as rec:\n    pass")

    said = "".join(card["text/html"] + card["text/plain"] for card in shell.cards)
    assert not [name for name in (str(home), str(course), platform.node()) if name and name in said]


# Under nbgrader


@pytest.mark.parametrize("running", ["autograde", "validate"])
def test_under_nbgrader_the_recording_that_is_there_is_shown_and_none_is_made(shell, course, monkeypatch, running):
    shell.run("%%watch x\npass")
    before = {path: path.read_bytes() for path in (course / "evidence").iterdir()}
    monkeypatch.setenv("NBGRADER_EXECUTION", running)
    shell.run("%%watch x\nran = 1")

    assert shell.ipython.user_ns["ran"] == 1
    assert "nothing is measured now" in shell.text
    assert {path: path.read_bytes() for path in (course / "evidence").iterdir()} == before


def test_under_nbgrader_a_recording_that_is_missing_is_a_sentence(shell, monkeypatch):
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    shell.run("with ws.watch('x'):\n    ran = 1")

    assert shell.ipython.user_ns["ran"] == 1
    assert "x.recording.jsonl" in shell.text
