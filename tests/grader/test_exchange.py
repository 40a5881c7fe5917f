"""Nbgrader's own exchange, in a folder of the test's: there and back with a learner's submission."""

import json
import os
import shutil
from pathlib import Path

import pytest
from grading_kit import EXERCISE, MACHINE, filled, run_cohort, run_nbgrader

from workstation.errors import CohortError
from workstation_grader.batch import grade_cohort
from workstation_grader.course import CONFIG_NAME, Course, open_course
from workstation_grader.marks import read_marks
from workstation_grader.transfer import collect_from_exchange

pytestmark = pytest.mark.skipif(os.name == "nt", reason="nbgrader's exchange does not run there")


@pytest.fixture
def exchange(course: Course, tmp_path: Path) -> Course:
    """The course, with an exchange of its own that nothing was put into yet."""
    root = tmp_path / "exchange"
    config = course.root / CONFIG_NAME
    text = f"{config.read_text(encoding='utf-8')}\nc.Exchange.root = {str(root)!r}\n"
    config.write_text(text, encoding="utf-8")
    return open_course(course.root)


def test_a_missing_exchange_is_one_sentence(exchange: Course, capfd: pytest.CaptureFixture[str]) -> None:
    """It names the folder and the way without one; nothing of nbgrader's own log is printed."""
    with pytest.raises(CohortError, match=r"exchange\n.*--zips DIR") as caught:
        collect_from_exchange(exchange, EXERCISE)

    assert "Traceback" not in str(caught.value)
    assert capfd.readouterr() == ("", "")


def test_a_submission_comes_through_the_exchange(
    exchange: Course, tmp_path: Path, blank: dict, model: dict[str, str], capfd: pytest.CaptureFixture[str]
) -> None:
    """Released, submitted with nbgrader's own command, collected, graded, and its page released to be fetched."""
    from nbgrader.utils import get_username

    from workstation_grader.release import release_to_exchange

    release_to_exchange(exchange, EXERCISE)
    learner = tmp_path / "learner"
    (learner / EXERCISE / "evidence").mkdir(parents=True)
    (learner / EXERCISE / f"{EXERCISE}.ipynb").write_text(json.dumps(filled(blank, model)), encoding="utf-8")
    shutil.copyfile(MACHINE, learner / EXERCISE / "evidence/inventory.json")
    (learner / CONFIG_NAME).write_text(
        f"c = get_config()\nc.Exchange.root = {str(tmp_path / 'exchange')!r}\n"
        f"c.Exchange.cache = {str(learner / 'cache')!r}\nc.CourseDirectory.course_id = {exchange.course_id!r}\n",
        encoding="utf-8",
    )
    assert run_nbgrader(learner, "submit", EXERCISE).returncode == 0
    student = get_username()

    found = collect_from_exchange(exchange, EXERCISE)
    grade_cohort(exchange, EXERCISE)
    assert capfd.readouterr() == ("", ""), "nbgrader's log stays out of the terminal"
    back = run_cohort("feedback", EXERCISE, "--release", "--course", exchange.root)

    assert found.students == [student]
    assert (back.returncode, back.stderr) == (0, "")
    assert "Released 1 of them" in back.stdout
    marks = read_marks(exchange.db_url, EXERCISE)[student]
    assert marks.score == marks.max_score
    pages = list((tmp_path / "exchange" / exchange.course_id / "feedback").glob("*.html"))
    assert len(pages) == 1
    assert "You have" in pages[0].read_text(encoding="utf-8")
