"""Score answers that come as JSON lines, one learner a line: for other platforms, and for measuring the judges."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from typing import Any

from workstation.answers.draws import settled
from workstation.answers.evidence import evidence_from_documents
from workstation.answers.score import score
from workstation.errors import WorkstationError

MAX_LINE_CHARACTERS = 20_000_000


def score_lines(lines: Iterable[str], exercise: str) -> Iterator[dict[str, Any]]:
    """Score each line; a line that cannot be read gives its own error line and stops nothing."""
    for number, line in enumerate(lines, start=1):
        if line.strip():
            yield score_line(line, exercise, number)


def score_line(line: str, exercise: str, number: int) -> dict[str, Any]:
    """Score one ``{"id", "answers", "inventory", "draw", ...}`` line; give its criteria, or an ``error``."""
    try:
        entry = _entry(line)
    except (ValueError, RecursionError) as error:
        return {"id": None, "line": number, "error": f"Line {number} could not be read: {error}"}
    answers = {key: text for key, text in entry["answers"].items() if isinstance(text, str)}
    try:
        evidence = evidence_from_documents(inventory=entry.get("inventory"), draw=entry.get("draw"))
        evidence = settled(evidence, exercise, None)
        criteria = score(exercise, answers, evidence)
    except WorkstationError as error:
        return {"id": entry.get("id"), "line": number, "error": str(error)}
    return {
        "id": entry.get("id"),
        "criteria": [asdict(criterion) for criterion in criteria],
        "problems": [asdict(problem) for problem in evidence.problems],
    }


def _entry(line: str) -> Mapping[str, Any]:
    if len(line) > MAX_LINE_CHARACTERS:
        raise ValueError(f"it has {len(line):,} characters, the limit is {MAX_LINE_CHARACTERS:,}")
    entry = json.loads(line)
    if not isinstance(entry, dict) or not isinstance(entry.get("answers"), dict):
        raise ValueError('it needs an object with "id" and "answers"')  # noqa: TRY004 - one kind of error a line
    return entry
