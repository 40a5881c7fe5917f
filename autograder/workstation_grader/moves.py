"""Tell whose score a change of the rubric moved, criterion by criterion; pure but for the file that keeps it.

A submission that was handed in anew is graded anew, and nothing moved: only the same bytes under other versions count.
What moved stays beside the clean copy until the submission or the rubric changes again, so a run that was killed and
started again tells of all.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

__all__ = ["REGRADE_FILE", "Move", "marks_of", "moved_between", "read_marks_of", "read_moves"]

REGRADE_FILE = "regrade.json"
SCHEMA = "workstation.regrade/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """One criterion of one learner that came out otherwise; an outcome of "" is one that the rubric did not have."""

    student: str
    criterion: str
    outcome_before: str
    earned_before: float
    outcome_now: str
    earned_now: float
    rubric_before: str
    rubric_now: str

    def told(self) -> str:
        """Say it in a line, without the learner.

        >>> Move(student="ada", criterion="summary.measured", outcome_before="not met", earned_before=0.0,
        ...      outcome_now="met", earned_now=2.0, rubric_before="1.1", rubric_now="1.2").told()
        'summary.measured: not met (0) under rubric 1.1, met (2) under 1.2'
        """
        before = f"{self.outcome_before} ({self.earned_before:g})" if self.outcome_before else "not in the rubric"
        now = f"{self.outcome_now} ({self.earned_now:g})" if self.outcome_now else "not in the rubric"
        return f"{self.criterion}: {before} under rubric {self.rubric_before}, {now} under {self.rubric_now}"


def read_marks_of(copy: Path) -> Mapping[str, Any] | None:
    """Read what a clean copy says of its grading; `None` where there is none, or it cannot be read."""
    try:
        return marks_of(json.loads(copy.read_bytes()))
    except (OSError, ValueError, RecursionError):
        return None


def marks_of(notebook: Any) -> Mapping[str, Any] | None:
    """Find what a clean copy says of its grading."""
    try:
        marks = notebook["metadata"]["workstation"]
    except (KeyError, TypeError):
        return None
    return marks if isinstance(marks, dict) and isinstance(marks.get("versions"), dict) else None


def moved_between(folder: Path, exercise: str, student: str, fresh: bytes) -> bytes | None:
    """Give the file that keeps what moved between the copy in *folder* and the *fresh* one; `None`: nothing did."""
    try:
        old = json.loads((folder / f"{exercise}.ipynb").read_bytes())
    except (OSError, ValueError, RecursionError):
        return None
    new = json.loads(fresh)
    before, now = marks_of(old), marks_of(new)
    if before is None or now is None or before.get("submission_sha256") != now["submission_sha256"]:
        return None
    if before["versions"] == now["versions"]:
        return _kept(folder / REGRADE_FILE)
    moves = [asdict(move) for move in _moves(student, old, new)]
    return json.dumps({"schema": SCHEMA, "moves": moves}, indent=1).encode() if moves else None


def _kept(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None


def _moves(student: str, old: Any, new: Any) -> Iterator[Move]:
    before, now = _criteria(old), _criteria(new)
    nothing: Mapping[str, Any] = {"outcome": "", "earned": 0.0}
    for criterion in {**now, **before}:
        was, became = before.get(criterion, nothing), now.get(criterion, nothing)
        if (was["outcome"], was["earned"]) != (became["outcome"], became["earned"]):
            yield Move(
                student=student, criterion=criterion,
                outcome_before=was["outcome"], earned_before=was["earned"],
                outcome_now=became["outcome"], earned_now=became["earned"],
                rubric_before=_rubric(old), rubric_now=_rubric(new),
            )  # fmt: skip


def _rubric(notebook: Any) -> str:
    return str(notebook["metadata"]["workstation"]["versions"].get("rubric", "unknown"))


def _criteria(notebook: Any) -> dict[str, Mapping[str, Any]]:
    cells = (cell.get("metadata", {}).get("workstation", {}) for cell in notebook.get("cells", ()))
    return {entry["id"]: entry for own in cells for entry in own.get("criteria", ())}


def read_moves(folder: Path) -> list[Move]:
    """Read what moved when a learner's submission was last graded under another rubric."""
    try:
        return [Move(**fields) for fields in json.loads((folder / REGRADE_FILE).read_bytes())["moves"]]
    except (OSError, ValueError, KeyError, TypeError):
        return []
