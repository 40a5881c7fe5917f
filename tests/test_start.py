"""`start.py`: two commands on a machine that has nothing but Python, and one sentence where something cannot be had."""

import ast
import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
from course_kit import ROOT

SOURCE = (ROOT / "start.py").read_text("utf-8")


class Machine:
    """A machine on which commands fail by name; what `start.py` runs is noted and nothing happens."""

    def __init__(self, python: Path) -> None:
        self.python = python  # what `uv venv` makes
        self.failing: set[str] = set()
        self.ran: list[str] = []
        self.became: list[str] = []

    def run(self, *command: object, **_options: bool) -> bool:
        """Stand in for `start.run`."""
        words = " ".join(str(part) for part in command)
        self.ran.append(words)
        if "venv" in command:
            self.python.parent.mkdir(parents=True, exist_ok=True)
            self.python.touch()
        return not any(name in words for name in self.failing)

    def become(self, *command: object) -> int:
        """Stand in for `start.become`."""
        self.became = [str(part) for part in command]
        return 0


@pytest.fixture
def machine(tmp_path) -> Machine:
    """A machine on which everything works."""
    return Machine(tmp_path / ".venv" / "python")


@pytest.fixture
def start(machine, tmp_path, monkeypatch) -> ModuleType:
    """`start.py` on that machine, in a checkout with nothing prepared."""
    for name in ("requirements.lock", "pyproject.toml", "helpers/workstation/cli/overrides.json"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name, encoding="utf-8")
    spec = importlib.util.spec_from_file_location("start", ROOT / "start.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    places = {"ROOT": tmp_path, "TOOLS": tmp_path / ".tools" / "uv", "VENV": tmp_path / ".venv"}
    places |= {"PYTHON": machine.python, "STAMP": places["VENV"] / "prepared-from"}
    for name, value in {**places, "run": machine.run, "become": machine.become}.items():
        monkeypatch.setattr(module, name, value)
    monkeypatch.setattr(module.shutil, "which", lambda name: f"/usr/bin/{name}" if name == "uv" else None)
    monkeypatch.setattr(module.subprocess, "run", lambda *_a, **_k: subprocess.CompletedProcess([], 0, stdout="\n"))
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.delenv("WORKSTATION_CHROMIUM", raising=False)
    return module


def test_it_is_short_and_needs_the_standard_library_only():
    names = {
        name.partition(".")[0]
        for node in ast.walk(ast.parse(SOURCE))
        for name in ([alias.name for alias in node.names] if isinstance(node, ast.Import)
                     else [node.module] if isinstance(node, ast.ImportFrom) else [])
    }  # fmt: skip

    assert len(SOURCE.splitlines()) < 120
    assert names <= sys.stdlib_module_names


def test_an_old_python_gets_a_sentence_and_no_syntax_error(start, monkeypatch):
    """The file must parse on 3.8 to get as far as the sentence."""
    ast.parse(SOURCE, feature_version=(3, 8))
    monkeypatch.setattr(start.sys, "version_info", (3, 10, 12))

    with pytest.raises(SystemExit, match=r"needs Python 3\.11 or newer"):
        start.main([])


def test_a_first_run_installs_by_hash_and_without_fetching_build_tools(start, machine):
    start.prepare()

    venv, pins, course = [words for words in machine.ran if "--version" not in words]
    assert "venv" in venv
    assert sys._base_executable in venv  # not that of the .venv which is about to be made anew
    assert pins.endswith("--require-hashes -r requirements.lock")
    assert course.endswith("--no-deps --no-build-isolation --editable .")


def test_a_second_run_runs_nothing(start, machine):
    start.prepare()
    machine.ran.clear()

    start.prepare()

    assert machine.ran == []


@pytest.mark.parametrize("name", ["requirements.lock", "pyproject.toml", "helpers/workstation/cli/overrides.json"])
def test_a_change_of_what_was_installed_prepares_anew(start, machine, name):
    start.prepare()
    machine.ran.clear()
    (start.ROOT / name).write_text("changed", encoding="utf-8")

    start.prepare()

    assert any("--require-hashes" in words for words in machine.ran)


def test_another_python_prepares_anew(start, machine, monkeypatch):
    start.prepare()
    machine.ran.clear()
    monkeypatch.setattr(start.sys, "version", "3.13.9 (main)")

    start.prepare()

    assert machine.ran


def test_an_interrupted_run_is_done_again(start, machine):
    machine.failing = {"--require-hashes"}
    with pytest.raises(SystemExit):
        start.prepare()
    machine.failing, machine.ran = set(), []

    start.prepare()

    assert any("--require-hashes" in words for words in machine.ran)


@pytest.mark.parametrize(
    ("failing", "sentence"),
    [
        (" venv ", "The folder .venv could not be made anew"),
        ("--require-hashes", "The pinned packages could not be installed"),
        ("--editable", "The course could not be installed"),
    ],
)
def test_a_step_that_fails_is_one_sentence(start, machine, failing, sentence):
    machine.failing = {failing}

    with pytest.raises(SystemExit, match=sentence):
        start.prepare()


def test_uv_on_the_path_is_used(start):
    assert start.find_uv() == "/usr/bin/uv"


def test_a_uv_that_does_not_start_is_not_used(start, machine):
    """A shim of a version manager may stand on PATH without anything behind it."""
    machine.failing = {"/usr/bin/uv"}

    assert start.find_uv() == start.TOOLS / start.BIN / f"uv{start.EXE}"


def test_without_ensurepip_uv_comes_by_pip_target(start, machine, monkeypatch):
    monkeypatch.setattr(start.shutil, "which", lambda _name: None)
    machine.failing = {"-m venv"}
    start.TOOLS.parent.mkdir()

    def run(*command: object, **_options: bool) -> bool:
        is_there = any("--target" in words for words in machine.ran)
        return machine.run(*command) and (is_there or command[0] != start.TOOLS / start.BIN / f"uv{start.EXE}")

    monkeypatch.setattr(start, "run", run)

    start.find_uv()

    assert any(words.endswith(f"-m pip install --target {start.TOOLS} uv") for words in machine.ran)


@pytest.mark.parametrize(
    ("failing", "sentence"),
    [
        ({"-m venv", "-m pip"}, "neither venv nor pip: install uv"),
        ({"pip install"}, "could not be downloaded"),
    ],
)
def test_no_uv_to_be_had_is_one_sentence(start, machine, monkeypatch, failing, sentence):
    monkeypatch.setattr(start.shutil, "which", lambda _name: None)
    machine.failing = failing | {str(start.TOOLS / start.BIN / "uv") + " --version"}

    with pytest.raises(SystemExit, match=sentence):
        start.find_uv()


@pytest.mark.parametrize(
    ("arguments", "command"),
    [
        ([], ["workstation", "lab"]),
        (["--no-browser", "--dir", "my course"], ["workstation", "lab", "--no-browser", "--dir", "my course"]),
        (["lab", "--port", "9000"], ["workstation", "lab", "--port", "9000"]),
        (["test", "-k", "two words"], ["python", "-m", "pytest", "-k", "two words"]),
        (["setup"], []),
    ],
)
def test_arguments_pass_through(start, machine, monkeypatch, arguments, command):
    monkeypatch.setenv("WORKSTATION_CHROMIUM", "/opt/chromium")

    assert start.main(arguments) == 0

    assert [Path(part).stem if number == 0 else part for number, part in enumerate(machine.became)] == command


@pytest.mark.parametrize("word", ["-h", "--help", "help"])
def test_help_is_its_own_and_prepares_nothing(start, machine, capsys, word):
    """The four commands, whatever is installed."""
    assert start.main([word]) == 0

    shown = capsys.readouterr().out
    assert all(f"python3 start.py {command}" in shown for command in ("[ARGS]", "test", "setup", "lock"))
    assert machine.ran == []


@pytest.mark.parametrize(
    ("word", "meant"), [("tets", "test"), ("stup", "setup"), ("labb", "lab"), ("look", "lock"), ("xyzzy", "--help")]
)
def test_an_unknown_word_gets_the_nearest_command(start, machine, word, meant):
    with pytest.raises(SystemExit, match=f"no command '{word}'. Did you mean: python3 start.py {meant}$"):
        start.main([word])
    assert machine.ran == []


def test_setup_says_whether_anything_was_to_do(start, monkeypatch, capsys):
    monkeypatch.setenv("WORKSTATION_CHROMIUM", "/opt/chromium")

    for sentence in ("Prepared: .venv holds", "Nothing was to do"):
        assert start.main(["setup"]) == 0
        assert capsys.readouterr().out.startswith(sentence)


def test_the_tests_learn_where_the_browser_is(start, monkeypatch):
    answer = subprocess.CompletedProcess([], 0, stdout="/found/chromium\n")
    monkeypatch.setattr(start.subprocess, "run", lambda *_a, **_k: answer)

    start.main(["test"])

    assert os.environ["WORKSTATION_CHROMIUM"] == "/found/chromium"


def test_without_a_browser_where_one_must_be_nothing_runs(start, machine, monkeypatch):
    answer = subprocess.CompletedProcess([], 1, stdout="\n")
    monkeypatch.setattr(start.subprocess, "run", lambda *_a, **_k: answer)

    assert start.main(["test"]) == 1
    assert machine.became == []


def test_lock_is_the_command_that_contributing_shows(start, machine):
    start.main(["lock", "--upgrade"])

    shown = next(
        line for line in (ROOT / "CONTRIBUTING.md").read_text("utf-8").splitlines() if line.startswith("uv pip compile")
    )
    assert " ".join(["uv", *machine.became[1:]]) == f"{shown} --upgrade"


@pytest.mark.skipif(os.name != "posix", reason="other systems wait for the child")
def test_it_becomes_the_program_so_signals_and_exit_codes_are_its_own():
    become = f"import runpy; become = runpy.run_path({str(ROOT / 'start.py')!r})['become']"
    program = f"{become}; become({sys.executable!r}, '-c', 'exit(7)')"

    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 7
