"""Forgetting: what machines told goes, wherever it lies in the course folder; grades and ungraded work stay."""

import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from grading_kit import EXERCISE, Terminal, assert_is_one_sentence, filled, hand_in
from zip_kit import NOTEBOOK

from workstation_grader.batch import grade_cohort
from workstation_grader.course import Course
from workstation_grader.feedback import write_feedback
from workstation_grader.marks import read_marks
from workstation_grader.transfer import collect_from_zips

MACHINE_WORDS = ("vram_total_bytes", "workstation.inventory/1")


@pytest.fixture
def over(course: Course, submit: Callable[..., Path], tmp_path: Path, blank: dict, model: dict[str, str]) -> Course:
    """A course at its end: two graded learners with pages, kept zips, a stranger's file and a page on the cohort."""
    from zip_kit import make_zip

    inbox = tmp_path / "inbox"
    inbox.mkdir()
    inventory = (submit("bob") / "evidence/inventory.json").read_bytes()
    notebook = json.dumps(filled(blank, model)).encode()
    for name in ("ada__x.zip", "stranger.zip"):
        make_zip(inbox / name, {NOTEBOOK: notebook, "evidence/inventory.json": inventory})
    collect_from_zips(course, EXERCISE, inbox)
    grade_cohort(course, EXERCISE)
    write_feedback(course.autograded, course.feedback, course.db_url, EXERCISE, None)
    (course.root / "insight" / EXERCISE).mkdir(parents=True)
    (course.root / "insight" / EXERCISE / "insight.html").write_text("machines of the cohort", encoding="utf-8")
    return course


def machine_data(root: Path) -> list[str]:
    """Files in the course folder that tell of a machine, or could: inventories, and zips that hold one."""
    files = (path for path in sorted(root.rglob("*")) if path.is_file() and "solutions" not in path.parts)
    return [path.relative_to(root).as_posix() for path in files if path.suffix == ".zip" or _tells(path.read_bytes())]


def _tells(content: bytes) -> bool:
    return any(word.encode() in content for word in MACHINE_WORDS)


def test_all_is_forgotten_and_grades_stay(over: Course, cohort: Terminal) -> None:
    """No inventory and no zip is left; scores, exports and Formgrader's copies are as they were."""
    before = read_marks(over.db_url, EXERCISE)
    assert len(machine_data(over.root)) >= 6
    assert cohort("export", EXERCISE) == 0
    exported = cohort.out

    assert cohort("forget", "--all", "--yes") == 0

    assert machine_data(over.root) == []
    assert read_marks(over.db_url, EXERCISE) == before
    assert cohort("export", EXERCISE) == 0
    assert cohort.out == exported
    assert not any((over.root / "insight").iterdir())
    assert list(over.feedback.glob("*")) == list(over.collected.glob("*")) == []
    assert cohort("forget", "--all", "--yes") == 0
    assert "There is nothing to delete." in cohort.out


def test_grading_again_takes_nothing_back(over: Course, cohort: Terminal) -> None:
    """A forgotten submission is not a submission without evidence."""
    before = read_marks(over.db_url, EXERCISE)
    cohort("forget", "--all", "--yes")

    assert cohort("grade", EXERCISE) == 2
    assert "No submission" in cohort.err
    assert read_marks(over.db_url, EXERCISE) == before


def test_it_shows_first_and_deletes_only_when_told(
    over: Course, cohort: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """--dry-run shows; without a terminal nobody can agree; on one, only yes is a yes."""
    before = machine_data(over.root)

    assert cohort("forget", EXERCISE, "--dry-run") == 0
    assert "  submissions with their evidence: 2," in cohort.out
    assert "  learners' kept zips: 1," in cohort.out
    assert "the exchange's folder" in cohort.out
    monkeypatch.setattr("sys.stdin", io.StringIO())
    assert cohort("forget", EXERCISE) == 2
    assert "--dry-run" in cohort.err
    monkeypatch.setattr("workstation_grader.cli._forgetting._agreed", lambda: False)
    assert cohort("forget", EXERCISE) == 1
    assert "Nothing was deleted." in cohort.out

    assert machine_data(over.root) == before


def test_one_learner_is_forgotten(over: Course, cohort: Terminal) -> None:
    """The other's data and the pages on the cohort stay, which is said; so is a file that might be theirs."""
    assert cohort("forget", "--student", "ADA", "--yes") == 0

    assert not [name for name in machine_data(over.root) if "ada" in name]
    assert (over.collected / "bob" / EXERCISE / "evidence/inventory.json").is_file()
    assert "one may be this learner's" in cohort.out
    assert "pages on the cohort stay" in cohort.out
    assert "ada" not in (over.root / ".zips" / f"{EXERCISE}.json").read_text(encoding="utf-8")
    assert set(read_marks(over.db_url, EXERCISE)) == {"ada", "bob"}


def test_another_exercise_is_left_alone(over: Course, cohort: Terminal) -> None:
    """By its name, everything of one exercise and of no other."""
    other = over.collected / "ada" / "symptom-mapping"
    other.mkdir()
    (other / "symptom-mapping.ipynb").write_text("{}", encoding="utf-8")

    assert cohort("forget", EXERCISE, "--yes") == 0

    assert (other / "symptom-mapping.ipynb").is_file()
    assert not (over.collected / "ada" / EXERCISE).exists()


def test_what_nobody_graded_stays(over: Course, cohort: Terminal, blank: dict) -> None:
    """A new submission, and one that was handed in again since; asked for by name, they go as well."""
    hand_in(over.root, "cy", blank)
    hand_in(over.root, "ada", blank)

    assert cohort("forget", "--all", "--yes") == 1
    assert "stays, not graded as it is (grade it, or add --ungraded): ada" in cohort.out
    assert over.submissions(EXERCISE) == ["ada", "cy"]
    assert [path.name for path in (over.root / ".zips" / EXERCISE).iterdir()] == ["ada"]
    assert cohort("forget", "--all", "--ungraded", "--yes") == 0
    assert over.submissions(EXERCISE) == []
    assert machine_data(over.root) == []


def test_answers_go_when_asked_for(over: Course, cohort: Terminal) -> None:
    """What learners wrote about their machines is in the graded copies; scores stay without them."""
    before = read_marks(over.db_url, EXERCISE)

    assert cohort("forget", EXERCISE, "--answers", "--yes") == 0

    assert not (over.autograded / "ada").exists()
    assert read_marks(over.db_url, EXERCISE) == before


def test_links_are_cut_and_not_followed(over: Course, cohort: Terminal, tmp_path: Path) -> None:
    """What a link points to is somebody else's."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "thesis.tex").write_text("", encoding="utf-8")
    (over.autograded / "bob" / EXERCISE / ".ipynb_checkpoints").symlink_to(outside)
    (over.feedback / "eve").mkdir()
    (over.feedback / "eve" / EXERCISE).symlink_to(outside)

    assert cohort("forget", "--all", "--yes") == 0

    assert [path.name for path in outside.iterdir()] == ["thesis.tex"]
    assert not (over.feedback / "eve").exists()


@pytest.mark.parametrize("arguments", [[], ["--all", EXERCISE], ["--all", "--student", "ada"], ["--student", "nobody"]])
def test_what_to_forget_has_to_be_said(over: Course, cohort: Terminal, arguments: list[str]) -> None:
    """Neither nothing nor everything and something; nobody is no one."""
    before = machine_data(over.root)

    assert_is_one_sentence(cohort, cohort("forget", *arguments, "--yes"))
    assert machine_data(over.root) == before


def test_a_run_cut_short_goes_on(over: Course, cohort: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stopped after some, the same command finds the rest."""
    from workstation_grader import forget

    delete, left = forget._delete, [2]

    def stop_soon(path: Path) -> None:
        if not left[0]:
            raise KeyboardInterrupt
        left[0] -= 1
        delete(path)

    with monkeypatch.context() as patched:
        patched.setattr(forget, "_delete", stop_soon)
        assert cohort("forget", "--all", "--yes") == 130

    assert machine_data(over.root)
    assert cohort("forget", "--all", "--yes") == 0
    assert machine_data(over.root) == []
