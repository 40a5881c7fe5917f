"""What a demonstration plans, what ends it, what it comes to, and how a recorded one is played."""

import json
import threading
import time
from importlib.resources import files

import pytest
from demos_kit import snapshot
from hypothesis import given
from hypothesis import strategies as st

from workstation import demos
from workstation.cli import _demo, main
from workstation.demos import NAMES, Request, _trace, _vram, _wall
from workstation.demos._budget import card_budget, file_budget, memory_budget, pace
from workstation.demos._cuda import CardError, CudaCard
from workstation.demos._guard import Guard, Moment, Trend, limit_met, trend
from workstation.demos._kv_cache import largest, slope
from workstation.demos._plan_json import plan_from_json, plan_to_json
from workstation.demos._read import Reading, parse_full_stall
from workstation.demos._thermals import _Rate, drop_percent
from workstation.demos._words import endings, models, rules, words
from workstation.demos.model import ANSWER, Card, Ending, Sampled
from workstation.errors import DemoError
from workstation.sizing import ModelShape, kv_cache_bytes
from workstation.units import GIB, KIB, MIB

sizes = st.integers(min_value=0, max_value=2**42)


@given(usable=sizes, available=sizes, asked=st.none() | st.integers(1, 2**42))
def test_a_ceiling_never_passes_half_of_what_is_left_nor_the_headroom(usable, available, asked):
    budget = memory_budget(snapshot(usable_bytes=usable, available_bytes=available), asked)

    assert budget.ceiling_bytes <= min(usable, available) / 2
    assert budget.ceiling_bytes <= max(0, available - 2 * GIB)
    assert budget.ceiling_bytes == 0 or budget.refusal is None
    assert asked is None or budget.ceiling_bytes <= max(asked, MIB)
    assert budget.floor_bytes >= max(GIB, usable // 10)


@given(limit=st.integers(64 * MIB, 8 * GIB - 1), used=st.floats(0, 1))
def test_a_small_container_keeps_256_mib_or_15_percent(limit, used):
    available = int(limit * (1 - used))
    budget = memory_budget(snapshot(usable_bytes=limit, available_bytes=available, limit_bytes=limit), None)
    kept = max(256 * MIB, limit * 15 // 100)

    assert budget.floor_bytes == kept
    assert budget.ceiling_bytes <= max(0, min(available // 2, available - kept))
    assert (budget.refusal is None) == (min(available // 2, available - kept) >= 128 * MIB)


def test_asking_for_more_than_the_ceiling_changes_nothing_and_is_answered():
    plan = demos.plan("ram", Request(limit_bytes=64 * GIB), snapshot=snapshot())

    assert plan.ceiling_bytes == 4 * GIB
    assert "You asked for 64.0 GiB; the ceiling here is 4.0 GiB" in plan.text


def test_asking_for_less_is_followed():
    assert demos.plan("ram", Request(limit_bytes=300 * MIB), snapshot=snapshot()).ceiling_bytes == 300 * MIB


def test_a_machine_that_does_not_tell_its_memory_is_left_alone():
    plan = demos.plan("ram", snapshot=snapshot(available_bytes=None))

    assert plan.mode == "replay"
    assert plan.text.startswith("This system does not tell how much memory is available")


@pytest.mark.parametrize("name", NAMES)
def test_too_little_memory_or_disk_gives_the_recorded_run(name):
    little = snapshot(available_bytes=2 * GIB + 50 * MIB, disk_free_bytes=50 * MIB)

    plan = demos.plan(name, snapshot=little)

    assert plan.mode == "replay"
    assert "A recorded run is played instead. It was recorded in" in plan.why_replay


@given(ceiling=st.integers(MIB, 2**40), seconds=st.none() | st.floats(0.1, 3600))
def test_steps_are_small_and_the_pace_is_calm(ceiling, seconds):
    found = pace(ceiling, Request(seconds=seconds))

    assert MIB <= found.step_bytes <= 64 * MIB
    assert 1 <= found.grow_seconds <= 20
    assert seconds is not None or found.grow_seconds >= 8
    assert found.grow_seconds == 20 or ceiling / found.grow_seconds <= 1.26 * GIB


@given(free=sizes, asked=st.none() | st.integers(1, 2**42))
def test_a_file_never_takes_more_than_a_tenth_of_the_disk_nor_2_gib(free, asked):
    budget = file_budget(snapshot(disk_free_bytes=free), asked)

    assert budget.ceiling_bytes <= min(free // 10, 2 * GIB)


@pytest.mark.parametrize(("free", "room"), [(8 * GIB, int(6.8 * GIB)), (2 * GIB, GIB), (GIB // 2, 0)])
def test_a_card_keeps_a_gib_and_15_percent(free, room):
    assert card_budget(free) == pytest.approx(room, abs=1)


@pytest.mark.parametrize("request_", [Request(limit_bytes=0), Request(limit_bytes=-1), Request(seconds=0),
                                      Request(seconds=1e9), Request(seconds=float("nan"))])  # fmt: skip
def test_nonsense_is_refused_with_a_sentence(request_):
    with pytest.raises(DemoError, match="Give"):
        demos.plan("ram", request_, snapshot=snapshot())


def test_an_unknown_demonstration_is_refused_with_the_names_that_exist():
    with pytest.raises(DemoError, match=r"no demonstration 'gpu'.*ram, ram_crash, kv_cache"):
        demos.plan("gpu", snapshot=snapshot())


def test_a_hyphen_does_for_an_underscore():
    assert demos.plan("kv-cache", snapshot=snapshot()).name == "kv_cache"


@pytest.mark.parametrize("name", NAMES)
def test_every_plan_survives_its_way_to_the_child(name):
    plan = demos.plan(name, snapshot=snapshot())

    assert plan_from_json(json.loads(json.dumps(plan_to_json(plan)))) == plan


@pytest.mark.parametrize("name", NAMES)
def test_every_plan_says_what_it_takes_and_how_it_ends_and_asks_a_question(name):
    plan = demos.plan(name, snapshot=snapshot())

    assert plan.mode == "live"
    assert "{" not in plan.text + plan.mechanism + plan.question.text + plan.limits
    assert "After" in plan.stops[-1]
    assert plan.question.text.endswith("?")
    assert {ANSWER} | {line.key for line in plan.lines}


@pytest.mark.parametrize(
    ("reading", "now", "met"),
    [
        (Reading(available_bytes=3 * GIB), Trend(), None),
        (Reading(available_bytes=2 * GIB + 63 * MIB), Trend(), "floor"),
        (Reading(available_bytes=None), Trend(), "floor"),
        (Reading(available_bytes=3 * GIB), Trend(stall_percent=10.1), "stall"),
        (Reading(available_bytes=3 * GIB), Trend(stall_percent=10.0), None),
        (Reading(available_bytes=3 * GIB), Trend(swap_out_bytes_per_s=51 * MIB), "swap"),
    ],
)
def test_limits_are_met_where_the_rules_say(reading, now, met):
    """One step of 64 MiB is asked about; the floor stands at 2 GiB."""
    assert limit_met(reading, now, 2 * GIB, 64 * MIB, rules()) == met


def test_stalls_and_swapping_are_judged_over_a_while():
    first = Moment(t_s=0.0, reading=Reading(available_bytes=1, stalled_us=0, swapped_out_bytes=0))
    soon = Moment(t_s=0.1, reading=Reading(available_bytes=1, stalled_us=90_000, swapped_out_bytes=MIB))
    later = Moment(t_s=1.0, reading=Reading(available_bytes=1, stalled_us=200_000, swapped_out_bytes=60 * MIB))

    assert trend(first, soon) == Trend()
    assert trend(first, later) == Trend(stall_percent=20.0, swap_out_bytes_per_s=60 * MIB)


class Stalling:
    """A machine on which all work waits for memory a third of the time."""

    def __init__(self):
        self.started = time.monotonic()

    def __call__(self):
        """Look."""
        passed = time.monotonic() - self.started
        return Reading(available_bytes=8 * GIB, stalled_us=int(passed * 1e6 / 3))


def test_pressure_ends_a_run():
    plan = demos.plan("ram", Request(limit_bytes=16 * MIB, seconds=8), snapshot=snapshot())
    guard = Guard(plan, say=lambda _line: None, cut=threading.Event(), read=Stalling())

    assert guard.pause_until(5.0) == "stall"


@pytest.mark.parametrize("text", ["", "full", "full avg10=0.0", "full total=x", "some total=4\n", "nonsense\n\n"])
def test_a_pressure_file_of_another_make_tells_nothing(text):
    assert parse_full_stall(text) is None


def test_the_cache_formula_gives_published_figures():
    """Rows as printed by llama.cpp and vLLM, for shapes with and without shared keys."""
    base = {"parameters": 1, "hidden_size": 1, "vocabulary": 1}
    llama3 = ModelShape(layers=32, attention_heads=32, kv_heads=8, head_dim=128, **base)
    command_r = ModelShape(layers=40, attention_heads=64, kv_heads=64, head_dim=128, **base)

    assert kv_cache_bytes(llama3, context_tokens=91_056).likely_bytes == pytest.approx(11_940_009_083, rel=0.005)
    assert kv_cache_bytes(command_r, context_tokens=2048).likely_bytes == 2_684_354_560
    assert kv_cache_bytes(llama3, context_tokens=8192, cache_type="q8_0").likely_bytes == 8192 * 128 * KIB * 17 // 32


@pytest.mark.parametrize("wrong", [{"context_tokens": -1}, {"sequences": -1}, {"cache_type": "q9"}])
def test_the_cache_formula_refuses_what_is_no_cache(wrong):
    with pytest.raises(ValueError, match=r"cache"):
        kv_cache_bytes(models()[0].shape, **wrong)


@given(st.integers(MIB, 2**40))
def test_a_cache_goes_under_its_ceiling(ceiling):
    assert largest(ceiling).size_bytes <= ceiling


def test_the_measured_slope_is_within_two_percent_of_the_formula():
    """The real arrays, small."""
    running = demos.run("kv_cache", Request(limit_bytes=128 * MIB, seconds=2))
    list(running)
    result = running.result
    pairs = [
        (x, y) for x, y in zip(result.columns["tokens"], result.columns["resident_growth_bytes"], strict=True) if y
    ]

    assert result.ended_by == "finished"
    assert slope(*zip(*pairs, strict=True)) == pytest.approx(128 * KIB, rel=0.02)
    assert result.measured == pytest.approx(0.125, rel=0.02)


def test_a_process_dies_of_its_limit_and_its_recording_tells(tmp_path):
    """MemoryError, really; the recorder wrote how it ended."""
    asked = Request(limit_bytes=96 * MIB, seconds=2, record="crash", folder=tmp_path)
    running = demos.run("ram_crash", asked)
    list(running)
    result = running.result
    last = json.loads(result.recording.read_text("utf-8").splitlines()[-1])

    assert result.ended_by == "wall"
    assert 48 <= result.measured < 96
    assert last["end"]["error"] == "MemoryError"


def test_a_model_fits_another_shorter_and_a_third_not_behind_a_real_wall():
    running = demos.run("vram", Request(limit_bytes=128 * MIB, seconds=2))
    list(running)
    result, verdict = running.result, running.result.verdict

    assert result.ended_by == "finished"
    assert "main memory stands in for a card" in result.stand_in
    assert ("fits with its whole context" in verdict, "fits shorter" in verdict, "does not fit" in verdict) == (
        True,
    ) * 3
    assert result.measured == pytest.approx(18_000, rel=0.1)


@pytest.mark.parametrize(("room", "kinds"), [(GIB, {3}), (3 * GIB, {2, 3}), (7 * GIB, {1, 2, 3}), (20 * GIB, {1, 2, 3}),
                                             (66 * GIB, {1, 2, 3}), (119 * GIB, {1, 3})])  # fmt: skip
def test_models_are_chosen_for_the_card(room, kinds):
    """From a small card to a data centre's: what fits, what fits shorter, what does not."""
    assert {case.expected for case in _vram.cases(room)} == kinds


def code(name="CUDA_SUCCESS", number=0):
    class Code(int):
        pass

    found = Code(number)
    found.name = name
    return found


class FakeDriver:
    """As much of a card as the demonstration asks of one."""

    def __init__(self, free: int) -> None:
        self.free, self.blocks = free, {}

    def cuInit(self, _flags):  # noqa: D102, N802 - NVIDIA's names
        return (code(),)

    def cuDeviceGet(self, ordinal):  # noqa: D102, N802 - NVIDIA's names
        return code(), ordinal

    def cuDevicePrimaryCtxRetain(self, device):  # noqa: D102, N802 - NVIDIA's names
        return code(), f"context {device}"

    def cuCtxSetCurrent(self, _context):  # noqa: D102, N802 - NVIDIA's names
        return (code(),)

    def cuCtxSynchronize(self):  # noqa: D102, N802 - NVIDIA's names
        return (code(),)

    def cuMemGetInfo(self):  # noqa: D102, N802 - NVIDIA's names
        return code(), self.free, self.free + GIB

    def cuMemAlloc(self, size):  # noqa: D102, N802 - NVIDIA's names
        if size > self.free:
            return code("CUDA_ERROR_OUT_OF_MEMORY", 2), None
        self.free -= size
        self.blocks[len(self.blocks)] = size
        return code(), len(self.blocks) - 1

    def cuMemsetD8(self, _block, _value, _size):  # noqa: D102, N802 - NVIDIA's names
        return (code(),)

    def cuMemFree(self, block):  # noqa: D102, N802 - NVIDIA's names
        self.free += self.blocks[block]
        return (code(),)


def test_a_cards_memory_is_taken_refused_and_given_back():
    """On a stand-in for NVIDIA's driver: no card was here to prove it on."""
    driver = FakeDriver(free=8 * GIB)
    card = CudaCard(driver)
    card.take(6 * GIB)
    with pytest.raises(MemoryError):
        card.take(3 * GIB)
    card.give_back()

    assert driver.free == card.free_bytes == 8 * GIB


def test_a_whole_run_on_a_card_stays_under_its_budget_and_meets_a_real_refusal(monkeypatch):
    driver = FakeDriver(free=8 * GIB)
    monkeypatch.setattr(_vram, "CudaCard", lambda ordinal: CudaCard(driver, ordinal))
    machine = snapshot(cards=(Card(name="a card", total_bytes=9 * GIB, free_bytes=8 * GIB),), cuda_binding=True)
    plan = demos.plan("vram", Request(seconds=1), snapshot=machine)
    said = []
    guard = Guard(plan, say=said.append, cut=threading.Event(), read=lambda: Reading(available_bytes=8 * GIB))

    ending = _vram.work(plan, guard)
    samples = [Sampled(t_s=line.pop("t_s"), values=line) for line in said if "note" not in line]

    assert ending.by == "finished"
    assert plan.stand_in is None
    assert max(sample.values["taken_bytes"] for sample in samples) <= 6.8 * GIB
    assert driver.free == 8 * GIB
    assert "really refused" in _vram.conclude(plan, samples, ending).verdict


def test_a_driver_that_refuses_is_a_sentence_not_a_traceback(monkeypatch):
    def refuse(ordinal):
        raise CardError("cuInit answered CUDA_ERROR_NO_DEVICE")

    monkeypatch.setattr(_vram, "CudaCard", refuse)
    machine = snapshot(cards=(Card(name="a card", total_bytes=9 * GIB, free_bytes=8 * GIB),), cuda_binding=True)
    plan = demos.plan("vram", snapshot=machine)
    guard = Guard(plan, say=lambda _line: None, cut=threading.Event(), read=lambda: Reading(available_bytes=8 * GIB))

    assert _vram.work(plan, guard) == Ending(
        by="problem", detail="The card could not be used: cuInit answered CUDA_ERROR_NO_DEVICE."
    )


def test_a_card_without_the_package_gets_the_stand_in_and_the_command_to_install_it():
    machine = snapshot(cards=(Card(name="a card", total_bytes=9 * GIB, free_bytes=8 * GIB),), cuda_binding=False)
    plan = demos.plan("vram", snapshot=machine)

    assert plan.stand_in is not None
    assert "pip install 'home-ai-workstation[gpu]'" in plan.text


def test_where_no_system_holds_the_limit_the_child_counts():
    take = _wall._Counting(3 * MIB)
    take(2 * MIB)

    with pytest.raises(MemoryError):
        take(2 * MIB)


@pytest.mark.parametrize(("system", "label"), [("Darwin", "stand-in"), ("Windows", None), ("Linux", None)])
def test_a_limit_that_no_system_holds_is_called_a_stand_in(system, label):
    plan = demos.plan("ram_crash", snapshot=snapshot(system=system))

    assert (plan.stand_in is None) if label is None else (label in plan.stand_in)


@pytest.mark.parametrize(("changes", "words_"), [({"system": "Windows"}, "cannot drop a file"),
                                                 ({"disk_filesystem": "tmpfs"}, "lives in memory")])  # fmt: skip
def test_storage_is_replayed_where_nothing_can_be_read_cold(changes, words_):
    plan = demos.plan("storage", snapshot=snapshot(**changes))

    assert plan.mode == "replay"
    assert words_ in plan.why_replay


def test_a_file_is_really_dropped_from_memory_before_it_is_read_cold(tmp_path):
    running = demos.run("storage", Request(limit_bytes=32 * MIB, folder=tmp_path))
    list(running)

    if running.plan.mode == "replay":
        pytest.skip(running.plan.why_replay)
    assert running.result.ended_by == "finished"
    assert max(filter(None, running.result.columns["still_cached_percent"]), default=0) < 5
    assert running.result.measured > 0
    assert list(tmp_path.iterdir()) == []


def test_every_core_works_and_is_counted_each_second():
    running = demos.run("thermals", Request(seconds=4))
    list(running)

    assert running.result.ended_by == "finished"
    assert len([rate for rate in running.result.columns["throughput_per_s"] if rate]) == 4
    assert running.result.measured is not None


def test_a_drop_is_told_once_beginning_and_end_do_not_overlap():
    falling = [_Rate(t_s=float(second), per_s=100 if second <= 30 else 80) for second in range(1, 91)]

    assert drop_percent(falling[:50], 30) is None
    assert drop_percent(falling, 30) == pytest.approx(20)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("running", ["autograde", "validate"])
def test_under_nbgrader_a_recorded_run_is_played_within_five_seconds(name, running, monkeypatch):
    monkeypatch.setenv("NBGRADER_EXECUTION", running)
    monkeypatch.setattr("workstation.demos.engine.Child", pytest.fail)
    monkeypatch.setattr("workstation.demos.engine.REPLAY_SECONDS", 0.2)

    events = list(demos.run(name))
    result = events[-1].result

    assert result.mode == "replay"
    assert isinstance(events[0], demos.Stated)
    assert "It was recorded in November 2026 on" in events[0].plan.text
    assert result.measured is not None
    assert result.lowest_available_bytes >= (result.floor_bytes or 0)
    assert len(result.columns["t_s"]) > 10


@pytest.mark.parametrize("name", NAMES)
def test_no_recorded_run_lasts_longer_than_five_seconds_to_play(name):
    """Played at one pace throughout, so the last moment is due when the replay's time is up."""
    trace = _trace.load_trace(name)
    pace_ = min(1.0, demos.engine.REPLAY_SECONDS / trace.seconds)

    assert trace.seconds * pace_ < 5
    assert list(trace.events) == sorted(trace.events, key=lambda event: event.t_s)


def test_a_replay_stops_when_it_is_told_to(monkeypatch):
    running = demos.run("ram", Request(replay=True), snapshot=snapshot())
    for event in running:
        if isinstance(event, Sampled):
            running.stop()

    assert running.result.ended_by == "stop"


@pytest.mark.parametrize("name", NAMES)
def test_recorded_runs_hold_nobodys_paths(name):
    text = (files("workstation.demos") / "traces" / f"{name}.jsonl").read_text("utf-8")

    assert '"folder"' not in text
    assert len(text) < 64 * KIB


@pytest.mark.parametrize("damage", ["", "{}", '{"schema": "workstation.demo-trace/9"}\n{}', "no json"])
def test_a_damaged_recorded_run_is_a_sentence(damage, monkeypatch):
    monkeypatch.setattr(_trace, "files", lambda _package: FakeFolder(damage))

    with pytest.raises(DemoError, match="missing from this installation or damaged"):
        _trace.load_trace("ram")


class FakeFolder:
    """A folder whose every file holds one text."""

    def __init__(self, text):
        self.text = text

    def __truediv__(self, _name):
        return self

    def read_text(self, encoding):  # noqa: ARG002 - as a path takes it
        """Read."""
        return self.text


def test_every_way_to_end_has_a_sentence_of_its_own():
    assert len(set(endings().values())) == len(endings()) >= 13
    assert all(words(name).limits.endswith(".") for name in NAMES)


def test_the_command_line_lists_the_demonstrations(capsys):
    assert main(["demo"]) == 0
    printed = capsys.readouterr().out

    assert [name for name in NAMES if name not in printed] == []


def test_the_command_line_plays_a_recorded_run_and_compares(capsys, monkeypatch):
    monkeypatch.setattr("workstation.demos.engine.REPLAY_SECONDS", 0.2)
    monkeypatch.setattr(_demo, "_somebody_there", lambda: True)
    answers = iter(["a lot", "2"])
    monkeypatch.setattr("builtins.input", lambda _prompt: next(answers))

    assert main(["demo", "kv-cache", "--replay"]) == 0

    printed = capsys.readouterr().out
    assert printed.index("You asked for the recorded run.") < printed.index("How many GiB will")
    assert "'a lot' is no number" in printed
    assert "You predicted 2 GiB and it was 1 GiB" in printed


def test_the_command_line_gives_one_json_document(capsys, monkeypatch):
    monkeypatch.setattr("workstation.demos.engine.REPLAY_SECONDS", 0.2)

    assert main(["demo", "storage", "--replay", "--json"]) == 0

    document = json.loads(capsys.readouterr().out)
    assert document["mode"] == "replay"
    assert len(document["columns"]["t_s"]) == len(document["columns"]["speed_bytes_per_s"])


@pytest.mark.parametrize("arguments", [["ram"], ["ram", "--json"]])
def test_nothing_live_starts_without_a_yes(arguments, capsys, monkeypatch):
    monkeypatch.setattr("workstation.demos.engine.Child", pytest.fail)
    monkeypatch.setattr("workstation.demos.engine.read_snapshot", lambda _folder: snapshot())

    assert main(["demo", *arguments]) == 2
    assert "Add --yes to start it" in capsys.readouterr().err


def test_ctrl_c_stops_a_run_and_its_end_is_told(capsys, monkeypatch):
    """The first Ctrl-C stops the demonstration, not the program."""
    monkeypatch.setattr("workstation.demos.engine.REPLAY_SECONDS", 60.0)
    seen = _demo._Drawn.sample
    pressed = []

    def press(self, sample):
        seen(self, sample)
        if not pressed:
            pressed.append(True)
            monkeypatch.setattr(threading.Event, "wait", interrupt)

    def interrupt(self, _seconds=None):
        monkeypatch.undo()
        raise KeyboardInterrupt

    monkeypatch.setattr(_demo._Drawn, "sample", press)

    assert main(["demo", "ram", "--replay"]) == 0
    assert "It ended because it was stopped." in capsys.readouterr().out


@pytest.mark.parametrize("size", ["2", "many", "-1GiB"])
def test_a_limit_that_is_no_size_ends_with_usage(size, capsys):
    with pytest.raises(SystemExit, match="2"):
        main(["demo", "ram", f"--limit={size}"])

    assert "is no size" in capsys.readouterr().err


@pytest.mark.parametrize(("marks", "drawn"), [("▁▂▃▄▅▆▇█", "▁█"), ("_.-=+*%#", "_#")])
def test_bars_go_from_the_lowest_to_the_highest(marks, drawn):
    assert _demo.spark([1.0, 5.0], marks) == drawn
    assert _demo.spark([], marks) == ""
    assert _demo.spark([3.0, 3.0], marks) == marks[0] * 2
