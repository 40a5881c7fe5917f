"""Find out that a cell is an answer although its first line is misspelt or gone, and say how to put it right.

Python would answer such a cell with a SyntaxError. A cell counts as an answer by its first line, by the labels in it,
or, where it is no Python, by what JupyterLab's id of the cell leads to in the saved notebook.
"""

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from pathlib import Path

from workstation.answers.parse import answer_id_of
from workstation.catalog import AnswerForm, load_catalog
from workstation.notebook.boundary import sheltered, show_advice
from workstation.notebook.places import cell_on_file, likeness, nearest_ids

LIKE_ANSWER = 0.7
FEWEST_LABELS = 2
GONE = "This is an answer, but its first line is missing."
MISSPELT = "The first line, {found!r}, is not one that the course knows."
PUT_BACK = (
    "Write `%%answer {wanted}` as the first line of the cell, above your words, and run it again. "
    "Your words are safe: this cell was not run as a program."
)
_LINE = re.compile(r"[ \t]*(%{0,3})[ \t]*(\w+)[ \t:]*(.*)")


def diagnose(lines: Sequence[str], cell_id: str, magics: Mapping[str, Mapping[str, object]]) -> str | None:
    """Name the answer that a cell without a good first line holds; `None` where it is no answer.

    Args:
        lines: the cell.
        cell_id: JupyterLab's, or nothing.
        magics: the names of IPython's own line and cell magics, which are no misspellings.
    """
    folder, text = Path.cwd(), "".join(lines)
    first = next((line for line in lines if line.strip() and not line.lstrip().startswith("#")), "")
    wanted = _wanted(first, magics)
    if wanted is not None:
        return likely_answers(wanted, text, folder=folder)[0]
    if first.lstrip().startswith("%"):
        return None
    alike, own = list(_by_labels(text, folder)), _by_cell(cell_id, folder)
    return own if own in alike or not alike else alike[0]  # the cases of an exercise have the same labels


def likely_answers(wanted: str, text: str, *, folder: Path) -> list[str]:
    """List the answers that have text, the likeliest first: those like *wanted*, then those whose labels *text* has."""
    written = [form.id for form in _forms(folder) if form.has_text]
    near = [name for name in nearest_ids(wanted, load_catalog().tasks, folder=folder) if name in written]
    alike = [name for name in near if likeness(wanted, name)]
    return list(dict.fromkeys([*alike, *_by_labels(text, folder), *near]))


@sheltered(otherwise=None)
def tell(wanted: str, text: str) -> None:
    """Say what is wrong with the first line of an answer cell, and which line belongs there."""
    first = next((line.strip() for line in text.splitlines() if line.strip()), "")
    status = MISSPELT.format(found=first[:60]) if _looks_like_ours(first) else GONE
    show_advice("An answer cell", status, PUT_BACK.format(wanted=wanted))


def _looks_like_ours(line: str) -> bool:
    return _wanted(line, {}) is not None


def _wanted(line: str, magics: Mapping[str, Mapping[str, object]]) -> str | None:
    """Give what follows a misspelt ``%%answer``; `None` where the line is something else."""
    found = _LINE.fullmatch(line.strip())
    if found is None:
        return None
    marks, word, rest = found.groups()
    if SequenceMatcher(None, word.casefold(), "answer").ratio() < LIKE_ANSWER:
        return None
    words = rest.strip("\"'` ").split()
    name = words[0] if words else ""
    if not marks:  # "Answer: ..." is prose; "answer workload" is the line without its marks
        return name if len(words) == 1 and name in {form.id for form in _forms(Path.cwd())} else None
    known = any(word in magics.get(kind, {}) for kind in ("line", "cell")) and word != "answer"
    return None if known else name


def _by_labels(text: str, folder: Path) -> Iterator[str]:
    """Yield the answers of whose labels enough stand at the beginning of lines, the fullest first."""
    starts = [line.partition(":")[0].strip() for line in _outside_strings(text) if ":" in line and line[:1].strip()]
    counts = {form.id: len({field.label for field in form.fields} & set(starts)) for form in _forms(folder)}
    found = [name for name, count in counts.items() if count >= FEWEST_LABELS]
    yield from sorted(found, key=lambda name: -counts[name])


def _outside_strings(text: str) -> list[str]:
    """Leave out lines of a longer string: a cell that simulates a plan holds its labels and is a program."""
    lines = text.splitlines()
    try:
        nodes = list(ast.walk(ast.parse(text)))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return lines
    strings = [node for node in nodes if isinstance(node, ast.Constant | ast.JoinedStr)]
    inside = {number for node in strings for number in range(node.lineno, node.end_lineno or node.lineno)}
    return [line for number, line in enumerate(lines) if number not in inside]


def _by_cell(cell_id: str, folder: Path) -> str | None:
    """Look the cell up in the saved notebook: its grade id, or the first line that it had."""
    cell = cell_on_file(cell_id, folder) if cell_id else None
    if cell is None:
        return None
    metadata, source = cell.get("metadata"), cell.get("source")
    nbgrader = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    grade_id = nbgrader.get("grade_id") if isinstance(nbgrader, dict) else None
    saved = "".join(map(str, source)) if isinstance(source, list) else str(source or "")
    known = {form.id for form in _forms(folder) if form.has_text}
    return next((name for name in (grade_id, answer_id_of(saved)) if name in known), None)


def _forms(folder: Path) -> list[AnswerForm]:
    """List every answer, those of the folder's own exercise first."""
    tasks = sorted(load_catalog().tasks.values(), key=lambda task: task.id != folder.name)
    return [form for task in tasks for form in task.answers]
