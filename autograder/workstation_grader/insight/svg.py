"""Draw bars as small SVG that prints, follows the page's ink and tells its parts apart without colour.

Each kind of part has a pattern of its own: full, slanted lines, dots, or an empty outline. Every drawing has its text
in an ``aria-label``, and a table beside it has the same numbers.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from workstation_grader.insight.model import Bar

__all__ = ["KEY", "PATTERNS", "Column", "bar", "histogram", "key"]

KEY = {"met": "met", "not-met": "not met", "none": "not attempted", "review": "in review"}
_FILLS = {"met": "full", "not-met": "url(#slanted)", "none": "none", "review": "url(#dotted)"}
_WIDTH, _HEIGHT = 200, 14
_PLOT_WIDTH, _PLOT_HEIGHT = 900, 160
_MOST_TICKS = 6

PATTERNS = """<svg class="defs" width="0" height="0" aria-hidden="true" focusable="false"><defs>
<pattern id="slanted" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
<rect width="6" height="6" class="paper"/><rect width="2.6" height="6" class="ink warm"/></pattern>
<pattern id="dotted" width="6" height="6" patternUnits="userSpaceOnUse">
<rect width="6" height="6" class="paper"/><circle cx="3" cy="3" r="1.5" class="ink"/></pattern>
</defs></svg>"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of a histogram: its plain part, and a marked part on top."""

    label: str
    plain: int
    marked: int


def bar(shares: Bar) -> str:
    """Draw a share bar."""
    total = sum(number for _, number in shares.parts)
    drawn, left = [], 0.0
    for kind, number in shares.parts:
        if number and total:
            width = _WIDTH * number / total
            drawn.append(_rect(kind, left, 0.5, width, _HEIGHT - 1))
            left += width
    return (
        f'<svg class="bar" role="img" aria-label="{escape(shares.said)}" viewBox="0 0 {_WIDTH} {_HEIGHT}" '
        f'width="{_WIDTH}" height="{_HEIGHT}">{"".join(drawn)}</svg>'
    )


def _rect(kind: str, left: float, top: float, width: float, height: float) -> str:
    fill = _FILLS[kind]
    look = 'class="part full"' if fill == "full" else f'class="part" fill="{fill}"'
    return f'<rect {look} x="{left:.1f}" y="{top:.1f}" width="{width:.1f}" height="{height:.1f}"/>'


def key(kinds: Sequence[tuple[str, str]]) -> str:
    """Write what the patterns mean: (kind, words)."""
    parts = (
        f'<li><svg aria-hidden="true" viewBox="0 0 24 14" width="24" height="14">{_sample(kind)}</svg> '
        f"{escape(words)}</li>"
        for kind, words in kinds
    )
    return f'<ul class="key">{"".join(parts)}</ul>'


def _sample(kind: str) -> str:
    return '<line class="due" x1="12" y1="0" x2="12" y2="14"/>' if kind == "due" else _rect(kind, 0.5, 0.5, 23, 13)


def histogram(columns: Sequence[Column], *, said: str, due: float | None = None) -> str:
    """Draw columns over time; the marked part, on top, is slanted. *due* is the place of a line, between 0 and 1."""
    top = max(column.plain + column.marked for column in columns)
    width = _PLOT_WIDTH / len(columns)
    drawn = "".join(_column(column, place * width, width, top) for place, column in enumerate(columns))
    axis = f'<line class="axis" x1="0" y1="{_PLOT_HEIGHT}" x2="{_PLOT_WIDTH}" y2="{_PLOT_HEIGHT}"/>'
    x = _PLOT_WIDTH * due if due is not None else 0
    line = "" if due is None else f'<line class="due" x1="{x:.1f}" y1="0" x2="{x:.1f}" y2="{_PLOT_HEIGHT}"/>'
    kinds = [("met", "in time"), ("not-met", "late"), *([] if due is None else [("due", "due")])]
    return (
        f'<figure class="plot"><div class="scale" aria-hidden="true"><span>{top:,}</span><span>0</span></div>'
        f'<svg role="img" aria-label="{escape(said)}" viewBox="0 0 {_PLOT_WIDTH} {_PLOT_HEIGHT}" '
        f'preserveAspectRatio="none">{drawn}{axis}{line}</svg>'
        f'<div class="ticks" aria-hidden="true">{_ticks(columns)}</div>'
        f"<figcaption>{key(kinds)}</figcaption></figure>"
    )


def _column(column: Column, left: float, width: float, top: int) -> str:
    plain, marked = (_PLOT_HEIGHT * number / top for number in (column.plain, column.marked))
    inner = max(1.0, width - 3)
    parts = [("met", _PLOT_HEIGHT - plain, plain), ("not-met", _PLOT_HEIGHT - plain - marked, marked)]
    return "".join(_rect(kind, left + (width - inner) / 2, up, inner, height) for kind, up, height in parts if height)


def _ticks(columns: Sequence[Column]) -> str:
    """Label the first, the last and a few between, where each stands."""
    step = max(1, -(-len(columns) // _MOST_TICKS))
    return "".join(
        f'<span style="left:{100 * (place + 0.5) / len(columns):.1f}%">{escape(column.label)}</span>'
        for place, column in enumerate(columns)
        if place % step == 0
    )
