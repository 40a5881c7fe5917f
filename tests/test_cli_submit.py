"""`workstation submit` packs what an answer needs, and nothing about the learner or the machine it was packed on."""

import hashlib
import json
import zipfile
from datetime import datetime
from pathlib import Path

import pytest
from recording_kit import GIB, samples, write

from workstation import materials
from workstation.catalog import load_catalog
from workstation.cli import _submission, main
from workstation.cli._submission import pack
from workstation.cli._workspace import WorkingCopy
from workstation.errors import MaterialsError, OutputError, SubmissionError
from workstation.recording import load_recording

NAME = "constraint-summary"
BLANK = {"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


def answer_cell(answer: str, body: str) -> dict:
    """Make an answer's cell as nbgrader releases it."""
    marks = {"grade_id": answer, "solution": True, "grade": False, "locked": False, "schema_version": 3}
    return {
        "cell_type": "code", "id": answer, "execution_count": None, "outputs": [],
        "metadata": {"nbgrader": marks}, "source": f"%%answer {answer}\n{body}",
    }  # fmt: skip


@pytest.fixture
def copy(tmp_path) -> WorkingCopy:
    """A working copy whose exercise has one answer written and an inventory."""
    working_copy = WorkingCopy(tmp_path / "w")
    folder = working_copy.root / "exercises" / NAME
    (folder / "evidence").mkdir(parents=True)
    (working_copy.root / ".workstation").mkdir()
    cells = [answer_cell("workload", "In the next four months I search 300 PDF files of my own.")]
    (folder / f"{NAME}.ipynb").write_text(json.dumps({**BLANK, "cells": cells}), encoding="utf-8")
    (folder / "evidence" / "inventory.json").write_text('{"schema": "workstation.inventory/1"}', encoding="utf-8")
    return working_copy


def evidence(copy: WorkingCopy) -> Path:
    return copy.root / "exercises" / NAME / "evidence"


def entries(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def test_the_file_holds_notebook_evidence_and_manifest(copy):
    packed = pack(copy, NAME)

    assert packed.path.parent == copy.root / "submissions"
    assert list(entries(packed.path)) == ["manifest.json", f"{NAME}.ipynb", "evidence/inventory.json"]


def test_the_manifest_lists_every_file_with_its_hash_and_size(copy):
    packed = pack(copy, NAME, claimed_id="s1234")
    found = entries(packed.path)
    manifest = json.loads(found.pop("manifest.json"))

    assert manifest == packed.manifest
    assert manifest["schema"] == "workstation.manifest/1"
    assert (manifest["exercise"], manifest["claimed_id"]) == (NAME, "s1234")
    assert manifest["catalog_version"] == load_catalog().version
    assert manifest["rubric_version"] == load_catalog().rubric_version
    assert manifest["created_at"].endswith("+00:00")
    assert manifest["files"] == {
        name: {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data)} for name, data in found.items()
    }


def test_who_packed_it_and_where_stays_out(copy, monkeypatch, tmp_path):
    """Only what the learner typed into --as names a person."""
    for variable in ("USER", "LOGNAME", "USERNAME"):
        monkeypatch.setenv(variable, "alice-in-the-environment")
    raw = pack(copy, NAME).path.read_bytes()
    manifest = entries(pack(copy, NAME).path)["manifest.json"]

    assert b"alice-in-the-environment" not in raw + manifest
    assert str(tmp_path).encode() not in raw + manifest
    assert json.loads(manifest)["claimed_id"] is None


def test_the_same_work_makes_the_same_file(copy, monkeypatch):
    class Frozen(datetime):
        @classmethod
        def now(cls, tz=None):
            return cls(2026, 11, 23, tzinfo=tz)

    monkeypatch.setattr(_submission, "datetime", Frozen)

    first, second = pack(copy, NAME), pack(copy, NAME)

    assert first.path != second.path
    assert first.path.read_bytes() == second.path.read_bytes()


def test_blank_answers_are_counted_and_packed_all_the_same(copy):
    packed = pack(copy, NAME)

    titles = [form.title for form in load_catalog().exercises[NAME].answers if form.has_text and form.id != "workload"]
    (warning,) = packed.warnings
    assert warning.startswith(f"{len(titles)} of {len(titles) + 1} answers are still blank: ")
    assert all(title in warning for title in titles)


def test_missing_evidence_and_a_damaged_notebook_are_warnings(copy):
    (evidence(copy) / "inventory.json").unlink()
    (copy.root / "exercises" / NAME / f"{NAME}.ipynb").write_text("{", encoding="utf-8")

    warnings = " ".join(pack(copy, NAME).warnings)

    assert "is not JSON" in warnings
    assert "no evidence/inventory.json" in warnings


def test_what_is_no_evidence_is_left_out_and_said(copy, tmp_path):
    secret = tmp_path / "secret.json"
    secret.write_text("{}", encoding="utf-8")
    (evidence(copy) / "link.json").symlink_to(secret)
    (evidence(copy) / "helper.py").write_text("print('never imported')", encoding="utf-8")
    (evidence(copy) / "folder.json").mkdir()
    (evidence(copy) / ".hidden.json").write_text("{}", encoding="utf-8")
    (evidence(copy) / "recording.jsonl").write_text("{}\n", encoding="utf-8")

    packed = pack(copy, NAME)

    assert set(packed.manifest["files"]) == {f"{NAME}.ipynb", "evidence/inventory.json", "evidence/recording.jsonl"}
    said = " ".join(packed.warnings)
    assert all(f"evidence/{name} was left out" in said for name in ("link.json", "helper.py", "folder.json"))


def test_a_long_recording_is_packed_thinned_and_the_learners_own_stays_whole(copy, tmp_path):
    """DESIGN 4: at most 1 MB, with the digest of the whole one; its worst moment is still in it."""
    own = write(
        evidence(copy) / "rag.recording.jsonl",
        *samples(30_000, ram_available_bytes=lambda row: 5 if row == 7777 else GIB + row),
        {"end": {"how": "exit", "t_s": 3000.0, "exit_code": 0}},
    )
    whole = own.read_bytes()

    packed = pack(copy, NAME)
    handed_in = tmp_path / "handed-in.recording.jsonl"
    handed_in.write_bytes(entries(packed.path)["evidence/rag.recording.jsonl"])
    found = load_recording(handed_in)

    assert len(whole) > 1_000_000 >= handed_in.stat().st_size
    assert own.read_bytes() == whole
    assert found.header.thinned_from == f"sha256:{hashlib.sha256(whole).hexdigest()}"
    assert found.columns["ram_available_bytes"].min() == 5
    assert not any("rag" in warning for warning in packed.warnings)


def test_a_short_recording_is_packed_byte_for_byte(copy):
    own = write(evidence(copy) / "rag.recording.jsonl", *samples(5))

    assert entries(pack(copy, NAME).path)["evidence/rag.recording.jsonl"] == own.read_bytes()


def test_a_damaged_recording_is_packed_as_it_is_and_named(copy):
    (evidence(copy) / "rag.recording.jsonl").write_bytes(b"not a recording\n" * 100_000)

    packed = pack(copy, NAME)

    assert entries(packed.path)["evidence/rag.recording.jsonl"] == b"not a recording\n" * 100_000
    assert any("rag.recording.jsonl could not be thinned and was packed as it is. Cannot" in w for w in packed.warnings)


def test_a_damaged_recording_without_bounds_is_left_out_and_named(copy):
    """It must not keep the learner from handing in the rest."""
    (evidence(copy) / "rag.recording.jsonl").write_bytes(b"not a recording\n" * 400_000)

    packed = pack(copy, NAME)

    assert "evidence/rag.recording.jsonl" not in packed.manifest["files"]
    assert any("rag.recording.jsonl could not be thinned and was left out" in warning for warning in packed.warnings)


def test_too_much_evidence_is_refused_with_the_files_name(copy, monkeypatch):
    monkeypatch.setattr(_submission, "MAX_EVIDENCE_BYTES", 1000)
    (evidence(copy) / "recording.jsonl").write_bytes(b"x" * 1001)

    with pytest.raises(SubmissionError, match=r"recording\.jsonl makes the submission too large"):
        pack(copy, NAME)
    assert not (copy.root / "submissions").exists()


def test_too_large_a_notebook_is_refused(copy, monkeypatch):
    monkeypatch.setattr(_submission, "MAX_NOTEBOOK_BYTES", 10)

    with pytest.raises(SubmissionError, match="Clear the notebook's outputs"):
        pack(copy, NAME)


@pytest.mark.parametrize("name", ["../constraint-summary", "a/b", "", ".hidden", "C:\\x"])
def test_a_name_that_is_a_path_is_refused(copy, name):
    with pytest.raises(SubmissionError, match="is no name of an exercise"):
        pack(copy, name)


def test_an_exercise_that_is_not_there_lists_those_that_are(copy, monkeypatch):
    monkeypatch.setattr(materials, "exercise_names", lambda: ["constraint-summary"])

    with pytest.raises(MaterialsError, match="Exercises: constraint-summary"):
        pack(copy, "symptom-mapping")


def test_out_names_a_folder_or_a_new_file(copy, tmp_path):
    assert pack(copy, NAME, out=tmp_path / "to hand in").path.parent == tmp_path / "to hand in"
    assert pack(copy, NAME, out=tmp_path / "mine.zip").path == tmp_path / "mine.zip"

    before = (tmp_path / "mine.zip").read_bytes()
    with pytest.raises(OutputError, match="exists already"):
        pack(copy, NAME, out=tmp_path / "mine.zip")
    assert (tmp_path / "mine.zip").read_bytes() == before


def test_a_file_in_the_folders_place_is_a_sentence(copy):
    (copy.root / "submissions").write_text("a file", encoding="utf-8")

    with pytest.raises(OutputError, match="is a file"):
        pack(copy, NAME)


def test_the_command_says_where_the_file_is_in_words_and_in_json(copy, capsys):
    assert main(["submit", NAME, "--dir", str(copy.root)]) == 0
    words = capsys.readouterr().out
    assert main(["submit", NAME, "--dir", str(copy.root), "--json", "--as", "s1"]) == 0
    document = json.loads(capsys.readouterr().out)

    assert f"Hand in this file: {copy.root / 'submissions' / NAME}" in words
    assert Path(document["path"]).is_file()
    assert document["manifest"]["claimed_id"] == "s1"
    assert len(document["warnings"]) == 1
