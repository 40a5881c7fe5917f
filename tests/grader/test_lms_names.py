"""Names of files: what Canvas and Moodle call a learner's file, and what a learner put behind it."""

import pytest
from grading_kit import EXERCISE

from workstation_grader.lms.identity import Directory, contested_names
from workstation_grader.lms.names import parse_name, readings_of, slug
from workstation_grader.lms.roster import People, Person

CANVAS = [
    ("lovelaceada_12345_67890_constraint-summary-20261123T101500Z.zip", "canvas:12345", "lovelaceada", False, 67890),
    ("lovelaceada_LATE_12345_67890_ada__constraint-summary.zip", "canvas:12345", "lovelaceada", True, 67890),
    ("lovelaceada_late_12345_67890_x.zip", "canvas:12345", "lovelaceada", True, 67890),  # as it was spelled until 2018
    (
        "lovelaceada_12345_67890_constraint-summary-2.zip",
        "canvas:12345",
        "lovelaceada",
        False,
        67890,
    ),  # handed in again
    ("group3_12345_67890_work.zip", "canvas:12345", "group3", False, 67890),
    ("müllerjosé_12345_67890_work.zip", "canvas:12345", "müllerjosé", False, 67890),
    ("lovelaceada_12345_67890_20231__constraint-summary.zip", "canvas:12345", "lovelaceada", False, 67890),
    ("anon_aB3xY_67890_work.zip", "anon:aB3xY", None, False, 67890),
    ("LATE_anon_aB3xY_67890_work.zip", "anon:aB3xY", None, True, 67890),
]
MOODLE = [
    ("Ada Lovelace_77_assignsubmission_file_/constraint-summary.zip", "77", "Ada Lovelace"),
    ("Ada Lovelace_77_assignsubmission_file/constraint-summary.zip", "77", "Ada Lovelace"),
    ("Ada Lovelace_77_assignsubmission_file_constraint-summary.zip", "77", "Ada Lovelace"),
    (
        "Ada Lovelace_77_assignsubmission_file_/sub/Bob Babbage_5_assignsubmission_file_/bob__x.zip",
        "77",
        "Ada Lovelace",
    ),
    ("Ada Lovelace_77_assignsubmission_file_\\bob__x.zip", "77", "Ada Lovelace"),
    ("Groupe B-Zoë O'Neil_77_assignsubmission_file_/12_34_x.zip", "77", "Groupe B-Zoë O'Neil"),
    ("Participant_77_assignsubmission_file_/x.zip", "77", None),
]


@pytest.mark.parametrize(("path", "key", "name", "late", "attachment"), CANVAS)
def test_canvas_names(path: str, key: str, name: str | None, late: bool, attachment: int) -> None:
    """Name, mark, number and attachment, whatever the learner called the file."""
    found = parse_name(path, EXERCISE)

    assert (found.platform, found.key, found.name, found.late) == ("canvas", key, name, late)
    assert found.attachment == attachment


@pytest.mark.parametrize(("path", "number", "name"), MOODLE)
def test_moodle_names(path: str, number: str, name: str | None) -> None:
    """The first folder or the file's own beginning; folders further in are the learner's."""
    found = parse_name(path, EXERCISE)

    assert (found.platform, found.key, found.name) == ("moodle", f"moodle:{EXERCISE}:{number}", name)


@pytest.mark.parametrize(
    "path", ["constraint-summary.zip", "Ada Lovelace.zip", "_1_2_x.zip", "a_1_x.zip", "", "a/b.zip"]
)
def test_names_that_say_nobody(path: str) -> None:
    """They say why not, and nobody is guessed."""
    found = parse_name(path, EXERCISE)

    assert (found.key, found.student) == (None, None)
    assert found.why_not


def people(*known: Person, **keys: str) -> People:
    return People(
        people={each.id: each for each in known}, keys={key.replace("_", ":"): who for key, who in keys.items()}
    )


ADA = Person(id="ada", first_name="Ada", last_name="Lovelace")
BOB = Person(id="bob", first_name="Bob", last_name="Babbage")
EVE = Person(id="eve", first_name="Eve", last_name="Ada")


@pytest.mark.parametrize(
    ("path", "student"),
    [
        ("lovelaceada_1_900_bob__x.zip", "ada"),  # the id behind the platform's part is a claim
        ("ada__x_3_900_work.zip", "eve"),  # a learner who took an id for a name
        ("ada__x_999_900_work.zip", None),  # the same, and no number that is known
        ("x_1_3_900_work.zip", None),  # a name that ends in somebody's number: it could be ada's or eve's
        ("babbagebob_77_900_x.zip", "bob"),  # by the name alone, which is one person's
        ("lovelaceada_77_900_x.zip", None),  # ada's name with another number than ada's
        ("nobody_77_900_x.zip", None),
        ("ADA__x.zip", "ada"),
        ("adaa__x.zip", None),
        ("Bob Babbage_5_assignsubmission_file_/ada__x.zip", "bob"),
        ("Participant_5_assignsubmission_file_/ada__x.zip", None),
    ],
)
def test_who_a_file_is_from(path: str, student: str | None) -> None:
    """The platform's number, else a name that is one person's; what a learner can choose never decides."""
    directory = Directory(people=people(ADA, BOB, EVE, canvas_1="ada", canvas_3="eve"), exercise=EXERCISE)

    found = directory.who(path)

    assert found.student == student
    assert student or found.why


def test_a_name_that_two_numbers_carry_is_nobodys() -> None:
    """One of them took the other's name: only a number, or an instructor, can tell."""
    paths = ["Ada Lovelace_5_assignsubmission_file_/x.zip", "ada lovelace_6_assignsubmission_file_/x.zip"]
    directory = Directory(people=people(ADA), exercise=EXERCISE, contested=contested_names(paths, EXERCISE))

    assert [directory.who(path).student for path in paths] == [None, None]
    assert "more than one number" in directory.who(paths[0]).why


def test_a_groups_file_is_its_members_and_said() -> None:
    """Canvas gives one member's number beside the group's name."""
    found = Directory(people=people(ADA, canvas_1="ada"), exercise=EXERCISE).who("team7_1_900_x.zip")

    assert found.student == "ada"
    assert "'team7'" in found.note


def test_an_instructors_word_settles_a_number() -> None:
    """A file that was named as somebody's teaches the number that it carries."""
    path = "lovelaceada_77_900_x.zip"
    found = Directory(people=people(ADA), exercise=EXERCISE, files={path: "ADA"}).who(path)

    assert (found.student, dict(found.keys)) == ("ada", {"canvas:77": "ada"})


def test_a_plain_id_next_to_the_rosters_is_a_guess_only() -> None:
    """It is said, and not followed."""
    assert "did 'ada' hand it in?" in Directory(people=people(ADA), exercise=EXERCISE).who("adaa__x.zip").why


def test_readings_are_few() -> None:
    """A name of nothing but numbers gives no more readings than it has pairs."""
    assert len(readings_of("_".join(["x", *"123456789", "y.zip"]), EXERCISE)) == 8


@pytest.mark.parametrize("name", ["Lovelace, Ada", "lovelaceada", "LOVELACE  ADA", "Lovelace_Ada"])
def test_spellings_are_compared_without_signs(name: str) -> None:
    """As Canvas writes them and as a roster does."""
    assert slug(name) == "lovelaceada"
