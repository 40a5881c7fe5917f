"""Keep a walk through the decision framework in ``evidence/decision.json``, and take none on trust that comes from one.

``workstation.decision/1``: the work in a sentence, each answer with what it cites, and the end where there is one.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_args

from workstation.catalog._walk import EvidenceKind
from workstation.errors import DocumentError, PlanningError
from workstation.inventory._store import write_document
from workstation.notebook.capture import EVIDENCE
from workstation.notebook.on_file import DECISION_FILE, read_json
from workstation.notebook.private import Names, cleaned
from workstation.planning import Evidence, Walk, answer, begin, ending

__all__ = ["SCHEMA", "load_walk_on_file", "save_walk", "set_aside", "to_document"]

SCHEMA = "workstation.decision/1"
MOST_CHARS = 2_000
MOST_ANSWERS = 40
MOST_CITED = 20
KINDS: tuple[EvidenceKind, ...] = get_args(EvidenceKind)
FOREIGN = "it is no decision of this course"


def to_document(walk: Walk, moment: str) -> dict[str, Any]:
    """Return the document of a walk, ready for JSON."""
    end = ending(walk)
    return {
        "schema": SCHEMA,
        "saved_at": moment,
        "workload": walk.workload,
        "answers": [
            {
                "question": each.question,
                "choice": each.choice,
                "evidence": [
                    {"kind": cited.kind, "reference": cited.reference, "says": cited.says} for cited in each.evidence
                ],
            }
            for each in walk.answers
        ],
        "ending": None
        if end is None
        else {
            "decision": end.step.decision,
            "target": end.step.target,
            "means": end.means,
            "waits": end.waits,
            "revisit": end.revisit,
            "path": list(end.path),
        },
    }


def save_walk(walk: Walk, root: Path, names: Names) -> Path:
    """Write a walk to the evidence folder, without private names.

    Raises:
        DocumentError: it cannot be written.
    """
    path = root / EVIDENCE / DECISION_FILE
    moment = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DocumentError(f"Making the folder {EVIDENCE} failed: {error.strerror}.") from None
    document = to_document(walk, moment)
    return write_document({**cleaned(document, names), "saved_at": moment}, path)


def load_walk_on_file(root: Path, *, available: frozenset[EvidenceKind] | None = None) -> Walk | None:
    """Load the walk on file by walking it again; `None` where there is none.

    Raises:
        DocumentError: the file is damaged, foreign, or holds an answer that is none.
    """
    found = read_json(root / EVIDENCE / DECISION_FILE)
    if found is None:
        return None
    if found.get("schema") != SCHEMA:
        raise DocumentError(f"{EVIDENCE}/{DECISION_FILE} cannot be used: {FOREIGN}.")
    try:
        walk = begin(_text(found.get("workload")), available=available)
        for each in _list(found.get("answers"), MOST_ANSWERS):
            walk = _answered(walk, each)
    except (DocumentError, PlanningError) as error:
        raise DocumentError(f"{EVIDENCE}/{DECISION_FILE} cannot be used: {error}") from None
    return walk


def set_aside(root: Path, why: str) -> str:
    """Move the decision on file to a name of its own, and say so.

    Raises:
        DocumentError: it cannot be moved.
    """
    path = root / EVIDENCE / DECISION_FILE
    places = (path.with_name(f"decision-{why}-{number}.json") for number in range(1, 10_000))
    aside = next(place for place in places if not place.exists())
    try:
        path.rename(aside)
    except OSError as error:
        raise DocumentError(f"Moving {path.name} aside failed: {error.strerror}.") from None
    return f"The older one is kept as {EVIDENCE}/{aside.name}."


def _answered(walk: Walk, found: Mapping[str, Any]) -> Walk:
    after = answer(walk, _text(found.get("choice")), *_cited(found))
    if after.answers[-1].question != found.get("question"):
        raise DocumentError(f"the answer to {_text(found.get('question'))[:40]!r} stands in another's place.")
    return after


def _cited(found: Mapping[str, Any]) -> list[Evidence]:
    cited = []
    for each in _list(found.get("evidence"), MOST_CITED):
        kind = next((known for known in KINDS if known == each.get("kind")), None)
        if kind is None:
            raise DocumentError(f"it cites {str(each.get('kind'))[:40]!r}, which is no kind of evidence.")
        cited.append(Evidence(kind=kind, reference=_text(each.get("reference")), says=_text(each.get("says"))))
    return cited


def _list(found: object, most: int) -> list[Mapping[str, Any]]:
    if not isinstance(found, list) or len(found) > most or not all(isinstance(each, dict) for each in found):
        raise DocumentError("a list of answers is missing or is none.")
    return found


def _text(found: object) -> str:
    if not isinstance(found, str) or len(found) > MOST_CHARS:
        raise DocumentError("a text is missing, or is none.")
    return found.encode("utf-16", "surrogatepass").decode("utf-16", "replace")  # halves cannot be written again
