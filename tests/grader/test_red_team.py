"""The red team: each attack changes nothing for anybody else, earns nothing, is named, and nothing of it acts."""

import csv
import io
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from grading_kit import EXERCISE, dump
from red_team.answers import ANSWERS
from red_team.exercises import add_missing
from red_team.folders import FOLDERS
from red_team.kit import FILLER, Attack, Page, Scene, answered, everything, listening, live_parts, put, was_called
from red_team.notebooks import NOTEBOOKS

from workstation_grader.batch import Report, grade_cohort
from workstation_grader.course import Course, open_course
from workstation_grader.export import rows, write_csv
from workstation_grader.feedback import write_feedback
from workstation_grader.marks import read_marks
from workstation_grader.release import generate

HONEST = ("ada", "bob", "cy")
ATTACKER = "mallory"
ATTACKS = [attack for attack in (*NOTEBOOKS, *ANSWERS, *FOLDERS) if os.name != "nt" or not attack.posix]


HEAVY = ("a JSON bomb", "a hundred thousand cells", "one huge cell", "deep nesting", "a number of a million digits",
         "a sparse notebook of 100 GB", "sparse evidence of 100 GB", "ten thousand small files",
         "a megabyte in an answer")  # fmt: skip
SLOW = (*HEAVY, "a text that makes patterns slow")  # seconds each: once is enough


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a graded class looks like: its report, its rows of honest learners, and all its other files."""

    report: Report
    rows: dict
    files: dict[str, bytes]


@pytest.fixture(scope="session")
def staged(released: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course with every exercise released."""
    root = tmp_path_factory.mktemp("staged") / "course"
    shutil.copytree(released, root)
    for exercise in add_missing(root / "solutions"):
        if exercise != EXERCISE:
            generate(open_course(root), exercise)
    return root


@pytest.fixture(scope="session")
def plain(staged: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Outcome, float]]:
    """How each exercise's class of three comes out by itself, and what weak answers earn beside them."""
    found = {}
    for exercise in sorted(path.name for path in (staged / "exercises").iterdir()):
        root = tmp_path_factory.mktemp("plain") / "course"
        scene = _scene(staged, root, exercise, port=0)
        put(root / "collected/mallory" / exercise, exercise, scene.notebook(FILLER))
        outcome = _graded(root, exercise)
        weak = read_marks(open_course(root).db_url, exercise)[ATTACKER].score
        found[exercise] = (outcome, weak)
    return found


@pytest.fixture
def port() -> Iterator[int]:
    """A port that nothing may call."""
    with listening() as server:
        yield server.getsockname()[1]
        assert not was_called(server), "something of a learner's called out"


def _scene(staged: Path, root: Path, exercise: str, port: int) -> Scene:
    """Copy the course and let three honest learners hand in answers of their own."""
    shutil.copytree(staged, root)
    blank = json.loads((root / "exercises" / exercise / f"{exercise}.ipynb").read_text(encoding="utf-8"))
    for student in HONEST:
        text = f"For four months {student} indexes letters on a laptop; memory peaks at 13.9 of 15.3 GiB."
        put(root / "collected" / student / exercise, exercise, answered(blank, lambda _, text=text: text))
    return Scene(exercise=exercise, root=root, blank=blank, canary=root.parent / "canary", port=port)


def _graded(root: Path, exercise: str) -> Outcome:
    course = open_course(root)
    report = grade_cohort(course, exercise, jobs=1, backup=False)
    write_feedback(course.autograded, course.feedback, course.db_url, exercise, withheld=[])
    return Outcome(report=report, rows=_honest_rows(course, exercise), files=_others(root))


def _honest_rows(course: Course, exercise: str) -> dict:
    """Everything that the gradebook and the export say of the honest, apart from keys that are drawn anew."""
    marks, told = read_marks(course.db_url, exercise), {row["student"]: row for row in rows(course, exercise)}
    comments = sorted(row[3:] for row in dump(course)["comment"] if row[3:] != ("No response.", None))
    return {student: (marks[student], told[student]) for student in HONEST} | {"comments": set(comments)}


def _others(root: Path) -> dict[str, bytes]:
    files = everything(root, ATTACKER)
    return {name: content for name, content in files.items() if name != "nbgrader_config.json"}


def _lines(report: Report, student: str) -> list[str]:
    same = ["same evidence" for _, learners in report.same_evidence if student in learners]
    return [code for who, code, _ in report.problems if who == student] + same


def _assert_inert(course: Course, scene: Scene, student: str) -> None:
    """Nothing in the graded copy, the page or the export can act."""
    copy = json.loads((course.autograded / student / scene.exercise / f"{scene.exercise}.ipynb").read_bytes())
    assert live_parts(copy, scene.blank) == []
    folder = course.autograded / student / scene.exercise
    assert not [path for path in folder.rglob("*") if path.is_symlink() or path.suffix in (".py", ".pth", ".cfg")]
    page = course.feedback / student / scene.exercise / f"{scene.exercise}.html"
    text = page.read_text(encoding="utf-8")
    assert Page(text).faults == []
    assert not set("\0\x1b\x07\u202e\u2066") & set(text)


def _assert_export_is_inert(course: Course, exercise: str) -> None:
    text = io.StringIO()
    write_csv(rows(course, exercise), text)
    table = list(csv.reader(io.StringIO(text.getvalue())))
    assert len({len(row) for row in table}) == 1
    assert not [cell for row in table[1:] for cell in row if cell.startswith(("=", "+", "@"))]
    assert "<script" not in text.getvalue()


@pytest.mark.parametrize("attack", ATTACKS, ids=[attack.name for attack in ATTACKS])
def test_an_attack_reaches_nobody(
    staged: Path, plain: dict[str, tuple[Outcome, float]], tmp_path: Path, port: int, attack: Attack
) -> None:
    """Graded beside three honest learners: their rows and files are those without it, and its score is what it says."""
    root = tmp_path / "course"
    scene = _scene(staged, root, attack.exercise, port)
    alone, weak = plain[attack.exercise]

    attack.act(scene, root / "collected" / ATTACKER / attack.exercise)
    found = _graded(root, attack.exercise)

    assert found.rows == alone.rows
    assert found.files == alone.files
    assert not scene.canary.exists()
    course = open_course(root)
    mark = read_marks(course.db_url, attack.exercise)[ATTACKER]
    assert mark.score <= (mark.max_score if attack.stronger else 0 if attack.unreadable else weak)
    lines = _lines(found.report, ATTACKER)
    assert attack.words_only or any(line.startswith(attack.says) for line in lines), lines
    if attack.unreadable:
        assert ATTACKER in found.report.in_review
    _assert_inert(course, scene, ATTACKER)
    _assert_export_is_inert(course, attack.exercise)


def _exercises() -> list[str]:
    from workstation.catalog import load_catalog

    return sorted(load_catalog().exercises)


@pytest.mark.parametrize("exercise", _exercises())
def test_all_at_once_on_every_exercise(
    staged: Path, plain: dict[str, tuple[Outcome, float]], tmp_path: Path, port: int, exercise: str
) -> None:
    """A class with all of them, whichever exercise: the honest are graded as if they were alone."""
    root = tmp_path / "course"
    scene = _scene(staged, root, exercise, port)
    mob = {f"{ATTACKER}-{number}": attack for number, attack in enumerate(ATTACKS) if attack.name not in SLOW}
    for student, attack in mob.items():
        attack.act(scene, root / "collected" / student / exercise)

    course = open_course(root)
    report = grade_cohort(course, exercise, jobs=1, backup=False)
    write_feedback(course.autograded, course.feedback, course.db_url, exercise, withheld=(withheld := []))

    marks = read_marks(course.db_url, exercise)
    assert {student: marks[student] for student in HONEST} == {s: plain[exercise][0].rows[s][0] for s in HONEST}
    assert report.graded == len(mob) + len(HONEST)
    assert not withheld
    assert not scene.canary.exists()
    for student in mob:
        _assert_inert(course, scene, student)
    _assert_export_is_inert(course, exercise)


NAMES = ("-rf", "a\nb", "\u202eeve", "=1+1", "n" * 120, "\x1b[2J", "<img src=x onerror=1>", "con", "@SUM", "\uff20x")


@pytest.mark.skipif(os.name == "nt", reason="Windows takes no such names")
def test_folders_with_hostile_names_are_named_and_left_alone(
    staged: Path, plain: dict[str, tuple[Outcome, float]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """No row, no page and no line that acts comes of them; the run says that they are there."""
    from workstation_grader.cli import main

    root = tmp_path / "course"
    scene = _scene(staged, root, EXERCISE, 0)
    for name in NAMES:
        put(root / "collected" / name / EXERCISE, EXERCISE, scene.notebook())

    assert main(["grade", EXERCISE, "--course", str(root), "--jobs", "1", "--no-backup"]) == 0

    told = capsys.readouterr().out
    assert told.count("no learner has such a name") == len(NAMES) - 1
    assert not set("\x1b\u202e") & set(told)
    marks = read_marks(open_course(root).db_url, EXERCISE)
    assert set(marks) == {*HONEST, "\uff20x"}, "letters of any writing are a name; what looks alike is another learner"
    assert marks["ada"] == plain[EXERCISE][0].rows["ada"][0]


@pytest.mark.skipif(os.name == "nt", reason="no such limit there")
def test_memory_stays_bounded(staged: Path, tmp_path: Path) -> None:
    """With 1.5 GiB of address space the heaviest submissions are read, in one process, one after another."""
    root = tmp_path / "course"
    scene = _scene(staged, root, EXERCISE, 0)
    heavy = [attack for attack in ATTACKS if attack.name in HEAVY]
    folders = [root / "collected" / f"{ATTACKER}-{number}" / EXERCISE for number in range(len(heavy))]
    for attack, folder in zip(heavy, folders, strict=True):
        attack.act(scene, folder)
    program = (
        "import resource, sys\nfrom pathlib import Path\n"
        "from workstation_grader.master import read_master\nfrom workstation_grader.worker import grade_folder\n"
        "resource.setrlimit(resource.RLIMIT_AS, (1536 << 20, 1536 << 20))\n"
        f"master = read_master({EXERCISE!r}, Path(sys.argv[1]))\n"
        "for folder in sys.argv[2:]:\n    grade_folder(Path(folder), 'mallory', master)\nprint('all read')\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", program, root / "exercises", *folders], capture_output=True, text=True, check=False
    )

    assert len(heavy) == len(HEAVY)
    assert done.stdout == "all read\n", done.stderr[-2000:]


@pytest.mark.skipif(os.name == "nt", reason="files are not replaced there while they are open")
def test_a_submission_that_changes_while_it_is_read(
    staged: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Graded is what was read, once: a swap in the middle neither mixes two versions nor makes the digest a lie."""
    from workstation_grader import submission

    root = tmp_path / "course"
    scene = _scene(staged, root, EXERCISE, 0)
    folder = root / "collected" / ATTACKER / EXERCISE
    put(folder, EXERCISE, scene.notebook())
    before = submission.read_submission(folder, student=ATTACKER, exercise=EXERCISE)
    read = submission.read_bytes

    def read_then_swap(path: Path, *, limit_bytes: int):
        content = read(path, limit_bytes=limit_bytes)
        if path.name == "inventory.json":
            path.write_text("{}", encoding="utf-8")
        return content

    monkeypatch.setattr(submission, "read_bytes", read_then_swap)
    found = submission.read_submission(folder, student=ATTACKER, exercise=EXERCISE)

    assert found.digest == before.digest
    assert found.evidence == before.evidence
    assert found.evidence.inventory is not None
