"""What the rules make of a recording: causes before consequences, honest gaps, sentences that can be refuted."""

from dataclasses import replace

import numpy as np
import pytest
from diagnosis_kit import GIB, GPU, MIB, during, finding, recording, verdicts
from hypothesis import given, settings
from hypothesis import strategies as st

from workstation.catalog._diagnosis import load_diagnosis_rules
from workstation.diagnosis import diagnose, why_not
from workstation.recording.model import Mark

KINDS = list(load_diagnosis_rules().kinds)
THRASHING = {
    "ram_available_bytes": during(20, 61, 0.4 * GIB, 9 * GIB),
    "memory_stall_full_percent": during(20, 61, 40),
    "memory_stall_some_percent": during(20, 61, 60),
    "swap_in_bytes_per_s": during(20, 61, 60 * MIB),
    "swap_out_bytes_per_s": during(20, 61, 30 * MIB),
    "disk_read_bytes_per_s": during(20, 61, 64 * MIB),
    "disk_write_bytes_per_s": during(20, 61, 31 * MIB),
    "disk_busy_percent": during(20, 61, 99),
    "io_stall_full_percent": during(20, 61, 45),
    "io_stall_some_percent": during(20, 61, 80),
    "process_disk_wait_threads": during(20, 61, 1),
}


def test_a_resting_machine_is_clear_of_everything_that_can_be_told():
    assert verdicts(recording()) == dict.fromkeys(KINDS, "clear")


def test_every_kind_is_found_once_and_bottlenecks_come_first():
    found = diagnose(recording(THRASHING))

    assert sorted(each.kind for each in found) == sorted(KINDS)
    assert [each.kind for each in found[:2]] == ["ram", "swap"]
    assert {each.verdict for each in found[2:]} == {"clear"}


def test_a_statement_names_the_work_the_numbers_the_threshold_and_the_time():
    said = finding(recording(THRASHING), "ram")

    assert "`python job.py`" in said.statement
    assert "40 %" in said.statement
    assert "from 20 s to 1 min 0 s" in said.statement
    assert "What counts: time in which all work waited for memory 10 % or more for 3.0 s" in said.statement
    assert said.would_change_it.startswith("The same work with half the input")
    assert said.began_s == pytest.approx(20, abs=0.6)
    assert said.seconds == pytest.approx(40, abs=1)
    assert said.margin_percent == pytest.approx(300, abs=5)
    assert {each.measure: each.text for each in said.evidence}["memory_stall_full_percent"] == "40 %"


def test_swap_traffic_on_a_busy_disk_is_memorys_doing():
    """The disk shows what memory causes: it is called clear, with the reason."""
    said = finding(recording(THRASHING), "storage-speed")

    assert said.verdict == "clear"
    assert "memory is the cause" in said.statement


def test_a_busy_disk_without_swap_is_named():
    reading = {
        "io_stall_full_percent": during(5, 50, 60),
        "io_stall_some_percent": during(5, 50, 80),
        "disk_busy_percent": during(5, 50, 99),
        "disk_read_bytes_per_s": during(5, 50, 3e8),
        "process_read_bytes_per_s": during(5, 50, 3e8),
        "process_disk_wait_threads": during(5, 50, 1),
    }
    found = verdicts(recording(reading))

    assert found["storage-speed"] == "bottleneck"
    assert found["ram"] == "clear"


def test_a_disk_that_others_keep_busy_is_not_held_against_the_watched_work():
    others = {
        "io_stall_full_percent": 50.0,
        "io_stall_some_percent": 70.0,
        "disk_busy_percent": 99.0,
        "disk_read_bytes_per_s": 3e8,
    }
    said = finding(recording(others), "storage-speed")

    assert said.verdict == "watch"
    assert "beside `python job.py`" in said.statement


def test_pages_read_again_under_a_containers_limit_are_a_lack_of_memory():
    again = {
        "refaults_per_s": 9000.0,
        "memory_stall_some_percent": 25.0,
        "io_stall_full_percent": 40.0,
        "io_stall_some_percent": 70.0,
        "disk_read_bytes_per_s": 9000.0 * 4096,
        "process_disk_wait_threads": 0.8,
        "disk_busy_percent": 90.0,
        "ram_available_bytes": 1.9 * GIB,
    }
    found = verdicts(recording(again, ram_usable_bytes=2 * GIB, ram_limit_bytes=2 * GIB, virtualization="container"))

    assert found["ram"] == "bottleneck"
    assert found["storage-speed"] == "clear"


def test_work_held_by_a_quota_is_told_from_work_that_uses_all_cores():
    held = {"cpu_throttled_percent": 60.0, "cpu_used_percent": 25.0, "process_cpu_percent": 100.0}
    full = {"cpu_used_percent": 98.0, "process_cpu_percent": 780.0, "cpu_busiest_core_percent": 100.0}

    assert "A processor limit held" in finding(recording(held), "cpu").statement
    assert "all the processor there is" in finding(recording(full), "cpu").statement


def test_processors_that_others_use_are_only_watched():
    assert verdicts(recording({"cpu_used_percent": 97.0, "process_cpu_percent": 3.0}))["cpu"] == "watch"


def test_one_busy_core_is_named_unless_the_gpu_does_the_work():
    one = {"process_cpu_percent": 99.0, "cpu_busiest_core_percent": 99.0, "cpu_used_percent": 15.0}

    assert verdicts(recording(one))["cpu"] == "bottleneck"
    assert verdicts(recording(one | GPU, gpus=("RTX",)))["cpu"] == "clear"


def test_a_busy_gpu_is_no_lack_of_gpu_memory():
    found = verdicts(recording(GPU, gpus=("RTX",)))

    assert found == dict.fromkeys(KINDS, "clear")


def test_a_job_with_an_open_connection_and_traffic_waits_and_one_without_traffic_rests():
    waiting = {"process_connections": 1.0, "network_received_bytes_per_s": 5000.0, "process_cpu_percent": 3.0}

    assert verdicts(recording(waiting))["network"] == "bottleneck"
    assert verdicts(recording(waiting | {"network_received_bytes_per_s": 0.0}))["network"] == "clear"


def test_a_power_limit_is_told_from_heat():
    capped = GPU | {"gpus.0.throttled_by_power": 1.0, "gpus.0.power_watts": 199.0}
    heated = GPU | {"gpus.0.throttled_by_heat": 1.0, "gpus.0.temperature_celsius": 90.0}

    assert {verdicts(recording(capped, gpus=("RTX",)))[kind] for kind in ("power", "vram")} == {"bottleneck", "clear"}
    assert verdicts(recording(capped, gpus=("RTX",)))["thermals"] == "clear"
    assert verdicts(recording(heated, gpus=("RTX",)))["thermals"] == "bottleneck"
    assert verdicts(recording(heated, gpus=("RTX",)))["power"] == "clear"


@pytest.mark.parametrize(("celsius", "named", "other"), [(95, "thermals", "power"), (70, "power", "thermals")])
def test_a_falling_clock_is_heat_when_hot_and_power_when_cool(celsius, named, other):
    falling = {
        "cpu_frequency_hz": during(0, 40, 4e9, 3e9, seconds=200),
        "cpu_temperature_celsius": during(0, 40, 60, celsius, seconds=200),
        "cpu_used_percent": 97.0,
        "process_cpu_percent": 770.0,
    }
    found = verdicts(recording(falling, seconds=200))

    assert found[named] == "bottleneck"
    assert found[other] == "clear"


@pytest.mark.parametrize(
    "signal", ["ram_available_bytes", "disk_free_bytes", "cpu_used_percent", "network_received_bytes_per_s"]
)
def test_a_missing_signal_is_told_with_its_reason(signal):
    kind = {"ram_available_bytes": "ram", "disk_free_bytes": "storage-capacity", "cpu_used_percent": "cpu"}.get(
        signal, "network"
    )
    missing = {signal: "the file may not be read"}
    if kind == "cpu":
        missing["process_cpu_percent"] = "the file may not be read"
    said = finding(recording(missing=missing), kind)

    assert said.verdict == "undetermined"
    assert "the file may not be read" in said.statement
    assert said.missing


def test_without_pressure_figures_faults_stand_in_for_them():
    gone = dict.fromkeys(
        [name for name in THRASHING if "stall" in name], "this kernel has no pressure stall information"
    )
    scarce = THRASHING | {
        "major_faults_per_s": during(20, 61, 900),
        "swap_in_bytes_per_s": 0.0,
        "swap_out_bytes_per_s": 0.0,
    }
    said = finding(recording(scarce, missing=gone, swap_total_bytes=0), "ram")

    assert said.verdict == "bottleneck"
    assert said.rule == "ram-faults-without-pressure"


def test_pressure_with_plenty_available_contradicts_itself():
    said = finding(recording({"memory_stall_full_percent": 50.0, "memory_stall_some_percent": 70.0}), "ram")

    assert said.verdict == "undetermined"
    assert "contradict" in said.statement


def test_a_recording_of_a_second_says_nothing():
    assert set(verdicts(recording(seconds=1.0)).values()) == {"undetermined", "clear"}
    assert {kind for kind, verdict in verdicts(recording(seconds=1.0)).items() if verdict == "clear"} == {"vram"}


def test_an_empty_recording_says_nothing():
    empty = recording()
    bare = replace(empty, t_s=np.empty(0), columns={name: np.empty(0) for name in empty.columns})

    assert {each.verdict for each in diagnose(bare)} == {"undetermined", "clear"}


def test_signals_that_are_read_once_a_second_are_held_in_between():
    column = np.full(600, np.nan)
    column[::10] = 11.0 * GIB

    assert verdicts(recording({"ram_available_bytes": column}))["ram"] == "clear"


def test_a_gpu_that_falls_silent_is_undetermined_from_then_on():
    gone = {name: np.where(np.arange(600) < 500, value, np.nan) for name, value in GPU.items()}
    said = finding(recording(gone, gpus=("RTX",)), "vram")

    assert said.verdict == "undetermined"
    assert "missing from 50 s on" in said.statement


def test_hours_asleep_do_not_count_as_load():
    busy = recording({"cpu_used_percent": during(0, 3, 99), "process_cpu_percent": during(0, 3, 790)})
    slept = replace(busy, t_s=np.where(busy.t_s > 2, busy.t_s + 7200, busy.t_s))

    assert finding(slept, "cpu").seconds is None


def test_values_that_cannot_be_are_not_believed():
    said = finding(recording({"memory_stall_full_percent": 4000.0, "memory_stall_some_percent": 4000.0}), "ram")

    assert said.verdict == "clear"


def test_a_machine_without_swap_or_gpu_cannot_have_waited_for_them():
    bare = recording(swap_total_bytes=0, swap_kind="none")

    assert "has no swap" in finding(bare, "swap").statement
    assert "No GPU" in finding(bare, "vram").statement


def test_a_gpu_that_cannot_be_asked_is_no_machine_without_one():
    asked = recording(missing={"gpus.0.memory_used_bytes": "the driver and its library do not match"}, gpus=("RTX",))
    said = finding(asked, "vram")

    assert said.verdict == "undetermined"
    assert "do not match" in said.statement


def test_unified_memory_is_one_thing():
    shared = THRASHING | {"gpus.0.utilization_percent": 70.0}
    said = finding(recording(shared, gpus=("Apple M2",), unified_memory=True), "vram")

    assert said.verdict == "bottleneck"
    assert said.constraint == "vram"
    assert "shares main memory" in said.statement
    assert verdicts(recording(gpus=("Apple M2",), unified_memory=True))["vram"] == "clear"


def test_marks_name_the_phase():
    writing = {
        "io_stall_full_percent": during(30, 45, 70),
        "io_stall_some_percent": during(30, 45, 90),
        "process_disk_wait_threads": during(30, 45, 1),
        "process_write_bytes_per_s": during(30, 45, 1e8),
    }
    said = finding(
        recording(writing, marks=[Mark(t_s=1, label="load"), Mark(t_s=29.5, label="checkpoint 3")]), "storage-speed"
    )

    assert said.timing == "writing-checkpoints"
    assert "while it wrote checkpoints" in said.statement


def test_a_finding_near_its_threshold_is_only_watched():
    near = {"cpu_used_percent": 88.5, "process_cpu_percent": 640.0}

    assert verdicts(recording(near))["cpu"] == "watch"


def test_why_not_answers_for_kinds_constraints_and_their_other_names():
    judged = recording(THRASHING)

    assert why_not(judged, "RAM?").startswith("It is named")
    assert why_not(judged, "gpu memory").startswith("It is not named")
    assert "the disk's speed is not what held" in why_not(judged, "storage")
    assert why_not(judged, "disk speed").startswith("It is not named: the disk's speed is not what held")
    assert "did you mean 'thermals'" in why_not(judged, "thermlas")
    assert "tells nothing of" in why_not(judged, "\x1b[31m")


def test_why_not_of_what_cannot_be_told_gives_the_reason():
    assert "nobody looked" in why_not(recording(missing={"disk_free_bytes": "nobody looked"}), "disk space")


def test_a_label_cannot_steer_a_terminal():
    hostile = recording()
    header = replace(hostile.header, label="rm\x1b[2J\n" + "x" * 500)

    for each in diagnose(replace(hostile, header=header)):
        assert each.statement.isprintable()
        assert "xxx..." in each.statement or "`" not in each.statement


@settings(max_examples=60, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(
            sorted({*THRASHING, *GPU, "cpu_used_percent", "disk_free_bytes", "process_cpu_percent", "throughput_per_s"})
        ),
        st.lists(st.one_of(st.floats(-1e13, 1e13), st.just(float("nan"))), min_size=50, max_size=50),
    ),
)
def test_no_numbers_make_it_fail(columns):
    """Whatever stands in the columns, each kind gets one finding with a sentence and a counter-test."""
    shaped = {name: np.array(values) for name, values in columns.items()}
    found = diagnose(recording(shaped, seconds=5.0, gpus=("RTX",)))

    assert sorted(each.kind for each in found) == sorted(KINDS)
    assert all(each.statement and each.would_change_it for each in found)


def test_no_sentence_judges_the_machine_as_a_whole():
    rules = load_diagnosis_rules()
    texts = [text for rule in rules.rules for text in (rule.says, rule.unbacked_says or "", rule.would_change_it)]
    texts += [text for kind in rules.kinds.values() for text in (kind.clear, kind.undetermined, kind.absent or "")]

    assert not [text for text in texts if "machine is" in text or " bad" in text]
