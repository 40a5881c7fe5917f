"""What the rules make of a recording: causes before consequences, honest gaps, sentences that can be refuted."""

from dataclasses import replace

import pytest
from diagnosis_kit import GIB, GPU, THRASHING, during, finding, recording, verdicts

from workstation.catalog._diagnosis import load_diagnosis_rules
from workstation.diagnosis import diagnose, why_not
from workstation.recording.model import Mark

KINDS = list(load_diagnosis_rules().kinds)


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


def test_a_short_peak_is_clear_in_a_sentence_that_says_how_long_it_would_have_to_last():
    """Without that, "at most 28 % (20 % or more would count)" contradicts itself."""
    said = finding(recording({"io_stall_full_percent": during(30, 31, 28)}), "storage-speed")

    assert said.verdict == "clear"
    assert "at most 28 % (20 % or more for 3.0 s" in said.statement
    assert "would count)" in said.statement


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


def test_pages_read_again_with_plenty_available_excuse_no_disk():
    reading = {
        "refaults_per_s": 9000.0,
        "io_stall_full_percent": 40.0,
        "io_stall_some_percent": 70.0,
        "disk_read_bytes_per_s": 9000.0 * 4096,
        "process_disk_wait_threads": 0.8,
    }

    assert verdicts(recording(reading))["storage-speed"] == "bottleneck"


def test_a_thread_that_stands_still_is_seen_beside_busy_cores():
    """Pressure figures are means over the processors at work: one waiting thread hardly shows in them."""
    waiting = {
        "io_stall_some_percent": 7.0,
        "process_disk_wait_threads": 1.0,
        "process_write_bytes_per_s": 2e7,
        "disk_write_bytes_per_s": 2e7,
        "cpu_used_percent": 97.0,
    }

    assert finding(recording(waiting), "storage-speed").rule == "disk-thread-stands-still"


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


def test_no_sentence_judges_the_machine_as_a_whole():
    rules = load_diagnosis_rules()
    texts = [text for rule in rules.rules for text in (rule.says, rule.unbacked_says or "", rule.would_change_it)]
    texts += [text for kind in rules.kinds.values() for text in (kind.clear, kind.undetermined, kind.absent or "")]

    assert not [text for text in texts if "machine is" in text or " bad" in text]
