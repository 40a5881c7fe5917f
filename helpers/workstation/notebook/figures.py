"""Draw the small figures of planning and sizing as inline SVG that takes its ink from the page, in either theme.

In the manner of the recordings' chart: drawn by hand with JupyterLab's own variables, so that a saved notebook follows
a change of theme, and stretched with the card, since labels are written by the style sheet around the drawing and not
inside it. Where styles or drawings are not allowed the figure is gone and its text twin beside it says the same.
Nothing is told by colour alone: kinds of line differ by pattern, and everything marked is named in words. A card that
holds figures carries `FIGURE_STYLE` once.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import escape

__all__ = ["FIGURE_STYLE", "Line", "Lines", "Moment", "Range", "lines_html", "range_html", "round_top"]

WIDTH, HEIGHT, BAR_HEIGHT = 1000, 200, 40
PATTERNS = 4
DECIMAL = 10
STEPS = (1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10)

FIGURE_STYLE = """<style>
.ws-figure { --ws-ink: var(--jp-content-font-color1, currentColor); --ws-blue: var(--jp-brand-color1, currentColor);
  --ws-green: var(--jp-success-color0, currentColor); --ws-red: var(--jp-error-color1, currentColor);
  --ws-faint: var(--jp-border-color1, currentColor); font-size: 0.85em; line-height: 1.4; margin: 0.5em 0; }
.ws-figure [data-l]::after { content: attr(data-l); }
.ws-figure:not(:has(svg)) { display: none; }
.ws-figure .ws-head { display: flex; flex-wrap: wrap; column-gap: 1.2em; margin-inline-start: 6em; }
.ws-figure .ws-head > :first-child { font-weight: 600; }
.ws-figure .ws-key svg { width: 2.2em; height: 0.7em; margin-inline-end: 0.4em; overflow: visible; }
.ws-figure .ws-body { display: grid; grid-template-columns: 5.5em 1fr; column-gap: 0.5em; }
.ws-figure .ws-up { display: flex; flex-direction: column; justify-content: space-between; text-align: end;
  white-space: nowrap; font-size: 0.9em; }
.ws-figure .ws-plot { height: 6em; border-inline-start: 1px solid var(--ws-faint);
  border-bottom: 1px solid var(--ws-faint); }
.ws-figure .ws-bar { height: 1.8em; border-bottom: 1px solid var(--ws-faint); }
.ws-figure .ws-plot svg, .ws-figure .ws-bar svg { display: block; width: 100%; height: 100%; overflow: visible; }
.ws-figure .ws-along { display: flex; justify-content: space-between; font-size: 0.9em; }
.ws-figure .ws-plain.ws-head { margin-inline-start: 0; }
.ws-figure .ws-body + .ws-along { margin-inline-start: 6em; }
.ws-figure path, .ws-figure line { fill: none; vector-effect: non-scaling-stroke; stroke: var(--ws-ink);
  stroke-width: 1.6; stroke-linejoin: round; }
.ws-figure .ws-c1 { stroke: var(--ws-blue); stroke-dasharray: 6 3; }
.ws-figure .ws-c2 { stroke: var(--ws-green); stroke-dasharray: 1.5 2.5; stroke-width: 2.2; }
.ws-figure .ws-c3 { stroke: var(--ws-ink); stroke-dasharray: 9 3 1.5 3; }
.ws-figure .ws-limit { stroke: var(--ws-red); stroke-width: 1.4; stroke-dasharray: 3 3; }
.ws-figure .ws-step { stroke: var(--ws-ink); stroke-width: 2; }
.ws-figure rect { vector-effect: non-scaling-stroke; stroke: none; fill: var(--ws-ink); }
.ws-figure .ws-part { fill-opacity: 0.5; stroke: var(--ws-ink); stroke-width: 1; }
.ws-figure .ws-part:nth-of-type(even) { fill-opacity: 0.2; }
.ws-figure .ws-spread { fill: var(--ws-blue); fill-opacity: 0.25; stroke: var(--ws-blue); stroke-width: 1; }
.ws-figure .ws-band { fill: var(--ws-red); fill-opacity: 0.14; stroke: var(--ws-red); stroke-width: 0.5; }
@media (forced-colors: active) { .ws-figure path, .ws-figure line { stroke: CanvasText; } }
</style>"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """A quantity made of parts, known from where to where, and what there is to hold it."""

    description: str  # what a screen reader says in the figure's place
    parts: Sequence[float]  # likely figures that add up
    low: float
    high: float
    limit: float | None
    top: float
    labels: Sequence[str]  # in words, beside the drawing
    ends: tuple[str, str]  # under it: where the bar begins and ends


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line; a value that is not there makes a gap."""

    label: str
    points: Sequence[tuple[float, float | None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A place along the figure with a name."""

    label: str
    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines:
    """Lines over one axis, with levels that matter, bands (from, to) and moments."""

    description: str
    title: str
    lines: Sequence[Line]
    first: float
    last: float
    top: float
    top_label: str
    along: Sequence[str]  # labels under the axis, evenly spread
    limits: Sequence[tuple[str, float]] = ()
    bands: Sequence[tuple[float, float]] = ()
    band_label: str = ""
    moments: Sequence[Moment] = ()


def round_top(value: float) -> float:
    """Give a round number at or just above *value* for an axis to end at.

    >>> round_top(87), round_top(0), round_top(1100)
    (100.0, 1.0, 1200.0)
    """
    if not (0 < value < math.inf):
        return 1.0
    unit = float(DECIMAL ** math.floor(math.log10(value)))
    return next((step * unit for step in STEPS if step * unit >= value), value)


def range_html(figure: Range) -> str:
    """Draw a bar of parts with the spread below it and a line where the room ends."""
    at, parts = 0.0, []
    for part in figure.parts:
        left, right = _x(at, 0, figure.top), _x(at + part, 0, figure.top)
        parts.append(f'<rect class="ws-part" x="{left}" y="2" width="{max(1, right - left)}" height="18"/>')
        at += part
    low, high = _x(figure.low, 0, figure.top), _x(figure.high, 0, figure.top)
    spread = f'<rect class="ws-spread" x="{low}" y="24" width="{max(2, high - low)}" height="10"/>'
    limit = "" if figure.limit is None else _upright("ws-limit", _x(figure.limit, 0, figure.top), BAR_HEIGHT)
    return (
        f"{_opening(figure.description)}"
        f'<div class="ws-bar">{_svg(BAR_HEIGHT, "".join([*parts, spread, limit]))}</div>'
        f'<div class="ws-along">{"".join(map(_label, figure.ends))}</div>'
        f'<div class="ws-head ws-plain">{"".join(map(_label, figure.labels))}</div></div>'
    )


def lines_html(figure: Lines) -> str:
    """Draw lines over time or use, with what is marked named above and below them."""
    keys = "".join(_key(f"ws-c{number}", line.label) for number, line in enumerate(figure.lines[:PATTERNS]))
    keys += "".join(_key("ws-limit", label) for label, _ in figure.limits)
    keys += _label(figure.band_label) if figure.bands else ""
    drawing = "".join(_drawing(figure))
    moments = "; ".join(moment.label for moment in figure.moments)
    return (
        f'{_opening(figure.description)}<div class="ws-head">{_label(figure.title)}{keys}</div>'
        f'<div class="ws-body"><div class="ws-up">{_label(figure.top_label)}{_label("0")}</div>'
        f'<div class="ws-plot">{_svg(HEIGHT, drawing)}</div></div>'
        f'<div class="ws-along">{"".join(map(_label, figure.along))}</div>'
        f"{_notes(moments)}</div>"
    )


def _drawing(figure: Lines) -> Iterator[str]:
    first, last = figure.first, figure.last
    for begin, end in figure.bands:
        left, right = _x(begin, first, last), _x(end, first, last)
        yield f'<rect class="ws-band" x="{left}" y="0" width="{max(2, right - left)}" height="{HEIGHT}"/>'
    for _, level in figure.limits:
        y = _y(level, figure.top)
        yield f'<line class="ws-limit" x1="0" y1="{y}" x2="{WIDTH}" y2="{y}"/>'
    for moment in figure.moments:
        yield _upright("ws-step", _x(moment.at, first, last), HEIGHT)
    for number, line in enumerate(figure.lines[:PATTERNS]):
        path = "".join(f"M{_path(piece, figure)}" for piece in _pieces(line.points))
        yield f'<path class="ws-c{number}" d="{path}"/>' if path else ""


def _pieces(points: Iterable[tuple[float, float | None]]) -> Iterator[list[tuple[float, float]]]:
    """Cut a line where it has gaps."""
    piece: list[tuple[float, float]] = []
    for at, value in points:
        if value is not None and math.isfinite(value):
            piece.append((at, value))
        elif piece:
            yield piece
            piece = []
    if piece:
        yield piece


def _path(piece: Sequence[tuple[float, float]], figure: Lines) -> str:
    drawn = [(_x(at, figure.first, figure.last), _y(value, figure.top)) for at, value in piece]
    if len(drawn) == 1:  # a lone point becomes a dash
        drawn.append((drawn[0][0] + 4, drawn[0][1]))
    return " ".join(f"{x} {y}" for x, y in drawn)


def _opening(description: str) -> str:
    return f'<div class="ws-figure" role="img" aria-label="{escape(description)}">'


def _svg(height: int, drawing: str) -> str:
    return f'<svg viewBox="0 0 {WIDTH} {height}" preserveAspectRatio="none" aria-hidden="true">{drawing}</svg>'


def _label(text: str) -> str:
    return f'<span data-l="{escape(text)}"></span>'


def _key(kind: str, text: str) -> str:
    line = f'<svg viewBox="0 0 30 10" aria-hidden="true"><line class="{kind}" x1="0" y1="5" x2="30" y2="5"/></svg>'
    return f'<span class="ws-key">{line}{_label(text)}</span>'


def _upright(kind: str, x: int, height: int) -> str:
    return f'<line class="{kind}" x1="{x}" y1="0" x2="{x}" y2="{height}"/>'


def _notes(text: str) -> str:
    return f'<div class="ws-head">{_label(f"Vertical lines: {text}")}</div>' if text else ""


def _x(at: float, first: float, last: float) -> int:
    return round(WIDTH * min(max((at - first) / (last - first), 0.0), 1.0)) if last > first else 0


def _y(value: float, top: float) -> int:
    return HEIGHT - round(HEIGHT * min(max(value / top, 0.0), 1.0)) if top > 0 else HEIGHT
