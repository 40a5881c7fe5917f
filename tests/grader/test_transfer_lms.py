"""Collecting what learning platforms download: bulk zips and their names, quarantine, lateness, extensions.

A little over 300 lines: one small class handed in through two platforms, and what became of each file.
"""

import io
import os
import sqlite3
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from grading_kit import EXERCISE, Terminal, assert_is_one_sentence
from zip_kit import INVENTORY, NOTEBOOK, SMALL, make_zip, stamp

from workstation_grader.batch import grade_cohort
from workstation_grader.course import Course
from workstation_grader.lms.keeping import kept_folder, waiting
from workstation_grader.lms.roster import import_roster, parse_roster
from workstation_grader.lms.tables import parse_table
from workstation_grader.transfer import collect_from_zips

ROSTER = "id,first name,last name,canvas id\nada,Ada,Lovelace,1\nbob,Bob,Babbage,2\ncy,Zoë,Müller,\n"
NOON = "2026-11-20T12:00:00+00:00"


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    """The folder that zips were downloaded into."""
    folder = tmp_path / "inbox"
    folder.mkdir()
    return folder


@pytest.fixture
def known(course: Course) -> Course:
    """A course with a roster."""
    import_roster(course.root, course.db_url, parse_roster(parse_table(ROSTER)))
    return course


def packed(made: str | None = NOON, **more: bytes) -> bytes:
    """A submission's zip as bytes."""
    buffer = io.BytesIO()
    make_zip(buffer, {NOTEBOOK: SMALL, INVENTORY: b"{}"} | more, made=made)
    return buffer.getvalue()


def bulk(path: Path, members: dict[str, bytes]) -> Path:
    """A platform's own download of everybody's files."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def set_due(course: Course, due: str | None) -> None:
    """Set the due date as Formgrader does."""
    with sqlite3.connect(course.root / "gradebook.db") as connection:
        connection.execute("update assignment set duedate = ? where name = ?", (due, EXERCISE))


CANVAS = {
    "lovelaceada_1_900_ada__constraint-summary.zip": packed(),
    "babbagebob_LATE_2_901_work.zip": packed(),
    "mullerzoe_77_902_work.zip": packed(),  # a number that the roster does not have, and a name that it has
    "strangereve_99_903_work.zip": packed(),
    "lovelaceada_1_904_notes.pdf": b"%PDF",
}
MOODLE = {
    "Ada Lovelace_5_assignsubmission_file_/bob__work.zip": packed(),
    "Bob Babbage_6_assignsubmission_file_/constraint-summary.zip": packed(),
    "Zoë Müller_7_assignsubmission_file_/deep/work.zip": packed(),
    "Eve Stranger_8_assignsubmission_file_/work.zip": packed(),
}
FLAT = {name.replace("_/deep/", "_").replace("_/", "_"): content for name, content in MOODLE.items()}


@pytest.mark.parametrize("members", [CANVAS, MOODLE, FLAT], ids=["canvas", "moodle", "moodle, flat"])
@pytest.mark.parametrize("unpacked", [True, False], ids=["folder", "bulk zip"])
def test_a_platforms_download_is_collected(
    known: Course, inbox: Path, members: dict[str, bytes], unpacked: bool
) -> None:
    """As it was downloaded, or unpacked by a browser; a stranger's file waits in quarantine with its own name."""
    download = bulk(inbox / "submissions.zip", members)
    if unpacked:
        with zipfile.ZipFile(download) as archive:
            archive.extractall(inbox)
        download.unlink()

    found = collect_from_zips(known, EXERCISE, inbox if unpacked else download)

    assert found.students == ["ada", "bob", "cy"]
    assert found.refused == []
    ((stranger, why),) = found.unknown
    assert stranger in members
    assert "nobody in the roster has that number or name" in why
    assert [each.name for each in waiting(known.root, EXERCISE)] == [stranger]
    assert (known.collected / "ada" / EXERCISE / INVENTORY).is_file()


def test_quarantine_is_resolved_by_a_roster_and_by_single_files(known: Course, cohort: Terminal, inbox: Path) -> None:
    """--map takes people with numbers, or files with ids; the downloads need not be there any more."""
    download = bulk(inbox / "submissions.zip", CANVAS | {"homework.zip": packed()})
    people, files = inbox / "people.csv", inbox / "files.csv"
    people.write_text("id,first name,last name,canvas id\neve,Eve,Stranger,99\n", encoding="utf-8")
    files.write_text("file,id\nhomework.zip,dan\n", encoding="utf-8")

    assert cohort("collect", EXERCISE, "--zips", download) == 1
    assert "nobody's yet, kept in quarantine: strangereve_99_903_work.zip" in cohort.out
    assert f"collect {EXERCISE} --map FILE" in cohort.out
    download.unlink()
    assert cohort("collect", EXERCISE, "--map", people) == 1
    assert cohort("collect", EXERCISE, "--map", files) == 0

    assert known.submissions(EXERCISE) == ["ada", "bob", "cy", "dan", "eve"]
    assert waiting(known.root, EXERCISE) == []
    assert_is_one_sentence(cohort, cohort("collect", EXERCISE, "--map", inbox / "none.csv"))


def test_without_a_roster_a_platforms_files_wait(course: Course, inbox: Path) -> None:
    """Numbers alone say nobody; plain ids are taken at their word, as nothing contradicts them."""
    for name in ("lovelaceada_1_900_x.zip", "ada__x.zip"):
        (inbox / name).write_bytes(packed())

    found = collect_from_zips(course, EXERCISE, inbox)

    assert found.students == ["ada"]
    assert "import the class" in found.unknown[0][1]


def test_who_took_a_name_gets_nobodys_place(known: Course, inbox: Path) -> None:
    """The first by that name was accepted and noted; another number with the same name is not."""
    collect_from_zips(known, EXERCISE, bulk(inbox / "1.zip", {"Ada Lovelace_5_assignsubmission_file_/x.zip": packed()}))

    found = collect_from_zips(
        known, EXERCISE, bulk(inbox / "2.zip", {"Ada Lovelace_9_assignsubmission_file_/x.zip": packed()})
    )

    assert found.students == []
    assert "more than one number goes by the name of 'ada'" in found.unknown[0][1]


def test_canvas_own_order_outweighs_a_learners_clock(known: Course, inbox: Path) -> None:
    """The later attachment counts, whatever time a manifest claims; and every one is kept."""
    early, late = "2026-11-10T10:00:00+00:00", "2026-11-19T10:00:00+00:00"
    (inbox / "lovelaceada_1_900_x.zip").write_bytes(packed(late))
    (inbox / "lovelaceada_1_901_x-1.zip").write_bytes(packed(early))
    (inbox / "lovelaceada_1_902_x-2.zip").write_bytes(b"no zip")

    first = collect_from_zips(known, EXERCISE, inbox)
    (inbox / "lovelaceada_1_901_x-1.zip").unlink()
    again = collect_from_zips(known, EXERCISE, inbox)

    assert stamp(known, "ada").startswith("2026-11-10")
    assert [name for name, _ in first.refused] == ["lovelaceada_1_902_x-2.zip"]
    assert again.kept == ["lovelaceada_1_900_x.zip"]
    kept = sorted(path.name[:16] for path in (kept_folder(known.root, EXERCISE) / "ada").iterdir())
    assert kept == ["20261110T100000Z", "20261119T100000Z"]


def test_late_is_said_with_whose_word_it_is(known: Course, inbox: Path) -> None:
    """A claim, a file's time, the platform's mark against an early claim; and who is in time is not named."""
    set_due(known, "2026-11-20 10:00:00.000000")
    (inbox / "ada__x.zip").write_bytes(packed(NOON))
    (inbox / "babbagebob_LATE_2_901_x.zip").write_bytes(packed("2026-11-01T10:00:00+00:00"))
    (inbox / "cy__x.zip").write_bytes(packed(None))
    moment = datetime(2026, 11, 22, 13, tzinfo=UTC).timestamp()
    os.utime(inbox / "cy__x.zip", (moment, moment))

    late = dict(collect_from_zips(known, EXERCISE, inbox).late)

    assert late == {
        "ada": "2 h after the due date, by its manifest's time, which is a claim",
        "bob": "Canvas marks it late; its own time is before the due date, and the mark counts",
        "cy": "2 d 3 h after the due date, by the file's time; it has no manifest's",
    }
    assert stamp(known, "bob") == "2026-11-20 10:00:01.000000 UTC"


def test_a_mark_without_a_due_date_is_said_only(known: Course, inbox: Path) -> None:
    """Nothing follows from it, and the time stays the learner's."""
    (inbox / "babbagebob_LATE_2_901_x.zip").write_bytes(packed())

    found = collect_from_zips(known, EXERCISE, inbox)

    assert "no due date is set here" in dict(found.late)["bob"]
    assert stamp(known, "bob").startswith("2026-11-20 12:00")


def extensions(course: Course) -> dict[str, str]:
    """Nbgrader's own column."""
    with sqlite3.connect(course.root / "gradebook.db") as connection:
        return dict(connection.execute("select student_id, extension from submitted_assignment"))


def penalties(course: Course) -> dict[str, float]:
    """What coming late costs, by nbgrader's own plugin."""
    with sqlite3.connect(course.root / "gradebook.db") as connection:
        return dict(
            connection.execute(
                "select a.student_id, n.late_submission_penalty from submitted_assignment a "
                "join submitted_notebook n on n.assignment_id = a.id"
            )
        )


def test_an_extension_counts_before_and_after_handing_in(known: Course, cohort: Terminal, inbox: Path) -> None:
    """In nbgrader's own column: kept until there is a submission, changed when there is one, taken back by 0."""
    from nbgrader import api

    config = known.root / "nbgrader_config.py"
    config.write_text(
        config.read_text(encoding="utf-8") + "\nc.LateSubmissionPlugin.penalty_method = 'zero'\n",
        encoding="utf-8",
    )
    set_due(known, "2026-11-20 10:00:00.000000")
    table = inbox / "extensions.csv"
    table.write_text("id;days\nADA;1\nnobody here;2\n", encoding="utf-8")
    for student in ("ada", "bob"):
        (inbox / f"{student}__x.zip").write_bytes(packed(NOON))

    assert cohort("extensions", EXERCISE, table) == 1
    assert "The others follow" in cohort.out
    assert "left out: line 3" in cohort.out
    assert dict(collect_from_zips(known, EXERCISE, inbox).late).keys() == {"bob"}
    grade_cohort(known, EXERCISE)
    first = penalties(known)
    table.write_text("id,until\nada,\nbob,2026-11-20T14:00:00+01:00\n", encoding="utf-8")
    assert cohort("extensions", EXERCISE, table) == 1
    table.write_text("id,hours\nada,0\n", encoding="utf-8")
    assert cohort("extensions", EXERCISE, table) == 0

    with api.Gradebook(known.db_url) as gradebook:
        lateness = {who: gradebook.find_submission(EXERCISE, who).total_seconds_late for who in ("ada", "bob")}
    assert (first["ada"], first["bob"]) == (None, 0.0)
    assert lateness == {"ada": 7200.0, "bob": 0}
    assert (penalties(known)["ada"], penalties(known)["bob"]) == (0.0, None)
    assert extensions(known)["ada"] is None


@pytest.mark.parametrize(
    ("text", "why"),
    [("id,days\nada,-1\n", "no number of days"), ("id,days\nada,9999\n", "over 400 days"),
     ("id,days,hours\nada,1,1\n", "the time twice"), ("id,until\nada,soon\n", "no date like"),
     ("id,until\nada,2026-11-01\n", "before the due date"), ("id,days\nada,1\nada,2\n", "another extension")],
)  # fmt: skip
def test_an_extension_that_says_nothing_is_named(
    known: Course, cohort: Terminal, inbox: Path, text: str, why: str
) -> None:
    """The line and its reason, and nothing is given."""
    set_due(known, "2026-11-20 10:00:00.000000")
    (inbox / "e.csv").write_text(text, encoding="utf-8")

    assert cohort("extensions", EXERCISE, inbox / "e.csv") == 1
    assert why in cohort.out


@pytest.mark.parametrize("text", ["id\nada\n", "days\n2\n"])
def test_a_table_that_is_no_list_of_extensions_is_one_sentence(cohort: Terminal, inbox: Path, text: str) -> None:
    """It says which columns there have to be."""
    (inbox / "e.csv").write_text(text, encoding="utf-8")

    assert_is_one_sentence(cohort, cohort("extensions", EXERCISE, inbox / "e.csv"))


WINDOWS = {
    f"{EXERCISE.upper()}\\{EXERCISE}.IPYNB": SMALL,
    f"{EXERCISE.upper()}\\Evidence\\Inventory.JSON": b'{\r\n"a": 1}',
    f"{EXERCISE.upper()}\\Evidence\\nul.json": b"{}",
    f"{EXERCISE.upper()}\\Evidence\\COM1.csv": b"",
    f"{EXERCISE.upper()}\\.ipynb_checkpoints\\{EXERCISE}-checkpoint.ipynb": b"{}",
    "__MACOSX/._x": b"",
}


def test_names_from_windows_come_in_as_their_own(course: Course, inbox: Path) -> None:
    """Backslashes, capitals and device names: what has another case is the same file, a device is none."""
    with zipfile.ZipFile(inbox / "ada__x.zip", "w") as archive:
        for name, content in WINDOWS.items():
            entry = zipfile.ZipInfo("x")
            entry.filename = name
            archive.writestr(entry, content)

    assert collect_from_zips(course, EXERCISE, inbox).students == ["ada"]
    kept = course.collected / "ada" / EXERCISE
    inside = {path.relative_to(kept).as_posix() for path in kept.rglob("*") if path.is_file()}
    assert inside == {NOTEBOOK, "evidence/Inventory.json", "timestamp.txt"}


def test_two_names_that_one_disk_would_have_as_one_are_refused(course: Course, inbox: Path) -> None:
    """On Windows and macOS the second would replace the first."""
    make_zip(inbox / "ada__x.zip", {NOTEBOOK: SMALL, INVENTORY: b"{}", "evidence/INVENTORY.json": b"[]"})

    assert "more than once" in collect_from_zips(course, EXERCISE, inbox).refused[0][1]


def test_a_notebook_by_itself_is_named(known: Course, inbox: Path) -> None:
    """It is left where it is; the sentence says what to ask for."""
    (inbox / "lovelaceada_1_900_constraint-summary.ipynb").write_bytes(SMALL)
    (inbox / "my own notes.ipynb").write_bytes(SMALL)

    ((name, why),) = collect_from_zips(known, EXERCISE, inbox).refused

    assert name.startswith("lovelaceada")
    assert "workstation submit" in why


@pytest.mark.parametrize("content", [b"", b"no zip at all"])
def test_a_bulk_download_that_is_none_is_one_sentence(cohort: Terminal, inbox: Path, content: bytes) -> None:
    """It says what to do."""
    (inbox / "bulk.zip").write_bytes(content)

    assert_is_one_sentence(cohort, cohort("collect", EXERCISE, "--zips", inbox / "bulk.zip"))


def test_a_damaged_or_bottomless_member_costs_nobody_else(
    known: Course, inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Unpacked up to a limit, and set aside; the learner beside it is collected."""
    from workstation_grader import archive
    from workstation_grader.lms import incoming

    monkeypatch.setattr(archive, "MAX_ARCHIVE_BYTES", 100_000)
    monkeypatch.setattr(incoming, "MAX_MEMBER_BYTES", 100_001)
    members = {"lovelaceada_1_900_x.zip": b"0" * 5_000_000, "babbagebob_2_901_x.zip": packed()}

    found = collect_from_zips(known, EXERCISE, bulk(inbox / "bulk.zip", members))

    assert found.students == ["bob"]
    assert "over the limit" in found.refused[0][1]


def test_a_lost_sidecar_leaves_the_file(known: Course, inbox: Path) -> None:
    """It then goes by its digest, and an instructor can still say whose it is."""
    (inbox / "strangereve_99_903_work.zip").write_bytes(packed())
    collect_from_zips(known, EXERCISE, inbox)
    (waiting(known.root, EXERCISE)[0].path.with_suffix(".json")).write_text("{", encoding="utf-8")
    (inbox / "strangereve_99_903_work.zip").unlink()
    (left,) = waiting(known.root, EXERCISE)

    found = collect_from_zips(known, EXERCISE, None, {left.name: "eve"})

    assert (found.students, waiting(known.root, EXERCISE)) == (["eve"], [])
