"""Read an answer's text: the body of its cell, and the labelled fields in it.

Pure text in, plain data out. Learners change labels, mark them bold, put them in another order, paste tables and
program output: all of that is read, nothing raises.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from workstation.catalog import AnswerForm, Exercise

__all__ = [
    "MAX_BODY_CHARS",
    "PARAGRAPH",
    "answer_id_of",
    "clip",
    "is_blank",
    "is_declined",
    "one_edit_apart",
    "parse_fields",
    "strip_magic",
    "unlabelled",
]

MAX_BODY_CHARS = 50_000
PARAGRAPH = "text"  # the one field of an answer without labels

_MAGIC = re.compile(r"^[ \t\ufeff]*%%answer\b[ \t]*(.*)$", re.MULTILINE)
_SOLUTION_MARK = re.compile(r"^[ \t]*#+[ \t]*(?:BEGIN|END) SOLUTION[ \t]*$\n?", re.MULTILINE)
_COMMENT = re.compile(r"^\s*#.*$")

_LABEL_MAX_CHARS = 80
_BULLET = re.compile(r"^\s*(?:(?:[-*+•>]|\d{1,2}[.)]|#{1,6})\s+)*")
_TAG = re.compile(r"</?[a-zA-Z][^<>\n]{0,80}>")
_MARKUP = re.compile(r"[*_`~#|]+")
_NOT_WORD = re.compile(r"[\W_]+")
_COLON = re.compile("[:\uff1a\ufe55]")  # the full-width ones too
_LOOSE_SEPARATOR = re.compile(r"\s(?:-|–|—|=|=>|->)\s")  # noqa: RUF001 - the dashes that people type
_SENTENCE_START = r"(?:^|(?<=[.;,|!?])\s+|\s{2,}|\s[-–—]\s)"  # noqa: RUF001 - likewise

_UNFILLED = frozenset({"todo", "tbd", "tba", "fixme", "n a", "na", "xxx", "fill in", "your answer here", "write here"})
_DECLINED = frozenset({"n a", "na"})
_UNFILLED_LEAD = re.compile(r"\s*(?:todo|tbd|fixme)\b(.*)", re.IGNORECASE | re.DOTALL)
_UNFILLED_LEAD_MAX_WORDS = 5
_NEAR_LABEL_MIN_CHARS = 5  # a wrong letter in a shorter label is too often another word
_NEAR_LABEL_CHARS_A_SLIP = 4  # so many letters of a label for each wrong one
_MOST_SLIPS = 3
_UNKNOWN_LABEL = re.compile(r"^[^\W\d_][^:\uff1a\n]{3,40}[:\uff1a]")  # "Nachweis: ...", not the "Mem:" of a tool


class _Line(NamedTuple):
    label: str  # a field id
    value: str


def clip(body: str) -> tuple[str, bool]:
    """Cut *body* to what is read; the flag says whether something was left off."""
    return body[:MAX_BODY_CHARS], len(body) > MAX_BODY_CHARS


def answer_id_of(source: str) -> str | None:
    r"""Find the answer id on a cell's first ``%%answer`` line; `None` where there is no such line.

    >>> answer_id_of("# my notes\n%%answer workload\nRAG"), answer_id_of("RAG")
    ('workload', None)
    """
    match = _MAGIC.search(source)
    if match is None:
        return None
    words = match[1].split()
    return words[0].strip("\"'`") if words else None


def strip_magic(source: str) -> str:
    r"""Give a cell's text without its ``%%answer`` line, comments above that line and nbgrader's solution marks.

    Text that stands above the line is kept: a learner may have typed there.

    >>> strip_magic("# a comment\n%%answer workload\nRAG over recipes")
    'RAG over recipes'
    """
    source = _SOLUTION_MARK.sub("", source.replace("\r\n", "\n").replace("\r", "\n"))
    match = _MAGIC.search(source)
    if match is None:
        return source.strip("\n")
    above = [line for line in source[: match.start()].split("\n") if line.strip() and not _COMMENT.match(line)]
    below = _MAGIC.sub("", source[match.end() :])
    return "\n".join([*above, below.strip("\n")]).strip("\n")


def parse_fields(body: str, form: AnswerForm) -> dict[str, str]:
    """Read an answer's fields by id; a blank one is ``""``, and a paragraph has the one field `PARAGRAPH`.

    The last filled value of a repeated field counts. A line that only looks like a label is text of its field.
    """
    body = clip(body)[0]
    if not form.fields:
        return {PARAGRAPH: body.strip()}
    values = dict.fromkeys((field.id for field in form.fields), "")
    labels = _labels(form)
    for field_id, value in _sections(body, labels):
        if not is_blank(value) or not values[field_id]:
            values[field_id] = value
    return _fill_from_inside(values, labels) if any(values.values()) else _by_position(body, values)


def unlabelled(body: str, form: AnswerForm) -> str:
    r"""Give the text that stands outside every label: above the first one, or behind a label that is not the form's.

    It explains to a learner why a field is blank; nothing of it is judged.

    >>> from workstation.catalog import load_catalog
    >>> form = load_catalog().exercises["constraint-summary"].answers[-1]
    >>> unlabelled("Workload: RAG\nNachweis: 14 of 15 GiB", form)
    'Nachweis: 14 of 15 GiB'
    """
    labels, found, labelled = _labels(form), [], False
    for line in clip(body)[0].split("\n"):
        bare = _clean([_BULLET.sub("", line, count=1)])
        known = _labelled(line, labels) is not None
        labelled = labelled or known
        if bare and not known and (not labelled or _UNKNOWN_LABEL.match(bare)):
            found.append(bare)
    return "\n".join(found)


def is_blank(text: str, exercise: Exercise | None = None) -> bool:
    """Tell whether *text* says nothing: empty, dots, "TODO", or the template's own words.

    >>> is_blank(" ... "), is_blank("**TODO**"), is_blank("RAM")
    (True, True, False)
    """
    words = _fold(text)
    if not words or words in _UNFILLED:
        return True
    if exercise is not None and words in _folded(exercise.placeholders):
        return True
    lead = _UNFILLED_LEAD.match(_MARKUP.sub("", text))
    return lead is not None and len(_fold(lead[1]).split()) <= _UNFILLED_LEAD_MAX_WORDS


def is_declined(text: str) -> bool:
    """Tell "n/a", which says "none" where something else is answered beside it, from other blanks.

    >>> is_declined("N/A"), is_declined("..."), is_declined("none")
    (True, False, False)
    """
    return _fold(text) in _DECLINED


@lru_cache
def _folded(placeholders: tuple[str, ...]) -> frozenset[str]:
    return frozenset(map(_fold, placeholders))


def _fold(text: str) -> str:
    """Reduce to lower-case words: what two spellings of a label share."""
    return _NOT_WORD.sub(" ", unicodedata.normalize("NFKC", text).casefold()).strip()


def _labels(form: AnswerForm) -> dict[str, str]:
    return {_fold(name): field.id for field in form.fields for name in (field.label, *field.aliases)}


def _sections(body: str, labels: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Cut the body at its labels; lines above the first label belong to no field."""
    current, lines = None, []
    for line in body.split("\n"):
        found = _labelled(line, labels)
        if found is None:
            lines.append(line)
            continue
        if current is not None:
            yield current, _clean(lines)
        current, lines = found.label, [found.value]
    if current is not None:
        yield current, _clean(lines)


def _labelled(line: str, labels: dict[str, str]) -> _Line | None:
    bare = _BULLET.sub("", line, count=1)
    colon = _COLON.search(bare[:_LABEL_MAX_CHARS])
    if colon is not None:
        return _line(bare[: colon.start()], bare[colon.end() :], labels, near=True)
    loose = _LOOSE_SEPARATOR.search(bare[:_LABEL_MAX_CHARS])
    if loose is not None:
        return _line(bare[: loose.start()], bare[loose.end() :], labels)
    if line.lstrip().startswith("|"):
        label, _, value = line.strip().strip("|").partition("|")
        return _line(label, value.rstrip("| "), labels)
    if line.lstrip().startswith(("#", "**", "__", "<")):  # a heading or a bold line on its own
        return _line(bare, "", labels)
    return None


def _line(label: str, value: str, labels: dict[str, str], *, near: bool = False) -> _Line | None:
    name = _fold(_TAG.sub(" ", label))
    field_id = labels.get(name) or (_nearly(name, labels) if near else None)
    return None if field_id is None else _Line(field_id, value)


def _nearly(name: str, labels: dict[str, str]) -> str | None:
    """Forgive a wrong letter in a label, and more of them in a long one; the nearest label is meant."""
    slips = {label: _slips(name, label) for label in labels if name[:1] == label[:1]}
    near = {
        label: count
        for label, count in slips.items()
        if len(label) >= _NEAR_LABEL_MIN_CHARS and count <= min(_MOST_SLIPS, len(label) // _NEAR_LABEL_CHARS_A_SLIP)
    }
    return labels[min(near, key=lambda label: near[label])] if near else None


def _slips(left: str, right: str) -> int:
    """Count the insertions, deletions, changes and swaps of neighbours from *left* to *right*."""
    before, row = list[int](), list(range(len(right) + 1))
    for i, a in enumerate(left, start=1):
        now = [i]
        for j, b in enumerate(right, start=1):
            cost = min(row[j] + 1, now[j - 1] + 1, row[j - 1] + (a != b))
            swapped = i > 1 and j > 1 and (a, b) == (right[j - 2], left[i - 2])
            now.append(min(cost, before[j - 2] + 1) if swapped else cost)
        before, row = row, now
    return row[-1]


def one_edit_apart(left: str, right: str) -> bool:
    """Tell whether one insertion, deletion, change or swap of neighbours turns *left* into *right*.

    >>> one_edit_apart("portabilty", "portability"), one_edit_apart("agianst", "against"), one_edit_apart("ram", "rag")
    (True, True, True)
    """
    if abs(len(left) - len(right)) > 1:
        return False
    start = next((i for i, (a, b) in enumerate(zip(left, right, strict=False)) if a != b), min(len(left), len(right)))
    a, b = left[start:], right[start:]
    if len(a) == len(b):
        return a[1:] == b[1:] or (a[:2] == b[:2][::-1] and a[2:] == b[2:])
    longer, shorter = (a, b) if len(a) > len(b) else (b, a)
    return longer[1:] == shorter


def _clean(lines: Iterable[str]) -> str:
    text = "\n".join(lines).strip()
    text = re.sub(r"^(?:\s|[*_`]{1,3}(?=\s|$)|</[a-zA-Z]+>)+", "", text)  # what closes a bold label
    return re.sub(r"^(\*\*|__|\*|_|`)(.*)\1$", r"\2", text, flags=re.DOTALL).strip()


def _fill_from_inside(values: dict[str, str], labels: dict[str, str]) -> dict[str, str]:
    """Look for a field without a line of its own inside the others: "Archetype: hybrid. Because: I travel"."""
    missing = {name: field_id for name, field_id in labels.items() if not values[field_id]}
    if not missing:
        return values
    names = "|".join(r"[\W_]+".join(map(re.escape, name.split())) for name in sorted(missing, key=len, reverse=True))
    inside = re.compile(rf"{_SENTENCE_START}[*_]*({names})[*_]*\s*[:\uff1a]\s*", re.IGNORECASE)
    for field_id, value in list(values.items()):
        cuts = list(inside.finditer(value))
        for place, cut in enumerate(cuts):
            end = cuts[place + 1].start() if place + 1 < len(cuts) else len(value)
            values[missing[_fold(cut[1])]] = _clean([value[cut.end() : end]])
        if cuts:
            values[field_id] = value[: cuts[0].start()].strip()
    return values


def _by_position(body: str, values: dict[str, str]) -> dict[str, str]:
    """Take unlabelled lines in the template's order where there are as many as fields."""
    lines = [line.strip() for line in body.split("\n") if line.strip()]
    if len(lines) != len(values) or any(_COLON.search(line[:_LABEL_MAX_CHARS]) for line in lines):
        return values
    return dict(zip(values, (_clean([_BULLET.sub("", line, count=1)]) for line in lines), strict=True))
