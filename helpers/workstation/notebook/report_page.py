"""Write a report as one HTML page and as Markdown, everything in it escaped, with nothing from outside.

The page holds no script and no address of a resource, and forbids both, so that it can be mailed, printed and opened
anywhere. The Markdown is plain enough for any reader: what a learner wrote cannot become a link, a picture or a tag.
"""

import re
from collections.abc import Iterator
from html import escape

from workstation.notebook.figures import FIGURE_STYLE, lines_html
from workstation.notebook.report_model import Block, Figure, Items, Missing, Paragraphs, Report, Section, Table

__all__ = ["html_page", "markdown_page"]

POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
STYLE = """<style>
:root { color-scheme: light dark; }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 60em; margin: 2em auto; padding: 0 1em;
  overflow-wrap: anywhere; }
h1 { line-height: 1.2; } h2 { margin: 1.6em 0 0.4em; line-height: 1.25; }
p, ul { margin: 0.5em 0; }
table { border-collapse: collapse; width: 100%; margin: 0.5em 0; overflow-wrap: break-word; }
caption { text-align: start; font-weight: 600; padding: 0.25em 0; }
th, td { text-align: start; vertical-align: top; padding: 0.35em 1em 0.35em 0;
  border-bottom: 1px solid color-mix(in srgb, currentColor 35%, transparent); }
tbody th { font-weight: 400; min-width: 8em; }
td.short { white-space: nowrap; }
.missing { border-inline-start: 0.25em solid currentColor; padding-inline-start: 0.75em; }
@media print {
  body { max-width: none; margin: 0; font-size: 10pt; } tr, .missing, .ws-figure, table.short { break-inside: avoid; }
  th, td { padding-inline-end: 0.75em; }
  h2, caption, thead, thead tr { break-after: avoid; } thead { display: table-header-group; }
  tbody tr:first-child { break-before: avoid; }
}
</style>"""
MADE = "Made {date} with the course's own tools, from what is in the course folder."
STILL = "Still missing"
SHORT = ' class="short"'
MOST_LETTERS_OF_A_CELL = 16  # a verdict with its sign stays on one line
MOST_LETTERS_OF_A_TABLE = 450  # a handful of lines: on paper it is not cut in two
_SPECIAL = re.compile(r"([\\`*_{}\[\]#|~$!@^])")
_LINE_START = re.compile(r"^(\s*)(\d+)([.)])|^(\s*)([-+=:])")
_ADDRESS = re.compile(r"(?i)(https?|ftp|mailto|javascript|data|file)(:)|(www)(\.)")


def html_page(report: Report) -> str:
    """Return the report as a page of its own."""
    sections = "\n".join(map(_section_html, report.sections))
    made = MADE.format(date=report.made_at[:10])
    return (
        f'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(report.title)}</title>\n{STYLE}\n{FIGURE_STYLE}\n</head>\n<body>\n<main>\n"
        f"<h1>{_html(report.title)}</h1>\n<p>{_html(made)}</p>\n{sections}\n</main>\n</body>\n</html>\n"
    )


def markdown_page(report: Report) -> str:
    """Return the report as Markdown."""
    parts = [f"# {_markdown(report.title)}", _markdown(MADE.format(date=report.made_at[:10]))]
    for section in report.sections:
        parts += [f"## {_markdown(section.title)}", *_blocks_markdown(section)]
    return "\n\n".join(filter(None, parts)) + "\n"


def _section_html(section: Section) -> str:
    blocks = "\n".join(map(_block_html, section.blocks))
    name = f"part-{section.id}"
    return f'<section aria-labelledby="{name}">\n<h2 id="{name}">{_html(section.title)}</h2>\n{blocks}\n</section>'


def _block_html(block: Block) -> str:
    if isinstance(block, Paragraphs):
        return "\n".join(f"<p>{_html(text)}</p>" for text in block.texts if text.strip())
    if isinstance(block, Items):
        return f"<ul>{''.join(f'<li>{_html(text)}</li>' for text in block.texts)}</ul>"
    if isinstance(block, Missing):
        return f'<p class="missing"><strong>{STILL}:</strong> {_html(block.what)} {_html(block.how)}</p>'
    if isinstance(block, Figure):
        return f"{lines_html(block.drawing)}\n<p>{_html(block.drawing.description)}</p>"
    return _table_html(block)


def _table_html(table: Table) -> str:
    head = "".join(f'<th scope="col">{_html(name)}</th>' for name in table.head)
    rows = "".join(
        f'<tr><th scope="row">{_html(name)}</th>{"".join(map(_cell_html, cells))}</tr>\n' for name, *cells in table.rows
    )
    is_short = sum(len(cell) for row in table.rows for cell in row) <= MOST_LETTERS_OF_A_TABLE
    mark = SHORT if is_short else ""
    return (
        f"<table{mark}><caption>{_html(table.caption)}</caption><thead><tr>{head}</tr></thead>\n"
        f"<tbody>{rows}</tbody></table>"
    )


def _blocks_markdown(section: Section) -> Iterator[str]:
    for block in section.blocks:
        if isinstance(block, Paragraphs):
            yield "\n\n".join(_markdown(text) for text in block.texts if text.strip())
        elif isinstance(block, Items):
            yield "\n".join(f"- {_markdown(text)}" for text in block.texts)
        elif isinstance(block, Missing):
            yield f"**{STILL}:** {_markdown(block.what)} {_markdown(block.how)}"
        elif isinstance(block, Figure):
            yield _markdown(block.drawing.description)
        else:
            yield "\n".join(_table_markdown(block))


def _table_markdown(table: Table) -> Iterator[str]:
    yield f"**{_markdown(table.caption)}**"
    yield ""
    yield _row_markdown(table.head)
    yield _row_markdown(["---"] * len(table.head), ready=True)
    for row in table.rows:
        yield _row_markdown(row)


def _row_markdown(cells: tuple[str, ...] | list[str], *, ready: bool = False) -> str:
    return f"| {' | '.join(cells if ready else map(_markdown, cells))} |"


def _cell_html(text: str) -> str:
    """Write a cell; each line of it stands for itself."""
    mark = SHORT if len(text) <= MOST_LETTERS_OF_A_CELL else ""
    return f"<td{mark}>{'<br>'.join(map(_html, text.splitlines()))}</td>"


def _html(text: str) -> str:
    return escape(_shown(text))


def _markdown(text: str) -> str:
    """Write text on one line of Markdown in which nothing of it means anything."""
    line = " ".join(_shown(text).split())
    line = _SPECIAL.sub(r"\\\1", line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"))
    line = _LINE_START.sub(lambda found: f"{found[2]}\\{found[3]}" if found[2] else f"\\{found[5]}", line)
    return _ADDRESS.sub(lambda found: f"{found[1] or found[3]}\\{found[2] or found[4]}", line)


def _shown(text: str) -> str:
    """Replace what cannot be seen: it could turn the text around it."""
    return "".join(letter if letter.isprintable() else " " if letter.isspace() else "\ufffd" for letter in text)
