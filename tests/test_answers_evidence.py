"""Reading evidence files: only plain files of a sane size, and a clear problem for each kind of damage."""

import json
import os
from pathlib import Path

import pytest

from workstation.answers.evidence import INVENTORY_FILE, MAX_FILE_BYTES, evidence_from_documents, load_evidence

LABELLED = Path(__file__).parent / "answers" / "constraint-summary.jsonl"
DOCUMENT = json.loads(LABELLED.read_text(encoding="utf-8").splitlines()[0])["inventory"]


def codes(evidence):
    """List the problem codes."""
    return [problem.code for problem in evidence.problems]


def test_a_good_inventory_is_read(tmp_path):
    (tmp_path / INVENTORY_FILE).write_text(json.dumps(DOCUMENT), encoding="utf-8")

    evidence = load_evidence(tmp_path)

    assert evidence.inventory.cpu.logical_cores == 8
    assert evidence.inventory_raw["system"]["os"] == "Linux"
    assert codes(evidence) == []


def test_no_file_is_a_missing_inventory(tmp_path):
    assert codes(load_evidence(tmp_path)) == ["evidence-missing"]
    assert codes(load_evidence(tmp_path / "nowhere")) == ["evidence-missing"]
    assert codes(evidence_from_documents(None)) == ["evidence-missing"]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "evidence-truncated"),
        (json.dumps(DOCUMENT).encode()[:500], "evidence-truncated"),
        (b"\xff\xfe" + b"x" * 9, "evidence-not-utf8"),
        (b"[" * 100_000, "evidence-foreign"),
        (b"[]", "evidence-foreign"),
        (b'{"schema": "hardware-report/0.3"}', "evidence-foreign"),
        (json.dumps(DOCUMENT | {"schema": "workstation.inventory/99"}).encode(), "evidence-unknown-version"),
        (b" " * (MAX_FILE_BYTES + 1), "evidence-too-large"),
    ],
)
def test_each_kind_of_damage_has_its_own_code(tmp_path, content, code):
    (tmp_path / INVENTORY_FILE).write_bytes(content)

    evidence = load_evidence(tmp_path)

    assert evidence.inventory is None
    assert codes(evidence) == [code]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_links_folders_and_pipes_are_not_followed(tmp_path):
    """A link to a file elsewhere would read what is not the learner's; a pipe would hang the grader."""
    (tmp_path / "elsewhere.json").write_text(json.dumps(DOCUMENT), encoding="utf-8")
    link, folder, pipe = (tmp_path / name for name in ("link", "folder", "pipe"))
    for place in (link, folder, pipe):
        place.mkdir()
    (link / INVENTORY_FILE).symlink_to(tmp_path / "elsewhere.json")
    (folder / INVENTORY_FILE).mkdir()
    os.mkfifo(pipe / INVENTORY_FILE)

    assert [codes(load_evidence(place)) for place in (link, folder, pipe)] == [["evidence-unreadable"]] * 3
