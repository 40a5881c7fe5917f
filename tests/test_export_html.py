"""`workstation export-html`: where it writes, what it leaves alone, and what of the learner's it shows when asked."""

import json
from pathlib import Path

import pytest
from planning_notebook_kit import HOSTILE, exercise, working_copy
from report_kit import predicted

from workstation import outputs
from workstation.answers.prediction_store import SELF_CHECKS_FILE, append
from workstation.answers.predictions import Prediction
from workstation.cli import main
from workstation.errors import OutputError
from workstation.notebook.lesson_pages import lesson_pages
from workstation.notebook.page_mine import gather_mine


@pytest.fixture(scope="module")
def pages():
    return [page.name for page in lesson_pages()]


@pytest.fixture
def copy(tmp_path):
    root = working_copy(tmp_path / "copy")
    predicted(root, id="first-to-diverge", unit=None, predicted="ram", measured=None, measured_at=None)
    entry = Prediction(
        id="what-comes-first", question="?", unit=None, predicted="b", predicted_at="2026-01-01T00:00:00Z"
    )
    append(root / "evidence" / SELF_CHECKS_FILE, entry)
    exercise(root, "constraint-summary", workload=f"My own words {HOSTILE}")
    return root


def test_the_command_writes_the_pages_into_a_new_folder(tmp_path, capsys, pages):
    folder = tmp_path / "new" / "pages"

    assert main(["export-html", "--to", str(folder)]) == 0
    assert sorted(path.name for path in folder.iterdir()) == sorted(pages)
    assert str(folder / "index.html") in capsys.readouterr().out


def test_json_names_the_folder_and_the_files(tmp_path, capsys, pages):
    assert main(["export-html", "--json", "--to", str(tmp_path / "pages")]) == 0
    document = json.loads(capsys.readouterr().out)

    assert document["schema"] == "workstation.pages/1"
    assert document["files"] == pages


@pytest.mark.parametrize("other", ["mine.txt", "index.html", ".hidden"])
def test_a_folder_with_other_things_in_it_is_left_as_it_is(tmp_path, capsys, other):
    (tmp_path / other).write_text("mine", encoding="utf-8")

    assert main(["export-html", "--to", str(tmp_path)]) == 2
    assert [path.name for path in tmp_path.iterdir()] == [other]
    assert (tmp_path / other).read_text("utf-8") == "mine"
    assert "--to" in capsys.readouterr().err


def test_a_file_in_the_folders_place_is_left_as_it_is(tmp_path, capsys):
    (tmp_path / "file").write_text("mine", encoding="utf-8")

    assert main(["export-html", "--to", str(tmp_path / "file")]) == 2
    assert (tmp_path / "file").read_text("utf-8") == "mine"
    assert "--to" in capsys.readouterr().err


def test_pages_that_cannot_all_be_written_leave_none_behind(tmp_path, monkeypatch, capsys):
    write = outputs.write_new

    def full(path: Path, content: bytes, *, option: str) -> Path:
        if path.name.startswith("01"):
            raise OutputError("The disk is full.")
        return write(path, content, option=option)

    monkeypatch.setattr(outputs, "write_new", full)

    assert main(["export-html", "--to", str(tmp_path / "pages")]) == 2
    assert list((tmp_path / "pages").iterdir()) == []
    assert "The disk is full." in capsys.readouterr().err


def test_nothing_of_the_learner_is_on_the_pages_unless_it_is_asked_for(copy, tmp_path, monkeypatch):
    monkeypatch.chdir(copy / "course")
    main(["export-html", "--to", str(tmp_path / "plain"), "--dir", str(copy)])
    main(["export-html", "--to", str(tmp_path / "mine"), "--dir", str(copy), "--mine"])
    plain, mine = (
        "".join(path.read_text("utf-8") for path in (tmp_path / name).iterdir()) for name in ("plain", "mine")
    )

    assert "My own words" not in plain
    assert "You predicted System RAM." not in plain
    assert "You chose b." not in plain
    assert "My own words" in mine
    assert "You predicted System RAM." in mine
    assert "You chose b." in mine
    assert "<script" not in mine


def test_an_untouched_template_is_not_called_the_learners_words(tmp_path):
    root = working_copy(tmp_path / "copy")
    exercise(root, "constraint-summary", workload="", archetype="Archetype:\nBecause:")

    assert gather_mine(root)[0].written == {}


def test_what_of_the_learners_could_not_be_read_is_said(copy, tmp_path, capsys):
    exercise(copy, "constraint-summary", workload="x").write_bytes(b"{")
    (copy / "evidence" / SELF_CHECKS_FILE).write_bytes(b"\xff{\n")

    assert main(["export-html", "--mine", "--dir", str(copy), "--to", str(tmp_path / "pages")]) == 0
    said = capsys.readouterr().out
    assert "constraint-summary.ipynb was not read" in said
    assert f"1 line of the file evidence/{SELF_CHECKS_FILE} could not be read" in said


def test_mine_without_a_working_copy_is_refused_in_a_sentence(tmp_path, capsys):
    assert main(["export-html", "--mine", "--dir", str(tmp_path / "none"), "--to", str(tmp_path / "pages")]) == 2
    assert "--dir" in capsys.readouterr().err
