"""The page and its files: hostile names and words stay text, CSV runs nothing, and damage stops nothing."""

import csv
import html
import io
import json
import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pytest
from grading_kit import EXERCISE, Terminal, assert_is_one_sentence, filled, hand_in
from insight_kit import entry, judged

from workstation_grader.cli._insight import _csv
from workstation_grader.insight.model import Cohort, Table
from workstation_grader.insight.page import insight_page
from workstation_grader.insight.sections import sections_of

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</style><b>",
    "=1+1",
    "a\u202eb\x00c",
    "{{x}}",
)


def page_of(entries, **options):
    sections = sections_of(Cohort(exercise=EXERCISE, entries=tuple(entries)))
    return insight_page(EXERCISE, sections, learners=len(entries), made_at="today", **options)


@pytest.fixture
def hostile_page():
    from workstation.answers.model import Criterion
    from workstation.answers.predictions import Prediction

    entries = []
    for number, name in enumerate([*HOSTILE] * 2):
        reason = Criterion(
            id="summary.measured", outcome="needs review", points=1.0, earned=0.0, reason=name, next_step=""
        )
        asked = Prediction(id="kv", question=HOSTILE[0], unit=HOSTILE[1], predicted=2.0, predicted_at="", measured=1.0)
        entries.append(
            entry(
                f"{name}{number}", criteria=(*judged(), reason),
                waiting=frozenset({"check-constraint-summary-1", name}),
                submission=name, own=(f"{name} " * 30, " ".join(f"word{n}" for n in range(40))), predictions=(asked,),
                digests={f"{name}.json": "sha256:11"}, problems=(name,), unread=(name,),
                family=name, named={EXERCISE: name},
            )
        )  # fmt: skip
    return page_of(entries, formgrader="http://localhost:8888")


def test_what_learners_choose_stays_text(hostile_page):
    """Ids, words, questions, units, file names, keys: everywhere that a learner's text can get to."""
    tags = set(re.findall(r"<([a-zA-Z]+)", hostile_page))

    assert tags.isdisjoint({"script", "img", "b", "iframe", "form", "object", "embed", "link", "base"})
    assert hostile_page.count("</style>") == 1
    assert html.escape("<script>alert(1)</script>") in hostile_page
    assert not re.search("[\x00\u202a-\u202e\u2066-\u2069]", hostile_page)


class Attributes(HTMLParser):
    """Every attribute of a page, as a browser reads it."""

    def __init__(self, page):
        super().__init__()
        self.found = []
        self.feed(page)

    def handle_starttag(self, _tag, attrs):
        """Note a tag's attributes."""
        self.found += attrs


def test_the_page_loads_nothing(hostile_page):
    """Its only links are into the page itself and to the Formgrader that was named; a key cannot leave that."""
    found = Attributes(hostile_page).found

    assert {name for name, _ in found}.isdisjoint(
        {"src", "srcset", "action", "data", "poster", "background", "onerror"}
    )
    assert all(value.startswith(("#", "http://localhost:8888/formgrader/")) for name, value in found if name == "href")
    assert not re.search(r"@import|url\((?!#)", hostile_page)
    assert "default-src 'none'" in hostile_page


def test_every_drawing_says_what_it_shows(hostile_page):
    drawings = re.findall(r"<svg[^>]*>", hostile_page)

    assert all('aria-hidden="true"' in each or re.search(r'role="img" aria-label="[^"]+"', each) for each in drawings)
    assert any('role="img"' in each for each in drawings)


def test_a_page_of_a_few_says_what_it_cannot_say():
    page = page_of([entry("ada"), entry("bob")])

    assert "28 are missing" in page
    assert "Nothing waits for a person." in page
    assert "personal data" in page
    assert "personal data" not in page_of([entry("ada")], hidden=True)


@pytest.fixture
def graded(cohort: Terminal, submit: Callable[..., Path], blank: dict, model: dict[str, str]) -> Terminal:
    """A small graded class: one whole, two odd, one damaged."""
    submit("ada")
    hand_in(cohort.course, "bob", b"{")
    hand_in(cohort.course, "dan", filled(blank, model | {"workload": "AI work."}))
    submit("eve", answers=model | {EXERCISE: model[EXERCISE].replace(":", ": <i>", 1)})
    (cohort.course / "collected/eve" / EXERCISE / "evidence/predictions.jsonl").write_text(
        "{broken\n", encoding="utf-8"
    )
    assert cohort("grade", EXERCISE) == 0
    return cohort


def test_the_command_writes_a_page_and_csv_files(graded: Terminal) -> None:
    """Into the course's own folder, anew each time; a spreadsheet reads every file and runs none of it."""
    folder = graded.course / "insight" / EXERCISE
    assert graded("insight", EXERCISE, "--jobs", "1") == 0
    (folder / "old.csv").write_text("stale", encoding="utf-8")
    assert graded("insight", EXERCISE, "--jobs", "1") == 0

    assert graded.out.startswith(f"Wrote {folder / 'insight.html'} and ")
    assert "personal data" in graded.out
    assert {path.name for path in folder.iterdir()} >= {
        "insight.html",
        "criteria.csv",
        "files.csv",
        "review-queue.csv",
        "shared-evidence.csv",
    }
    assert not (folder / "old.csv").exists()
    cells = [
        cell
        for path in folder.glob("*.csv")
        for row in csv.reader(io.StringIO(path.read_text(encoding="utf-8")))
        for cell in row
    ]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
    assert folder.stat().st_mode & 0o077 == 0


def test_a_name_that_is_a_formula_runs_in_no_spreadsheet() -> None:
    """An id, a group that begins with one, and words: each is text in the file."""
    table = Table(name="x", caption="", columns=("Who", "Words"), rows=(("=cmd(), ada", "+1"), ("@SUM(A1)", "\uff1d2")))

    rows = list(csv.reader(_csv(table).decode().splitlines()))

    assert rows[1:] == [["'=cmd(), ada", "'+1"], ["'@SUM(A1)", "'\uff1d2"]]


def test_damage_is_counted_and_stops_nothing(graded: Terminal) -> None:
    """A copy that is gone, one that is cut off, a notebook that never was one, evidence that is none."""
    graded.course.joinpath("autograded/ada", EXERCISE, f"{EXERCISE}.ipynb").unlink()
    graded.course.joinpath("autograded/dan", EXERCISE, f"{EXERCISE}.ipynb").write_text("[1, 2", encoding="utf-8")

    assert graded("insight", EXERCISE, "--jobs", "1") == 0

    rows = {
        row["What"]: row["Submissions"]
        for row in csv.DictReader(
            io.StringIO((graded.course / "insight" / EXERCISE / "files.csv").read_text(encoding="utf-8"))
        )
    }
    assert rows["the graded copy is not there: grade again"] == "1"
    assert rows["the graded copy cannot be read: grade again"] == "1"
    assert rows["notebook-unreadable"] == "1"
    assert rows["evidence that could not be read: predictions.jsonl"] == "1"


def test_anonymous_names_nobody(graded: Terminal) -> None:
    """Not on the page, in no file; twice the same pseudonyms."""
    folder = graded.course / "insight" / EXERCISE
    assert graded("insight", EXERCISE, "--anonymous", "--jobs", "1") == 0
    first = {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.csv")}
    assert graded("insight", EXERCISE, "--anonymous", "--jobs", "1") == 0

    assert {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.csv")} == first
    text = "".join(first.values()) + (folder / "insight.html").read_text(encoding="utf-8")
    assert re.findall(r".{40}\b(?:ada|bob|dan|eve)\b.{20}", text) == []
    assert re.search(r"learner-[0-9a-f]{10}", text)


def test_what_cannot_run_is_one_sentence(cohort: Terminal, submit: Callable[..., Path], tmp_path: Path) -> None:
    """Nothing graded, an address that is none, a folder that is not empty."""
    assert_is_one_sentence(cohort, cohort("insight", EXERCISE))
    submit("ada")
    cohort("grade", EXERCISE)
    (tmp_path / "full").mkdir()
    (tmp_path / "full/thesis.txt").write_text("", encoding="utf-8")
    assert_is_one_sentence(cohort, cohort("insight", EXERCISE, "--to", tmp_path / "full"))
    assert_is_one_sentence(cohort, cohort("insight", EXERCISE, "--formgrader", "javascript:alert(1)"))
    assert cohort("insight", EXERCISE, "--to", tmp_path / "new/place", "--jobs", "1") == 0
    assert (tmp_path / "new/place/insight.html").is_file()


def test_reading_takes_what_the_graded_copy_and_the_evidence_tell(graded: Terminal) -> None:
    """The same facts as the gradebook's, by learner."""
    from workstation_grader.course import open_course
    from workstation_grader.insight.read import read_cohort

    found = {each.student: each for each in read_cohort(open_course(graded.course), EXERCISE, jobs=1).entries}

    assert list(found) == ["ada", "bob", "dan", "eve"]
    assert found["ada"].machine is not None
    assert found["ada"].digests["inventory.json"] == found["eve"].digests["inventory.json"]
    assert {each.outcome for each in found["ada"].criteria} == {"met"}
    assert (found["bob"].readable, found["bob"].criteria) == (False, ())
    assert json.dumps(found["ada"].fields[EXERCISE, "first-bottleneck"])
    assert f"{found['ada'].handed_in:%Y-%m-%d %H:%M}" == "2026-11-20 10:00"
