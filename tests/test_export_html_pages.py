"""The exported pages: they run, load and tell nothing they should not, and hold all that the lessons hold."""

import json
import re
from itertools import pairwise

import pytest
from pages_kit import ACTIVE, Read

from workstation import materials
from workstation.catalog import load_catalog
from workstation.catalog._pages import load_page_calls
from workstation.notebook.cell_calls import calls
from workstation.notebook.lesson_pages import lesson_pages
from workstation.notebook.page_twins import DROPPED, TWINS

CATALOG = load_catalog()


@pytest.fixture(scope="module")
def pages():
    return {page.name: page.html for page in lesson_pages()}


@pytest.fixture(scope="module")
def read(pages):
    return {name: Read(html) for name, html in pages.items()}


def test_there_is_a_page_for_each_lesson_and_exercise_and_an_index(pages):
    """In reading order; the exercises in the catalogue's."""
    released = materials.exercise_names()
    exercises = [f"exercise-{name}.html" for name in CATALOG.exercises if name in released]

    assert list(pages) == ["index.html", *(f"{name}.html" for name in materials.lesson_names()), *exercises]
    assert len(exercises) == len(released)


def test_nothing_runs_and_nothing_is_loaded(read):
    for name, page in read.items():
        tags = {tag for tag, _attrs in page.tags}
        assert not tags & ACTIVE, name
        assert not [attr for _tag, attrs in page.tags for attr in attrs if attr.startswith("on")], name
        assert [src for src in page.values("src") if not src.startswith("data:")] == [], name
        assert any("default-src 'none'" in content for content in page.values("content")), name


def test_every_tag_is_closed_in_order(read):
    assert {name: page.wrong for name, page in read.items() if page.wrong or page.open} == {}


def test_headings_begin_with_one_title_and_leave_no_gap(read):
    for name, page in read.items():
        levels = [int(tag[1]) for tag, _attrs in page.tags if re.fullmatch(r"h[1-6]", tag)]
        assert levels[0] == 1, name
        assert levels.count(1) == 1, name
        assert all(after - before <= 1 for before, after in pairwise(levels)), name


def test_no_id_stands_twice_and_every_link_leads_somewhere(read):
    for name, page in read.items():
        ids = page.values("id")
        assert len(ids) == len(set(ids)), name
        for target in page.values("href"):
            place, _, anchor = target.partition("#")
            if place.startswith("https://"):
                continue
            assert place in {"", *read}, (name, target)
            assert not anchor or anchor in read[place or name].values("id"), (name, target)


def test_a_reader_is_told_the_language_and_can_skip_and_every_picture_is_told(pages, read):
    for name, page in read.items():
        assert '<html lang="en">' in pages[name]
        assert page.tags[[tag for tag, _ in page.tags].index("body") + 1][1] == {"class": "skip", "href": "#content"}
        assert all(attrs.get("alt") for tag, attrs in page.tags if tag == "img"), name


def test_it_follows_the_theme_and_prints(pages):
    for html in pages.values():
        assert "prefers-color-scheme: dark" in html
        assert "@media print" in html


def test_a_diagram_is_told_in_words(read):
    told = read["00-start-here.html"].words

    assert "Diagram: The way through the course." in told
    assert not [name for name, page in read.items() if "flowchart" in page.words or "accDescr" in page.words]


def test_keys_stay_keys(pages):
    """A picture put in by nbconvert's own way would break tags inside a line."""
    assert "<kbd>Shift</kbd> + <kbd>Enter</kbd>" in pages["00-start-here.html"]


def test_no_page_says_how_to_press_a_form_alone(read):
    """Wherever a lesson has a choice, the page has the choices and the answer."""
    for question in CATALOG.questions.values():
        if f"{question.lesson}.html" in read:
            page = " ".join(read[f"{question.lesson}.html"].words.split())
            for text in (question.question, *question.choices, *question.reasons):
                assert " ".join(text.split()) in page


def test_the_review_has_all_mistakes_and_all_scenarios_with_their_answers(read):
    told = read["10-review.html"].words

    for mistake in CATALOG.mistakes.values():
        assert mistake.harm in told
        assert mistake.why in told
    for entry in CATALOG.scenarios.values():
        if entry.lesson == "10-review":
            assert entry.model_answer in told


def test_an_exercise_can_be_read_with_its_criteria_points_and_hints(read):
    told = read["exercise-constraint-summary.html"].words
    for criterion in CATALOG.exercises["constraint-summary"].criteria:
        if criterion.answer != "evidence":
            assert criterion.title in told
            assert criterion.hints[0].replace("`", "") in told
    assert "ws.check" not in re.sub(r"\s", "", told)


def test_the_index_names_every_page_with_its_minutes(pages, read):
    told = read["index.html"]

    assert set(told.values("href")) >= set(pages) - {"index.html"}
    assert told.words.count("minutes to read") == len(pages) - 1


def test_every_function_that_a_page_cannot_run_is_explained():
    """A cell of a lesson has a twin, is dropped on purpose, or has words that say what it would show."""
    known = {*TWINS, *DROPPED, *load_page_calls()}
    sources = [*materials.course_root().glob("*.ipynb"), *materials.exercises_root().glob("*/*.ipynb")]
    code = [
        "".join(cell["source"])
        for path in sources
        for cell in json.loads(path.read_text("utf-8"))["cells"]
        if cell["cell_type"] == "code"
    ]
    called = {each.name for source in code for each in calls(source)} - {"answer"}

    assert called - known == set()


def test_no_word_of_the_pages_explains_a_function_that_is_gone():
    import workstation

    names = {name.partition(".")[0] for name in load_page_calls()}

    assert names <= set(workstation.__all__)
