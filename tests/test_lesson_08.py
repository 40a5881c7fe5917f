"""Lesson 08: the flow and its words agree with the framework, and the plans do what the lesson says they do."""

import re
from pathlib import Path

import nbformat
import pytest
from notebook_kit import ipython_shell
from planning_notebook_kit import working_copy

import workstation as ws
from workstation.catalog import load_catalog
from workstation.catalog._planning import load_planning_words
from workstation.catalog._walk import load_walk
from workstation.planning import histories, parse_plan

ROOT = Path(__file__).resolve().parents[1]
LESSON = ROOT / "course/08-decision-framework.ipynb"
ENDS = {"keep": "keep", "change": "upgrade", "cloud": "cloud", "larger": "desktop"}


@pytest.fixture(scope="module")
def lesson():
    """The lesson as it is committed."""
    return nbformat.read(LESSON, as_version=4)


@pytest.fixture(scope="module")
def prose(lesson) -> str:
    return "\n\n".join(cell.source for cell in lesson.cells if cell.cell_type == "markdown")


@pytest.fixture(scope="module")
def code(lesson) -> dict[str, str]:
    return {cell.id: cell.source for cell in lesson.cells if cell.cell_type == "code"}


@pytest.fixture(scope="module")
def plan(code) -> str:
    """The first plan's text."""
    return re.search(r'"""(.*)"""', code["first-plan"], re.DOTALL)[1]


@pytest.fixture
def shell(tmp_path, monkeypatch):
    """A real shell in a working copy without evidence."""
    root = working_copy(tmp_path / "copy")
    monkeypatch.chdir(root / "course")
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    with ipython_shell() as started:
        started.run("import workstation as ws")
        yield started


def verdicts(plan):
    """Simulate a plan on the half-years that ship: history to its verdict."""
    return {outcome.history: outcome.verdict for outcome in ws.simulate(plan, list(histories()))}


def right(plan):
    return [name for name, verdict in verdicts(plan).items() if verdict == "right in time"]


# The framework


def test_the_diagram_and_the_list_ask_the_same_five_questions(lesson):
    flow = next(cell.source for cell in lesson.cells if cell.id == "flow")
    diagram, words = flow.split("```mermaid")[1].split("```")

    assert re.findall(r"[\"{](\d)\. ", diagram) == ["1", "2", "3", "4", "5"]
    assert re.findall(r"^(\d)\. \*\*", words, re.MULTILINE) == ["1", "2", "3", "4", "5"]
    assert [name for name in ENDS if f"{name} --> again" in diagram] == list(ENDS)
    assert "look again" in words


def test_the_flow_is_the_walks(lesson):
    """Each of its ends is a decision of the walk, which asks its questions in the same order."""
    walk = load_walk()

    assert list(walk.questions)[:4] == ["teaches", "bottleneck", "one-change", "cloud"]
    assert set(ENDS.values()) <= {end.decision for end in walk.ends.values()}


def test_the_bottlenecks_that_the_list_names_can_be_chosen_in_the_walk(prose):
    chosen = {choice.id for choice in load_walk().questions["bottleneck"].choices}

    assert "VRAM, RAM, storage, heat, power, or time." in prose
    assert {"vram", "ram", "storage", "thermals", "power-expansion", "time"} <= chosen


def test_without_evidence_the_walk_waits_and_says_what_to_collect(shell, code):
    shell.run('ws.decide(workload="For 4 months I will search my notes with RAG.")')
    shell.run('ws.decide(answer="no")')

    assert code["walk"] == "ws.decide()"
    assert "no evidence yet, so the walk waits here" in shell.text
    assert "Collect it first" in shell.text


# The grammar


def test_every_decision_and_label_that_is_named_is_the_catalogues(prose, plan):
    listed = next(line for line in prose.splitlines() if line.startswith("- **Decision:**"))
    named = {words.split()[0] for words in re.findall(r"`([^`]+)`", listed)}
    labels = [checkpoint.label for checkpoint in load_planning_words().checkpoints.values()]

    assert named == set(load_catalog().decisions)
    assert re.findall(r"^([A-Z][^:]+):", plan, re.MULTILINE) == labels


@pytest.mark.parametrize("sign", [">=", ">", "<", "at least", "below"])
def test_every_sign_that_is_named_is_read(prose, sign):
    rule = f"if swap use {sign} 2 for 3 weeks then upgrade ram"

    assert f"`{sign}`" in prose or f"*{sign}*" in prose
    assert parse_plan({"repeated": rule}).repeated.kind == "rule"


def test_the_table_of_metrics_holds_every_name_with_its_text_twin(shell, code):
    shell.run(code["metrics"])

    for metric in load_catalog().metrics.values():
        assert metric.id in shell.text
        assert metric.id in shell.html
        assert metric.name in shell.text


# The plans


def test_the_first_plan_fares_as_the_lesson_says(code, plan):
    found = verdicts(plan)

    assert code["compare-plan"] == f'ws.compare("first-plan", {len(right(plan))})'
    assert f"the {len(found)} half-years" in code["predict-plan"]
    assert {"early", "overbought"} <= set(found.values())
    assert found["one-swap-week"] == "overbought"


def test_one_changed_rule_helps_as_the_hint_says(prose, plan):
    one = plan.replace("if swap_used_gib > 2 then", "if swap_used_gib > 2 for 3 weeks then")

    assert one != plan
    assert f"takes the plan from {len(right(plan))} to {len(right(one))}" in prose
    assert "one-swap-week" in right(one)


def test_the_solution_is_right_where_it_says_so(prose, plan):
    solution = re.search(r"<summary>A solution</summary>\s+`([^`]+)` is right in time in (\d+)", prose)
    whole = re.sub(r"if swap_used.*?desktop", solution[1], plan, flags=re.DOTALL)
    left = set(histories()) - set(right(whole))

    assert len(right(whole)) == int(solution[2])
    assert "The other four" in prose
    assert {histories()[name].constraint for name in left} == {"storage", "thermals", "network", "operations"}


def test_every_cell_runs_headless_without_an_error(shell, code):
    for source in code.values():
        shell.run(source)

    said = "\n".join(card.get("text/plain", "") for card in shell.cards)
    assert "It was 2." in said
    assert "A decision starts from the work" in said
    assert "Not kept yet." in said
