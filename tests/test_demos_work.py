"""What the six demonstrations really do, small, and what they conclude from it."""

import json
import threading

import pytest
from demos_kit import live_run, snapshot

from workstation import demos
from workstation.demos import Request, _vram, _wall
from workstation.demos._cuda import CardError, CudaCard
from workstation.demos._guard import Guard
from workstation.demos._kv_cache import slope
from workstation.demos._read import Reading
from workstation.demos._thermals import _Rate, drop_percent
from workstation.demos.model import Card, Ending, Sampled
from workstation.units import GIB, KIB, MIB


def test_the_measured_slope_is_within_two_percent_of_the_formula():
    """The real arrays, small."""
    running = live_run("kv_cache", Request(limit_bytes=128 * MIB, seconds=2))
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
    running = live_run("ram_crash", asked)
    list(running)
    result = running.result
    last = json.loads(result.recording.read_text("utf-8").splitlines()[-1])

    assert result.ended_by == "wall"
    assert 48 <= result.measured < 96
    assert last["end"]["error"] == "MemoryError"


def test_a_model_fits_another_shorter_and_a_third_not_behind_a_real_wall():
    running = live_run("vram", Request(limit_bytes=128 * MIB, seconds=2))
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
    running = live_run("storage", Request(limit_bytes=32 * MIB, folder=tmp_path))
    list(running)

    if running.plan.mode == "replay":
        pytest.skip(running.plan.why_replay)
    assert running.result.ended_by == "finished"
    assert max(filter(None, running.result.columns["still_cached_percent"]), default=0) < 5
    assert running.result.measured > 0
    assert list(tmp_path.iterdir()) == []


def test_every_core_works_and_is_counted_each_second():
    running = live_run("thermals", Request(seconds=4))
    list(running)

    assert running.result.ended_by == "finished"
    assert len([rate for rate in running.result.columns["throughput_per_s"] if rate]) == 4
    assert running.result.measured is not None


def test_a_drop_is_told_once_beginning_and_end_do_not_overlap():
    falling = [_Rate(t_s=float(second), per_s=100 if second <= 30 else 80) for second in range(1, 91)]

    assert drop_percent(falling[:50], 30) is None
    assert drop_percent(falling, 30) == pytest.approx(20)
