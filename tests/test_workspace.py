"""The working copy brings what is new and never touches what a learner wrote."""

import errno
import json
import os
import threading
from pathlib import Path

import pytest

from workstation import materials
from workstation.cli import _workspace
from workstation.cli._files import digest_of
from workstation.cli._workspace import SCHEMA, WorkingCopy, decide
from workstation.errors import MaterialsError

LESSON = "course/00-start-here.ipynb"
EXERCISE = "exercises/constraint-summary/constraint-summary.ipynb"


@pytest.fixture
def shipped(tmp_path, monkeypatch) -> Path:
    """A small course: one lesson with a figure, one exercise; and what an author's trying leaves behind."""
    root = tmp_path / "shipped"
    for place, text in {
        LESSON: "lesson 1",
        "course/images/card.png": "figure",
        "course/README.md": "for authors",
        "course/.ipynb_checkpoints/00-start-here-checkpoint.ipynb": "left behind",
        EXERCISE: "exercise 1",
        "exercises/constraint-summary/evidence/inventory.json": "the author's own",
    }.items():
        path = root / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    monkeypatch.setattr(materials, "materials_root", lambda: root)
    return root


@pytest.fixture
def copy(shipped, tmp_path) -> WorkingCopy:
    """A working copy, made once, in a folder whose name has a space and letters beyond ASCII."""
    made = WorkingCopy(tmp_path / "mein Kürs 課程")
    made.sync()
    return made


def test_decide_covers_every_case():
    """Three digests decide; where a learner's work could be meant, it is kept."""
    table = {
        ("add", None, None, "new"), ("add", None, "old", "new"),
        ("leave", "new", None, "new"), ("leave", "new", "old", "new"), ("leave", "new", "new", "new"),
        ("refresh", "old", "old", "new"),
        ("keep", "mine", "new", "new"),
        ("keep-though-newer", "mine", "old", "new"), ("keep-though-newer", "mine", None, "new"),
    }  # fmt: skip

    for action, actual, recorded, pristine in table:
        assert decide(actual=actual, recorded=recorded, pristine=pristine) == action


def test_a_new_copy_holds_the_course_and_an_evidence_store_and_nothing_of_the_authors(copy):
    files = {path.relative_to(copy.root).as_posix() for path in copy.root.rglob("*") if path.is_file()}

    assert files == {LESSON, "course/images/card.png", EXERCISE, ".workstation/manifest.json"}
    assert (copy.root / "evidence").is_dir()


def test_the_manifest_records_what_was_copied(copy):
    document = json.loads((copy.root / ".workstation" / "manifest.json").read_text(encoding="utf-8"))

    assert document["schema"] == SCHEMA
    assert document["files"][LESSON] == digest_of(b"lesson 1")


def test_a_changed_lesson_is_kept_and_an_untouched_one_refreshed(copy, shipped):
    (copy.root / LESSON).write_text("my notes", encoding="utf-8")
    (shipped / LESSON).write_text("lesson 2", encoding="utf-8")
    (shipped / EXERCISE).write_text("exercise 2", encoding="utf-8")

    synced = copy.sync()

    assert synced.actions[LESSON] == "keep-though-newer"
    assert synced.actions[EXERCISE] == "refresh"
    assert (copy.root / LESSON).read_text(encoding="utf-8") == "my notes"
    assert (copy.root / EXERCISE).read_text(encoding="utf-8") == "exercise 2"


def test_a_kept_lesson_stays_the_learners_however_often_the_course_changes(copy, shipped):
    """The record is not moved on while a file is kept, or a later version would look like the learner's."""
    (copy.root / LESSON).write_text("my notes", encoding="utf-8")
    for version in ("lesson 2", "lesson 3"):
        (shipped / LESSON).write_text(version, encoding="utf-8")
        copy.sync()

    assert (copy.root / LESSON).read_text(encoding="utf-8") == "my notes"


def test_going_back_to_the_old_pristine_text_makes_a_file_untouched_again(copy, shipped):
    (copy.root / LESSON).write_text("my notes", encoding="utf-8")
    (shipped / LESSON).write_text("lesson 2", encoding="utf-8")
    copy.sync()
    (copy.root / LESSON).write_text("lesson 1", encoding="utf-8")

    assert copy.sync().actions[LESSON] == "refresh"


def test_new_files_are_added_and_deleted_ones_come_back(copy, shipped):
    (copy.root / LESSON).unlink()
    (shipped / "course" / "01-workload-first.ipynb").write_text("lesson", encoding="utf-8")

    synced = copy.sync()

    assert set(synced.having("add")) == {LESSON, "course/01-workload-first.ipynb"}
    assert (copy.root / LESSON).read_text(encoding="utf-8") == "lesson 1"


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b'{"schema": "other/1"}', b"\xff\xfe", b"[" * 100_000])
def test_with_a_damaged_record_every_change_counts_as_the_learners(copy, shipped, damage):
    (copy.root / ".workstation" / "manifest.json").write_bytes(damage)
    (shipped / LESSON).write_text("lesson 2", encoding="utf-8")

    copy.sync()

    assert (copy.root / LESSON).read_text(encoding="utf-8") == "lesson 1"


def test_an_exercise_that_the_class_hands_out_is_not_copied(shipped, tmp_path):
    synced = WorkingCopy(tmp_path / "w").sync(handed_out=["constraint-summary"])

    assert not (tmp_path / "w" / EXERCISE).exists()
    assert synced.handed_out == ("constraint-summary",)


def test_a_folder_that_is_there_already_keeps_what_is_in_it(shipped, tmp_path):
    mine = tmp_path / "w" / "course" / "00-start-here.ipynb"
    (tmp_path / "w" / ".workstation").mkdir(parents=True)  # its mark; what it recorded is lost
    mine.parent.mkdir()
    mine.write_text("was here before", encoding="utf-8")

    WorkingCopy(tmp_path / "w").sync()

    assert mine.read_text(encoding="utf-8") == "was here before"


def test_a_link_in_a_lessons_place_is_the_learners(copy, tmp_path):
    other = tmp_path / "elsewhere.ipynb"
    other.write_text("linked", encoding="utf-8")
    (copy.root / LESSON).unlink()
    (copy.root / LESSON).symlink_to(other)

    assert copy.sync().actions[LESSON] == "keep"
    assert other.read_text(encoding="utf-8") == "linked"


def test_nothing_is_written_through_a_linked_folder(shipped, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    root = tmp_path / "w"
    (root / ".workstation").mkdir(parents=True)
    (root / "course").symlink_to(elsewhere, target_is_directory=True)

    with pytest.raises(MaterialsError, match="is a link"):
        WorkingCopy(root).sync()
    assert list(elsewhere.iterdir()) == []


@pytest.mark.parametrize("place", ["w", "w/course", "w/evidence", "w/.workstation"])
def test_a_file_where_a_folder_should_be_is_named(shipped, tmp_path, place):
    blocked = tmp_path / place
    if place in {"w/course", "w/evidence"}:
        (tmp_path / "w" / ".workstation").mkdir(parents=True)
    blocked.parent.mkdir(exist_ok=True)
    blocked.write_text("a file", encoding="utf-8")

    with pytest.raises(MaterialsError, match=f"{blocked.name} is a file"):
        WorkingCopy(tmp_path / "w").sync()
    assert blocked.read_text(encoding="utf-8") == "a file"


def test_a_folder_where_a_lesson_should_be_is_named(copy):
    (copy.root / LESSON).unlink()
    (copy.root / LESSON).mkdir()

    with pytest.raises(MaterialsError, match=r"00-start-here\.ipynb is no file"):
        copy.sync()


@pytest.mark.parametrize(("code", "advice"), [(errno.ENOSPC, "Free some space"), (errno.EACCES, "Ask its owner")])
def test_a_disk_that_refuses_gets_a_sentence_and_leaves_no_half_file(copy, shipped, monkeypatch, code, advice):
    def refuse(_descriptor):
        raise OSError(code, os.strerror(code))

    (shipped / LESSON).write_text("lesson 2", encoding="utf-8")
    monkeypatch.setattr(os, "fsync", refuse)

    with pytest.raises(MaterialsError, match=advice):
        copy.sync()
    assert (copy.root / LESSON).read_text(encoding="utf-8") == "lesson 1"
    assert [path.name for path in (copy.root / ".workstation").iterdir()] == ["manifest.json"]


def test_the_source_of_the_course_is_no_working_copy(shipped):
    with pytest.raises(MaterialsError, match="choose another folder"):
        WorkingCopy(shipped).sync()


def test_many_at_once_on_one_folder_do_no_harm(shipped, tmp_path):
    problems: list[BaseException] = []

    def sync() -> None:
        try:
            WorkingCopy(tmp_path / "w").sync()
        except BaseException as problem:  # noqa: BLE001 - handed to the test below
            problems.append(problem)

    threads = [threading.Thread(target=sync) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert problems == []
    assert WorkingCopy(tmp_path / "w").sync().having("add", "refresh", "keep", "keep-though-newer") == []
    assert [path.name for path in (tmp_path / "w" / ".workstation").iterdir()] == ["manifest.json"]


@pytest.mark.parametrize(
    "name", ["00-start-here", "00-start-here.ipynb", "course/00-start-here.ipynb", "course\\00-start-here"]
)
def test_reset_keeps_the_old_lesson_beside_the_pristine_one(copy, name):
    (copy.root / LESSON).write_text("my notes", encoding="utf-8")

    done = copy.reset(name)

    assert done.path.read_text(encoding="utf-8") == "lesson 1"
    assert done.kept.parent == done.path.parent
    assert done.kept.read_text(encoding="utf-8") == "my notes"
    assert copy.sync().actions[LESSON] == "leave"


def test_two_resets_in_one_second_keep_both(copy, monkeypatch):
    monkeypatch.setattr(_workspace, "utc_stamp", lambda: "20261123T190225Z")
    for text in ("first", "second"):
        (copy.root / LESSON).write_text(text, encoding="utf-8")
        copy.reset("00-start-here")

    kept = sorted((copy.root / "course").glob("*.kept-*"))
    assert sorted(path.read_text(encoding="utf-8") for path in kept) == ["first", "second"]


def test_reset_of_an_exercise_sets_its_whole_folder_aside(copy):
    """In its folder, nbgrader would take a second notebook for part of the submission."""
    (copy.root / EXERCISE).write_text("my answers", encoding="utf-8")
    evidence = (copy.root / EXERCISE).parent / "evidence"
    evidence.mkdir()
    (evidence / "inventory.json").write_text("{}", encoding="utf-8")

    done = copy.reset("constraint-summary")

    assert (done.kept / "constraint-summary.ipynb").read_text(encoding="utf-8") == "my answers"
    assert (done.kept / "evidence" / "inventory.json").exists()
    assert [path.name for path in done.path.iterdir()] == ["constraint-summary.ipynb"]


def test_reset_of_something_untouched_keeps_no_copy(copy):
    assert copy.reset("00-start-here").kept is None


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("00-strat-here", "00-start-here"),
        ("start", "00-start-here"),
        ("constrain-sumary", "constraint-summary"),
        ("zzz", "There are: 00-"),
    ],
)
def test_an_unknown_name_gets_the_nearest(copy, name, answer):
    with pytest.raises(MaterialsError, match=answer):
        copy.reset(name)


def test_a_fetched_exercise_is_not_reset_behind_nbgraders_back(shipped, tmp_path):
    copy = WorkingCopy(tmp_path / "w")
    copy.sync(handed_out=["constraint-summary"])
    fetched = tmp_path / "w" / "constraint-summary" / "constraint-summary.ipynb"
    fetched.parent.mkdir()
    fetched.write_text("fetched", encoding="utf-8")

    with pytest.raises(MaterialsError, match="fetch it again"):
        copy.reset("constraint-summary")
    assert copy.exercise_folder("constraint-summary") == fetched.parent


def test_an_exercise_in_a_folder_that_is_no_working_copy_is_a_sentence(shipped, tmp_path):
    with pytest.raises(MaterialsError, match="workstation lab"):
        WorkingCopy(tmp_path / "nothing").exercise_folder("constraint-summary")
