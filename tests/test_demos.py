"""What a demonstration plans, in which steps, and which limits end it."""

import ast
import json
import threading
import time
from pathlib import Path

import pytest
from demos_kit import snapshot
from hypothesis import given
from hypothesis import strategies as st

from workstation import demos
from workstation.demos import NAMES, Request
from workstation.demos._budget import card_budget, file_budget, memory_budget, pace
from workstation.demos._guard import Guard, Moment, Trend, limit_met, trend
from workstation.demos._kv_cache import largest
from workstation.demos._plan_json import plan_from_json, plan_to_json
from workstation.demos._read import Reading, parse_full_stall
from workstation.demos._words import models, rules
from workstation.demos.model import ANSWER
from workstation.errors import DemoError, SizingError
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


def test_a_recorded_run_says_that_the_plan_is_not_one_for_this_machine():
    plan = demos.plan("ram", Request(replay=True), snapshot=snapshot())

    assert "What follows is the plan of that run; playing it takes four seconds, and nothing else." in plan.text


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
    base = {"parameters": 1, "hidden_size": 8192, "vocabulary": 1}
    llama3 = ModelShape(layers=32, attention_heads=32, kv_heads=8, head_dim=128, **base)
    command_r = ModelShape(layers=40, attention_heads=64, kv_heads=64, head_dim=128, **base)

    assert kv_cache_bytes(llama3, context_tokens=91_056).likely_bytes == pytest.approx(11_940_009_083, rel=0.005)
    assert kv_cache_bytes(command_r, context_tokens=2048).likely_bytes == 2_684_354_560
    assert kv_cache_bytes(llama3, context_tokens=8192, cache_type="q8_0").likely_bytes == 8192 * 128 * KIB * 17 // 32


@pytest.mark.parametrize("wrong", [{"context_tokens": -1}, {"sequences": -1}, {"cache_type": "q9"}])
def test_the_cache_formula_refuses_what_is_no_cache(wrong):
    with pytest.raises(SizingError):
        kv_cache_bytes(models()[0].shape, **wrong)


@given(st.integers(MIB, 2**40))
def test_a_cache_goes_under_its_ceiling(ceiling):
    assert largest(ceiling).size_bytes <= ceiling


def test_type_checkers_and_python_know_the_same_names():
    tree = ast.parse(Path(demos.__file__).read_text("utf-8"))
    for_checkers = next(node for node in tree.body if isinstance(node, ast.If))
    names = {alias.asname for node in for_checkers.body for alias in node.names}

    assert names == set(demos.__all__)
    assert all(getattr(demos, name) is not None for name in names)
