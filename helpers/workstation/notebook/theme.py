"""Give every card one quiet look that belongs to the page around it, and a plain-text twin.

Colours come from JupyterLab's own variables. Where there are none (another front end, an exported page) a card takes
the ink and the ground it stands on, so it is as readable as the text beside it, in light and in dark. Nothing depends
on the style: stripped of it, as in a notebook that is not trusted yet, a card is plain paragraphs, tables and lists.
"""

import sys
from html import escape
from typing import NamedTuple

from workstation.answers.prose import with_code

# The class is doubled in selectors to outweigh JupyterLab's own rules for tables in an output.
STYLE = """<style>
.ws-card {
  --ws-line: var(--jp-border-color1, color-mix(in srgb, currentColor 35%, transparent));
  --ws-accent: var(--jp-brand-color1, currentColor);
  color: var(--jp-content-font-color1, inherit);
  font-family: var(--jp-content-font-family, inherit);
  font-size: var(--jp-content-font-size1, 1em);
  line-height: 1.5;
  max-width: 60em;
  margin: 0.5em 0;
  padding: 0.25em 1em;
  border: 1px solid var(--ws-line);
  border-inline-start: 0.25em solid var(--ws-accent);
  border-radius: 3px;
  overflow-wrap: anywhere;
}
.ws-card.ws-card p[role="status"] { font-size: 1.1em; font-weight: 600; margin: 0.5em 0; }
.ws-card.ws-card p, .ws-card.ws-card ul, .ws-card.ws-card ol, .ws-card.ws-card details { margin: 0.5em 0; }
.ws-card.ws-card .ws-criteria-list { list-style-type: none; padding: 0; margin: 0; }
.ws-card.ws-card .ws-criteria-list li { padding: 0.5em 0; border-top: 1px solid var(--ws-line); }
.ws-card.ws-card .ws-criteria-list p { margin: 0.2em 0 0.2em 1.5em; }
.ws-card.ws-card .ws-criteria-list p:first-child { text-indent: -1.5em; }
.ws-card.ws-card .ws-symbol { display: inline-block; width: 1.5em; text-indent: 0; font-weight: 700; }
.ws-card.ws-card .ws-met .ws-symbol { color: var(--jp-success-color0, inherit); }
.ws-card.ws-card .ws-not-met .ws-symbol { color: var(--jp-error-color0, inherit); }
.ws-card.ws-card summary { cursor: pointer; font-weight: 600; padding: 0.25em 0; }
.ws-card.ws-card :focus-visible { outline: 2px solid var(--ws-accent); outline-offset: 2px; border-radius: 2px; }
.ws-card.ws-card table { border-collapse: collapse; width: 100%; margin: 0.5em 0; font-size: inherit; }
.ws-card.ws-card table.ws-words { table-layout: auto; overflow-wrap: break-word; }
.ws-card.ws-card table caption { text-align: start; font-weight: 600; padding: 0.25em 0; }
.ws-card.ws-card table th, .ws-card.ws-card table td {
  text-align: start; vertical-align: top; white-space: normal; max-width: none; hyphens: auto;
  padding: 0.35em 1em 0.35em 0; border: 0; border-bottom: 1px solid var(--ws-line); background: none;
}
.ws-card.ws-card table tbody tr, .ws-card.ws-card table tbody tr:hover { background: none; }
.ws-card.ws-card table th { font-weight: 600; }
.ws-card.ws-card table th[scope="row"] { font-weight: 400; }
.ws-card.ws-card table th[scope="rowgroup"] { padding-top: 0.9em; }
@media print { .ws-card { break-inside: avoid; } }
</style>"""


class Fragment(NamedTuple):
    """A piece of a card: ready HTML, and the same in plain text."""

    html: str
    text: str


NOTHING = Fragment("", "")


def card(title: str, body_html: str, status: str = "") -> str:
    """Wrap semantic HTML as a card that opens with one plain sentence, read out politely by a screen reader.

    Args:
        title: names the card for assistive technology; plain text.
        body_html: ready HTML; whatever a learner wrote in it must be escaped already.
        status: the sentence, plain text in which backticks mark code; leave it out where the body opens with its own.
    """
    sentence = f'<p role="status" aria-live="polite">{with_code(status)}</p>\n' if status else ""
    return f'{STYLE}\n<div class="ws-card" role="group" aria-label="{escape(title)}">\n{sentence}{body_html}\n</div>'


def show(html: str, text: str, *, slot: str | None = None, again: bool = False) -> None:
    """Display a card beside its plain-text twin, so that every front end, even a bare Python, has what it can show.

    With *slot*, a name of its own, the card can be replaced later: show another one there *again*.
    """
    from IPython.core.interactiveshell import InteractiveShell
    from IPython.display import display

    if InteractiveShell.initialized():
        bundle = {"text/html": html, "text/plain": text}
        place = {} if slot is None else {"display_id": slot, "update": again}
        display(bundle, raw=True, **place)  # type: ignore[no-untyped-call]  # it has no types
    else:
        sys.stdout.write(f"{text}\n")
