"""What a working copy has on file: what an answer can cite, and what cannot be read."""

import pytest
from inventory_kit import small
from planning_notebook_kit import log_weeks, recorded, working_copy
from worksheet_kit import BLANK, DESKTOP, sheet

from workstation import recording
from workstation.errors import DocumentError
from workstation.notebook.on_file import citable, read_store
from workstation.planning import LOG_FILE, LogRow, append_row


@pytest.fixture
def course(tmp_path, monkeypatch):
    root = working_copy(tmp_path / "copy")
    monkeypatch.chdir(root / "course")
    return root


@pytest.fixture
def equipped(course, monkeypatch):
    """A working copy with a recording, logged weeks, an inventory and a worksheet."""
    recorded(course, "rag-index", monkeypatch)
    log_weeks(course, 4, swap_used_gib=6.0)
    small().save(course / "evidence" / "inventory.json")
    sheet(DESKTOP).save(course / "evidence" / "platform.json")
    return course


def test_what_can_be_cited_names_its_kind_its_reference_and_what_it_says(equipped):
    items = {item.title: item.says for item in citable(read_store(equipped))}

    assert items["recording rag-index"] == "python index.py ran from swap for 30 s."
    assert items["log 2026-W04"].startswith("Swap in use 6 GiB")
    assert "16.0 GiB" in items["inventory memory.total_bytes"]
    assert items["worksheet memory_slots_free"].endswith("2")


@pytest.mark.parametrize("name", ["inventory.json", "platform.json", "log.jsonl", "prices.json"])
def test_a_file_that_cannot_be_read_is_a_sentence(course, name):
    (course / "evidence" / name).write_bytes(b"\xff\x00{")

    found = read_store(course)

    assert found.inventory is None
    assert found.worksheet is None
    assert found.problems or found.log.problems


def test_a_recording_that_cannot_be_read_carries_no_answer(course, monkeypatch):
    recorded(course, "rag-index", monkeypatch)

    def refuse(path):
        raise DocumentError(f"Cannot read {path.name}.")

    monkeypatch.setattr(recording, "load_recording", refuse, raising=False)
    found = read_store(course)

    assert [kept.problem for kept in found.recordings] == ["Cannot read rag-index.recording.jsonl."]
    assert citable(found) == []


def test_a_link_in_a_files_place_is_not_followed(course, tmp_path):
    small().save(tmp_path / "elsewhere.json")
    (course / "evidence" / "inventory.json").symlink_to(tmp_path / "elsewhere.json")

    found = read_store(course)

    assert found.inventory is None
    assert "no plain file" in found.problems[0]


def test_an_empty_worksheet_has_nothing_to_cite(course):
    BLANK.save(course / "evidence" / "platform.json")

    assert citable(read_store(course)) == []


def test_a_week_without_any_figure_is_no_evidence(course):
    append_row(course / "evidence" / LOG_FILE, LogRow(week="2026-W09", metrics={}))

    assert citable(read_store(course)) == []
