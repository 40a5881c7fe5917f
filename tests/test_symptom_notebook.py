"""The exercise in a notebook: drawing once, reading cases, and its three states (untouched, solved, wrong).

One file of more than 300 lines, as all of it is told of one folder and one shell, which its fixtures make.
"""

import json
import os
import shutil
import tomllib
from pathlib import Path

import nbformat
import pytest
from nbgrader.preprocessors import ClearSolutions
from notebook_kit import ipython_shell
from traitlets.config import Config

import workstation.inventory._read
from workstation.answers.draws import document_of, draw_for
from workstation.catalog import load_catalog
from workstation.catalog._cases import load_cases

ROOT = Path(__file__).resolve().parents[1]
NAME = "symptom-mapping"
SOURCE = ROOT / "solutions" / NAME / f"{NAME}.ipynb"
SELFTEST = ROOT / "autograder/workstation_grader/selftest"
EXERCISE = load_catalog().exercises[NAME]
ANSWERS = [form.id for form in EXERCISE.answers]
MODEL = tomllib.loads((SELFTEST / NAME / "mutations.toml").read_text("utf-8"))["learner"]

WRONG = {
    **{
        f"case-{number}": "Likely constraint: the computer is too old\nFirst fix to try: improve it\n"
        "Evidence that would change this: more evidence"
        for number in range(1, 9)
    },
    "trade-off": "Choice: GPU\nBecause: everybody has one\nWhat waits: nothing",
    "my-machine": "Likely constraint: it is slow\nFirst fix to try: buy a new laptop\n"
    "Evidence that would change this: nothing",
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The exercise in a working copy, with nobody's session and no hub."""
    (tmp_path / ".workstation").mkdir()
    (tmp_path / ".workstation/manifest.json").write_text("{}", encoding="utf-8")
    exercise = tmp_path / "exercises" / NAME
    exercise.mkdir(parents=True)
    monkeypatch.chdir(exercise)
    for variable in ("JPY_SESSION_NAME", "NBGRADER_EXECUTION", "JUPYTERHUB_USER"):
        monkeypatch.delenv(variable, raising=False)
    return exercise


@pytest.fixture
def shell(folder: Path):
    """A real IPython shell in the exercise's folder."""
    del folder
    with ipython_shell() as started:
        started.run("import workstation as ws")
        yield started


@pytest.fixture
def released() -> dict:
    """What a learner gets."""
    clear = ClearSolutions(config=Config({"ClearSolutions": {"code_stub": {"python": ""}}}))
    return clear.preprocess(nbformat.read(SOURCE, as_version=4), {})[0]


def kept(folder: Path) -> dict:
    return json.loads((folder / "evidence/draw.json").read_text("utf-8"))


def all_files(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_draw_is_kept_for_the_course_and_beside_the_exercise(shell, folder):
    shell.run('ws.draw_cases("ada")')

    assert kept(folder) == kept(folder.parents[1]) == document_of(draw_for("ada"))
    assert "ada" not in (folder / "evidence/draw.json").read_text("utf-8")
    assert "Your 8 cases are drawn" in shell.text


def test_on_a_hub_the_hubs_name_is_taken_without_asking(shell, folder, monkeypatch):
    monkeypatch.setenv("JUPYTERHUB_USER", "hub.learner")

    shell.run("ws.draw_cases()")

    assert kept(folder) == document_of(draw_for("hub.learner"))


def test_an_id_that_is_given_outweighs_the_hubs_name(shell, folder, monkeypatch):
    monkeypatch.setenv("JUPYTERHUB_USER", "hub.learner")

    shell.run('ws.draw_cases("ada")')

    assert kept(folder) == document_of(draw_for("ada"))


def test_without_an_id_it_is_asked_for_in_a_form_and_in_words(shell, folder):
    shell.run("ws.draw_cases()")

    form, words = shell.cards[-2:]
    assert "application/vnd.jupyter.widget-view+json" in form
    assert "What is your id in the course" in form["text/plain"]
    assert 'ws.draw_cases("your-course-id")' in words["text/plain"]
    assert not (folder / "evidence").exists()


def test_the_forms_button_draws_and_says_what_is_wrong_with_an_id(folder):
    from workstation.notebook.draw_form import id_form
    from workstation.notebook.drawing import keep

    form = id_form(lambda typed: keep(draw_for(typed), folder) or "drawn")
    field, button = form.controls
    field.value = "ada"

    button.click()

    assert kept(folder) == document_of(draw_for("ada"))
    assert "drawn" in form.said.value


def test_asking_again_with_another_id_keeps_the_draw_and_explains(shell, folder):
    shell.run('ws.draw_cases("ada")')

    shell.run('ws.draw_cases("bob")')

    assert kept(folder) == document_of(draw_for("ada"))
    assert "were drawn with another id, and they are kept" in shell.text
    assert "ws.draw_cases('bob', again=True)" in shell.text


def test_asking_again_on_purpose_draws_anew(shell, folder):
    shell.run('ws.draw_cases("ada"); ws.draw_cases("bob", again=True)')

    assert kept(folder) == document_of(draw_for("bob"))


def test_the_working_copys_draw_comes_back_after_a_reset_of_the_exercise(shell, folder):
    shell.run('ws.draw_cases("ada")')
    shutil.rmtree(folder / "evidence")

    shell.run("ws.draw_cases()")

    assert kept(folder) == document_of(draw_for("ada"))


@pytest.mark.parametrize("wanted", ["Carla Müller", "a__b", "CON", "x" * 65, "../etc"])
def test_an_id_that_collecting_would_not_know_is_refused_in_a_sentence(shell, folder, wanted):
    shell.run(f"ws.draw_cases({wanted!r})")

    assert "is no id that collecting would know you by" in shell.text
    assert not (folder / "evidence").exists()


DAMAGED = [b"", b"{", b"\xff\xfe", b"[1]", b'{"schema": "workstation.draw/1", "cases": ["x"]}', b"0" * 1_500_000]


@pytest.mark.parametrize("content", DAMAGED)
def test_a_damaged_draw_counts_as_none_and_can_be_drawn_again(shell, folder, content):
    (folder / "evidence").mkdir()
    (folder / "evidence/draw.json").write_bytes(content)

    shell.run('ws.case("case-1")')
    assert "No cases are drawn yet" in shell.text

    shell.run('ws.draw_cases("ada")')
    assert kept(folder) == document_of(draw_for("ada"))


def test_a_link_in_the_draws_place_is_replaced_and_not_followed(shell, folder, tmp_path):
    elsewhere = tmp_path / "precious.txt"
    elsewhere.write_text("precious", encoding="utf-8")
    (folder / "evidence").mkdir()
    try:
        (folder / "evidence/draw.json").symlink_to(elsewhere)
    except OSError:
        pytest.skip("this system lets nobody link")

    shell.run('ws.draw_cases("ada")')

    assert elsewhere.read_text("utf-8") == "precious"
    assert kept(folder) == document_of(draw_for("ada"))


def test_a_folder_that_cannot_be_written_is_told_in_a_sentence(shell, folder):
    (folder / "evidence").write_text("a file in the folder's place", encoding="utf-8")

    shell.run('ws.draw_cases("ada")')

    assert "Keeping your cases" in shell.text


@pytest.mark.parametrize("asked", ["'case-3'", "3", "'Case 3'", "'case_3'"])
def test_a_case_is_shown_as_a_card_with_the_same_in_words(shell, asked):
    shell.run('ws.draw_cases("ada")')

    shell.run(f"ws.case({asked})")

    case = load_cases()[draw_for("ada").cases[2]]
    assert 'role="group"' in shell.html
    assert case.text[:60].replace("`", "") in shell.text
    assert case.why not in shell.text + shell.html


def test_a_recording_case_says_how_to_plot_it_without_its_diagnosis(shell):
    shell.run('ws.draw_cases("ada")')
    number = next(n for n, name in enumerate(draw_for("ada").cases, 1) if load_cases()[name].recording)

    shell.run(f"ws.case({number})")
    lines = [line.strip() for line in shell.text.splitlines() if line.strip().startswith(("run =", "ws.recording"))]
    assert "ws.diagnose(run)" in shell.text
    shell.run("\n".join(lines))

    assert len(lines) == 2
    assert "bottleneck" not in shell.text.casefold()


@pytest.mark.parametrize("asked", ["'case-9'", "0", "'x'", "None", "'case-'", "[]"])
def test_a_case_that_there_is_not_is_a_sentence(shell, asked):
    shell.run('ws.draw_cases("ada")')

    shell.run(f"ws.case({asked})")

    assert "Your cases are called case-1 to case-8." in shell.text


@pytest.mark.parametrize("now", ["autograde", "validate"])
def test_under_nbgrader_the_draw_is_loaded_and_nothing_is_written_or_asked(shell, folder, monkeypatch, now):
    (folder / "evidence").mkdir()
    (folder / "evidence/draw.json").write_text(json.dumps(document_of(draw_for("ada"))), encoding="utf-8")
    monkeypatch.setenv("NBGRADER_EXECUTION", now)
    monkeypatch.setenv("JUPYTERHUB_USER", "the.grader")
    monkeypatch.setattr(workstation.inventory._read, "LiveSource", no_reading)
    before = all_files(folder.parents[1])

    shell.run('ws.draw_cases(); ws.draw_cases("bob", again=True); ws.case(1)')

    assert all_files(folder.parents[1]) == before
    assert load_cases()[draw_for("ada").cases[0]].text[:40].replace("`", "") in shell.text


def no_reading(*_args: object) -> None:
    raise AssertionError("the machine was read")


def put(folder: Path, notebook: dict, answers: dict[str, str]) -> None:
    """Save a notebook as the exercise's, with answers typed in."""
    for cell in notebook["cells"]:
        grade_id = cell["metadata"].get("nbgrader", {}).get("grade_id")
        if grade_id in answers:
            cell["source"] = f"%%answer {grade_id}\n{answers[grade_id]}"
    nbformat.write(notebook, folder / f"{NAME}.ipynb")


def scores(shell) -> dict[str, float]:
    return {answer: shell.run(f'ws.check("{answer}", group=1)') for answer in ANSWERS}


def drawn_by_the_model(folder: Path) -> None:
    (folder / "evidence").mkdir()
    (folder / "evidence/draw.json").write_text(json.dumps(document_of(draw_for(MODEL))), encoding="utf-8")
    shutil.copy(SELFTEST / "constraint-summary/inventory.json", folder / "evidence")


@pytest.mark.parametrize("now", ["", "validate", "autograde"])
def test_the_untouched_exercise_earns_nothing_and_says_what_to_do(shell, folder, released, monkeypatch, now):
    put(folder, released, {})
    monkeypatch.setenv("NBGRADER_EXECUTION", now)

    assert set(scores(shell).values()) == {0.0}


def test_before_the_draw_the_card_says_how_to_draw(shell, folder, released):
    put(folder, released, {})

    shell.run('ws.check("case-1")')

    assert "ws.draw_cases()" in shell.text


@pytest.mark.parametrize("now", ["validate", "autograde"])
def test_the_solution_earns_every_point(shell, folder, monkeypatch, now):
    drawn_by_the_model(folder)
    nbformat.write(nbformat.read(SOURCE, as_version=4), folder / f"{NAME}.ipynb")
    monkeypatch.setenv("NBGRADER_EXECUTION", now)

    assert scores(shell) == dict.fromkeys(ANSWERS, 5.0)


def test_typical_mistakes_earn_nothing(shell, folder, released, monkeypatch):
    drawn_by_the_model(folder)
    put(folder, released, WRONG)
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")

    assert set(scores(shell).values()) == {0.0}


def test_an_answer_cell_shows_its_card_at_once_and_names_what_waits_for_grading(shell, folder, released):
    drawn_by_the_model(folder)
    put(folder, released, {})

    shell.run("%%answer case-7\nLikely constraint: VRAM\nFirst fix to try: smaller batch\nEvidence: batch 1 fails too")

    assert shell.text.startswith("3 of 3 met; 1 is checked at grading.")


def test_hints_come_in_steps(shell, folder, released):
    drawn_by_the_model(folder)
    put(folder, released, {})

    first, second = (shell.run('ws.hint("case-1")') or shell.text for _ in range(2))

    assert first != second


def test_points_and_cells_are_those_of_the_rubric():
    source = nbformat.read(SOURCE, as_version=4)
    nbformat.validate(source)
    cells = {
        cell["metadata"]["nbgrader"]["grade_id"]: cell for cell in source["cells"] if "nbgrader" in cell["metadata"]
    }

    assert set(cells) == {name for answer in ANSWERS for name in (answer, f"check-{answer}-1")}
    assert sum(cell["metadata"]["nbgrader"].get("points", 0) for cell in cells.values()) == 50


def test_nothing_in_solutions_has_the_name_of_a_learners_evidence():
    """Nbgrader would put it in the place of the learner's own, without a word."""
    shipped = [path.name for folder in ("solutions", "exercises") for path in (ROOT / folder / NAME).rglob("*")]

    assert [name for name in shipped if name != f"{NAME}.ipynb" and not name.startswith(".ipynb_checkpoints")] == []
    assert os.fspath(SOURCE).endswith("symptom-mapping.ipynb")
