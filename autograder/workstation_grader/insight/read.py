"""Read a cohort: the gradebook in a few statements, then each graded copy and its evidence as plain data.

Nothing of a learner's is run. A copy or an evidence file that cannot be read is noted, and stops nothing.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select

from workstation.answers.evidence import INVENTORY_FILE, load_evidence
from workstation.answers.model import Criterion, Problem
from workstation.answers.parse import is_blank, parse_fields, strip_magic
from workstation.answers.prediction_store import PREDICTIONS_FILE
from workstation.answers.predictions import Prediction, parse_log
from workstation.answers.wording import own_words, wording_of
from workstation.catalog import load_catalog
from workstation_grader.course import Course
from workstation_grader.gradebook import ASSIGNMENT, SUBMISSION, SUBMITTED_NOTEBOOK, open_engine, transaction
from workstation_grader.insight.confusion import named_in
from workstation_grader.insight.machines import machine_of
from workstation_grader.insight.model import Cohort, Entry
from workstation_grader.marks import Marks, read_marks
from workstation_grader.master import grade_id_of, is_grade, is_solution, source_of
from workstation_grader.submission import (
    EVIDENCE_ENDINGS,
    MAX_EVIDENCE_BYTES,
    MAX_EVIDENCE_FILES,
    MAX_NOTEBOOK_BYTES,
    read_bytes,
)

__all__ = ["Handed", "read_cohort", "read_entries"]

PARALLEL_FROM = 400  # below this, starting worker processes costs more than it saves
_CHUNK = 100
_WHOLE_HEADER_BYTES = 20_000  # the first line of a recording
_RECORDING = ".recording.jsonl"
_SUM = re.compile(r"sha256:[0-9a-f]{64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Handed:
    """What the gradebook knows of one submission besides its marks."""

    student: str
    submission: str
    handed_in: datetime | None
    due: datetime | None


def read_cohort(course: Course, exercise: str, *, jobs: int = -1) -> Cohort:
    """Read all submissions of *exercise* that are in the gradebook, by learner."""
    marks = read_marks(course.db_url, exercise)
    work = [(handed, marks.get(handed.student, Marks())) for handed in _handed(course.db_url, exercise)]
    chunks = [work[first : first + _CHUNK] for first in range(0, len(work), _CHUNK)]
    found = (
        _in_parallel(chunks, course.autograded, exercise, jobs) if len(work) >= PARALLEL_FROM and jobs != 1 else None
    )
    if found is None:
        found = [read_entries(chunk, course.autograded, exercise) for chunk in chunks]
    return Cohort(exercise=exercise, entries=tuple(entry for chunk in found for entry in chunk))


def _in_parallel(chunks: Sequence[Any], autograded: Path, exercise: str, jobs: int) -> list[list[Entry]] | None:
    """Read in processes of their own where joblib is installed; it only saves time here."""
    try:
        from joblib import Parallel, delayed
    except ImportError:
        return None
    read: list[list[Entry]] = Parallel(n_jobs=jobs)(
        delayed(read_entries)(each, autograded, exercise) for each in chunks
    )
    return read


def _handed(db_url: str, exercise: str) -> list[Handed]:
    joined = SUBMISSION.join(ASSIGNMENT, SUBMISSION.c.assignment_id == ASSIGNMENT.c.id).join(
        SUBMITTED_NOTEBOOK, SUBMITTED_NOTEBOOK.c.assignment_id == SUBMISSION.c.id
    )
    asked = select(
        SUBMISSION.c.student_id, SUBMISSION.c.timestamp, SUBMISSION.c.extension, ASSIGNMENT.c.duedate,
        SUBMITTED_NOTEBOOK.c.id,
    ).select_from(joined)  # fmt: skip
    engine = open_engine(db_url)
    try:
        with transaction(engine) as connection:
            rows = connection.execute(asked.where(ASSIGNMENT.c.name == exercise).order_by(SUBMISSION.c.student_id))
            return [
                Handed(
                    student=row.student_id,
                    submission=row.id,
                    handed_in=row.timestamp,
                    due=row.duedate + row.extension if row.duedate and row.extension else row.duedate,
                )
                for row in rows
            ]
    finally:
        engine.dispose()


def read_entries(work: Sequence[tuple[Handed, Marks]], autograded: Path, exercise: str) -> list[Entry]:
    """Read the graded copies of some submissions; never raises over what is in them."""
    return [_entry(handed, marks, autograded / handed.student / exercise, exercise) for handed, marks in work]


def _entry(handed: Handed, marks: Marks, folder: Path, exercise: str) -> Entry:
    common: dict[str, Any] = {
        "student": handed.student,
        "submission": handed.submission,
        "handed_in": handed.handed_in,
        "due": handed.due,
        "waiting": frozenset(name for name, mark in marks.cells.items() if mark.needs_review),
        "pending": {name: mark.max_score - mark.score for name, mark in marks.cells.items() if mark.needs_review},
    }
    raw = read_bytes(folder / f"{exercise}.ipynb", limit_bytes=MAX_NOTEBOOK_BYTES)
    if isinstance(raw, Problem):
        return Entry(**common, copy=False, damage=raw.code, readable=False)
    try:
        told = _told(json.loads(raw), exercise)
    except (ValueError, RecursionError, KeyError, TypeError, AttributeError):
        return Entry(**common, copy=False, damage="copy-damaged", readable=False)
    return Entry(**common, **told, **_evidence(folder / "evidence"))


def _told(notebook: Mapping[str, Any], exercise: str) -> dict[str, Any]:
    """Take from a graded copy what it says; a copy that is not ours raises, and counts as damaged."""
    own, cells = notebook["metadata"]["workstation"], notebook["cells"]
    answers = {grade_id_of(cell): strip_magic(source_of(cell)) for cell in cells if is_solution(cell)}
    fields = dict(_fields(answers, exercise))
    wording = wording_of(exercise)
    return {
        "readable": bool(own["readable"]),
        "criteria": tuple(
            Criterion(**each)
            for cell in cells
            if is_grade(cell)
            for each in cell["metadata"].get("workstation", {}).get("criteria", ())
        ),
        "fields": fields,
        "own": tuple(filter(None, (own_words(text, wording) for text in fields.values()))),
        **named_in(exercise, fields),
        "cases": {answer: str(case["id"]) for answer, case in own.get("cases", {}).items()},
        "problems": tuple(str(problem["code"]) for problem in own["problems"]),
    }


def _fields(answers: Mapping[str, str], exercise: str) -> Iterator[tuple[tuple[str, str], str]]:
    """Cut answers into the fields that say something."""
    form = load_catalog().exercises[exercise]
    for answer in form.answers:
        for name, text in parse_fields(answers.get(answer.id, ""), answer).items():
            if not is_blank(text, form):
                yield (answer.id, name), text


def _evidence(folder: Path) -> dict[str, Any]:
    digests: dict[str, str] = {}
    predictions: tuple[Prediction, ...] = ()
    unread = []
    for name in _names(folder):
        content = read_bytes(folder / name, limit_bytes=MAX_EVIDENCE_BYTES)
        if isinstance(content, Problem):
            unread.append(name)
            continue
        if content.strip():
            digests[name] = _whole_digest(name, content) or f"sha256:{hashlib.sha256(content).hexdigest()}"
        if name == PREDICTIONS_FILE:
            log = parse_log(content.decode("utf-8", errors="replace"))
            predictions = tuple(log.counted.values())
            unread += [name] if log.unread else []
    inventory = load_evidence(folder).inventory if INVENTORY_FILE in digests else None
    unread += [INVENTORY_FILE] if INVENTORY_FILE in digests and inventory is None else []
    machine = None if inventory is None else machine_of(inventory)
    return {"digests": digests, "predictions": predictions, "machine": machine, "unread": tuple(unread)}


def _names(folder: Path) -> list[str]:
    if folder.is_symlink() or not folder.is_dir():
        return []
    return sorted(path.name for path in folder.iterdir() if path.name.endswith(EVIDENCE_ENDINGS))[:MAX_EVIDENCE_FILES]


def _whole_digest(name: str, content: bytes) -> str | None:
    """Give the digest of the whole recording where this is a thinned copy: two thinnings of one are the same run."""
    if not name.endswith(_RECORDING):
        return None
    try:
        header = json.loads(content[:_WHOLE_HEADER_BYTES].partition(b"\n")[0])
    except (ValueError, RecursionError):
        return None
    whole = header.get("thinned_from") if isinstance(header, dict) else None
    return whole if isinstance(whole, str) and _SUM.fullmatch(whole) else None
