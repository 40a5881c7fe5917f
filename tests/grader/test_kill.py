"""Killed at any point and started again: the gradebook and the files are those of a run that nobody stopped.

A little over 300 lines: the same kill at many points, with one way to compare what is left.
"""

import os
import random
import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import psutil
import pytest
from grading_kit import BOTH, EXERCISE, filled, hand_in, move_to
from killing_kit import command, count_points, rows, run_until, state, tree

from workstation_grader.cli import main
from workstation_grader.course import CONFIG_NAME, Course, open_course
from workstation_grader.locks import LOCK_NAME

SEED = 20261124
NAMED_POINTS, RANDOM_TIMES, SYSTEM_CALL_KILLS = 60, 40, 30


def judge(course: Course, student: str, *, score: float, comment: str) -> None:
    """Enter a person's score and comment, as Formgrader does."""
    from nbgrader.api import Gradebook

    with Gradebook(course.db_url, course.course_id) as gradebook:
        notebook = gradebook.find_submission_notebook(EXERCISE, EXERCISE, student)
        notebook.grades[0].manual_score, notebook.grades[0].needs_manual_grade = score, False
        notebook.comments[0].manual_comment = comment
        gradebook.db.commit()


@pytest.fixture(scope="module")
def begun(released: Path, model: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course in the middle: some graded and judged, some changed since, some late, some new, one damaged."""
    from nbgrader.api import Gradebook

    root = tmp_path_factory.mktemp("begun") / "course"
    shutil.copytree(released, root)
    config = root / CONFIG_NAME
    text = f"{config.read_text(encoding='utf-8')}\nc.LateSubmissionPlugin.penalty_method = 'zero'\n"
    config.write_text(text, encoding="utf-8")
    course = open_course(root)
    blank = course.master(EXERCISE).notebook
    for number in range(5):
        hand_in(root, f"old-{number}", filled(blank, model))
    assert main(["grade", EXERCISE, "--course", str(root), "--no-backup"]) == 0
    judge(course, "old-0", score=0.25, comment="Well seen; <b>say</b> which memory.")
    judge(course, "old-1", score=0.5, comment="Kept.")
    hand_in(root, "old-1", filled(blank, model | {"workload": "AI work"}))
    hand_in(root, "old-2", filled(blank, {}))
    for number in range(4):
        hand_in(root, f"new-{number}", filled(blank, model), **({"machine": None} if number % 2 else {}))
    hand_in(root, "damaged", b'{"cells": [')
    late = hand_in(root, "late", filled(blank, model))
    (late / "timestamp.txt").write_text("2026-11-22 10:00:00.000000 UTC", encoding="ascii")
    with Gradebook(course.db_url, course.course_id) as gradebook:
        gradebook.update_or_create_assignment(EXERCISE, duedate="2026-11-21 10:00:00 UTC")
        gradebook.find_submission(EXERCISE, "old-0").extension = timedelta(days=1)
        gradebook.db.commit()
    return root


@pytest.fixture
def again(begun: Path, tmp_path: Path, backend: str, request: pytest.FixtureRequest) -> Callable[[], Course]:
    """Make the begun course anew, each time in another folder."""
    numbers = iter(range(1_000))

    def _again() -> Course:
        root = tmp_path / f"course-{next(numbers)}"
        shutil.copytree(begun, root)
        if backend == "postgresql":
            move_to(root, request.getfixturevalue("postgresql").filled(begun / "gradebook.db"))
        return open_course(root)

    return _again


def grading(course: Course, *options: str) -> tuple[str, ...]:
    """The arguments of a grading run."""
    return "grade", EXERCISE, "--course", str(course.root), "--jobs", "1", *options


def finish(course: Course) -> tuple:
    """Grade to the end, then have nothing left to do; give what the course holds."""
    assert main([*grading(course)]) == 0
    ended = state(course)
    assert main([*grading(course)]) == 0
    assert state(course) == ended
    return ended


@BOTH
@pytest.mark.parametrize(
    ("point", "number"), [("commit", 3), ("commit done", 4), ("half a file", 2), ("rename done", 7)]
)
def test_a_killed_grading_is_finished_by_the_next(
    again: Callable[[], Course], point: str, number: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """In the database's transaction, after it, within a file and between files."""
    whole, killed = again(), again()
    expected = finish(whole)
    capsys.readouterr()

    assert run_until(point, number, *grading(killed)) in (-signal.SIGKILL, 0)

    assert finish(killed) == expected
    assert "did not end by itself" in capsys.readouterr().err


def test_a_persons_judgement_between_the_kill_and_the_next_run_stays(again: Callable[[], Course]) -> None:
    """Who was judged while nothing ran has that judgement, and nobody else differs."""
    whole, killed = again(), again()
    finish(whole)
    judge(whole, "new-0", score=0.125, comment="In between.")

    assert run_until("rename done", 3, *grading(killed)) == -signal.SIGKILL
    assert "new-0" in {row[0] for row in rows(killed)["submissions"]}
    judge(killed, "new-0", score=0.125, comment="In between.")

    assert finish(killed) == state(whole)


@pytest.mark.parametrize(("point", "number"), [("half a file", 3), ("rename", 5)])
def test_killed_feedback_is_written_by_the_next(again: Callable[[], Course], point: str, number: int) -> None:
    """Every page is whole, and no half of one lies about."""
    whole, killed = again(), again()
    for course in (whole, killed):
        finish(course)
    arguments = ("feedback", EXERCISE, "--course")
    assert main([*arguments, str(whole.root)]) == 0

    assert run_until(point, number, *arguments, killed.root) == -signal.SIGKILL
    assert main([*arguments, str(killed.root)]) == 0

    assert state(killed) == state(whole)


@pytest.fixture
def zips(begun: Path, model: dict[str, str], tmp_path: Path) -> Path:
    """A folder of zips from five learners, one of whom sent two."""
    import json
    import zipfile

    folder = tmp_path / "zips"
    folder.mkdir()
    blank = open_course(begun).master(EXERCISE).notebook
    for number, name in enumerate(["old-0__a", "old-0__b", "new-1__a", "other__a", "last__a"]):
        with zipfile.ZipFile(folder / f"{name}.zip", "w") as archive:
            archive.writestr(f"{EXERCISE}.ipynb", json.dumps(filled(blank, model | {"workload": f"AI {number}"})))
            created = f"2026-11-23T10:0{number}:00+00:00"
            archive.writestr("manifest.json", json.dumps({"created_at": created}))
    return folder


@pytest.mark.parametrize(
    ("point", "number"), [("rename", 3), ("rename done", 3), ("removal", 2), ("half a file", 4), ("rename done", 4)]
)
def test_killed_collecting_is_finished_by_the_next(
    again: Callable[[], Course], zips: Path, point: str, number: int
) -> None:
    """Between taking the old submission away and putting the new one there, too."""
    whole, killed = again(), again()
    arguments = ("collect", EXERCISE, "--zips", str(zips), "--course")
    assert main([*arguments, str(whole.root)]) == 0

    assert run_until(point, number, *arguments, killed.root) == -signal.SIGKILL
    assert main([*arguments, str(killed.root)]) == 0

    assert tree(killed) == tree(whole)


def test_a_killed_collecting_loses_no_submission_that_was_there(again: Callable[[], Course], zips: Path) -> None:
    """Killed with the old one aside and the new one not there yet, and the zips gone: the old one is back."""
    course = again()
    (zips / "new-1__a.zip").rename(zips / "only.zip")
    before = {name: content for name, content in tree(course).items() if name.startswith("collected/")}
    for number in range(1, 30):
        ended = run_until("rename done", number, "collect", EXERCISE, "--zips", zips, "--course", course.root)
        if list(course.collected.glob("*/.*.old")):
            break
        assert ended == -signal.SIGKILL, "no point lay between the two"
    shutil.rmtree(zips)

    assert main([*grading(course)]) == 0

    after = {name for name in tree(course) if name.startswith("collected/")}
    assert set(before) <= after


def test_workers_leave_with_a_killed_parent(again: Callable[[], Course]) -> None:
    """The parent alone is killed, as by the system's memory killer: its workers do not stay behind."""
    course = again()
    process = subprocess.Popen(
        command("count", 0, *grading(course)[:-1], "2"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    parent = psutil.Process(process.pid)
    while not (workers := [child for child in parent.children(recursive=True) if "loky" in " ".join(child.cmdline())]):
        assert process.poll() is None, "it ended before any worker was seen"
    process.kill()
    process.wait()

    gone, alive = psutil.wait_procs(workers, timeout=60)
    assert (len(gone), alive) == (len(workers), [])


def _phase(course: Course) -> str:
    """What a killed run was doing, by what it left."""
    journal = course.root / "gradebook.db-journal"
    note = course.root / ".in-use"
    if journal.exists() and journal.stat().st_size:
        return "within the database's write"
    if not note.exists() or not note.stat().st_size:
        return "before or after the work"
    if any(course.root.rglob(".*.partial")):
        return "within a file"
    return "between: reading, scoring, recording"


def _named(generator: random.Random, course: Course) -> Iterator[tuple[str, int]]:
    passed = count_points(*grading(course))
    for _ in range(NAMED_POINTS):
        point = generator.choice([point for point, times in passed.items() if times])
        yield point, generator.randint(1, passed[point])


def _run_for(seconds: float, note: Path, *arguments: str) -> int:
    """Run, and kill the whole process group a time after its work began, as its note tells."""
    process = subprocess.Popen(
        [sys.executable, *command("none", 0, *arguments)[1:]],
        start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    while not (note.exists() and note.stat().st_size) and process.poll() is None:
        pass  # until it is at work: starting Python is no part of it
    try:
        return process.wait(seconds)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        return process.wait()


@pytest.mark.soak
@BOTH
def test_a_hundred_kills(again: Callable[[], Course], backend: str, capsys: pytest.CaptureFixture[str]) -> None:
    """At 60 named points drawn at random and at 40 random times, half of those with two worker processes."""
    generator = random.Random(SEED)  # noqa: S311 - a draw that can be repeated
    expected = finish(again())
    phases: Counter[str] = Counter()
    for point, number in _named(generator, again()):
        course = again()
        assert run_until(point, number, *grading(course)) == -signal.SIGKILL
        phases[f"{point} ({_phase(course)})"] += 1
        assert finish(course) == expected, (point, number)
        shutil.rmtree(course.root)
    for number in range(RANDOM_TIMES):
        course = again()
        seconds = generator.uniform(0.0, 4.0)
        ended = _run_for(seconds, course.root / LOCK_NAME, *grading(course)[:-1], "2" if number % 2 else "1")
        phases[f"at a random time ({_phase(course)})" if ended else "ended before its time"] += 1
        assert finish(course) == expected, seconds
        shutil.rmtree(course.root)
    with capsys.disabled():
        print(f"\n{backend}:", *(f"{count:4} {phase}" for phase, count in sorted(phases.items())), sep="\n")  # noqa: T201 - what was measured


SYSTEM_CALLS = ("pwrite64", "fdatasync", "fsync", "unlink", "ftruncate", "rename")


@pytest.mark.soak
@pytest.mark.skipif(shutil.which("strace") is None, reason="needs strace")
def test_kills_within_the_databases_own_write(again: Callable[[], Course], capsys: pytest.CaptureFixture[str]) -> None:
    """SQLite writes in steps that no hook reaches: killed at system calls of its commits, with the journal open."""
    generator = random.Random(SEED)  # noqa: S311 - a draw that can be repeated
    expected = finish(again())
    counted = _traced(again(), ["-c"])
    phases: Counter[str] = Counter()
    for _ in range(SYSTEM_CALL_KILLS):
        course = again()
        call = generator.choice([name for name in SYSTEM_CALLS if counted[name]])
        number = generator.randint(1, counted[call])
        _traced(course, ["-e", f"inject={call}:signal=KILL:when={number}"])
        phases[f"{call} ({_phase(course)})"] += 1
        assert finish(course) == expected, (call, number)
        shutil.rmtree(course.root)
    with capsys.disabled():
        print(*(f"{count:4} {phase}" for phase, count in sorted(phases.items())), sep="\n")  # noqa: T201 - measured


def _traced(course: Course, options: list[str]) -> Counter[str]:
    """Run under strace; give how often each system call was made, where that was asked for."""
    report = course.root.with_name("strace.txt")
    words = ["strace", "-f", "-o", str(report), "-e", f"trace={','.join(SYSTEM_CALLS)}", *options]
    subprocess.run([*words, *command("none", 0, *grading(course))], capture_output=True, check=False)
    found: Counter[str] = Counter()
    for line in report.read_text(encoding="utf-8").splitlines():
        words = line.split()
        if words and words[-1] in SYSTEM_CALLS and words[3].isdigit():
            found[words[-1]] = int(words[3])
    return found
