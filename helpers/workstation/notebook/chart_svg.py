"""Draw a chart as a few kilobytes of HTML that take their ink from the page, in either theme.

By hand and not by matplotlib, for three reasons: lines drawn with JupyterLab's own variables follow a change of theme
in a saved notebook, where a picture stays white; a chart that is drawn twice a second may cost a thousandth of a
second, not a tenth; and a page with ten of them stays small. The plots stretch with the card, since they are drawn
without letters: labels are written by the style sheet around them. A page that may not use styles (a notebook that is
not trusted yet) then shows the description and the table, and no stray numbers.

Curves differ by the pattern of their line before they differ by colour. Where a curve stands for many samples, a shade
around its mean reaches from the lowest to the highest of them.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from html import escape

from workstation.notebook.chart import Chart, Curve, Moment, Panel, Point, Span
from workstation.notebook.signal_values import format_time, format_value

WIDTH, HEIGHT = 1000, 200  # of a plot, in units of its own
PATTERNS = 4  # so many curves can be told apart in one panel
MOST_MOMENTS = 12

CHART_STYLE = """<style>
.ws-chart { --ws-ink: var(--jp-content-font-color1, currentColor); --ws-blue: var(--jp-brand-color1, currentColor);
  --ws-green: var(--jp-success-color0, currentColor); --ws-red: var(--jp-error-color1, currentColor);
  --ws-faint: var(--jp-border-color1, currentColor); font-size: 0.85em; line-height: 1.4; margin: 0.5em 0; }
.ws-chart [data-l]::after { content: attr(data-l); }
.ws-chart .ws-panel { display: grid; grid-template-columns: 5.5em 1fr; column-gap: 0.5em; margin: 0.4em 0; }
.ws-chart .ws-head { grid-column: 2; display: flex; flex-wrap: wrap; column-gap: 1.2em; }
.ws-chart .ws-head > :first-child { font-weight: 600; }
.ws-chart .ws-key svg { width: 2.2em; height: 0.7em; margin-inline-end: 0.4em; overflow: visible; }
.ws-chart .ws-axis { display: flex; flex-direction: column; justify-content: space-between; text-align: end;
  line-height: 1.2; font-size: 0.9em; }
.ws-chart .ws-plot { height: 4.2em; border-inline-start: 1px solid var(--ws-faint);
  border-bottom: 1px solid var(--ws-faint); }
.ws-chart .ws-plot svg { display: block; width: 100%; height: 100%; overflow: visible; }
.ws-chart:not(:has(svg)) { display: none; }
.ws-chart .ws-time { margin-inline-start: 6em; display: flex; justify-content: space-between; font-size: 0.9em; }
.ws-chart .ws-notes { margin-inline-start: 6em; }
.ws-chart path, .ws-chart line { fill: none; vector-effect: non-scaling-stroke; stroke: var(--ws-ink);
  stroke-width: 1.6; stroke-linejoin: round; }
.ws-chart .ws-c1 { stroke: var(--ws-blue); stroke-dasharray: 6 3; }
.ws-chart .ws-c2 { stroke: var(--ws-green); stroke-dasharray: 1.5 2.5; stroke-width: 2.2; }
.ws-chart .ws-c3 { stroke: var(--ws-ink); stroke-dasharray: 9 3 1.5 3; }
.ws-chart .ws-area { stroke: none; fill: var(--ws-ink); fill-opacity: 0.16; }
.ws-chart .ws-area.ws-a1 { fill: var(--ws-blue); fill-opacity: 0.2; }
.ws-chart .ws-area.ws-a2 { fill: var(--ws-green); fill-opacity: 0.2; }
.ws-chart .ws-limit { stroke: var(--ws-red); stroke-width: 1; stroke-dasharray: 3 3; }
.ws-chart .ws-mark { stroke: var(--ws-ink); stroke-width: 1; stroke-dasharray: 1 4; }
.ws-chart .ws-end { stroke: var(--ws-ink); stroke-width: 2; }
.ws-chart .ws-span { fill: var(--ws-red); fill-opacity: 0.14; stroke: var(--ws-red); stroke-width: 1;
  vector-effect: non-scaling-stroke; }
@media (forced-colors: active) { .ws-chart path, .ws-chart line { stroke: CanvasText; } }
</style>"""


def chart_html(chart: Chart) -> str:
    """Draw a chart; its description is what a screen reader says in its place."""
    moments = chart.moments[:MOST_MOMENTS]
    panels = "\n".join(_panel(panel, chart.seconds, moments) for panel in chart.panels)
    return (
        f'{CHART_STYLE}\n<div class="ws-chart" role="img" aria-label="{escape(chart.description)}">\n{panels}\n'
        f"{_time_axis(chart.seconds)}{_notes(moments)}\n</div>"
    )


def _panel(panel: Panel, seconds: float, moments: Sequence[Moment]) -> str:
    curves = panel.curves[:PATTERNS]
    keys = "".join(_key(f"ws-c{number}", curve.label) for number, curve in enumerate(curves))
    keys += "".join(_key("ws-limit", limit.label) for limit in panel.limits)
    drawing = [
        *(_span(span, seconds) for span in panel.spans),
        *(_level(limit.level, panel.top) for limit in panel.limits),
        *(_moment(moment, seconds) for moment in moments),
        *(_curve(curve, number, seconds, panel.top) for number, curve in enumerate(curves)),
    ]
    top = format_value(panel.top, panel.unit)
    return (
        f'<div class="ws-panel"><div class="ws-head">{_label(panel.title)}{keys}{_found(panel.spans)}</div>'
        f'<div class="ws-axis">{_label(top)}{_label("0")}</div>'
        f'<div class="ws-plot"><svg viewBox="0 0 {WIDTH} {HEIGHT}" preserveAspectRatio="none" aria-hidden="true">'
        f"{''.join(drawing)}</svg></div></div>"
    )


def _label(text: str) -> str:
    return f'<span data-l="{escape(text)}"></span>'


def _key(kind: str, text: str) -> str:
    line = f'<svg viewBox="0 0 30 10" aria-hidden="true"><line class="{kind}" x1="0" y1="5" x2="30" y2="5"/></svg>'
    return f'<span class="ws-key">{line}{_label(text)}</span>'


def _found(spans: Iterable[Span]) -> str:
    return "".join(_label(label) for label in _names(spans))


def _names(spans: Iterable[Span]) -> list[str]:
    return list(dict.fromkeys(span.label for span in spans))


def _span(span: Span, seconds: float) -> str:
    left, right = _x(span.from_s, seconds), _x(span.to_s, seconds)
    return f'<rect class="ws-span" x="{left}" y="0" width="{max(2, right - left)}" height="{HEIGHT}"/>'


def _level(level: float, top: float) -> str:
    y = _y(level, top)
    return f'<line class="ws-limit" x1="0" y1="{y}" x2="{WIDTH}" y2="{y}"/>'


def _moment(moment: Moment, seconds: float) -> str:
    x, kind = _x(moment.t_s, seconds), "ws-end" if moment.is_end else "ws-mark"
    return f'<line class="{kind}" x1="{x}" y1="0" x2="{x}" y2="{HEIGHT}"/>'


def _curve(curve: Curve, number: int, seconds: float, top: float) -> str:
    pieces = list(_pieces(curve.points))
    areas = "".join(f"M{_outline(piece, seconds, top)}Z" for piece in pieces if _is_wide(piece, top))
    lines = "".join(f"M{_line([(point.t_s, point.mean) for point in piece], seconds, top)}" for piece in pieces)
    area = f'<path class="ws-area ws-a{number}" d="{areas}"/>' if areas else ""
    return f'{area}<path class="ws-c{number}" d="{lines}"/>' if lines else ""


def _pieces(points: Iterable[Point]) -> Iterator[list[Point]]:
    """Cut a curve where it has gaps."""
    piece: list[Point] = []
    for point in points:
        if not math.isnan(point.mean):
            piece.append(point)
        elif piece:
            yield piece
            piece = []
    if piece:
        yield piece


def _is_wide(piece: Iterable[Point], top: float) -> bool:
    return any((point.high - point.low) * HEIGHT >= top for point in piece)


def _outline(piece: Sequence[Point], seconds: float, top: float) -> str:
    highs = [(point.t_s, point.high) for point in piece]
    lows = [(point.t_s, point.low) for point in reversed(piece)]
    return f"{_line(highs, seconds, top)} {_line(lows, seconds, top)}"


def _line(places: Iterable[tuple[float, float]], seconds: float, top: float) -> str:
    """Write places in the drawing, without those in the middle of a level stretch; a lone one becomes a dash."""
    drawn = [(_x(t_s, seconds), _y(value, top)) for t_s, value in places]
    if len(drawn) == 1:
        x, y = drawn[0]
        drawn = [(min(x, WIDTH - 2), y), (min(x, WIDTH - 2) + 2, y)]
    last = len(drawn) - 1
    kept = (
        place
        for number, place in enumerate(drawn)
        if number in {0, last} or not drawn[number - 1][1] == place[1] == drawn[number + 1][1]
    )
    return " ".join(f"{x} {y}" for x, y in kept)


def _x(t_s: float, seconds: float) -> int:
    return round(WIDTH * min(max(t_s / seconds, 0.0), 1.0)) if seconds > 0 else 0


def _y(value: float, top: float) -> int:
    return HEIGHT - round(HEIGHT * min(max(value / top, 0.0), 1.0)) if top > 0 else HEIGHT


def _time_axis(seconds: float) -> str:
    ticks = "".join(_label(format_time(seconds * part / 4)) for part in range(5))
    return f'<div class="ws-time">{ticks}</div>'


def _notes(moments: Sequence[Moment]) -> str:
    if not moments:
        return ""
    said = "; ".join(f"{format_time(moment.t_s)} {moment.label}" for moment in moments)
    return f'<div class="ws-notes">{_label(f"Vertical lines: {said}")}</div>'
