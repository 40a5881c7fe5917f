"""Lesson 04: what it works out by hand is what the library says; predictions come first, and its check has reasons."""

import ast
import re
from pathlib import Path

import nbformat
import pytest
from notebook_kit import ipython_shell
from planning_notebook_kit import working_copy

import workstation
from workstation.catalog import load_catalog
from workstation.sizing import bits_per_weight, kv_cache_bytes, shape, weight_bytes

ROOT = Path(__file__).resolve().parents[1]
NAME = "04-sizing-rules"
LESSON = ROOT / f"course/{NAME}.ipynb"
CATALOG = load_catalog()
LLAMA = shape("llama-3.1-8b")
SAME_EVERYWHERE = {"weights-16-bit", "weights-quantized", "cache-8k"}


@pytest.fixture(scope="module")
def lesson():
    """The lesson as it is committed."""
    return nbformat.read(LESSON, as_version=4)


@pytest.fixture(scope="module")
def prose(lesson) -> str:
    """Its Markdown, in order."""
    return "\n\n".join(cell.source for cell in lesson.cells if cell.cell_type == "markdown")


@pytest.fixture(scope="module")
def code(lesson) -> dict[str, str]:
    """Its code by cell id."""
    return {cell.id: cell.source for cell in lesson.cells if cell.cell_type == "code"}


@pytest.fixture
def shell(tmp_path, monkeypatch):
    """A real IPython shell in a working copy."""
    monkeypatch.chdir(working_copy(tmp_path / "copy") / "course")
    with ipython_shell() as started:
        started.run("import workstation as ws")
        yield started


def shown(size_bytes: float) -> str:
    """Write bytes as the lesson's cells do."""
    return f"{size_bytes / 2**30:.2f} GiB, or {size_bytes / 10**9:.2f} GB"


# The lesson


def test_it_keeps_outputs_only_where_they_are_the_same_everywhere(lesson):
    nbformat.validate(lesson)
    kept = {cell.id for cell in lesson.cells if cell.get("outputs")}

    assert kept == SAME_EVERYWHERE
    assert {cell.id for cell in lesson.cells if "NBVAL_CHECK_OUTPUT" in cell.source} == SAME_EVERYWHERE
    assert [cell.metadata for cell in lesson.cells] == [{}] * len(lesson.cells)


def test_every_name_that_it_uses_exists(prose, code):
    named = set(re.findall(r"\bws\.(\w+)", "\n".join([prose, *code.values()])))

    assert {"sizing_explorer", "my_bands", "storage_growth", "table", "fits"} <= named <= set(workstation.__all__)


def test_predictions_come_before_what_answers_them(lesson):
    order = [cell.id for cell in lesson.cells]

    assert order.index("predict-cache") < order.index("compare-cache") < order.index("explorer")
    assert order.index("predict-band") < order.index("bands") < order.index("compare-band")


# By hand and by the library


@pytest.mark.parametrize("cell", sorted(SAME_EVERYWHERE))
def test_a_kept_output_is_what_the_cell_gives(lesson, shell, cell):
    for each in lesson.cells:
        if each.id in SAME_EVERYWHERE:
            result = shell.run(each.source)
            if each.id == cell:
                assert [repr(result)] == [output.data["text/plain"] for output in each.outputs]
                return
    pytest.fail(f"no cell {cell}")


def test_what_is_worked_out_by_hand_is_what_the_library_says(lesson):
    said = {cell.id: cell.outputs[0].data["text/plain"].strip("'") for cell in lesson.cells if cell.get("outputs")}

    assert said["weights-16-bit"] == shown(weight_bytes(LLAMA, quantization="F16").likely_bytes)
    assert said["cache-8k"] == shown(kv_cache_bytes(LLAMA, context_tokens=8192).likely_bytes)
    by_hand, exact = float(said["weights-quantized"].split()[0]), weight_bytes(LLAMA).likely_bytes / 2**30
    assert by_hand == pytest.approx(exact, rel=0.002)


def test_the_numbers_of_the_example_are_the_librarys(code):
    numbers = "".join(code[cell] for cell in sorted(SAME_EVERYWHERE))

    assert f"{LLAMA.parameters:_}" in numbers
    assert f"{LLAMA.layers}, {LLAMA.kv_heads}, {LLAMA.head_dim}, 8192" in numbers
    assert f"* {bits_per_weight(LLAMA, quantization='Q4_K_M'):.2f} /" in numbers


def test_what_it_says_about_the_long_context_is_so(prose):
    short, long = (kv_cache_bytes(LLAMA, context_tokens=tokens).likely_bytes for tokens in (8192, 131_072))

    assert "sixteen times the tokens, sixteen times the cache" in prose
    assert long == 16 * short
    assert "more than three times as large as the weights" in prose
    assert 3 < long / weight_bytes(LLAMA).likely_bytes < 4


def test_a_prediction_is_held_against_the_cache_that_was_worked_out(shell, code):
    shell.run('ws.predict("kv-at-131072", "How many GiB?", unit="GiB", value=16)')
    shell.run(code["compare-cache"])

    assert "16" in shell.text
    assert "kept no prediction" not in shell.text


# What its cells show


def test_a_prediction_of_the_band_is_held_against_this_machines(shell, code):
    shell.run('ws.predict("ram-band", "Which?", choices=("entry", "comfortable", "heavy"), value="heavy")')
    bands = shell.run(code["bands"])
    shell.run(code["compare-band"])

    assert bands[0].resource == "ram"
    assert bands[0].band in shell.text


def test_the_growth_cell_names_only_models_that_there_are(shell, code):
    growth = shell.run(code["growth"])

    assert len(growth.by_month) == 7
    assert {term.name for term in growth.by_month[-1].terms} >= {"models", "datasets", "checkpoints"}


def test_the_explorer_opens_at_the_model_of_the_formulas(shell, code):
    shell.run(code["explorer"])

    assert shell.text.startswith("Llama 3.1 8B in Q4_K_M, 8,192 tokens of context")


def test_its_families_and_its_scenario_are_in_the_catalogue(prose, code):
    families = set(re.findall(r'`"([\w-]+)"`', prose)) | set(re.findall(r'my_bands\("([\w-]+)"\)', code["bands"]))
    scenario = ast.literal_eval(code["decision-check"].removeprefix("ws.scenario"))

    assert families <= set(CATALOG.families)
    assert CATALOG.scenarios[scenario].lesson == NAME


@pytest.mark.parametrize("letter", ["a", "b", "c", "d"])
def test_the_decision_check_gives_reasons_for_every_choice(shell, letter):
    scenario = CATALOG.scenarios["ram-ssd-or-gpu"]
    assert not any(scenario.model_answer in card.get("text/plain", "") for card in shell.cards)
    shell.run(f'ws.scenario("ram-ssd-or-gpu", "{letter}")')

    for words in (*scenario.reasons, scenario.model_answer):
        assert words in shell.text


def test_no_row_of_the_bands_is_typed_a_second_time(prose):
    assert not [band.id for band in CATALOG.bands.values() if band.entry in prose or band.heavy in prose]


def test_the_self_check_asks_of_three_things_with_the_right_choice_in_different_places():
    own = [question for question in CATALOG.questions.values() if question.lesson == NAME]

    assert len(own) == 3
    assert len({question.correct for question in own}) == 3


def test_the_self_checks_sum_is_right():
    """13 billion parameters in 4.5 bits: 7.3 GB, 6.8 GiB."""
    size = 13e9 * 4.5 / 8
    question = CATALOG.questions["weights-on-paper"]

    assert f"{size / 1e9:.1f} GB, which is {size / 2**30:.1f} GiB" in question.choices[question.correct]
