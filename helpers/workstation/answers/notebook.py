"""Find a learner's answers in a notebook file, however battered it is.

The file is read as JSON and never validated, rendered or run: an output of 50 MB costs one pass of the JSON reader.
What is odd becomes a `Problem`; only what is no notebook at all raises.
"""

import codecs
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from workstation.answers.model import Problem
from workstation.answers.parse import MAX_BODY_CHARS, answer_id_of, is_blank, parse_fields, strip_magic
from workstation.catalog import AnswerForm, Exercise
from workstation.errors import NotebookError

__all__ = ["PROBLEMS", "Extracted", "NotebookRead", "extract_answers", "read_notebook"]

Cell = Mapping[str, object]

# code: what to say; `{id}` is the answer, `{detail}` what was found.
PROBLEMS: Mapping[str, str] = {
    "not-utf8": "The notebook file is not UTF-8 ({detail}); it was read as well as it could be.",
    "notebook-format": "The notebook says that it is of format {detail}, not 4; its cells were read as format 4.",
    "kernel-changed": "The notebook is set to another language than Python ({detail}); nothing of it is run anyway.",
    "cells-skipped": "{detail} of the notebook's cells are no cells and were left out.",
    "answer-missing": "The answer {id!r} has no cell in this notebook.",
    "answer-repeated": "The answer {id!r} has {detail} cells; the last filled one counts.",
    "answer-retyped": "The cell of answer {id!r} was changed to a {detail} cell; its text was read all the same.",
    "answer-id-lost": "The cell of answer {id!r} lost its id; it was found by its %%answer line.",
    "answer-too-long": "The answer {id!r} has {detail} characters; the first " + f"{MAX_BODY_CHARS:,} were read.",
}

MAX_VALUES = 2_000_000  # each takes up to 100 bytes when read
_PARTS = (b"[", b"{", b",")
_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+(?:"|\Z)', re.DOTALL)  # an open one ends with the file: never read twice
_SHORT = 40
_BOMS = (  # UTF-32 first: its little-endian mark begins like that of UTF-16
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NotebookRead:
    """A notebook's cells as plain dictionaries, and what was odd about the file."""

    cells: tuple[dict[str, object], ...]
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Extracted:
    """Answer bodies by answer id, without the magic line; a missing one is ``""``."""

    answers: dict[str, str]
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    source: str
    kind: str  # "code", "markdown", "raw" or whatever stands there
    by_magic: bool


def problem(code: str, *, answer: str = "", detail: object = "") -> Problem:
    """Word a problem of `PROBLEMS`."""
    return Problem(code=code, message=PROBLEMS[code].format(id=answer, detail=detail))


def read_notebook(raw: bytes) -> NotebookRead:
    """Read a notebook file's bytes.

    Raises:
        NotebookError: it is not JSON, is nested absurdly deep, or has no list of cells.
    """
    _refuse_floods(raw)
    text, problems = _decode(raw)
    document = _parse(text)
    cells = _cells(document)
    problems.extend(_head_oddities(document))
    kept = tuple(cell for cell in cells if isinstance(cell, dict))
    if len(kept) < len(cells):
        problems.append(problem("cells-skipped", detail=len(cells) - len(kept)))
    return NotebookRead(cells=kept, problems=tuple(problems))


def extract_answers(cells: Sequence[Cell], exercise: Exercise) -> Extracted:
    """Find every written answer of *exercise* by its cell's ``grade_id``, else by its ``%%answer`` line."""
    answers: dict[str, str] = {}
    problems: list[Problem] = []
    for form in exercise.answers:
        if form.has_text:
            answers[form.id], odd = _answer(cells, form, exercise)
            problems.extend(odd)
    return Extracted(answers=answers, problems=tuple(problems))


def _refuse_floods(raw: bytes) -> None:
    """Refuse a file whose values would take many times its size in memory: a hundred megabytes of ``[],[],[]``.

    Raises:
        NotebookError: there are more values in it than any notebook has.
    """
    if sum(map(raw.count, _PARTS)) <= MAX_VALUES:
        return
    bare = _STRING.sub(b"", raw)
    if (found := sum(map(bare.count, _PARTS))) > MAX_VALUES:
        raise NotebookError(
            f"The notebook file holds {found:,} values; a notebook has far fewer than {MAX_VALUES:,}. "
            "Clear its outputs, save it, and submit it again."
        )


def _head_oddities(document: object) -> Iterator[Problem]:
    """Name a format and a language that are not the exercise's: what they say is never acted on."""
    if not isinstance(document, dict):
        return
    nbformat = document.get("nbformat", 4)
    if nbformat != 4:  # noqa: PLR2004 - the format's number
        yield problem("notebook-format", detail=_short(nbformat))
    metadata = document.get("metadata")
    if not isinstance(metadata, dict):
        return
    heads = (("language_info", "name"), ("kernelspec", "language"))
    for section, key in heads:
        told = metadata.get(section)
        language = told.get(key) if isinstance(told, dict) else None
        if language is not None and str(language)[:_SHORT].casefold() != "python":
            yield problem("kernel-changed", detail=_short(language))
            return


def _short(value: object) -> str:
    """Quote a value of somebody's file: one line, bounded, nothing unseen."""
    plain = isinstance(value, float | str) or (isinstance(value, int) and value.bit_length() < _SHORT)
    return ascii(value)[:_SHORT] if plain else "something odd"


def _decode(raw: bytes) -> tuple[str, list[Problem]]:
    for mark, encoding in _BOMS:
        if raw.startswith(mark):
            return raw.decode(encoding, errors="replace"), [problem("not-utf8", detail=encoding)]
    try:
        return raw.decode("utf-8-sig"), []
    except UnicodeDecodeError as error:
        found = f"a byte {raw[error.start]:#04x} at place {error.start}"
        return raw.decode("utf-8-sig", errors="replace"), [problem("not-utf8", detail=found)]


def _parse(text: str) -> object:
    if not text.strip("\0 \t\r\n"):
        raise NotebookError("The notebook file is empty. Save the notebook in JupyterLab and submit it again.")
    try:
        return json.loads(text)
    except RecursionError:
        raise NotebookError("The notebook file is nested too deep to be a notebook. Submit the saved one.") from None
    except ValueError as error:
        raise NotebookError(
            f"The notebook file is not JSON ({error}). It may be damaged or cut off; save it again and submit that."
        ) from None


def _cells(document: object) -> list[object]:
    cells = document.get("cells") if isinstance(document, dict) else None
    if not isinstance(cells, list):
        raise NotebookError(
            'The file is JSON but no notebook: it has no list called "cells". Submit the .ipynb file of the exercise.'
        )
    return cells


def _answer(cells: Sequence[Cell], form: AnswerForm, exercise: Exercise) -> tuple[str, list[Problem]]:
    by_id = list(_by_grade_id(cells, form.id))
    chosen = _last_filled(by_id, form, exercise)
    if chosen is None:
        by_magic = list(_by_magic(cells, form.id))
        chosen = _last_filled(by_magic, form, exercise)
        candidates = by_magic if chosen else by_id or by_magic
    else:
        candidates = by_id
    if not candidates:
        return "", [problem("answer-missing", answer=form.id)]
    found = chosen or candidates[-1]
    return strip_magic(found.source), list(_oddities(found, candidates, form))


def _oddities(found: _Found, candidates: Sequence[_Found], form: AnswerForm) -> Iterator[Problem]:
    if found.by_magic:
        yield problem("answer-id-lost", answer=form.id)
    if len(candidates) > 1:
        yield problem("answer-repeated", answer=form.id, detail=len(candidates))
    if found.kind != "code":
        yield problem("answer-retyped", answer=form.id, detail=found.kind)
    if len(found.source) > MAX_BODY_CHARS:
        yield problem("answer-too-long", answer=form.id, detail=f"{len(found.source):,}")


def _last_filled(candidates: Sequence[_Found], form: AnswerForm, exercise: Exercise) -> _Found | None:
    for found in reversed(candidates):
        body = strip_magic(found.source[: 2 * MAX_BODY_CHARS])
        if not all(is_blank(value, exercise) for value in parse_fields(body, form).values()):
            return found
    return None


def _by_grade_id(cells: Sequence[Cell], answer_id: str) -> Iterator[_Found]:
    for cell in cells:
        if _grade_id(cell) == answer_id:
            yield _Found(source=_source(cell), kind=_kind(cell), by_magic=False)


def _by_magic(cells: Sequence[Cell], answer_id: str) -> Iterator[_Found]:
    for cell in cells:
        source = _source(cell)
        if "%%answer" in source and _grade_id(cell) is None and answer_id_of(source) == answer_id:
            yield _Found(source=source, kind=_kind(cell), by_magic=True)


def _grade_id(cell: Cell) -> str | None:
    metadata = cell.get("metadata")
    nbgrader = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    grade_id = nbgrader.get("grade_id") if isinstance(nbgrader, dict) else None
    return grade_id if isinstance(grade_id, str) else None


def _kind(cell: Cell) -> str:
    kind = cell.get("cell_type")
    return kind if kind in {"code", "markdown", "raw"} else "nameless"


def _source(cell: Cell) -> str:
    source = cell.get("source")
    if isinstance(source, list):
        source = "".join(part for part in source if isinstance(part, str))
    return _without_surrogates(source) if isinstance(source, str) else ""


def _without_surrogates(text: str) -> str:
    """Replace half characters, which JSON can spell and no file can hold."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
