"""Ask a learner once for their id in the course, and keep it in the working copy."""

import json
from collections.abc import Callable

from workstation.cli._files import write_atomically
from workstation.cli._submission import require_id
from workstation.cli._workspace import WorkingCopy
from workstation.errors import SubmissionError
from workstation.ids import is_student_id

__all__ = ["ask", "remember", "remembered"]

SCHEMA = "workstation.learner/1"
MAX_BYTES = 4096
TRIES = 3
QUESTION = "Your id in the course, as your class writes it (empty if you have none): "
_FILE = "learner.json"


def remembered(copy: WorkingCopy) -> str | None:
    """Return the id that was given before; none where there is none, or the file that kept it is damaged."""
    try:
        with (copy.own / _FILE).open("rb") as file:
            document = json.loads(file.read(MAX_BYTES))
    except (OSError, ValueError, RecursionError):
        return None
    kept = document.get("id") if isinstance(document, dict) and document.get("schema") == SCHEMA else None
    return kept if isinstance(kept, str) and is_student_id(kept) else None


def remember(copy: WorkingCopy, learner: str) -> None:
    """Keep an id for the next time; a folder that is no working copy is left alone."""
    if copy.is_ours and remembered(copy) != learner:
        content = json.dumps({"schema": SCHEMA, "id": learner}, indent=1).encode()
        write_atomically(copy.own / _FILE, content, scratch=copy.own)


def ask(read: Callable[[str], str], tell: Callable[[str], object]) -> str | None:
    """Ask on the terminal until there is an id, or the learner has none.

    Raises:
        SubmissionError: what was typed was no id, several times.
    """
    for _ in range(TRIES):
        try:
            typed = read(QUESTION).strip()
        except EOFError:
            return None
        if not typed:
            return None
        try:
            require_id(typed)
        except SubmissionError as problem:
            tell(str(problem))
        else:
            return typed
    raise SubmissionError(f"That was no id {TRIES} times, so nothing was packed. Look yours up, then: --as ID.")
