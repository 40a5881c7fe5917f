"""What belongs to instructors stays with them: released folders, their zips and feedback pages are scanned for it."""

import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from grading_kit import EXERCISE, SOLUTION, filled, hand_in, run_nbgrader
from red_team.exercises import add_missing

from workstation.catalog._cases import load_cases
from workstation.errors import CohortError
from workstation_grader.batch import grade_cohort
from workstation_grader.course import Course, checkout_root
from workstation_grader.feedback import write_feedback
from workstation_grader.leaks import Leak, find_leaks, leaks_in_page, secrets_of, secrets_of_course, solution_texts
from workstation_grader.release import generate, release_to_zip

SECRET = max(solution_texts(SOLUTION), key=len).replace("\n", " ")
KINDS = {
    "solution text": SECRET,
    "solution text, dressed up": SECRET.upper().replace(" ", " *-* "),
    "what is behind a case": next(iter(load_cases().values())).why,
    "a marker": "### END SOLUTION",
    "a hidden test": "### BEGIN HIDDEN TESTS",
    "the seed": "{seed}",
    "the course folder": "see {root}/notes.txt",
    "the checkout": "made in {checkout}",
    "a home folder": "in {home}/solutions",
}
ON_PAGES = KINDS | {"a test": "ws.check('workload', group=1)", "a traceback": "Traceback (most recent call last):"}


def _planted(kind: str, course: Course, home: Path) -> str:
    text = ON_PAGES[kind]
    return text.format(seed=course.seed, root=course.root, checkout=checkout_root(), home=home) if "{" in text else text


@pytest.mark.parametrize("kind", list(KINDS))
@pytest.mark.parametrize("place", ["a cell", "a file's name", "a file in a zip", "letters spelled as JSON may"])
def test_each_kind_of_leak_stops_the_zip(course: Course, tmp_path: Path, home: Path, kind: str, place: str) -> None:
    """Put into the learners' copy after it was generated, wherever: no zip is made, and the message names the file."""
    planted, folder = _planted(kind, course, home), course.released / EXERCISE
    notebook = folder / f"{EXERCISE}.ipynb"
    if place == "a file's name":
        words = planted.split()
        lines = [" ".join(words[place : place + 12]) for place in range(0, len(words), 12)]
        (folder / Path(*(line.strip("/") for line in lines))).mkdir(parents=True)
        (folder / Path(*(line.strip("/") for line in lines)) / "x.txt").touch()
    elif place == "a file in a zip":
        with zipfile.ZipFile(folder / "data.zip", "w") as archive:
            archive.writestr("notes.txt", planted)
    else:
        document = json.loads(notebook.read_text(encoding="utf-8"))
        document["cells"].append({"cell_type": "markdown", "id": "x", "metadata": {}, "source": planted})
        text = json.dumps(document)
        if place != "a cell":
            text = text.replace(json.dumps(planted)[1:-1], "".join(f"\\u{ord(letter):04x}" for letter in planted))
        notebook.write_text(text, encoding="utf-8")

    with pytest.raises(CohortError, match="would leak"):
        release_to_zip(course, EXERCISE, tmp_path / "page.zip")

    assert not (tmp_path / "page.zip").exists()


def test_no_exercise_leaks(course: Course) -> None:
    """Each exercise's copy as it is generated, stand-ins included: nothing is found, and something was looked for."""
    for exercise in add_missing(course.root / "solutions"):
        folder = course.released / exercise if exercise == EXERCISE else generate(course, exercise)
        secrets = secrets_of_course(course, exercise)
        assert min(map(len, (secrets.texts, secrets.explanations, secrets.seeds, secrets.paths))) > 0
        assert find_leaks(course.root / "solutions" / exercise, folder, secrets) == []


@pytest.mark.parametrize("kind", list(ON_PAGES))
def test_each_kind_of_leak_withholds_the_page(
    course: Course, submit: Callable[..., Path], home: Path, kind: str
) -> None:
    """In a grader's comment, say: that learner's page is not written and an old one goes; the others get theirs."""
    from nbgrader.api import Gradebook

    submit("ada")
    submit("bob")
    grade_cohort(course, EXERCISE, backup=False)
    old = course.feedback / "ada" / EXERCISE / f"{EXERCISE}.html"
    old.parent.mkdir(parents=True)
    old.write_text("old", encoding="utf-8")
    if kind.startswith("solution text"):
        _answer_nothing(course, "ada")
    with Gradebook(course.db_url, course.course_id) as gradebook:
        gradebook.find_comment("workload", EXERCISE, EXERCISE, "ada").manual_comment = _planted(kind, course, home)
        gradebook.db.commit()
    withheld: list[Leak] = []

    pages = write_feedback(
        course.autograded, course.feedback, course.db_url, EXERCISE,
        secrets=secrets_of_course(course, EXERCISE), withheld=withheld,
    )  # fmt: skip

    assert [page.parent.parent.name for page in pages] == ["bob"]
    assert {leak.file for leak in withheld} == {"ada's page"}
    assert not old.exists()


def _answer_nothing(course: Course, student: str) -> None:
    """Let a learner hand in the untouched exercise: the solution's words are nothing of theirs."""
    blank = json.loads((course.released / EXERCISE / f"{EXERCISE}.ipynb").read_text(encoding="utf-8"))
    hand_in(course.root, student, blank)
    grade_cohort(course, EXERCISE, backup=False)


def test_nbgraders_own_step_withholds_it_too(course: Course, submit: Callable[..., Path]) -> None:
    """`nbgrader generate_feedback`, and so Formgrader's button, writes no page that leaks."""
    from nbgrader.api import Gradebook

    submit("ada")
    grade_cohort(course, EXERCISE, backup=False)
    with Gradebook(course.db_url, course.course_id) as gradebook:
        gradebook.find_comment("workload", EXERCISE, EXERCISE, "ada").manual_comment = "### BEGIN HIDDEN TESTS"
        gradebook.db.commit()

    run = run_nbgrader(course.root, "generate_feedback", EXERCISE)

    assert run.returncode != 0
    assert "hidden tests" in (run.stdout + run.stderr).casefold()
    assert not list(course.feedback.rglob("*.html"))


def test_a_learners_own_words_come_back_to_them(course: Course, blank: dict) -> None:
    """Copied solutions, markers, paths and code in an answer are the learner's own words, and withhold nothing."""
    words = "\n".join(text for kind, text in ON_PAGES.items() if "{" not in text)
    hand_in(course.root, "ada", filled(blank, {"workload": words, "archetype": f"Archetype: {words}"}))
    grade_cohort(course, EXERCISE, backup=False)

    pages = write_feedback(course.autograded, course.feedback, course.db_url, EXERCISE)

    assert [page.parent.parent.name for page in pages] == ["ada"]


def test_a_page_of_the_untouched_exercise_holds_nothing(course: Course, blank: dict) -> None:
    """The rubric's own reasons and next steps quote no solution."""
    hand_in(course.root, "ada", blank)
    grade_cohort(course, EXERCISE, backup=False)

    write_feedback(course.autograded, course.feedback, course.db_url, EXERCISE)

    page = (course.feedback / "ada" / EXERCISE / f"{EXERCISE}.html").read_text(encoding="utf-8")
    assert leaks_in_page(page, {}, secrets_of(SOLUTION.parent)) == []


def test_a_secret_in_a_solutions_cell_is_not_generated(course: Course) -> None:
    """A case's explanation in an ordinary cell of a solution: `release` does not get past it."""
    source = course.root / "solutions" / EXERCISE / f"{EXERCISE}.ipynb"
    document = json.loads(source.read_text(encoding="utf-8"))
    document["cells"].append(
        {"cell_type": "markdown", "id": "x", "metadata": {}, "source": KINDS["what is behind a case"]}
    )
    source.write_text(json.dumps(document), encoding="utf-8")

    with pytest.raises(CohortError, match="what is behind a case"):
        generate(course, EXERCISE)

    assert not (course.released / EXERCISE).exists()
