"""Which folders may become a working copy: an empty one, a new one, ours; never somebody else's."""

from pathlib import Path

import pytest

from workstation.cli import main
from workstation.cli._workspace import WorkingCopy
from workstation.errors import MaterialsError

LESSON = "course/00-start-here.ipynb"


@pytest.mark.parametrize(
    "command", [["lab", "--no-browser"], ["reset", "00-start-here"], ["submit", "constraint-summary"]]
)
def test_a_folder_of_somebody_elses_is_refused_and_nothing_is_written_there(tmp_path, capsys, command):
    """Neither empty nor ours: a home folder, a project, a thesis."""
    mine = tmp_path / "mine"
    exercise = mine / "notes" / "constraint-summary.ipynb"
    exercise.parent.mkdir(parents=True)
    for path in (exercise, *(mine / name for name in ("thesis.tex", "a", "b"))):
        path.write_text("{}", encoding="utf-8")
    (mine / "constraint-summary").mkdir()
    exercise.replace(mine / "constraint-summary" / exercise.name)
    before = sorted(mine.rglob("*"))

    assert main([*command, "--dir", str(mine)]) == 2

    printed = capsys.readouterr()
    assert printed.out == ""
    assert "is no working copy of the course" in printed.err
    assert "--dir" in printed.err
    assert sorted(mine.rglob("*")) == before


def test_the_folders_configuration_is_not_even_read(tmp_path):
    """A foreign folder's nbgrader_config.py is a program."""
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "nbgrader_config.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')", encoding="utf-8")

    assert main(["lab", "--no-browser", "--dir", str(tmp_path / "mine")]) == 2

    assert not (tmp_path / "ran").exists()


def test_an_empty_folder_with_a_systems_litter_is_taken(tmp_path):
    for name in (".DS_Store", "desktop.ini"):
        (tmp_path / "w").mkdir(exist_ok=True)
        (tmp_path / "w" / name).write_text("", encoding="utf-8")

    WorkingCopy(tmp_path / "w").sync()

    assert (tmp_path / "w" / LESSON).exists()


def test_a_copy_that_was_interrupted_while_it_was_made_is_ours(tmp_path):
    """The mark is the first thing made, the record the last."""
    (tmp_path / "w" / ".workstation").mkdir(parents=True)
    (tmp_path / "w" / "course").mkdir()

    assert WorkingCopy(tmp_path / "w").sync().having("add")


def test_a_missing_home_is_a_sentence():
    with pytest.raises(MaterialsError, match="--dir"):
        WorkingCopy(Path("~nobody-has-this-name/course"))


def test_an_exercise_that_was_deleted_says_what_brings_it_back(tmp_path):
    copy = WorkingCopy(tmp_path / "w")
    copy.sync()
    (copy.root / "exercises/constraint-summary/constraint-summary.ipynb").unlink()

    with pytest.raises(MaterialsError, match=r"workstation reset constraint-summary`: both bring it\.$"):
        copy.exercise_folder("constraint-summary")
