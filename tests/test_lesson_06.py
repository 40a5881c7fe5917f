"""Lesson 06: what it says of its recordings is so, its commands, and the statement in three states."""

import re
from pathlib import Path

import nbformat
import pytest
from notebook_kit import ipython_shell

import workstation as ws
from workstation.catalog import load_catalog

ROOT = Path(__file__).resolve().parents[1]
NAME = "06-reading-symptoms"
LESSON = ROOT / f"course/{NAME}.ipynb"
PRACTICE = load_catalog().practice[NAME]
READINGS = {
    "read-sofia": ("long-chat", "vram"),
    "read-dario": ("evening-run", "thermals"),
    "read-nuria": ("letters-index", "ram"),
    "read-kofi": ("question-set", "network"),
}
CLOCK = "gpus.0.sm_clock_hz"
GOOD = "While my notebook joins the two tables, available RAM falls below 1 GiB and swap begins."


@pytest.fixture(scope="module")
def lesson():
    """The lesson as it is committed."""
    return nbformat.read(LESSON, as_version=4)


@pytest.fixture(scope="module")
def cells(lesson) -> dict[str, str]:
    """Its cells by id."""
    return {cell.id: cell.source for cell in lesson.cells}


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A real IPython shell in an empty folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    with ipython_shell() as started:
        started.run("import workstation as ws")
        yield started


def bottlenecks(name: str) -> list[str]:
    found = ws.diagnose(ws.example_recording(name))
    return [finding.constraint for finding in found if finding.verdict == "bottleneck"]


def series(name: str, signal: str):
    return ws.example_recording(name).columns[signal]


# The readings


@pytest.mark.parametrize("cell", READINGS)
def test_a_reading_is_predicted_first_and_compared_with_what_the_diagnosis_finds(cells, cell):
    recording, answer = READINGS[cell]
    learner = cell.removeprefix("read-")
    asked = cells[f"predict-{learner}"]
    order = list(cells)

    assert f'ws.example_recording("{recording}")' in cells[cell]
    assert f'ws.compare("{learner}", "{answer}")' in cells[cell]
    assert f'ws.predict("{learner}"' in asked
    assert f'"{answer}"' in re.search(r"choices=\((.+)\)", asked)[1]
    assert order.index(f"predict-{learner}") < order.index(cell) < order.index(f"explain-{learner}")
    assert set(bottlenecks(recording)) == {answer}


def test_no_recording_of_the_lesson_is_a_case_of_the_exercise():
    """Who has read the lesson must not know a case's answer."""
    folder = ROOT / "helpers/workstation/catalog"
    cases = folder / "cases.toml"
    text = cases.read_text("utf-8") if cases.is_file() else ""

    assert [name for name, _ in READINGS.values() if f'recording = "{name}"' in text] == []


def test_kofis_curves_come_without_the_diagnosis(shell, cells):
    shell.run(cells["predict-kofi"].splitlines()[0])

    assert "bottleneck" not in shell.text
    assert "bottleneck" not in shell.html


def test_the_figures_that_the_readings_quote_are_the_recordings(cells):
    used = series("long-chat", "gpus.0.memory_used_bytes")
    clock = series("evening-run", CLOCK)
    work = series("evening-run", "throughput_per_s")

    assert "up to 11.7 of 12 GiB" in cells["explain-sofia"]
    assert used.max() / 2**30 == pytest.approx(11.7, abs=0.05)
    assert "from 2.5 to below 1.9 GHz" in cells["explain-dario"]
    assert clock[0] / 1e9 == pytest.approx(2.5, abs=0.05)
    assert 1.8e9 < clock[-1] < 1.9e9
    assert "a third less work" in cells["explain-sofia"]
    assert work[-1] / work[0] == pytest.approx(2 / 3, abs=0.05)
    assert series("evening-run", "gpus.0.temperature_celsius").max() == pytest.approx(89, abs=0.5)


def test_what_is_real_and_what_is_constructed_is_told_as_the_recordings_say(cells):
    notes = {name: ws.example_recording(name).header.note for name, _ in READINGS.values()}

    assert "Kofi's recording is of a real run; the first three were constructed" in cells["explain-kofi"]
    assert [name for name, note in notes.items() if note.startswith("A real run")] == ["question-set"]


# Timing and commands


def test_every_moment_of_the_diagram_stands_in_the_table_and_names_constraints(cells):
    diagram, _, table = cells["timing"].partition("The same in words")
    rows = re.findall(r"^\| (?!it goes|---)(.+?) \| (.+?) \|", table, re.MULTILINE)

    assert len(re.findall(r"when.* --> ", diagram)) == len(rows) == 5
    for word in ("VRAM", "RAM", "CPU", "storage", "heat"):
        assert any(word in look for _, look in rows)


@pytest.mark.parametrize("system", ["Linux", "macOS", "Windows"])
def test_commands_are_shown_for_each_system_and_run_on_none(lesson, cells, system):
    block = re.search(rf"<summary>{system}.*?</details>", cells["commands"], re.DOTALL)[0]

    assert "# What is there" in block
    assert "# What happens while the work runs" in block
    assert not [
        cell.id for cell in lesson.cells if cell.cell_type == "code" and re.search(r"^\s*[!%]sx|^!", cell.source)
    ]


# The statement: untouched, good, flawed


def test_the_untouched_line_is_not_attempted(shell, cells):
    shell.run(cells["testable-statement"])

    assert shell.text.startswith("0 of 4 met.")
    assert shell.text.count("not attempted") == 4


def test_a_good_statement_meets_all_four(shell):
    shell.run(f"%%answer testable-statement\n{GOOD}")

    assert shell.text.startswith("4 of 4 met.")


@pytest.mark.parametrize(
    ("statement", "missed"),
    [
        ("While my notebook joins the two tables, everything stalls after 3 minutes.", "statement.constraint"),
        ("Available RAM falls below 1 GiB and swap begins.", "statement.workload"),
        ("My notebook needs more RAM.", "statement.observation"),
        (f"This laptop is rubbish. {GOOD}", "statement.no-verdict"),
    ],
)
def test_a_flawed_statement_is_told_what_is_missing_and_hinted_at_in_steps(shell, statement, missed):
    shell.run(f"%%answer testable-statement\n{statement}")
    criterion = next(entry for entry in PRACTICE.criteria if entry.id == missed)

    assert shell.text.startswith("3 of 4 met.")
    assert re.search(rf"{re.escape(criterion.title)}: (not met|the rules cannot tell)", shell.text)
    assert "point" not in shell.text
    for hint in criterion.hints:
        shell.run('ws.hint("testable-statement")')
        assert hint in shell.text


def test_a_hostile_statement_is_escaped(shell):
    shell.run("%%answer testable-statement\n<img src=x onerror=alert(1)> fills the RAM")

    assert "<img" not in shell.html
