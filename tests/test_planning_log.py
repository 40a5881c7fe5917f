"""The log of weeks: what recordings and answers make of one, and what a damaged file costs."""

import json
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workstation.catalog import load_catalog
from workstation.errors import PlanningError
from workstation.planning import (
    LogRow,
    append_row,
    history_from_log,
    iso_week,
    load_log,
    log_week,
    of_week,
    parse_log,
    parse_plan,
    questions,
    simulate,
)
from workstation.planning._log import monday, to_line
from workstation.recording.model import Availability, End, Header, Machine, Recording

WEEK = "2026-W48"
GIB = 2**30


def recording(columns, *, started="2026-11-24T10:00:00Z", end=None, seconds=600, gpus=("GPU",)):
    """Make a recording of 16 GiB usable memory and a 100 GiB disk."""
    machine = Machine(
        os="Linux", virtualization="none", ram_usable_bytes=16 * GIB, ram_limit_bytes=None, swap_total_bytes=None,
        swap_kind="none", logical_cores=8, cpu_max_hz=None, disk_total_bytes=100 * GIB, disk_medium="nvme",
        link_mbps=None, gpus=gpus, unified_memory=False,
    )  # fmt: skip
    header = Header(
        name="run", label="run", started_at=started, interval_s=1.0, inventory_digest=None, machine=machine,
        signals={name: Availability(available=True, source="made", why_not=None) for name in columns},
    )  # fmt: skip
    length = max(map(len, columns.values()), default=2)
    return Recording(
        header=header,
        t_s=np.linspace(0, seconds, length),
        columns={name: np.asarray(values, dtype=float) for name, values in columns.items()},
        end=end,
    )


class Finding:
    """Stand in for a diagnosis's finding."""

    constraint, verdict = "thermals", "bottleneck"


def metrics(recordings, answers=None, **more):
    return log_week(recordings, answers or {}, week=WEEK, **more).metrics


def test_peaks_come_from_the_recordings_of_the_week():
    found = metrics([
        recording({
            "ram_used_bytes": [4 * GIB, 12 * GIB, np.nan],
            "swap_used_bytes": [0, GIB, 3 * GIB],
            "cpu_used_percent": [10, 90, 20],
            "disk_free_bytes": [30 * GIB, 20 * GIB, 25 * GIB],
            "gpus.0.memory_used_bytes": [2 * GIB, 7 * GIB, 7 * GIB],
            "gpus.0.memory_total_bytes": [8 * GIB] * 3,
        }),
        recording({"ram_used_bytes": [8 * GIB, 14 * GIB], "disk_free_bytes": [40 * GIB, 40 * GIB]}),
    ])  # fmt: skip

    assert found["ram_used_percent"] == 87.5
    assert found["swap_used_gib"] == 3
    assert found["cpu_used_percent"] == 90
    assert (found["disk_free_gib"], found["disk_free_percent"]) == (20, 20)
    assert found["vram_used_percent"] == 87.5


def test_other_weeks_recordings_are_left_out():
    old = recording({"ram_used_bytes": [15 * GIB]}, started="2026-11-15T10:00:00Z")
    undated = recording({"ram_used_bytes": [15 * GIB]}, started="yesterday")

    assert of_week([old, undated], WEEK) == []
    assert metrics([old, undated])["ram_used_percent"] is None


def test_what_was_not_measured_is_none_with_a_reason():
    row = log_week([recording({"cpu_used_percent": [5.0]})], {}, week=WEEK)

    assert row.metrics["vram_used_percent"] is None
    assert "no recording" in row.why_missing["vram_used_percent"]
    assert row.why_missing["rag_days"] == "was not answered"
    assert log_week([], {}, week=WEEK).why_missing["cpu_used_percent"].startswith("needs a recording")


@pytest.mark.parametrize(
    ("end", "events"),
    [
        (End(how="killed", t_s=9, signal="SIGKILL", oom_killer=True), 1),
        (End(how="error", t_s=9, error="CUDA out of memory"), 1),
        (End(how="error", t_s=9, error="ValueError"), 0),
        (End(how="exit", t_s=9, exit_code=0), 0),
        (End(how="error", t_s=9, exit_code=1, oom_killer=False), None),
        (End(how="killed", t_s=9, signal="SIGKILL", oom_killer=None), None),
        (None, None),
    ],
)
def test_an_end_for_want_of_memory_is_counted_and_an_unknown_end_is_not(end, events):
    assert metrics([recording({"cpu_used_percent": [5.0]}, end=end)])["oom_events"] == events


def test_no_events_are_claimed_where_one_run_of_the_week_broke_off_unexplained():
    """A command that ends with an exit code alone may have run out of memory; what did happen still counts."""
    fine, broken = (End(how=how, t_s=9, exit_code=code) for how, code in (("exit", 0), ("error", 1)))
    killed = End(how="killed", t_s=9, signal="SIGKILL", oom_killer=True)
    runs = [recording({"cpu_used_percent": [5.0]}, end=end) for end in (fine, broken)]
    row = log_week(runs, {}, week=WEEK)

    assert row.metrics["oom_events"] is None
    assert "answer oom_events" in row.why_missing["oom_events"]
    assert metrics([*runs, recording({"cpu_used_percent": [5.0]}, end=killed)])["oom_events"] == 1


def test_events_and_hours_add_up_over_recordings():
    hot = {"gpus.0.throttled_by_heat": [0, 1, 1, 0, 1, 0], "gpus.0.utilization_percent": [50] * 61}
    hot["gpus.0.throttled_by_heat"] += [0] * 55
    found = metrics([recording(hot, seconds=3600), recording(hot, seconds=3600)])

    assert found["throttle_events"] == 4
    assert found["gpu_busy_hours"] == pytest.approx(1.0)


def test_a_gap_between_samples_counts_for_no_hours():
    assert metrics([recording({"gpus.0.utilization_percent": [100, 100]}, seconds=3600)])["gpu_busy_hours"] == 0


def test_a_finding_of_heat_counts_where_no_signal_tells():
    assert metrics([recording({"cpu_used_percent": [5.0]})], findings=[Finding()])["throttle_events"] == 1


def test_a_long_run_that_slows_down_shows_its_drop():
    speed = [100.0] * 60 + [60.0] * 40

    assert metrics([recording({"throughput_per_s": speed})])["throughput_drop_percent"] == 40
    assert metrics([recording({"throughput_per_s": speed}, seconds=60)])["throughput_drop_percent"] is None


def test_answers_are_typed_and_the_worse_of_two_figures_counts():
    found = metrics(
        [recording({"ram_used_bytes": [4 * GIB], "disk_free_bytes": [40 * GIB]})],
        {"rag_days": "3", "cloud_cost": "1,5", "ram_used_percent": 90, "disk_free_gib": 50, "large_jobs": " "},
    )

    assert (found["rag_days"], found["cloud_cost"], found["large_jobs"]) == (3, 1.5, None)
    assert (found["ram_used_percent"], found["disk_free_gib"]) == (90, 40)


@pytest.mark.parametrize("wrong", ["many", "8", "-1", "nan", "1e999"])
def test_a_wrong_answer_is_named_and_nothing_is_logged(wrong):
    with pytest.raises(PlanningError, match="Nothing was logged yet: rag_days"):
        log_week([], {"rag_days": wrong, "large_jobs": "1"}, week=WEEK)


def test_a_thousands_mark_is_never_taken_for_decimals():
    with pytest.raises(PlanningError, match="cloud_cost is '1,500', but that can be read in two ways"):
        log_week([], {"cloud_cost": "1,500"}, week=WEEK)


def test_an_unknown_metric_or_week_is_refused():
    with pytest.raises(PlanningError, match="no weekly metric"):
        log_week([], {"luck": "1"}, week=WEEK)
    with pytest.raises(PlanningError, match="2026-W48"):
        log_week([], {}, week="2026-W60")


def test_every_metric_is_recorded_or_asked_for():
    everything = recording({
        "ram_used_bytes": [1.0] * 30, "swap_used_bytes": [1.0] * 30, "cpu_used_percent": [1.0] * 30,
        "disk_free_bytes": [1.0] * 30, "gpus.0.memory_used_bytes": [1.0] * 30, "gpus.0.memory_total_bytes": [2.0] * 30,
        "gpus.0.utilization_percent": [1.0] * 30, "thermal_throttle_per_s": [0.0] * 30, "throughput_per_s": [1.0] * 30,
    }, end=End(how="exit", t_s=600, exit_code=0))  # fmt: skip
    recorded = {metric for metric, value in metrics([everything]).items() if value is not None}

    assert recorded | set(questions()) == set(load_catalog().metrics)
    assert not recorded & set(questions())


def test_weeks_are_iso_weeks():
    assert iso_week(date(2027, 1, 1)) == "2026-W53"
    assert monday("2026-W53") == date(2026, 12, 28)


def test_a_row_comes_back_as_it_was_written(tmp_path):
    path = tmp_path / "evidence" / "log.jsonl"
    row = log_week([], {"rag_days": "3"}, week=WEEK)
    append_row(path, row)

    assert load_log(path).rows[0].metrics == row.metrics
    assert set(json.loads(path.read_text("utf-8"))) == {"week", *load_catalog().metrics}


def test_a_week_that_is_logged_again_counts_once_with_its_last_figures(tmp_path):
    path = tmp_path / "log.jsonl"
    for days in ("3", "5"):
        append_row(path, log_week([], {"rag_days": days}, week=WEEK))

    assert [row.metrics["rag_days"] for row in load_log(path).rows] == [5]


def test_a_line_that_was_cut_off_costs_no_other(tmp_path):
    path = tmp_path / "log.jsonl"
    append_row(path, log_week([], {"rag_days": "3"}, week="2026-W47"))
    with path.open("a") as file:
        file.write('{"week": "2026-W4')
    append_row(path, log_week([], {"rag_days": "4"}, week=WEEK))
    log = load_log(path)

    assert [row.week for row in log.rows] == ["2026-W47", WEEK]
    assert len(log.problems) == 1


def test_no_log_holds_no_weeks_and_says_how_to_begin(tmp_path):
    assert load_log(tmp_path / "log.jsonl").rows == ()
    with pytest.raises(PlanningError, match=r"ws\.log_week"):
        history_from_log([])


def test_a_link_in_the_files_place_is_refused_and_left(tmp_path):
    target = tmp_path / "other.txt"
    target.write_text("mine", "utf-8")
    link = tmp_path / "log.jsonl"
    link.symlink_to(target)

    with pytest.raises(PlanningError, match="Nothing in it was changed"):
        append_row(link, log_week([], {}, week=WEEK))
    assert target.read_text("utf-8") == "mine"


@pytest.mark.parametrize(
    "line",
    ['{"week": 3}', '{"week": "2026-W99"}', "[]", "null", "[" * 3000, "x" * 9000, '{"week": "2026-W48"', '"\\ud800"'],
)
def test_a_damaged_line_is_told(line):
    log = parse_log(line)

    assert log.rows == ()
    assert len(log.problems) == 1


@pytest.mark.parametrize("value", ['"much"', "true", "120", "-1", "1e999", "9" * 400, "[1]"])
def test_a_damaged_figure_is_not_measured_and_costs_no_other(value):
    log = parse_log(f'{{"week": "{WEEK}", "ram_used_percent": {value}, "rag_days": 2}}')

    assert log.rows[0].metrics["ram_used_percent"] is None
    assert log.rows[0].metrics["rag_days"] == 2
    assert len(log.problems) == 1


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=400))
def test_any_text_is_read_as_a_log(text):
    parse_log(text)


def test_ones_own_weeks_can_be_simulated_and_a_gap_stays_a_gap():
    rows = [LogRow(week=week, metrics={"swap_used_gib": 9.0}) for week in ("2026-W50", "2026-W51", "2027-W01")]
    own = history_from_log(rows)
    outcome = simulate(parse_plan({"repeated": "if swap > 4 for 2 weeks then upgrade ram"}), own)

    assert [(week.number, week.name) for week in own.weeks] == [(1, "2026-W50"), (2, "2026-W51"), (5, "2027-W01")]
    assert outcome.verdict == "not judged"
    assert outcome.taken == ()
    assert any("Week 4" in gap for gap in outcome.gaps)
    assert "Week 1 is 2026-W50." in outcome.notes


def test_a_week_of_another_century_is_refused_and_not_walked_to():
    rows = [LogRow(week=week, metrics={}) for week in ("1926-W50", "2026-W51")]

    with pytest.raises(PlanningError, match=r"(?s)over two years.*evidence/log.jsonl"):
        history_from_log(rows)


def test_a_row_is_one_line_of_strict_json():
    assert json.loads(to_line(LogRow(week=WEEK, metrics={})))["ram_used_percent"] is None
