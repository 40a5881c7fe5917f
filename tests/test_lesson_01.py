"""Lesson 01: its table, its sentence in three states, and what the catalogue holds for it."""

import dataclasses
import re
import shutil
from pathlib import Path

import nbformat
import pytest
from notebook_kit import ipython_shell

from workstation.answers.criteria.families import judge_family
from workstation.answers.criteria.hardware import judge_before_hardware
from workstation.answers.criteria.horizon import judge_horizon
from workstation.answers.score import JUDGES
from workstation.catalog import load_catalog, load_catalog_from
from workstation.errors import CatalogError

ROOT = Path(__file__).resolve().parents[1]
NAME = "01-workload-first"
LESSON = ROOT / f"course/{NAME}.ipynb"
PRACTICE = load_catalog().practice[NAME]
FAMILIES = load_catalog().families
SMALL = Path(__file__).parent / "small_catalog"
GOOD = "For the next four months I will search my recipe scans by meaning, with embeddings and RAG."


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
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A real IPython shell in an empty folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    with ipython_shell() as started:
        started.run("import workstation as ws")
        yield started


def section(prose: str, heading: str) -> str:
    """The text below a heading, up to the next one."""
    return re.split(r"^#+ ", prose.split(heading, 1)[1], maxsplit=1, flags=re.MULTILINE)[0]


def bullets(text: str) -> list[str]:
    """The items of its lists."""
    return re.findall(r"^- (.+)$", text, re.MULTILINE)


# The lesson


def test_it_needs_no_more_of_the_toolbox_than_this(prose, code):
    named = set(re.findall(r"\bws\.(\w+)", "\n".join([prose, *code.values()])))

    assert named == {"predict", "compare", "families", "hint", "self_check"}


def test_the_first_lesson_leads_here_and_this_one_to_the_exercise(prose):
    first = nbformat.read(ROOT / "course/00-start-here.ipynb", as_version=4)
    turn = next(cell.source for cell in first.cells if cell.id == "your-turn")
    targets = re.findall(r"\]\(([^)#]+)\)", prose)

    assert f"({NAME}.ipynb)" in turn
    assert "../exercises/constraint-summary/constraint-summary.ipynb" in targets


def test_the_prediction_is_asked_for_before_its_answer_is_told(lesson, code):
    order = [cell.id for cell in lesson.cells]

    assert order.index("predict-first") < order.index("compare-first") < order.index("explain")
    asked = set(re.search(r"choices=\((.+)\)", code["predict-first"])[1].replace('"', "").split(", "))
    assert asked <= set(load_catalog().constraints)
    assert re.search(r'"first-to-diverge", "(\w+)"', code["compare-first"])[1] in asked
    assert '"first-to-diverge"' in code["predict-first"]


def test_no_row_of_the_table_is_typed_a_second_time(prose):
    assert "|" not in prose
    assert not [
        family.id for family in FAMILIES.values() if family.primary_text in prose and "," in family.primary_text
    ]


def test_what_it_says_about_the_table_is_so(prose):
    rows = {wall: sum(wall in family.primary for family in FAMILIES.values()) for wall in ("ram", "vram")}

    assert "RAM stands under *primary* in more rows than VRAM" in prose
    assert rows["ram"] > rows["vram"]
    assert rows["vram"] < len(FAMILIES) / 2  # "overlooks most of the table"
    assert len(FAMILIES) == 8  # "Eight kinds of work"


# The table


def test_the_table_is_the_catalogues_with_its_text_twin(shell, code):
    shell.run(code["families"])

    assert shell.html.count("<tr>") == len(FAMILIES) + 1
    for family in FAMILIES.values():
        for words in (family.name, family.primary_text, family.secondary_text, family.local_fit):
            assert words in shell.text
            assert words.replace("'", "&#x27;") in shell.html


# The sentence: untouched, good, flawed


def test_the_untouched_line_is_not_attempted(shell, code):
    shell.run(code["workload-sentence"])

    assert shell.text.startswith("0 of 3 met.")
    assert shell.text.count("not attempted") == 3
    assert "<table" not in shell.html


def test_a_good_sentence_gets_its_row_of_the_table(shell):
    shell.run(f"%%answer workload-sentence\n{GOOD}")
    family = FAMILIES["embeddings-rag"]

    assert shell.text.startswith("3 of 3 met.")
    for words in (family.name, family.primary_text, family.secondary_text, family.local_fit):
        assert words in shell.text
        assert words in shell.html


@pytest.mark.parametrize("example", [0, 1])
def test_the_lessons_own_examples_hold_what_they_are_shown_for(prose, example):
    """Asked of the judges alone: copied into the cell they are the lesson's words, not the learner's."""
    sentence = re.findall(r'^- "(.+)"$', section(prose, "## Your turn: one sentence"), re.MULTILINE)[example]
    judges = (judge_horizon, judge_family, judge_before_hardware)

    assert [judge(sentence).outcome for judge in judges] == ["met"] * 3


@pytest.mark.parametrize(
    ("sentence", "missed"),
    [
        ("I will search my recipe scans by meaning, with embeddings and RAG.", "sentence.horizon"),
        ("For the next four months I will do AI.", "sentence.family"),
        ("For four months I will buy an RTX 4090 and run quantized local LLMs.", "sentence.before-hardware"),
    ],
)
def test_a_flawed_sentence_is_told_what_is_missing_and_hinted_at_in_steps(shell, sentence, missed):
    shell.run(f"%%answer workload-sentence\n{sentence}")
    criterion = next(entry for entry in PRACTICE.criteria if entry.id == missed)

    assert shell.text.startswith("2 of 3 met.")
    assert f"{criterion.title}: not met" in shell.text
    assert "Next step:" in shell.text
    for hint in criterion.hints:
        shell.run('ws.hint("workload-sentence")')
        assert hint in shell.text


def test_practice_speaks_of_no_points(shell):
    shell.run(f"%%answer workload-sentence\n{GOOD}")

    assert "point" not in shell.text
    assert "ws-points" not in shell.html


def test_a_hostile_sentence_is_escaped(shell):
    shell.run("%%answer workload-sentence\n<img src=x onerror=alert(1)> for four months")

    assert "<img" not in shell.html


def test_after_a_restart_the_sentence_is_read_from_the_saved_lesson(shell, lesson, tmp_path):
    saved = nbformat.from_dict(lesson)
    for cell in saved.cells:
        cell.source = f"%%answer workload-sentence\n{GOOD}" if cell.id == "workload-sentence" else cell.source
    (tmp_path / LESSON.name).write_text(nbformat.writes(saved), encoding="utf-8")
    shell.run('ws.hint("workload-sentence")')

    assert "nothing left to hint at" in shell.text


# The catalogue


def test_every_practice_belongs_to_a_lesson_and_has_a_judge_for_each_criterion():
    for practice in load_catalog().practice.values():
        assert (ROOT / f"course/{practice.id}.ipynb").is_file()
        assert {entry.id for entry in practice.criteria} <= JUDGES.keys()


def test_every_lesson_with_questions_exists_and_asks_three_with_the_right_choice_in_different_places():
    questions = load_catalog().questions.values()
    for lesson in {question.lesson for question in questions}:
        own = [question for question in questions if question.lesson == lesson]
        assert (ROOT / f"course/{lesson}.ipynb").is_file()
        assert len(own) == 3
        assert len({question.correct for question in own}) == 3


@pytest.mark.parametrize(
    ("file", "old", "new", "problem"),
    [
        ("practice.toml", "points = 0", "points = 1", "must be 0"),
        ("practice.toml", '"sentence"', '"work"', "an answer of 'summary' already"),
        ("questions.toml", '["yes", "no"]', '["yes"]', "each of the 2 choices"),
        ("questions.toml", "correct = 0", "correct = 2", "0 to 1"),
    ],
)
def test_a_broken_practice_or_question_is_refused(tmp_path, file, old, new, problem):
    folder = Path(shutil.copytree(SMALL, tmp_path / "catalog"))
    text = (folder / file).read_text("utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new), encoding="utf-8")

    with pytest.raises(CatalogError, match=problem):
        load_catalog_from(folder)


def test_practice_is_a_task_and_no_graded_exercise():
    catalog = load_catalog()

    assert NAME in catalog.tasks
    assert NAME not in catalog.exercises
    assert dataclasses.replace(catalog, practice={}).tasks.keys() == catalog.exercises.keys()
