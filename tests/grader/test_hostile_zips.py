"""Hostile archives: each is set aside with a sentence of its own, and nothing of it gets any further."""

import os
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from grading_kit import EXERCISE
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from zip_kit import INVENTORY, NOTEBOOK, SMALL, make_zip, stamp

from workstation.errors import SubmissionError
from workstation_grader import archive
from workstation_grader.course import Course
from workstation_grader.transfer import collect_from_zips, unpack


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    """The folder that zips were downloaded into."""
    folder = tmp_path / "inbox"
    folder.mkdir()
    return folder


def _linked(path: Path, name: str, target: str) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        entry = zipfile.ZipInfo(name)
        entry.create_system, entry.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
        archive.writestr(entry, target)
        if name != NOTEBOOK:
            archive.writestr(NOTEBOOK, SMALL)


def _lying_about_size(path: Path) -> None:
    """A directory that says 10 bytes of a file that has 10,000."""
    make_zip(path, {NOTEBOOK: b"x" * 10_000})
    content = path.read_bytes()
    path.write_bytes(content.replace((10_000).to_bytes(4, "little"), (10).to_bytes(4, "little")))


def _encrypted(path: Path) -> None:
    """The flag of an encrypted entry, in both places that carry it."""
    make_zip(path, {NOTEBOOK: SMALL})
    content = bytearray(path.read_bytes())
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(mark) + offset] |= 1
    path.write_bytes(content)


def _damaged(path: Path) -> None:
    """Packed bytes that do not unpack."""
    make_zip(path, {NOTEBOOK: SMALL})
    content = bytearray(path.read_bytes())
    start = 30 + len(NOTEBOOK)
    content[start : start + 8] = b"\xff" * 8
    path.write_bytes(content)


def _twice(path: Path) -> None:
    make_zip(path, {NOTEBOOK: SMALL, f"again/{NOTEBOOK}": SMALL})


def _unusual(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr(NOTEBOOK, SMALL)


HOSTILE: dict[str, tuple[Callable[[Path], object], str]] = {
    "no zip": (lambda path: path.write_bytes(b"%PDF-1.7 my homework"), "could not be read as a zip"),
    "empty file": (lambda path: path.write_bytes(b""), "could not be read as a zip"),
    "cut off": (
        lambda path: path.write_bytes(make_zip(path, {NOTEBOOK: SMALL}).read_bytes()[:60]),
        "could not be read as a zip",
    ),
    "damaged inside": (_damaged, "could not be read as a zip"),
    "encrypted": (_encrypted, "encrypted"),
    "a folder": (lambda path: path.mkdir(), "could not be read as a zip"),
    "no notebook": (lambda path: make_zip(path, {"notes.txt": b"hello"}), f"holds no {NOTEBOOK}"),
    "another exercise": (lambda path: make_zip(path, {"other.ipynb": SMALL}), f"holds no {NOTEBOOK}"),
    "a notebook too deep": (lambda path: make_zip(path, {f"a/b/{NOTEBOOK}": SMALL}), f"holds no {NOTEBOOK}"),
    "two notebooks": (_twice, "more than once"),
    "ten thousand entries": (
        lambda path: make_zip(path, {f"{number}.json": b"" for number in range(10_000)}),
        "10000 files",
    ),
    "a notebook that is a link": (lambda path: _linked(path, NOTEBOOK, "/etc/passwd"), "is a link"),
    "evidence that is a link": (lambda path: _linked(path, INVENTORY, "../../../../gradebook.db"), "is a link"),
    "a notebook over its limit": (
        lambda path: make_zip(path, {NOTEBOOK: b"0" * 3_000_000}),
        "over the limit of 2 MB",
    ),
    "evidence over its limit": (
        lambda path: make_zip(path, {NOTEBOOK: SMALL} | {f"evidence/{n}.csv": b"0" * 600_000 for n in range(4)}),
        "over the limit of 1 MB",
    ),
    "a size that is a lie": (_lying_about_size, "could not be read as a zip"),
    "a file over the limit itself": (lambda path: path.write_bytes(os.urandom(4_100_000)), "over the limit of 4 MB"),
    "an unusual packing": (_unusual, "unusual way"),
}


def _everything_but(course: Course) -> dict[str, bytes]:
    """Every file of the test's folder that is no collected submission, nor the note of which zip counts."""
    files = (path for path in course.root.parent.rglob("*") if path.is_file())
    ours = (course.collected, course.root / ".zips")
    return {str(path): path.read_bytes() for path in files if not any(map(path.is_relative_to, ours))}


@pytest.mark.parametrize("name", list(HOSTILE))
def test_a_hostile_file_is_set_aside_and_the_rest_comes_in(
    course: Course, inbox: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It gets a sentence of its own and leaves nothing behind; the learner beside it is collected."""
    monkeypatch.setattr(archive, "MAX_NOTEBOOK_BYTES", 2_000_000)
    monkeypatch.setattr(archive, "MAX_EVIDENCE_BYTES", 1_000_000)
    monkeypatch.setattr(archive, "MAX_ARCHIVE_BYTES", 4_000_000)
    make, sentence = HOSTILE[name]
    make(inbox / "eve__x.zip")
    make_zip(inbox / "fay__x.zip", {NOTEBOOK: SMALL})
    before = _everything_but(course)

    found = collect_from_zips(course, EXERCISE, inbox)

    assert found.students == ["fay"]
    assert [who for who, _ in found.refused] == ["eve__x.zip"]
    assert sentence in found.refused[0][1]
    assert "\n" not in found.refused[0][1]
    assert not (course.collected / "eve").exists()
    assert _everything_but(course) == before


ESCAPES = ["../../escaped.json", "/var/escaped.json", "evidence/../../../escaped.json", "..\\..\\evidence\\..\\x.json",
           "evidence/.hidden.json", "evidence/run.py", f"evidence/{'n' * 300}.json", "C:\\evidence\\con:x.json",
           f"../{NOTEBOOK}/evidence", "evidence/sub/deep.json"]  # fmt: skip


def test_no_name_in_an_archive_leads_out_of_its_folder(course: Course, inbox: Path) -> None:
    """Paths upwards, absolute ones and odd names are left in the archive: only a submission's own names come in."""
    make_zip(inbox / "eve__x.zip", {NOTEBOOK: SMALL} | dict.fromkeys(ESCAPES, b"{}"))
    before = _everything_but(course)

    assert collect_from_zips(course, EXERCISE, inbox).students == ["eve"]

    kept = course.collected / "eve" / EXERCISE
    inside = {path.relative_to(kept).as_posix() for path in kept.rglob("*") if path.is_file()}
    assert inside == {NOTEBOOK, "timestamp.txt"}
    assert _everything_but(course) == before
    assert [path.name for path in course.collected.iterdir()] == ["eve"]


def test_a_zip_never_replaces_what_the_exchange_needs(course: Course, inbox: Path) -> None:
    """Nbgrader's own files in an archive are not taken over: the time stamp is ours."""
    contents = {NOTEBOOK: SMALL, "timestamp.txt": b"1999-01-01 00:00:00 UTC", "submission_secret.txt": b"guess"}
    make_zip(inbox / "eve__x.zip", contents, made="2026-11-12T10:00:00+00:00")

    collect_from_zips(course, EXERCISE, inbox)

    assert stamp(course, "eve").startswith("2026-11-12")
    assert not (course.collected / "eve" / EXERCISE / "submission_secret.txt").exists()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), min_size=1, max_size=12))
def test_flipped_bytes_never_end_the_run(tmp_path: Path, changes: list[tuple[int, int]]) -> None:
    """Whatever bytes of a packed file are changed: it unpacks, or it is set aside with a sentence."""
    path = make_zip(tmp_path / "x.zip", {NOTEBOOK: SMALL, INVENTORY: SMALL}, made="2026-11-12T10:00:00+00:00")
    content = bytearray(path.read_bytes())
    for place, value in changes:
        content[place % len(content)] = value
    path.write_bytes(content)

    try:
        unpack(path, tmp_path / "unpacked", EXERCISE, "ada")
    except SubmissionError as error:
        assert str(error).startswith("it ") or " in it " in str(error)  # noqa: PT017 - either way is right
