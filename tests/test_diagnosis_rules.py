"""The rules: each has what an author must give, and a mistake in the file is named by file, entry and field."""

from pathlib import Path

import pytest
from course_kit import ROOT

from workstation.catalog import load_catalog
from workstation.catalog._diagnosis import (
    DIAGNOSIS,
    known_measures,
    load_diagnosis_rules,
    load_diagnosis_rules_from,
)
from workstation.diagnosis._derived import DERIVED
from workstation.errors import CatalogError

SHIPPED = (ROOT / "helpers/workstation/catalog" / DIAGNOSIS).read_text("utf-8")
RULES = load_diagnosis_rules()


def test_every_rule_gives_its_reason_its_source_and_a_counter_test():
    for rule in (*RULES.rules, *RULES.endings):
        assert rule.reason.endswith(".")
        assert len(rule.source) > 10
        assert rule.would_change_it.endswith(".")
        assert "{work}" in rule.says


def test_every_kind_has_a_constraint_of_the_catalogue_and_a_rule():
    for kind in RULES.kinds.values():
        assert kind.constraint in load_catalog().constraints
        assert any(rule.verdict == "bottleneck" for rule in RULES.rules_of(kind.id))


def test_no_word_asks_for_two_kinds():
    owners = [(word, kind.id) for kind in RULES.kinds.values() for word in {kind.id, *kind.aliases}]

    assert len({word for word, _ in owners}) == len(owners)


def test_every_measure_of_the_file_is_worked_out_and_no_other():
    assert set(RULES.measures) == set(DERIVED)
    assert set(RULES.measures) < known_measures(RULES)


@pytest.mark.parametrize(
    ("old", "new", "entry", "field"),
    [
        ('"memory_stall_full_percent", at_least = 10.0', '"memory_stall", at_least = 10.0', "ram-all-waits", "when"),
        ('"memory_stall_full_percent", at_least = 10.0', '"memory_stall_full_percent"', "ram-all-waits", "when"),
        ('finding = "swap"', 'finding = "swop"', "swap-read-back", "finding"),
        ('id = "swap-flood"', 'id = "swap-read-back"', "swap-read-back", "id"),
        ('unbacked = "undetermined"', 'unbacked = "perhaps"', "ram-all-waits", "unbacked"),
        ("{swap_in_bytes_per_s} had to be read", "{swap_inn} had to be read", "swap-read-back", "says"),
        ("'memoryerror'", "'(memoryerror'", "memory-error", "patterns"),
        ("smoothing_seconds = 1.0", "smoothing = 1.0", "(whole file)", "smoothing"),
        ("[settings]", "[settings", "(whole file)", "(none)"),
    ],
)  # fmt: skip
def test_a_mistake_in_the_file_is_named(old, new, entry, field, tmp_path: Path):
    assert old in SHIPPED
    (tmp_path / DIAGNOSIS).write_text(SHIPPED.replace(old, new, 1), encoding="utf-8")

    with pytest.raises(CatalogError) as caught:
        load_diagnosis_rules_from(tmp_path)

    assert (caught.value.file, caught.value.field) == (DIAGNOSIS, field)
    assert caught.value.entry == entry


def test_a_missing_file_is_named(tmp_path: Path):
    with pytest.raises(CatalogError, match="missing"):
        load_diagnosis_rules_from(tmp_path)
