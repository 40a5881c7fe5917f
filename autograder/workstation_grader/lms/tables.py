"""Read a table that somebody made with a spreadsheet or a learning platform: any encoding, any separator, any mess."""

import csv
import io
import re
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from workstation.errors import CohortError

__all__ = [
    "Table",
    "as_text",
    "column_of",
    "decode",
    "parse_table",
    "platform_words",
    "read_table",
    "safe_cell",
    "tidy",
]

MAX_TABLE_BYTES = 20_000_000
MAX_ROWS = 100_000
MAX_COLUMNS = 2_000  # Canvas' gradebook has one an assignment
MAX_CELL_CHARACTERS = 128  # nbgrader's student table takes no more
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_SEPARATORS = ",;\t"
_AS_TEXT = re.compile(r'^="(.*)"$', re.DOTALL)  # how a spreadsheet is told to leave 00123 alone
_FORMULA_STARTS = ("=", "+", "-", "@", "＝", "＋", "－", "＠")  # noqa: RUF001 - spreadsheets read the full-width ones too
_NO_WORD = re.compile(r"[\W_]+")


@dataclass(frozen=True, kw_only=True)
class Table:
    """The rows of a table as cells of text; each row is as long as the header."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    separator: str = ","
    notes: tuple[str, ...] = ()


@cache
def platform_words() -> Mapping[str, Any]:
    """Read what columns are called, and by whom."""
    return tomllib.loads(files("workstation_grader.lms").joinpath("lms.toml").read_text(encoding="utf-8"))


def read_table(path: Path) -> Table:
    """Read a CSV file.

    Raises:
        CohortError: it is not there, far too large, or holds no table.
    """
    try:
        with path.open("rb") as file:
            content = file.read(MAX_TABLE_BYTES + 1)
    except OSError as error:
        raise CohortError(f"{path} could not be read ({error.strerror}). Name a CSV file.") from error
    if len(content) > MAX_TABLE_BYTES:
        raise CohortError(
            f"{path} is over {MAX_TABLE_BYTES // 1_000_000} MB: that is no list of people. Nothing was read."
        )
    text, notes = decode(content)
    try:
        return parse_table(text, notes)
    except (csv.Error, ValueError) as error:
        raise CohortError(
            f"{path} could not be read as CSV ({error}). Save it as CSV again; nothing was read."
        ) from error


def decode(content: bytes) -> tuple[str, tuple[str, ...]]:
    r"""Turn bytes into text: UTF-8 with or without its mark, UTF-16 with its mark, else Windows' western code page.

    >>> decode("Müller".encode("cp1252"))[0], decode(b"\xef\xbb\xbfid")[0]
    ('Müller', 'id')
    """
    if content.startswith(_UTF16):
        return content.decode("utf-16", "replace"), ()
    try:
        return content.decode("utf-8-sig"), ()
    except UnicodeDecodeError:
        note = "it is not UTF-8 and was read as Windows-1252: look at names with accents, or save it as UTF-8 CSV"
        return content.decode("cp1252", "replace"), (note,)


def parse_table(text: str, notes: Sequence[str] = ()) -> Table:
    """Parse CSV text; the separator is the one that the header has most of.

    Raises:
        ValueError: there is no header, or there are far too many rows or columns.
    """
    separator, text = _separator(text.replace("\0", ""))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    rows: list[tuple[str, ...]] = []
    for row in reader:
        if not any(cell.strip() for cell in row):
            continue
        if len(rows) > MAX_ROWS or len(row) > MAX_COLUMNS:
            raise ValueError(f"over {MAX_ROWS} rows or {MAX_COLUMNS} columns")
        rows.append(tuple(row))
    if not rows:
        raise ValueError("it is empty")
    header = tuple(cell.strip() for cell in rows[0])
    width = len(header)
    found = list(notes)
    if any(len(row) > width and any(cell.strip() for cell in row[width:]) for row in rows[1:]):
        found.append("some rows have more cells than the header; what stands beyond it was left out")
    body = tuple((*row[:width], *[""] * (width - len(row))) for row in rows[1:])
    return Table(header=header, rows=body, separator=separator, notes=tuple(found))


def _separator(text: str) -> tuple[str, str]:
    """Find the separator: Excel's own first line says it, else the header's most frequent one."""
    first, _, rest = text.partition("\n")
    told = re.fullmatch(r'"?sep=(.)"?\s*', first)
    if told and told[1] in _SEPARATORS:
        return told[1], rest
    header = next((line for line in text.splitlines() if line.strip()), "")
    return max(_SEPARATORS, key=header.count), text


def tidy(cell: str) -> str:
    r"""Clean one cell: no spreadsheet wrapping, no control or direction characters, no stray space.

    >>> tidy(' ="00123" '), tidy("'00123"), tidy("Ada\u202e  L")
    ('00123', '00123', 'Ada L')
    """
    text = cell.strip()
    wrapped = _AS_TEXT.match(text)
    text = wrapped[1] if wrapped else text.removeprefix("'")
    kept = "".join(" " if char.isspace() else char for char in text if char.isspace() or not _is_hidden(char))
    return " ".join(kept.split())[:MAX_CELL_CHARACTERS].strip()


def _is_hidden(char: str) -> bool:
    return unicodedata.category(char) in {"Cc", "Cf", "Cs", "Co", "Cn"}


def column_of(header: Sequence[str], names: Iterable[str], *, taken: Iterable[int] = ()) -> int | None:
    """Find the first column that carries one of *names*, in the order of the names."""
    plain = [_plain(cell) for cell in header]
    used = set(taken)
    for name in names:
        wanted = _plain(name)
        for place, found in enumerate(plain):
            if found == wanted and place not in used:
                return place
    return None


def _plain(name: str) -> str:
    return _NO_WORD.sub("", name.casefold())


def as_text(cells: Iterable[str]) -> str:
    """Show a header's columns in a sentence, not all of them where there are many."""
    shown = [repr(tidy(cell)) for cell in cells if cell.strip()]
    limit = 12
    return ", ".join(shown[:limit]) + (f" and {len(shown) - limit} more" if len(shown) > limit else "") or "none"


def safe_cell(value: object) -> object:
    """Keep a spreadsheet from reading somebody's text as a formula.

    >>> safe_cell("=1+1"), safe_cell(2.5)
    ("'=1+1", 2.5)
    """
    is_formula = isinstance(value, str) and value.lstrip().startswith(_FORMULA_STARTS)
    return f"'{value}" if is_formula or (isinstance(value, str) and value.startswith(("\t", "\r"))) else value
