"""Real pressure ends a demonstration: memory written to swap in earnest, and work that waits for memory.

Both happen in small control groups beside it, so that the machine itself is never short. Root only.
"""

import pytest
from demos_kit import SOON_SECONDS, Parent, becomes_true, is_gone, killed_in, small_group
from pressure_kit import ROOM_BYTES, fighter, large_file, own_pressure, swap_file

from workstation.units import GIB, MIB

RULE_STALL_PERCENT = 10


def worst_stall_until_end(parent: Parent) -> tuple[dict, float]:
    """Read on to the end; give it and the longest stall on the way."""
    worst = 0.0
    for line in parent.lines():
        worst = max(worst, line.get("values", {}).get("memory_stall_full_percent", 0.0))
        if line["event"] == "Finished":
            return line, worst
    pytest.fail("It never ended.")


def test_work_that_waits_for_memory_in_its_own_container_ends_it(tmp_path):
    """A neighbour in the same container reads the same pages again and again, because it may not keep them."""
    file = large_file(tmp_path)
    with (
        own_pressure() as container,
        small_group(ROOM_BYTES) as small,
        Parent("ram", limit=16 * MIB, seconds=20, group=container) as parent,
    ):
        parent.started()
        with fighter(small, container, path=file) as neighbour:
            end = parent.finished()
            assert neighbour.poll() is None
        assert becomes_true(lambda: is_gone(parent.child), SOON_SECONDS)
        parent.process.wait()

        assert end["by"] == "stall"
        assert "waited for memory" in end["ended"]
        assert killed_in(small) == 0


def test_work_that_waits_in_another_container_does_not_end_it(tmp_path):
    """What counts in a container is its own pressure, not its host's."""
    file = large_file(tmp_path)
    with own_pressure() as container, small_group(ROOM_BYTES) as small, fighter(small, path=file) as neighbour:
        with Parent("ram", limit=16 * MIB, seconds=3, group=container) as parent:
            parent.started()
            end, stall = worst_stall_until_end(parent)
            parent.process.wait()
        assert neighbour.poll() is None

    assert end["by"] == "ceiling"
    assert stall < RULE_STALL_PERCENT


@pytest.mark.soak  # it switches swap on for the whole machine
def test_a_machine_that_swaps_in_earnest_ends_it(tmp_path):
    """The counter is the whole machine's: a program in a group of its own is what swaps."""
    with (
        swap_file(tmp_path, GIB),
        own_pressure() as container,
        small_group(ROOM_BYTES) as small,
        Parent("ram", limit=16 * MIB, seconds=20, group=container) as parent,
    ):
        parent.started()
        with fighter(small) as neighbour:
            end = parent.finished()
            assert neighbour.poll() is None
        assert becomes_true(lambda: is_gone(parent.child), SOON_SECONDS)
        parent.process.wait()

        assert end["by"] == "swap"
        assert end["lowest"] > end["floor"]
        assert killed_in(small) == 0
