"""Files and folders that `workstation-cohort` writes to: none is written over, and what it says of them holds."""

from collections.abc import Callable
from pathlib import Path

import pytest
from grading_kit import EXERCISE, Terminal, assert_is_one_sentence
from zip_kit import SMALL, make_zip

from workstation_grader.course import CONFIG_NAME


def test_what_is_there_is_never_written_over(cohort: Terminal, submit: Callable[..., Path], tmp_path: Path) -> None:
    """The rule of every command that writes a file: missing folders are made, an old file stays."""
    submit("ada")
    cohort("grade", EXERCISE)
    for command in (["export", EXERCISE, "--to"], ["release", EXERCISE, "--zip"]):
        place = tmp_path / command[0] / "new" / "file"

        assert cohort(*command, place) == 0
        first = place.read_bytes()
        assert_is_one_sentence(cohort, cohort(*command, place))

        assert place.read_bytes() == first
        assert command[-1] in cohort.err


@pytest.mark.parametrize("command", [["release", EXERCISE, "--no-exchange"], ["formgrader", "--no-browser"]])
def test_a_folder_of_somebody_elses_is_no_course(
    command: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It would become private and be filled with solutions."""
    mine = tmp_path / "mine"
    mine.mkdir(mode=0o755)
    (mine / "thesis.tex").write_text("", encoding="utf-8")
    terminal = Terminal(mine, capsys)

    assert_is_one_sentence(terminal, terminal(*command))
    assert "--course" in terminal.err
    assert [path.name for path in mine.iterdir()] == ["thesis.tex"]
    assert mine.stat().st_mode & 0o777 == 0o755


def test_collecting_says_which_zip_counts(cohort: Terminal, tmp_path: Path) -> None:
    """A line a learner, in words: new, as before, changed, and gone from the folder."""
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    said = []
    for made in ("2026-11-11T10:00:00+00:00", None, "2026-11-12T10:00:00+00:00"):
        if made:
            make_zip(inbox / f"ada__{made[8:10]}.zip", {f"{EXERCISE}.ipynb": SMALL}, made=made)
        cohort("collect", EXERCISE, "--zips", inbox)
        said.append(cohort.out.splitlines()[1])
    (inbox / "ada__12.zip").unlink()
    cohort("collect", EXERCISE, "--zips", inbox)
    said.append(cohort.out.splitlines()[1])

    assert said == [
        "  ada: ada__11.zip, of 2026-11-11 10:00 UTC",
        "  ada: ada__11.zip, of 2026-11-11 10:00 UTC, as before",
        "  ada: ada__12.zip, of 2026-11-12 10:00 UTC; before, ada__11.zip counted",
        "  ada: ada__12.zip, of 2026-11-12 10:00 UTC, still counts; it is not among these zips",
    ]


def test_pages_of_zips_are_not_called_released(cohort: Terminal, submit: Callable[..., Path], tmp_path: Path) -> None:
    """They have no way back through the exchange: one sentence says what to do with them."""
    config = cohort.course / CONFIG_NAME
    (tmp_path / "exchange").mkdir()
    text = f"{config.read_text(encoding='utf-8')}\nc.Exchange.root = {str(tmp_path / 'exchange')!r}\n"
    config.write_text(text, encoding="utf-8")
    submit("ada")
    cohort("grade", EXERCISE)

    assert cohort("feedback", EXERCISE, "--release") == 0

    _, line = cohort.out.splitlines()
    assert line == "Send 1 page to the learners yourself: what came as a zip goes back no other way."
