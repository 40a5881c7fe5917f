"""What a diagnosis says: findings that are sentences, with the numbers they rest on."""

from dataclasses import dataclass
from typing import Literal

__all__ = ["Finding", "Measured", "Verdict"]

Verdict = Literal["bottleneck", "watch", "clear", "undetermined"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One number that a finding rests on, in base units (bytes, per cent, 1/s, seconds)."""

    measure: str  # a signal's id, or that of a measure in `diagnosis.toml`
    name: str
    value: float
    text: str  # the same number as people write it: "0.4 GiB"
    gpu: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a recording says about one resource, so that another recording can refute it.

    `kind` is finer than `constraint`: ``ram`` and ``swap`` are both of the constraint ``ram``, ``storage-capacity``
    and ``storage-speed`` of ``storage``. Times are seconds since the recording began; `seconds` is the time in which
    the rule held, within `began_s` to `ended_s`. `margin_percent` is how far beyond its threshold the middle value lay.
    """

    constraint: str
    verdict: Verdict
    statement: str
    evidence: tuple[Measured, ...]
    would_change_it: str
    kind: str
    name: str
    rule: str | None = None  # which entry of `diagnosis.toml` said so; None for "clear" and "undetermined"
    began_s: float | None = None
    ended_s: float | None = None
    seconds: float | None = None
    margin_percent: float | None = None
    timing: str | None = None  # "at-load", "growing-context", "writing-checkpoints", "after-minutes"
    missing: tuple[str, ...] = ()  # sentences: which signals were not there, and why
