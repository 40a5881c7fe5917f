"""Put signals into panels: which curves share an axis, what they are called there, and where the axis ends.

The same layout serves a recording that is finished and one that is still growing.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from workstation.notebook.chart import Curve, Limit, Panel, Point, Span, peak, round_top

FULL_PERCENT = 100.0
_BINARY = 1024
HEADROOM = 1.03  # a curve at the very top would hide behind the frame


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """One panel: its signals with a short name each, and the constraints whose findings are marked in it."""

    title: str
    unit: str
    signals: tuple[tuple[str, str], ...]  # a signal of "gpu." stands for every GPU's
    constraints: tuple[str, ...] = ()
    always: bool = False  # also where nothing moves


LAYOUTS = (
    Layout(
        title="Memory",
        unit="bytes",
        signals=(
            ("ram_available_bytes", "available"),
            ("process_resident_bytes", "held by what is watched"),
            ("swap_used_bytes", "swap in use"),
        ),
        constraints=("ram",),
        always=True,
    ),
    Layout(
        title="GPU memory",
        unit="bytes",
        signals=(("gpu.memory_used_bytes", "in use"),),
        constraints=("vram",),
        always=True,
    ),
    Layout(
        title="Time spent waiting",
        unit="percent",
        signals=(
            ("memory_stall_some_percent", "for memory"),
            ("io_stall_some_percent", "for a disk"),
            ("cpu_stall_some_percent", "for a processor"),
        ),
        always=True,
    ),
    Layout(
        title="In use",
        unit="percent",
        signals=(
            ("cpu_used_percent", "processors"),
            ("disk_busy_percent", "busiest disk"),
            ("gpu.utilization_percent", "GPU"),
        ),
        constraints=("cpu",),
        always=True,
    ),
    Layout(
        title="Disk",
        unit="bytes/s",
        signals=(("disk_read_bytes_per_s", "read"), ("disk_write_bytes_per_s", "written")),
        constraints=("storage",),
    ),
    Layout(
        title="Network",
        unit="bytes/s",
        signals=(("network_received_bytes_per_s", "received"), ("network_sent_bytes_per_s", "sent")),
        constraints=("network",),
    ),
    Layout(
        title="Temperature",
        unit="celsius",
        signals=(("cpu_temperature_celsius", "processor"), ("gpu.temperature_celsius", "GPU")),
        constraints=("thermals",),
        always=True,
    ),
    Layout(
        title="Power",
        unit="W",
        signals=(("gpu.power_watts", "GPU"), ("gpu.power_limit_watts", "its limit")),
        constraints=("power-expansion",),
    ),
    Layout(
        title="Clock",
        unit="Hz",
        signals=(("cpu_frequency_hz", "processor"), ("gpu.sm_clock_hz", "GPU")),
        constraints=("thermals", "power-expansion"),
    ),
    Layout(
        title="Work done",
        unit="1/s",
        signals=(("throughput_per_s", "as the work reports it"),),
        constraints=("thermals",),
        always=True,
    ),
)
LIVE = LAYOUTS[:4]

Curves = Mapping[str, Sequence[Point]]  # by signal id, GPU signals as gpus.<n>.<id>


def panels_of(
    curves: Curves,
    *,
    layouts: Sequence[Layout] = LAYOUTS,
    spans: Mapping[str, Sequence[Span]] | None = None,
    limits: Mapping[str, Sequence[Limit]] | None = None,
) -> list[Panel]:
    """Make the panels that some curves call for; findings' *spans* by constraint, *limits* by signal."""
    found = [(layout, panel) for layout in layouts if (panel := _panel(layout, curves, limits or {})) is not None]
    wanted = [item for item in found if item[0].always or spans_here(item[0], spans or {})]
    return [_with_spans(layout, panel, spans or {}) for layout, panel in wanted]


def spans_here(layout: Layout, spans: Mapping[str, Sequence[Span]]) -> list[Span]:
    """Give the spans of the constraints that a layout speaks of."""
    return [span for constraint in layout.constraints for span in spans.get(constraint, ())]


def signals_in(layout: Layout, curves: Curves) -> Iterator[tuple[str, str]]:
    """Name a layout's signals that there are curves for, GPU by GPU, each with its short name."""
    for signal, label in layout.signals:
        name = signal.removeprefix("gpu.")
        if name == signal:
            if signal in curves:
                yield signal, label
            continue
        gpus = sorted(key for key in curves if key.startswith("gpus.") and key.endswith(f".{name}"))
        for key in gpus:
            number = f" {key.split('.')[1]}" if len(gpus) > 1 else ""
            yield key, f"{label}{number}" if label.startswith("GPU") else f"{label}{number and f', GPU{number}'}"


def _panel(layout: Layout, curves: Curves, limits: Mapping[str, Sequence[Limit]]) -> Panel | None:
    named = list(signals_in(layout, curves))
    if not named:
        return None
    drawn = [Curve(label=label, points=curves[signal]) for signal, label in named]
    levels = [limit for signal, _ in named for limit in limits.get(signal, ())]
    top = _top(layout.unit, max([HEADROOM * peak(drawn), *(limit.level for limit in levels)]))
    return Panel(title=layout.title, unit=layout.unit, top=top, curves=drawn, limits=levels)


def _top(unit: str, highest: float) -> float:
    if unit == "percent":
        return FULL_PERCENT
    return round_top(highest, _BINARY if unit == "bytes" else 10)


def _with_spans(layout: Layout, panel: Panel, spans: Mapping[str, Sequence[Span]]) -> Panel:
    return replace(panel, spans=spans_here(layout, spans))
