"""What a report is made of, apart from how it looks: sections of paragraphs, lists, tables and figures.

Texts are plain; whoever renders them escapes them. What came from a learner or a file is in paragraphs, items, cells
and captions, and goes through `without_private` once; titles, headings and advice are ours.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from workstation.notebook.figures import Lines
from workstation.notebook.private import Names, cleaned

__all__ = ["Block", "Figure", "Items", "Missing", "Paragraphs", "Report", "Section", "Table", "without_private"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Paragraphs:
    """Plain text, a paragraph each."""

    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Items:
    """A list."""

    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table; the first cell of a row names it."""

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A drawing, whose description is its twin wherever nothing can be drawn."""

    drawing: Lines


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """A part that is not there: what, and how to get it."""

    what: str
    how: str


Block = Paragraphs | Items | Table | Figure | Missing


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One heading of the report with what stands below it."""

    id: str
    title: str
    blocks: tuple[Block, ...]

    @property
    def missing(self) -> tuple[Missing, ...]:
        """The parts that are not there."""
        return tuple(block for block in self.blocks if isinstance(block, Missing))

    @property
    def is_empty(self) -> bool:
        """Whether nothing but missing parts stands here."""
        return len(self.missing) == len(self.blocks)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The whole page."""

    title: str
    made_at: str  # ISO 8601, UTC
    sections: tuple[Section, ...]


def without_private(report: Report, names: Names) -> Report:
    """Return the report without host and user names, home folders, addresses and serial numbers."""
    told = {
        f"{place}.{number}": _texts(block)
        for place, section in enumerate(report.sections)
        for number, block in enumerate(section.blocks)
    }
    clean = cleaned(told, names)
    sections = [
        replace(
            section,
            blocks=tuple(_with(block, clean[f"{place}.{number}"]) for number, block in enumerate(section.blocks)),
        )
        for place, section in enumerate(report.sections)
    ]
    return replace(report, sections=tuple(sections))


def _texts(block: Block) -> Sequence[object]:
    if isinstance(block, Paragraphs | Items):
        return list(block.texts)
    return [block.caption, [list(row) for row in block.rows]] if isinstance(block, Table) else []


def _with(block: Block, clean: Sequence[object]) -> Block:
    if isinstance(block, Paragraphs | Items):
        return replace(block, texts=tuple(map(str, clean)))
    if isinstance(block, Table):
        caption, rows = clean
        return replace(block, caption=str(caption), rows=tuple(tuple(map(str, row)) for row in _rows(rows)))
    return block


def _rows(found: object) -> Sequence[Sequence[object]]:
    return found if isinstance(found, list) else ()
