"""What cannot be told: missing signals, gaps, nonsense, recordings too short; and what does not change for them."""

from dataclasses import replace

import numpy as np
import pytest
from diagnosis_kit import GIB, GPU, THRASHING, during, finding, recording, verdicts
from hypothesis import given, settings
from hypothesis import strategies as st

from workstation.catalog._diagnosis import load_diagnosis_rules
from workstation.diagnosis import diagnose

KINDS = list(load_diagnosis_rules().kinds)


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


def test_of_a_recording_that_is_too_short_a_longer_one_is_asked_and_nothing_else():
    """The machine told everything; asking for a sensor that is there would lead astray."""
    said = [each for each in diagnose(recording(seconds=2.0)) if each.verdict == "undetermined"]

    assert said
    assert {each.would_change_it for each in said} == {"A recording of the same work of at least 3.0 s."}
