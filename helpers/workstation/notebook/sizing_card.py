"""Show sizes on a page: what an estimate is made of, whether a model fits, and the bands of a machine.

Parts add up before the reader's eyes: one unit for the whole table, the sum in its last row.
"""

from collections.abc import Sequence
from html import escape

from workstation.notebook.figures import FIGURE_STYLE, Range, range_html
from workstation.notebook.theme import card
from workstation.notebook.worksheet_card import Printer
from workstation.sizing import Estimate, Fit, ResourceBand, Term
from workstation.sizing.model import TIERS, in_words
from workstation.units import GIB, MIB, format_memory

SIGNS = {
    "fits comfortably": "\N{CHECK MARK}",
    "fits with compromises": "\N{BLACK UP-POINTING TRIANGLE}",
    "does not fit": "\N{BALLOT X}",
    "unknown": "?",
}
BANDS_TITLE = "The machine's bands"
BELOW_ENTRY = "below entry"
Row = tuple[str, ...]
# JupyterLab makes all columns equally wide; here the last one holds sentences, the others a word or a figure.
TABLE_STYLE = """<style>
.ws-card.ws-card table.ws-sentences, .ws-card.ws-card table.ws-sizes { table-layout: auto; }
.ws-card.ws-card table.ws-sentences :is(th, td), .ws-card.ws-card table.ws-sizes :is(th, td) {
  overflow-wrap: break-word; }
.ws-card.ws-card table.ws-sentences :is(th, td):last-child { width: 55%; }
.ws-card.ws-card table.ws-sizes td:not(:last-child) { white-space: nowrap; }
.ws-card.ws-card table.ws-sentences td ul { margin: 0; padding-inline-start: 1.2em; }
.ws-card.ws-card table.ws-sentences td p { margin: 0.2em 0 0; }
</style>"""


def estimate_html(estimate: Estimate) -> str:
    """Render an estimate as a card."""
    return card(f"Estimate: {estimate.what}", _estimate_body(estimate, None, ""), _estimate_sentence(estimate))


def estimate_plain(estimate: Estimate, printer: Printer, _cycle: bool = False) -> None:
    """Print an estimate where no card can be shown."""
    printer.text(estimate_text(estimate))


def estimate_text(estimate: Estimate) -> str:
    """Write an estimate as plain text: the sentence, its parts with their sum, what was assumed."""
    rows = ["  ".join(filter(None, row)) for row in _rows(estimate)]
    return "\n".join([_estimate_sentence(estimate), *rows, *(f"- {words}" for words in estimate.assumptions)])


def fit_html(fit: Fit) -> str:
    """Render whether a model fits: the verdict, the part that decides, the smallest change."""
    sign = f'<span class="ws-symbol" aria-hidden="true">{SIGNS[fit.verdict]}</span>'
    facts = "".join(f"<p><strong>{escape(name)}</strong> {escape(words)}</p>\n" for name, words in _fit_facts(fit))
    body = f"<p>{sign}{escape(fit.reason)}</p>\n{facts}{_estimate_body(fit.needs, fit.has_bytes, fit.where)}"
    return card(f"Does it fit? {fit.needs.what}", body, _fit_sentence(fit))


def fit_plain(fit: Fit, printer: Printer, _cycle: bool = False) -> None:
    """Print whether a model fits where no card can be shown."""
    printer.text(fit_text(fit))


def fit_text(fit: Fit) -> str:
    """Write whether a model fits as plain text."""
    facts = [f"{name} {words}" for name, words in _fit_facts(fit)]
    return "\n".join([_fit_sentence(fit), fit.reason, *facts, "", estimate_text(fit.needs)])


def bands_html(bands: Sequence[ResourceBand]) -> str:
    """Render the bands of a machine as one table, with every reason and what is missing."""
    head = "".join(f'<th scope="col">{name}</th>' for name in ("Resource", "Band", "Why, or what is missing"))
    rows = "".join(
        f'<tr><th scope="row">{escape(band.name)}</th><td><strong>{escape(_band_word(band))}</strong>'
        f"{f'<p>{escape(band.means)}</p>' if band.means else ''}</td><td>{_list(_why(band))}</td></tr>\n"
        for band in bands
    )
    table = f'{TABLE_STYLE}\n<table class="ws-sentences"><thead><tr>{head}</tr></thead>\n<tbody>{rows}</tbody></table>'
    return card(BANDS_TITLE, table, bands_sentence(bands))


def bands_text(bands: Sequence[ResourceBand]) -> str:
    """Write the bands of a machine as plain text."""
    lines = [bands_sentence(bands)]
    for band in bands:
        lines.append(f"{band.name}: {_band_word(band)}{f' ({band.means})' if band.means else ''}")
        lines += [f"    {words}" for words in _why(band)]
    return "\n".join(lines)


def bands_plain(bands: Sequence[ResourceBand], printer: Printer, _cycle: bool = False) -> None:
    """Print the bands of a machine where no card can be shown."""
    printer.text(bands_text(bands))


def bands_sentence(bands: Sequence[ResourceBand]) -> str:
    """Say in one sentence which resource is in which band."""
    by_band: dict[str, list[str]] = {}
    for band in bands:
        by_band.setdefault(_band_word(band), []).append(band.name if band.name.isupper() else band.name.lower())
    told = "; ".join(f"{_listed(names)} {'is' if len(names) == 1 else 'are'} {word}" for word, names in by_band.items())
    return f"{_capital(told)}." if told else ""


def _listed(names: Sequence[str]) -> str:
    """Write names as a sentence has them: "A, B and C"."""
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last


def _estimate_sentence(estimate: Estimate) -> str:
    return f"{_capital(estimate.what)}: {in_words(estimate)}."


def _estimate_body(estimate: Estimate, has_bytes: int | None, where: str) -> str:
    figure = f"{FIGURE_STYLE}\n{range_html(_range(estimate, has_bytes, where))}" if estimate.high_bytes else ""
    parts = [figure, _table(estimate), f"<p>How sure: {escape(TIERS[estimate.tier])}.</p>"]
    if estimate.assumptions:
        what = f"<summary>What was assumed ({len(estimate.assumptions)})</summary>"
        parts.append(f"<details>{what}{_list(estimate.assumptions)}</details>")
    return "\n".join(filter(None, parts))


def _range(estimate: Estimate, has_bytes: int | None, where: str) -> Range:
    top = max(estimate.high_bytes, has_bytes or 0) * 1.05
    labels = [f"Upper bar: the parts, likely {format_memory(estimate.likely_bytes)} in all"]
    spread = f"{format_memory(estimate.low_bytes)} to {format_memory(estimate.high_bytes)}"
    labels.append(f"Lower bar: from where to where, {spread}")
    if has_bytes is not None:
        labels.append(f"Dashed line: {where} has {format_memory(has_bytes)}")
    return Range(
        description=". ".join([_estimate_sentence(estimate).rstrip("."), *labels]),
        parts=[term.likely_bytes for term in estimate.terms],
        low=estimate.low_bytes,
        high=estimate.high_bytes,
        limit=has_bytes,
        top=top,
        labels=labels,
        ends=("0", format_memory(round(top))),
    )


def _table(estimate: Estimate) -> str:
    names = ("Part", "Low", "Likely", "High", "Where it comes from")
    head = "".join(f'<th scope="col">{name}</th>' for name in names)
    *parts, total = [_row(row) for row in _rows(estimate)]
    return (
        f'{TABLE_STYLE}\n<table class="ws-sizes">'
        f"<caption>{escape(f'The parts add up (in {_unit(estimate)[0]}, rounded)')}</caption>"
        f"<thead><tr>{head}</tr></thead>\n"
        f"<tbody>{''.join(parts)}</tbody>\n<tfoot>{total}</tfoot></table>"
    )


def _row(row: Row) -> str:
    name, *cells = row
    return f'<tr><th scope="row">{escape(name)}</th>{"".join(f"<td>{escape(cell)}</td>" for cell in cells)}</tr>\n'


def _rows(estimate: Estimate) -> list[Row]:
    """Give each part and the sum, all in one unit, so that the columns can be added up."""
    whole = Term(
        name="In all",
        low_bytes=estimate.low_bytes,
        likely_bytes=estimate.likely_bytes,
        high_bytes=estimate.high_bytes,
        formula="the sum of the parts",
    )
    unit, size, digits = _unit(estimate)
    return [
        (
            term.name,
            *(f"{part / size:,.{digits}f} {unit}" for part in (term.low_bytes, term.likely_bytes, term.high_bytes)),
            term.formula,
        )
        for term in (*estimate.terms, whole)
    ]


def _unit(estimate: Estimate) -> tuple[str, int, int]:
    return ("GiB", GIB, 2) if estimate.likely_bytes >= GIB else ("MiB", MIB, 1)


def _fit_sentence(fit: Fit) -> str:
    word = {"unknown": "Whether it fits cannot be said yet"}.get(fit.verdict, f"It {fit.verdict}")
    return f"{fit.needs.what}: {word[0].lower()}{word[1:]}."


def _fit_facts(fit: Fit) -> list[tuple[str, str]]:
    facts = [("What takes most:", f"{fit.decided_by}.")]
    if fit.change:
        facts.append(("What would turn the answer:", fit.change))
    return [*facts, *(("Still to be found out:", f"{words}.") for words in fit.missing)]


def _band_word(band: ResourceBand) -> str:
    return band.band if band.band == "unknown" or band.reaches_entry else BELOW_ENTRY


def _why(band: ResourceBand) -> list[str]:
    return [*band.reasons, *(f"missing: {words}" for words in band.missing)]


def _list(sentences: Sequence[str]) -> str:
    return f"<ul>{''.join(f'<li>{escape(words)}</li>' for words in sentences)}</ul>" if sentences else ""


def _capital(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"
