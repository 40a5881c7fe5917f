"""Say in words what a recording shows: a description for those who do not see the chart, a table, an end, the gaps."""

import math
from collections.abc import Iterable, Iterator, Sequence
from html import escape
from typing import NamedTuple

import numpy as np

from workstation.catalog._signals import load_signals
from workstation.notebook.signal_values import format_time, format_value
from workstation.recording.model import Availability, Column, End, Recording

MAIN_SIGNALS = (
    "ram_available_bytes", "process_resident_bytes", "swap_used_bytes", "gpus.0.memory_used_bytes",
    "memory_stall_some_percent", "io_stall_some_percent", "cpu_used_percent", "gpus.0.utilization_percent",
    "throughput_per_s",
)  # fmt: skip
CUT_OFF = "it was cut off: its last line is missing"
_HOW = {
    "exit": "it came to its end",
    "error": "it ended with an error",
    "killed": "it was killed",
    "recorder-stopped": "recording was stopped",
}
NAMES = ("Signal", "At the start", "Lowest", "Highest", "At the end")


class Row(NamedTuple):
    """One signal in words."""

    name: str
    first: str
    lowest: str
    highest: str
    last: str


def seconds_of(recording: Recording) -> float:
    """Say how long a recording is, whichever comes last: a sample, a mark or its end."""
    times = [float(np.nanmax(recording.t_s))] if np.isfinite(recording.t_s).any() else []
    times += [mark.t_s for mark in recording.marks]
    times += [recording.end.t_s] if recording.end is not None else []
    return max((time for time in times if math.isfinite(time)), default=0.0)


def end_sentence(end: End | None) -> str:
    """Say how a recording ended, as a clause.

    >>> end_sentence(End(how="killed", t_s=12.0, signal="SIGKILL", oom_killer=True))
    "it was killed (SIGKILL) by the kernel's out-of-memory killer at 12.0 s"
    """
    if end is None:
        return CUT_OFF
    said = _HOW[end.how]
    if end.signal:
        said += f" ({end.signal})"
    if end.oom_killer:
        said += " by the kernel's out-of-memory killer"
    if end.error:
        said += f" ({end.error})"
    elif end.how == "exit" and end.exit_code:
        said += f" with exit code {end.exit_code}"
    return f"{said} at {format_time(end.t_s)}"


def headline(recording: Recording) -> str:
    """Say in one sentence what was recorded and how that ended."""
    header = recording.header
    count = len(recording.t_s)
    samples = "1 sample" if count == 1 else f"{count:,} samples"
    end = end_sentence(recording.end)
    return f"Recording {header.name!r}: {samples} over {format_time(seconds_of(recording))}; {end}."


def description(recording: Recording, spans: Iterable[str] = ()) -> str:
    """Describe the chart of a recording: what it shows of each main signal, the marks, what was found, the end."""
    rows = [(signal, recording.columns[signal]) for signal in MAIN_SIGNALS if signal in recording.columns]
    said = [_in_words(signal, recording.t_s, values) for signal, values in rows]
    marks = [f"{mark.label} at {format_time(mark.t_s)}" for mark in recording.marks[:6]]
    parts = [headline(recording), *filter(None, said), f"Marks: {'; '.join(marks)}." if marks else "", *spans]
    return " ".join(filter(None, parts))


def rows_of(recording: Recording) -> Iterator[Row]:
    """Give every signal that was recorded as a row of the table, in the order of the catalogue."""
    order = {signal: place for place, signal in enumerate(load_signals())}
    for signal in sorted(recording.columns, key=lambda key: (order.get(_bare(key), len(order)), key)):
        row = _row(signal, recording.t_s, recording.columns[signal])
        if row is not None:
            yield row


def missing_of(recording: Recording) -> list[tuple[str, str]]:
    """Name the signals that could not be recorded, grouped by their reason: (reason, names)."""
    reasons: dict[str, list[str]] = {}
    for signal, told in recording.header.signals.items():
        if not told.available:
            reasons.setdefault(_reason(told), []).append(name_of(signal))
    return [(reason, ", ".join(names)) for reason, names in reasons.items()]


def table_html(recording: Recording) -> str:
    """Write the table twin of the chart."""
    head = "".join(f'<th scope="col">{name}</th>' for name in NAMES)
    body = "\n".join(
        f'<tr><th scope="row">{escape(row.name)}</th>{"".join(f"<td>{escape(cell)}</td>" for cell in row[1:])}</tr>'
        for row in rows_of(recording)
    )
    return f"<table><thead><tr>{head}</tr></thead>\n<tbody>{body}</tbody></table>"


def table_text(recording: Recording) -> list[str]:
    """Write the same as lines of text."""
    return [
        f"  {row.name}: {row.first} at the start, lowest {row.lowest}, highest {row.highest}, {row.last} at the end"
        for row in rows_of(recording)
    ]


def missing_html(missing: Sequence[tuple[str, str]]) -> str:
    """Write what could not be recorded, and why."""
    head = '<th scope="col">Not recorded</th><th scope="col">Why</th>'
    body = "".join(
        f'<tr><th scope="row">{escape(names)}</th><td>{escape(reason)}</td></tr>' for reason, names in missing
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def name_of(signal: str) -> str:
    """Name a signal by the catalogue, with the number of its GPU; one that it does not know by its id."""
    known = load_signals().get(_bare(signal))
    if known is None:
        return signal
    return f"{known.name} (GPU {signal.split('.')[1]})" if signal.startswith("gpus.") else known.name


def unit_of(signal: str) -> str:
    """Give a signal's unit."""
    known = load_signals().get(_bare(signal))
    return known.unit if known is not None else ""


def _bare(signal: str) -> str:
    return signal.split(".", 2)[-1] if signal.startswith("gpus.") else signal


def _reason(told: Availability) -> str:
    return told.why_not or "the recording does not say why"


def _row(signal: str, t_s: Column, values: Column) -> Row | None:
    held = np.isfinite(values) & np.isfinite(t_s)
    if not held.any():
        return None
    times, kept, unit = t_s[held], values[held], unit_of(signal)

    def told(place: int, *, when: bool = False) -> str:
        value = format_value(float(kept[place]), unit, signal)
        return f"{value} at {format_time(float(times[place]))}" if when else value

    low, high = int(kept.argmin()), int(kept.argmax())
    return Row(name_of(signal), told(0), told(low, when=True), told(high, when=True), told(-1))


def _in_words(signal: str, t_s: Column, values: Column) -> str:
    row = _row(signal, t_s, values)
    if row is None:
        return ""
    extreme = f"lowest {row.lowest}" if signal == "ram_available_bytes" else f"highest {row.highest}"
    return f"{row.name}: {row.first} at the start, {extreme}, {row.last} at the end."
