"""The page that a learner gets back: scores, reasons and words, and nothing that acts, leaks or frightens."""

import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pytest
from grading_kit import BOTH, EXERCISE, hand_in, run_nbgrader

from workstation.catalog import load_catalog
from workstation_grader.batch import grade_cohort
from workstation_grader.course import CONFIG_NAME, Course, open_course
from workstation_grader.feedback import write_feedback
from workstation_grader.marks import read_marks

HARM = "<img src=x onerror=alert(1)><script>alert(2)</script><style>body{display:none}</style></pre></section>"
LOADING = {"src", "href", "srcset", "action", "data", "poster", "background", "formaction", "ping"}


class Page(HTMLParser):
    """A feedback page as a browser reads it: its elements, their attributes and its text."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.source = path.read_text(encoding="utf-8")
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.parts: list[str] = []
        self.feed(self.source)

    def handle_starttag(self, tag, attrs):
        """Note an element that opens."""
        self.elements.append((tag, dict(attrs)))
        if tag not in {"meta", "br"}:
            self.open.append(tag)

    def handle_endtag(self, tag):
        """Hold that elements close in turn."""
        assert self.open.pop() == tag, f"{tag} closes something else"

    def handle_data(self, data):
        """Note what is there to read."""
        if "style" not in self.open:
            self.parts.append(data)

    @property
    def text(self) -> str:
        """All there is to read, in order."""
        return " ".join(" ".join(self.parts).split())

    @property
    def tags(self) -> set[str]:
        """The kinds of elements."""
        return {tag for tag, _ in self.elements}


@pytest.fixture
def page_of(course: Course) -> Callable[..., Page]:
    """Grade what was handed in and read one learner's page."""

    def _page_of(student: str, opened: Course = course) -> Page:
        grade_cohort(opened, EXERCISE)
        write_feedback(opened.autograded, opened.feedback, opened.db_url, EXERCISE)
        return Page(opened.feedback / student / EXERCISE / f"{EXERCISE}.html")

    return _page_of


def assert_is_harmless(page: Page) -> None:
    """No script, no form, nothing loaded from anywhere, no tests and no traceback."""
    assert not page.open, "every element is closed"
    assert page.tags <= {
        "html", "head", "meta", "title", "style", "body", "main", "h1", "h2", "h3", "p", "small", "strong", "span",
        "table", "thead", "tbody", "tr", "th", "td", "section", "ul", "li", "pre",
    }  # fmt: skip
    names = {name for _, attributes in page.elements for name in attributes}
    assert not names & LOADING
    assert not [name for name in names if name.startswith("on") or name == "style"]
    assert ("meta", {"http-equiv": "Content-Security-Policy", "content": "default-src 'none'; style-src 'unsafe-inline'"}) in page.elements  # fmt: skip  # noqa: E501 - one value
    assert not re.search(r"url\(|@import", page.source)
    for word in ("ws.check", "import workstation", "Traceback", 'File "/'):
        assert word not in page.source


def test_the_page_tells_scores_and_reasons(submit: Callable[..., Path], page_of: Callable[..., Page]) -> None:
    """The total first, a row a part, the learner's own words, and how each criterion was judged."""
    submit("ada")

    page = page_of("ada")

    assert_is_harmless(page)
    assert re.search(r"You have (\d+) of \1 points\.", page.text)
    assert "scanned pages from our town's newspaper archive" in page.text
    assert page.text.index("Total") < page.text.index("You wrote")
    assert "by the rubric" in page.text
    assert "wait" not in page.text.split("You wrote")[0]


def test_the_page_says_what_it_is_about(submit: Callable[..., Path], page_of: Callable[..., Page]) -> None:
    """Printed or kept among others: which exercise by its id, when it was handed in, by which rubric."""
    submit("ada")

    text = page_of("ada").text

    assert load_catalog().exercises[EXERCISE].name in text
    rubric = load_catalog().rubric_version
    assert f"Exercise {EXERCISE}, handed in 2026-11-20 10:00 UTC, judged by rubric version {rubric}." in text


def test_a_page_without_a_stamp_says_so(
    course: Course, submit: Callable[..., Path], page_of: Callable[..., Page]
) -> None:
    """Handed in by other ways, or with a stamp that somebody garbled."""
    (submit("ada") / "timestamp.txt").write_text("tomorrow", encoding="ascii")

    assert "when it was handed in is not known" in page_of("ada").text


def test_what_was_lost_has_a_next_step(
    submit: Callable[..., Path], page_of: Callable[..., Page], model: dict[str, str]
) -> None:
    """A criterion that is not met says why and one thing to do."""
    submit("ada", answers=model | {"workload": "I will do AI work."})

    page = page_of("ada")

    assert "not met" in page.text
    assert "Next step:" in page.text


def test_an_empty_page_says_so_kindly(blank: dict, course: Course, page_of: Callable[..., Page]) -> None:
    """An untouched submission gets a page, with no answers and no traceback."""
    hand_in(course.root, "ada", blank, machine=None)

    page = page_of("ada")

    assert_is_harmless(page)
    assert "(no answer)" in page.text
    assert "not attempted" in page.text


def test_points_in_review_wait_for_a_person(submit: Callable[..., Path], page_of: Callable[..., Page]) -> None:
    """What rules could not judge is counted as waiting, in the sentence, in the table and at the criterion."""
    submit("ada", machine=None)

    page = page_of("ada")

    assert re.search(r"Up to \d+ more points wait for a person\.", page.text)
    assert "waits for a person" in page.text
    assert "a person will look" in page.text


@BOTH
def test_a_persons_score_and_comment_are_shown_as_text(
    course: Course, submit: Callable[..., Path], page_of: Callable[..., Page]
) -> None:
    """A manual score counts and says whose it is; a comment is escaped, whatever is in it."""
    from nbgrader.api import Gradebook

    submit("ada")
    page_of("ada")
    with Gradebook(course.db_url, course.course_id) as gradebook:
        grade = gradebook.find_grade("check-workload-1", EXERCISE, EXERCISE, "ada")
        grade.manual_score, grade.extra_credit = 2.5, 0.25
        gradebook.find_comment("workload", EXERCISE, EXERCISE, "ada").manual_comment = f"Good & <b>clear</b>. {HARM}"
        gradebook.db.commit()

    page = page_of("ada")

    assert_is_harmless(page)
    assert f"Your instructor writes: Good & <b>clear</b>. {HARM}" in page.text
    assert "A person judged this part: 2.75 of 6 points." in page.text
    assert "by a person" in page.text


def test_a_judged_part_no_longer_promises_a_person(course: Course, page_of: Callable[..., Page]) -> None:
    """Once a person has judged what could not be read, the page gives that judgement and announces no other."""
    from nbgrader.api import Gradebook

    hand_in(course.root, "ada", b"{")
    page_of("ada")
    with Gradebook(course.db_url, course.course_id) as gradebook:
        for grade in gradebook.find_submission_notebook(EXERCISE, EXERCISE, "ada").grades:
            grade.manual_score, grade.needs_manual_grade = 1.0, False
        gradebook.db.commit()

    page = page_of("ada")

    assert_is_harmless(page)
    assert "A person judged this part: 1 of" in page.text
    assert "will look" not in page.text
    assert "wait" not in page.text


def test_a_learners_markup_is_text(
    submit: Callable[..., Path], page_of: Callable[..., Page], model: dict[str, str]
) -> None:
    """HTML in an answer is shown as it was typed, in the answer and where a reason quotes it."""
    submit("ada", answers={name: f"{text}\n{HARM}" for name, text in model.items()})

    page = page_of("ada")

    assert_is_harmless(page)
    assert page.text.count(HARM) >= len(model)


def test_an_unreadable_submission_gets_a_page_that_says_so(course: Course, page_of: Callable[..., Page]) -> None:
    """What was wrong with the file stands there, and that a person will look; no points are called lost."""
    hand_in(course.root, "ada", b'{"cells": [')

    page = page_of("ada")

    assert_is_harmless(page)
    assert "About your file" in page.text
    assert "is not JSON" in page.text
    assert "Nothing could be read here; a person will look at it." in page.text
    assert re.search(r"Up to (\d+) more points", page.text).group(1) == re.search(r"0 of (\d+)", page.text).group(1)


@BOTH
def test_a_late_penalty_has_its_own_row(
    course: Course, submit: Callable[..., Path], page_of: Callable[..., Page]
) -> None:
    """What being late cost is a row of its own, and the total counts it."""
    from nbgrader.api import Gradebook

    config = course.root / CONFIG_NAME
    text = f"{config.read_text(encoding='utf-8')}\nc.LateSubmissionPlugin.penalty_method = 'zero'\n"
    config.write_text(text, encoding="utf-8")
    submit("ada")
    with Gradebook(course.db_url, course.course_id) as gradebook:
        gradebook.update_or_create_assignment(EXERCISE, duedate="2026-11-19 10:00:00 UTC")

    page = page_of("ada", open_course(course.root))

    penalty = read_marks(course.db_url, EXERCISE)["ada"].late_penalty
    assert f"Handed in late -{penalty:g}" in page.text
    assert "You have 0 of" in page.text


@BOTH
def test_one_learners_page_alone(course: Course, submit: Callable[..., Path]) -> None:
    """With --student only that page is written."""
    submit("ada")
    submit("bob")
    grade_cohort(course, EXERCISE)

    pages = write_feedback(course.autograded, course.feedback, course.db_url, EXERCISE, ["bob"])

    assert [path.parent.parent.name for path in pages] == ["bob"]
    assert not (course.feedback / "ada").exists()


@BOTH
def test_nbgraders_command_writes_the_same_page(
    course: Course, submit: Callable[..., Path], page_of: Callable[..., Page]
) -> None:
    """`nbgrader generate_feedback`, and so Formgrader's button, writes byte for byte what our command writes."""
    submit("ada", machine=None)
    ours = page_of("ada").source
    path = course.feedback / "ada" / EXERCISE / f"{EXERCISE}.html"
    path.unlink()

    run = run_nbgrader(course.root, "generate_feedback", EXERCISE, "--force")

    assert run.returncode == 0, run.stderr
    assert path.read_text(encoding="utf-8") == ours
