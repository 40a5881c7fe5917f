"""Put numbers into the catalogue's sentences: units for people, names for measures, a place in time."""

import re
import string
from collections.abc import Callable, Iterable, Mapping

import numpy as np

from workstation.catalog._diagnosis import GPU, DiagnosisRules
from workstation.catalog._signals import load_signals
from workstation.diagnosis._episodes import Mask
from workstation.diagnosis._readings import Readings
from workstation.diagnosis.model import Measured
from workstation.recording.model import Column
from workstation.units import GB, MIB, format_disk, format_memory

__all__ = ["clean", "fill", "lower_first", "measured", "name_of", "seconds_text", "value_text", "work_of"]

_LABEL_LIMIT = 60
_FEW, _SOME, _MANY = 1.0, 10.0, 100.0


def clean(text: str) -> str:
    """Replace what could steer a terminal, and join lines: a recording may have been edited."""
    shown = (each if each.isprintable() or each.isspace() else "\N{REPLACEMENT CHARACTER}" for each in text)
    return re.sub(r"\s+", " ", "".join(shown)).strip()


def work_of(label: str, name: str) -> str:
    """Call the watched work by its command or cell, short enough for a sentence."""
    text = clean(label) or clean(name) or "this work"
    short = text if len(text) <= _LABEL_LIMIT else f"{text[: _LABEL_LIMIT - 3]}..."
    return f"`{short.replace('`', chr(39))}`"


def seconds_text(seconds: float) -> str:
    """Write a moment or a length of time.

    >>> seconds_text(4.25), seconds_text(61.3), seconds_text(3725)
    ('4.2 s', '1 min 1 s', '1 h 2 min')
    """
    if seconds < _SOME:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:  # noqa: PLR2004 - a minute
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"  # noqa: PLR2004 - an hour


def value_text(measure: str, value: float, rules: DiagnosisRules) -> str:
    """Write a measure's value in the unit that people use for it."""
    return _WRITERS[_unit(measure, rules)](value)


def _unit(measure: str, rules: DiagnosisRules) -> str:
    if measure in rules.measures:
        return rules.measures[measure].unit
    signals = load_signals()
    signal = signals.get(measure) or signals[measure.removeprefix(GPU)]
    of_disk = signal.constraint in {"storage", "network"}
    if signal.unit == "bytes":
        return "GB" if of_disk else "GiB"
    if signal.unit == "bytes/s":
        return "MB/s" if of_disk else "MiB/s"
    return signal.unit


def name_of(measure: str, rules: DiagnosisRules) -> str:
    """Call a measure by its name."""
    if measure in rules.measures:
        return rules.measures[measure].name
    signals = load_signals()
    name = (signals.get(measure) or signals[measure.removeprefix(GPU)]).name
    return lower_first(name)


def lower_first(text: str) -> str:
    """Begin *text* in lower case, unless it begins with an abbreviation.

    >>> lower_first("Swap in use"), lower_first("GPU memory")
    ('swap in use', 'GPU memory')
    """
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]


def _number(value: float) -> str:
    if value != 0 and abs(value) < _SOME:
        return f"{value:.1f}" if abs(value) >= _FEW / _SOME else f"{value:.2f}"
    return f"{value:,.0f}"


def _rate(value: float) -> str:
    """Write a rate of at least 1 KB/s in MB/s, a smaller one in bytes: 0.00 MB/s would read as nothing."""
    return f"{_number(value / 1e6)} MB/s" if value >= 1e4 else f"{value:,.0f} bytes/s"  # noqa: PLR2004 - 0.01 MB/s


_WRITERS: Mapping[str, Callable[[float], str]] = {
    "percent": lambda value: f"{_number(value)} %",
    "GiB": lambda value: format_memory(round(value)),
    "GB": lambda value: f"{value / GB:.1f} GB" if GB <= value < _SOME * GB else format_disk(round(value)),
    "MiB/s": lambda value: f"{_number(value / MIB)} MiB/s",
    "MB/s": _rate,
    "1/s": lambda value: f"{_number(value)} a second",
    "Hz": lambda value: f"{value / 1e9:.2f} GHz",
    "celsius": lambda value: f"{value:.0f} degrees",
    "W": lambda value: f"{value:.0f} W",
    "count": _number,
    "flag": lambda value: f"{100 * value:.0f} % of the time" if 0 < value < 1 else ("yes" if value else "no"),
    "seconds": seconds_text,
}


_PICK: Mapping[str, Callable[[Column], float]] = {
    "median": lambda kept: float(np.median(kept)),
    "most": lambda kept: float(np.max(kept)),
    "least": lambda kept: float(np.min(kept)),
}


def measured(
    measure: str, column: Column, mask: Mask | None, *, how: str, readings: Readings, gpu: int | None
) -> Measured | None:
    """Give one number of a measure where *mask* holds: its "median", "most" or "least"; None where none is known."""
    kept = column if mask is None else column[mask]
    kept = kept[~np.isnan(kept)]
    if not kept.size:
        return None
    value = _PICK[how](kept)
    return Measured(
        measure=measure, name=name_of(measure, readings.rules), value=value,
        text=value_text(measure, value, readings.rules), gpu=gpu,
    )  # fmt: skip


def fill(template: str, words: Mapping[str, str], number: Callable[[str, str], Measured | None]) -> str:
    """Fill *template*: a word, or a measure by its id with ``_most`` or ``_least`` for its extremes."""
    parts: list[str] = []
    for literal, name, _, _ in string.Formatter().parse(template):
        parts.append(literal)
        if name is not None:
            parts.append(words[name] if name in words else _text(number(*_split(name))))
    text = "".join(parts)
    return text[:1].upper() + text[1:]


def _split(name: str) -> tuple[str, str]:
    for how in ("most", "least"):
        if name.endswith(f"_{how}"):
            return name.removesuffix(f"_{how}"), how
    return name, "median"


def _text(found: Measured | None) -> str:
    return found.text if found else "an unknown amount"


def listed(items: Iterable[str]) -> str:
    """Join clauses with semicolons."""
    return "; ".join(items)


def usable_text(readings: Readings) -> str:
    """Name the memory that the work may use, with its limit where one is set."""
    usable, limit = readings.usable_bytes, readings.get("ram_limit_set")
    if usable is None:
        return "all usable memory"
    return format_memory(round(usable)) + (" (a limit)" if limit is not None and limit.any() else "")
