"""The platform worksheet: its items, its files, and what is filled in by itself."""

import json
from dataclasses import fields
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from worksheet_kit import BLANK, DESKTOP, in_case, sheet

from workstation.catalog._platform import (
    SUMS,
    load_platform_rules,
)
from workstation.errors import DocumentError, SchemaVersionError
from workstation.inventory import Platform, check_upgrade, fill_in, load_inventory, load_platform, prefill
from workstation.inventory._upgrades import _SUMS
from workstation.inventory._worksheet_document import from_document, to_document
from workstation.inventory._worksheet_prefill import MemorySlots, parse_memory_slots
from workstation.units import GIB

DOCUMENTS = Path(__file__).parent / "machines/documents"


def test_the_catalogue_and_the_dataclass_name_the_same_items():
    named = {each.name for each in fields(Platform)} - {"filled_in_at", "provenance"}

    assert named == set(load_platform_rules().items)
    assert set(SUMS) == set(_SUMS)


def test_everything_unknown_says_where_to_look():
    missing = BLANK.unknowns

    assert {each.what for each in missing} == set(load_platform_rules().items) - {"other_limits"}
    assert all(each.how_to_find_out for each in missing)


@pytest.mark.parametrize(
    ("name", "typed", "value"),
    [
        ("psu_watts", "650 W", 650),
        ("psu_watts", " 650 ", 650),
        ("gpu_length_mm", "310mm", 310),
        ("gpu_slots_free", "0", 0),
        ("psu_standard", "Yes", True),
        ("memory_soldered", "n", False),
        ("chassis", "Laptop", "laptop"),
        ("psu_watts", "unknown", None),
        ("psu_watts", "", None),
        ("psu_watts", None, None),
        ("other_limits", "  odd \n screws ", "odd screws"),
    ],
)
def test_answers_are_read_as_people_type_them(name, typed, value):
    assert getattr(sheet({name: typed}), name) == value


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("psu_watts", "lots"), ("psu_watts", -1), ("psu_watts", 0), ("psu_watts", 10**9), ("psu_watts", 6.5),
        ("psu_watts", True), ("psu_watts", "6,5"), ("psu_watts", []), ("psu_standard", 1), ("psu_standard", "maybe"),
        ("chassis", "toaster"), ("other_limits", "x" * 1001), ("other_limits", "\ud800"), ("psu_wats", 650),
    ],
)  # fmt: skip
def test_what_is_no_answer_is_refused_by_name(name, typed):
    with pytest.raises(DocumentError, match=name):
        sheet({name: typed})


@pytest.mark.parametrize(
    "answers",
    [{"memory_installed_gib": 32, "memory_max_gib": 16}, {"memory_slots_free": 3, "memory_slots_total": 2}],
)
def test_parts_that_exceed_their_whole_are_refused(answers):
    with pytest.raises(DocumentError, match="is more than"):
        sheet(answers)


def test_an_answer_by_hand_replaces_the_programs_word():
    started = prefill(in_case("desktop"))

    filled = fill_in(started, {"chassis": "server"})

    assert started.provenance["chassis"].confidence == "inferred"
    assert filled.provenance["chassis"].source == "worksheet"


def test_taking_an_answer_back_leaves_no_source():
    taken = fill_in(sheet({"psu_watts": 650}), {"psu_watts": None})

    assert taken.psu_watts is None
    assert "psu_watts" not in taken.provenance


def test_what_a_program_could_read_is_filled_in():
    slots = MemorySlots(total=2, free=1, max_bytes=64 * GIB, soldered=False)
    started = prefill(in_case("laptop"), slots)

    assert (started.chassis, started.memory_installed_gib) == ("laptop", 16)
    assert (started.memory_slots_total, started.memory_slots_free, started.memory_max_gib) == (2, 1, 64)
    assert started.psu_watts is None


@pytest.mark.parametrize("virtualization", ["vm", "container", "wsl2"])
def test_inside_a_virtual_machine_nothing_is_filled_in(virtualization):
    """Its memory and its case are not those of the machine that parts go into."""
    started = prefill(in_case("desktop", virtualization=virtualization))

    assert started.answers() == {}


def test_an_apple_chip_has_soldered_memory_and_takes_no_card():
    started = prefill(load_inventory(DOCUMENTS / "darwin-m2-unified-8gib.json"))

    assert (started.memory_soldered, started.gpu_slots_free) == (True, 0)
    assert check_upgrade("ram", started).verdict == "does not fit"
    assert check_upgrade("gpu", started).verdict == "does not fit"


UDEV = """E:MEMORY_ARRAY_LOCATION=System Board Or Motherboard
E:MEMORY_ARRAY_MAX_CAPACITY=68719476736
E:MEMORY_ARRAY_NUM_DEVICES=2
E:MEMORY_DEVICE_0_SIZE=17179869184
E:MEMORY_DEVICE_0_FORM_FACTOR={form}
E:MEMORY_DEVICE_0_SERIAL_NUMBER=ZZSERIAL
"""


@pytest.mark.parametrize(
    ("text", "slots"),
    [
        (UDEV.format(form="SODIMM") + "E:MEMORY_DEVICE_1_PRESENT=0\n", (2, 1, 64 * GIB, False)),
        (UDEV.format(form="Row Of Chips"), (0, 0, None, True)),
        (UDEV.format(form="DIMM"), (2, 0, 64 * GIB, False)),
        (UDEV.format(form="Unknown"), (None, None, None, None)),
        ("", (None, None, None, None)),
    ],
)
def test_memory_slots_come_from_the_firmwares_table(text, slots):
    found = parse_memory_slots(text)

    assert (found.total, found.free, found.max_bytes, found.soldered) == slots


def test_a_worksheet_is_read_back_exactly(tmp_path):
    whole = sheet(DESKTOP, other_limits="odd screws \N{EN DASH} 24 pins")

    assert load_platform(whole.save(tmp_path / "platform.json")) == whole


def test_a_blank_worksheet_says_null_and_where_to_look():
    document = to_document(BLANK)

    assert document["psu_watts"] is None
    assert "label on the power supply" in next(
        u["how_to_find_out"] for u in document["unknowns"] if u["what"] == "psu_watts"
    )
    assert from_document(document) == BLANK


def test_fields_that_we_do_not_know_are_passed_over_and_missing_ones_are_unknown():
    document = {"schema": "workstation.platform/1", "filled_in_at": "2026-01-31T12:00:00Z", "later": [1]}

    assert from_document(document).answers() == {}


HOSTILE = {
    "no object": [1],
    "another schema": {"schema": "workstation.inventory/1"},
    "no schema": {"filled_in_at": "2026-01-31T12:00:00Z"},
    "no moment": {"schema": "workstation.platform/1", "filled_in_at": "yesterday"},
    "a number as text": {"psu_watts": {"a": 1}},
    "a number beyond all": {"psu_watts": 10**40},
    "a contradiction": {"memory_slots_free": 9, "memory_slots_total": 1},
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_documents_are_refused(name, tmp_path):
    document = HOSTILE[name]
    if isinstance(document, dict) and not {"schema", "filled_in_at"} & set(document):
        document = to_document(BLANK) | document
    path = tmp_path / "platform.json"
    path.write_text(json.dumps(document), encoding="utf-8")

    with pytest.raises(DocumentError, match=r"Cannot load platform\.json"):
        load_platform(path)


@pytest.mark.parametrize("data", [b"", b"\xff\xfe", b"{", b"NaN", b"[" * 5000, b" " * 1_100_000])
def test_damaged_files_are_refused_in_words(data, tmp_path):
    path = tmp_path / "platform.json"
    path.write_bytes(data)

    with pytest.raises(DocumentError, match="Fill the worksheet in again"):
        load_platform(path)


def test_a_missing_file_and_a_newer_version_say_so(tmp_path):
    with pytest.raises(DocumentError, match="No such file"):
        load_platform(tmp_path / "platform.json")
    with pytest.raises(SchemaVersionError, match="Update the course package"):
        from_document({"schema": "workstation.platform/2"})


def test_a_folder_that_cannot_be_written_to_is_named(tmp_path):
    with pytest.raises(DocumentError, match=r"Cannot write platform\.json"):
        BLANK.save(tmp_path / "none" / "platform.json")


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=10,
)
KEYS = st.sampled_from([*load_platform_rules().items, "provenance", "unknowns", "filled_in_at"])


@settings(deadline=None)  # a busy machine is no fault
@given(changes=st.dictionaries(KEYS, JSON_VALUES, max_size=5))
def test_any_document_is_a_worksheet_or_refused(changes):
    """What is taken can be written and read back; nothing else than our own refusal comes out."""
    try:
        found = from_document(to_document(BLANK) | changes)
    except DocumentError:
        return
    assert from_document(json.loads(json.dumps(to_document(found)))) == found


@settings(deadline=None)  # a busy machine is no fault
@given(text=st.text(max_size=300))
def test_no_memory_table_raises(text):
    parse_memory_slots(text)
