"""Show the platform worksheet and what it decides about a part: cards, each with its plain-text twin."""

from collections.abc import Iterator
from html import escape
from itertools import groupby
from typing import NamedTuple, Protocol

from workstation.catalog._platform import load_platform_rules
from workstation.inventory import Platform, UpgradeCheck
from workstation.notebook.theme import card, show

TITLE = "The platform worksheet"
_SYMBOLS = {"met": "\N{CHECK MARK}", "failed": "\N{BALLOT X}", "unknown": "?", "advice": "\N{BULLET}"}
_OUTCOMES = {"met": "fits", "failed": "does not fit", "unknown": "not known", "advice": "good to know"}


class Line(NamedTuple):
    """One line of the worksheet: its section, its name, what it asks, the answer, who gave it or where to look."""

    section: str
    name: str
    label: str
    answer: str
    known: str


class Printer(Protocol):
    """The part of IPython's pretty printer that we use."""

    def text(self, obj: str) -> None:
        """Print text as it is."""


def lines(platform: Platform) -> Iterator[Line]:
    """Yield every line of the worksheet, answered or not."""
    for item in load_platform_rules().items.values():
        value, told = getattr(platform, item.id), platform.provenance.get(item.id)
        if value is None:
            none = "nothing noted" if item.kind == "text" else "not known yet"
            yield Line(item.section, item.id, item.label, none, f"to find out: {item.where_to_look}")
        else:
            yield Line(item.section, item.id, item.label, typed(platform, item.id), told.source if told else "")


def typed(platform: Platform, item_id: str) -> str:
    """Write an answer as one would type it; what is unknown is empty."""
    value = getattr(platform, item_id)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)


def show_worksheet(platform: Platform, status: str, *, slot: str | None = None, again: bool = False) -> None:
    """Show the whole worksheet as a table, opened by *status*."""
    show(worksheet_html(platform, status), worksheet_text(platform, status), slot=slot, again=again)


def worksheet_html(platform: Platform, status: str) -> str:
    """Render the worksheet as a card with one table."""
    bodies = "".join(
        f'<tbody><tr><th scope="rowgroup" colspan="3">{escape(section)}</th></tr>{"".join(map(_row, rows))}</tbody>'
        for section, rows in groupby(lines(platform), key=lambda line: line.section)
    )
    head = "".join(f'<th scope="col">{name}</th>' for name in ("Asked", "Answer", "How it is known, or where to look"))
    return card(TITLE, f"<table><thead><tr>{head}</tr></thead>{bodies}</table>", status)


def worksheet_text(platform: Platform, status: str) -> str:
    """Write the worksheet as plain text."""
    out = [status]
    for section, rows in groupby(lines(platform), key=lambda line: line.section):
        out += ["", section, *(f"  {row.name}: {row.answer} ({row.label}; {row.known})" for row in rows)]
    return "\n".join(out)


def upgrade_html(check: UpgradeCheck) -> str:
    """Render a verdict with every reason, in words and signs."""
    reasons = "".join(
        f'<li><p><span class="ws-symbol" aria-hidden="true">{_SYMBOLS[reason.outcome]}</span>'
        f"<strong>{escape(_OUTCOMES[reason.outcome])}</strong>: {escape(reason.sentence)}</p>"
        f"{_find_out(reason.how_to_find_out)}</li>"
        for reason in check.reasons
    )
    return card(f"Upgrade: {check.name}", f'<ul class="ws-criteria-list">{reasons}</ul>', check.sentence)


def upgrade_text(check: UpgradeCheck) -> str:
    """Write a verdict with every reason as plain text."""
    out = [check.sentence]
    for reason in check.reasons:
        out.append(f"- {_OUTCOMES[reason.outcome]}: {reason.sentence}")
        if reason.how_to_find_out:
            out.append(f"  to find out: {reason.how_to_find_out}")
    return "\n".join(out)


def upgrade_plain(check: UpgradeCheck, printer: Printer, _cycle: bool = False) -> None:
    """Print a verdict where no card can be shown."""
    printer.text(upgrade_text(check))


def _row(line: Line) -> str:
    asked = f'<th scope="row">{escape(line.label)} <code>{line.name}</code></th>'
    return f"<tr>{asked}<td>{escape(line.answer)}</td><td>{escape(line.known)}</td></tr>"


def _find_out(how: str) -> str:
    return f"<p>To find out: {escape(how)}.</p>" if how else ""
