"""The platform worksheet: its items, its files, what is filled in by itself, and what it says of a part."""

import json
from dataclasses import fields, replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from inventory_kit import small

import workstation.catalog
from workstation.catalog._platform import (
    ITEMS,
    SUMS,
    UPGRADES,
    load_platform_rules,
    load_platform_rules_from,
)
from workstation.errors import CatalogError, DocumentError, SchemaVersionError
from workstation.inventory import Platform, check_upgrade, fill_in, load_inventory, load_platform, prefill
from workstation.inventory._upgrades import _SUMS
from workstation.inventory._worksheet_document import from_document, to_document
from workstation.inventory._worksheet_prefill import MemorySlots, parse_memory_slots
from workstation.units import GIB

DOCUMENTS = Path(__file__).parent / "machines/documents"
CATALOG = Path(workstation.catalog.__file__).parent
BLANK = Platform(filled_in_at="2026-01-31T12:00:00Z")
DESKTOP = {
    "chassis": "desktop", "gpu_slots_free": 1, "gpu_length_mm": 330, "gpu_width_slots": 3, "psu_watts": 750,
    "psu_free_8pin": 2, "psu_free_16pin": 0, "psu_standard": True, "memory_installed_gib": 16, "memory_max_gib": 64,
    "memory_slots_total": 4, "memory_slots_free": 2, "memory_soldered": False, "m2_slots_free": 1, "drive_bays_free": 2,
    "fan_mounts_free": 1, "cooler_replaceable": True, "noise_allowed": True, "parts_locked": False,
}  # fmt: skip
LAPTOP = {"chassis": "laptop", "memory_soldered": True, "memory_slots_total": 0, "m2_slots_free": 0}


def sheet(answers, **changes):
    return fill_in(BLANK, answers | changes)


def verdict(part, answers, needs=None, **changes):
    return check_upgrade(part, sheet(answers, **changes), None, needs)


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
    started = prefill(replace_chassis("desktop"))

    filled = fill_in(started, {"chassis": "server"})

    assert started.provenance["chassis"].confidence == "inferred"
    assert filled.provenance["chassis"].source == "worksheet"


def test_taking_an_answer_back_leaves_no_source():
    taken = fill_in(sheet({"psu_watts": 650}), {"psu_watts": None})

    assert taken.psu_watts is None
    assert "psu_watts" not in taken.provenance


def replace_chassis(chassis, **system):
    inv = small(files={"/proc/cpuinfo": "processor : 0\nflags : fpu\n"})
    return replace(inv, system=replace(inv.system, **({"chassis": chassis, "virtualization": "none"} | system)))


def test_what_a_program_could_read_is_filled_in():
    slots = MemorySlots(total=2, free=1, max_bytes=64 * GIB, soldered=False)
    started = prefill(replace_chassis("laptop"), slots)

    assert (started.chassis, started.memory_installed_gib) == ("laptop", 16)
    assert (started.memory_slots_total, started.memory_slots_free, started.memory_max_gib) == (2, 1, 64)
    assert started.psu_watts is None


@pytest.mark.parametrize("virtualization", ["vm", "container", "wsl2"])
def test_inside_a_virtual_machine_nothing_is_filled_in(virtualization):
    """Its memory and its case are not those of the machine that parts go into."""
    started = prefill(replace_chassis("desktop", virtualization=virtualization))

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


CASES = [
    ("ram", DESKTOP, {}, "fits"),
    ("ram", DESKTOP, {"memory_installed_gib": 64}, "does not fit"),
    ("ram", DESKTOP, {"memory_slots_free": 0}, "fits"),
    ("ram", DESKTOP, {"memory_max_gib": None}, "cannot tell"),
    ("ram", DESKTOP, {"memory_slots_total": None, "memory_slots_free": None}, "fits"),
    ("ram", LAPTOP, {}, "does not fit"),
    ("ram", LAPTOP, {"memory_slots_total": None}, "cannot tell"),
    ("ram", LAPTOP, {"memory_slots_total": 1, "memory_installed_gib": 8, "memory_max_gib": 24}, "fits"),
    ("ram", {}, {}, "cannot tell"),
    ("gpu", DESKTOP, {}, "fits"),
    ("gpu", DESKTOP, {"psu_watts": 180}, "does not fit"),
    ("gpu", DESKTOP, {"psu_watts": 400}, "cannot tell"),
    ("gpu", DESKTOP, {"psu_watts": None}, "cannot tell"),
    ("gpu", DESKTOP, {"gpu_slots_free": 0}, "does not fit"),
    ("gpu", DESKTOP, {"psu_free_8pin": 0}, "cannot tell"),
    ("gpu", DESKTOP, {"psu_free_8pin": 0, "psu_free_16pin": 1}, "fits"),
    ("gpu", DESKTOP, {"psu_free_16pin": None}, "fits"),
    ("gpu", DESKTOP, {"gpu_length_mm": 140}, "does not fit"),
    ("gpu", DESKTOP, {"gpu_width_slots": 1}, "cannot tell"),
    ("gpu", DESKTOP, {"noise_allowed": False, "psu_standard": False}, "fits"),
    ("gpu", LAPTOP, {}, "does not fit"),
    ("nvme", DESKTOP, {}, "fits"),
    ("nvme", DESKTOP, {"m2_slots_free": 0}, "does not fit"),
    ("nvme", {}, {}, "cannot tell"),
    ("psu", DESKTOP, {}, "fits"),
    ("psu", DESKTOP, {"psu_standard": False}, "does not fit"),
    ("psu", LAPTOP, {}, "does not fit"),
    ("cooling", DESKTOP, {}, "fits"),
    ("cooling", DESKTOP, {"fan_mounts_free": 0, "cooler_replaceable": False}, "does not fit"),
    ("cooling", DESKTOP, {"fan_mounts_free": None, "cooler_replaceable": False}, "cannot tell"),
    ("cooling", DESKTOP, {"fan_mounts_free": None}, "fits"),
    ("cooling", LAPTOP, {}, "does not fit"),
]


@pytest.mark.parametrize(("part", "answers", "changes", "expected"), CASES)
def test_a_part_is_judged_by_the_worksheet(part, answers, changes, expected):
    assert verdict(part, answers, **changes).verdict == expected


@pytest.mark.parametrize("part", load_platform_rules().upgrades)
@pytest.mark.parametrize("answers", [DESKTOP, LAPTOP, {}], ids=["desktop", "laptop", "blank"])
def test_every_reason_is_a_sentence_and_every_gap_says_where_to_look(part, answers):
    check = verdict(part, answers)

    assert all(reason.sentence.endswith(".") and "{" not in reason.sentence for reason in check.reasons)
    assert all(reason.how_to_find_out for reason in check.reasons if reason.outcome == "unknown")
    assert {reason.fact for reason in check.reasons} <= set(load_platform_rules().items) | set(SUMS)


def test_what_decides_comes_first():
    check = verdict("gpu", DESKTOP, gpu_slots_free=0, psu_watts=None)

    assert [reason.outcome for reason in check.reasons[:2]] == ["failed", "unknown"]


@pytest.mark.parametrize(
    ("needs", "expected"),
    [
        ({"psu_watts": 750}, "fits"),
        ({"psu_watts": 850}, "does not fit"),
        ({"gpu_length_mm": 336}, "does not fit"),
        ({"gpu_width_slots": 4}, "does not fit"),
        ({"gpu_power_plugs": 2}, "fits"),
        ({"gpu_power_plugs": 3}, "does not fit"),
    ],
)
def test_figures_of_the_parts_own_data_sheet_decide(needs, expected):
    assert verdict("gpu", DESKTOP, needs).verdict == expected


def test_a_modest_part_fits_where_a_usual_one_would_be_open():
    assert verdict("gpu", DESKTOP, {"psu_watts": 300}, psu_watts=350).verdict == "fits"


@pytest.mark.parametrize(
    "needs", [{"noise_allowed": 1}, {"psu_wats": 1}, {"psu_watts": "lots"}, {"gpu_power_plugs": -1}]
)
def test_needs_that_the_rules_do_not_know_are_refused(needs):
    with pytest.raises(DocumentError, match=next(iter(needs))):
        verdict("gpu", DESKTOP, needs)


@pytest.mark.parametrize(
    ("word", "part"),
    [("RAM", "ram"), ("main memory", "ram"), ("Graphics card", "gpu"), ("vram", "gpu"), ("M.2", "nvme"),
     ("storage", "nvme"), ("power supply", "psu"), ("thermals", "cooling"), ("SO-DIMM", "ram"), ("fans", "cooling")],
)  # fmt: skip
def test_parts_are_found_by_other_words(word, part):
    assert verdict(word, DESKTOP).part == part


@pytest.mark.parametrize("word", ["toaster", "", None, 7, "x" * 500])
def test_a_part_that_is_none_is_refused_with_those_there_are(word):
    with pytest.raises(DocumentError, match="ram, gpu, nvme, psu, cooling"):
        verdict(word, DESKTOP)


def test_an_inventory_from_inside_another_machine_is_pointed_out():
    inside = replace_chassis("desktop", virtualization="wsl2")

    assert "inside Windows" in check_upgrade("ram", sheet(DESKTOP), inside).reasons[-1].sentence


BROKEN = {
    "unknown fact": (UPGRADES, 'fact = "psu_watts"', 'fact = "psu_volts"', "neither an item"),
    "no gap and a word for it": (UPGRADES, "too_little = 250", "too_little = 549", "neither enough nor too little"),
    "thresholds upside down": (UPGRADES, "too_little = 250", "too_little = 600", "less than enough"),
    "alias of two parts": (UPGRADES, '"cooler", ', '"gpu", ', "already belongs to 'gpu'"),
    "words for a number": (UPGRADES, "enough = 550\n", "", "not both"),
    "count without limits": (ITEMS, "lowest = 1\nhighest = 5000\n", "", "a lowest and a highest"),
    "choice without choices": (ITEMS, '["laptop", "desktop", "server"]', "[]", "a choice has choices"),
    "name that is none": (ITEMS, 'id = "psu_watts"', 'id = "psu-watts"', "Python name"),
    "unknown key": (ITEMS, 'id = "psu_watts"', 'id = "psu_watts"\nunit = "W"', "unknown key"),
    "unknown table": (ITEMS, "[[item]]", "[[items]]", "unknown key"),
    "id twice": (UPGRADES, 'id = "nvme"', 'id = "gpu"', "id of its own"),
    "no TOML": (ITEMS, "[[item]]", "[[item", "not TOML"),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_rules_that_break_the_rules_are_named(name, tmp_path):
    file, old, new, problem = BROKEN[name]
    for each in (ITEMS, UPGRADES):
        text = (CATALOG / each).read_text("utf-8")
        assert each != file or old in text
        (tmp_path / each).write_text(text.replace(old, new, 1) if each == file else text, encoding="utf-8")

    with pytest.raises(CatalogError, match=problem):
        load_platform_rules_from(tmp_path)


def test_a_missing_file_of_rules_is_named(tmp_path):
    with pytest.raises(CatalogError, match="the file is missing"):
        load_platform_rules_from(tmp_path)
