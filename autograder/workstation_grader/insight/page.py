"""Render the page: sections, tables and drawings as one HTML file that loads nothing and needs no script.

Everything that a learner can choose (ids, words, file names, questions) is escaped, freed of what cannot be seen, and
kept from turning the line around.
"""

from collections.abc import Iterable, Sequence
from html import escape

from workstation.catalog import load_catalog
from workstation_grader.insight.model import Bar, Cell, Section, Table
from workstation_grader.insight.svg import KEY, PATTERNS, bar, key
from workstation_grader.insight.words import count, shown

__all__ = ["MOST_ROWS", "insight_page"]

MOST_ROWS = 60  # of a table on the page; the CSV file has all
_FORMGRADER = "/formgrader/"

_STYLE = """
:root { color-scheme: light dark; --ink: #1f2328; --paper: #fff; --quiet: #57606a; --line: #d0d7de; --soft: #f6f8fa;
  --full: #2f5d8a; --warm: #8a3d0f; --link: #0550ae; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --paper: #0d1117; --quiet: #9da7b1; --line: #30363d; --soft: #161b22;
  --full: #79b0e3; --warm: #f0a875; --link: #6cb6ff; } }
* { box-sizing: border-box; }
body { font: 16px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 72rem; padding: 1.5rem 1rem 4rem; color: var(--ink); background: var(--paper); }
h1 { font-size: 1.7rem; line-height: 1.25; margin: 0 0 .5rem; } h2 { font-size: 1.25rem; margin: 0 0 .4rem; }
section { margin-top: 2.6rem; } p { max-width: 46rem; margin: .3rem 0; } a { color: var(--link); }
nav ul, .key { list-style: none; padding: 0; display: flex; flex-wrap: wrap; gap: .2rem 1.2rem; margin: .6rem 0; }
.key { font-size: .85rem; color: var(--quiet); } .key svg { vertical-align: -2px; }
.private { border-left: 4px solid var(--warm); background: var(--soft); padding: .6rem .8rem; margin: 1rem 0; }
.notes { color: var(--quiet); font-size: .9rem; }
.wide { overflow-x: auto; margin: .8rem 0; }
table { border-collapse: collapse; min-width: min(100%, 30rem); font-size: .92rem; }
caption { text-align: start; font-weight: 600; padding: .3rem 0; }
th, td { text-align: start; vertical-align: top; padding: .3rem 1.1rem .3rem 0; border-bottom: 1px solid var(--line); overflow-wrap: break-word; }
thead th { color: var(--quiet); font-weight: 600; vertical-align: bottom; }
tbody th { font-weight: 400; }
td.n, th.n { text-align: end; font-variant-numeric: tabular-nums; }
td.words { min-width: 16rem; }
code { font-size: .85em; overflow-wrap: anywhere; } td code { display: block; min-width: 9rem; }
svg.defs { position: absolute; } svg.bar { display: block; }
.paper { fill: var(--paper); } .ink { fill: var(--ink); } .warm { fill: var(--warm); }
.part { stroke: var(--ink); stroke-width: 1; vector-effect: non-scaling-stroke; } .full { fill: var(--full); }
.due { stroke: var(--ink); stroke-width: 2; stroke-dasharray: 5 4; vector-effect: non-scaling-stroke; }
.axis { stroke: var(--quiet); vector-effect: non-scaling-stroke; }
.plot { display: grid; grid-template-columns: 3rem 1fr; gap: 0 .5rem; margin: 1rem 0; }
.plot > svg { width: 100%; height: 10rem; overflow: visible; }
.scale { display: flex; flex-direction: column; justify-content: space-between; text-align: end; font-size: .8rem; color: var(--quiet); }
.ticks { grid-column: 2; position: relative; height: 1.4rem; font-size: .78rem; color: var(--quiet); }
.ticks span { position: absolute; transform: translateX(-50%); white-space: nowrap; } .ticks span:first-child { transform: none; left: 0 !important; }
figcaption { grid-column: 2; }
a:focus-visible, .wide:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
@media print { :root { color-scheme: light; --ink: #000; --paper: #fff; --quiet: #333; --line: #999; --soft: #fff; --full: #444; --warm: #000; --link: #000; }
  body { max-width: none; padding: 0; font-size: 10pt; } nav { display: none; } .wide { overflow: visible; }
  section { break-inside: auto; } h2, caption { break-after: avoid; } tr, .plot { break-inside: avoid; } thead { display: table-header-group; }
  td.words { min-width: 0; } svg.bar { width: 120px; } @page { size: A4 landscape; margin: 12mm; } }
@media (forced-colors: active) { .full, .ink, .warm { fill: CanvasText; } .paper { fill: Canvas; } .part, .due { stroke: CanvasText; } }
"""  # noqa: E501 - one rule a line reads best
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


def insight_page(
    exercise: str,
    sections: Sequence[Section],
    *,
    learners: int,
    made_at: str,
    hidden: bool = False,
    formgrader: str = "",
) -> str:
    """Render the page.

    Args:
        exercise: its id.
        sections: what to show, in order.
        learners: how many submissions it rests on.
        made_at: when, in words.
        hidden: the learners' ids were replaced by pseudonyms.
        formgrader: the address of the JupyterLab that serves Formgrader, for links; without one its paths are shown.
    """
    name = escape(load_catalog().exercises[exercise].name)
    body = "\n".join(_section(section, formgrader) for section in sections)
    links = "".join(f'<li><a href="#{section.id}">{escape(section.title)}</a></li>' for section in sections)
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}"><meta name="referrer" content="no-referrer">'
        f"<title>Insight: {name}</title><style>{_STYLE}</style></head><body>{PATTERNS}<main>"
        f"<h1>{name}: what the cohort did</h1>"
        f"<p>Exercise {escape(exercise)}, {count(learners, 'submission')}, {escape(made_at)}.</p>"
        f"{_private(hidden=hidden)}"
        f'<nav aria-label="On this page"><ul>{links}</ul></nav>{key(list(KEY.items()))}\n'
        f"{body}\n</main></body></html>\n"
    )


def _private(*, hidden: bool) -> str:
    if hidden:
        return (
            '<p class="private"><strong>Learners stand here under pseudonyms.</strong> What they wrote is '
            "quoted as it is and may still tell who they are. "
            "The same learner has the same pseudonym in every run of this course.</p>"
        )
    return (
        '<p class="private"><strong>This page and the files beside it hold personal data:</strong> names, words and '
        "suspicions. Keep them where the grades are, and pass nothing on that was not made with "
        "<code>--anonymous</code>.</p>"
    )


def _section(section: Section, formgrader: str) -> str:
    lead = "".join(f"<p>{escape(shown(line))}</p>" for line in section.lead)
    notes = "".join(f'<p class="notes">{escape(line)}</p>' for line in section.notes)
    tables = "".join(_table(table, formgrader) for table in section.tables)
    return (
        f'<section id="{section.id}"><h2>{escape(section.title)}</h2>{lead}{section.drawing}{tables}{notes}</section>'
    )


def _table(table: Table, formgrader: str) -> str:
    if not table.rows:
        return ""
    numeric = [_is_numeric(row[place] for row in table.rows) for place in range(len(table.columns))]
    head = "".join(
        f'<th scope="col"{_class(right=right)}>{escape(name)}</th>'
        for name, right in zip(table.columns, numeric, strict=True)
    )
    rows = "".join(_row(table, row, numeric, formgrader) for row in table.rows[:MOST_ROWS])
    left = len(table.rows) - MOST_ROWS
    more = f"<p>{count(left, 'more row')} in {table.name}.csv.</p>" if left > 0 else ""
    caption = escape(table.caption)
    return (
        f'<div class="wide" role="region" aria-label="{caption}" tabindex="0"><table><caption>{caption}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>{more}"
    )


def _is_numeric(cells: Iterable[Cell]) -> bool:
    found = [cell for cell in cells if cell not in {None, ""} and not isinstance(cell, Bar)]
    return bool(found) and all(
        isinstance(cell, int | float) or cell.replace(".", "", 1).removesuffix(" %").isdecimal() for cell in found
    )


def _class(*, right: bool = False, words: bool = False) -> str:
    return ' class="n"' if right else ' class="words"' if words else ""


def _row(table: Table, row: Sequence[Cell], numeric: Sequence[bool], formgrader: str) -> str:
    look = _class(right=numeric[0], words=table.columns[0] in table.words)
    first = f'<th scope="row"{look}>{_cell(row[0], formgrader)}</th>'
    rest = (
        f"<td{_class(right=right, words=name in table.words)}>{_cell(cell, formgrader)}</td>"
        for cell, name, right in zip(row[1:], table.columns[1:], numeric[1:], strict=True)
    )
    return f"<tr>{first}{''.join(rest)}</tr>\n"


def _cell(cell: Cell, formgrader: str) -> str:
    if isinstance(cell, Bar):
        return bar(cell)
    if isinstance(cell, int | float):
        return f"{cell:,}"
    text = escape(shown(cell or ""))
    if text.startswith(_FORMGRADER):
        key = text.strip("/").rpartition("/")[2]
        where = f'<a href="{escape(formgrader.rstrip("/"))}{text}">{key}</a>' if formgrader else key
        return f"<code>{where}</code>"
    return f"<bdi>{text}</bdi>" if text else ""
