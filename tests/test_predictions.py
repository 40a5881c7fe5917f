"""Predictions as data: what is read from a form or a file, and how the gap to a measurement is worded."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workstation.answers.calibration import FIRST, calibration, comparison, shown
from workstation.answers.predictions import Asked, Prediction, as_value, parse_log, to_line
from workstation.errors import PredictionError

SIZE = Asked(id="kv-8k", question="How much?", unit="GiB", choices={})
CHOICE = Asked(id="first", question="Which?", unit=None, choices={"vram": "VRAM", "ram": "System RAM"})
FIELDS = ["id", "question", "unit", "predicted", "predicted_at", "measured", "measured_at"]


def entry(predicted, measured=None, unit="GiB", name="x") -> Prediction:
    """Make a prediction, measured or not."""
    unit = None if isinstance(predicted, str) else unit
    return Prediction(
        id=name, question="?", unit=unit, predicted=predicted, predicted_at="2026-01-31T12:00:00Z", measured=measured
    )


# What is typed


@pytest.mark.parametrize(
    ("typed", "number"),
    [(4, 4.0), ("4", 4.0), (" 4.5 ", 4.5), ("4,5", 4.5), ("4.5 GiB", 4.5), ("512 MiB", 0.5), ("-1", -1.0), ("0", 0.0)],
)
def test_a_number_is_read_as_people_write_it(typed, number):
    assert SIZE.read(typed) == number


@pytest.mark.parametrize(
    "typed", ["", "many", "4 apples", "1,024", "nan", "1e400", math.nan, math.inf, True, None, [1]]
)
def test_what_is_no_number_is_refused_with_the_unit_that_is_wanted(typed):
    """A thousands separator and a decimal comma look the same, so 1,024 is not guessed at."""
    with pytest.raises(PredictionError, match="GiB"):
        SIZE.read(typed)


@pytest.mark.parametrize("typed", ["vram", "VRAM", " vRam "])
def test_a_choice_is_read_by_its_id_or_its_label(typed):
    assert CHOICE.read(typed) == "vram"


def test_a_choice_that_is_none_names_those_that_are():
    with pytest.raises(PredictionError, match="vram, ram"):
        CHOICE.read("disk")


@pytest.mark.parametrize("name", ["", "KV", "a b", "../x", "a" * 81, None, 3])
def test_an_id_that_could_not_be_kept_is_refused(name):
    with pytest.raises(PredictionError, match="short id"):
        Asked(id=name, question="?", unit="GiB", choices={})


@pytest.mark.parametrize(("unit", "choices"), [(None, {}), ("GiB", {"a": "a"})])
def test_a_question_asks_for_a_number_or_for_a_choice(unit, choices):
    with pytest.raises(PredictionError, match="either a unit"):
        Asked(id="x", question="?", unit=unit, choices=choices)


@pytest.mark.parametrize("measured", [None, True, [], math.nan, 10**400])
def test_what_is_no_measurement_is_refused(measured):
    with pytest.raises(PredictionError):
        as_value(measured)


# Lines


def test_a_line_has_the_fields_of_the_design_in_order_and_is_read_back():
    line = to_line(entry(4.0, 1.0))

    assert list(json.loads(line)) == FIELDS
    assert parse_log(line).latest == {"x": entry(4.0, 1.0)}


def test_the_last_entry_of_an_id_wins_and_its_place_is_kept():
    lines = [to_line(entry(1.0)), to_line(entry(2.0, name="y")), to_line(entry(3.0))]

    log = parse_log("\n".join(lines))

    assert [(name, kept.predicted) for name, kept in log.latest.items()] == [("x", 3.0), ("y", 2.0)]


def test_a_prediction_made_after_its_answer_was_seen_counts_for_nothing():
    guessed, asked_again = entry(4.0, 1.0), entry(1.0)
    log = parse_log("\n".join(map(to_line, [guessed, asked_again, entry(1.0, 1.0)])))

    assert (log.latest["x"].predicted, log.counted["x"].predicted) == (1.0, 4.0)
    assert parse_log("\n".join(map(to_line, [guessed, asked_again]))).counted["x"].predicted == 4.0


def test_another_answer_is_another_run_and_its_own_prediction_counts():
    runs = [entry(4.0, 1.0), entry(3.0), entry(3.0, 2.0), entry(9.0), entry(9.0, 1.0)]
    counted = [parse_log("\n".join(map(to_line, runs[:size]))).counted["x"].predicted for size in range(1, 6)]

    assert counted == [4.0, 4.0, 3.0, 3.0, 4.0]


def test_until_the_answer_is_seen_a_changed_mind_counts():
    log = parse_log("\n".join([to_line(entry(1.0)), to_line(entry(2.0))]))

    assert log.counted["x"].predicted == 2.0
    assert log.with_entry(entry(2.0, 5.0)).counted["x"].measured == 5.0
    assert log.counted["x"].measured is None


BAD = {
    "cut off": to_line(entry(4.0))[:40],
    "no object": "[1, 2]",
    "foreign": '{"t_s": 0.1, "ram": 5}',
    "deep": "[" * 100_000,
    "no id": to_line(entry(4.0)).replace('"x"', "null"),
    "id of a path": to_line(entry(4.0)).replace('"x"', '"../x"'),
    "not a number": to_line(entry(4.0)).replace("4.0", "NaN"),
    "infinite": to_line(entry(4.0)).replace("4.0", "1e999"),
    "huge": to_line(entry(4.0)).replace("4.0", "9" * 400),
    "too many digits": to_line(entry(4.0)).replace("4.0", "9" * 5000),
    "yes": to_line(entry(4.0)).replace("4.0", "true"),
    "number without a unit": to_line(entry(4.0)).replace('"GiB"', "null"),
    "choice with a unit": to_line(entry("ram")).replace('"unit": null', '"unit": "GiB"'),
    "question of a megabyte": to_line(entry(4.0)).replace('"?"', '"' + "q" * 1_000_000 + '"'),
    "list for a time": to_line(entry(4.0)).replace('"measured_at": null', '"measured_at": []'),
    "binary": "\x00\x01\ufffd",
}


@pytest.mark.parametrize("line", BAD.values(), ids=BAD)
def test_a_line_that_is_none_of_ours_is_counted_and_the_rest_read(line):
    log = parse_log("\n".join([to_line(entry(4.0)), line, to_line(entry("ram", name="y"))]))

    assert list(log.latest) == ["x", "y"]
    assert log.unread == 1


@given(st.text())
def test_no_text_at_all_stops_the_reader(text):
    assert parse_log(text).unread <= len(text.split("\n"))


# Words


@pytest.mark.parametrize(
    ("predicted", "measured", "words"),
    [
        (4.0, 1.0, "3 GiB too high, 4 times what it was"),
        (1.0, 2.5, "1.5 GiB too low; it was 2.5 times your figure"),
        (1.0, 100.0, "99 GiB too low; it was 100 times your figure"),
        (2.0, 2.1, "as good as right"),
        (2.0, 2.0, "exactly right"),
        (0.0, 2.0, "2 GiB too low"),
        (-1.0, 2.0, "3 GiB too low"),
    ],
)
def test_the_gap_is_told_in_words_and_as_a_ratio_where_there_is_one(predicted, measured, words):
    sentence = comparison(entry(predicted, measured))

    assert sentence.startswith(f"You predicted {shown(predicted, 'GiB')} and it was {shown(measured, 'GiB')}")
    assert sentence.endswith(f": {words}.")


def test_a_temperature_has_no_ratio():
    """60 °C is not twice 30 °C."""
    assert comparison(entry(60.0, 90.0, unit="°C")).endswith("30 °C too low.")


def test_a_choice_is_right_or_it_is_not():
    labels = {"vram": "VRAM", "ram": "System RAM"}

    assert comparison(entry("vram", "VRAM"), labels) == "You predicted VRAM, and it is."
    assert comparison(entry("ram", "vram"), labels) == "You predicted System RAM; it is VRAM."


@pytest.mark.parametrize(("predicted", "measured", "kind"), [(4.0, "vram", "number"), ("vram", 4.0, "choice")])
def test_a_number_is_not_held_against_a_choice(predicted, measured, kind):
    with pytest.raises(PredictionError, match=f"a {kind}\\."):
        comparison(entry(predicted, measured))


def test_one_prediction_is_no_habit():
    assert calibration([entry(4.0)]) == []
    assert calibration([entry(4.0, 1.0)]) == [FIRST]


def test_how_predictions_turn_out_is_told_by_kind_and_unit():
    """The median: one wild guess does not speak for the rest."""
    kept = [
        entry(1.0, 2.0), entry(2.0, 4.0), entry(900.0, 1.0),
        entry(10.0, 10.0, unit="minutes"), entry(10.0, 10.5, unit="minutes"),
        entry("ram", "vram"), entry("ram", "ram"), entry("cpu", "storage"),
    ]  # fmt: skip

    assert calibration(kept[:2]) == ["Over 2 predictions in GiB you are usually 2 times too low."]
    assert calibration(kept) == [
        "Of your 3 choices so far, 1 was right.",
        "Over 3 predictions in GiB you are usually 2 times too low.",
        "Over 2 predictions in minutes you are usually about right.",
    ]


def test_numbers_without_a_ratio_make_no_habit():
    assert calibration([entry(0.0, 2.0), entry(0.0, 3.0)]) == []
