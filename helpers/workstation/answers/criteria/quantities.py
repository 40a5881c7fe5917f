"""Read figures with their units out of a text: sizes in bytes, percentages, times, rates, temperatures, counts."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from workstation.units import GB, GIB, KB, KIB, MB, MIB, TB, TIB

__all__ = ["Size", "has_count", "has_figure", "sizes"]

_NUMBER = r"(?<![\w.,])(\d{1,3}(?:[ \u00a0'.,]\d{3})+(?![\d])|\d+)(?:[.,](\d+))?"
_SIZE = re.compile(_NUMBER + r"\s?(?:-\s?)?(?P<unit>[kmgt]i?b?|bytes)\b(?!/s|it|bps|\s?/\s?s)", re.IGNORECASE)
_UNITS = {
    "k": KIB, "ki": KIB, "kb": KB, "kib": KIB, "m": MIB, "mi": MIB, "mb": MB, "mib": MIB, "g": GIB, "gi": GIB, "gb": GB, "gib": GIB,
    "t": TIB, "ti": TIB, "tb": TB, "tib": TIB, "bytes": 1,
}  # fmt: skip
_LONG_UNITS = re.compile(r"\b(?:giga|gigs?\b|gigabytes?|gibibytes?|terabytes?|megabytes?|mebibytes?)\b", re.IGNORECASE)
_SPELLED = {"gi": "GB", "te": "TB", "me": "MB"}

_OTHER_UNIT = re.compile(
    r"\d\s?(?:%|percent\b|per cent\b|°|degrees?\b|celsius\b|c\b|f\b|ms\b|s\b|secs?\b|seconds?\b|min\b|mins\b|minutes?\b|h\b|hrs?\b"
    r"|hours?\b|tokens?\s?(?:/|per)|tok/s|t/s|it/s|iterations?\b|tokens?\b|[kmg]?bit\b|[kmg]bps\b|[mg]hz\b|w\b|watts?\b|kwh\b|rpm\b|fps\b|mm\b|cm\b"
    r"|db\b|dba\b|volts?\b|v\b|[kmgt]i?b/s|steps?/s|rows/s|docs/s|samples/s)",
    re.IGNORECASE,
)
_NUMBER_WORD = r"(?:\d+|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty|both|all|every|several|a dozen|half a dozen)"
_COUNT = re.compile(
    r"\b(?:once|twice|thrice|daily|hourly|x\s?\d+|\d+\s?x)\b|\b\d+(?:[.,]\d+)?\s*(?:/|of|out of|from|→|->|vs\.?)\s*(?:the\s+|all\s+)?\d+"
    rf"|\b{_NUMBER_WORD}\s+(?:\w+\s+){{0,2}}?(?:times|tries|attempts|runs|crashes|restarts|failures|errors|tabs|containers|notebooks|kernels|processes|layers"
    r"|workers|threads|cores|syncs|requests|timeouts|images|models|files|events|reboots|evenings|nights|days|weeks|minutes|hours|seconds|degrees|percent"
    r"|outages|ooms|swaps|drops|disconnects|stalls|freezes|kills|deaths|services|users|indexes|documents|pages|epochs|steps|batches|builds|sessions)\b",
    re.IGNORECASE,
)
_DIMENSIONLESS_SHARE = re.compile(r"\b(?:half|a third|two thirds|a quarter|three quarters) of\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Size:
    """A size in bytes as written, and as it would be in the other system of units."""

    size_bytes: float
    other_bytes: float  # "16 GB" of RAM is 16 GiB on the module, "512 GiB" of disk is 512 GB on the box
    start: int
    end: int


def sizes(text: str) -> Iterator[Size]:
    """List the sizes in bytes that *text* holds, in order.

    >>> [round(size.size_bytes / 1e9, 1) for size in sizes("3,8 GB of 16 GB, 12 000 pieces")]
    [3.8, 16.0]
    """
    spelled = _LONG_UNITS.sub(lambda unit: _SPELLED[unit[0][:2].lower()].ljust(len(unit[0])), text)
    for match in _SIZE.finditer(spelled):
        unit = match["unit"].lower()
        if len(unit) == 1 and not match["unit"].isupper():
            continue  # "8k tokens", "3 m"
        if unit in {"k", "m"}:
            continue  # "16K context", "700M parameters"
        whole = re.sub(r"\D", "", match[1])
        number = float(f"{whole}.{match[2] or 0}")
        factor = _UNITS[unit]
        yield Size(number * factor, number * _other(unit, factor), match.start(), match.end())


def has_figure(text: str) -> bool:
    """Tell whether *text* holds a number with a unit that a measurement could have."""
    return next(sizes(text), None) is not None or _OTHER_UNIT.search(text) is not None


def has_count(text: str) -> bool:
    """Tell whether *text* counts something: "3 of 3", "twice", "about 30 tabs"."""
    return _COUNT.search(text) is not None or _DIMENSIONLESS_SHARE.search(text) is not None


def _other(unit: str, factor: int) -> int:
    if unit in {"gb", "mb", "tb", "kb"}:
        return {"gb": GIB, "mb": MIB, "tb": TIB, "kb": KIB}[unit]
    return {GIB: GB, MIB: MB, TIB: TB, KIB: KB}.get(factor, factor)
