"""Draw the catalogue's tables for lessons: a card, and the same in plain text."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from workstation.catalog import Catalog, Family, shown_catalog
from workstation.errors import UnknownTable
from workstation.notebook.boundary import sheltered
from workstation.notebook.places import likeness
from workstation.notebook.theme import Fragment, card, show

Column = tuple[str, Callable[[Any], str]]  # its heading, and what it takes from an entry


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """How a table is drawn: its title, its caption (with the number of rows), its columns and its rows."""

    title: str
    caption: str
    columns: tuple[Column, ...]
    rows: Callable[[Catalog], Iterable[Any]]


def _name(entry: Any) -> str:
    return str(entry.name)


# The first column names its row.
TABLES: Mapping[str, Drawn] = {
    "families": Drawn(
        title="Workload families",
        caption="The {count} workload families and their bottlenecks",
        columns=(
            ("Workload family", _name),
            ("Primary bottleneck", lambda entry: entry.primary_text),
            ("Secondary bottleneck", lambda entry: entry.secondary_text),
            ("Local fit", lambda entry: entry.local_fit),
        ),
        rows=lambda catalog: catalog.families.values(),
    ),
    "constraints": Drawn(
        title="Constraints",
        caption="The {count} constraints that can be measured",
        columns=(
            ("Constraint", _name),
            ("What it controls", lambda entry: entry.controls),
            ("Healthy question", lambda entry: entry.healthy_question),
            ("Common symptom when there is too little", lambda entry: entry.symptom_when_undersized),
        ),
        rows=lambda catalog: (entry for entry in catalog.constraints.values() if entry.has_instrument),
    ),
    "archetypes": Drawn(
        title="Archetypes",
        caption="The {count} archetypes of a home set-up",
        columns=(
            ("Archetype", _name),
            ("Best for", lambda entry: entry.best_for),
            ("Strengths", lambda entry: entry.strengths),
            ("Limits", lambda entry: entry.limits),
        ),
        rows=lambda catalog: catalog.archetypes.values(),
    ),
    "decisions": Drawn(
        title="Decisions",
        caption="The {count} ways forward",
        columns=(
            ("Decision", _name),
            ("Choose it when", lambda entry: entry.choose_when),
            ("Avoid it when", lambda entry: entry.avoid_when),
            ("Main risk", lambda entry: entry.risk),
        ),
        rows=lambda catalog: catalog.decisions.values(),
    ),
    "bands": Drawn(
        title="Bands",
        caption="What the bands mean for each of {count} resources",
        columns=(
            ("Resource", _name),
            ("Entry", lambda entry: entry.entry),
            ("Comfortable", lambda entry: entry.comfortable),
            ("Heavy", lambda entry: entry.heavy),
        ),
        rows=lambda catalog: catalog.bands.values(),
    ),
    "symptoms": Drawn(
        title="Symptoms",
        caption="The {count} symptoms and what to try first",
        columns=(
            ("Symptom", _name),
            ("Likely constraint", lambda entry: entry.constraint_text),
            ("First fix to try", lambda entry: "; ".join(entry.first_fixes)),
        ),
        rows=lambda catalog: catalog.symptoms.values(),
    ),
    "mistakes": Drawn(
        title="Mistakes",
        caption="The {count} common mistakes",
        columns=(
            ("Mistake", _name),
            ("What goes wrong", lambda entry: entry.harm),
            ("Better move", lambda entry: entry.better_move),
        ),
        rows=lambda catalog: catalog.mistakes.values(),
    ),
    "metrics": Drawn(
        title="Weekly metrics",
        caption="The {count} metrics that a rule can name and a week can log",
        columns=(
            ("In a rule", lambda entry: entry.id),
            ("What it is", _name),
            ("Unit", lambda entry: entry.unit),
            ("Figure of the week", lambda entry: entry.week),
        ),
        rows=lambda catalog: catalog.metrics.values(),
    ),
}


@sheltered(otherwise=None)
def table(name: str = "") -> None:
    """Show one of the catalogue's tables by its name, such as "constraints" or "archetypes".

    The others are decisions, bands, symptoms, mistakes, metrics and families.
    """
    _show(_drawn(str(name)))


@sheltered(otherwise=None)
def families() -> None:
    """Show the workload table: each family, what gives way first and next, and how well it does at home."""
    _show(TABLES["families"])


def family_rows(entries: Sequence[Family], caption: str) -> Fragment:
    """Make a table of some families, with *caption* as its name."""
    return rows_of(TABLES["families"].columns, entries, caption)


def rows_of(columns: Sequence[Column], entries: Sequence[Any], caption: str) -> Fragment:
    """Make a table with a row for each of *entries*, the first column as the row's name, and its text twin."""
    head = "".join(f'<th scope="col">{escape(heading)}</th>' for heading, _ in columns)
    rows = "".join(_row_html(columns, entry) for entry in entries)
    html = (
        f"<table><caption>{escape(caption)}</caption>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}</tbody></table>"
    )
    return Fragment(html, "\n".join([f"{caption}:", *(_row_text(columns, entry) for entry in entries)]))


def _show(drawn: Drawn) -> None:
    entries = list(drawn.rows(shown_catalog()))
    found = rows_of(drawn.columns, entries, drawn.caption.format(count=len(entries)))
    show(card(drawn.title, found.html), found.text)


def _drawn(name: str) -> Drawn:
    if name not in TABLES:
        raise UnknownTable(name, known=sorted(TABLES, key=lambda known: -likeness(name, known)))
    return TABLES[name]


def _row_html(columns: Sequence[Column], entry: Any) -> str:
    (_, name), *others = columns
    cells = "".join(f"<td>{escape(take(entry))}</td>" for _, take in others)
    return f'<tr><th scope="row">{escape(name(entry))}</th>{cells}</tr>\n'


def _row_text(columns: Sequence[Column], entry: Any) -> str:
    (_, name), *others = columns
    return "\n".join([name(entry), *(f"    {heading.lower()}: {take(entry)}" for heading, take in others)])
