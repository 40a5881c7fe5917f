"""The exercise's source notebook: its shape, its points, and its three states (untouched, solved, typically wrong)."""

import json
import os
import shutil
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbgrader.preprocessors import ClearSolutions
from nbgrader.utils import determine_grade
from nbgrader.validator import Validator
from notebook_kit import Shell, ipython_shell
from traitlets.config import Config

import workstation.inventory._read
from workstation.answers.notebook import extract_answers
from workstation.answers.parse import parse_fields
from workstation.catalog import load_catalog
from workstation.inventory import load_inventory

ROOT = Path(__file__).resolve().parents[1]
NAME = "constraint-summary"
SOURCE = ROOT / "solutions" / NAME / f"{NAME}.ipynb"
MACHINE = ROOT / "autograder/workstation_grader/selftest" / NAME / "inventory.json"
EXERCISE = load_catalog().exercises[NAME]
GROUPS = sorted({(item.answer, item.group) for item in EXERCISE.criteria})
TEXT_GROUPS = [(answer, group) for answer, group in GROUPS if answer != "evidence"]

WRONG = {
    "workload": "First I buy an RTX 4090, then I do AI work with it, and whatever comes after that.",
    "archetype": "Archetype: a fast computer\nBecause: it is fast\nMatters most: the price",
    "constraint-summary": (
        "Workload: AI\nArchetype: fast\nLikely first bottleneck: it is slow\nEvidence: my friends say so\n"
        "Second likely bottleneck: \nKeep, upgrade, cloud, or hybrid: keep or upgrade or cloud or hybrid\n"
        "Next action: buy a bigger GPU\nThis machine is simply bad."
    ),
}


def points_of(answer: str, group: int) -> float:
    """What the rubric gives for a test cell."""
    return sum(item.points for item in EXERCISE.criteria if (item.answer, item.group) == (answer, group))


def cells(notebook: dict) -> dict[str, dict]:
    """The graded cells of a notebook by grade id."""
    return {
        cell["metadata"]["nbgrader"]["grade_id"]: cell for cell in notebook["cells"] if "nbgrader" in cell["metadata"]
    }


@pytest.fixture(scope="module")
def source() -> dict:
    """The notebook that a person edits."""
    return nbformat.read(SOURCE, as_version=4)


@pytest.fixture
def released() -> dict:
    """What a learner gets: the source after nbgrader's own clearing of solutions."""
    clear = ClearSolutions(config=Config({"ClearSolutions": {"code_stub": {"python": ""}}}))
    return clear.preprocess(nbformat.read(SOURCE, as_version=4), {})[0]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An exercise folder with the model machine's evidence, and nobody's session."""
    (tmp_path / NAME / "evidence").mkdir(parents=True)
    shutil.copy(MACHINE, tmp_path / NAME / "evidence/inventory.json")
    monkeypatch.chdir(tmp_path / NAME)
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    monkeypatch.delenv("NBGRADER_EXECUTION", raising=False)
    return tmp_path / NAME


@pytest.fixture
def shell(folder: Path):
    """A real IPython shell in the exercise's folder."""
    del folder
    with ipython_shell() as started:
        started.run("import workstation as ws")
        yield started


def put(folder: Path, notebook: dict, answers: dict[str, str] | None = None) -> None:
    """Save a notebook as the exercise's, with answers typed in."""
    for grade_id, text in (answers or {}).items():
        cells(notebook)[grade_id]["source"] = f"%%answer {grade_id}\n{text}"
    nbformat.write(notebook, folder / f"{NAME}.ipynb")


def scores(shell: Shell, groups: list[tuple[str, int]]) -> dict[tuple[str, int], float]:
    """Run the test cells."""
    return {(answer, group): shell.run(f'ws.check("{answer}", group={group})') for answer, group in groups}


def test_the_source_is_valid_and_holds_nothing_but_what_is_allowed(source):
    """Outputs, counts and an editor's metadata make every later change unreadable."""
    nbformat.validate(source)
    assert source["metadata"] == {
        "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    for cell in source["cells"]:
        assert set(cell["metadata"]) <= {"nbgrader"}
        if cell["cell_type"] == "code":
            assert cell["outputs"] == []
            assert cell["execution_count"] is None


def test_every_answer_of_the_rubric_has_its_cell(source):
    found = {grade_id for grade_id, cell in cells(source).items() if cell["metadata"]["nbgrader"]["solution"]}

    assert found == {form.id for form in EXERCISE.answers if form.has_text}


def test_every_group_of_the_rubric_has_its_test_cell_with_its_points(source):
    """Points stand in the rubric; the notebook repeats them for nbgrader."""
    found = {
        grade_id: (cell["metadata"]["nbgrader"]["points"], cell["source"])
        for grade_id, cell in cells(source).items()
        if cell["metadata"]["nbgrader"]["grade"]
    }

    assert found == {
        f"check-{answer}-{group}": (
            points_of(answer, group),
            f'import workstation as ws\n\nws.check("{answer}", group={group})',
        )
        for answer, group in GROUPS
    }


def test_the_steps_carry_the_rubrics_own_titles(source):
    text = "\n".join(cell["source"] for cell in source["cells"])

    assert EXERCISE.name[1:] in text
    for form in EXERCISE.answers:
        assert form.title in text


def test_a_released_answer_keeps_its_magic_line_and_its_empty_labels(released):
    for form in EXERCISE.answers:
        if form.has_text:
            lines = cells(released)[form.id]["source"].split("\n")
            assert lines[0] == f"%%answer {form.id}"
            assert [line for line in lines[1:] if line] == [f"{field.label}:" for field in form.fields]


def test_a_released_answer_is_blank_to_the_parser(released):
    answers = extract_answers(released["cells"], EXERCISE).answers

    for form in EXERCISE.answers:
        if form.has_text:
            assert not any(parse_fields(answers[form.id], form).values())


def test_the_model_answers_fill_every_field(source):
    answers = extract_answers(source["cells"], EXERCISE).answers

    for form in EXERCISE.answers:
        if form.has_text:
            assert all(parse_fields(answers[form.id], form).values())


def test_the_model_machine_is_complete():
    """Every fact says who told it, and every gap says why."""
    machine = load_inventory(MACHINE)
    unknown = {item.what for item in machine.unknowns}
    allowed_gaps = {"memory.limit_bytes"}

    for what, value in workstation.inventory.facts(machine).items():
        if value is None:
            assert what in unknown | allowed_gaps
        elif what not in {"captured_at", "gpus.0.source"}:
            assert what in machine.provenance


@pytest.mark.parametrize("mode", ["validate", "autograde"])
def test_untouched_text_earns_nothing(shell, folder, released, monkeypatch, mode):
    put(folder, released)
    monkeypatch.setenv("NBGRADER_EXECUTION", mode)

    assert set(scores(shell, TEXT_GROUPS).values()) == {0.0}


def test_nbgraders_validate_says_what_is_open_and_not_that_some_tests_passed(folder, released):
    """Of 0 points it would say "Partial credit; passed some": what stands on stderr takes that sentence's place."""
    put(folder, released)

    failed = Validator().validate(str(folder / f"{NAME}.ipynb"))["failed"]

    said = [cell["error"] for cell in failed]
    assert len(said) >= len(TEXT_GROUPS)
    assert not any("Partial credit" in error for error in said)
    assert all("Not met yet: " in error for error in said)


def test_nothing_stands_on_stderr_while_grading(shell, folder, released, monkeypatch, capsys):
    """There it would cost a cell all of its points."""
    put(folder, released, WRONG)
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")

    scores(shell, GROUPS)

    assert capsys.readouterr().err == ""


def test_untouched_text_is_not_attempted_and_not_wrong(shell, folder, released):
    put(folder, released)

    scores(shell, TEXT_GROUPS)

    for card in shell.cards:
        assert "not attempted" in card["text/plain"].casefold()
        assert "not met" not in card["text/plain"].casefold()


@pytest.mark.parametrize("mode", ["validate", "autograde"])
def test_the_solution_with_the_model_machine_earns_everything(shell, folder, source, monkeypatch, mode):
    put(folder, source)
    monkeypatch.setenv("NBGRADER_EXECUTION", mode)

    assert scores(shell, GROUPS) == {(answer, group): points_of(answer, group) for answer, group in GROUPS}


def test_typical_wrong_answers_lose_what_they_should(shell, folder, released, monkeypatch):
    """Vague work, no archetype, hearsay and a purchase: hardly a criterion is left, and the evidence still counts."""
    put(folder, released, WRONG)
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")

    earned = scores(shell, GROUPS)

    assert earned["evidence", 1] + earned["evidence", 2] == points_of("evidence", 1) + points_of("evidence", 2)
    assert earned["workload", 1] == 0
    assert earned["archetype", 1] == 0
    assert earned["constraint-summary", 1] <= 2  # nothing is claimed about the machine, so nothing contradicts it
    assert earned["constraint-summary", 2] == 0


@pytest.mark.parametrize("criterion", ["first-bottleneck", "evidence", "second-bottleneck", "decision", "next-action"])
def test_one_empty_field_costs_its_own_criterion_and_leaves_the_others(shell, folder, source, monkeypatch, criterion):
    """A learner who misses one thing is told about that thing."""
    form = next(form for form in EXERCISE.answers if form.id == NAME)
    fields = parse_fields(extract_answers(source["cells"], EXERCISE).answers[NAME], form)
    text = "\n".join(f"{item.label}: {'' if item.id == criterion else fields[item.id]}" for item in form.fields)
    put(folder, nbformat.from_dict(json.loads(json.dumps(source))), {NAME: text})
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")

    earned = sum(scores(shell, [(NAME, 1), (NAME, 2)]).values())

    full = points_of(NAME, 1) + points_of(NAME, 2)
    assert full / 2 <= earned < full


def test_no_machine_is_read_while_grading(shell, folder, source, monkeypatch):
    """Grading happens on somebody else's machine."""
    put(folder, source)
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    monkeypatch.setattr(workstation.inventory._read, "LiveSource", None)  # whatever would read falls over

    shell.run(f'ws.capture_evidence("{NAME}")')

    assert "12th Gen Intel" in shell.text
    assert sum(scores(shell, GROUPS).values()) == sum(item.points for item in EXERCISE.criteria)


def test_the_solution_runs_in_a_real_kernel_as_stock_nbgrader_would_run_it(folder, source, monkeypatch):
    """Cell by cell, nbgrader's own rule finds full points; nothing is on stderr, nothing raises."""
    put(folder, source)
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    environment = {**os.environ, "IPYTHONDIR": str(folder), "JUPYTER_CONFIG_DIR": str(folder)}
    notebook = nbformat.read(folder / f"{NAME}.ipynb", as_version=4)

    client = NotebookClient(notebook, timeout=120, kernel_name="python3", resources={"metadata": {"path": str(folder)}})
    client.execute(env=environment)

    graded = [cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("grade")]
    assert [determine_grade(cell) for cell in graded] == [(cell.metadata.nbgrader.points,) * 2 for cell in graded]
    assert [output for cell in notebook.cells for output in cell.get("outputs", []) if output.get("name")] == []
