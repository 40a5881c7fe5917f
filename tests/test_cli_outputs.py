"""One rule for every place that a command writes to: folders are made, nothing is replaced, failures are sentences."""

import errno
import os
import zipfile
from pathlib import Path

import pytest

from workstation.cli import main
from workstation.cli._workspace import WorkingCopy
from workstation.errors import OutputError
from workstation.outputs import new_file, write_new


@pytest.fixture
def copy(tmp_path) -> WorkingCopy:
    """A working copy of the course."""
    made = WorkingCopy(tmp_path / "w")
    made.sync()
    return made


COMMANDS = {
    "submit": ["submit", "constraint-summary", "--out"],
    "inventory": ["inventory", "--save"],
    "doctor": ["doctor", "--bundle"],
}


@pytest.fixture(params=list(COMMANDS))
def command(request, copy) -> list[str]:
    """Each command that writes a file, all but the place."""
    words = COMMANDS[request.param]
    return words if request.param == "inventory" else [*words[:-1], "--dir", str(copy.root), words[-1]]


def test_missing_folders_are_made(command, tmp_path, capsys):
    place = tmp_path / "new" / "deep" / "file.zip"

    main([*command, str(place)])

    assert place.stat().st_size > 0
    assert str(place) in capsys.readouterr().out


def test_what_is_there_is_never_replaced(command, tmp_path, capsys):
    place = tmp_path / "file.zip"
    place.write_text("mine", encoding="utf-8")

    assert main([*command, str(place)]) == 2

    printed = capsys.readouterr()
    assert place.read_text(encoding="utf-8") == "mine"
    assert printed.out == ""
    assert f"{place} exists already, and is left as it is." in printed.err
    assert command[-1] in printed.err


def test_a_link_that_leads_nowhere_is_something_too(command, tmp_path):
    """Writing through it would make a file in a place that nobody named."""
    (tmp_path / "file.zip").symlink_to(tmp_path / "elsewhere")

    assert main([*command, str(tmp_path / "file.zip")]) == 2
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.parametrize("place", ["file/x.zip", "file/y/x.zip"])
def test_a_file_where_a_folder_is_needed_is_a_sentence(command, tmp_path, capsys, place):
    (tmp_path / "file").write_text("", encoding="utf-8")

    assert main([*command, str(tmp_path / place)]) == 2
    printed = capsys.readouterr().err
    assert "Traceback" not in printed
    assert command[-1] in printed


@pytest.mark.parametrize("option", ["--save", "--bundle"])
def test_a_folder_is_no_file(tmp_path, option):
    with pytest.raises(OutputError, match=f"is a folder. Name a file with {option}"):
        new_file(tmp_path, option=option)


def test_a_home_folder_is_found_by_its_short_name(home):
    assert write_new(Path("~/a/b.txt"), b"x", option="--to") == home / "a" / "b.txt"
    with pytest.raises(OutputError, match="--to"):
        new_file(Path("~nobody-has-this-name/x"), option="--to")


def test_a_full_disk_leaves_no_half_file(tmp_path, monkeypatch):
    def refuse(_descriptor):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", refuse)

    with pytest.raises(OutputError, match="Free some space"):
        write_new(tmp_path / "x", b"content", option="--to")
    assert list(tmp_path.iterdir()) == []


def test_a_bundle_written_in_a_new_folder_is_whole(tmp_path, copy):
    main(["doctor", "--dir", str(copy.root), "--bundle", str(tmp_path / "for help" / "b.zip")])

    with zipfile.ZipFile(tmp_path / "for help" / "b.zip") as bundle:
        assert bundle.testzip() is None
