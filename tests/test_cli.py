"""The command line: help, exit codes, and a sentence instead of a traceback."""

import json
import os
import subprocess
import sys
from importlib.metadata import version

import pytest
from course_kit import workstation

from workstation import materials
from workstation.cli import _exchange, _main, _reset, main
from workstation.cli._exchange import exercises_handed_out
from workstation.errors import WorkstationError


def test_version_is_the_packages(capsys):
    with pytest.raises(SystemExit, match="0"):
        main(["--version"])

    assert capsys.readouterr().out.strip() == f"home-ai-workstation {version('home-ai-workstation')}"


@pytest.mark.parametrize(
    "command",
    [
        [],
        ["lab"],
        ["reset"],
        ["submit"],
        ["inventory"],
        ["doctor"],
        ["watch"],
        ["diagnose"],
        ["demo"],
        ["size"],
        ["report"],
    ],
)
def test_every_command_has_help(command, capsys):
    with pytest.raises(SystemExit, match="0"):
        main([*command, "--help"])

    assert "usage: workstation" in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [[], ["unknown"], ["lab", "--port", "0"], ["lab", "--port", "70000"]])
def test_wrong_arguments_end_with_usage_and_2(arguments, capsys):
    with pytest.raises(SystemExit, match="2"):
        main(arguments)

    assert "usage:" in capsys.readouterr().err


def test_a_problem_is_one_message_on_stderr_and_exit_code_2(tmp_path, capsys):
    assert main(["reset", "no-such-lesson", "--dir", str(tmp_path / "w")]) == 2

    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("workstation: There is no lesson or exercise 'no-such-lesson'.")
    assert "Traceback" not in printed.err


@pytest.mark.parametrize(("raised", "code"), [(KeyboardInterrupt(), 130), (WorkstationError("what to do"), 2)])
def test_what_a_command_raises_becomes_an_exit_code(raised, code, monkeypatch, capsys):
    def fail(_options):
        raise raised

    monkeypatch.setattr(_reset, "run", fail)

    assert main(["reset", "00-start-here"]) == code
    assert "Traceback" not in capsys.readouterr().err


def test_a_reader_who_goes_away_is_no_fault():
    """`workstation inventory --json | true` ends quietly."""
    program = "from workstation.cli import main; raise SystemExit(main(['inventory', '--json']))"
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [sys.executable, "-c", program], stdout=writer, stderr=subprocess.PIPE, check=False, timeout=60
    )
    os.close(writer)

    assert b"Traceback" not in done.stderr
    assert done.returncode in {0, 120}  # 120: Python could not flush its last words


def test_a_terminal_without_the_letters_shows_their_codes(tmp_path, monkeypatch):
    """A path beyond ASCII is printed by its codes, not by a traceback."""
    monkeypatch.setenv("PYTHONIOENCODING", "ascii")
    monkeypatch.setenv("PYTHONUTF8", "0")

    done = workstation("reset", "00-start-here", "--dir", tmp_path / "課程")

    assert done.returncode == 0, done.stderr
    assert r"\u8ab2\u7a0b" in done.stdout


def test_reset_says_where_both_are(tmp_path, capsys):
    main(["reset", "00-start-here", "--dir", str(tmp_path)])
    (tmp_path / "course" / "00-start-here.ipynb").write_text("mine", encoding="utf-8")
    capsys.readouterr()

    assert main(["reset", "00-start-here", "--dir", str(tmp_path)]) == 0

    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"Pristine: {tmp_path / 'course' / '00-start-here.ipynb'}"
    assert lines[1].startswith(f"Yours is kept: {tmp_path / 'course' / '00-start-here.kept-'}")


def test_the_default_working_copy_is_in_the_home_folder(home, capsys):
    main(["reset", "00-start-here"])

    assert (home / "home-ai-workstation" / "course" / "00-start-here.ipynb").exists()


def test_inventory_prints_a_table_json_and_saves(tmp_path, capsys):
    main(["inventory"])
    table = capsys.readouterr().out
    main(["inventory", "--json"])
    document = json.loads(capsys.readouterr().out)
    main(["inventory", "--save", str(tmp_path / "mine.json")])
    saved = json.loads((tmp_path / "mine.json").read_text(encoding="utf-8"))

    assert "Memory" in table
    assert document["schema"] == saved["schema"] == "workstation.inventory/1"
    assert capsys.readouterr().out.strip() == f"Saved: {tmp_path / 'mine.json'}"


def test_the_exchange_that_nbgrader_is_configured_for_is_asked(tmp_path, home):
    (tmp_path / "exchange" / "ai-101" / "outbound" / "constraint-summary").mkdir(parents=True)
    config = home / "jupyter" / "config"
    config.mkdir(parents=True)
    (config / "nbgrader_config.py").write_text(
        f"c = get_config()\nc.Exchange.root = {str(tmp_path / 'exchange')!r}\n", encoding="utf-8"
    )
    names = ["constraint-summary", "symptom-mapping"]

    assert exercises_handed_out(names, working_copy=tmp_path) == ["constraint-summary"]


def test_another_courses_exchange_hands_nothing_out(tmp_path, home):
    (tmp_path / "exchange" / "history" / "outbound" / "constraint-summary").mkdir(parents=True)
    (tmp_path / "nbgrader_config.py").write_text(
        f"c = get_config()\nc.Exchange.root = {str(tmp_path / 'exchange')!r}\nc.CourseDirectory.course_id = 'ai-101'\n",
        encoding="utf-8",
    )

    assert exercises_handed_out(["constraint-summary"], working_copy=tmp_path) == []


@pytest.mark.parametrize("config", ["raise RuntimeError('broken')", "c = (", "c = get_config(); c.Exchange.root = 5"])
def test_a_broken_nbgrader_configuration_is_not_our_learners_problem(tmp_path, config, monkeypatch, capfd):
    monkeypatch.setattr(_exchange, "DEFAULT_ROOT", str(tmp_path / "no exchange here"))
    (tmp_path / "nbgrader_config.py").write_text(config, encoding="utf-8")

    assert exercises_handed_out(["constraint-summary"], working_copy=tmp_path) == []
    assert "Traceback" not in capfd.readouterr().err


def test_every_command_module_is_offered():
    """A command that is written but not registered would be lost."""
    modules = (materials._PACKAGE / "cli").glob("_*.py")
    written = {path.stem for path in modules if "add_parser" in path.read_text("utf-8")}

    assert {module.__name__.rpartition(".")[2] for module in _main._COMMANDS} == written - {"_main"}
