"""Whether a part fits: the worksheet's answers against the catalogue's rules, and the rules against their own."""

from pathlib import Path

import pytest
from worksheet_kit import DESKTOP, LAPTOP, in_case, sheet

import workstation.catalog
from workstation.catalog._platform import (
    ITEMS,
    SUMS,
    UPGRADES,
    load_platform_rules,
    load_platform_rules_from,
)
from workstation.errors import CatalogError, DocumentError
from workstation.inventory import check_upgrade

CATALOG = Path(workstation.catalog.__file__).parent


def verdict(part, answers, needs=None, **changes):
    return check_upgrade(part, sheet(answers, **changes), None, needs)


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
    inside = in_case("desktop", virtualization="wsl2")

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
