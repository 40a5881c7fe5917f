"""Documents from files are hostile until parsed: each fault has its own sentence, and nothing else is raised."""

import copy
import json
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workstation.errors import DocumentError, SchemaVersionError
from workstation.inventory import facts, from_document, load_inventory, render_table, save_inventory, to_document
from workstation.inventory import surprises as find_surprises
from workstation.inventory._linux import read_linux
from workstation.inventory._recorded import RecordedSource

LAPTOP = Path(__file__).parent / "machines" / "linux-i5-laptop-mx450nodriver-16gib" / "machine.toml"
DOCUMENT = to_document(read_linux(RecordedSource.load(LAPTOP), "/x"))


def changed(path, value):
    document = copy.deepcopy(DOCUMENT)
    *outer, last = [int(part) if part.isdigit() else part for part in path.split(".")]
    holder = document
    for part in outer:
        holder = holder[part]
    holder[last] = value
    return document


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        ("captured_at", "yesterday", "ISO 8601"),
        ("captured_at", "2026-01-31T12:00:00", "ISO 8601"),
        ("captured_at", 7, "text"),
        ("system.os", 3, "found 3"),
        ("system.os", "x" * 1001, "text"),
        ("system.os", "\ud800", "text"),
        ("system.chassis", "toaster", "laptop, desktop, server, unknown"),
        ("system.chassis", None, "laptop, desktop, server, unknown"),
        ("system", [], "object"),
        ("cpu.max_mhz", float("nan"), "number"),
        ("cpu.max_mhz", float("inf"), "number"),
        ("cpu.max_mhz", True, "found true"),
        ("memory.total_bytes", True, "found true"),
        ("memory.total_bytes", -1, "found -1"),
        ("memory.total_bytes", 1.5, "whole number"),
        ("memory.total_bytes", "16 GB", "found '16 GB'"),
        ("memory.total_bytes", 10**30, "beyond"),
        ("memory.swap_kind", ["disk"], "one of"),
        ("storage.project.shared_with_system", 1, "true or false"),
        ("storage.devices", {}, "list"),
        ("storage.devices.0", None, "object"),
        ("storage.devices.0.name", None, "text"),
        ("gpus", None, "list"),
        ("gpus", [{}] * 1025, "at most 1024"),
        ("gpus.0.vendor", "nvidea", "nvidia"),
        ("gpus.1.driver", {}, "an object of 0"),
        ("network.link_mbps", "fast", "whole number"),
        ("provenance", [], "object"),
        ("unknowns", {}, "list"),
        ("unknowns.0.why", None, "text"),
    ],
)
def test_a_wrong_value_is_named_by_its_dotted_path(path, value, words):
    with pytest.raises(DocumentError) as caught:
        from_document(changed(path, value))

    assert str(caught.value).startswith(path)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    "path", [p for p in facts(read_linux(RecordedSource.load(LAPTOP), "/x")) if not p.startswith("captured")]
)
def test_each_missing_field_is_named(path):
    *outer, last = path.split(".")
    document = copy.deepcopy(DOCUMENT)
    holder = document
    for part in outer:
        holder = holder[int(part) if part.isdigit() else part]
    del holder[last]

    with pytest.raises(DocumentError, match=f"^{path}: missing"):
        from_document(document)


def test_wrong_provenance_is_named():
    told = {"memory.total_bytes": {"source": "/proc/meminfo", "confidence": "certain"}}

    with pytest.raises(DocumentError, match=r"^provenance\.memory\.total_bytes\.confidence: expected one of"):
        from_document(changed("provenance", told))


def test_a_foreign_schema_is_refused_as_foreign():
    with pytest.raises(DocumentError, match="hardware-report") as caught:
        from_document(changed("schema", "hardware-report/0.3"))

    assert not isinstance(caught.value, SchemaVersionError)


@pytest.mark.parametrize("version", ["0", "2", "17"])
def test_another_version_of_our_schema_asks_for_an_update(version):
    with pytest.raises(SchemaVersionError, match="Update the course package"):
        from_document(changed("schema", f"workstation.inventory/{version}"))


def test_keys_that_we_do_not_know_are_passed_over():
    assert from_document({**DOCUMENT, "comment": "mine"}) == from_document(DOCUMENT)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)


@settings(deadline=None)  # a busy machine is no fault
@given(JSON)
def test_arbitrary_json_raises_nothing_but_document_errors(value):
    with pytest.raises(DocumentError):
        from_document(value)


PATHS = sorted({part for path in facts(from_document(DOCUMENT)) for part in (path, path.rpartition(".")[0] or path)})


@settings(max_examples=300, deadline=None)  # a busy machine is no fault
@given(st.sampled_from([*PATHS, "provenance", "unknowns"]), JSON)
def test_one_arbitrary_value_in_a_good_document_is_read_or_refused(path, value):
    """What is accepted can be shown, searched for surprises and written again."""
    try:
        inv = from_document(changed(path, value))
    except DocumentError:
        return
    assert from_document(to_document(inv)) == inv
    assert render_table(inv)
    assert find_surprises(inv)
    json.dumps(to_document(inv), allow_nan=False).encode("utf-8")


@settings(deadline=None)  # a busy machine is no fault
@given(st.binary(max_size=200))
def test_arbitrary_bytes_in_a_file_raise_nothing_but_document_errors(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("bytes") / "inventory.json"
    path.write_bytes(data)

    with pytest.raises(DocumentError, match=r"^Cannot load inventory\.json: "):
        load_inventory(path)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "not valid JSON"),
        (b'{"schema": "workstation.inventory/1", "captured_at": "20', "cut off"),
        (b"\xff\xfe{", "UTF-8"),
        (b"[" * 200_000, "nested too deep"),
        (b'{"a": NaN}', "NaN"),
        (b'{"a": ' + b"9" * 5000 + b"}", "not valid JSON"),
        (b" " * (1024 * 1024 + 1), "larger than 1 MiB"),
        (b"[]", "object"),
    ],
)
def test_a_damaged_file_gets_its_own_sentence(tmp_path, data, words):
    path = tmp_path / "inventory.json"
    path.write_bytes(data)

    with pytest.raises(DocumentError, match=words):
        load_inventory(path)


def test_a_missing_file_says_how_to_make_one(tmp_path):
    with pytest.raises(DocumentError, match="workstation inventory --save"):
        load_inventory(tmp_path / "none.json")


def test_a_folder_is_no_file(tmp_path):
    with pytest.raises(DocumentError, match="Cannot load"):
        load_inventory(tmp_path)


def test_errors_of_a_newer_file_keep_their_class(tmp_path):
    path = tmp_path / "inventory.json"
    path.write_text(json.dumps(changed("schema", "workstation.inventory/2")), encoding="utf-8")

    with pytest.raises(SchemaVersionError, match=r"^Cannot load inventory\.json: schema"):
        load_inventory(path)


def test_a_loaded_inventory_is_the_saved_one_with_every_fact_imported(tmp_path):
    inv = from_document(DOCUMENT)

    loaded = load_inventory(inv.save(tmp_path / "inventory.json"))

    assert {told.confidence for told in loaded.provenance.values()} == {"imported"}
    assert facts(loaded) == facts(inv)
    assert loaded.unknowns == inv.unknowns


def test_a_byte_order_mark_is_passed_over(tmp_path):
    """Editors on Windows put one there."""
    path = tmp_path / "inventory.json"
    path.write_bytes(b"\xef\xbb\xbf" + json.dumps(DOCUMENT).encode())

    assert load_inventory(path).memory == from_document(DOCUMENT).memory


def test_saving_replaces_the_old_file_whole_and_leaves_nothing_beside_it(tmp_path):
    path = tmp_path / "inventory.json"
    path.write_text("old", encoding="utf-8")

    save_inventory(from_document(DOCUMENT), path)

    assert json.loads(path.read_text(encoding="utf-8")) == DOCUMENT
    assert os.listdir(tmp_path) == ["inventory.json"]  # noqa: PTH208 - names are what counts


def test_a_failed_save_keeps_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "inventory.json"
    path.write_text("old", encoding="utf-8")

    def refuse(_descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(DocumentError, match="No space left"):
        save_inventory(from_document(DOCUMENT), path)

    assert path.read_text(encoding="utf-8") == "old"
    assert os.listdir(tmp_path) == ["inventory.json"]  # noqa: PTH208 - names are what counts


def test_saving_into_a_missing_folder_says_so(tmp_path):
    with pytest.raises(DocumentError, match="Choose a folder"):
        save_inventory(from_document(DOCUMENT), tmp_path / "none" / "inventory.json")


def test_a_frame_has_one_row_per_fact_with_source_or_reason():
    inv = from_document(DOCUMENT)

    frame = inv.to_frame().set_index("fact")

    assert list(frame.index) == list(facts(inv))
    assert frame.loc["memory.total_bytes", "value"] == 16541302784
    assert frame.loc["memory.total_bytes", "source"] == "/proc/meminfo"
    assert "not on this system" in frame.loc["gpus.1.vram_total_bytes", "why_unknown"]


def test_the_table_does_not_pass_on_terminal_escapes():
    inv = from_document(changed("cpu.model", "\x1b]0;owned\x07\x1b[31mRED"))

    assert "\x1b" not in render_table(inv)


DOCUMENTS = sorted((Path(__file__).parent / "machines" / "documents").glob("*.json"))


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_documents_of_other_systems_survive_a_round_trip_to_the_byte(path):
    """Also one that a learner filled in with zeros: what it is worth is for others to judge."""
    text = path.read_text(encoding="utf-8")

    inv = from_document(json.loads(text))

    assert json.dumps(to_document(inv), indent=1) + "\n" == text
    assert render_table(inv)
    assert find_surprises(inv)
