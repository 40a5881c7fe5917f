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
from workstation_grader.exchange import folder_of, settle
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
    with pytest.raises(CohortError, match=r"exchange .*is not there.*--zips DIR") as caught:
        collect_from_exchange(exchange, EXERCISE)

    assert "Traceback" not in str(caught.value)
    assert "your instructor" not in str(caught.value)
    assert capfd.readouterr() == ("", "")


def test_an_exchange_that_nobody_made_is_not_made_silently(exchange: Course, tmp_path: Path) -> None:
    """Left to itself nbgrader makes it, open to every user of the machine, in a folder of the system."""
    for arguments in ((EXERCISE,), (EXERCISE, "--exchange", Path(__file__))):
        done = run_cohort("release", *arguments, "--course", exchange.root)
        assert done.returncode == 2
        assert "exchange" in done.stderr
        assert "Traceback" not in done.stderr

    assert not (tmp_path / "exchange").exists()


def test_nbgraders_own_default_is_no_exception(course: Course, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """As root it could be made; nobody asked for it."""
    from nbgrader.exchange.default import Exchange

    default = tmp_path / "usr/local/share/nbgrader/exchange"
    monkeypatch.setattr(Exchange.root, "default_value", str(default))

    with pytest.raises(CohortError, match=r"no exchange at .*--exchange DIR"):
        settle(course, None)
    assert not default.exists()


def test_a_named_exchange_is_made_and_kept_to(course: Course, tmp_path: Path) -> None:
    """It is open as nbgrader needs it, stands in the configuration once, and moves only by a person's hand there."""
    folder = tmp_path / "new" / "exchange"

    settled = settle(settle(course, folder), folder)

    config = course.root / CONFIG_NAME
    assert folder_of(settled) == folder_of(settle(open_course(course.root), None)) == folder
    assert folder.stat().st_mode & 0o777 == 0o777
    assert config.read_text(encoding="utf-8").count(f"\nc.Exchange.root = {str(folder)!r}") == 1
    with pytest.raises(CohortError, match=r"change c\.Exchange\.root in"):
        settle(settled, tmp_path / "other")


def test_a_submission_comes_through_the_exchange(
    exchange: Course, tmp_path: Path, blank: dict, model: dict[str, str], capfd: pytest.CaptureFixture[str]
) -> None:
    """Released, submitted with nbgrader's own command, collected, graded, and its page released to be fetched."""
    from nbgrader.utils import get_username

    released = run_cohort("release", EXERCISE, "--exchange", tmp_path / "exchange", "--course", exchange.root)
    assert (released.returncode, released.stderr) == (0, "")
    assert f"to the exchange {tmp_path / 'exchange'} as course" in released.stdout
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
    assert "Released 1 page to the exchange" in back.stdout
    marks = read_marks(exchange.db_url, EXERCISE)[student]
    assert marks.score == marks.max_score
    pages = list((tmp_path / "exchange" / exchange.course_id / "feedback").glob("*.html"))
    assert len(pages) == 1
    assert "You have" in pages[0].read_text(encoding="utf-8")
