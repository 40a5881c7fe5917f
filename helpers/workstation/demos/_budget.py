"""Decide how much a demonstration may take, and how fast. Pure: figures in, figures and sentences out."""

import math
from collections.abc import Callable
from dataclasses import dataclass

from workstation.demos._words import rules
from workstation.demos.model import Request, Snapshot
from workstation.units import MIB, format_disk, format_memory

_STEPS = 100  # a run of many small steps draws a smooth line
_FASTEST_BYTES_PER_S = 1.25 * 1024**3  # so that looking and taking never race each other
_USUAL_STEP_SECONDS = 0.06  # what the largest step needs on an ordinary machine
_SLACK_SECONDS = 10.0  # for a machine that is busy with other things


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """How much may be taken, what must stay, why, and why nothing may be taken at all."""

    ceiling_bytes: int
    floor_bytes: int | None
    notes: tuple[str, ...]
    refusal: str | None  # a sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """In what steps, and how fast."""

    step_bytes: int
    grow_seconds: float
    seconds: float  # all is over by then


def memory_budget(snapshot: Snapshot, asked_bytes: int | None) -> Budget:
    """Take at most half of what is left and leave the headroom; less if asked, never more."""
    if snapshot.available_bytes is None or snapshot.usable_bytes is None:
        return _refused("This system does not tell how much memory is available, so no safe ceiling can be set.")
    headroom, floor = _reserves(snapshot.usable_bytes, snapshot.limit_bytes)
    half = min(snapshot.usable_bytes, snapshot.available_bytes) // 2
    ceiling = max(0, min(half, snapshot.available_bytes - headroom))
    left = format_memory(snapshot.available_bytes)
    if ceiling < rules().least_live_bytes:
        return _refused(
            f"Only {left} of memory are available here and {format_memory(headroom)} of that must stay: what is left "
            f"to take is less than {format_memory(rules().least_live_bytes)}, too little to show anything.",
            floor,
        )
    why = f"Of the {left} that are available, half at most is taken and {format_memory(headroom)} stay."
    taken, lowered = lower(ceiling, asked_bytes, format_memory)
    return Budget(ceiling_bytes=taken, floor_bytes=floor, notes=(why, *lowered), refusal=None)


def lower(ceiling_bytes: int, asked_bytes: int | None, shown: Callable[[int], str]) -> tuple[int, tuple[str, ...]]:
    """Follow a wish for less; a wish for more changes nothing, and is answered."""
    if asked_bytes is None:
        return ceiling_bytes, ()
    if asked_bytes > ceiling_bytes:
        return ceiling_bytes, (
            f"You asked for {shown(asked_bytes)}; the ceiling here is {shown(ceiling_bytes)}, and it stays there.",
        )
    return max(asked_bytes, MIB), ()


def _reserves(usable_bytes: int, limit_bytes: int | None) -> tuple[int, int]:
    """Give the headroom under which nothing is planned, and the floor at which a run stops."""
    known = rules()
    if limit_bytes is not None and limit_bytes < known.small_limit_bytes:
        kept = max(known.small_headroom_bytes, limit_bytes * known.small_headroom_percent // 100)
        return kept, kept
    floor = max(known.floor_bytes, usable_bytes * known.floor_percent // 100)
    return max(known.headroom_bytes, floor), floor


def _refused(why: str, floor_bytes: int | None = None) -> Budget:
    return Budget(ceiling_bytes=0, floor_bytes=floor_bytes, notes=(), refusal=why)


def pace(ceiling_bytes: int, request: Request) -> Pace:
    """Spread the taking over many small steps and 8 to 20 seconds, or over the seconds that were asked for."""
    known = rules()
    step = max(MIB, min(known.step_limit_bytes, ceiling_bytes // _STEPS // MIB * MIB))
    usual = math.ceil(ceiling_bytes / step) * _USUAL_STEP_SECONDS
    grow = min(max(usual, known.grow_least_seconds), known.grow_most_seconds)
    if request.seconds is not None:
        grow = min(max(1.0, request.seconds), known.grow_most_seconds)
    grow = max(grow, min(ceiling_bytes / _FASTEST_BYTES_PER_S, known.grow_most_seconds))
    return Pace(step_bytes=step, grow_seconds=grow, seconds=grow + known.hold_seconds + _SLACK_SECONDS)


def file_budget(snapshot: Snapshot, asked_bytes: int | None) -> Budget:
    """Take at most a tenth of the disk's free space and 2 GiB, and so little that it fits into memory's file cache."""
    known = rules()
    if snapshot.disk_free_bytes is None:
        return _refused("This system does not tell how much of the disk is free, so no safe size can be chosen.")
    share = snapshot.disk_free_bytes * known.file_limit_percent // 100
    cache = snapshot.available_bytes // 4 if snapshot.available_bytes is not None else known.file_limit_bytes
    ceiling = min(share, known.file_limit_bytes, cache)
    if ceiling < MIB * 16:
        return _refused(
            f"Only {format_disk(snapshot.disk_free_bytes)} of the disk are free: a tenth of that is too little to time."
        )
    why = f"Of the {format_disk(snapshot.disk_free_bytes)} that are free on this disk, a tenth at most is written."
    taken, lowered = lower(ceiling, asked_bytes, format_disk)
    return Budget(ceiling_bytes=taken, floor_bytes=None, notes=(why, *lowered), refusal=None)


def card_budget(free_bytes: int) -> int:
    """Leave 1 GiB of a card's free memory, and 15 % of it, to whoever else draws on it."""
    known = rules()
    return max(0, min(free_bytes - known.vram_headroom_bytes, free_bytes * known.vram_most_percent // 100))
