"""Take in what a demonstration reports while it runs, and decide what to draw of it.

Pure. The prediction and the measurement share one axis: what the measurement comes to so far is a curve, and the
prediction is a level across it.
"""

import math
from collections.abc import Iterator, Mapping

from workstation.demos.model import ANSWER, Event, Finished, Line, Noted, Plan, Result, Sampled
from workstation.notebook.chart import Chart, Curve, Growing, Limit, Moment, Panel, Point, peak, round_top
from workstation.notebook.signal_panels import HEADROOM
from workstation.notebook.signal_values import format_time, format_value

POINTS = 100  # of one curve; doubled before they are joined
MEASURED = "measured so far"
PREDICTED = "your prediction"
MOST_NOTES = 8
COMPARABLE = 8  # times smaller, and a curve still shows its shape beside the other
FLOOR_KEY = "ram_available_bytes"


class Progress:
    """One run as far as it has come: its curves, its moments, and its result once there is one."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.seconds = 0.0
        self.result: Result | None = None
        self._curves: dict[str, Growing] = {}
        self._notes: list[Moment] = []

    def take(self, event: Event) -> None:
        """Take in one event."""
        if isinstance(event, Sampled):
            self.seconds = max(self.seconds, event.t_s)
            self._add(event.t_s, event.values)
        elif isinstance(event, Noted):
            self._notes.append(Moment(label=event.text, t_s=event.t_s))
        elif isinstance(event, Finished):
            self.result = event.result

    @property
    def sentence(self) -> str:
        """How it stands, in one sentence."""
        notes = self._notes[-1:]
        parts = [format_time(self.seconds), *(note.label.rstrip(".") for note in notes), *self._readings()]
        return f"{self.plan.title}: {', '.join(parts)}."

    def chart(self, predicted: float | None) -> Chart:
        """Draw it as far as it has come."""
        moments = self._notes[:MOST_NOTES]
        if self.result is not None:
            moments = [*moments, Moment(label="end", t_s=self.seconds, is_end=True)]
        panels = [panel for panel in [self._answer_panel(predicted), *self._panels()] if panel is not None]
        return Chart(description=self._description(predicted), seconds=self.seconds, panels=panels, moments=moments)

    def _add(self, t_s: float, values: Mapping[str, float]) -> None:
        for key in (ANSWER, *(line.key for line in self.plan.lines)):
            value = values.get(key)
            if value is not None and math.isfinite(value):
                self._curves.setdefault(key, Growing(POINTS)).add(t_s, value)

    def _readings(self) -> Iterator[str]:
        for line in self.plan.lines[:3]:
            if line.key in self._curves:
                newest = self._curves[line.key].points[-1].mean / line.divisor
                yield f"{line.name.lower()} {format_value(newest, line.unit)}"

    def _answer_panel(self, predicted: float | None) -> Panel | None:
        """Draw prediction and measurement on one axis."""
        if ANSWER not in self._curves:
            return None
        curve = Curve(label=MEASURED, points=self._curves[ANSWER].points)
        levels = [] if predicted is None else [Limit(label=PREDICTED, level=predicted)]
        unit = self.plan.question.unit
        top = round_top(max([HEADROOM * peak([curve]), *(limit.level for limit in levels)]))
        return Panel(title=f"What was asked, in {unit}", unit=unit, top=top, curves=[curve], limits=levels)

    def _panels(self) -> Iterator[Panel]:
        """Give a panel for each unit, and one of its own for a line that would lie flat beside another's size."""
        known = [line for line in self.plan.lines if line.key in self._curves]
        groups: list[list[Line]] = []
        for line in known:
            fitting = (group for group in groups if group[0].unit == line.unit and self._comparable(group[0], line))
            group = next(fitting, None)
            if group is None:
                groups.append([line])
            else:
                group.append(line)
        yield from map(self._panel, groups)

    def _comparable(self, first: Line, second: Line) -> bool:
        low, high = sorted(self._peak(line) for line in (first, second))
        return low * COMPARABLE >= high

    def _peak(self, line: Line) -> float:
        return peak([Curve(label=line.name, points=self._curves[line.key].points)]) / line.divisor

    def _panel(self, lines: list[Line]) -> Panel:
        curves = [Curve(label=line.name, points=_scaled(self._curves[line.key], line.divisor)) for line in lines]
        floor = self.plan.floor_bytes
        limits = [
            Limit(label="floor", level=floor / line.divisor)
            for line in lines
            if line.key == FLOOR_KEY and floor is not None
        ]
        top = round_top(max([HEADROOM * peak(curves), *(limit.level for limit in limits)]))
        return Panel(title=f"In {lines[0].unit}", unit=lines[0].unit, top=top, curves=curves, limits=limits)

    def _description(self, predicted: float | None) -> str:
        said = [self.sentence]
        if ANSWER in self._curves:
            unit = self.plan.question.unit
            said.append(f"Measured so far: {format_value(self._curves[ANSWER].points[-1].mean, unit)}.")
            said += [f"Predicted: {format_value(predicted, unit)}."] if predicted is not None else []
        return " ".join(said)


def _scaled(curve: Growing, divisor: float) -> list[Point]:
    return [Point(point.t_s, point.low / divisor, point.mean / divisor, point.high / divisor) for point in curve.points]
