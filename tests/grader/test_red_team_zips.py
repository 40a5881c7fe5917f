"""The red team by zip and by exchange: nobody is displaced, no link is followed, each refusal is a line."""

import json
import os
import shutil
import stat
from pathlib import Path

import pytest
from grading_kit import EXERCISE, SOLUTION, filled
from red_team.archives import ARCHIVES, Archive, hand_in
from red_team.kit import Scene, everything, put

from workstation_grader.cli import main
from workstation_grader.collecting import copy_plain
from workstation_grader.course import CONFIG_NAME, Course, open_course
from workstation_grader.submission import read_submission
from workstation_grader.transfer import collect_from_exchange

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows takes no such names, and has no exchange")


def _scene(course: Course, blank: dict) -> Scene:
    return Scene(exercise=EXERCISE, root=course.root, blank=blank, canary=course.root.parent / "canary", port=0)


@pytest.mark.parametrize("archive", ARCHIVES, ids=[archive.name for archive in ARCHIVES])
def test_a_hostile_archive_displaces_nobody(
    course: Course, blank: dict, tmp_path: Path, capsys: pytest.CaptureFixture[str], archive: Archive
) -> None:
    """The three beside it come in as ever; what it is stands in one line that nothing in it can break or turn."""
    hand_in(tmp_path / "inbox", _scene(course, blank), archive)
    outside = everything(course.root, "collected")

    main(["collect", EXERCISE, "--zips", str(tmp_path / "inbox"), "--course", str(course.root)])

    told = capsys.readouterr().out
    for student in ("ada", "bob", "cy"):
        held = read_submission(course.collected / student / EXERCISE, student=student, exercise=EXERCISE)
        assert held.notebook is not None
        assert held.evidence.inventory is not None
        assert f"  {student}: {student}__x.zip" in told
    assert (course.collected / "mallory" / EXERCISE).is_dir() is archive.comes_in
    assert {path.name for path in course.collected.iterdir()} <= {"ada", "bob", "cy", "mallory"}
    new = everything(course.root, "collected").keys() - outside.keys()
    assert not [name for name in new if not name.startswith("quarantine/")]
    assert any(archive.says in line for line in told.splitlines())
    assert not set("\x1b\u202e\0") & set(told)
    assert len(told.splitlines()) < 30


@pytest.fixture
def inbound(course: Course, tmp_path: Path) -> Path:
    """The exchange's folder that every learner can write into."""
    root = tmp_path / "exchange"
    folder = root / course.course_id / "inbound"
    folder.mkdir(parents=True)
    root.chmod(0o777)
    with (course.root / CONFIG_NAME).open("a", encoding="utf-8") as config:
        config.write(f"\nc.Exchange.root = {str(root)!r}\n")
    return folder


def test_the_exchange_gives_plain_files_of_their_owners(
    course: Course, blank: dict, model: dict[str, str], inbound: Path
) -> None:
    """Links are not followed, folders in others' names take nobody's place, a bad name stops nothing."""
    from nbgrader.utils import get_username

    me = get_username()
    mine = inbound / f"{me}+{EXERCISE}+2026-11-20 10:00:00 UTC"
    put(mine, EXERCISE, filled(blank, model))
    (mine / "evidence/draw.json").symlink_to(SOLUTION)
    os.mkfifo(mine / "evidence/log.jsonl")
    (mine / "workstation.py").write_text("", encoding="utf-8")
    fakes = (f"ada+{EXERCISE}+2026-11-21 10:00:00 UTC", f"..+{EXERCISE}+2026-11-21 10:00:00 UTC",
             f"{me}+{EXERCISE}+tomorrow", f"-rf+{EXERCISE}+2026-11-21 10:00:00 UTC")  # fmt: skip
    for name in fakes:
        shutil.copytree(mine, inbound / name, ignore=shutil.ignore_patterns("*.jsonl"))
    (inbound / f"{me}+{EXERCISE}+2026-11-22 10:00:00 UTC").symlink_to(course.root / "solutions" / EXERCISE)

    found = collect_from_exchange(open_course(course.root), EXERCISE)

    assert found.students == [me]
    kept = course.collected / me / EXERCISE
    assert {path.relative_to(kept).as_posix() for path in kept.rglob("*") if path.is_file()} == {
        f"{EXERCISE}.ipynb", "timestamp.txt", "evidence/inventory.json",
    }  # fmt: skip
    assert json.loads((kept / f"{EXERCISE}.ipynb").read_bytes()) == filled(blank, model)
    assert [path.name for path in course.collected.iterdir()] == [me]
    assert not (course.root / EXERCISE).exists()
    told = "\n".join(found.notes)
    for what in ("belongs to", "no user's name", "ends in no time", "it is a link", "workstation.py"):
        assert what in told
    assert len([note for note in found.notes if note.startswith("left in the exchange: ")]) >= len(fakes) + 1


def test_the_solution_is_not_collected_through_a_link(course: Course, blank: dict, tmp_path: Path) -> None:
    """Stock nbgrader would copy what the link leads to, with the instructor's rights: the solution, as an answer."""
    source = tmp_path / "handed-in"
    put(source, EXERCISE, None)
    (source / f"{EXERCISE}.ipynb").symlink_to(SOLUTION)
    shutil.rmtree(source / "evidence")
    (source / "evidence").symlink_to(SOLUTION.parent)

    left = copy_plain(source, tmp_path / "collected", EXERCISE)

    assert left == [f"'{EXERCISE}.ipynb'", "'evidence'"]
    assert [path.name for path in (tmp_path / "collected").iterdir()] == ["timestamp.txt"]


def test_what_is_collected_for_a_group_is_open_to_it(tmp_path: Path) -> None:
    """Where instructors share a course by a group, what our step copies has the modes that nbgrader's would have."""
    from workstation_grader.collecting import _share_with_group

    put(tmp_path / "ada", EXERCISE, b"{}")
    _share_with_group(tmp_path / "ada")

    assert stat.S_IMODE((tmp_path / "ada").stat().st_mode) == 0o2770
    assert stat.S_IMODE((tmp_path / f"ada/{EXERCISE}.ipynb").stat().st_mode) == 0o660
