"""Gather what a learner kept, for pages that show it: answers, choices, predictions; only where it was asked for."""

from pathlib import Path

from workstation.answers.calibration import shown
from workstation.answers.prediction_store import PREDICTIONS_FILE, SELF_CHECKS_FILE, load
from workstation.catalog import load_catalog
from workstation.errors import DocumentError
from workstation.notebook.capture import EVIDENCE
from workstation.notebook.page_twins import Mine
from workstation.notebook.saved_work import filled_fields, saved_work

__all__ = ["gather_mine"]


def gather_mine(root: Path) -> Mine:
    """Read what the working copy at *root* holds of the learner's own.

    Raises:
        DocumentError: there is no such folder.
        PredictionError: a file of predictions or self-checks is no plain file.
    """
    if not root.is_dir():
        raise DocumentError(f"There is no folder {root.name!r} to read from. Name your working copy with --dir.")
    names = {entry.id: entry.name for entry in load_catalog().constraints.values()}
    written: dict[str, str] = {}
    for task in load_catalog().tasks.values():
        answers = saved_work(root, task).answers
        forms = [form for form in task.answers if filled_fields(answers.get(form.id, ""), form, task)]
        written |= {form.id: answers[form.id] for form in forms}
    predicted = load(root / EVIDENCE / PREDICTIONS_FILE).latest
    chosen = load(root / EVIDENCE / SELF_CHECKS_FILE).latest
    return Mine(
        written=written,
        chosen={name: str(entry.predicted) for name, entry in chosen.items()},
        predicted={name: shown(entry.predicted, entry.unit, names) for name, entry in predicted.items()},
    )
