"""Collecting zips: what learners packed comes in, the newest wins, and a claim stays a claim."""

import json
import os
import shutil
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from grading_kit import EXERCISE, MACHINE, filled, hand_in
from zip_kit import INVENTORY, NOTEBOOK, SMALL, make_zip, stamp

from workstation.cli import main as workstation
from workstation.errors import CohortError
from workstation.ids import student_of
from workstation_grader.batch import grade_cohort
from workstation_grader.course import Course
from workstation_grader.lms.keeping import waiting
from workstation_grader.marks import read_marks
from workstation_grader.transfer import Collected, collect_from_zips


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    """The folder that zips were downloaded into."""
    folder = tmp_path / "inbox"
    folder.mkdir()
    return folder


@pytest.fixture
def learner(tmp_path: Path, blank: dict, model: dict[str, str], inbox: Path) -> Callable[..., Path]:
    """Pack the model answers with the learner's own command, and put the file into the inbox under a name."""

    def _pack(name: str, *arguments: str) -> Path:
        exercise = tmp_path / "copy" / "exercises" / EXERCISE
        (exercise / "evidence").mkdir(parents=True, exist_ok=True)
        (tmp_path / "copy/.workstation").mkdir(exist_ok=True)
        (exercise / NOTEBOOK).write_text(json.dumps(filled(blank, model)), encoding="utf-8")
        shutil.copyfile(MACHINE, exercise / INVENTORY)
        packed = inbox / name
        command = ["submit", EXERCISE, "--dir", str(tmp_path / "copy"), "--out", str(packed), *arguments]
        assert workstation(command) == 0
        return packed

    return _pack


def test_what_a_learner_packs_is_graded(course: Course, learner: Callable[..., Path], inbox: Path) -> None:
    """A file of `workstation submit`, renamed to its learner, is collected whole and earns every point."""
    learner("ada__constraint-summary.zip", "--as", "ada")

    found = collect_from_zips(course, EXERCISE, inbox)

    assert (found.students, found.refused, found.notes) == (["ada"], [], [])
    kept = course.collected / "ada" / EXERCISE
    assert {path.relative_to(kept).as_posix() for path in kept.rglob("*") if path.is_file()} == {
        NOTEBOOK, INVENTORY, "timestamp.txt",
    }  # fmt: skip
    grade_cohort(course, EXERCISE)
    marks = read_marks(course.db_url, EXERCISE)["ada"]
    assert marks.score == marks.max_score


def test_a_claim_and_a_changed_file_are_flagged(course: Course, learner: Callable[..., Path], inbox: Path) -> None:
    """The file's name decides who it is from; a manifest that disagrees is collected all the same, and said."""
    packed = learner("ada__x.zip", "--as", "bob")
    with zipfile.ZipFile(packed) as archive:
        held = {name: archive.read(name) for name in archive.namelist()}
    make_zip(packed, held | {NOTEBOOK: SMALL})

    found = collect_from_zips(course, EXERCISE, inbox)

    assert found.students == ["ada"]
    assert len(found.notes) == 2
    assert "'bob'" in found.notes[0]
    assert f"{NOTEBOOK} is not the file that was packed" in found.notes[1]


def test_the_newest_wins_and_an_older_one_is_kept_aside(course: Course, inbox: Path) -> None:
    """Whatever order the files come in, and in whichever run, the newest of a learner stands; the files stay."""
    for name, day in (("ada__2.zip", 12), ("ada__1.zip", 11), ("ada__3.zip", 10)):
        made = f"2026-11-{day}T10:00:00+00:00"
        make_zip(inbox / name, {NOTEBOOK: SMALL, "evidence/day.json": str(day).encode()}, made=made)

    first = collect_from_zips(course, EXERCISE, inbox)
    again = collect_from_zips(course, EXERCISE, inbox)

    assert stamp(course, "ada") == "2026-11-12 10:00:00.000000 UTC"
    assert (course.collected / "ada" / EXERCISE / "evidence/day.json").read_bytes() == b"12"
    assert (first.students, first.kept) == (["ada"], ["ada__3.zip"])
    assert (again.students, again.kept) == (["ada"], ["ada__1.zip", "ada__3.zip"])
    assert len(list(inbox.iterdir())) == 3


def counts(found: Collected) -> list[tuple[str, str | None, str | None, bool]]:
    """Which zip counts for whom, which one did before, and whether it is in the folder."""
    return [(entry.student, entry.file, entry.before, entry.here) for entry in found.counting]


def test_each_run_says_which_zip_counts_and_what_changed(course: Course, inbox: Path) -> None:
    """First, again, a newer one, the newer one gone from the folder, and its copy gone from the course as well."""
    old, new = (f"2026-11-{day}T10:00:00+00:00" for day in (11, 12))
    make_zip(inbox / "ada__1.zip", {NOTEBOOK: SMALL}, made=old)
    first = collect_from_zips(course, EXERCISE, inbox)
    again = collect_from_zips(course, EXERCISE, inbox)
    newest = make_zip(inbox / "ada__2.zip", {NOTEBOOK: SMALL}, made=new)
    newer = collect_from_zips(course, EXERCISE, inbox)
    newest.unlink()
    gone = collect_from_zips(course, EXERCISE, inbox)
    shutil.rmtree(course.collected / "ada")
    older = collect_from_zips(course, EXERCISE, inbox)

    assert counts(first) == [("ada", "ada__1.zip", None, True)]
    assert counts(again) == [("ada", "ada__1.zip", "ada__1.zip", True)]
    assert counts(newer) == [("ada", "ada__2.zip", "ada__1.zip", True)]
    assert counts(gone) == [("ada", "ada__2.zip", "ada__2.zip", False)]
    assert counts(older) == [("ada", "ada__1.zip", "ada__2.zip", True)]
    assert stamp(course, "ada").startswith("2026-11-11")


@pytest.mark.parametrize("damage", [b"", b"[]", b"{", b'{"schema": "workstation.collected/1", "zips": [1]}'])
def test_a_damaged_note_of_what_was_collected_costs_only_the_comparison(
    course: Course, inbox: Path, damage: bytes
) -> None:
    """Which zip counts is decided by the copies in the course, not by the note."""
    make_zip(inbox / "ada__1.zip", {NOTEBOOK: SMALL}, made="2026-11-11T10:00:00+00:00")
    collect_from_zips(course, EXERCISE, inbox)
    (course.root / ".zips" / f"{EXERCISE}.json").write_bytes(damage)

    assert counts(collect_from_zips(course, EXERCISE, inbox)) == [("ada", "ada__1.zip", None, True)]


def test_a_garbled_stamp_does_not_hold_the_place(course: Course, inbox: Path) -> None:
    """A time stamp that a learner garbled counts as none: what comes next replaces it."""
    (hand_in(course.root, "ada", SMALL) / "timestamp.txt").write_text("zzz tomorrow", encoding="ascii")
    make_zip(inbox / "ada__x.zip", {NOTEBOOK: SMALL}, made="2026-11-12T10:00:00+00:00")

    assert collect_from_zips(course, EXERCISE, inbox).students == ["ada"]
    assert stamp(course, "ada").startswith("2026-11-12")


@pytest.mark.parametrize(
    "manifest",
    [b'{"created_at": "2999-01-01T00:00:00+00:00"}', b'{"created_at": "soon"}', b'{"created_at": 7}', b"[]", b"\xff{",
     b"[" * 100_000, b'{"created_at": "0001-01-01T00:00:00+14:00"}',
     b'{"files": {"x": 3}, "claimed_id": []}', b'{"files": [1]}'],
    ids=["future", "words", "number", "list", "no text", "deep", "before all time", "odd files", "odd list"],
)  # fmt: skip
def test_a_nonsense_manifest_costs_nothing(course: Course, inbox: Path, manifest: bytes) -> None:
    """A manifest is a claim: where it is nonsense, the file's own time counts."""
    archive = make_zip(inbox / "ada__x.zip", {NOTEBOOK: SMALL, "manifest.json": manifest})
    moment = datetime(2026, 11, 13, 9, 30, tzinfo=UTC)
    os.utime(archive, (moment.timestamp(), moment.timestamp()))

    assert collect_from_zips(course, EXERCISE, inbox).students == ["ada"]
    assert stamp(course, "ada") == "2026-11-13 09:30:00.000000 UTC"


def test_a_zip_from_windows_is_read(course: Course, inbox: Path) -> None:
    """Backslashes in names, an outer folder and an upper-case ending are what some tools make."""
    with zipfile.ZipFile(inbox / "ada__x.ZIP", "w") as archive:
        for name in (f"{EXERCISE}\\{NOTEBOOK}", f"{EXERCISE}\\evidence\\inventory.json"):
            entry = zipfile.ZipInfo("x")
            entry.filename = name
            archive.writestr(entry, SMALL)

    assert collect_from_zips(course, EXERCISE, inbox).students == ["ada"]
    assert (course.collected / "ada" / EXERCISE / INVENTORY).read_bytes() == SMALL


@pytest.mark.parametrize(
    ("name", "student"),
    [
        ("ada__x.zip", "ada"),
        ("ada+constraint-summary.zip", "ada"),
        ("a.da-l@uni.example__x.zip", "a.da-l@uni.example"),
        ("ada_l__x__y.zip", "ada_l"),
        ("constraint-summary-20261123T101500Z.zip", None),  # as it was packed: whose is it?
        ("Ada Lovelace_1234_assignsubmission_file.zip", None),
        ("Ada Lovelace__x.zip", None),
        ("__x.zip", None),
        ("..__x.zip", None),
        (".hidden__x.zip", None),
        ("-rf__x.zip", None),
        (f"{'a' * 65}__x.zip", None),
        ("=cmd__x.zip", None),
        ("NUL__x.zip", None),
        ("Com1.x__x.zip", None),
        ("console__x.zip", "console"),
    ],
)
def test_who_a_file_is_from(name: str, student: str | None) -> None:
    """The name decides, up to its first mark; a name that could be anybody's, or a path's, is nobody's."""
    assert student_of(name) == student


def test_a_name_that_is_nobodys_is_set_aside(course: Course, inbox: Path) -> None:
    """It stays in the inbox and waits in quarantine; the sentence says how to rename it, and then it is collected."""
    packed = make_zip(inbox / "constraint-summary-20261123T101500Z.zip", {NOTEBOOK: SMALL})

    found = collect_from_zips(course, EXERCISE, inbox)

    assert found.students == []
    assert "rename it ID__" in found.unknown[0][1]
    assert len(list(inbox.iterdir())) == len(waiting(course.root, EXERCISE)) == 1
    packed.rename(inbox / "ada__x.zip")
    renamed = collect_from_zips(course, EXERCISE, inbox)
    assert (renamed.students, renamed.unknown, waiting(course.root, EXERCISE)) == (["ada"], [], [])


def test_ids_that_differ_in_case_alone_are_one_learner(course: Course, inbox: Path) -> None:
    """Their folders would be one on Windows and macOS, so they are one everywhere, and it is said."""
    make_zip(inbox / "good__x.zip", {NOTEBOOK: SMALL}, made="2026-11-11T10:00:00+00:00")
    assert collect_from_zips(course, EXERCISE, inbox).notes == []
    make_zip(inbox / "GOOD__y.zip", {NOTEBOOK: SMALL}, made="2026-11-12T10:00:00+00:00")

    found = collect_from_zips(course, EXERCISE, inbox)

    assert found.students == ["good"]
    assert [(entry.student, entry.file) for entry in found.counting] == [("good", "GOOD__y.zip")]
    assert any("counts as 'good'" in note for note in found.notes)
    assert course.submissions(EXERCISE) == ["good"]


def test_a_name_before_the_mark_that_is_no_id_is_shown_whole(course: Course, inbox: Path) -> None:
    """An LMS writes people's names as they are; the sentence says which ids there are."""
    make_zip(inbox / "Carla Müller__constraint-summary.zip", {NOTEBOOK: SMALL})

    ((name, reason),) = collect_from_zips(course, EXERCISE, inbox).unknown

    assert name == "Carla Müller__constraint-summary.zip"
    assert reason.startswith("'Carla Müller', before the mark in its name, is no id: an id has at most 64 characters")


def test_an_empty_inbox_is_an_error(course: Course, inbox: Path) -> None:
    """No zip, or no folder: the message says what to put there."""
    for folder in (inbox, inbox / "missing"):
        with pytest.raises(CohortError, match="ID__"):
            collect_from_zips(course, EXERCISE, folder)
