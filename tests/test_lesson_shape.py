"""The shape of every lesson and exercise, held by short rules; each rule by a page that is right and wrong ones."""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import pytest
from course_kit import ROOT
from lesson_lint import (
    FEWEST_MINUTES,
    LESSON_RULES,
    MOST_MINUTES,
    Cell,
    House,
    Page,
    anchor,
    count_words,
    lint,
    needed,
    read_house,
    read_pages,
    sentences,
    total_minutes,
    unmentioned,
)

import workstation
from workstation.catalog import load_catalog

PAGES = read_pages(ROOT)
QUESTIONS = Counter(question.lesson for question in load_catalog().questions.values())
HOUSE = read_house(ROOT, QUESTIONS)

# What a page may do all the same, and why.
EXCUSED = {
    ("00-start-here", "something_is_to_be_done_every_screen_or_two"): "its second half is looked up, not read through",
    ("01-workload-first", "something_is_to_be_done_every_screen_or_two"): "a story leads to the first prediction",
}  # fmt: skip
# What a learner needs no page for.
NOT_TAUGHT = {
    "WorkstationError": "what authors catch",
    "bands": "what my_bands, which lesson 04 uses, stands on: for any inventory and any family",
    "watch_pid": "for a program that runs already; what lessons record is started by the recorder",
    "load_catalog": "how authors and the grader read the catalogue",
}
LESSONS = (
    "00-start-here", "01-workload-first", "02-five-constraints", "03-archetypes", "04-sizing-rules",
    "05-local-cloud-hybrid", "06-reading-symptoms", "07-worked-example", "08-decision-framework",
    "09-hardware-specifics", "10-review",
)  # fmt: skip
EXERCISES = {"constraint-summary", "staged-plan", "symptom-mapping"}


# A page that is right

TITLE = """# A small lesson

Eleven words stand here, so that the lesson says something.

**After this lesson you can**

- read a chart,
- tell two units apart.

**Time:** 1 minute to read, 2 minutes to do.

**What it runs on your machine:** nothing that could be felt."""
WAY = """## The way

```mermaid
flowchart LR
  accTitle: The way
  accDescr: First one, then two.
  one --> two
```

The same in words: first comes the one, and after it there follows the two, which leads nowhere else.

<img src="images/first.png" alt="A chart with two bars"> See [the way](#The-way) and [the next](09-next.ipynb)."""
GOOD = Page(
    path="course/05-small.ipynb",
    cells=(
        Cell(id="title", code=False, source=TITLE),
        Cell(id="setup", code=True, source="import workstation as ws"),
        Cell(id="way", code=False, source=WAY),
        Cell(id="predict-fit", code=True, source='ws.predict("fit", "How many GiB?", unit="GiB")'),
        Cell(id="compare-fit", code=True, source='ws.compare("fit", 4)'),
        Cell(id="work-in-words", code=True, source="%%answer work-in-words\nif I have time I will"),
        Cell(id="watched", code=True, source="%%watch\nrows = len([1, 2])"),
        Cell(id="own-line", code=True, source="# Your own line goes here."),
        Cell(id="fixed", code=True, source="# NBVAL_CHECK_OUTPUT\n2 + 2", outputs=1),
        Cell(id="recap", code=False, source="## What you can do now\n\n- You read one.\n- You tell them apart."),
        Cell(id="self-check", code=False, source="## Check yourself\n\nThree questions."),
        Cell(id="self-check-questions", code=True, source='ws.self_check("05-small")'),
        Cell(id="next", code=False, source="## Go on\n\nThat was all."),
    ),
)
SMALL_HOUSE = House(
    files=frozenset({"course/05-small.ipynb", "course/09-next.ipynb", "course/images/first.png"}),
    headings={"course/05-small.ipynb": frozenset({"The-way"})},
    questions={"05-small": 3},
)

Change = Callable[[Page], Page]


def put(cell_id: str, old: str, new: str) -> Change:
    """Replace words of one cell."""

    def change(page: Page) -> Page:
        cell = next(cell for cell in page.cells if cell.id == cell_id)
        assert old in cell.source
        changed = replace(cell, source=cell.source.replace(old, new))
        return replace(page, cells=tuple(changed if each is cell else each for each in page.cells))

    return change


def lost(cell_id: str) -> Change:
    """Take a cell away."""
    return lambda page: replace(page, cells=tuple(cell for cell in page.cells if cell.id != cell_id))


def named(cell_id: str, new: str) -> Change:
    """Give a cell another id."""
    return lambda page: replace(
        page, cells=tuple(replace(cell, id=new) if cell.id == cell_id else cell for cell in page.cells)
    )


def without_outputs(page: Page) -> Page:
    """Clear every output, as a careless editor would."""
    return replace(page, cells=tuple(replace(cell, outputs=0) for cell in page.cells))


def code(source: str) -> Change:
    """Write another first prediction."""
    return put("predict-fit", 'ws.predict("fit", "How many GiB?", unit="GiB")', source)


LONG = "word " * 46
WRONG: dict[str, dict[str, Change]] = {
    "one_title_and_headings_without_gaps": {
        "no title": put("title", "# A small lesson", "A small lesson"),
        "two titles": put("way", "## The way", "# The way"),
        "a gap": put("way", "## The way", "### The way"),
    },
    "says_what_it_is_for": {
        "no goals": put("title", "**After this lesson you can**", "Learn this:"),
        "no minutes": put("title", "**Time:** 1 minute", "A minute"),
        "nothing on what it runs": put("title", "**What it runs on your machine:**", "It runs"),
    },
    "cells_are_named": {
        "a chance id": named("way", "3f9a01bc"),
        "capitals": named("way", "The_Way"),
        "an id twice": named("fixed", "way"),
    },
    "cells_hold_no_logic": {
        "a function": code("def f():\n    return 1\nf()"),
        "a class": code("class A: pass\nA()"),
        "a loop": code("for n in (1, 2):\n    n\nn"),
        "a loop inside a list": code("[n for n in (1, 2)]"),
        "a condition": code("if True:\n    1\n2"),
        "a choice in a line": code("1 if True else 2"),
        "a lambda": code("(lambda: 1)()"),
        "an import": code("import os\nos.name"),
        "an import from": code("from workstation import fits\nfits"),
        "a loop under a magic": put("watched", "rows = len([1, 2])", "for n in (1, 2):\n    n"),
    },
    "cells_end_in_something_to_look_at": {
        "an assignment": code('x = ws.predict("fit", "How many GiB?", unit="GiB")'),
        "an empty cell": code(""),
    },
    "promised_outputs_are_there": {"a cleared output": without_outputs},
    "figures_say_what_they_show": {
        "no alt": put("way", ' alt="A chart with two bars"', ""),
        "an empty alt": put("way", "A chart with two bars", " "),
        "Markdown without alt": put("way", "See [the way]", "![](images/first.png) See [the way]"),
    },
    "diagrams_are_told_in_words": {
        "no name": put("way", "accTitle: ", "title: "),
        "no description": put("way", "accDescr: ", "text: "),
        "no words": put("way", "The same in words:", "So:"),
    },
    "links_lead_somewhere": {
        "no such lesson": put("way", "09-next.ipynb", "11-more.ipynb"),
        "no such heading": put("way", "#The-way", "#the-way"),
        "no such image": put("way", "images/first.png", "images/second.png"),
        "http": put("way", "09-next.ipynb", "http://example.org/"),
    },
    "sentences_are_short": {"46 words": put("recap", "You read one.", f"{LONG}.")},
    "predictions_come_first": {"another id": put("compare-fit", '"fit"', '"other"')},
    "cells_are_short": {"nine lines": code("1\n" * 9)},
    "cells_stand_in_order": {"no set-up": lost("setup"), "no recap": named("recap", "summary")},
    "the_recap_mirrors_the_goals": {
        "a goal more": put("title", "- read a chart,", "- read a chart,\n- draw one,"),
        "a line less": put("recap", "\n- You tell them apart.", ""),
    },
    "three_questions_are_asked": {"none": lost("self-check-questions")},
    "something_is_to_be_done_every_screen_or_two": {
        "much to read": put("way", "See [the way]", "Word. " * 500 + "See [the way]"),
        "much after the last": put("next", "That was all.", "Word. " * 510),
    },
    "the_minutes_are_likely": {
        "too few": put("way", "See [the way]", "Word. " * 400 + "See [the way]"),
        "too many": put("title", "1 minute to read", "9 minutes to read"),
    },
}  # fmt: skip
CASES = [(rule, label) for rule, changes in WRONG.items() for label in changes]


def test_a_page_that_is_right_breaks_no_rule():
    assert lint(GOOD, SMALL_HOUSE) == {}


def test_every_rule_is_shown_a_page_that_breaks_it():
    assert set(WRONG) == {rule.__name__ for rule in LESSON_RULES}


@pytest.mark.parametrize(("rule", "label"), CASES)
def test_the_rule_finds_what_is_wrong(rule, label):
    assert rule in lint(WRONG[rule][label](GOOD), SMALL_HOUSE)


def test_three_questions_may_also_be_answers_to_open():
    answers = "<details><summary>Answer</summary>Yes.</details>\n" * 3
    page = put("self-check", "Three questions.", answers)(lost("self-check-questions")(GOOD))

    assert "three_questions_are_asked" not in lint(page, SMALL_HOUSE)


def test_what_is_optional_or_has_to_be_opened_is_not_counted():
    text = "# A\n\none\n\n## Optional: more\n\ntwo\n\n### Deeper\n\nthree\n\n## B\n\nfour <details>five</details>"

    assert needed(text).split() == ["#", "A", "one", "##", "B", "four"]


def test_code_tags_and_targets_are_no_words():
    assert count_words("**One** [two](three/four.md) <b>three</b>\n\n```\nfour five\n```\n| --- |") == 3


def test_items_cells_and_semicolons_end_a_sentence():
    found = sentences('- One.\n- Two\n\n| a | b |\n\n"Say it." Then; go')

    assert found == ["- One.", "- Two", "a", "b", '"Say it.', "Then;", "go"]


def test_an_anchor_is_what_jupyterlab_makes_of_a_heading():
    assert anchor("## Try `ws.fits` **now**, twice") == "Try-ws.fits-now,-twice"


def test_a_name_counts_as_mentioned_where_it_is_called_or_is_a_magic():
    page = replace(GOOD, cells=(Cell(id="a", code=True, source="%%watch\nws.fits(1)"),))

    assert unmentioned({"watch", "fits", "fit"}, [page]) == {"fit"}


# The course


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_page_keeps_to_every_rule(page):
    found = {rule: wrong for rule, wrong in lint(page, HOUSE).items() if (page.name, rule) not in EXCUSED}

    assert found == {}


def test_every_excuse_is_still_needed():
    broken = {(page.name, rule) for page in PAGES for rule in lint(page, HOUSE)}

    assert set(EXCUSED) <= broken


def test_the_course_is_whole():
    assert tuple(page.name for page in PAGES if page.path.startswith("course/")) == LESSONS
    assert {page.name for page in PAGES if page.path.startswith("exercises/")} == EXERCISES


def test_the_printed_minutes_add_up_to_two_or_three_hours():
    assert FEWEST_MINUTES <= total_minutes(PAGES) <= MOST_MINUTES


def test_every_public_name_is_spoken_of_in_a_lesson_or_an_exercise():
    assert unmentioned(set(workstation.__all__) - set(NOT_TAUGHT), PAGES) == set()
    assert unmentioned(set(NOT_TAUGHT), PAGES) == set(NOT_TAUGHT)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_name_that_a_page_speaks_of_exists(page):
    spoken_of = set(re.findall(r"\bws\.(\w+)", "\n".join(cell.source for cell in page.cells)))

    assert spoken_of <= set(workstation.__all__)
