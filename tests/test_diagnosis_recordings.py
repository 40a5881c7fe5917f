"""The diagnosis on labelled recordings: the last twelve were made after rules and thresholds were frozen."""

import json

import pytest
from diagnosis_kit import (
    LAST,
    RECORDINGS,
    TUNED,
    Labelled,
    agreement,
    found,
    labelled,
    matrix,
    precision,
    recall,
    table,
    wrong,
)

from workstation.recording import SUFFIX

ENTRIES = labelled()
MOST_BYTES = 60_000


def of(chosen: str) -> list[Labelled]:
    return [each for each in ENTRIES if each.set == chosen]


def test_every_recording_has_its_label_and_every_label_its_recording():
    files = {path.name.removesuffix(SUFFIX) for path in RECORDINGS.glob(f"*{SUFFIX}")}

    assert files == {each.slug for each in ENTRIES}
    assert len(files) == len(ENTRIES)


def test_there_are_enough_of_each_sort():
    """At least 36 in all, 16 of them real; twelve made after the freeze, half of them real."""
    assert len(ENTRIES) >= 36
    assert sum(each.source == "real" for each in ENTRIES) >= 16
    assert len(of(LAST)) == 12
    assert sum(each.source == "real" for each in of(LAST)) >= 6


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda each: each.slug)
def test_recordings_are_small_and_say_where_they_come_from(entry):
    header = json.loads(entry.path.read_bytes().split(b"\n", 1)[0])

    assert entry.path.stat().st_size <= MOST_BYTES
    assert (header.get("note") or "").startswith("Constructed") == (entry.source == "constructed")
    assert header["label"]


def test_the_recordings_that_the_rules_were_made_with(capsys):
    with capsys.disabled():
        print("\n" + table("tuned", of(TUNED)))  # noqa: T201 - the matrix is what this test is for
    counts = matrix(of(TUNED))

    assert agreement(counts) >= 0.98, wrong(of(TUNED))
    assert (precision(counts), recall(counts)) == (1.0, 1.0), wrong(of(TUNED))


def test_the_recordings_made_after_the_freeze(capsys):
    with capsys.disabled():
        print("\n" + table("last twelve", of(LAST)))  # noqa: T201 - likewise
    counts = matrix(of(LAST))

    assert agreement(counts) >= 0.95, wrong(of(LAST))
    assert (precision(counts), recall(counts)) == (1.0, 1.0), wrong(of(LAST))


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda each: each.slug)
def test_every_finding_can_be_refuted(entry):
    """What is said names the work, and one observation that would show it wrong."""
    for finding in found(entry.slug).values():
        assert finding.would_change_it.endswith(".")
        assert finding.statement.endswith((".", ".)"))
        assert "`" in finding.statement
        assert "unknown amount" not in finding.statement
