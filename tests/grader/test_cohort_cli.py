"""`workstation-cohort` on the command line: what it prints, its exit codes, and one sentence where it cannot go on."""

import csv
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from grading_kit import EXERCISE, MACHINE, ROOT, Terminal, assert_is_one_sentence, filled, hand_in, run_cohort

from workstation.catalog import load_catalog
from workstation_grader import selftest as selftest_module
from workstation_grader.cli import main
from workstation_grader.course import CONFIG_NAME, Course
from workstation_grader.selftest import Failure

COMMANDS = ["release", "collect", "grade", "feedback", "export", "score", "selftest", "formgrader", "generate",
            "roster", "extensions", "forget"]  # fmt: skip
LABELLED = ROOT / "tests/answers/constraint-summary.jsonl"


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    """--help says what the command is for and names the course folder."""
    with pytest.raises(SystemExit) as ended:
        main([command, "--help"])

    assert ended.value.code == 0
    text = capsys.readouterr().out
    assert "--course DIR" in text
    assert f"workstation-cohort {command}" in text


def test_the_list_of_commands_is_whole(capsys: pytest.CaptureFixture[str]) -> None:
    """--help without a command lists all of them, and these tests know each."""
    with pytest.raises(SystemExit):
        main(["--help"])

    listed = [line.split()[0] for line in capsys.readouterr().out.splitlines() if line.startswith("    ")]
    assert set(COMMANDS) <= set(listed)
    assert {name for name in listed if name.islower() and name.isalpha()} - {"show"} >= set(COMMANDS)


@pytest.mark.parametrize("command", [["grade"], [], ["grade", EXERCISE, "--jobs", "many"], ["nonsense"]])
def test_a_mistyped_command_says_how_it_is_typed(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """The usage, and exit code 2."""
    with pytest.raises(SystemExit) as ended:
        main(command)

    assert ended.value.code == 2
    assert "usage: workstation-cohort" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["collect", "grade", "feedback", "export"])
def test_no_course_is_one_sentence(command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without a course folder the sentence names the command that makes one."""
    terminal = Terminal(tmp_path / "none", capsys)

    assert_is_one_sentence(terminal, terminal(command, EXERCISE))
    assert "workstation-cohort release" in terminal.err
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize(
    "command",
    [["collect"], ["grade"], ["feedback"], ["export"], ["release", "--no-exchange"], ["selftest"],
     ["score", "--jsonl", str(LABELLED)]],
    ids=lambda command: command[0],
)  # fmt: skip
def test_an_unknown_exercise_is_one_sentence(cohort: Terminal, command: list[str]) -> None:
    """Every command names the exercise that there is, or the one that was meant."""
    name, *options = command

    assert_is_one_sentence(cohort, cohort(name, "constraint-sumary", *options))
    assert EXERCISE in cohort.err


@pytest.mark.parametrize("command", ["feedback", "export"])
def test_nothing_graded_is_one_sentence(cohort: Terminal, submit: Callable[..., Path], command: str) -> None:
    """An empty export or no pages at all would look like success."""
    submit("ada")

    assert_is_one_sentence(cohort, cohort(command, EXERCISE))
    assert f"workstation-cohort grade {EXERCISE}" in cohort.err


def test_nothing_collected_is_one_sentence(cohort: Terminal, tmp_path: Path) -> None:
    """Grading nothing, or one who is not there, names the command to run first; an empty inbox says what belongs in."""
    assert_is_one_sentence(cohort, cohort("grade", EXERCISE))
    assert f"workstation-cohort collect {EXERCISE}" in cohort.err
    assert_is_one_sentence(cohort, cohort("grade", EXERCISE, "--student", "ada"))
    assert "'ada'" in cohort.err
    assert_is_one_sentence(cohort, cohort("collect", EXERCISE, "--zips", tmp_path))
    assert "No zip in" in cohort.err
    assert_is_one_sentence(cohort, cohort("collect", EXERCISE, "--zips", tmp_path / "nope"))
    assert f"There is no folder {tmp_path / 'nope'}" in cohort.err


def test_a_place_that_is_not_there_is_one_sentence(
    cohort: Terminal, submit: Callable[..., Path], tmp_path: Path
) -> None:
    """A file that cannot be read or written is named, with the system's own reason."""
    submit("ada")
    cohort("grade", EXERCISE)
    missing = tmp_path / "missing" / "file"

    assert_is_one_sentence(cohort, cohort("score", EXERCISE, "--jsonl", missing))
    assert str(missing) in cohort.err
    assert_is_one_sentence(cohort, cohort("export", EXERCISE, "--to", tmp_path))
    assert "--to" in cohort.err


def test_a_gradebook_that_went_is_one_sentence(cohort: Terminal, submit: Callable[..., Path]) -> None:
    """A damaged or missing gradebook says so, and shows nothing of the database's insides."""
    submit("ada")
    cohort("grade", EXERCISE)
    (cohort.course / "gradebook.db").write_bytes(b"")

    assert_is_one_sentence(cohort, cohort("export", EXERCISE))
    assert "gradebook" in cohort.err


def test_release_prints_what_it_did(cohort: Terminal, tmp_path: Path) -> None:
    """Self-tested, scanned and packed, in two lines; the zip is there."""
    target = tmp_path / "page.zip"

    assert cohort("release", EXERCISE, "--zip", target) == 0

    assert cohort.err == ""
    assert cohort.out.splitlines() == [
        f"Generated {cohort.course / 'exercises' / EXERCISE}; the self-test passed and nothing leaks.",
        f"Packed {target}: put it on the course page.",
    ]
    assert target.is_file()


def test_an_exercise_whose_selftest_fails_is_not_released(cohort: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    """What failed is listed; the earlier copy stays as it was."""
    failure = Failure(case="belief", criterion="summary.measured", message="was not lost (met)")
    monkeypatch.setattr(selftest_module, "selftest", lambda *_: (1, [failure]))
    before = (cohort.course / "exercises" / EXERCISE / f"{EXERCISE}.ipynb").stat().st_mtime_ns

    assert cohort("release", EXERCISE, "--no-exchange") == 2
    assert "belief, summary.measured: was not lost" in cohort.err
    assert (cohort.course / "exercises" / EXERCISE / f"{EXERCISE}.ipynb").stat().st_mtime_ns == before
    assert cohort("selftest", EXERCISE) == 1
    assert "belief: summary.measured was not lost" in cohort.out


def test_grade_prints_problems_and_who_waits(
    cohort: Terminal, submit: Callable[..., Path], blank: dict, model: dict[str, str]
) -> None:
    """How many, what was wrong with whose file, and whom a person has to look at; a second run changes nothing."""
    submit("ada")
    hand_in(cohort.course, "bob", b"{", machine=None)
    hand_in(cohort.course, "cy", filled(blank, model), machine=None)

    assert cohort("grade", EXERCISE) == 0
    first = cohort.out
    assert cohort("grade", EXERCISE) == 0

    assert first.splitlines()[0] == "Graded 3, unchanged 0."
    assert "  bob: The notebook file is not JSON" in first
    assert "  cy: There is no inventory.json beside this answer." in first
    assert first.splitlines()[-1] == "Waiting for a person (Formgrader shows them): bob, cy"
    assert cohort.out.splitlines() == ["Graded 0, unchanged 3.", first.splitlines()[-1]]
    assert cohort.err == "", "no progress line where nobody watches"


def test_grade_names_shared_evidence_and_odd_folders(cohort: Terminal, submit: Callable[..., Path]) -> None:
    """One file from two learners, also where both were graded before, and a folder that is no learner's."""
    submit("ada")
    submit("bob")
    hand_in(cohort.course, ".hidden", b"{")
    hand_in(cohort.course, "~x", b"{")
    cohort("grade", EXERCISE)

    assert cohort("grade", EXERCISE) == 0

    assert "  ada and bob: inventory.json is one and the same file; ask whose it is.\n" in cohort.out
    assert "  '~x': no learner has such a name; nothing in that folder was graded.\n" in cohort.out
    assert "hidden" not in cohort.out


def test_grade_as_json(cohort: Terminal, submit: Callable[..., Path]) -> None:
    """--json is one document that a program reads."""
    submit("ada")
    hand_in(cohort.course, "bob", b"{")

    assert cohort("grade", EXERCISE, "--json") == 0

    report = json.loads(cohort.out)
    assert (report["graded"], report["unchanged"], report["in_review"]) == (2, 0, ["bob"])
    assert [entry[:2] for entry in report["problems"]] == [["bob", "notebook-unreadable"]]


def test_the_whole_way_by_zip(cohort: Terminal, tmp_path: Path, blank: dict, model: dict[str, str]) -> None:
    """Collect, grade, feedback and export, each with its line; what was set aside makes exit code 1."""
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    with zipfile.ZipFile(inbox / "ada__x.zip", "w") as archive:
        archive.writestr(f"{EXERCISE}.ipynb", json.dumps(filled(blank, model)))
        archive.write(MACHINE, "evidence/inventory.json")
    (inbox / "eve__x.zip").write_bytes(b"no zip")

    assert cohort("collect", EXERCISE, "--zips", inbox) == 1
    assert f"1 submission of {EXERCISE!r}" in cohort.out
    assert "set aside: eve__x.zip: it could not be read as a zip" in cohort.out
    assert cohort("grade", EXERCISE) == 0
    assert cohort("feedback", EXERCISE) == 0
    assert cohort.out == f"Wrote 1 feedback page in {cohort.course / 'feedback'}.\n"
    assert cohort("export", EXERCISE) == 0
    (row,) = csv.DictReader(io.StringIO(cohort.out))
    assert (row["student"], row["score"]) == ("ada", row["max_score"])
    assert cohort("export", EXERCISE, "--to", tmp_path / "grades.csv") == 0
    assert cohort.out == f"Wrote 1 learner to {tmp_path / 'grades.csv'}.\n"
    assert cohort("feedback", EXERCISE, "--student", "nobody") == 2


def test_score_gives_one_line_each(cohort: Terminal, tmp_path: Path) -> None:
    """Labelled answers in, criteria out, line by line; a broken line gives its own error line and exit code 1."""
    lines = LABELLED.read_text(encoding="utf-8").splitlines()
    assert cohort("score", EXERCISE, "--jsonl", LABELLED) == 0
    whole = cohort.out.splitlines()
    broken = tmp_path / "broken.jsonl"
    broken.write_text("\n".join([lines[0], "{", lines[1]]), encoding="utf-8")

    assert cohort("score", EXERCISE, "--jsonl", broken) == 1

    assert [json.loads(line)["id"] for line in whole] == [json.loads(line)["id"] for line in lines]
    wanted = [criterion.id for criterion in load_catalog().exercises[EXERCISE].criteria]
    assert [criterion["id"] for criterion in json.loads(whole[0])["criteria"]] == wanted
    first, error, last = cohort.out.splitlines()
    assert [first, last] == whole[:2]
    assert json.loads(error)["line"] == 2


def test_generate_tells_of_drift(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """With --check, drift makes exit code 1 and names the command that mends it."""
    from workstation_grader import release

    monkeypatch.setattr(release, "regenerate_exercises", lambda **_: [EXERCISE])
    assert main(["generate", "--check"]) == 1
    assert "Run: workstation-cohort generate" in capsys.readouterr().out
    monkeypatch.setattr(release, "regenerate_exercises", lambda **_: [])
    assert main(["generate", "--check"]) == 0


def test_an_interrupted_command_says_how_to_go_on(
    cohort: Terminal, submit: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C ends with 130, a sentence and no traceback."""
    from workstation_grader import batch

    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    submit("ada")
    monkeypatch.setattr(batch, "grade_cohort", stop)

    assert cohort("grade", EXERCISE) == 130
    assert "run the same command again" in cohort.err


def test_a_command_in_its_own_process(course: Course, submit: Callable[..., Path], tmp_path: Path) -> None:
    """As an instructor runs it, with the folder by variable and an exchange that is not there: nothing superfluous."""
    submit("ada")
    config = course.root / CONFIG_NAME
    text = f"{config.read_text(encoding='utf-8')}\nc.Exchange.root = {str(tmp_path / 'no-exchange')!r}\n"
    config.write_text(text, encoding="utf-8")

    released = run_cohort("release", EXERCISE, "--zip", tmp_path / "page.zip", WORKSTATION_COURSE=course.root)
    graded = run_cohort("grade", EXERCISE, WORKSTATION_COURSE=course.root)

    assert (released.returncode, released.stderr) == (0, "")
    assert (graded.returncode, graded.stderr) == (0, "")
    assert graded.stdout == "Graded 1, unchanged 0.\n"
